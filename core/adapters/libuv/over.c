/* Reed over libuv: each descriptor is a uv_poll_t, and to wait is a turn of libuv. */

#include <uv.h>

#include "reed/alloc.h"
#include "reed/foreign.h"
#include "reed/uv.h"

struct over {
	struct reed_foreign foreign;
	uv_loop_t *uv;
	bool is_own;
	uv_timer_t timer; /* ends the wait; its closing frees this */
};

struct handle {
	uv_poll_t poll;
	struct reed_foreign_watch *watch;
	int events; /* libuv's */
};

static struct over *self_of(struct reed_foreign *f)
{
	return reed_container_of(f, struct over, foreign);
}

static void freed(uv_handle_t *poll)
{
	reed_free(reed_container_of((uv_poll_t *)poll, struct handle, poll));
}

static int events_to_uv(unsigned events)
{
	return (events & REED_READ ? UV_READABLE : 0) | (events & REED_WRITE ? UV_WRITABLE : 0);
}

/* libuv stops at an error, which shall be told until it is used up as all else is. */
static void ready(uv_poll_t *poll, int status, int events)
{
	struct handle *h = reed_container_of(poll, struct handle, poll);

	if (status < 0) {
		uv_poll_start(poll, h->events, ready);
		reed_foreign_tell(h->watch, REED_READ | REED_WRITE);
		return;
	}
	reed_foreign_tell(h->watch, (events & UV_READABLE ? REED_READ : 0) |
	                                    (events & UV_WRITABLE ? REED_WRITE : 0));
}

static enum reed_err handle_new(struct reed_foreign *f, struct reed_foreign_watch *w)
{
	struct handle *h = reed_alloc(sizeof(*h));
	int failed = uv_poll_init(self_of(f)->uv, &h->poll, w->fd);

	if (failed < 0) {
		reed_free(h);
		return reed_err_of(-failed);
	}
	h->watch = w;
	w->handle = h;
	return REED_OK;
}

static void handle_end(struct handle *h)
{
	if (h)
		uv_close((uv_handle_t *)&h->poll, freed);
}

static enum reed_err watch(struct reed_foreign *f, struct reed_foreign_watch *w, unsigned events)
{
	enum reed_err err = events && !w->handle ? handle_new(f, w) : REED_OK;
	struct handle *h = w->handle;
	int failed;

	if (err)
		return err;
	if (!events) {
		handle_end(h);
		return REED_OK;
	}
	h->events = events_to_uv(events);
	failed = uv_poll_start(&h->poll, h->events, ready);
	return failed < 0 ? reed_err_of(-failed) : REED_OK;
}

static void late(uv_timer_t *timer)
{
	(void)timer;
}

/* libuv counts whole milliseconds of the same clock: none of them may be over too early. */
static uint64_t ms_until(uv_loop_t *uv, int64_t ns)
{
	uv_update_time(uv);
	return (uv_hrtime() + (uint64_t)ns + 999999) / 1000000 - uv_now(uv);
}

static void turn(struct reed_foreign *f, int64_t ns)
{
	struct over *self = self_of(f);

	if (ns == 0) {
		uv_run(self->uv, UV_RUN_NOWAIT);
		return;
	}
	if (ns != REED_NEVER)
		uv_timer_start(&self->timer, late, ms_until(self->uv, ns), 0);
	uv_run(self->uv, UV_RUN_ONCE);
	uv_timer_stop(&self->timer);
}

static void over_closed(uv_handle_t *timer)
{
	reed_free(reed_container_of((uv_timer_t *)timer, struct over, timer));
}

/* A loop of its own has nobody else to run it for the last time. */
static void over_close(struct reed_foreign *f)
{
	struct over *self = self_of(f);
	uv_loop_t *own = self->is_own ? self->uv : NULL;

	uv_close((uv_handle_t *)&self->timer, over_closed);
	if (!own)
		return;
	while (uv_run(own, UV_RUN_NOWAIT))
		continue;
	uv_loop_close(own);
	reed_free(own);
}

static const struct reed_foreign_ops ops = {
	.name = "libuv",
	.watch = watch,
	.turn = turn,
	.close = over_close,
};

enum reed_err reed_uv_loop_new(const struct reed_loop_options *options, struct uv_loop_s *uv,
                               struct reed_loop **loop)
{
	struct over *self = reed_alloc(sizeof(*self));
	int failed = 0;

	self->foreign.ops = &ops;
	self->is_own = !uv;
	self->uv = uv;
	if (!uv) {
		self->uv = reed_alloc(sizeof(*self->uv));
		failed = uv_loop_init(self->uv);
	}
	if (failed < 0) {
		reed_free(self->uv);
		reed_free(self);
		return reed_err_of(-failed);
	}
	uv_timer_init(self->uv, &self->timer);
	return reed_foreign_loop_new(options, &self->foreign, loop);
}
