/*
 * Telling: an event goes to every session it concerns.
 *
 * While something is told nothing changes, so the arrays walked here stay as
 * they are, and all hear all events in one order.
 */

#include "private.h"

#include <stdio.h>
#include <stdlib.h>

#include "reed/random.h"

enum { AHEAD = 4 }; /* sessions that are fetched into the cache in advance */

void reed_hub_calm(const struct reed_hub *hub, const char *call)
{
	if (!hub->telling)
		return;
	fprintf(stderr, "reed: %s() inside an event: note it, and call it from the loop\n", call);
	abort();
}

void reed_hub_hold(struct reed_hub *hub)
{
	hub->telling++;
}

void reed_hub_let_go(struct reed_hub *hub)
{
	hub->telling--;
}

/* ---- begin and end ---- */

void reed_tell_begin(struct reed_telling *t, struct reed_hub *hub, enum reed_event_kind kind,
                     struct reed_user *actor, struct reed_session *origin)
{
	*t = (struct reed_telling){ .hub = hub };
	t->ev.kind = kind;
	t->ev.actor = actor;
	t->ev.origin = origin;
	t->ev.id = reed_hub_id(hub);
	t->ev.time = reed_wall(hub->loop);
	t->ev.slots = t->slots;
	reed_hub_hold(hub);
}

void reed_tell_end(struct reed_telling *t)
{
	for (unsigned i = 0; i < t->hub->door_count; i++)
		if (t->slots[i])
			t->hub->doors[i]->release(t->slots[i]);
	reed_hub_let_go(t->hub);
}

/* ---- to whom ---- */

void reed_tell_session(struct reed_telling *t, struct reed_session *session)
{
	if (session->ending)
		return;
	t->hub->deliveries++;
	session->ops->event(session, &t->ev);
}

/* All sessions of a user, from the first one. */
static void tell_sessions(struct reed_telling *t, struct reed_session *session)
{
	for (; session; session = session->sibling)
		reed_tell_session(t, session);
}

void reed_tell_user(struct reed_telling *t, struct reed_user *user)
{
	tell_sessions(t, user->sessions);
}

static void tell_some(struct reed_telling *t, struct reed_room *room)
{
	for (uint32_t i = 0; i < room->count; i++)
		if (room->seats[i].member->roles & t->ev.roles)
			tell_sessions(t, room->seats[i].session);
}

static void tell_all(struct reed_telling *t, struct reed_room *room)
{
	const struct reed_seat *seats = room->seats;
	uint32_t count = room->count;

	for (uint32_t i = 0; i < count; i++) {
		if (i + AHEAD < count)
			__builtin_prefetch(seats[i + AHEAD].session);
		tell_sessions(t, seats[i].session);
	}
}

void reed_tell_room(struct reed_telling *t, struct reed_room *room)
{
	if (t->ev.roles)
		tell_some(t, room);
	else
		tell_all(t, room);
}

/* ---- everybody who sees somebody, once ---- */

/* The mark of a user stands on its first session. */
static void tell_once(struct reed_telling *t, struct reed_session *first)
{
	if (!first || first->mark == t->hub->generation)
		return;
	first->mark = t->hub->generation;
	tell_sessions(t, first);
}

void reed_tell_peers(struct reed_telling *t)
{
	struct reed_user *actor = t->ev.actor;

	t->hub->generation++;
	tell_once(t, actor->sessions);
	reed_list_each (link, &actor->memberships) {
		const struct reed_room *room = member_of_link(link)->room;

		for (uint32_t i = 0; i < room->count; i++)
			tell_once(t, room->seats[i].session);
	}
}

void reed_tell_watchers(struct reed_telling *t, struct reed_slice folded)
{
	struct reed_named *named = reed_names_find(&t->hub->watches, folded);
	struct reed_nick_watch *watch;

	if (!named)
		return;
	watch = reed_container_of(named, struct reed_nick_watch, by_nick);
	reed_list_each (link, &watch->monitors) {
		struct reed_monitor *m = reed_container_of(link, struct reed_monitor, of_nick);

		if (m->session->user->sessions->mark != t->hub->generation)
			reed_tell_session(t, m->session);
	}
}

void reed_tell_peers_and_watchers(struct reed_telling *t)
{
	struct reed_named *nick = &hub_user(t->ev.actor)->by_nick;

	reed_tell_peers(t);
	t->ev.flags |= REED_EVENT_WATCHED;
	reed_tell_watchers(t, reed_slice(nick->key, nick->n));
}
