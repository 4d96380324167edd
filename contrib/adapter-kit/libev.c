/* The arrangements of libev: guest, over. */

#include <ev.h>
#include <reed/ev.h>

#include "kit.h"

static void *foreign_new(void)
{
	return ev_loop_new(EVFLAG_AUTO);
}

static void foreign_free(void *foreign)
{
	ev_loop_destroy(foreign);
}

static void foreign_turn(void *foreign)
{
	ev_run(foreign, EVRUN_ONCE);
}

/* ---- timers and watches ---- */

struct timer {
	struct ev_timer timer;
	struct ev_loop *ev;
	kit_fn *fn;
	void *arg;
};

struct watch {
	struct ev_io io;
	struct ev_loop *ev;
	kit_fn *fn;
	void *arg;
};

static void timer_called(struct ev_loop *ev, struct ev_timer *timer, int events)
{
	struct timer *self = reed_container_of(timer, struct timer, timer);

	(void)ev;
	(void)events;
	self->fn(self->arg);
}

static void *timer_new(void *foreign, int ms, kit_fn *fn, void *arg)
{
	struct timer *self = calloc(1, sizeof(*self));

	self->ev = foreign;
	self->fn = fn;
	self->arg = arg;
	ev_now_update(foreign);
	ev_init(&self->timer, timer_called);
	ev_timer_set(&self->timer, ms / 1e3, ms / 1e3);
	ev_timer_start(foreign, &self->timer);
	return self;
}

static void timer_free(void *timer)
{
	struct timer *self = timer;

	ev_timer_stop(self->ev, &self->timer);
	free(self);
}

static void watch_called(struct ev_loop *ev, struct ev_io *io, int events)
{
	struct watch *self = reed_container_of(io, struct watch, io);

	(void)ev;
	(void)events;
	self->fn(self->arg);
}

static void *watch_new(void *foreign, int fd, kit_fn *fn, void *arg)
{
	struct watch *self = calloc(1, sizeof(*self));

	self->ev = foreign;
	self->fn = fn;
	self->arg = arg;
	ev_init(&self->io, watch_called);
	ev_io_set(&self->io, fd, EV_READ);
	ev_io_start(foreign, &self->io);
	return self;
}

static void watch_free(void *watch)
{
	struct watch *self = watch;

	ev_io_stop(self->ev, &self->io);
	free(self);
}

#define KIT_ADAPTER ev
#define KIT_NAME    "libev"
#include "ties.h"
