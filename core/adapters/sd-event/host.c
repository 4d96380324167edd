/* sd-event inside Reed: its descriptor, which covers its timers. */

#include <systemd/sd-event.h>

#include "reed/alloc.h"
#include "reed/embed.h"
#include "reed/sd_event.h"

enum { SOURCES_A_TURN = 64 }; /* sd-event dispatches one at a time */

struct reed_sd_event_host {
	struct reed_inner inner;
	sd_event *event;
	bool in_turn, is_freed;
};

static struct reed_sd_event_host *self_of(struct reed_inner *inner)
{
	return reed_container_of(inner, struct reed_sd_event_host, inner);
}

static int64_t prepare(struct reed_inner *inner)
{
	sd_event *event = self_of(inner)->event;
	int pending;

	switch (sd_event_get_state(event)) {
	case SD_EVENT_INITIAL:
		pending = sd_event_prepare(event);
		break;
	case SD_EVENT_ARMED: /* since then sources may have been added */
		pending = sd_event_wait(event, 0);
		if (pending == 0)
			pending = sd_event_prepare(event);
		break;
	default:
		pending = 1;
		break;
	}
	return pending > 0 ? 0 : REED_NEVER;
}

static bool dispatch_one(sd_event *event)
{
	if (sd_event_get_state(event) == SD_EVENT_INITIAL && sd_event_prepare(event) < 0)
		return false;
	if (sd_event_get_state(event) == SD_EVENT_ARMED && sd_event_wait(event, 0) <= 0)
		return false;
	return sd_event_get_state(event) == SD_EVENT_PENDING && sd_event_dispatch(event) > 0;
}

static void turn(struct reed_inner *inner)
{
	struct reed_sd_event_host *self = self_of(inner);
	int left = SOURCES_A_TURN;

	self->in_turn = true;
	while (!self->is_freed && left-- > 0 && dispatch_one(self->event))
		continue;
	self->in_turn = false;
	if (self->is_freed) {
		sd_event_unref(self->event);
		reed_free(self);
	}
}

static bool busy(struct reed_inner *inner)
{
	return sd_event_get_state(self_of(inner)->event) != SD_EVENT_FINISHED;
}

static const struct reed_inner_ops ops = {
	.prepare = prepare,
	.turn = turn,
	.busy = busy,
};

enum reed_err reed_sd_event_host_new(struct reed_loop *loop, struct sd_event *event,
                                     struct reed_sd_event_host **host)
{
	struct reed_sd_event_host *self = reed_alloc(sizeof(*self));
	enum reed_err err;

	self->inner.ops = &ops;
	self->inner.fd = sd_event_get_fd(event);
	self->event = event;
	err = reed_inner_attach(loop, &self->inner);
	if (err) {
		reed_free(self);
		return err;
	}
	sd_event_ref(event);
	*host = self;
	return REED_OK;
}

/* A loop that was left armed would refuse to be run by others; nothing but a turn disarms it. */
static void disarm(sd_event *event)
{
	if (sd_event_get_state(event) == SD_EVENT_ARMED)
		sd_event_wait(event, 0);
	if (sd_event_get_state(event) == SD_EVENT_PENDING)
		sd_event_dispatch(event);
}

void reed_sd_event_host_free(struct reed_sd_event_host *self)
{
	if (!self || self->is_freed)
		return;
	reed_inner_detach(&self->inner);
	if (self->in_turn) {
		self->is_freed = true;
		return;
	}
	disarm(self->event);
	sd_event_unref(self->event);
	reed_free(self);
}
