/* Two ends in memory: what one writes the other reads. */

#include "private.h"

#include <string.h>

#include "reed/buf.h"

enum { CAPACITY = 65536 };

struct end {
	struct reed_stream stream;
	struct end *other;  /* NULL once that one is closed */
	struct reed_buf in; /* on its way to us */
	size_t capacity;
	bool ended;   /* nothing more will come */
	bool aborted; /* the other end went with our bytes unread */
	struct reed_readiness readiness;
};

static struct end *end_of(struct reed_stream *s)
{
	return reed_container_of(s, struct end, stream);
}

static void tell(struct end *self)
{
	reed_readiness_look(&self->readiness);
}

static unsigned ready(struct reed_stream *s)
{
	const struct end *self = end_of(s);
	unsigned events = 0;

	if (self->ended || self->aborted || reed_buf_held(&self->in) > 0)
		events |= REED_READ;
	if (!self->other || reed_buf_held(&self->other->in) < self->capacity)
		events |= REED_WRITE;
	return events;
}

static ssize_t end_read(struct reed_stream *s, char *into, size_t room)
{
	struct end *self = end_of(s);
	struct reed_slice got = reed_slice_first(reed_buf_slice(&self->in), room);

	if (got.n > 0) {
		memcpy(into, got.p, got.n);
		reed_buf_skip(&self->in, got.n);
		s->pending = reed_buf_held(&self->in) > 0 || self->ended;
		if (self->other)
			tell(self->other);
		else if (reed_buf_held(&self->in) == 0)
			reed_buf_finish(&self->in);
		return (ssize_t)got.n;
	}
	if (self->aborted)
		return REED_ERESET;
	reed_buf_finish(&self->in);
	return self->ended ? REED_EEOF : REED_EAGAIN;
}

static ssize_t end_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	struct end *self = end_of(s);
	size_t room, taken = 0;

	if (!self->other)
		return REED_EPIPE;
	room = self->capacity - reed_buf_held(&self->other->in);
	for (int i = 0; i < count && taken < room; i++) {
		size_t n = iov[i].iov_len < room - taken ? iov[i].iov_len : room - taken;

		reed_buf_add(&self->other->in, reed_slice(iov[i].iov_base, n));
		taken += n;
	}
	if (taken == 0)
		return REED_EAGAIN;
	tell(self->other);
	return (ssize_t)taken;
}

static void end_want(struct reed_stream *s, unsigned events)
{
	reed_readiness_want(&end_of(s)->readiness, events);
}

static void end_shutdown(struct reed_stream *s)
{
	struct end *other = end_of(s)->other;

	if (!other)
		return;
	other->ended = true;
	tell(other);
}

static void end_close(struct reed_stream *s)
{
	struct end *self = end_of(s), *other = self->other;

	reed_readiness_finish(&self->readiness);
	if (other) {
		other->other = NULL;
		other->aborted = !other->ended || reed_buf_held(&self->in) > 0;
		other->ended = true;
		tell(other);
	}
	reed_buf_finish(&self->in);
}

static void end_facts(struct reed_stream *s, struct reed_stream_facts *facts)
{
	(void)s;
	facts->secure = true;
}

static const struct reed_stream_ops end_ops = {
	.name = "memory",
	.read = end_read,
	.write = end_write,
	.want = end_want,
	.shutdown = end_shutdown,
	.close = end_close,
	.facts = end_facts,
};

static struct end *end_new(struct reed_loop *loop, size_t capacity)
{
	struct end *self = reed_alloc(sizeof(*self));

	reed_stream_init(&self->stream, loop, &end_ops);
	self->capacity = capacity ? capacity : CAPACITY;
	reed_readiness_init(&self->readiness, &self->stream, ready);
	return self;
}

void reed_stream_pair(struct reed_loop *loop, size_t capacity, struct reed_stream **a,
                      struct reed_stream **b)
{
	struct end *one = end_new(loop, capacity), *two = end_new(loop, capacity);

	one->other = two;
	two->other = one;
	*a = &one->stream;
	*b = &two->stream;
}
