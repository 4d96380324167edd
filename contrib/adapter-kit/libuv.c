/* The arrangements of libuv: guest, host, over. */

#include <reed/uv.h>
#include <uv.h>

#include "choose.h"

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

static void turn_foreign(struct reed_loop *loop, void *foreign)
{
	(void)loop;
	foreign_turn(foreign);
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

/* ---- ties ---- */

static enum reed_err guest_attach(struct reed_loop *loop, void *foreign, void **tie)
{
	struct reed_uv_guest *guest = NULL;
	enum reed_err err = reed_uv_guest_new(loop, foreign, &guest);

	*tie = guest;
	return err;
}

static void guest_detach(void *tie)
{
	reed_uv_guest_free(tie);
}

static enum reed_err host_attach(struct reed_loop *loop, void *foreign, void **tie)
{
	struct reed_uv_host *host = NULL;
	enum reed_err err = reed_uv_host_new(loop, foreign, &host);

	*tie = host;
	return err;
}

static void host_detach(void *tie)
{
	reed_uv_host_free(tie);
}

static enum reed_err loop_new(void *foreign, struct reed_loop **loop)
{
	return reed_uv_loop_new(NULL, foreign, loop);
}

#define FOREIGN                                                                                 \
	.foreign_new = foreign_new, .foreign_free = foreign_free, .foreign_turn = foreign_turn, \
	.timer_new = timer_new, .timer_free = timer_free, .watch_new = watch_new,               \
	.watch_free = watch_free

static const struct kit_adapter guest = {
	.name = "libuv.guest",
	.attach = guest_attach,
	.detach = guest_detach,
	.turn = turn_foreign,
	FOREIGN,
};

static const struct kit_adapter host = {
	.name = "libuv.host",
	.attach = host_attach,
	.detach = host_detach,
	.turn = kit_turn_reed,
	FOREIGN,
};

static const struct kit_adapter over = {
	.name = "libuv.over",
	.loop_new = loop_new,
	.turn = kit_turn_reed,
	FOREIGN,
};

int main(int argc, char **argv)
{
	static const struct kit_adapter *const all[] = { &guest, &host, &over };

	return kit_choose(argc, argv, all, REED_COUNT(all));
}
