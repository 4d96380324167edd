/* A connection: another one to where it goes, and bytes both ways until both have ended. */

#include "forward.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/log.h"

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
	self->out->limits = &self->forward->limits;
	return reed_stream_join(self->in, self->out, 0);
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

static uint64_t sent_by(const struct session *self)
{
	return self->in->bytes_in;
}

static uint64_t received_by(const struct session *self)
{
	return self->out ? self->out->bytes_in : 0;
}

static void session_end(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_list_remove(&self->link);
	self->forward->sent += sent_by(self);
	self->forward->received += received_by(self);
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

static int64_t read_bytes(struct forward *self, uint64_t gone,
                          uint64_t (*bytes_of)(const struct session *))
{
	reed_list_each (link, &self->sessions)
		gone += bytes_of(reed_container_of(link, struct session, link));
	return (int64_t)gone;
}

int64_t forward_sent(struct reed_metric_source *source)
{
	struct forward *self = reed_container_of(source, struct forward, sent_source);

	return read_bytes(self, self->sent, sent_by);
}

int64_t forward_received(struct reed_metric_source *source)
{
	struct forward *self = reed_container_of(source, struct forward, received_source);

	return read_bytes(self, self->received, received_by);
}
