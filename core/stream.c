/* The life and the end of a stream, for all kinds. */

#include "private.h"

#include <string.h>

const struct reed_stream_limits reed_stream_default_limits = REED_STREAM_LIMITS;

/* Of all loops of a team no two give the same. */
static uint64_t next_number(struct reed_loop *loop)
{
	return loop->stream_count += loop->members ? loop->members : 1;
}

void reed_stream_init(struct reed_stream *s, struct reed_loop *loop,
                      const struct reed_stream_ops *ops)
{
	if (!loop->streams)
		reed_stream_cache_init(loop);
	*s = (struct reed_stream){
		.ops = ops,
		.loop = loop,
		.limits = &reed_stream_default_limits,
		.flush.run = reed_stream_flush,
		.moved = loop->now,
		.number = next_number(loop),
	};
}

/* ---- the end ---- */

static void leave(struct reed_stream *s)
{
	struct reed_rider *r;

	while ((r = s->riders)) {
		s->riders = r->next;
		r->ops->gone(r);
	}
}

/* Lets go of everything but the memory, and of that too unless a future in it is held. */
void reed_stream_gone(struct reed_stream *s)
{
	if (!s->gone) {
		s->gone = true;
		reed_timer_stop(&s->linger);
		reed_list_unlink(&s->flush.link);
		reed_stream_discard_output(s);
		s->begin = s->end = 0;
		reed_stream_tidy(s);
		s->ops->close(s);
		leave(s);
	}
	if (s->is_reading || s->is_draining)
		return;
	reed_fault_free(s->fault);
	reed_free(s);
}

/* A closed stream reads what the peer still says, and forgets it. */
static void hear_out(struct reed_stream *s)
{
	char *buf = reed_buffer_take(s->loop);
	ssize_t n;

	do {
		s->pending = false;
		n = s->ops->read(s, buf, REED_BUFFER);
	} while (n > 0 && s->pending);
	reed_buffer_return(s->loop, buf);
	if (n > 0 || n == REED_EAGAIN)
		return;
	s->read_err = (enum reed_err)n;
	if (s->first && n == REED_EEOF) /* half-closed: it may still listen */
		reed_stream_want(s, s->wanted & ~(unsigned)REED_READ);
	else
		reed_stream_gone(s);
}

/* What had settled, or was tried, for what is here now has come to nothing. */
static void cancel(struct reed_future *f)
{
	if (f->settled)
		f->err = f->err ? f->err : REED_ECANCELED;
	else
		reed_settle(f, REED_ECANCELED);
}

/* Nobody will call any more; who still waits is told. */
static void forsake(struct reed_stream *s)
{
	assert(!s->closed && !s->protocol); /* a session closes its stream itself */
	s->closed = true;
	if (s->is_reading)
		cancel(&s->reading);
	if (s->is_draining)
		cancel(&s->draining);
}

/* A stacked one that is closed has to know whether there is time for a goodbye. */
void reed_stream_cut_off(struct reed_stream *s)
{
	s->aborted = true;
	reed_stream_gone(s);
}

static void linger_fire(struct reed_timer *t)
{
	reed_stream_cut_off(reed_container_of(t, struct reed_stream, linger));
}

void reed_close(struct reed_stream *s)
{
	bool peer_is_there;

	if (!s)
		return;
	peer_is_there = !s->read_err && !s->write_err;
	forsake(s);
	if (!peer_is_there && (!s->first || s->write_err)) {
		reed_stream_gone(s);
		return;
	}
	s->shutting = true;
	s->linger.fire = linger_fire;
	reed_timer_start(s->loop, &s->linger, REED_MS((int64_t)s->limits->linger_ms));
	s->limits = &reed_stream_default_limits; /* its own may be gone before it is */
	if (!s->blocked)
		reed_at_turn_end(s->loop, &s->flush);
	else if (!reed_linked(&s->flush.link))
		reed_list_append(reed_stream_lingering(s->loop), &s->flush.link);
}

void reed_abort(struct reed_stream *s)
{
	if (!s)
		return;
	forsake(s);
	reed_stream_cut_off(s);
}

/* ---- what is known ---- */

const char *reed_stream_why(const struct reed_stream *s)
{
	return reed_fault_why(s->fault, s->read_err ? s->read_err : s->write_err);
}

/* The oldest first, though the youngest is first in the list; there are few. */
static void correct(struct reed_rider *r, struct reed_stream_facts *facts)
{
	if (!r)
		return;
	correct(r->next, facts);
	if (r->ops->facts)
		r->ops->facts(r, facts);
}

void reed_stream_facts(struct reed_stream *s, struct reed_stream_facts *facts)
{
	size_t size = facts->size;
	struct reed_stream_facts all = { .size = sizeof(all) };

	if (s->ops->facts)
		s->ops->facts(s, &all);
	correct(s->riders, &all);
	all.size = size;
	memcpy(facts, &all, size < sizeof(all) ? size : sizeof(all));
}

void reed_stream_carry(struct reed_stream *s, struct reed_rider *rider)
{
	assert(!s->gone);
	rider->next = s->riders;
	s->riders = rider;
}

struct reed_rider *reed_stream_rider(const struct reed_stream *s, const struct reed_rider_ops *ops)
{
	struct reed_rider *r = s->riders;

	while (r && r->ops != ops)
		r = r->next;
	return r;
}

void reed_stream_blame(struct reed_stream *s, struct reed_fault *fault)
{
	if (s->fault)
		reed_fault_free(fault);
	else
		s->fault = fault;
}

void reed_stream_break(struct reed_stream *s, struct reed_fault *fault)
{
	enum reed_err err = fault->err;

	reed_stream_blame(s, fault);
	if (!s->read_err)
		s->read_err = err;
	reed_stream_ready(s, REED_READ);
}

/* ---- descriptors that travel ---- */

enum reed_err reed_accept_fds(struct reed_stream *s, size_t most)
{
	return s->ops->fds ? s->ops->fds->accept(s, most) : REED_ENOTSUP;
}

size_t reed_take_fds(struct reed_stream *s, int *fds, size_t room)
{
	return s->ops->fds ? s->ops->fds->take(s, fds, room) : 0;
}

/* ---- readiness ---- */

static unsigned to_the_top(struct reed_stream **s, unsigned events)
{
	while ((*s)->above) {
		*s = (*s)->above;
		if ((*s)->ops->ready)
			events = (*s)->ops->ready(*s, events);
	}
	return events;
}

/* Said again even when it was: the wish may be of the stream below, from before there was this. */
static void want_no_more(struct reed_stream *s, unsigned events)
{
	s->wanted &= ~events & 7;
	s->ops->want(s, s->wanted);
}

void reed_stream_ready(struct reed_stream *s, unsigned events)
{
	events = to_the_top(&s, events);
	if (events & REED_WRITE) {
		s->blocked = false;
		want_no_more(s, REED_WRITE);
		reed_list_unlink(&s->flush.link); /* from the lingering */
		reed_at_turn_end(s->loop, &s->flush);
	}
	if (!(events & REED_READ))
		return;
	if (s->closed && s->ops->shutdown)
		hear_out(s);
	else if (s->is_reading && !s->reading.settled)
		reed_settle(&s->reading, REED_OK);
	else if (!s->is_reading || s->reading.tried)
		want_no_more(s, REED_READ);
}
