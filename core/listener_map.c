/* A listener made from another: the same connections, with something made of each. */

#include "private.h"
#include "reed/listener.h"

struct mapped {
	struct reed_listener listener;
	struct reed_listener *below;
	const struct reed_map_ops *ops;
	void *arg;
	struct reed_waiter waiter; /* of an accept below */
	struct reed_stream *arrived;
	enum reed_err err;
};

static struct mapped *mapped_of(struct reed_listener *l)
{
	return reed_container_of(l, struct mapped, listener);
}

static void ask_below(struct mapped *self)
{
	if (!self->waiter.future && !self->arrived && !self->err)
		reed_wait(reed_accept(self->below, &self->arrived), &self->waiter);
}

static void arrived(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct mapped *self = reed_container_of(w, struct mapped, waiter);

	self->err = err;
	if (err && !self->listener.fault)
		self->listener.fault = fault;
	else
		reed_fault_free(fault);
	self->listener.more = true;
	reed_listener_ready(&self->listener);
}

static enum reed_err mapped_accept(struct reed_listener *l, struct reed_stream **stream)
{
	struct mapped *self = mapped_of(l);
	struct reed_stream *below = self->arrived;
	enum reed_err err = self->err;

	self->err = REED_OK;
	if (err)
		return err;
	self->arrived = NULL;
	*stream = below ? self->ops->map(self->arg, below) : NULL;
	if (*stream)
		return REED_OK;
	ask_below(self);
	return REED_EAGAIN;
}

static void mapped_want(struct reed_listener *l, bool wanted)
{
	struct mapped *self = mapped_of(l);

	if (wanted)
		ask_below(self);
	else
		reed_unwait(l->loop, &self->waiter);
}

static void mapped_close(struct reed_listener *l)
{
	struct mapped *self = mapped_of(l);

	reed_unwait(l->loop, &self->waiter);
	reed_listener_close(self->below);
	reed_close(self->arrived);
	self->ops->free(self->arg);
}

static const struct reed_listener_ops mapped_ops = {
	.name = "mapped",
	.accept = mapped_accept,
	.want = mapped_want,
	.close = mapped_close,
};

struct reed_listener *reed_listener_map(struct reed_listener *below, const struct reed_map_ops *ops,
                                        void *arg)
{
	struct mapped *self = reed_alloc(sizeof(*self));

	reed_listener_init(&self->listener, below->loop, &mapped_ops);
	self->listener.address = below->address;
	self->listener.below = below;
	self->below = below;
	self->ops = ops;
	self->arg = arg;
	self->waiter.wake = arrived;
	return &self->listener;
}
