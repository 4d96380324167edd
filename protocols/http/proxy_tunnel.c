/* Bytes both ways between two streams, once nobody in between looks at them. */

#include "relay.h"

struct pipe {
	struct reed_co co;
	struct reed_stream *from, *to;
	int64_t silent_ms;
};

static void pass_on(struct pipe *self)
{
	struct reed_slice all = reed_peek(self->from);

	reed_write(self->to, all);
	reed_skip(self->from, all.n);
}

/* One way may be silent for long while the other is not. */
static bool is_alive(const struct pipe *self)
{
	return reed_now(self->co.loop) - self->from->moved < REED_MS(self->silent_ms);
}

static void pipe_run(struct reed_co *co)
{
	struct pipe *self = reed_frame(co, struct pipe);

	reed_coroutine (co) {
		for (;;) {
			if (reed_peek(self->from).n > 0)
				pass_on(self);
			if (reed_must_drain(self->to))
				reed_try(co, reed_within(self->silent_ms, reed_drain(self->to)));
			reed_await(co, reed_within(self->silent_ms, reed_more(self->from)));
			if (co->err && !(co->err == REED_ETIMEDOUT && is_alive(self)))
				break;
		}
		if (co->err != REED_EEOF)
			reed_return(co, co->err);
		reed_shutdown(self->to);
	}
}

static const struct reed_co_kind pipe_kind = { "tunnel", sizeof(struct pipe), pipe_run, NULL,
	                                       NULL };

static struct reed_future *one_way(struct reed_stream *from, struct reed_stream *to, int64_t ms)
{
	struct pipe *self = reed_co_new(from->loop, &pipe_kind);

	self->from = from;
	self->to = to;
	self->silent_ms = ms;
	return reed_start(&self->co);
}

struct reed_future *tunnel(struct reed_stream *a, struct reed_stream *b, int64_t silent_ms)
{
	return reed_all(one_way(a, b, silent_ms), one_way(b, a, silent_ms));
}
