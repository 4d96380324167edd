/* What of the events goes into the history. */

#include "private.h"

static bool is_said(enum reed_event_kind kind)
{
	return kind == REED_EVENT_MESSAGE || kind == REED_EVENT_EDIT || kind == REED_EVENT_REDACT;
}

static struct reed_message message_of(const struct reed_hub_event *ev)
{
	const struct reed_user *actor = ev->actor;
	struct reed_message m = {
		.id = ev->id,
		.time = ev->time,
		.kind = ev->kind,
		.manner = ev->manner,
		.text = ev->text,
		.ref = ev->ref,
		.tags = ev->tags,
		.tag_count = ev->tag_count,
		.target = reed_slice_of(ev->target ? ev->target->nick : NULL),
	};

	if (!actor)
		return m;
	m.nick = ev->was ? ev->was->nick : reed_slice_of(actor->nick);
	m.username = reed_slice_of(actor->username);
	m.host = reed_slice_of(actor->host);
	m.account = reed_slice_of(actor->account ? actor->account->id.s : NULL);
	if (ev->kind == REED_EVENT_NICK)
		m.target = reed_slice_of(actor->nick);
	return m;
}

static bool is_kept(const struct reed_telling *t, const struct reed_room *room)
{
	const struct reed_hub_options *options = &t->hub->options;

	if (!options->history || (room->flags & REED_ROOM_UNKEPT) || t->ev.roles != 0)
		return false;
	return is_said(t->ev.kind) || options->history_events;
}

static void keep(struct reed_telling *t, struct reed_slice where)
{
	struct reed_message m = message_of(&t->ev);

	reed_history_append(t->hub->options.history, where, &m);
	t->ev.flags |= REED_EVENT_KEPT;
}

void reed_keep_in_room(struct reed_telling *t, struct reed_room *room)
{
	if (is_kept(t, room))
		keep(t, reed_slice_of(room->id.s));
}

void reed_keep_in_talk(struct reed_telling *t, struct reed_slice where)
{
	if (t->hub->options.history)
		keep(t, where);
}

void reed_keep_talk(struct reed_telling *t)
{
	const struct reed_account *a = t->ev.actor->account, *b = t->ev.target->account;
	struct reed_talk_name where;

	if (!a || !b)
		return;
	where = reed_talk_between(a, b);
	reed_keep_in_talk(t, reed_slice_of(where.s));
}

/* Each room has its own history, and an id is unique: so each gets a fresh one. */
void reed_keep_in_rooms_of(struct reed_telling *t, struct reed_user *user)
{
	struct reed_id told = t->ev.id;

	if (!t->hub->options.history_events)
		return;
	reed_list_each (link, &user->memberships) {
		reed_keep_in_room(t, member_of_link(link)->room);
		t->ev.id = reed_hub_id(t->hub);
	}
	t->ev.id = told;
}
