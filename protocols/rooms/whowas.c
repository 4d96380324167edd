/* Who was here: a ring of those who left, or changed their nick. */

#include "private.h"

#include "reed/alloc.h"
#include "reed/random.h"

static uint64_t hash_of(const struct reed_hub *hub, struct reed_slice nick)
{
	struct reed_folded folded = reed_fold(hub, nick);

	return reed_slice_hash(reed_folded_slice(&folded), hub->seed);
}

static const char *put(char **at, const char *s)
{
	size_t n;
	char *to = *at;

	if (!s)
		return NULL;
	n = strlen(s) + 1;
	memcpy(to, s, n);
	*at += n;
	return to;
}

static size_t room_for(const char *s)
{
	return s ? strlen(s) + 1 : 0;
}

void reed_whowas_add(struct reed_hub *hub, const struct reed_user *user)
{
	const char *account = user->account ? user->account->name : NULL;
	const char *address = hub_user(user)->address;
	struct hub_whowas *self;
	char *at;

	if (!hub->whowas) {
		hub->whowas_size = hub_limits(hub)->whowas_entries;
		hub->whowas = reed_alloc(hub->whowas_size * sizeof(*hub->whowas));
	}
	self = &hub->whowas[hub->whowas_next];
	reed_free(self->strings);
	at = self->strings = reed_alloc_raw(room_for(user->nick) + room_for(user->username) +
	                                    room_for(user->host) + room_for(user->realname) +
	                                    room_for(account) + room_for(address));
	self->was.nick = put(&at, user->nick);
	self->was.username = put(&at, user->username);
	self->was.host = put(&at, user->host);
	self->was.realname = put(&at, user->realname);
	self->was.account = put(&at, account);
	self->was.address = put(&at, address);
	self->was.left = reed_wall(hub->loop);
	self->hash = hash_of(hub, reed_slice_of(user->nick));
	hub->whowas_next = (hub->whowas_next + 1) % hub->whowas_size;
	hub->whowas_count += hub->whowas_count < hub->whowas_size;
}

size_t reed_whowas_find(const struct reed_hub *hub, struct reed_slice nick,
                        struct reed_whowas *into, size_t room)
{
	uint64_t hash = hash_of(hub, nick);
	uint32_t i = hub->whowas_next;
	size_t found = 0;

	for (uint32_t left = hub->whowas_count; left > 0 && found < room; left--) {
		const struct hub_whowas *self;

		i = (i + hub->whowas_size - 1) % hub->whowas_size;
		self = &hub->whowas[i];
		if (self->hash == hash && reed_same_name(hub, nick, reed_slice_of(self->was.nick)))
			into[found++] = self->was;
	}
	return found;
}

void reed_whowas_finish(struct reed_hub *hub)
{
	for (uint32_t i = 0; i < hub->whowas_count; i++)
		reed_free(hub->whowas[i].strings);
	reed_free(hub->whowas);
}
