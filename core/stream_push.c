/* The push face: a reader of our own, which shows what comes to a protocol. */

#include "private.h"

static enum reed_err push_attempt(struct reed_future *f)
{
	struct reed_stream *s = reed_stream_of(f);

	return s->goodbye || !s->shown ? REED_OK : reed_stream_fill(s);
}

static const struct reed_future_kind push_kind = {
	.name = "push",
	.attempt = push_attempt,
	.free = reed_stream_read_free,
};

bool reed_stream_pushes(const struct reed_stream *s)
{
	return s->protocol && !s->protocol->session.settled;
}

static bool may_show(struct reed_stream *s)
{
	s->paused = reed_must_drain(s);
	if (s->paused)
		s->shown = s->shown && reed_stream_held(s) == 0;
	return !s->paused && !s->held_back;
}

/*
 * Goes on, unless the queue is full or the protocol waits for something else.
 * An interrupt is told in any case.
 */
void reed_stream_push(struct reed_stream *s)
{
	if (s->is_reading || s->protocol->session.settled)
		return;
	if (s->goodbye || may_show(s))
		reed_wait(reed_stream_read(s, &push_kind, s->goodbye || !s->shown), &s->pusher);
}

static void show(struct reed_protocol *p, enum reed_err err)
{
	struct reed_stream *s = p->stream;

	if (s->goodbye) {
		s->goodbye = false;
		p->ops->interrupted(p);
	} else if (!err) {
		s->shown = true;
		reed_skip(s, p->ops->data(p, reed_peek(s)));
		s->shown |= reed_stream_held(s) == 0; /* it may have said to go on */
	} else if (p->ops->ended) {
		p->ops->ended(p, err);
	}
}

static void push_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct reed_stream *s = reed_container_of(w, struct reed_stream, pusher);
	struct reed_protocol *p = s->protocol;
	struct reed_loop *loop = s->loop;
	struct reed_binding *outer = loop->locals;

	reed_fault_free(fault);
	if (p->session.settled)
		return;
	loop->locals = p->locals;
	p->session.busy = true;
	show(p, err);
	p->session.busy = false;
	p->locals = loop->locals;
	loop->locals = outer;
	if (p->session.dropped) {
		reed_drop(&p->session);
	} else if (err && !p->session.settled) {
		p->session.fault = err == REED_EEOF ? NULL : reed_fault_copy(p->stream->fault);
		reed_finish(p, err == REED_EEOF ? REED_OK : err);
	} else if (!err) {
		reed_stream_push(p->stream);
	}
}

/* ---- the session ---- */

static struct reed_protocol *protocol_of(struct reed_future *f)
{
	return reed_container_of(f, struct reed_protocol, session);
}

/* Its read must go first: the stream is about to be closed. */
static void stop_reading(struct reed_stream *s)
{
	if (s->is_reading)
		reed_unwait(s->loop, &s->pusher);
}

static void session_free(struct reed_future *f)
{
	struct reed_protocol *p = protocol_of(f);
	struct reed_stream *s = p->stream;

	stop_reading(s);
	s->protocol = NULL;
	reed_close(s);
	p->stream = NULL;
	reed_binding_release(p->locals);
	if (p->ops->free)
		p->ops->free(p);
	else
		reed_free(p);
}

/* No code of the protocol's runs in here: it hears of it from the queue. */
static void session_interrupt(struct reed_future *f)
{
	struct reed_protocol *p = protocol_of(f);
	struct reed_stream *s = p->stream;

	if (!p->ops->interrupted) {
		reed_settle(f, REED_ECANCELED);
		return;
	}
	s->goodbye = true;
	if (s->is_reading && !s->reading.settled)
		reed_settle(&s->reading, REED_OK);
	else if (!f->busy) /* a read would take away what is being shown */
		reed_stream_push(s);
}

static const struct reed_future_kind session_kind = {
	.name = "session",
	.interrupt = session_interrupt,
	.free = session_free,
};

struct reed_future *reed_stream_attach(struct reed_stream *s, struct reed_protocol *protocol)
{
	assert(!s->protocol);
	reed_future_init(&protocol->session, s->loop, &session_kind);
	protocol->stream = s;
	protocol->locals = reed_binding_share(s->loop->locals);
	s->protocol = protocol;
	s->pusher.wake = push_wake;
	s->shown = reed_stream_held(s) == 0;
	reed_stream_push(s);
	return &protocol->session;
}

struct reed_future *reed_push(void *ops, struct reed_stream *stream)
{
	struct reed_protocol *protocol = reed_alloc(sizeof(*protocol));

	protocol->ops = ops;
	return reed_stream_attach(stream, protocol);
}

void reed_finish(struct reed_protocol *protocol, enum reed_err err)
{
	if (!protocol->session.settled)
		reed_settle(&protocol->session, err);
}

void reed_finish_with(struct reed_protocol *protocol, struct reed_fault *fault)
{
	if (protocol->session.settled)
		reed_fault_free(fault);
	else
		reed_fail_with(&protocol->session, fault);
}

void reed_hold_back(struct reed_protocol *protocol)
{
	struct reed_stream *s = protocol->stream;

	s->held_back = true;
	if (!s->goodbye)
		stop_reading(s);
}

/* What is here already is shown again, from the queue. */
void reed_go_on(struct reed_protocol *protocol)
{
	struct reed_stream *s = protocol->stream;

	if (!s->held_back)
		return;
	s->held_back = false;
	s->shown = reed_stream_held(s) == 0;
	if (!protocol->session.busy)
		reed_stream_push(s);
}

void reed_restack(struct reed_protocol *protocol, struct reed_stream *s)
{
	struct reed_stream *below = protocol->stream;

	stop_reading(below);
	below->protocol = NULL;
	protocol->stream = s;
	s->protocol = protocol;
	s->goodbye = below->goodbye;
	s->held_back = below->held_back;
	s->pusher.wake = push_wake;
	s->shown = reed_stream_held(s) == 0;
	if (!protocol->session.busy)
		reed_stream_push(s);
}
