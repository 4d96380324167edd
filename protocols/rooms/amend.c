/* Messages edited and taken back: the history says whose they are. */

#include "private.h"

#include "reed/alloc.h"
#include "reed/co.h"

/* Everything by id or number: who or what it was may be gone when the disk has answered. */
struct amending {
	struct reed_co co;
	struct reed_hub *hub;
	struct reed_session *by; /* compared, not followed; NULL: the server */
	uint64_t actor;          /* serial of its user */
	struct reed_id account;  /* of that; "" for guests */
	struct reed_id room;     /* or, */
	struct reed_id with;     /* in a talk, the other account */
	struct reed_talk_name where;
	struct reed_id id;
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

static struct reed_account *account_of(const struct amending *self)
{
	return reed_account_by_id(self->hub, reed_slice_of(self->with.s));
}

/* NULL when it has left. */
static struct reed_user *actor_of(const struct amending *self)
{
	struct reed_user *user = NULL;

	do
		user = reed_user_next(self->hub, user);
	while (user && user->serial != self->actor);
	return user;
}

static struct reed_session *origin_of(const struct amending *self, const struct reed_user *actor)
{
	struct reed_session *s = actor ? actor->sessions : NULL;

	while (s && s != self->by)
		s = s->sibling;
	return s;
}

static struct reed_future *find(struct amending *self)
{
	struct reed_history_query query = REED_HISTORY_QUERY;

	query.where = reed_slice_of(self->where.s);
	query.way = REED_HISTORY_ONE;
	query.from.id = reed_slice_of(self->id.s);
	return reed_history_query(self->hub->options.history, &query, &self->page);
}

static struct reed_future *redact(struct amending *self)
{
	if (self->is_edit)
		return reed_ready(self->co.loop, REED_OK);
	return reed_history_redact(self->hub->options.history, reed_slice_of(self->where.s),
	                           reed_slice_of(self->id.s));
}

/* Those who rule a room may take back what others said; between two nobody rules. */
static enum reed_refusal check_power(const struct amending *self)
{
	const struct reed_slice author = self->page.messages[0].account;
	const struct reed_user *actor = actor_of(self);
	const struct reed_room *room = room_of(self);
	struct reed_member *m;

	if (!self->by)
		return REED_REFUSAL_NONE;
	if (!actor)
		return REED_REFUSAL_NO_USER;
	if (author.n > 0 && reed_slice_is(author, self->account.s))
		return REED_REFUSAL_NONE;
	m = room ? reed_member_find(room, actor) : NULL;
	if (!self->is_edit && room &&
	    ((actor->privileges & REED_MAY_ROOMS) ||
	     (m && reed_rank(m->roles) >= REED_ROLE_HALFOP)))
		return REED_REFUSAL_NONE;
	return REED_REFUSAL_NEEDS_ROLE;
}

static enum reed_refusal check_message(const struct amending *self)
{
	const struct reed_message *m = self->page.messages;

	if (self->room.s[0] && !room_of(self))
		return REED_REFUSAL_NO_ROOM;
	if (self->page.count == 0 || m->kind != REED_EVENT_MESSAGE ||
	    (m->flags & REED_MESSAGE_REDACTED))
		return REED_REFUSAL_NO_MESSAGE;
	return check_power(self);
}

static void begin(struct amending *self, struct reed_telling *t)
{
	struct reed_user *actor = self->by ? actor_of(self) : NULL;

	reed_tell_begin(t, self->hub, self->is_edit ? REED_EVENT_EDIT : REED_EVENT_REDACT, actor,
	                origin_of(self, actor));
	t->ev.ref = reed_slice_of(self->id.s);
	t->ev.text = self->speech.text;
	t->ev.manner = self->speech.manner;
	t->ev.tags = self->speech.tags;
	t->ev.tag_count = self->speech.tag_count;
}

static void tell_room(struct amending *self, struct reed_room *room)
{
	struct reed_telling t;

	begin(self, &t);
	t.ev.room = room;
	reed_keep_in_room(&t, room);
	reed_tell_room(&t, room);
	reed_tell_end(&t);
}

/* Whoever is not here finds it in the history. */
static void tell_talk(struct amending *self, struct reed_user *with)
{
	struct reed_telling t;

	begin(self, &t);
	t.ev.target = with;
	reed_keep_in_talk(&t, reed_slice_of(self->where.s));
	if (with) {
		reed_tell_user(&t, with);
		if (t.ev.actor && t.ev.actor != with)
			reed_tell_user(&t, t.ev.actor);
	}
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

/* Room or account may have gone while the disk was busy; it is redacted all the same. */
static void amending_deliver(struct reed_co *co)
{
	struct amending *self = reed_frame(co, struct amending);
	struct reed_account *with = account_of(self);

	*self->out = self->refusal;
	if (self->refusal)
		return;
	if (room_of(self))
		tell_room(self, room_of(self));
	else if (with)
		tell_talk(self, with->user);
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

static struct amending *amending_new(struct reed_hub *hub, struct reed_session *by,
                                     struct reed_slice id, enum reed_refusal *out)
{
	struct amending *self = reed_co_new(hub->loop, &amending_kind);

	reed_hub_calm(hub, "an edit or a redaction");
	self->hub = hub;
	self->by = by;
	self->actor = by ? by->user->serial : 0;
	if (by && by->user->account)
		self->account = by->user->account->id;
	self->out = out;
	if (!reed_slice_copy(self->id.s, sizeof(self->id.s), id) || !hub->options.history)
		self->refusal = REED_REFUSAL_NO_MESSAGE;
	return self;
}

static void aim_at_room(struct amending *self, const struct reed_session *by,
                        struct reed_room *room)
{
	self->room = room->id;
	memcpy(self->where.s, room->id.s, sizeof(room->id.s));
	if (!self->refusal && by && !reed_session_may(by, REED_MAY_ROOMS) &&
	    !reed_member_find(room, by->user))
		self->refusal = REED_REFUSAL_NOT_MEMBER;
}

static void aim_at_account(struct amending *self, const struct reed_session *by,
                           struct reed_account *with)
{
	const struct reed_account *own = by->user->account;

	self->with = with->id;
	if (own)
		self->where = reed_talk_between(own, with);
	else if (!self->refusal)
		self->refusal = REED_REFUSAL_NEEDS_ACCOUNT;
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

static struct reed_future *start_edit(struct amending *self, const struct reed_speech *speech)
{
	self->is_edit = true;
	if (!self->refusal)
		self->refusal = reed_speech_check(self->hub, speech);
	if (!self->refusal)
		copy_speech(self, speech);
	return reed_start(&self->co);
}

static struct reed_future *start_redaction(struct amending *self, struct reed_slice reason)
{
	struct reed_speech speech = REED_SPEECH;

	speech.text = reed_text_line(reason, hub_limits(self->hub)->reason_bytes);
	copy_speech(self, &speech);
	return reed_start(&self->co);
}

struct reed_future *reed_room_edit(struct reed_session *by, struct reed_room *room,
                                   struct reed_slice id, const struct reed_speech *speech,
                                   enum reed_refusal *refusal)
{
	struct amending *self = amending_new(room->hub, by, id, refusal);

	aim_at_room(self, by, room);
	if (!self->refusal && by)
		self->refusal = reed_room_hears(room, by, speech->manner);
	return start_edit(self, speech);
}

struct reed_future *reed_room_redact(struct reed_session *by, struct reed_room *room,
                                     struct reed_slice id, struct reed_slice reason,
                                     enum reed_refusal *refusal)
{
	struct amending *self = amending_new(room->hub, by, id, refusal);

	aim_at_room(self, by, room);
	return start_redaction(self, reason);
}

struct reed_future *reed_talk_edit(struct reed_session *by, struct reed_account *with,
                                   struct reed_slice id, const struct reed_speech *speech,
                                   enum reed_refusal *refusal)
{
	struct amending *self = amending_new(with->hub, by, id, refusal);

	aim_at_account(self, by, with);
	if (!self->refusal && with->user)
		self->refusal = reed_user_hears(with->user, by);
	return start_edit(self, speech);
}

struct reed_future *reed_talk_redact(struct reed_session *by, struct reed_account *with,
                                     struct reed_slice id, struct reed_slice reason,
                                     enum reed_refusal *refusal)
{
	struct amending *self = amending_new(with->hub, by, id, refusal);

	aim_at_account(self, by, with);
	return start_redaction(self, reason);
}
