/* Changes: settings, roles and lists, each if it is allowed, all told at once. */

#include "private.h"

#include "reed/alloc.h"
#include "reed/random.h"

unsigned reed_room_power(const struct reed_session *by, const struct reed_room *room)
{
	const struct reed_member *m;

	if (reed_session_may(by, REED_MAY_ROOMS))
		return REED_ROLES;
	m = reed_member_find(room, by->user);
	return m ? m->roles : 0;
}

/* ---- lasting roles ---- */

static struct reed_affiliation *find_affiliation(const struct reed_room *room,
                                                 const struct reed_account *account)
{
	for (uint32_t i = 0; i < room->affiliation_count; i++)
		if (room->affiliations[i].account == account)
			return &room->affiliations[i];
	return NULL;
}

unsigned reed_room_lasting_roles(const struct reed_room *room, const struct reed_account *account)
{
	const struct reed_affiliation *a = account ? find_affiliation(room, account) : NULL;
	unsigned roles = a ? a->roles : 0;

	return account && room->founder == account ? roles | REED_ROLE_OWNER : roles;
}

static void remove_affiliation(struct reed_room *room, struct reed_affiliation *a)
{
	*a = room->affiliations[--room->affiliation_count];
}

enum reed_refusal reed_room_set_lasting(struct reed_room *room, struct reed_account *account,
                                        unsigned roles, uint32_t most)
{
	struct reed_affiliation *a = find_affiliation(room, account);

	if ((a ? a->roles : 0) == roles)
		return REED_REFUSAL_ALREADY;
	if (roles == 0) {
		remove_affiliation(room, a);
		return REED_REFUSAL_NONE;
	}
	if (!a && room->affiliation_count >= most)
		return REED_REFUSAL_LIST_FULL;
	if (!a && room->affiliation_count == room->affiliation_size) {
		room->affiliation_size = room->affiliation_size ? room->affiliation_size * 2 : 4;
		room->affiliations =
			reed_realloc(room->affiliations, room->affiliation_size * sizeof(*a));
	}
	if (!a)
		a = &room->affiliations[room->affiliation_count++];
	*a = (struct reed_affiliation){ account, roles };
	return REED_REFUSAL_NONE;
}

/* ---- one change ---- */

struct changing {
	struct reed_session *by;
	struct reed_room *room;
	unsigned power;
};

/* Who gives or takes a role must have this one: ranks above half-operator only from above. */
static unsigned needed_for_role(uint64_t roles)
{
	if (roles & (REED_ROLE_ADMIN | REED_ROLE_OWNER))
		return REED_ROLE_OWNER;
	return roles & (REED_ROLE_OP | REED_ROLE_HALFOP) ? REED_ROLE_OP : REED_ROLE_HALFOP;
}

static unsigned needed(const struct reed_room_change *change)
{
	switch (change->kind) {
	case REED_CHANGE_FLAGS:
	case REED_CHANGE_KEY:
	case REED_CHANGE_LIMIT:
	case REED_CHANGE_SLOW:
		return REED_ROLE_OP;
	case REED_CHANGE_ROLE:
		return needed_for_role(change->what);
	case REED_CHANGE_LASTING_ROLE:
		return change->what & ~(uint64_t)(REED_ROLE_ADMIN - 1) ? REED_ROLE_OWNER
		                                                       : REED_ROLE_ADMIN;
	case REED_CHANGE_LIST:
	case REED_CHANGE_FOUNDER:
		break;
	}
	return REED_ROLE_HALFOP;
}

/* Nobody needs a role to give up one. */
static bool gives_up(const struct changing *c, const struct reed_room_change *change)
{
	return change->kind == REED_CHANGE_ROLE && !change->on && c->by &&
	       change->user == c->by->user;
}

static enum reed_refusal change_flags(struct changing *c, struct reed_room_change *change)
{
	uint64_t flags = c->room->flags;

	if ((change->what & REED_ROOM_LASTING) && !reed_session_may(c->by, REED_MAY_ROOMS))
		return REED_REFUSAL_NEEDS_PRIVILEGE;
	flags = change->on ? flags | change->what : flags & ~change->what;
	change->done = flags != c->room->flags;
	if (change->done && (change->what & REED_ROOM_LASTING) && !change->on && !c->room->founder)
		reed_gone_room(c->room);
	c->room->flags = flags;
	return REED_REFUSAL_NONE;
}

/* The key that is taken away is told: some clients ask for it. */
static enum reed_refusal change_key(struct changing *c, struct reed_room_change *change)
{
	struct reed_room *room = c->room;
	enum reed_refusal refusal;

	if (!change->on) {
		change->done = room->key != NULL;
		reed_free(room->key);
		room->key = NULL;
		return REED_REFUSAL_NONE;
	}
	refusal = reed_text_check(change->text, hub_limits(room->hub)->key_bytes);
	if (!refusal && change->text.n == 0)
		refusal = REED_REFUSAL_EMPTY;
	if (refusal)
		return refusal;
	change->done = !room->key || !reed_slice_is(change->text, room->key);
	reed_text_set(&room->key, change->text);
	return REED_REFUSAL_NONE;
}

static enum reed_refusal change_number(uint32_t *number, struct reed_room_change *change)
{
	uint32_t value = change->on ? (uint32_t)change->what : 0;

	if (change->on && (change->what == 0 || change->what > INT32_MAX))
		return REED_REFUSAL_UNKNOWN;
	change->done = *number != value;
	*number = value;
	return REED_REFUSAL_NONE;
}

static enum reed_refusal change_role(struct changing *c, struct reed_room_change *change)
{
	struct reed_member *m = change->user ? reed_member_find(c->room, change->user) : NULL;
	unsigned bits = (unsigned)change->what & REED_ROLES & ~(unsigned)REED_ROLE_MEMBER, roles;

	if (!m)
		return REED_REFUSAL_NOT_THERE;
	if (bits == 0)
		return REED_REFUSAL_UNKNOWN;
	if (reed_rank(m->roles) > reed_rank(c->power) && !gives_up(c, change))
		return REED_REFUSAL_OUTRANKED;
	roles = change->on ? m->roles | bits : m->roles & ~bits;
	change->done = roles != m->roles;
	m->roles = roles;
	return REED_REFUSAL_NONE;
}

static enum reed_refusal change_list(struct changing *c, struct reed_room_change *change)
{
	struct reed_hub *hub = c->room->hub;
	struct reed_slice by = reed_slice_of(c->by ? c->by->user->full : hub->options.name);
	struct reed_masks *masks;
	enum reed_refusal refusal;

	if (change->what >= REED_LIST_KINDS)
		return REED_REFUSAL_UNKNOWN;
	masks = &c->room->lists[change->what];
	if (change->on)
		refusal = reed_masks_add(hub, masks, change->text, by, reed_wall(hub->loop));
	else
		refusal = reed_masks_remove(masks, change->text);
	change->done = !refusal;
	hub_room(c->room)->looks = ++hub->serial;
	return refusal;
}

static enum reed_refusal change_lasting(struct changing *c, struct reed_room_change *change)
{
	struct reed_account *account = reed_account_find(c->room->hub, change->text);
	unsigned roles = change->on ? (unsigned)change->what & REED_ROLES : 0;
	enum reed_refusal refusal;

	if (!account)
		return REED_REFUSAL_NO_ACCOUNT;
	if (change->on && roles == 0)
		return REED_REFUSAL_UNKNOWN;
	if (reed_room_lasting_roles(c->room, account) > REED_ROLES >> 1 &&
	    reed_rank(c->power) < REED_ROLE_OWNER)
		return REED_REFUSAL_OUTRANKED;
	refusal = reed_room_set_lasting(c->room, account, roles,
	                                hub_limits(c->room->hub)->affiliations);
	change->done = !refusal;
	return refusal == REED_REFUSAL_ALREADY ? REED_REFUSAL_NONE : refusal;
}

static enum reed_refusal make(struct changing *c, struct reed_room_change *change)
{
	if (reed_rank(c->power) < needed(change) && !gives_up(c, change))
		return REED_REFUSAL_NEEDS_ROLE;
	switch (change->kind) {
	case REED_CHANGE_FLAGS:
		return change_flags(c, change);
	case REED_CHANGE_KEY:
		return change_key(c, change);
	case REED_CHANGE_LIMIT:
		return change_number(&c->room->limit, change);
	case REED_CHANGE_SLOW:
		return change_number(&c->room->slow, change);
	case REED_CHANGE_ROLE:
		return change_role(c, change);
	case REED_CHANGE_LIST:
		return change_list(c, change);
	case REED_CHANGE_LASTING_ROLE:
		return change_lasting(c, change);
	case REED_CHANGE_FOUNDER:
		break;
	}
	return REED_REFUSAL_UNKNOWN;
}

/* ---- all of them ---- */

/* What was done stands at the front of what is told; the caller's order stays as it is. */
static void tell(struct changing *c, const struct reed_room_change *changes, size_t count)
{
	struct reed_room_change *done = reed_alloc(count * sizeof(*done));
	struct reed_telling t;

	reed_tell_begin(&t, c->room->hub, REED_EVENT_CHANGE, c->by ? c->by->user : NULL, c->by);
	for (size_t i = 0; i < count; i++)
		if (changes[i].done)
			done[t.ev.change_count++] = changes[i];
	t.ev.changes = done;
	t.ev.room = c->room;
	if (t.ev.change_count > 0) {
		reed_tell_room(&t, c->room);
		reed_unsaved_room(c->room);
	}
	reed_tell_end(&t);
	reed_free(done);
}

enum reed_refusal reed_room_make_changes(struct reed_session *by, struct reed_room *room,
                                         struct reed_room_change *changes, size_t count)
{
	struct changing c = { .by = by, .room = room };
	enum reed_refusal first = REED_REFUSAL_NONE;

	for (size_t i = 0; i < count; i++) {
		c.power = reed_room_power(by, room); /* an earlier change may have taken it */
		changes[i].done = false;
		changes[i].refusal = make(&c, &changes[i]);
		if (!first)
			first = changes[i].refusal;
	}
	tell(&c, changes, count);
	return first;
}

enum reed_refusal reed_room_change(struct reed_session *by, struct reed_room *room,
                                   struct reed_room_change *changes, size_t count)
{
	enum reed_refusal first;

	reed_hub_calm(room->hub, __func__);
	if (by && !reed_room_power(by, room) && !reed_member_find(room, by->user))
		return REED_REFUSAL_NOT_MEMBER;
	first = reed_room_make_changes(by, room, changes, count);
	reed_room_tidy(room);
	return first;
}
