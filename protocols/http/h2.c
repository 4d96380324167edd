/* The life of a connection of HTTP/2. */

#include "h2.h"

#include "reed/log.h"

/* ---- what goes out ---- */

static void finish(struct h2 *self)
{
	if (!self->over && !self->protocol->session.settled)
		reed_finish(self->protocol, REED_OK);
	self->over = true;
}

static void drained(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct h2 *self = reed_container_of(w, struct h2, drainer);

	reed_fault_free(fault);
	if (!err)
		h2_flush(self);
}

static void wait_for_room(struct h2 *self)
{
	if (!self->drainer.future)
		reed_wait(reed_drain(self->protocol->stream), &self->drainer);
}

/* As many frames as the connection takes; the rest stays with the streams. */
void h2_flush(struct h2 *self)
{
	struct reed_stream *stream = self->protocol->stream;

	if (self->over || !stream || self->protocol->session.settled)
		return;
	if (!h2_mux_flush(&self->mux, stream))
		wait_for_room(self);
	else if (h2_mux_is_over(&self->mux))
		finish(self);
}

static void run_soon(struct reed_last *last)
{
	h2_flush(reed_container_of(last, struct h2, soon));
}

void h2_soon(struct h2 *self)
{
	if (!self->busy && !self->over)
		reed_at_turn_end(self->server->loop, &self->soon);
}

/* ---- what comes in ---- */

/* A head that has begun is to be whole in time; what is less counts as idle. */
static void look_for_head(struct h2 *self)
{
	bool before = self->in_head;

	self->in_head = self->mux.block.open;
	if (before || !self->in_head)
		return;
	self->since = reed_now(self->server->loop);
	h2_watch(self, self->server->limits.head_ms);
}

size_t h2_data(struct h2 *self, struct reed_slice in)
{
	size_t taken;

	if (self->over)
		return in.n;
	self->busy = true;
	taken = h2_mux_receive(&self->mux, in);
	self->busy = false;
	look_for_head(self);
	if (self->mux.failed && self->mux.why) {
		self->server->stats.refused++;
		h2_log(self, "HTTP/2 was broken", self->mux.why);
		h2_end(self);
		return in.n;
	}
	h2_flush(self);
	return taken;
}

/* ---- the end ---- */

/*
 * RFC 9113 6.8: first that there will be an end, so that requests which are on
 * their way are still taken; then, when a PING behind it is back, the last one.
 */
void h2_shut(struct h2 *self)
{
	if (self->shutting)
		return;
	self->shutting = true;
	self->shut_at = reed_now(self->server->loop);
	h2_mux_shut(&self->mux);
	h2_watch(self, H2_GOODBYE_MS);
	h2_soon(self);
}

void h2_say_last(struct h2 *self)
{
	if (!self->shutting || self->said_last)
		return;
	self->said_last = true;
	h2_mux_leave(&self->mux, H2_NO_ERROR);
}

void h2_end(struct h2 *self)
{
	h2_flush(self);
	finish(self);
}

static bool init_mux(struct h2 *self)
{
	const struct reed_http_limits *limits = &self->server->limits;
	struct h2_settings ours = { .window = limits->window, .streams = limits->streams };
	int64_t windows = (int64_t)limits->window * H2_WINDOWS;

	ours.window = ours.window > H2_WINDOW_MOST ? H2_WINDOW_MOST : ours.window;
	windows = windows > H2_WINDOW_MOST ? H2_WINDOW_MOST : windows;
	return h2_mux_init(&self->mux, &h2_server_ops, false, &ours, (uint32_t)windows,
	                   self->server->wire.head);
}

struct h2 *h2_new(struct reed_http_server *server, struct reed_protocol *protocol)
{
	struct h2 *self = reed_alloc(sizeof(*self));

	self->server = server;
	self->protocol = protocol;
	self->soon.run = run_soon;
	self->drainer.wake = drained;
	self->since = self->noise_from = reed_now(server->loop);
	reed_list_init(&self->streams);
	reed_list_append(&server->seconds, &self->link);
	if (!init_mux(self)) {
		h2_free(self);
		return NULL;
	}
	h2_timer_init(self);
	h2_flush(self);
	return self;
}

void h2_free(struct h2 *self)
{
	if (!self)
		return;
	self->over = true;
	reed_timer_stop(&self->timer);
	if (self->drainer.future)
		reed_unwait(self->server->loop, &self->drainer);
	h2_mux_finish(&self->mux);
	reed_list_unlink(&self->soon.link);
	reed_list_remove(&self->link);
	reed_free(self);
}

void reed_http_server_renew(struct reed_http_server *server)
{
	reed_list_each (link, &server->seconds)
		h2_shut(reed_container_of(link, struct h2, link));
}
