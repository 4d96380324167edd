/* The arrangements of sd-event: guest, host, over. */

#include <reed/sd_event.h>
#include <sys/epoll.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "kit.h"

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

static void timer_free(void *timer)
{
	call_free(timer);
}

static void watch_free(void *watch)
{
	call_free(watch);
}

#define KIT_ADAPTER sd_event
#define KIT_NAME    "sd-event"
#define KIT_HOSTS
#include "ties.h"
