/* Messages edited and taken back: the history says whose they are. */

#include "private.h"

#include "reed/alloc.h"
#include "reed/co.h"

struct amending {
	struct reed_co co;
	struct reed_hub *hub;
	struct reed_session *by; /* NULL: the server */
	struct reed_id room, id; /* by id: the room may be gone meanwhile */
	bool is_edit;
	struct reed_speech speech; /* of an edit; text is the reason of the other */
	struct reed_history_page page;
	struct reed_pool pool; /* what speech lies in */
	enum reed_refusal refusal, *out;
};

static struct reed_room *room_of(const struct amending *self)
{
	return reed_room_by_id(self->hub, reed_slice_of(self->room.s));
}

static struct reed_future *find(struct amending *self)
{
	struct reed_history_query query = REED_HISTORY_QUERY;

	query.where = reed_slice_of(self->room.s);
	query.way = REED_HISTORY_ONE;
	query.from.id = reed_slice_of(self->id.s);
	return reed_history_query(self->hub->options.history, &query, &self->page);
}

static struct reed_future *redact(struct amending *self)
{
	if (self->is_edit)
		return reed_ready(self->co.loop, REED_OK);
	return reed_history_redact(self->hub->options.history, reed_slice_of(self->room.s),
	                           reed_slice_of(self->id.s));
}

static bool is_mine(const struct amending *self, const struct reed_message *m)
{
	const struct reed_account *account = self->by ? self->by->user->account : NULL;

	return account && reed_slice_is(m->account, account->id.s);
}

static enum reed_refusal check_message(const struct amending *self)
{
	const struct reed_message *m = self->page.messages;
	const struct reed_room *room = room_of(self);

	if (!room)
		return REED_REFUSAL_NO_ROOM;
	if (self->page.count == 0 || m->kind != REED_EVENT_MESSAGE ||
	    (m->flags & REED_MESSAGE_REDACTED))
		return REED_REFUSAL_NO_MESSAGE;
	if (is_mine(self, m))
		return REED_REFUSAL_NONE;
	if (self->is_edit || reed_rank(reed_room_power(self->by, room)) < REED_ROLE_HALFOP)
		return REED_REFUSAL_NEEDS_ROLE;
	return REED_REFUSAL_NONE;
}

static void tell(struct amending *self, struct reed_room *room)
{
	struct reed_telling t;

	reed_tell_begin(&t, self->hub, self->is_edit ? REED_EVENT_EDIT : REED_EVENT_REDACT,
	                self->by ? self->by->user : NULL, self->by);
	t.ev.room = room;
	t.ev.ref = reed_slice_of(self->id.s);
	t.ev.text = self->speech.text;
	t.ev.manner = self->speech.manner;
	t.ev.tags = self->speech.tags;
	t.ev.tag_count = self->speech.tag_count;
	reed_keep_in_room(&t, room);
	reed_tell_room(&t, room);
	reed_tell_end(&t);
}

static void amending_run(struct reed_co *co)
{
	struct amending *self = reed_frame(co, struct amending);

	reed_coroutine (co) {
		if (self->refusal)
			break;
		reed_try(co, find(self));
		self->refusal = check_message(self);
		if (self->refusal)
			break;
		reed_await(co, redact(self));
		if (co->err == REED_ENOENT)
			self->refusal = REED_REFUSAL_NO_MESSAGE;
		else if (co->err)
			reed_return(co, co->err);
	}
}

/* The room may have gone while the disk was busy; the message is redacted all the same. */
static void amending_deliver(struct reed_co *co)
{
	struct amending *self = reed_frame(co, struct amending);
	struct reed_room *room = room_of(self);

	*self->out = self->refusal;
	if (!self->refusal && room)
		tell(self, room);
}

static void amending_end(struct reed_co *co)
{
	struct amending *self = reed_frame(co, struct amending);

	reed_history_page_finish(&self->page);
	reed_pool_finish(&self->pool);
}

static const struct reed_co_kind amending_kind = {
	.name = "amend a message",
	.size = sizeof(struct amending),
	.run = amending_run,
	.deliver = amending_deliver,
	.end = amending_end,
};

static struct amending *amending_new(struct reed_session *by, struct reed_room *room,
                                     struct reed_slice id, enum reed_refusal *out)
{
	struct amending *self = reed_co_new(room->hub->loop, &amending_kind);

	reed_hub_calm(room->hub, "reed_room_edit() or reed_room_redact");
	self->hub = room->hub;
	self->by = by;
	self->room = room->id;
	self->out = out;
	if (!reed_slice_copy(self->id.s, sizeof(self->id.s), id) || !room->hub->options.history)
		self->refusal = REED_REFUSAL_NO_MESSAGE;
	else if (by && !reed_session_may(by, REED_MAY_ROOMS) && !reed_member_find(room, by->user))
		self->refusal = REED_REFUSAL_NOT_MEMBER;
	return self;
}

static void copy_speech(struct amending *self, const struct reed_speech *speech)
{
	struct reed_message from = { .tags = speech->tags,
		                     .tag_count = speech->tag_count,
		                     .text = speech->text };
	struct reed_message copy;

	reed_message_copy(&self->pool, &copy, &from);
	self->speech.manner = speech->manner;
	self->speech.text = copy.text;
	self->speech.tags = copy.tags;
	self->speech.tag_count = copy.tag_count;
}

struct reed_future *reed_room_edit(struct reed_session *by, struct reed_room *room,
                                   struct reed_slice id, const struct reed_speech *speech,
                                   enum reed_refusal *refusal)
{
	struct amending *self = amending_new(by, room, id, refusal);

	self->is_edit = true;
	if (!self->refusal)
		self->refusal = reed_speech_check(room->hub, speech);
	if (!self->refusal && by)
		self->refusal = reed_room_hears(room, by, speech->manner);
	if (!self->refusal)
		copy_speech(self, speech);
	return reed_start(&self->co);
}

struct reed_future *reed_room_redact(struct reed_session *by, struct reed_room *room,
                                     struct reed_slice id, struct reed_slice reason,
                                     enum reed_refusal *refusal)
{
	struct amending *self = amending_new(by, room, id, refusal);
	struct reed_speech speech = REED_SPEECH;

	speech.text = reed_text_line(reason, hub_limits(room->hub)->reason_bytes);
	copy_speech(self, &speech);
	return reed_start(&self->co);
}
