/* Reed over libev: each descriptor is an ev_io, and to wait is a turn of libev. */

#include <ev.h>

#include "reed/alloc.h"
#include "reed/ev.h"
#include "reed/foreign.h"

struct over {
	struct reed_foreign foreign;
	struct ev_loop *ev;
	bool is_own;
	struct ev_timer timer; /* ends the wait */
};

struct handle {
	struct ev_io io;
	struct reed_foreign_watch *watch;
};

static struct over *self_of(struct reed_foreign *f)
{
	return reed_container_of(f, struct over, foreign);
}

static void ready(struct ev_loop *ev, struct ev_io *io, int events)
{
	struct handle *h = reed_container_of(io, struct handle, io);

	(void)ev;
	reed_foreign_tell(h->watch, (events & EV_READ ? REED_READ : 0) |
	                                    (events & EV_WRITE ? REED_WRITE : 0));
}

static enum reed_err watch(struct reed_foreign *f, struct reed_foreign_watch *w, unsigned events)
{
	struct ev_loop *ev = self_of(f)->ev;
	struct handle *h = w->handle;

	if (!h) {
		h = w->handle = reed_alloc(sizeof(*h));
		h->watch = w;
		ev_init(&h->io, ready);
	}
	ev_io_stop(ev, &h->io);
	if (!events) {
		reed_free(h);
		w->handle = NULL;
		return REED_OK;
	}
	ev_io_set(&h->io, w->fd,
	          (events & REED_READ ? EV_READ : 0) | (events & REED_WRITE ? EV_WRITE : 0));
	ev_io_start(ev, &h->io);
	return REED_OK;
}

static void late(struct ev_loop *ev, struct ev_timer *timer, int events)
{
	(void)ev;
	(void)timer;
	(void)events;
}

/* libev's time is that of its last turn, which may be long ago. */
static void turn(struct reed_foreign *f, int64_t ns)
{
	struct over *self = self_of(f);

	if (ns == 0) {
		ev_run(self->ev, EVRUN_NOWAIT);
		return;
	}
	if (ns != REED_NEVER) {
		ev_now_update(self->ev);
		ev_timer_set(&self->timer, (double)ns / 1e9, 0.);
		ev_timer_start(self->ev, &self->timer);
	}
	ev_run(self->ev, EVRUN_ONCE);
	ev_timer_stop(self->ev, &self->timer);
}

static void over_close(struct reed_foreign *f)
{
	struct over *self = self_of(f);

	if (self->is_own)
		ev_loop_destroy(self->ev);
	reed_free(self);
}

static const struct reed_foreign_ops ops = {
	.name = "libev",
	.watch = watch,
	.turn = turn,
	.close = over_close,
};

enum reed_err reed_ev_loop_new(const struct reed_loop_options *options, struct ev_loop *ev,
                               struct reed_loop **loop)
{
	struct over *self = reed_alloc(sizeof(*self));

	self->foreign.ops = &ops;
	self->is_own = !ev;
	self->ev = ev ? ev : ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
	if (!self->ev) {
		reed_free(self);
		return REED_EMFILE;
	}
	ev_init(&self->timer, late);
	return reed_foreign_loop_new(options, &self->foreign, loop);
}
