/* The arrangements of libevent: guest, over. */

#include <event2/event.h>
#include <reed/libevent.h>
#include <sys/time.h>

#include "kit.h"

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

static void timer_free(void *timer)
{
	call_free(timer);
}

static void watch_free(void *watch)
{
	call_free(watch);
}

#define KIT_ADAPTER libevent
#define KIT_NAME    "libevent"
#include "ties.h"
