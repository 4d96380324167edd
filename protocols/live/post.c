/*
 * A link over POSTs: `send` brings lines; `stream` is answered with events, each
 * of which is lines; `poll` with the lines there are, or the first that come.
 * The body of each begins with a hello.
 */

#include "private.h"

#include "reed/http/events.h"

enum { AT_ONCE = 64 << 10 };

struct live_post {
	struct reed_co co;
	struct reed_live *live;
	struct reed_http_request *request;
	struct reed_slice body;
	struct live_line hello;
	struct live_carrier carrier;
	struct reed_buf out;
	uint64_t seen;
	int which;
	int64_t until;
};

/* 0: there is a link. */
static unsigned find(struct live_post *self, bool may_open)
{
	struct reed_live_link *link;
	unsigned status = 410;

	if (live_line_parse(reed_slice_cut(&self->body, '\n'), &self->hello) ||
	    self->hello.word != LIVE_HELLO)
		return 400;
	if (!may_open && reed_slice_is(self->hello.token, "-"))
		return 400;
	link = live_link_find(self->live, self->request, self->hello.token, &status);
	if (!link)
		return status;
	live_carrier_attach(&self->carrier, link, "post");
	return 0;
}

static void answer(struct live_post *self, unsigned status)
{
	reed_http_add(self->request, "Cache-Control", REED_STR("no-store"));
	reed_http_respond(self->request, status, "text/plain; charset=utf-8",
	                  reed_buf_slice(&self->out));
}

static void refuse(struct live_post *self, unsigned status)
{
	reed_buf_clear(&self->out);
	if (status == 410)
		reed_buf_add_str(&self->out, "expired\n");
	else
		reed_buf_printf(&self->out, "%u\n", status);
	answer(self, status);
}

static struct reed_future *stirred(struct live_post *self)
{
	return reed_cell_changed(self->co.loop, &self->carrier.stir, self->seen);
}

static bool is_current(const struct live_post *self)
{
	return self->carrier.of && self->carrier.of->down == &self->carrier;
}

/* ---- send ---- */

static bool may_take(struct live_post *self)
{
	self->seen = self->carrier.stir.count;
	return !self->carrier.of || live_may_take(self->carrier.of);
}

static void answer_send(struct live_post *self)
{
	struct reed_live_link *link = self->carrier.of;

	if (!link) {
		refuse(self, 410);
		return;
	}
	reed_buf_printf(&self->out, "ack %llu\n", (unsigned long long)link->had);
	answer(self, 200);
}

static void send_run(struct reed_co *co)
{
	struct live_post *self = reed_frame(co, struct live_post);
	enum reed_err err;
	unsigned status;

	reed_coroutine (co) {
		reed_http_body_limit(self->request, self->live->options.limits.message);
		reed_try(co, reed_http_read_all(self->request, &self->body));
		status = find(self, false);
		if (status) {
			refuse(self, status);
			reed_return(co, REED_OK);
		}
		while (!may_take(self)) /* what another one brought */
			reed_try(co, stirred(self));
		err = self->carrier.of ? live_take(self->carrier.of, self->body) : REED_OK;
		if (err) {
			refuse(self, 400);
			reed_return(co, REED_OK);
		}
		while (!may_take(self)) /* so that the page sends no more until then */
			reed_try(co, stirred(self));
		answer_send(self);
	}
}

/* ---- stream ---- */

static void send_events(struct live_post *self)
{
	struct reed_http_event event = { .data = { NULL, 0 } };

	live_fill(self->carrier.of, &self->out, AT_ONCE);
	if (reed_buf_held(&self->out) == 0)
		return;
	event.data = reed_buf_slice(&self->out);
	reed_http_event(self->request, &event);
	reed_buf_finish(&self->out);
}

static bool has_more(const struct live_post *self)
{
	return self->carrier.of->next != &self->carrier.of->queue;
}

static void stream_begin(struct live_post *self)
{
	reed_http_events_begin(self->request, 0);
	live_welcome(self->carrier.of, &self->out);
}

static void stream_end(struct live_post *self)
{
	if (!self->carrier.of)
		reed_http_event(self->request,
		                &(struct reed_http_event){ .data = REED_STR("expired") });
	reed_http_end(self->request);
}

static void stream_run(struct reed_co *co)
{
	struct live_post *self = reed_frame(co, struct live_post);
	unsigned status;

	reed_coroutine (co) {
		reed_http_body_limit(self->request, self->live->options.limits.message);
		reed_try(co, reed_http_read_all(self->request, &self->body));
		status = find(self, true);
		self->carrier.name = "stream";
		if (!status && live_carrier_take_over(&self->carrier, self->hello.number))
			status = 400;
		if (status) {
			refuse(self, status);
			reed_return(co, REED_OK);
		}
		stream_begin(self);
		while (is_current(self)) {
			self->seen = self->carrier.stir.count;
			send_events(self);
			if (reed_http_must_drain(self->request) || has_more(self)) {
				reed_try(co, reed_http_drain(self->request));
				continue;
			}
			reed_try(co, reed_any(&self->which, stirred(self),
			                      reed_sleep(co->loop,
			                                 self->live->options.limits.quiet_ms)));
			if (self->which == 1)
				reed_http_events_alive(self->request);
		}
		stream_end(self);
	}
}

/* ---- poll ---- */

static bool has_news(struct live_post *self)
{
	struct reed_live_link *link = self->carrier.of;

	self->seen = self->carrier.stir.count;
	return link->pong || link->told != link->had || link->next != &link->queue ||
	       reed_slice_is(self->hello.token, "-") || reed_now(self->co.loop) >= self->until;
}

static int64_t ms_left(const struct live_post *self)
{
	return (self->until - reed_now(self->co.loop)) / REED_MS(1) + 1;
}

static void answer_poll(struct live_post *self)
{
	if (!self->carrier.of) {
		refuse(self, 410);
		return;
	}
	live_welcome(self->carrier.of, &self->out);
	if (is_current(self))
		live_fill(self->carrier.of, &self->out, AT_ONCE);
	answer(self, 200);
}

static void poll_run(struct reed_co *co)
{
	struct live_post *self = reed_frame(co, struct live_post);
	unsigned status;

	reed_coroutine (co) {
		reed_http_body_limit(self->request, self->live->options.limits.message);
		reed_try(co, reed_http_read_all(self->request, &self->body));
		status = find(self, true);
		self->carrier.name = "poll";
		if (!status &&
		    (live_carrier_take_over(&self->carrier, self->hello.number) ||
		     (live_may_take(self->carrier.of) && live_take(self->carrier.of, self->body))))
			status = 400;
		if (status) {
			refuse(self, status);
			reed_return(co, REED_OK);
		}
		self->until = reed_now(co->loop) + REED_MS(self->live->options.limits.poll_ms);
		while (is_current(self) && !has_news(self))
			reed_try(co, reed_any(&self->which, stirred(self),
			                      reed_sleep(co->loop, ms_left(self))));
		answer_poll(self);
	}
}

/* ---- all of them ---- */

static void post_end(struct reed_co *co)
{
	struct live_post *self = reed_frame(co, struct live_post);

	live_carrier_detach(&self->carrier);
	reed_buf_finish(&self->out);
}

static const struct reed_co_kind send_kind = { "live send", sizeof(struct live_post), send_run,
	                                       NULL, post_end };
static const struct reed_co_kind stream_kind = { "live stream", sizeof(struct live_post),
	                                         stream_run, NULL, post_end };
static const struct reed_co_kind poll_kind = { "live poll", sizeof(struct live_post), poll_run,
	                                       NULL, post_end };

struct reed_future *live_post(struct reed_live *live, struct reed_http_request *request,
                              struct reed_slice what)
{
	const struct reed_co_kind *kind = reed_slice_is(what, "send")     ? &send_kind
	                                  : reed_slice_is(what, "stream") ? &stream_kind
	                                                                  : &poll_kind;
	struct live_post *self = reed_co_new(live->loop, kind);

	self->live = live;
	self->request = request;
	return reed_start(&self->co);
}
