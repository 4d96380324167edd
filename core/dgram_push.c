/* The push face: a reader of our own, which shows batches to a handler. */

#include "dgram_private.h"

static enum reed_err push_attempt(struct reed_future *f)
{
	struct reed_dgram *d = reed_dgram_of(f);
	enum reed_err err;

	if (d->goodbye || d->error_count)
		return REED_OK;
	err = reed_dgram_fill(d);
	return err == REED_EAGAIN && d->error_count ? REED_OK : err;
}

static const struct reed_future_kind push_kind = {
	.name = "push",
	.attempt = push_attempt,
	.free = reed_dgram_read_free,
};

bool reed_dgram_pushes(const struct reed_dgram *d)
{
	return d->handler && !d->handler->session.settled;
}

/* Who answers faster than the system sends is shown no more until that has caught up. */
static bool may_show(struct reed_dgram *d)
{
	d->paused = d->queued > d->limit / 2;
	return !d->paused && !d->handler->held_back;
}

void reed_dgram_push(struct reed_dgram *d)
{
	if (d->is_waiting || d->handler->session.settled)
		return;
	if (d->goodbye || may_show(d))
		reed_wait(reed_dgram_read(d, &push_kind, d->goodbye || d->error_count), &d->pusher);
}

static void show_errors(struct reed_dgram_handler *h, struct reed_dgram *d)
{
	struct reed_dgram_error error;

	while (!h->session.dropped && !h->session.settled && reed_dgram_take_error(d, &error))
		if (h->ops->error)
			h->ops->error(h, &error);
	d->news = false;
}

static void show(struct reed_dgram_handler *h, struct reed_dgram *d)
{
	struct reed_dgram_batch *b;

	if (d->goodbye) {
		d->goodbye = false;
		h->ops->interrupted(h);
		return;
	}
	show_errors(h, d);
	b = d->batch;
	if (!b || b->shown == b->count || h->session.dropped || h->session.settled)
		return;
	b->shown = b->count;
	h->ops->datagrams(h, b->in, (size_t)b->count);
}

static void push_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct reed_dgram *d = reed_container_of(w, struct reed_dgram, pusher);
	struct reed_dgram_handler *h = d->handler;
	struct reed_loop *loop = d->loop;
	struct reed_binding *outer = loop->locals;

	reed_fault_free(fault);
	if (h->session.settled)
		return;
	if (err) {
		reed_dgram_finish(h, err);
		return;
	}
	loop->locals = h->locals;
	h->session.busy = true;
	show(h, d);
	h->session.busy = false;
	h->locals = loop->locals;
	loop->locals = outer;
	reed_dgram_tidy(d);
	if (h->session.dropped)
		reed_drop(&h->session);
	else
		reed_dgram_push(d);
}

/* ---- the session ---- */

static void stop_reading(struct reed_dgram *d)
{
	if (d->is_waiting)
		reed_unwait(d->loop, &d->pusher);
}

static struct reed_dgram_handler *handler_of(struct reed_future *f)
{
	return reed_container_of(f, struct reed_dgram_handler, session);
}

static void session_free(struct reed_future *f)
{
	struct reed_dgram_handler *h = handler_of(f);
	struct reed_dgram *d = h->dgram;

	stop_reading(d);
	d->handler = NULL;
	h->dgram = NULL;
	reed_dgram_close(d);
	reed_binding_release(h->locals);
	if (h->ops->free)
		h->ops->free(h);
	else
		reed_free(h);
}

/* No code of the handler's runs in here: it hears of it from the queue. */
static void session_interrupt(struct reed_future *f)
{
	struct reed_dgram_handler *h = handler_of(f);
	struct reed_dgram *d = h->dgram;

	if (!h->ops->interrupted) {
		reed_settle(f, REED_ECANCELED);
		return;
	}
	d->goodbye = true;
	if (d->is_waiting && !d->waiting.settled)
		reed_settle(&d->waiting, REED_OK);
	else if (!f->busy)
		reed_dgram_push(d);
}

static const struct reed_future_kind session_kind = {
	.name = "datagrams",
	.interrupt = session_interrupt,
	.free = session_free,
};

struct reed_future *reed_dgram_attach(struct reed_dgram *d, struct reed_dgram_handler *h)
{
	assert(!d->handler && !d->is_waiting);
	reed_future_init(&h->session, d->loop, &session_kind);
	h->dgram = d;
	h->held_back = false;
	h->locals = reed_binding_share(d->loop->locals);
	d->handler = h;
	d->pusher.wake = push_wake;
	reed_dgram_push(d);
	return &h->session;
}

void reed_dgram_finish(struct reed_dgram_handler *h, enum reed_err err)
{
	if (!h->session.settled)
		reed_settle(&h->session, err);
}

void reed_dgram_hold_back(struct reed_dgram_handler *h)
{
	h->held_back = true;
	if (!h->dgram->goodbye)
		stop_reading(h->dgram);
}

void reed_dgram_go_on(struct reed_dgram_handler *h)
{
	h->held_back = false;
	if (!h->session.busy)
		reed_dgram_push(h->dgram);
}
