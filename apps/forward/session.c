/* A connection: another one to where it goes, and bytes both ways until both have ended. */

#include "forward.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/log.h"

/* ---- one way ---- */

struct way {
	struct reed_co co;
	struct reed_stream *from, *to;
	struct reed_counter *bytes;
};

static void hand_on(struct way *self)
{
	struct reed_slice bytes = reed_peek(self->from);

	self->bytes->value += bytes.n;
	reed_write(self->to, bytes);
	reed_skip(self->from, bytes.n);
}

/* The end is handed on as well, and the other way goes on. */
static void way_run(struct reed_co *co)
{
	struct way *self = reed_frame(co, struct way);

	reed_coroutine (co) {
		for (;;) {
			hand_on(self);
			reed_try(co, reed_drain(self->to));
			reed_await(co, reed_more(self->from));
			if (co->err == REED_EEOF)
				break;
			if (co->err)
				reed_return(co, co->err);
		}
		hand_on(self);
		reed_shutdown(self->to);
	}
}

static const struct reed_co_kind way_kind = { .name = "way",
	                                      .size = sizeof(struct way),
	                                      .run = way_run };

static struct reed_future *way(struct reed_stream *from, struct reed_stream *to,
                               struct reed_counter *bytes)
{
	struct way *self = reed_co_new(from->loop, &way_kind);

	self->from = from;
	self->to = to;
	self->bytes = bytes;
	return reed_start(&self->co);
}

/* ---- both ---- */

struct session {
	struct reed_co co;
	struct forward *forward;
	struct reed_stream *in, *out;
	struct reed_list link;
	char *note; /* where it goes */
	int64_t since;
	bool well;
};

static struct reed_future *dial(struct session *self)
{
	const struct forward_settings *settings = self->forward->settings;

	return reed_within(settings->connect / REED_MS(1),
	                   reed_dial(self->co.loop, settings->to, &self->out));
}

static void is_refused(struct session *self)
{
	self->forward->refused->value++;
	reed_log(self->co.loop, REED_LOG_WARN, "cannot be handed on to=%s why=%s", self->note,
	         reed_co_why(&self->co));
}

static struct reed_future *both_ways(struct session *self)
{
	struct forward *forward = self->forward;

	self->out->limits = &forward->limits;
	return reed_all(way(self->in, self->out, forward->sent),
	                way(self->out, self->in, forward->received));
}

static void session_run(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_coroutine (co) {
		reed_await(co, dial(self));
		if (co->err) {
			if (co->err != REED_ECANCELED)
				is_refused(self);
			reed_return(co, REED_OK);
		}
		reed_await(co, both_ways(self));
		self->well = !co->err || co->err == REED_ECANCELED;
		if (!self->well)
			reed_log(co->loop, REED_LOG_DEBUG, "broken to=%s why=%s", self->note,
			         reed_co_why(co));
	}
}

/* What one side has broken is broken for the other too: it must not take it for an end. */
static void let_go(struct session *self, struct reed_stream *stream)
{
	if (self->well)
		reed_close(stream);
	else
		reed_abort(stream);
}

static void session_end(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_list_remove(&self->link);
	let_go(self, self->in);
	let_go(self, self->out);
	reed_free(self->note);
}

static const struct reed_co_kind session_kind = { .name = "forward",
	                                          .size = sizeof(struct session),
	                                          .run = session_run,
	                                          .end = session_end };

struct reed_future *forward_session(void *arg, struct reed_stream *stream)
{
	struct session *self = reed_co_new(stream->loop, &session_kind);

	self->forward = arg;
	self->in = stream;
	self->note = reed_endpoint_shown(reed_slice_of(self->forward->settings->to));
	self->since = reed_now(stream->loop);
	self->forward->connections->value++;
	reed_list_append(&self->forward->sessions, &self->link);
	return reed_start(&self->co);
}

void forward_conns(struct reed_service *service, reed_conn_fn *each, void *arg)
{
	struct forward *self = service->own;

	reed_list_each (link, &self->sessions) {
		struct session *s = reed_container_of(link, struct session, link);
		struct reed_conn conn = REED_CONN;

		conn.stream = s->in;
		conn.door = "forward";
		conn.note = s->note;
		conn.since = s->since;
		if (!each(arg, &conn))
			return;
	}
}
