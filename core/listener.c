#include "reed/listener.h"

#include "private.h"

#include <stdio.h>

#include <string.h>

enum { REST_MS = 100 };

static struct reed_listener *listener_of(struct reed_future *f)
{
	return reed_container_of(f, struct reed_listener, accepting);
}

static void want(struct reed_listener *l, bool wanted)
{
	if (l->wanted == wanted)
		return;
	l->wanted = wanted;
	l->ops->want(l, wanted);
}

void reed_listener_ready(struct reed_listener *l)
{
	while (l->above)
		l = l->above;
	if (l->is_accepting && !l->accepting.settled)
		reed_settle(&l->accepting, REED_OK);
	else if (!l->is_accepting || l->accepting.tried)
		want(l, false);
}

static void rest_fire(struct reed_timer *t)
{
	struct reed_listener *l = reed_container_of(t, struct reed_listener, rest);

	if (l->is_accepting)
		want(l, true);
}

static bool exhausted(enum reed_err err)
{
	return err == REED_EMFILE || err == REED_ENFILE || err == REED_ENOMEM;
}

static void tell_of_rest(const struct reed_listener *l, enum reed_err err)
{
	char text[REED_ADDRESS_TEXT], why[REED_ADDRESS_TEXT + 160];

	snprintf(why, sizeof(why),
	         "%s: who connects to %s waits until others have left; allow more with ulimit -n, "
	         "or LimitNOFILE= of systemd",
	         reed_strerror(err), reed_address_text(&l->address, text));
	reed_unheard(l->loop, "accepting", err, why);
}

/* The queue of the system waits with us. */
static void rest(struct reed_listener *l, enum reed_err err)
{
	if (l->rests++ == 0)
		tell_of_rest(l, err);
	want(l, false);
	reed_timer_start(l->loop, &l->rest, REED_MS(REST_MS));
}

static enum reed_err accept_attempt(struct reed_future *f)
{
	struct reed_listener *l = listener_of(f);
	enum reed_err err;

	if (l->stream)
		return REED_OK;
	err = l->ops->accept(l, &l->stream);
	l->more = err == REED_OK;
	if (!err || err == REED_EAGAIN)
		return err;
	if (exhausted(err)) {
		rest(l, err);
		return REED_EAGAIN;
	}
	f->fault = reed_fault_copy(l->fault);
	return err;
}

static void accept_deliver(struct reed_future *f)
{
	struct reed_listener *l = listener_of(f);

	if (f->err)
		return;
	*l->out = l->stream;
	l->stream = NULL;
	l->accepted++;
	l->rests = 0;
}

static void listener_gone(struct reed_listener *l)
{
	reed_fault_free(l->fault);
	reed_free(l);
}

static void accept_free(struct reed_future *f)
{
	struct reed_listener *l = listener_of(f);

	l->is_accepting = false;
	l->more |= f->settled && !f->tried; /* it is still worth a try */
	if (l->closed)
		listener_gone(l);
}

static const struct reed_future_kind accept_kind = { .name = "accept",
	                                             .attempt = accept_attempt,
	                                             .deliver = accept_deliver,
	                                             .free = accept_free };

/* After one there is often another, so it is tried before the system is asked. */
struct reed_future *reed_accept(struct reed_listener *l, struct reed_stream **stream)
{
	assert(!l->is_accepting && !l->closed);
	reed_future_init(&l->accepting, l->loop, &accept_kind);
	l->is_accepting = true;
	l->out = stream;
	if (!reed_timer_running(&l->rest))
		want(l, true);
	if ((l->more || l->stream) && !l->accepting.settled)
		reed_settle(&l->accepting, REED_OK);
	return &l->accepting;
}

void reed_listener_init(struct reed_listener *l, struct reed_loop *loop,
                        const struct reed_listener_ops *ops)
{
	*l = (struct reed_listener){ .ops = ops, .loop = loop, .rest.fire = rest_fire };
}

void reed_listener_close(struct reed_listener *l)
{
	if (!l)
		return;
	l->closed = true;
	reed_timer_stop(&l->rest);
	reed_abort(l->stream);
	l->stream = NULL;
	l->ops->close(l);
	if (!l->is_accepting)
		listener_gone(l);
	else if (!l->accepting.settled)
		reed_settle(&l->accepting, REED_ECANCELED);
	else
		l->accepting.err = REED_ECANCELED;
}

/* ---- serving ---- */

struct serve {
	struct reed_co co;
	struct reed_scope sessions;
	struct reed_listener *listener;
	struct reed_stream *stream;
	const struct reed_stream_limits *limits;
	size_t most;
	reed_session_fn *session;
	void *arg;
};

static void begin(struct serve *self)
{
	struct reed_loop *loop = self->co.loop;
	struct reed_binding *locals;
	struct reed_future *f;

	if (self->limits)
		self->stream->limits = self->limits;
	/* What a session says about itself is not about those after it. */
	locals = reed_binding_share(loop->locals);
	f = self->session(self->arg, self->stream);
	reed_binding_release(loop->locals);
	loop->locals = locals;
	if (f)
		reed_scope_add(&self->sessions, f);
	else
		reed_close(self->stream);
	self->stream = NULL;
}

static bool is_full(const struct serve *self)
{
	return self->most && self->sessions.count >= self->most;
}

static void serve_run(struct reed_co *co)
{
	struct serve *self = reed_frame(co, struct serve);

	reed_coroutine (co) {
		while (!co->err) {
			while (is_full(self) && !co->err)
				reed_await(co, reed_scope_below(&self->sessions, self->most));
			if (!co->err)
				reed_await(co, reed_accept(self->listener, &self->stream));
			if (!co->err)
				begin(self);
		}
		reed_listener_close(self->listener);
		self->listener = NULL;
		if (co->err == REED_EEOF)
			reed_await(co, reed_scope_wait(&self->sessions));
		if (co->err != REED_ECANCELED)
			reed_return(co, co->err);
		reed_scope_interrupt(&self->sessions);
		reed_await(co, reed_shield(reed_scope_wait(&self->sessions)));
	}
}

static void serve_end(struct reed_co *co)
{
	struct serve *self = reed_frame(co, struct serve);

	reed_listener_close(self->listener);
	reed_scope_finish(&self->sessions);
}

static const struct reed_co_kind serve_kind = { .name = "serve",
	                                        .size = sizeof(struct serve),
	                                        .run = serve_run,
	                                        .end = serve_end };

struct reed_future *reed_serve(struct reed_listener *listener, reed_session_fn *session, void *arg,
                               const struct reed_serve_options *given)
{
	struct serve *self = reed_co_new(listener->loop, &serve_kind);
	struct reed_serve_options options = REED_SERVE_OPTIONS;

	if (given)
		memcpy(&options, given,
		       given->size < sizeof(options) ? given->size : sizeof(options));
	reed_scope_init(&self->sessions, listener->loop, options.scope,
	                options.name ? options.name : "sessions");
	self->sessions.policy = REED_SCOPE_IGNORE;
	self->listener = listener;
	self->session = session;
	self->arg = arg;
	self->most = options.sessions;
	self->limits = options.limits;
	return reed_start(&self->co);
}
