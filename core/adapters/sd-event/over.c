/* Reed over sd-event: each descriptor is a source, and to wait is a turn of sd-event. */

#include <systemd/sd-event.h>

#include "reed/alloc.h"
#include "reed/foreign.h"
#include "reed/sd_event.h"

enum { SOURCES_A_TURN = 64 }; /* sd-event dispatches one at a time */

struct over {
	struct reed_foreign foreign;
	sd_event *event;
};

static struct over *self_of(struct reed_foreign *f)
{
	return reed_container_of(f, struct over, foreign);
}

static int ready(sd_event_source *source, int fd, uint32_t got, void *arg)
{
	(void)source;
	(void)fd;
	if (got & (EPOLLERR | EPOLLHUP))
		got |= EPOLLIN | EPOLLOUT;
	reed_foreign_tell(arg, (got & EPOLLIN ? REED_READ : 0) | (got & EPOLLOUT ? REED_WRITE : 0));
	return 0;
}

static enum reed_err watch(struct reed_foreign *f, struct reed_foreign_watch *w, unsigned events)
{
	uint32_t wanted = (events & REED_READ ? (uint32_t)EPOLLIN : 0) |
	                  (events & REED_WRITE ? (uint32_t)EPOLLOUT : 0);
	sd_event_source *source = w->handle;
	int failed;

	if (!events) {
		sd_event_source_disable_unref(source);
		w->handle = NULL;
		return REED_OK;
	}
	if (source) {
		failed = sd_event_source_set_io_events(source, wanted);
	} else {
		failed = sd_event_add_io(self_of(f)->event, &source, w->fd, wanted, ready, w);
		if (failed >= 0)
			w->handle = source;
	}
	return failed < 0 ? reed_err_of(-failed) : REED_OK;
}

/* It dispatches the oldest of those pending, so each is told once before one is told twice. */
static void turn(struct reed_foreign *f, int64_t ns)
{
	sd_event *event = self_of(f)->event;
	uint64_t us = ns == REED_NEVER ? UINT64_MAX : ((uint64_t)ns + 999) / 1000;

	for (int left = SOURCES_A_TURN; left > 0; left--) {
		if (sd_event_run(event, us) <= 0)
			return;
		us = 0;
	}
}

static void over_close(struct reed_foreign *f)
{
	sd_event_unref(self_of(f)->event);
	reed_free(self_of(f));
}

static const struct reed_foreign_ops ops = {
	.name = "sd-event",
	.watch = watch,
	.turn = turn,
	.close = over_close,
};

enum reed_err reed_sd_event_loop_new(const struct reed_loop_options *options,
                                     struct sd_event *event, struct reed_loop **loop)
{
	struct over *self = reed_alloc(sizeof(*self));
	int failed = 0;

	self->foreign.ops = &ops;
	self->event = sd_event_ref(event);
	if (!event)
		failed = sd_event_new(&self->event);
	if (failed < 0) {
		reed_free(self);
		return reed_err_of(-failed);
	}
	return reed_foreign_loop_new(options, &self->foreign, loop);
}
