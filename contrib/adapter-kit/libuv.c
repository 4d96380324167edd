/* The arrangements of libuv: guest, host, over. */

#include <reed/uv.h>
#include <uv.h>

#include "kit.h"

static void *foreign_new(void)
{
	uv_loop_t *uv = calloc(1, sizeof(*uv));

	require(uv_loop_init(uv) == 0);
	return uv;
}

static void foreign_free(void *foreign)
{
	while (uv_run(foreign, UV_RUN_NOWAIT))
		continue;
	require(uv_loop_close(foreign) == 0);
	free(foreign);
}

static void foreign_turn(void *foreign)
{
	uv_run(foreign, UV_RUN_ONCE);
}

/* ---- timers and watches ---- */

struct timer {
	uv_timer_t timer;
	kit_fn *fn;
	void *arg;
};

struct watch {
	uv_poll_t poll;
	kit_fn *fn;
	void *arg;
};

static void timer_called(uv_timer_t *timer)
{
	struct timer *self = reed_container_of(timer, struct timer, timer);

	self->fn(self->arg);
}

static void *timer_new(void *foreign, int ms, kit_fn *fn, void *arg)
{
	struct timer *self = calloc(1, sizeof(*self));

	self->fn = fn;
	self->arg = arg;
	uv_timer_init(foreign, &self->timer);
	uv_update_time(foreign);
	uv_timer_start(&self->timer, timer_called, (uint64_t)ms, (uint64_t)ms);
	return self;
}

static void timer_closed(uv_handle_t *h)
{
	free(reed_container_of((uv_timer_t *)h, struct timer, timer));
}

static void timer_free(void *timer)
{
	uv_close((uv_handle_t *)&((struct timer *)timer)->timer, timer_closed);
}

static void watch_called(uv_poll_t *poll, int status, int events)
{
	struct watch *self = reed_container_of(poll, struct watch, poll);

	(void)status;
	(void)events;
	self->fn(self->arg);
}

static void *watch_new(void *foreign, int fd, kit_fn *fn, void *arg)
{
	struct watch *self = calloc(1, sizeof(*self));

	self->fn = fn;
	self->arg = arg;
	require(uv_poll_init(foreign, &self->poll, fd) == 0);
	uv_poll_start(&self->poll, UV_READABLE, watch_called);
	return self;
}

static void watch_closed(uv_handle_t *h)
{
	free(reed_container_of((uv_poll_t *)h, struct watch, poll));
}

static void watch_free(void *watch)
{
	uv_close((uv_handle_t *)&((struct watch *)watch)->poll, watch_closed);
}

#define KIT_ADAPTER uv
#define KIT_NAME    "libuv"
#define KIT_HOSTS
#include "ties.h"
