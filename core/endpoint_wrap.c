/* Schemes around another endpoint, which stands in brackets. */

#include "endpoint_wrap.h"

#include "private.h"

struct wrap {
	struct reed_co co;
	const struct reed_wrap_ops *ops;
	void *arg;
	char *inner;
	struct reed_listener *listener, **listener_out;
	struct reed_stream *stream, **stream_out;
};

static void wrap_end(struct reed_co *co)
{
	struct wrap *self = reed_frame(co, struct wrap);

	reed_listener_close(self->listener);
	reed_close(self->stream);
	self->ops->end(self->arg);
	reed_free(self->inner);
}

/* ---- listening ---- */

static void listen_run(struct reed_co *co)
{
	struct wrap *self = reed_frame(co, struct wrap);
	struct reed_fault *fault = NULL;

	reed_coroutine (co) {
		reed_try(co, reed_listen(co->loop, self->inner, &self->listener));
		if (self->ops->listening(self->arg, &self->listener, &fault))
			reed_try(co, reed_failed_with(co->loop, fault));
	}
}

static void listen_deliver(struct reed_co *co)
{
	struct wrap *self = reed_frame(co, struct wrap);

	*self->listener_out = self->listener;
	self->listener = NULL;
}

static const struct reed_co_kind listen_kind = {
	.name = "listen around",
	.size = sizeof(struct wrap),
	.run = listen_run,
	.deliver = listen_deliver,
	.end = wrap_end,
};

/* ---- dialling ---- */

static void dial_run(struct reed_co *co)
{
	struct wrap *self = reed_frame(co, struct wrap);
	struct reed_future *rest;

	reed_coroutine (co) {
		reed_try(co, reed_dial(co->loop, self->inner, &self->stream));
		rest = self->ops->dialled(self->arg, &self->stream);
		if (rest)
			reed_try(co, rest);
	}
}

static void dial_deliver(struct reed_co *co)
{
	struct wrap *self = reed_frame(co, struct wrap);

	*self->stream_out = self->stream;
	self->stream = NULL;
}

static const struct reed_co_kind dial_kind = {
	.name = "dial through",
	.size = sizeof(struct wrap),
	.run = dial_run,
	.deliver = dial_deliver,
	.end = wrap_end,
};

/* ---- both ---- */

static struct wrap *wrap_new(struct reed_loop *loop, const struct reed_endpoint *e,
                             const struct reed_co_kind *kind, const struct reed_wrap_ops *ops,
                             void *arg)
{
	struct wrap *self = reed_co_new(loop, kind);

	self->ops = ops;
	self->arg = arg;
	self->inner = reed_slice_dup(e->args[0].value);
	return self;
}

enum reed_err reed_wrap_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                              struct reed_fault **fault)
{
	if (e->args[0].nested)
		return reed_endpoint_check_nested(e, &e->args[0], use, fault);
	*fault = reed_endpoint_fault(e, &e->args[0],
	                             "an endpoint in brackets must stand "
	                             "here, as in " REED_FMT ":[tcp:...]",
	                             REED_ARG(e->scheme));
	return REED_ESYNTAX;
}

struct reed_future *reed_wrap_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                     const struct reed_wrap_ops *ops, void *arg,
                                     struct reed_listener **out)
{
	struct wrap *self = wrap_new(loop, e, &listen_kind, ops, arg);

	self->listener_out = out;
	return reed_start(&self->co);
}

struct reed_future *reed_wrap_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                   const struct reed_wrap_ops *ops, void *arg,
                                   struct reed_stream **out)
{
	struct wrap *self = wrap_new(loop, e, &dial_kind, ops, arg);

	self->stream_out = out;
	return reed_start(&self->co);
}
