/* Bytes both ways between two streams, once nobody in between looks at them. */

#include "private.h"
#include "reed/co.h"

struct way {
	struct reed_co co;
	struct reed_stream *from, *to;
	int64_t silent_ms;
};

static void hand_on(struct way *self)
{
	struct reed_slice all = reed_peek(self->from);

	if (all.n > 0)
		reed_write(self->to, all);
	reed_skip(self->from, all.n);
}

static struct reed_future *patiently(const struct way *self, struct reed_future *f)
{
	return self->silent_ms > 0 ? reed_within(self->silent_ms, f) : f;
}

/* One way may be silent for long while the other is not. */
static bool is_alive(const struct way *self)
{
	return reed_now(self->co.loop) - self->from->moved < REED_MS(self->silent_ms);
}

/* The drain does not wait for little, but tells of a side that is broken. */
static void way_run(struct reed_co *co)
{
	struct way *self = reed_frame(co, struct way);

	reed_coroutine (co) {
		do {
			hand_on(self);
			reed_try(co, patiently(self, reed_drain(self->to)));
			reed_await(co, patiently(self, reed_more(self->from)));
		} while (!co->err || (co->err == REED_ETIMEDOUT && is_alive(self)));
		if (co->err != REED_EEOF)
			reed_return(co, co->err);
		hand_on(self);
		reed_shutdown(self->to);
	}
}

static const struct reed_co_kind way_kind = { .name = "join",
	                                      .size = sizeof(struct way),
	                                      .run = way_run };

static struct reed_future *way(struct reed_stream *from, struct reed_stream *to, int64_t silent_ms)
{
	struct way *self = reed_co_new(from->loop, &way_kind);

	self->from = from;
	self->to = to;
	self->silent_ms = silent_ms;
	return reed_start(&self->co);
}

struct reed_future *reed_stream_join(struct reed_stream *a, struct reed_stream *b,
                                     int64_t silent_ms)
{
	return reed_all_of(
		(struct reed_future *[]){ way(a, b, silent_ms), way(b, a, silent_ms), NULL });
}
