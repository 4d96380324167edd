/* The arrangements of libevent: guest, over. */

#include <event2/event.h>
#include <reed/libevent.h>
#include <sys/time.h>

#include "choose.h"

static void *foreign_new(void)
{
	return event_base_new();
}

static void foreign_free(void *foreign)
{
	event_base_free(foreign);
}

static void foreign_turn(void *foreign)
{
	event_base_loop(foreign, EVLOOP_ONCE);
}

static void turn_foreign(struct reed_loop *loop, void *foreign)
{
	(void)loop;
	foreign_turn(foreign);
}

/* ---- timers and watches ---- */

struct call {
	struct event *event;
	kit_fn *fn;
	void *arg;
};

static void called(evutil_socket_t fd, short what, void *arg)
{
	struct call *self = arg;

	(void)fd;
	(void)what;
	self->fn(self->arg);
}

static struct call *call_new(void *foreign, int fd, short what, kit_fn *fn, void *arg)
{
	struct call *self = calloc(1, sizeof(*self));

	self->fn = fn;
	self->arg = arg;
	self->event = event_new(foreign, fd, (short)(what | EV_PERSIST), called, self);
	return self;
}

static void call_free(void *call)
{
	event_free(((struct call *)call)->event);
	free(call);
}

static void *timer_new(void *foreign, int ms, kit_fn *fn, void *arg)
{
	struct call *self = call_new(foreign, -1, 0, fn, arg);
	struct timeval every = { ms / 1000, ms % 1000 * 1000 };

	event_add(self->event, &every);
	return self;
}

static void *watch_new(void *foreign, int fd, kit_fn *fn, void *arg)
{
	struct call *self = call_new(foreign, fd, EV_READ, fn, arg);

	event_add(self->event, NULL);
	return self;
}

/* ---- ties ---- */

static enum reed_err guest_attach(struct reed_loop *loop, void *foreign, void **tie)
{
	struct reed_libevent_guest *guest = NULL;
	enum reed_err err = reed_libevent_guest_new(loop, foreign, &guest);

	*tie = guest;
	return err;
}

static void guest_detach(void *tie)
{
	reed_libevent_guest_free(tie);
}

static enum reed_err loop_new(void *foreign, struct reed_loop **loop)
{
	return reed_libevent_loop_new(NULL, foreign, loop);
}

#define FOREIGN                                                                                 \
	.foreign_new = foreign_new, .foreign_free = foreign_free, .foreign_turn = foreign_turn, \
	.timer_new = timer_new, .timer_free = call_free, .watch_new = watch_new,                \
	.watch_free = call_free

static const struct kit_adapter guest = {
	.name = "libevent.guest",
	.attach = guest_attach,
	.detach = guest_detach,
	.turn = turn_foreign,
	FOREIGN,
};

static const struct kit_adapter over = {
	.name = "libevent.over",
	.loop_new = loop_new,
	.turn = kit_turn_reed,
	FOREIGN,
};

int main(int argc, char **argv)
{
	static const struct kit_adapter *const all[] = { &guest, &over };

	return kit_choose(argc, argv, all, REED_COUNT(all));
}
