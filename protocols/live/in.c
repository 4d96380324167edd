/*
 * What a page says: each message once, in the order of its numbers.
 *
 * A call is taken when there is room for one more that is not answered, and for
 * what it will be answered with.  What cannot be taken yet is kept, and while
 * there is any nothing more is read of the page.
 */

#include "private.h"

bool live_may_take(const struct reed_live_link *self)
{
	return reed_buf_held(&self->pending) == 0;
}

/* ---- calls ---- */

struct reed_slice reed_live_name(const struct reed_live_call *call)
{
	return call->name;
}

struct reed_slice reed_live_args(const struct reed_live_call *call)
{
	return call->args;
}

struct reed_live_link *reed_live_link_of(const struct reed_live_call *call)
{
	return call->of;
}

enum reed_err reed_live_answer(struct reed_live_call *call, struct reed_slice json)
{
	enum reed_err err = call->answered ? REED_EINVAL
	                                   : live_push(call->of, true, "ok", call->id, NULL, json);

	call->answered |= !err;
	return err;
}

enum reed_err reed_live_refuse(struct reed_live_call *call, const char *why)
{
	struct reed_buf json = { .limit = 0 };
	enum reed_err err = REED_EINVAL;

	reed_live_quote(&json, reed_slice_of(why));
	if (!call->answered)
		err = live_push(call->of, true, "no", call->id, NULL, reed_buf_slice(&json));
	reed_buf_finish(&json);
	call->answered |= !err;
	return err;
}

static void end_call(struct reed_live_call *call)
{
	reed_list_remove(&call->link);
	call->of->running--;
	reed_free(call);
}

static void call_ended(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct reed_live_call *call = reed_container_of(w, struct reed_live_call, waiter);
	struct reed_live_link *of = call->of;

	if (!call->answered)
		reed_live_refuse(call, err ? reed_fault_why(fault, err) : "there is no answer");
	reed_fault_free(fault);
	end_call(call);
	live_work_on(of);
}

static void begin_call(struct reed_live_link *self, const struct live_line *line)
{
	struct reed_live_call *call = reed_alloc(sizeof(*call) + line->name.n + line->json.n);
	char *bytes = (char *)(call + 1);
	struct reed_future *f;

	memcpy(bytes, line->name.p, line->name.n);
	memcpy(bytes + line->name.n, line->json.p, line->json.n);
	call->name = reed_slice(bytes, line->name.n);
	call->args = reed_slice(bytes + line->name.n, line->json.n);
	call->of = self;
	call->id = line->id;
	call->waiter.wake = call_ended;
	reed_list_append(&self->calls, &call->link);
	self->running++;
	f = self->page->ops->call(self->page, call);
	if (f) {
		reed_wait(f, &call->waiter);
		return;
	}
	if (!call->answered)
		reed_live_refuse(call, "there is no answer");
	end_call(call);
}

void live_drop_calls(struct reed_live_link *self)
{
	while (!reed_list_empty(&self->calls)) {
		struct reed_live_call *call =
			reed_container_of(self->calls.next, struct reed_live_call, link);

		reed_unwait(self->live->loop, &call->waiter);
		end_call(call);
	}
}

/* ---- lines ---- */

static void take_message(struct reed_live_link *self, const struct live_line *line)
{
	switch (line->word) {
	case LIVE_CALL:
		begin_call(self, line);
		break;
	case LIVE_SAY:
		if (self->page->ops->said)
			self->page->ops->said(self->page, line->name, line->json);
		break;
	case LIVE_OK:
	case LIVE_NO:
		live_answered(self, line);
		break;
	case LIVE_HELLO:
	case LIVE_ACK:
	case LIVE_PING:
	case LIVE_BYE:
		break;
	}
}

static enum reed_err take_line(struct reed_live_link *self, struct reed_slice text)
{
	struct live_line line;

	if (live_line_parse(text, &line))
		return REED_EPROTO;
	switch (line.word) {
	case LIVE_HELLO:
		return REED_EPROTO; /* it comes first, and once */
	case LIVE_ACK:
		return live_link_acknowledged(self, line.number);
	case LIVE_PING:
		self->pong = true;
		return REED_OK;
	case LIVE_BYE:
		self->ending = self->ending ? self->ending : "left";
		return REED_OK;
	case LIVE_CALL:
	case LIVE_OK:
	case LIVE_NO:
	case LIVE_SAY:
		break;
	}
	if (line.number <= self->had)
		return REED_OK;
	if (line.number > self->had + 1)
		return REED_EPROTO;
	self->had = line.number;
	take_message(self, &line);
	return REED_OK;
}

static bool has_room(const struct reed_live_link *self)
{
	return self->running < self->live->options.limits.calls &&
	       self->queued <= self->live->options.limits.queue && !self->ending;
}

static enum reed_err work(struct reed_live_link *self)
{
	struct reed_slice rest = reed_buf_slice(&self->pending);
	size_t all = rest.n;
	enum reed_err err = REED_OK;

	self->working = true; /* calls that are answered at once come back here */
	while (!err && rest.n > 0 && has_room(self))
		err = take_line(self, reed_slice_cut(&rest, '\n'));
	self->working = false;
	reed_buf_skip(&self->pending, err || self->ending ? all : all - rest.n);
	if (reed_buf_held(&self->pending) == 0)
		reed_buf_finish(&self->pending);
	live_link_stir(self);
	return err;
}

void live_work_on(struct reed_live_link *self)
{
	if (!self->working && reed_buf_held(&self->pending) > 0)
		work(self); /* a line that is wrong is dropped, and said again by the page */
}

enum reed_err live_take(struct reed_live_link *self, struct reed_slice lines)
{
	reed_buf_add(&self->pending, lines);
	return work(self);
}
