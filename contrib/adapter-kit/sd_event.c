/* The arrangements of sd-event: guest, host, over. */

#include <reed/sd_event.h>
#include <sys/epoll.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "choose.h"

static void *foreign_new(void)
{
	sd_event *event = NULL;

	require(sd_event_new(&event) >= 0);
	return event;
}

static void foreign_free(void *foreign)
{
	sd_event_unref(foreign);
}

static void foreign_turn(void *foreign)
{
	require(sd_event_run(foreign, UINT64_MAX) >= 0);
}

static void turn_foreign(struct reed_loop *loop, void *foreign)
{
	(void)loop;
	foreign_turn(foreign);
}

/* ---- timers and watches ---- */

struct call {
	sd_event_source *source;
	uint64_t us;
	kit_fn *fn;
	void *arg;
	bool in_call, is_freed;
};

static void call_free(void *call)
{
	struct call *self = call;

	self->is_freed = true;
	if (self->in_call)
		return;
	sd_event_source_disable_unref(self->source);
	free(self);
}

static int call(struct call *self)
{
	self->in_call = true;
	self->fn(self->arg);
	self->in_call = false;
	if (!self->is_freed)
		return 1;
	call_free(self);
	return 0;
}

static int timer_called(sd_event_source *source, uint64_t us, void *arg)
{
	struct call *self = arg;

	if (!call(self))
		return 0;
	(void)us;
	sd_event_source_set_time_relative(source, self->us);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int watch_called(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	(void)source;
	(void)fd;
	(void)events;
	call(arg);
	return 0;
}

static void *timer_new(void *foreign, int ms, kit_fn *fn, void *arg)
{
	struct call *self = calloc(1, sizeof(*self));

	*self = (struct call){ .us = (uint64_t)ms * 1000, .fn = fn, .arg = arg };
	require(sd_event_add_time_relative(foreign, &self->source, CLOCK_MONOTONIC, self->us, 1,
	                                   timer_called, self) >= 0);
	return self;
}

static void *watch_new(void *foreign, int fd, kit_fn *fn, void *arg)
{
	struct call *self = calloc(1, sizeof(*self));

	self->fn = fn;
	self->arg = arg;
	require(sd_event_add_io(foreign, &self->source, fd, EPOLLIN, watch_called, self) >= 0);
	return self;
}

/* ---- ties ---- */

static enum reed_err guest_attach(struct reed_loop *loop, void *foreign, void **tie)
{
	struct reed_sd_event_guest *guest = NULL;
	enum reed_err err = reed_sd_event_guest_new(loop, foreign, &guest);

	*tie = guest;
	return err;
}

static void guest_detach(void *tie)
{
	reed_sd_event_guest_free(tie);
}

static enum reed_err host_attach(struct reed_loop *loop, void *foreign, void **tie)
{
	struct reed_sd_event_host *host = NULL;
	enum reed_err err = reed_sd_event_host_new(loop, foreign, &host);

	*tie = host;
	return err;
}

static void host_detach(void *tie)
{
	reed_sd_event_host_free(tie);
}

static enum reed_err loop_new(void *foreign, struct reed_loop **loop)
{
	return reed_sd_event_loop_new(NULL, foreign, loop);
}

#define FOREIGN                                                                                 \
	.foreign_new = foreign_new, .foreign_free = foreign_free, .foreign_turn = foreign_turn, \
	.timer_new = timer_new, .timer_free = call_free, .watch_new = watch_new,                \
	.watch_free = call_free

static const struct kit_adapter guest = {
	.name = "sd-event.guest",
	.attach = guest_attach,
	.detach = guest_detach,
	.turn = turn_foreign,
	FOREIGN,
};

static const struct kit_adapter host = {
	.name = "sd-event.host",
	.attach = host_attach,
	.detach = host_detach,
	.turn = kit_turn_reed,
	FOREIGN,
};

static const struct kit_adapter over = {
	.name = "sd-event.over",
	.loop_new = loop_new,
	.turn = kit_turn_reed,
	FOREIGN,
};

int main(int argc, char **argv)
{
	static const struct kit_adapter *const all[] = { &guest, &host, &over };

	return kit_choose(argc, argv, all, REED_COUNT(all));
}
