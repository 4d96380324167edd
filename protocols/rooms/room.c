/* Rooms: how they are made, found and ended. */

#include "private.h"

#include "reed/alloc.h"
#include "reed/random.h"

/* ---- making and ending ---- */

struct reed_room *reed_room_new(struct reed_hub *hub, struct reed_slice name, struct reed_id id)
{
	struct hub_room *self = reed_alloc(sizeof(*self));
	struct reed_room *room = &self->room;
	struct reed_folded folded = reed_fold(hub, name);

	room->hub = hub;
	room->name = reed_slice_dup(name);
	room->flags = hub->options.room_flags;
	room->created = reed_wall(hub->loop);
	room->id = id;
	room->serial = ++hub->serial;
	self->looks = ++hub->serial;
	reed_list_init(&self->invites);
	reed_names_add(&hub->rooms, &self->by_name, reed_folded_slice(&folded));
	reed_names_add(&hub->room_ids, &self->by_id, reed_slice_of(room->id.s));
	reed_list_append(&hub->all_rooms, &room->link);
	hub->room_count++;
	return room;
}

/* Also the history of a room that ends is gone, or the next of that name would inherit it. */
static void forget_history(struct reed_room *room)
{
	struct reed_history *history = room->hub->options.history;

	if (history)
		reed_background(reed_history_forget(history, reed_slice_of(room->id.s)), NULL,
		                NULL);
}

void reed_room_free(struct reed_room *room)
{
	struct hub_room *self = hub_room(room);
	struct reed_hub *hub = room->hub;

	reed_invites_drop_room(room);
	reed_names_remove(&hub->rooms, &self->by_name);
	reed_names_remove(&hub->room_ids, &self->by_id);
	reed_list_remove(&room->link);
	hub->room_count--;
	for (int i = 0; i < REED_LIST_KINDS; i++)
		reed_masks_finish(&room->lists[i]);
	reed_values_finish(&room->values);
	reed_free(room->affiliations);
	reed_free(room->seats);
	reed_free(room->name);
	reed_free(room->topic);
	reed_free(room->topic_by);
	reed_free(room->key);
	reed_free(self);
}

bool reed_room_kept(const struct reed_room *room)
{
	return room->founder || (room->flags & REED_ROOM_LASTING);
}

void reed_room_tidy(struct reed_room *room)
{
	if (room->count > 0 || reed_room_kept(room) || hub_room(room)->pins > 0)
		return;
	forget_history(room);
	reed_room_free(room);
}

void reed_room_found(struct reed_room *room, struct reed_account *account)
{
	if (room->founder) {
		room->founder->founded--;
		room->hub->registered_count--;
	}
	room->founder = account;
	if (account) {
		account->founded++;
		room->hub->registered_count++;
	}
}

void reed_room_set_founder(struct reed_room *room, struct reed_account *account)
{
	reed_room_found(room, account);
	if (reed_room_kept(room))
		reed_unsaved_room(room);
	else
		reed_gone_room(room);
}

enum reed_refusal reed_room_name_check(const struct reed_hub *hub, struct reed_slice name)
{
	if (!reed_room_name_ok(hub, name))
		return REED_REFUSAL_NAME_INVALID;
	return reed_room_find(hub, name) ? REED_REFUSAL_NAME_TAKEN : REED_REFUSAL_NONE;
}

enum reed_refusal reed_room_make(struct reed_hub *hub, struct reed_slice name,
                                 struct reed_room **room)
{
	enum reed_refusal refusal = reed_room_name_check(hub, name);

	reed_hub_calm(hub, __func__);
	if (refusal)
		return refusal;
	if (hub->room_count >= hub_limits(hub)->rooms)
		return REED_REFUSAL_HUB_FULL;
	*room = reed_room_new(hub, name, reed_hub_id(hub));
	(*room)->flags |= REED_ROOM_LASTING;
	reed_unsaved_room(*room);
	return REED_REFUSAL_NONE;
}

static void kick_everybody(struct reed_session *by, struct reed_room *room,
                           struct reed_slice reason)
{
	while (room->count > 0) {
		struct reed_member *m = room->seats[room->count - 1].member;
		struct reed_telling t;

		reed_tell_begin(&t, room->hub, REED_EVENT_KICK, by ? by->user : NULL, by);
		t.ev.room = room;
		t.ev.target = m->user;
		t.ev.text = reason;
		reed_tell_room(&t, room);
		reed_member_free(m);
		reed_tell_end(&t);
	}
}

enum reed_refusal reed_room_close(struct reed_session *by, struct reed_room *room,
                                  struct reed_slice reason)
{
	struct reed_hub *hub = room->hub;

	reed_hub_calm(hub, __func__);
	if (!reed_session_may(by, REED_MAY_ROOMS) &&
	    !(room->founder && by->user->account == room->founder))
		return REED_REFUSAL_NEEDS_PRIVILEGE;
	reason = reed_text_line(reason, hub_limits(hub)->reason_bytes);
	reed_hub_hold(hub);
	hub_room(room)->pins++;
	kick_everybody(by, room, reason);
	hub_room(room)->pins--;
	room->flags &= ~(uint64_t)REED_ROOM_LASTING;
	reed_room_set_founder(room, NULL);
	reed_room_tidy(room);
	reed_hub_let_go(hub);
	return REED_REFUSAL_NONE;
}

/* ---- topic, name, values ---- */

static unsigned needed_for_topic(const struct reed_room *room)
{
	return room->flags & REED_ROOM_TOPIC_LOCKED ? REED_ROLE_HALFOP : 0;
}

static enum reed_refusal check_topic(struct reed_session *by, struct reed_room *room,
                                     struct reed_slice topic)
{
	if (by && !reed_session_may(by, REED_MAY_ROOMS)) {
		struct reed_member *m = reed_member_find(room, by->user);

		if (!m)
			return REED_REFUSAL_NOT_MEMBER;
		if (reed_rank(m->roles) < needed_for_topic(room))
			return REED_REFUSAL_NEEDS_ROLE;
	}
	return reed_text_check(topic, hub_limits(room->hub)->topic_bytes);
}

enum reed_refusal reed_room_set_topic(struct reed_session *by, struct reed_room *room,
                                      struct reed_slice topic)
{
	struct reed_hub *hub = room->hub;
	enum reed_refusal refusal = check_topic(by, room, topic);
	struct reed_telling t;

	reed_hub_calm(hub, __func__);
	if (refusal)
		return refusal;
	if (reed_slice_is(topic, room->topic ? room->topic : ""))
		return REED_REFUSAL_ALREADY;
	reed_tell_begin(&t, hub, REED_EVENT_TOPIC, by ? by->user : NULL, by);
	reed_text_set_or_null(&room->topic, topic);
	reed_text_set(&room->topic_by, reed_slice_of(by ? by->user->full : hub->options.name));
	room->topic_at = t.ev.time;
	t.ev.room = room;
	t.ev.text = reed_slice_of(room->topic);
	reed_keep_in_room(&t, room);
	reed_tell_room(&t, room);
	reed_unsaved_room(room);
	reed_tell_end(&t);
	return REED_REFUSAL_NONE;
}

enum reed_refusal reed_room_set_value(struct reed_session *by, struct reed_room *room,
                                      struct reed_slice key, struct reed_slice text)
{
	const struct reed_rooms_limits *limits = hub_limits(room->hub);
	enum reed_refusal refusal = REED_REFUSAL_NEEDS_ROLE;
	struct reed_telling t;

	reed_hub_calm(room->hub, __func__);
	if (reed_rank(reed_room_power(by, room)) >= REED_ROLE_OP)
		refusal = reed_values_set(&room->values, key, text, limits->values_per_room,
		                          limits->value_bytes);
	if (refusal)
		return refusal;
	reed_tell_begin(&t, room->hub, REED_EVENT_ROOM_VALUE, by ? by->user : NULL, by);
	t.ev.room = room;
	t.ev.ref = key;
	t.ev.text = text;
	reed_tell_room(&t, room);
	reed_unsaved_room(room);
	reed_tell_end(&t);
	return REED_REFUSAL_NONE;
}

static enum reed_refusal check_room_rename(struct reed_session *by, struct reed_room *room,
                                           struct reed_slice name)
{
	if (reed_rank(reed_room_power(by, room)) < REED_ROLE_ADMIN)
		return REED_REFUSAL_NEEDS_ROLE;
	if (reed_slice_is(name, room->name))
		return REED_REFUSAL_ALREADY;
	if (reed_room_find(room->hub, name) == room)
		return reed_room_name_ok(room->hub, name) ? REED_REFUSAL_NONE
		                                          : REED_REFUSAL_NAME_INVALID;
	return reed_room_name_check(room->hub, name);
}

enum reed_refusal reed_room_rename(struct reed_session *by, struct reed_room *room,
                                   struct reed_slice name, struct reed_slice reason)
{
	struct reed_hub *hub = room->hub;
	struct reed_folded folded = reed_fold(hub, name);
	enum reed_refusal refusal = check_room_rename(by, room, name);
	struct reed_telling t;
	char *was = room->name;

	reed_hub_calm(hub, __func__);
	if (refusal)
		return refusal;
	reed_tell_begin(&t, hub, REED_EVENT_RENAME, by ? by->user : NULL, by);
	reed_names_remove(&hub->rooms, &hub_room(room)->by_name);
	reed_names_add(&hub->rooms, &hub_room(room)->by_name, reed_folded_slice(&folded));
	room->name = reed_slice_dup(name);
	t.ev.room = room;
	t.ev.ref = reed_slice_of(was);
	t.ev.text = reed_text_line(reason, hub_limits(hub)->reason_bytes);
	reed_keep_in_room(&t, room);
	reed_tell_room(&t, room);
	reed_unsaved_room(room);
	reed_tell_end(&t);
	reed_free(was);
	return REED_REFUSAL_NONE;
}

bool reed_room_visible(const struct reed_room *room, const struct reed_user *viewer)
{
	if (!(room->flags & REED_ROOM_SECRET))
		return true;
	return viewer && ((viewer->privileges & REED_MAY_SEE) || reed_member_find(room, viewer));
}
