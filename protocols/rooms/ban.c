/* Bans from the server. */

#include "private.h"

#include "reed/alloc.h"
#include "reed/random.h"

static struct hub_ban *ban_of(struct reed_list *link)
{
	return reed_container_of(link, struct hub_ban, ban.link);
}

struct hub_ban *reed_server_ban_new(struct reed_hub *hub, struct reed_slice mask,
                                    struct reed_slice by, struct reed_slice reason)
{
	struct hub_ban *self = reed_alloc(sizeof(*self));

	self->ban.mask = reed_slice_dup(mask);
	self->ban.by = reed_slice_dup(by);
	self->ban.reason = reed_slice_dup(reason);
	reed_list_append(&hub->all_bans, &self->ban.link);
	hub->ban_count++;
	return self;
}

void reed_server_ban_free(struct reed_hub *hub, struct hub_ban *self)
{
	reed_list_remove(&self->ban.link);
	hub->ban_count--;
	reed_free(self->ban.mask);
	reed_free(self->ban.by);
	reed_free(self->ban.reason);
	reed_free(self);
}

static bool holds(const struct reed_server_ban *ban, int64_t now)
{
	return ban->expires == 0 || ban->expires > now;
}

/* Not while something is told: its receivers may be reading the list. */
static void purge(struct reed_hub *hub, int64_t now)
{
	if (hub->telling)
		return;
	reed_list_each_safe (link, &hub->all_bans) {
		struct hub_ban *self = ban_of(link);

		if (holds(&self->ban, now))
			continue;
		reed_gone_ban(hub, self);
		reed_server_ban_free(hub, self);
	}
}

static struct hub_ban *find(struct reed_hub *hub, struct reed_slice mask)
{
	reed_list_each (link, &hub->all_bans)
		if (reed_slice_eq_nocase(mask, reed_slice_of(ban_of(link)->ban.mask)))
			return ban_of(link);
	return NULL;
}

/* ---- adding ---- */

static bool is_spared(const struct reed_user *user)
{
	return user->privileges & REED_MAY_BAN;
}

/* Held, so that they leave at the end of the turn: who asked may be among them. */
static size_t end_matching(struct reed_hub *hub, const struct reed_server_ban *ban)
{
	size_t gone = 0;

	reed_hub_hold(hub);
	reed_list_each (link, &hub->all_users) {
		struct reed_user *user = reed_container_of(link, struct reed_user, link);

		for (struct reed_session *s = user->sessions; s; s = s->sibling) {
			if (s->ending || is_spared(user) ||
			    !hub->options.matches(hub, reed_slice_of(ban->mask), user, s))
				continue;
			reed_session_end(s, reed_slice_of(ban->reason));
			gone++;
		}
	}
	reed_hub_let_go(hub);
	return gone;
}

static enum reed_refusal check_ban(const struct reed_hub *hub, const struct reed_session *by,
                                   struct reed_slice mask)
{
	if (!reed_session_may(by, REED_MAY_BAN))
		return REED_REFUSAL_NEEDS_PRIVILEGE;
	return mask.n == 0 ? REED_REFUSAL_EMPTY
	                   : reed_text_check(mask, hub_limits(hub)->mask_bytes);
}

static struct reed_slice name_of(const struct reed_hub *hub, const struct reed_session *by)
{
	return reed_slice_of(by ? by->user->full : hub->options.name);
}

enum reed_refusal reed_hub_ban(struct reed_hub *hub, struct reed_session *by,
                               struct reed_slice mask, struct reed_slice reason, int64_t seconds,
                               size_t *gone)
{
	int64_t now = reed_wall(hub->loop);
	enum reed_refusal refusal = check_ban(hub, by, mask);
	struct hub_ban *self;
	size_t ended;

	reed_hub_calm(hub, __func__);
	if (refusal)
		return refusal;
	purge(hub, now);
	self = find(hub, mask);
	if (!self && hub->ban_count >= hub_limits(hub)->server_bans)
		return REED_REFUSAL_LIST_FULL;
	if (!self)
		self = reed_server_ban_new(hub, mask, REED_STR(""), REED_STR(""));
	reed_text_set(&self->ban.by, name_of(hub, by));
	reed_text_set(&self->ban.reason, reed_text_line(reason, hub_limits(hub)->reason_bytes));
	self->ban.at = now;
	self->ban.expires =
		seconds > 0 && seconds < INT64_MAX / 4000000000 ? now + REED_S(seconds) : 0;
	reed_unsaved_ban(hub, self);
	ended = end_matching(hub, &self->ban);
	if (gone)
		*gone = ended;
	return REED_REFUSAL_NONE;
}

enum reed_refusal reed_hub_unban(struct reed_hub *hub, struct reed_session *by,
                                 struct reed_slice mask)
{
	struct hub_ban *self = find(hub, mask);

	reed_hub_calm(hub, __func__);
	if (!reed_session_may(by, REED_MAY_BAN))
		return REED_REFUSAL_NEEDS_PRIVILEGE;
	if (!self)
		return REED_REFUSAL_NO_ENTRY;
	reed_gone_ban(hub, self);
	reed_server_ban_free(hub, self);
	return REED_REFUSAL_NONE;
}

/* ---- asking ---- */

const struct reed_server_ban *reed_hub_banned(struct reed_hub *hub, const struct reed_user *user,
                                              const struct reed_session *session)
{
	int64_t now = reed_wall(hub->loop);

	purge(hub, now);
	reed_list_each (link, &hub->all_bans) {
		const struct reed_server_ban *ban = &ban_of(link)->ban;

		if (holds(ban, now) &&
		    hub->options.matches(hub, reed_slice_of(ban->mask), user, session))
			return ban;
	}
	return NULL;
}

const struct reed_server_ban *reed_server_ban_next(struct reed_hub *hub,
                                                   const struct reed_server_ban *ban)
{
	const struct reed_list *link = ban ? ban->link.next : hub->all_bans.next;
	int64_t now = reed_wall(hub->loop);

	for (; link != &hub->all_bans; link = link->next) {
		ban = reed_container_of((struct reed_list *)(uintptr_t)link, struct reed_server_ban,
		                        link);
		if (holds(ban, now))
			return ban;
	}
	return NULL;
}
