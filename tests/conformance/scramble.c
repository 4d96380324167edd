/*
 * A stream made from a stream: each byte is changed on its way.  It reads
 * ahead into a buffer of its own, hands that out in small pieces, and says so
 * by `pending`.
 */

#include "tests/conformance/stream.h"

enum { AHEAD = 700, PIECE = 61, WRITTEN = 3000, KEY = 0x55 };

struct scramble {
	struct reed_stream stream;
	struct reed_stream *below;
	size_t begin, end;
	char ahead[AHEAD];
};

static struct scramble *self_of(struct reed_stream *s)
{
	return reed_container_of(s, struct scramble, stream);
}

static void change(char *into, const char *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		into[i] = (char)(from[i] ^ KEY);
}

static ssize_t scramble_read(struct reed_stream *s, char *into, size_t room)
{
	struct scramble *self = self_of(s);
	size_t n;
	ssize_t came;

	if (self->begin == self->end) {
		came = self->below->ops->read(self->below, self->ahead, AHEAD);
		if (came < 0)
			return came;
		self->begin = 0;
		self->end = (size_t)came;
	}
	n = self->end - self->begin;
	n = n < PIECE ? n : PIECE;
	n = n < room ? n : room;
	change(into, self->ahead + self->begin, n);
	self->begin += n;
	s->pending = self->begin < self->end || self->below->pending;
	return (ssize_t)n;
}

/* What was written to the stream below before there was this goes first. */
static bool old_words_are_out(struct reed_stream *below)
{
	if (below->first && !below->blocked)
		reed_stream_output(below, REED_STR(""));
	return !below->first;
}

static ssize_t scramble_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	char changed[WRITTEN];
	struct iovec one = { changed, 0 };

	if (!old_words_are_out(self_of(s)->below))
		return REED_EAGAIN;
	for (int i = 0; i < count && one.iov_len < WRITTEN; i++) {
		size_t n = iov[i].iov_len, room = WRITTEN - one.iov_len;

		n = n < room ? n : room;
		change(changed + one.iov_len, iov[i].iov_base, n);
		one.iov_len += n;
	}
	return self_of(s)->below->ops->write(self_of(s)->below, &one, 1);
}

static void scramble_want(struct reed_stream *s, unsigned events)
{
	struct reed_stream *below = self_of(s)->below;

	below->ops->want(below, events | (below->first ? REED_WRITE : 0));
}

static unsigned scramble_ready(struct reed_stream *s, unsigned events)
{
	struct reed_stream *below = self_of(s)->below;

	if (!(events & REED_WRITE) || !below->first)
		return events;
	below->blocked = false;
	if (!old_words_are_out(below))
		events &= ~(unsigned)REED_WRITE;
	scramble_want(s, s->wanted);
	return events;
}

static void scramble_shutdown(struct reed_stream *s)
{
	struct reed_stream *below = self_of(s)->below;

	if (below->ops->shutdown)
		below->ops->shutdown(below);
}

static void scramble_close(struct reed_stream *s)
{
	self_of(s)->below->above = NULL;
	reed_abort(self_of(s)->below);
}

static void scramble_facts(struct reed_stream *s, struct reed_stream_facts *facts)
{
	facts->size = sizeof(*facts);
	reed_stream_facts(self_of(s)->below, facts);
}

static const struct reed_stream_ops scramble_ops = {
	.name = "scramble",
	.read = scramble_read,
	.write = scramble_write,
	.want = scramble_want,
	.shutdown = scramble_shutdown,
	.close = scramble_close,
	.facts = scramble_facts,
	.ready = scramble_ready,
};

struct reed_stream *scramble(struct reed_stream *below)
{
	struct scramble *self = reed_alloc(sizeof(*self));

	reed_stream_init(&self->stream, below->loop, &scramble_ops);
	self->below = below;
	below->above = &self->stream;
	return &self->stream;
}
