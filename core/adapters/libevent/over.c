/* Reed over libevent: each descriptor is an event, and to wait is a turn of libevent. */

#include <event2/event.h>
#include <sys/time.h>

#include "reed/alloc.h"
#include "reed/foreign.h"
#include "reed/libevent.h"

struct over {
	struct reed_foreign foreign;
	struct event_base *base;
	bool is_own;
	struct event *timer; /* ends the wait */
};

static struct over *self_of(struct reed_foreign *f)
{
	return reed_container_of(f, struct over, foreign);
}

static void ready(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	reed_foreign_tell(arg,
	                  (what & EV_READ ? REED_READ : 0) | (what & EV_WRITE ? REED_WRITE : 0));
}

static void watch_end(struct reed_foreign_watch *w)
{
	if (w->handle)
		event_free(w->handle);
	w->handle = NULL;
}

static enum reed_err watch(struct reed_foreign *f, struct reed_foreign_watch *w, unsigned events)
{
	short what = (short)((events & REED_READ ? EV_READ : 0) |
	                     (events & REED_WRITE ? EV_WRITE : 0) | EV_PERSIST);

	watch_end(w);
	if (!events)
		return REED_OK;
	w->handle = event_new(self_of(f)->base, w->fd, what, ready, w);
	if (!w->handle)
		return REED_ENOMEM;
	if (event_add(w->handle, NULL) == 0)
		return REED_OK;
	watch_end(w);
	return REED_EINVAL;
}

static void late(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static void turn(struct reed_foreign *f, int64_t ns)
{
	struct over *self = self_of(f);
	struct timeval longest;

	if (ns == 0) {
		/* ONCE as well: else it goes on for as long as anything is ready */
		event_base_loop(self->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		return;
	}
	if (ns != REED_NEVER) {
		ns += 999; /* never too early */
		longest.tv_sec = (time_t)(ns / 1000000000);
		longest.tv_usec = (suseconds_t)(ns / 1000 % 1000000);
		event_add(self->timer, &longest);
	}
	event_base_loop(self->base, EVLOOP_ONCE);
	event_del(self->timer);
}

static void over_close(struct reed_foreign *f)
{
	struct over *self = self_of(f);

	if (self->timer)
		event_free(self->timer);
	if (self->is_own && self->base)
		event_base_free(self->base);
	reed_free(self);
}

static const struct reed_foreign_ops ops = {
	.name = "libevent",
	.watch = watch,
	.turn = turn,
	.close = over_close,
};

enum reed_err reed_libevent_loop_new(const struct reed_loop_options *options,
                                     struct event_base *base, struct reed_loop **loop)
{
	struct over *self = reed_alloc(sizeof(*self));

	self->foreign.ops = &ops;
	self->is_own = !base;
	self->base = base ? base : event_base_new();
	self->timer = self->base ? evtimer_new(self->base, late, NULL) : NULL;
	if (!self->timer) {
		over_close(&self->foreign);
		return REED_EMFILE;
	}
	return reed_foreign_loop_new(options, &self->foreign, loop);
}
