/* Timeouts of streams: timers that look at the clock of the stream when they fire. */

#include <string.h>

#include "private.h"
#include "reed/policy.h"

struct clock {
	struct reed_rider rider;
	struct reed_stream *stream;
	struct reed_timeouts timeouts;
	struct reed_timer idle, handshake, total;
	uint64_t heard; /* bytes in, when it began */
};

static void time_out(struct clock *self, const char *what, int64_t ms)
{
	struct reed_stream *s = self->stream;

	if (s->closed || s->read_err)
		return;
	reed_stream_break(s, reed_fault(REED_ETIMEDOUT, NULL, "%s within %lld ms", what,
	                                (long long)ms));
	if (s->first)
		reed_stream_break_writing(s, REED_ETIMEDOUT);
}

static void idle_fire(struct reed_timer *t)
{
	struct clock *self = reed_container_of(t, struct clock, idle);
	int64_t due = self->stream->moved + REED_MS(self->timeouts.idle_ms);

	if (due > self->stream->loop->now)
		reed_timer_start(self->stream->loop, t, due - self->stream->loop->now);
	else
		time_out(self, "not a byte came or went", self->timeouts.idle_ms);
}

static void handshake_fire(struct reed_timer *t)
{
	struct clock *self = reed_container_of(t, struct clock, handshake);

	if (self->stream->bytes_in == self->heard)
		time_out(self, "the peer has not said a word", self->timeouts.handshake_ms);
}

static void total_fire(struct reed_timer *t)
{
	struct clock *self = reed_container_of(t, struct clock, total);

	time_out(self, "the connection has not ended", self->timeouts.total_ms);
}

static void stop(struct clock *self)
{
	reed_timer_stop(&self->idle);
	reed_timer_stop(&self->handshake);
	reed_timer_stop(&self->total);
}

static void clock_gone(struct reed_rider *rider)
{
	struct clock *self = reed_container_of(rider, struct clock, rider);

	stop(self);
	reed_free(self);
}

static const struct reed_rider_ops clock_ops = { .name = "timeouts", .gone = clock_gone };

static struct clock *clock_of(struct reed_stream *s)
{
	struct reed_rider *rider = reed_stream_rider(s, &clock_ops);
	struct clock *self;

	if (rider)
		return reed_container_of(rider, struct clock, rider);
	self = reed_alloc(sizeof(*self));
	self->rider.ops = &clock_ops;
	self->stream = s;
	self->idle.fire = idle_fire;
	self->handshake.fire = handshake_fire;
	self->total.fire = total_fire;
	reed_stream_carry(s, &self->rider);
	return self;
}

static void start(struct clock *self, struct reed_timer *t, int64_t ms)
{
	if (ms > 0)
		reed_timer_start(self->stream->loop, t, reed_ns_of_ms(ms));
}

void reed_stream_timeouts(struct reed_stream *s, const struct reed_timeouts *given)
{
	struct clock *self = clock_of(s);

	self->timeouts = (struct reed_timeouts)REED_TIMEOUTS;
	memcpy(&self->timeouts, given,
	       given->size < sizeof(self->timeouts) ? given->size : sizeof(self->timeouts));
	stop(self);
	s->moved = s->loop->now;
	self->heard = s->bytes_in - reed_stream_held(s);
	start(self, &self->idle, self->timeouts.idle_ms);
	start(self, &self->handshake, self->timeouts.handshake_ms);
	start(self, &self->total, self->timeouts.total_ms);
}

/* ---- a listener ---- */

static struct reed_stream *begin(void *arg, struct reed_stream *below)
{
	reed_stream_timeouts(below, arg);
	return below;
}

static const struct reed_map_ops begin_ops = { .name = "timeouts",
	                                       .map = begin,
	                                       .free = reed_free };

struct reed_listener *reed_timeout_listener(struct reed_listener *below,
                                            const struct reed_timeouts *given)
{
	struct reed_timeouts *timeouts = reed_alloc(sizeof(*timeouts));

	memcpy(timeouts, given, given->size < sizeof(*timeouts) ? given->size : sizeof(*timeouts));
	timeouts->size = sizeof(*timeouts);
	return reed_listener_map(below, &begin_ops, timeouts);
}
