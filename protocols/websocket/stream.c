/* A connection as a stream: any protocol over it. */

#include "lines.h"

enum {
	IN_HIGH = 64 << 10, /* bytes that wait for their reader, before nothing more is taken, */
	IN_LOW = 16 << 10,  /* until so few are left */
};

struct over {
	struct reed_stream stream;
	struct reed_ws_handler handler;
	struct reed_ws *ws; /* NULL: the session has gone */
	struct reed_waiter session, draining;
	enum reed_ws_form form;
	struct reed_buf in;
	struct ws_lines lines;
	bool ended;
	enum reed_err end;
	struct reed_readiness readiness;
	struct reed_stream_facts facts;
};

static struct over *over_of(struct reed_stream *s)
{
	return reed_container_of(s, struct over, stream);
}

/* ---- readiness ---- */

static void tell(struct over *self)
{
	reed_readiness_look(&self->readiness);
}

static bool may_write(const struct over *self)
{
	return self->ended || !self->ws || !reed_ws_must_drain(self->ws);
}

static unsigned ready(struct reed_stream *s)
{
	const struct over *self = over_of(s);
	unsigned events = 0;

	if (self->ended || reed_buf_held(&self->in) > 0)
		events |= REED_READ;
	if (may_write(self))
		events |= REED_WRITE;
	return events;
}

static void drained(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	(void)err; /* a write will tell */
	reed_fault_free(fault);
	tell(reed_container_of(w, struct over, draining));
}

static void over_want(struct reed_stream *s, unsigned events)
{
	struct over *self = over_of(s);

	if ((events & REED_WRITE) && !may_write(self) && !self->draining.future)
		reed_wait(reed_ws_drain(self->ws), &self->draining);
	reed_readiness_want(&self->readiness, events);
}

/* ---- what the connection pushes ---- */

static struct over *of_handler(struct reed_ws_handler *handler)
{
	return reed_container_of(handler, struct over, handler);
}

/* One that brings an end of its own gets no second one. */
static void end_line(struct over *self, struct reed_slice bytes, bool last)
{
	if (bytes.n > 0)
		self->lines.has_end = bytes.p[bytes.n - 1] == '\n';
	if (!last)
		return;
	if (!self->lines.has_end)
		reed_buf_add_str(&self->in, "\r\n");
	self->lines.has_end = false;
}

static void take_piece(struct reed_ws_handler *handler, struct reed_ws *ws,
                       enum reed_ws_opcode kind, struct reed_slice bytes, bool last)
{
	struct over *self = of_handler(handler);

	(void)kind;
	reed_buf_add(&self->in, bytes);
	if (self->form != REED_WS_BYTES)
		end_line(self, bytes, last);
	if (self->in.err)
		ws_fail(ws, 1009,
		        reed_fault_new(REED_ETOOBIG, NULL, __FILE__, __LINE__,
		                       "the peer: a message decompresses to more than %u bytes",
		                       ws->options.message));
	else if (reed_buf_held(&self->in) > IN_HIGH)
		reed_ws_hold_back(ws);
	tell(self);
}

static void take_end(struct reed_ws_handler *handler, struct reed_ws *ws, enum reed_err err)
{
	struct over *self = of_handler(handler);

	self->ended = true;
	self->end = err;
	reed_stream_blame(&self->stream, reed_fault_copy(ws->fault));
	tell(self);
}

static void stays(struct reed_ws_handler *handler)
{
	(void)handler; /* it is part of the stream */
}

static const struct reed_ws_handler_ops taking = {
	.piece = take_piece,
	.ended = take_end,
	.free = stays,
};

static void session_over(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct over *self = reed_container_of(w, struct over, session);

	self->ws = NULL;
	if (!self->ended) {
		self->ended = true;
		self->end = err ? err : REED_EEOF;
		reed_stream_blame(&self->stream, fault);
		fault = NULL;
	}
	reed_fault_free(fault);
	tell(self);
}

/* ---- operations ---- */

static ssize_t over_read(struct reed_stream *s, char *into, size_t room)
{
	struct over *self = over_of(s);
	struct reed_slice got = reed_slice_first(reed_buf_slice(&self->in), room);

	if (got.n == 0)
		return self->ended ? (ssize_t)self->end : REED_EAGAIN;
	memcpy(into, got.p, got.n);
	reed_buf_skip(&self->in, got.n);
	if (reed_buf_held(&self->in) == 0) {
		size_t limit = self->in.limit;

		reed_buf_finish(&self->in);
		reed_buf_init(&self->in, limit);
	}
	if (self->ws && reed_buf_held(&self->in) <= IN_LOW)
		reed_ws_go_on(self->ws);
	s->pending = reed_buf_held(&self->in) > 0 || self->ended;
	return (ssize_t)got.n;
}

static enum reed_err write_one(struct over *self, struct reed_slice bytes)
{
	if (self->form == REED_WS_BYTES)
		return bytes.n ? reed_ws_send(self->ws, REED_WS_BINARY, bytes) : REED_OK;
	return ws_lines_send(&self->lines, self->ws, self->form, bytes);
}

static ssize_t over_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	struct over *self = over_of(s);
	enum reed_err err;
	size_t taken = 0;

	if (self->ended || !self->ws)
		return self->end && self->end != REED_EEOF ? (ssize_t)self->end : REED_EPIPE;
	for (int i = 0; i < count && !reed_ws_must_drain(self->ws); i++) {
		err = write_one(self, reed_slice(iov[i].iov_base, iov[i].iov_len));
		if (err)
			return err == REED_ECLOSED ? REED_EPIPE : (ssize_t)err;
		taken += iov[i].iov_len;
	}
	return taken > 0 ? (ssize_t)taken : REED_EAGAIN;
}

static void over_shutdown(struct reed_stream *s)
{
	if (over_of(s)->ws)
		reed_ws_say_close(over_of(s)->ws, 1000, "");
}

/* The peer is to see a reset, so the session is put over something else before it closes. */
static void cut(struct over *self)
{
	struct reed_stream *below = self->ws->protocol.stream, *silent, *plug;

	reed_stream_pair(self->stream.loop, 0, &plug, &silent);
	reed_restack(&self->ws->protocol, silent);
	reed_abort(below);
	reed_unwait(self->stream.loop, &self->session);
	reed_close(plug);
}

static void over_close(struct reed_stream *s)
{
	struct over *self = over_of(s);

	reed_readiness_finish(&self->readiness);
	reed_unwait(s->loop, &self->draining);
	if (self->ws && s->aborted && !self->ended) {
		cut(self);
	} else if (self->ws) {
		reed_ws_say_close(self->ws, 1000, "");
		reed_unwait(s->loop, &self->session);
	}
	reed_buf_finish(&self->in);
	reed_buf_finish(&self->lines.rest);
}

/* When the connection has gone, what is left is who it was. */
static void over_facts(struct reed_stream *s, struct reed_stream_facts *facts)
{
	struct over *self = over_of(s);

	if (self->ws) {
		reed_ws_facts(self->ws, facts);
		self->facts = *facts;
		self->facts.tls = NULL;
		self->facts.proxy = NULL;
	} else {
		*facts = self->facts;
	}
}

/* Of a message no more is said than that it has left. */
static size_t over_on_the_way(struct reed_stream *s)
{
	struct over *self = over_of(s);

	return self->ws ? reed_on_the_way(self->ws->protocol.stream) : 0;
}

static const struct reed_stream_ops over_ops = {
	.name = "websocket",
	.read = over_read,
	.write = over_write,
	.want = over_want,
	.shutdown = over_shutdown,
	.close = over_close,
	.facts = over_facts,
	.on_the_way = over_on_the_way,
};

struct reed_stream *reed_ws_stream(struct reed_ws *ws, enum reed_ws_form form)
{
	struct over *self = reed_alloc(sizeof(*self));
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_stream_init(&self->stream, ws->loop, &over_ops);
	self->stream.limits = ws->below->limits;
	self->handler.ops = &taking;
	self->ws = ws;
	self->form = form;
	self->session.wake = session_over;
	self->draining.wake = drained;
	reed_readiness_init(&self->readiness, &self->stream, ready);
	reed_buf_init(&self->in, (size_t)ws->options.message + IN_HIGH);
	over_facts(&self->stream, &facts);
	reed_wait(reed_ws_attach(ws, &self->handler), &self->session);
	return &self->stream;
}
