/* Accounts: names, reserved nicks, settings. */

#include "private.h"

#include "reed/alloc.h"
#include "reed/random.h"

static struct hub_claim *claim_of(struct reed_list *link)
{
	return reed_container_of(link, struct hub_claim, link);
}

/* ---- making and ending ---- */

struct reed_account *reed_account_new(struct reed_hub *hub, struct reed_slice name,
                                      struct reed_id id)
{
	struct hub_account *self = reed_alloc(sizeof(*self));
	struct reed_account *account = &self->account;
	struct reed_folded folded = reed_fold(hub, name);

	account->hub = hub;
	account->name = reed_slice_dup(name);
	account->created = account->seen = reed_wall(hub->loop);
	account->id = id;
	reed_list_init(&self->claims);
	reed_names_add(&hub->accounts, &self->by_name, reed_folded_slice(&folded));
	reed_names_add(&hub->account_ids, &self->by_id, reed_slice_of(account->id.s));
	reed_list_append(&hub->all_accounts, &account->link);
	hub->account_count++;
	if (reed_nick_ok(hub, name))
		reed_account_claim(account, name);
	return account;
}

static void claim_free(struct hub_claim *claim)
{
	reed_names_remove(&claim->account->account.hub->claims, &claim->by_nick);
	reed_list_remove(&claim->link);
	claim->account->account.nick_count--;
	reed_free(claim->nick);
	reed_free(claim);
}

/* Nobody's user, in no room's lists. */
void reed_account_free(struct reed_account *account)
{
	struct hub_account *self = hub_account(account);
	struct reed_hub *hub = account->hub;

	while (!reed_list_empty(&self->claims))
		claim_free(claim_of(self->claims.next));
	reed_names_remove(&hub->accounts, &self->by_name);
	reed_names_remove(&hub->account_ids, &self->by_id);
	reed_list_remove(&account->link);
	hub->account_count--;
	reed_values_finish(&account->settings);
	reed_masks_finish(&account->blocks);
	reed_free(account->name);
	reed_free(self);
}

/* A nick that is somebody's already stays that one's. */
void reed_account_claim(struct reed_account *account, struct reed_slice nick)
{
	struct reed_hub *hub = account->hub;
	struct reed_folded folded = reed_fold(hub, nick);
	struct hub_claim *claim;

	if (!folded.n || reed_names_find(&hub->claims, reed_folded_slice(&folded)))
		return;
	claim = reed_alloc(sizeof(*claim));
	claim->account = hub_account(account);
	claim->nick = reed_slice_dup(nick);
	reed_names_add(&hub->claims, &claim->by_nick, reed_folded_slice(&folded));
	reed_list_append(&hub_account(account)->claims, &claim->link);
	account->nick_count++;
}

enum reed_refusal reed_account_name_check(const struct reed_hub *hub, struct reed_slice name)
{
	struct reed_folded folded = reed_fold(hub, name);

	if (!folded.n || reed_text_check(name, REED_NAME_MAX))
		return REED_REFUSAL_NICK_INVALID;
	if (reed_names_find(&hub->accounts, reed_folded_slice(&folded)))
		return REED_REFUSAL_NAME_TAKEN;
	if (hub->account_count >= hub_limits(hub)->accounts)
		return REED_REFUSAL_LIST_FULL;
	return REED_REFUSAL_NONE;
}

struct reed_account *reed_account_ensure(struct reed_hub *hub, struct reed_slice name)
{
	struct reed_account *account = reed_account_find(hub, name);

	if (account || reed_account_name_check(hub, name))
		return account;
	account = reed_account_new(hub, name, reed_hub_id(hub));
	reed_unsaved_account(account);
	return account;
}

/* ---- deletion ---- */

static void leave_rooms(struct reed_account *account)
{
	reed_list_each (link, &account->hub->all_rooms) {
		struct reed_room *room = reed_container_of(link, struct reed_room, link);

		if (room->founder == account)
			reed_room_set_founder(room, NULL);
		else if (reed_room_lasting_roles(room, account))
			reed_unsaved_room(room);
		reed_room_set_lasting(room, account, 0, 0);
	}
}

/* Rooms that nobody is in go now that nobody owns them. */
static void tidy_rooms(struct reed_hub *hub)
{
	reed_list_each_safe (link, &hub->all_rooms)
		reed_room_tidy(reed_container_of(link, struct reed_room, link));
}

struct reed_future *reed_account_delete(struct reed_account *account)
{
	struct reed_hub *hub = account->hub;

	reed_hub_calm(hub, __func__);
	reed_hub_hold(hub);
	leave_rooms(account);
	if (account->user)
		reed_user_new_account(account->user, NULL, NULL);
	tidy_rooms(hub);
	reed_gone_account(account);
	reed_account_free(account);
	reed_hub_let_go(hub);
	return reed_hub_flush(hub);
}

/* ---- nicks ---- */

struct reed_account *reed_nick_owner(const struct reed_hub *hub, struct reed_slice nick)
{
	struct reed_folded folded = reed_fold(hub, nick);
	struct reed_named *named = reed_names_find(&hub->claims, reed_folded_slice(&folded));

	if (!named)
		return NULL;
	return &reed_container_of(named, struct hub_claim, by_nick)->account->account;
}

enum reed_refusal reed_account_add_nick(struct reed_account *account, struct reed_slice nick)
{
	struct reed_hub *hub = account->hub;
	struct reed_account *owner = reed_nick_owner(hub, nick);
	struct reed_user *holder = reed_user_find(hub, nick);

	reed_hub_calm(hub, __func__);
	if (!reed_nick_ok(hub, nick))
		return REED_REFUSAL_NICK_INVALID;
	if (owner)
		return owner == account ? REED_REFUSAL_ALREADY : REED_REFUSAL_NICK_RESERVED;
	if (holder && holder != account->user)
		return REED_REFUSAL_NICK_IN_USE;
	if (account->nick_count >= hub_limits(hub)->nicks_per_account)
		return REED_REFUSAL_LIST_FULL;
	reed_account_claim(account, nick);
	reed_unsaved_account(account);
	return REED_REFUSAL_NONE;
}

/* The account's name stays its own. */
enum reed_refusal reed_account_drop_nick(struct reed_account *account, struct reed_slice nick)
{
	struct reed_hub *hub = account->hub;
	struct reed_folded folded = reed_fold(hub, nick);

	reed_hub_calm(hub, __func__);
	if (reed_nick_owner(hub, nick) != account ||
	    reed_same_name(hub, nick, reed_slice_of(account->name)))
		return REED_REFUSAL_NO_ENTRY;
	claim_free(reed_container_of(reed_names_find(&hub->claims, reed_folded_slice(&folded)),
	                             struct hub_claim, by_nick));
	reed_unsaved_account(account);
	return REED_REFUSAL_NONE;
}

size_t reed_account_nicks(const struct reed_account *account, const char **into, size_t room)
{
	size_t n = 0;

	reed_list_each (link, &hub_account(account)->claims)
		if (n++ < room)
			into[n - 1] = claim_of(link)->nick;
	return n;
}

/* ---- settings ---- */

enum reed_refusal reed_account_set(struct reed_account *account, struct reed_session *origin,
                                   struct reed_slice key, struct reed_slice text)
{
	const struct reed_rooms_limits *limits = hub_limits(account->hub);
	enum reed_refusal refusal;
	struct reed_telling t;

	reed_hub_calm(account->hub, __func__);
	refusal = reed_values_set(&account->settings, key, text, limits->values_per_account,
	                          limits->value_bytes);
	if (refusal)
		return refusal;
	reed_unsaved_account(account);
	if (!account->user)
		return REED_REFUSAL_NONE;
	reed_tell_begin(&t, account->hub, REED_EVENT_SETTING, account->user, origin);
	t.ev.ref = key;
	t.ev.text = text;
	reed_tell_user(&t, account->user);
	reed_tell_end(&t);
	return REED_REFUSAL_NONE;
}

void reed_account_set_flags(struct reed_account *account, uint64_t set, uint64_t clear)
{
	uint64_t flags = (account->flags & ~clear) | set;

	reed_hub_calm(account->hub, __func__);
	if (flags == account->flags)
		return;
	account->flags = flags;
	reed_unsaved_account(account);
}

/* ---- blocks ---- */

static struct reed_masks *blocks_of(const struct reed_user *user)
{
	return user->account ? &user->account->blocks : &hub_user(user)->blocks;
}

const struct reed_masks *reed_user_blocks(const struct reed_user *user)
{
	return blocks_of(user);
}

enum reed_refusal reed_user_block(struct reed_user *user, struct reed_slice mask, bool on)
{
	struct reed_hub *hub = user->hub;
	enum reed_refusal refusal;

	reed_hub_calm(hub, __func__);
	if (on)
		refusal = reed_masks_add(hub, blocks_of(user), mask, reed_slice_of(user->nick),
		                         reed_wall(hub->loop));
	else
		refusal = reed_masks_remove(blocks_of(user), mask);
	if (!refusal && user->account)
		reed_unsaved_account(user->account);
	return refusal;
}
