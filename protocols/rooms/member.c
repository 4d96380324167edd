/* Members: who is in a room, what stands against coming in, and how they go. */

#include "private.h"

#include "reed/alloc.h"
#include "reed/random.h"

/* ---- finding ---- */

static uint64_t hash_of(const struct reed_room *room, const struct reed_user *user)
{
	return reed_hash_pair(room->hub->seed, room->serial, user->serial);
}

struct reed_member *reed_member_find(const struct reed_room *room, const struct reed_user *user)
{
	struct reed_hash_link *link = reed_hash_first(&room->hub->members, hash_of(room, user));

	for (; link; link = reed_hash_next(link)) {
		struct reed_member *m =
			&reed_container_of(link, struct hub_member, by_both)->member;

		if (m->room == room && m->user == user)
			return m;
	}
	return NULL;
}

/* ---- seats ---- */

static void sit_down(struct reed_member *m)
{
	struct reed_room *room = m->room;

	if (room->count == room->size) {
		room->size = room->size ? room->size * 2 : 4;
		room->seats = reed_realloc(room->seats, room->size * sizeof(*room->seats));
	}
	m->seat = room->count++;
	room->seats[m->seat] = (struct reed_seat){ m->user->sessions, m };
}

static void stand_up(struct reed_member *m)
{
	struct reed_room *room = m->room;
	struct reed_seat last = room->seats[--room->count];

	room->seats[m->seat] = last;
	last.member->seat = m->seat;
}

void reed_members_reseat(struct reed_user *user)
{
	reed_list_each (link, &user->memberships) {
		struct reed_member *m = member_of_link(link);

		m->room->seats[m->seat].session = user->sessions;
	}
}

struct reed_member *reed_member_new(struct reed_room *room, struct reed_user *user, unsigned roles)
{
	struct hub_member *self = reed_alloc(sizeof(*self));
	struct reed_member *m = &self->member;

	m->room = room;
	m->user = user;
	m->roles = roles;
	m->joined = reed_wall(room->hub->loop);
	sit_down(m);
	reed_list_append(&user->memberships, &m->link);
	user->room_count++;
	reed_hash_add(&room->hub->members, &self->by_both, hash_of(room, user));
	return m;
}

void reed_member_free(struct reed_member *m)
{
	struct reed_room *room = m->room;

	stand_up(m);
	reed_list_remove(&m->link);
	m->user->room_count--;
	reed_hash_remove(&room->hub->members, &hub_member(m)->by_both);
	reed_free(hub_member(m));
	reed_room_tidy(room);
}

/* ---- lists ---- */

bool reed_room_listed(struct reed_room *room, enum reed_list_kind list,
                      const struct reed_user *user)
{
	return reed_masks_match(room->hub, &room->lists[list], user, NULL);
}

static bool barred(struct reed_room *room, enum reed_list_kind list, const struct reed_user *user,
                   const struct reed_session *session)
{
	struct reed_hub *hub = room->hub;

	return reed_masks_match(hub, &room->lists[list], user, session) &&
	       !reed_masks_match(hub, &room->lists[REED_LIST_EXCEPT], user, session);
}

/* Asked for every message, so the answers stay until user or lists look different. */
static void look(struct hub_member *self)
{
	struct reed_member *m = &self->member;

	if (self->look == m->user->look && self->looks == hub_room(m->room)->looks)
		return;
	self->look = m->user->look;
	self->looks = hub_room(m->room)->looks;
	self->banned = barred(m->room, REED_LIST_BAN, m->user, NULL);
	self->quiet = barred(m->room, REED_LIST_QUIET, m->user, NULL);
}

bool reed_member_banned(struct reed_member *member)
{
	look(hub_member(member));
	return hub_member(member)->banned;
}

bool reed_member_quiet(struct reed_member *member)
{
	look(hub_member(member));
	return hub_member(member)->quiet;
}

/* ---- what stands against coming in ---- */

static enum reed_refusal check_user(const struct reed_room *room,
                                    const struct reed_session *session)
{
	const struct reed_user *user = session->user;

	if ((room->flags & REED_ROOM_ACCOUNTS_JOIN) && !user->account)
		return REED_REFUSAL_NEEDS_ACCOUNT;
	if ((room->flags & REED_ROOM_SECURE_ONLY) && !session->secure)
		return REED_REFUSAL_NEEDS_SECURITY;
	return REED_REFUSAL_NONE;
}

/* An invitation goes before keys and limits, but not before a ban. */
static enum reed_refusal check_room(struct reed_room *room, struct reed_session *session,
                                    struct reed_slice key)
{
	const struct reed_user *user = session->user;

	if (barred(room, REED_LIST_BAN, user, session))
		return REED_REFUSAL_BANNED;
	if (reed_room_invited(room, user))
		return REED_REFUSAL_NONE;
	if ((room->flags & REED_ROOM_INVITE_ONLY) &&
	    !reed_masks_match(room->hub, &room->lists[REED_LIST_INVITE], user, session))
		return REED_REFUSAL_INVITE_ONLY;
	if (room->key && !reed_slice_is(key, room->key))
		return REED_REFUSAL_WRONG_KEY;
	if (room->limit && room->count >= room->limit)
		return REED_REFUSAL_FULL;
	return REED_REFUSAL_NONE;
}

enum reed_refusal reed_room_admits(struct reed_room *room, struct reed_session *session,
                                   struct reed_slice key)
{
	enum reed_refusal refusal = check_user(room, session);

	if (reed_session_may(session, REED_MAY_ROOMS))
		return REED_REFUSAL_NONE;
	if (refusal || reed_room_lasting_roles(room, session->user->account))
		return refusal;
	return check_room(room, session, key);
}

/* ---- coming in ---- */

static enum reed_refusal check_limits(const struct reed_hub *hub, const struct reed_room *room,
                                      const struct reed_user *user)
{
	if (user->room_count >= hub_limits(hub)->rooms_per_user)
		return REED_REFUSAL_TOO_MANY_ROOMS;
	if (room)
		return room->count >= hub_limits(hub)->members ? REED_REFUSAL_FULL
		                                               : REED_REFUSAL_NONE;
	return hub->room_count >= hub_limits(hub)->rooms ? REED_REFUSAL_HUB_FULL
	                                                 : REED_REFUSAL_NONE;
}

static void come_in(struct reed_room *room, struct reed_user *user, struct reed_session *origin,
                    unsigned roles, struct reed_member **member)
{
	struct reed_telling t;

	reed_tell_begin(&t, room->hub, REED_EVENT_JOIN, user, origin);
	*member = reed_member_new(room, user, roles);
	reed_invite_remove(room, user);
	t.ev.room = room;
	reed_keep_in_room(&t, room);
	reed_tell_room(&t, room);
	reed_tell_end(&t);
}

static unsigned roles_in_old_room(const struct reed_room *room, const struct reed_user *user)
{
	return reed_room_lasting_roles(room, user->account) & ~(unsigned)REED_ROLE_MEMBER;
}

enum reed_refusal reed_room_join(struct reed_session *by, struct reed_slice name,
                                 struct reed_slice key, struct reed_member **member)
{
	struct reed_hub *hub = by->user->hub;
	struct reed_room *room = reed_room_find(hub, name);
	enum reed_refusal refusal;

	reed_hub_calm(hub, __func__);
	*member = room ? reed_member_find(room, by->user) : NULL;
	if (*member)
		return REED_REFUSAL_MEMBER_ALREADY;
	refusal = room ? reed_room_admits(room, by, key) : reed_room_name_check(hub, name);
	if (!refusal)
		refusal = check_limits(hub, room, by->user);
	if (refusal)
		return refusal;
	if (room)
		come_in(room, by->user, by, roles_in_old_room(room, by->user), member);
	else
		come_in(reed_room_new(hub, name, reed_hub_id(hub)), by->user, by,
		        hub->options.creator_roles, member);
	return REED_REFUSAL_NONE;
}

enum reed_refusal reed_room_put(struct reed_user *user, struct reed_slice name, unsigned roles,
                                struct reed_member **member)
{
	struct reed_hub *hub = user->hub;
	struct reed_room *room = reed_room_find(hub, name);
	enum reed_refusal refusal = REED_REFUSAL_NONE;

	reed_hub_calm(hub, __func__);
	*member = room ? reed_member_find(room, user) : NULL;
	if (*member)
		return REED_REFUSAL_MEMBER_ALREADY;
	if (!room)
		refusal = reed_room_name_check(hub, name);
	if (!refusal)
		refusal = check_limits(hub, room, user);
	if (refusal)
		return refusal;
	if (room)
		roles |= roles_in_old_room(room, user);
	else
		room = reed_room_new(hub, name, reed_hub_id(hub));
	come_in(room, user, NULL, roles & REED_ROLES & ~(unsigned)REED_ROLE_MEMBER, member);
	return REED_REFUSAL_NONE;
}

/* ---- going ---- */

enum reed_refusal reed_room_part(struct reed_session *by, struct reed_room *room,
                                 struct reed_slice reason)
{
	struct reed_member *m = reed_member_find(room, by->user);
	struct reed_telling t;

	reed_hub_calm(room->hub, __func__);
	if (!m)
		return REED_REFUSAL_NOT_MEMBER;
	reed_tell_begin(&t, room->hub, REED_EVENT_PART, by->user, by);
	t.ev.room = room;
	t.ev.text = reed_text_line(reason, hub_limits(room->hub)->reason_bytes);
	reed_keep_in_room(&t, room);
	reed_tell_room(&t, room);
	reed_member_free(m);
	reed_tell_end(&t);
	return REED_REFUSAL_NONE;
}

static enum reed_refusal check_kick(struct reed_session *by, struct reed_room *room,
                                    const struct reed_member *m)
{
	unsigned power = reed_room_power(by, room);

	if (by && !power && !reed_member_find(room, by->user))
		return REED_REFUSAL_NOT_MEMBER;
	if (reed_rank(power) < REED_ROLE_HALFOP)
		return REED_REFUSAL_NEEDS_ROLE;
	if (!m)
		return REED_REFUSAL_NOT_THERE;
	if (reed_rank(m->roles) > reed_rank(power) ||
	    (reed_rank(power) == REED_ROLE_HALFOP && reed_rank(m->roles) == REED_ROLE_HALFOP))
		return REED_REFUSAL_OUTRANKED;
	return REED_REFUSAL_NONE;
}

enum reed_refusal reed_room_kick(struct reed_session *by, struct reed_room *room,
                                 struct reed_user *user, struct reed_slice reason)
{
	struct reed_member *m = reed_member_find(room, user);
	enum reed_refusal refusal = check_kick(by, room, m);
	struct reed_telling t;

	reed_hub_calm(room->hub, __func__);
	if (refusal)
		return refusal;
	reed_tell_begin(&t, room->hub, REED_EVENT_KICK, by ? by->user : NULL, by);
	t.ev.room = room;
	t.ev.target = user;
	t.ev.text = reed_text_line(reason, hub_limits(room->hub)->reason_bytes);
	reed_keep_in_room(&t, room);
	reed_tell_room(&t, room);
	reed_member_free(m);
	reed_tell_end(&t);
	return REED_REFUSAL_NONE;
}
