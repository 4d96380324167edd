/*
 * A dialogue with a process, over two streams or one.  What the process does not
 * read any more is thrown away: its last words are still to be heard, and a stream
 * whose writes fail would not be read to its end.
 */

#include "process_private.h"

struct joined {
	struct reed_stream stream;
	struct reed_stream *reader, *writer; /* may be the same */
	struct reed_process *process;        /* owned; may be NULL */
};

static struct joined *self_of(struct reed_stream *s)
{
	return reed_container_of(s, struct joined, stream);
}

static ssize_t joined_read(struct reed_stream *s, char *into, size_t room)
{
	struct reed_stream *reader = self_of(s)->reader;
	ssize_t n = reader->ops->read(reader, into, room);

	s->pending = reader->pending;
	reader->pending = false;
	return n;
}

static ssize_t joined_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	struct reed_stream *writer = self_of(s)->writer;
	ssize_t n = writer ? writer->ops->write(writer, iov, count) : (ssize_t)REED_EPIPE;

	if (n != REED_EPIPE && n != REED_ERESET)
		return n;
	n = 0;
	for (int i = 0; i < count; i++)
		n += (ssize_t)iov[i].iov_len;
	return n;
}

static void joined_want(struct reed_stream *s, unsigned events)
{
	struct joined *self = self_of(s);

	if (self->reader == self->writer) {
		self->reader->ops->want(self->reader, events);
		return;
	}
	self->reader->ops->want(self->reader, events & REED_READ);
	if (self->writer)
		self->writer->ops->want(self->writer, events & REED_WRITE);
}

static void joined_shutdown(struct reed_stream *s)
{
	struct joined *self = self_of(s);

	if (self->reader == self->writer) {
		if (self->reader->ops->shutdown)
			self->reader->ops->shutdown(self->reader);
	} else if (self->writer) {
		self->writer->above = NULL;
		reed_close(self->writer);
		self->writer = NULL;
	}
}

static void joined_close(struct reed_stream *s)
{
	struct joined *self = self_of(s);

	if (self->writer && self->writer != self->reader) {
		self->writer->above = NULL;
		reed_abort(self->writer);
	}
	self->reader->above = NULL;
	reed_abort(self->reader);
	reed_process_close(self->process);
}

static const struct reed_stream_ops joined_ops = {
	.name = "process",
	.read = joined_read,
	.write = joined_write,
	.want = joined_want,
	.shutdown = joined_shutdown,
	.close = joined_close,
};

struct reed_stream *reed_process_join(struct reed_stream *reader, struct reed_stream *writer)
{
	struct joined *self = reed_alloc(sizeof(*self));

	reed_stream_init(&self->stream, reader->loop, &joined_ops);
	self->reader = reader;
	self->writer = writer;
	reader->above = &self->stream;
	writer->above = &self->stream;
	return &self->stream;
}

void reed_process_give(struct reed_process *p, struct reed_stream *joined)
{
	assert(joined->ops == &joined_ops);
	self_of(joined)->process = p;
}
