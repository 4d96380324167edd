/* One request of a connection, from its head to the last frame of its answer. */

#include "h2.h"

enum { STREAMS_KEPT = 256, STREAM_OUT = 1024 };

/* With its buffer, so that small answers need no new one. */
static struct h2_stream *take_kept(struct reed_http_server *server)
{
	struct reed_list *link = reed_list_take(&server->streams);
	struct h2_stream *s;
	struct reed_buf bytes;

	if (!link)
		return reed_alloc(sizeof(*s));
	server->streams_kept--;
	s = reed_container_of(link, struct h2_stream, link);
	bytes = s->lane.body.bytes;
	*s = (struct h2_stream){ .lane = { .body = { .bytes = bytes } } };
	return s;
}

static void keep(struct reed_http_server *server, struct h2_stream *s)
{
	if (server->streams_kept == STREAMS_KEPT || s->lane.body.bytes.size > STREAM_OUT) {
		h2_body_finish(&s->lane.body);
		reed_free(s);
		return;
	}
	h2_body_clear(&s->lane.body);
	reed_list_prepend(&server->streams, &s->link);
	server->streams_kept++;
}

void h2_streams_free(struct reed_http_server *server)
{
	struct reed_list *link;

	while ((link = reed_list_take(&server->streams))) {
		struct h2_stream *s = reed_container_of(link, struct h2_stream, link);

		h2_body_finish(&s->lane.body);
		reed_free(s);
	}
}

static void free_request(struct h2_stream *s)
{
	if (s->started)
		s->h2->server->stats.active--;
	http_request_free(s->request);
	s->request = NULL;
}

/* The client has let go of it, or of all: so does its handler. */
void h2_stream_free(struct h2_stream *s)
{
	struct h2 *self = s->h2;

	if (s->tunnel)
		h2_tunnel_leave(s->tunnel);
	s->tunnel = NULL;
	if (s->task.future)
		reed_unwait(self->server->loop, &s->task);
	if (s->request)
		free_request(s);
	reed_list_remove(&s->link);
	keep(self->server, s);
	if (reed_list_empty(&self->streams))
		self->since = reed_now(self->server->loop);
}

void h2_reset(struct h2_stream *s, uint32_t code)
{
	h2_lane_reset(&s->lane, code);
	h2_port_soon(&s->h2->port);
}

/* All but what is still held has been taken: the peer may send as much more. */
static void consume_but(struct h2_stream *s, size_t held)
{
	uint32_t n;

	if (s->unconsumed <= held)
		return;
	n = s->unconsumed - (uint32_t)held;
	s->unconsumed = (uint32_t)held;
	h2_lane_consume(&s->lane, n);
	h2_port_soon(&s->h2->port);
}

void h2_consume(struct h2_stream *s)
{
	const struct reed_http_request *r = s->request;

	consume_but(s, r->reads_all || r->body_over ? 0 : reed_buf_held(&r->body));
}

void h2_consume_all(struct h2_stream *s)
{
	consume_but(s, 0);
}

/* ---- what nobody reads ---- */

/*
 * RFC 9113 8.1: a reset without an error says that the rest is not wanted.  Some
 * clients take it for one all the same, so that a little more is heard first.
 */
static void stop_hearing(struct h2_stream *s)
{
	if (s->answered && !s->lane.heard_all && s->unwanted > s->h2->server->limits.body)
		h2_reset(s, H2_NO_ERROR);
}

void h2_throw_away(struct h2_stream *s, size_t n)
{
	s->body_moved = reed_now(s->h2->server->loop);
	s->unwanted += n;
	stop_hearing(s);
}

void h2_answered(struct h2_stream *s)
{
	s->answered = true;
	h2_watch(s->h2, s->h2->server->limits.body_ms);
	stop_hearing(s);
}

/* ---- its handler ---- */

void h2_done(struct h2_stream *s)
{
	struct h2 *self = s->h2;
	struct reed_http_server *server = self->server;
	bool close = s->request->close;

	server->stats.requests++;
	if (server->options.access)
		http_tell_access(s->request, self->port.protocol->stream, s->status == 0);
	if (s->request->head.length > server->limits.body)
		s->unwanted = s->request->head.length;
	s->request->body_over = true;
	if (!s->tunnel)
		h2_consume_all(s);
	free_request(s);
	if (s->lane.body.held > 0)
		h2_watch(self, server->limits.write_ms);
	if (close || (server->limits.requests > 0 && self->requests >= server->limits.requests))
		h2_shut(self);
}

static void task_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct h2_stream *s = reed_container_of(w, struct h2_stream, task);

	http_conclude(s->request, err, reed_fault_why(fault, err));
	reed_fault_free(fault);
	h2_done(s);
}

struct h2_stream *h2_stream_new(struct h2 *self)
{
	struct h2_stream *s = take_kept(self->server);

	s->h2 = self;
	s->request = http_request_new(self->server);
	s->task.wake = task_wake;
	s->body_moved = s->written_moved = reed_now(self->server->loop);
	reed_list_append(&self->streams, &s->link);
	return s;
}

static void refuse(struct h2_stream *s)
{
	s->h2->server->stats.refused++;
	reed_http_respondf(s->request, s->status, "text/plain; charset=utf-8", "%u %s: %s\n",
	                   s->status, reed_http_reason(s->status), s->why);
}

static void watch(struct h2_stream *s)
{
	const struct reed_http_limits *limits = &s->h2->server->limits;

	h2_watch(s->h2, limits->body_ms);
	h2_watch(s->h2, limits->write_ms);
	h2_watch(s->h2, limits->total_ms);
}

void h2_start(struct h2_stream *s)
{
	struct reed_http_request *r = s->request;
	struct reed_http_server *server = s->h2->server;
	struct reed_future *f = NULL;

	s->h2->requests++;
	s->started = true;
	server->stats.active++;
	if (s->status)
		refuse(s);
	else if (r->head.expects_other)
		reed_http_fail(r, 417, "the only expectation that is met is 100-continue");
	else
		f = http_handle(server, r);
	if (f) {
		reed_wait(f, &s->task);
		watch(s);
		return;
	}
	http_conclude(r, REED_OK, NULL);
	h2_done(s);
}
