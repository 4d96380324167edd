/* The arrangements of libev: guest, over. */

#include <ev.h>
#include <reed/ev.h>

#include "choose.h"

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

static void turn_foreign(struct reed_loop *loop, void *foreign)
{
	(void)loop;
	foreign_turn(foreign);
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

/* ---- ties ---- */

static enum reed_err guest_attach(struct reed_loop *loop, void *foreign, void **tie)
{
	struct reed_ev_guest *guest = NULL;
	enum reed_err err = reed_ev_guest_new(loop, foreign, &guest);

	*tie = guest;
	return err;
}

static void guest_detach(void *tie)
{
	reed_ev_guest_free(tie);
}

static enum reed_err loop_new(void *foreign, struct reed_loop **loop)
{
	return reed_ev_loop_new(NULL, foreign, loop);
}

#define FOREIGN                                                                                 \
	.foreign_new = foreign_new, .foreign_free = foreign_free, .foreign_turn = foreign_turn, \
	.timer_new = timer_new, .timer_free = timer_free, .watch_new = watch_new,               \
	.watch_free = watch_free

static const struct kit_adapter guest = {
	.name = "libev.guest",
	.attach = guest_attach,
	.detach = guest_detach,
	.turn = turn_foreign,
	FOREIGN,
};

static const struct kit_adapter over = {
	.name = "libev.over",
	.loop_new = loop_new,
	.turn = kit_turn_reed,
	FOREIGN,
};

int main(int argc, char **argv)
{
	static const struct kit_adapter *const all[] = { &guest, &over };

	return kit_choose(argc, argv, all, REED_COUNT(all));
}
