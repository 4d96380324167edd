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
	const uint8_t *p;
	ssize_t n;

	if (self->over || !stream || self->protocol->session.settled)
		return;
	for (;;) {
		if (reed_must_drain(stream)) {
			wait_for_room(self);
			return;
		}
		self->busy = true;
		n = nghttp2_session_mem_send(self->session, &p);
		self->busy = false;
		if (n <= 0)
			break;
		reed_write(stream, reed_slice((const char *)p, (size_t)n));
	}
	if (n < 0 || (!nghttp2_session_want_read(self->session) &&
	              !nghttp2_session_want_write(self->session)))
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

size_t h2_data(struct h2 *self, struct reed_slice in)
{
	ssize_t n;

	if (self->over)
		return in.n;
	self->busy = true;
	n = nghttp2_session_mem_recv(self->session, (const uint8_t *)in.p, in.n);
	self->busy = false;
	if (n < 0) {
		self->server->stats.refused++;
		h2_log(self, "HTTP/2 was broken", nghttp2_strerror((int)n));
		if (n != NGHTTP2_ERR_BAD_CLIENT_MAGIC && !self->said_last)
			nghttp2_session_terminate_session(self->session,
			                                  n == NGHTTP2_ERR_CALLBACK_FAILURE
			                                          ? NGHTTP2_INTERNAL_ERROR
			                                          : NGHTTP2_ENHANCE_YOUR_CALM);
		h2_end(self);
		return in.n;
	}
	h2_flush(self);
	return (size_t)n;
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
	nghttp2_submit_shutdown_notice(self->session);
	h2_watch(self, H2_GOODBYE_MS);
	h2_soon(self);
}

void h2_say_last(struct h2 *self)
{
	if (!self->shutting || self->said_last)
		return;
	self->said_last = true;
	nghttp2_submit_goaway(self->session, NGHTTP2_FLAG_NONE,
	                      nghttp2_session_get_last_proc_stream_id(self->session),
	                      NGHTTP2_NO_ERROR, NULL, 0);
}

void h2_end(struct h2 *self)
{
	h2_flush(self);
	finish(self);
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
	if (h2_session_new(self, &self->session)) {
		h2_free(self);
		return NULL;
	}
	h2_timer_init(self);
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
	while (!reed_list_empty(&self->streams))
		h2_stream_free(reed_container_of(self->streams.next, struct h2_stream, link));
	reed_list_unlink(&self->soon.link);
	reed_list_remove(&self->link);
	nghttp2_session_del(self->session);
	reed_free(self);
}

void reed_http_server_renew(struct reed_http_server *server)
{
	reed_list_each (link, &server->seconds)
		h2_shut(reed_container_of(link, struct h2, link));
}
