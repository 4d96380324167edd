/* Invitations and knocks. */

#include "private.h"

#include "reed/alloc.h"

static struct hub_invite *of_room(struct reed_list *link)
{
	return reed_container_of(link, struct hub_invite, of_room);
}

static struct hub_invite *of_user(struct reed_list *link)
{
	return reed_container_of(link, struct hub_invite, of_user);
}

static void invite_free(struct hub_invite *invite)
{
	reed_list_remove(&invite->of_room);
	reed_list_remove(&invite->of_user);
	invite->room->invite_count--;
	invite->user->invite_count--;
	reed_free(invite);
}

/* A user has few. */
static struct hub_invite *find(const struct reed_room *room, const struct reed_user *user)
{
	reed_list_each (link, &hub_user(user)->invites)
		if (&of_user(link)->room->room == room)
			return of_user(link);
	return NULL;
}

void reed_invite_add(struct reed_room *room, struct reed_user *user)
{
	const struct reed_rooms_limits *limits = hub_limits(room->hub);
	struct hub_room *r = hub_room(room);
	struct hub_user *u = hub_user(user);
	struct hub_invite *invite;

	if (find(room, user))
		return;
	if (r->invite_count >= limits->invites_per_room)
		invite_free(of_room(r->invites.next));
	if (u->invite_count >= limits->invites_per_user)
		invite_free(of_user(u->invites.next));
	invite = reed_alloc(sizeof(*invite));
	invite->room = r;
	invite->user = u;
	reed_list_append(&r->invites, &invite->of_room);
	reed_list_append(&u->invites, &invite->of_user);
	r->invite_count++;
	u->invite_count++;
}

void reed_invite_remove(struct reed_room *room, struct reed_user *user)
{
	struct hub_invite *invite = find(room, user);

	if (invite)
		invite_free(invite);
}

void reed_invites_drop_room(struct reed_room *room)
{
	while (!reed_list_empty(&hub_room(room)->invites))
		invite_free(of_room(hub_room(room)->invites.next));
}

void reed_invites_drop_user(struct reed_user *user)
{
	while (!reed_list_empty(&hub_user(user)->invites))
		invite_free(of_user(hub_user(user)->invites.next));
}

bool reed_room_invited(const struct reed_room *room, const struct reed_user *user)
{
	return find(room, user) != NULL;
}

/* ---- inviting ---- */

static unsigned needed_to_invite(const struct reed_room *room)
{
	bool everybody =
		(room->flags & REED_ROOM_FREE_INVITE) || !(room->flags & REED_ROOM_INVITE_ONLY);

	return everybody ? 0 : REED_ROLE_HALFOP;
}

static enum reed_refusal check_invite(struct reed_session *by, struct reed_room *room,
                                      struct reed_user *user)
{
	unsigned power = reed_room_power(by, room);

	if (by && !power && !reed_member_find(room, by->user))
		return REED_REFUSAL_NOT_MEMBER;
	if (reed_rank(power) < needed_to_invite(room))
		return REED_REFUSAL_NEEDS_ROLE;
	if (reed_member_find(room, user))
		return REED_REFUSAL_MEMBER_ALREADY;
	if (by && !reed_session_may(by, REED_MAY_ROOMS) &&
	    reed_masks_match(room->hub, reed_user_blocks(user), by->user, by))
		return REED_REFUSAL_BLOCKED;
	return REED_REFUSAL_NONE;
}

/* Members that might have invited hear of it. */
static unsigned who_hears(const struct reed_room *room)
{
	unsigned least = needed_to_invite(room);

	return least ? REED_ROLES & ~(least - 1) : 0;
}

enum reed_refusal reed_room_invite(struct reed_session *by, struct reed_room *room,
                                   struct reed_user *user)
{
	enum reed_refusal refusal = check_invite(by, room, user);
	struct reed_telling t;

	reed_hub_calm(room->hub, __func__);
	if (refusal)
		return refusal;
	reed_invite_add(room, user);
	reed_tell_begin(&t, room->hub, REED_EVENT_INVITE, by ? by->user : NULL, by);
	t.ev.room = room;
	t.ev.target = user;
	reed_tell_user(&t, user);
	t.ev.roles = who_hears(room);
	reed_tell_room(&t, room);
	reed_tell_end(&t);
	return REED_REFUSAL_NONE;
}

/* ---- knocking ---- */

/* Only at a door that is shut: else one may just come in. */
static enum reed_refusal check_knock(struct reed_session *by, struct reed_room *room)
{
	if (reed_member_find(room, by->user))
		return REED_REFUSAL_MEMBER_ALREADY;
	if (room->flags & (REED_ROOM_NO_KNOCK | REED_ROOM_SECRET))
		return REED_REFUSAL_INVITE_ONLY;
	switch ((int)reed_room_admits(room, by, REED_STR(""))) {
	case REED_REFUSAL_NONE:
		return REED_REFUSAL_ALREADY;
	case REED_REFUSAL_INVITE_ONLY:
	case REED_REFUSAL_WRONG_KEY:
	case REED_REFUSAL_FULL:
		return REED_REFUSAL_NONE;
	default:
		return REED_REFUSAL_BANNED;
	}
}

enum reed_refusal reed_room_knock(struct reed_session *by, struct reed_room *room,
                                  struct reed_slice text)
{
	enum reed_refusal refusal = check_knock(by, room);
	struct reed_telling t;

	reed_hub_calm(room->hub, __func__);
	if (refusal)
		return refusal;
	reed_tell_begin(&t, room->hub, REED_EVENT_KNOCK, by->user, by);
	t.ev.room = room;
	t.ev.text = reed_text_line(text, hub_limits(room->hub)->reason_bytes);
	t.ev.roles = REED_ROLES & ~(unsigned)(REED_ROLE_HALFOP - 1);
	reed_tell_room(&t, room);
	reed_tell_end(&t);
	return REED_REFUSAL_NONE;
}
