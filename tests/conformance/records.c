/*
 * A stream made from a stream, as TLS is: in records of at most RECORD bytes,
 * each with its length in front.  A record is only handed out when all of it
 * is here; one that was taken may still be on its way out; an empty record is
 * the end, and an end without it is a break.
 */

#include "tests/conformance/stream.h"

#include "reed/buf.h"

enum { RECORD = 1000, HEAD = 2, READ = 512 };

struct records {
	struct reed_stream stream;
	struct reed_stream *below;
	struct reed_buf in, out;
	bool ending, ended; /* our end is in out; the peer's was read */
};

static struct records *self_of(struct reed_stream *s)
{
	return reed_container_of(s, struct records, stream);
}

/* An idle one holds no memory. */
static void skip(struct reed_buf *buf, size_t n)
{
	reed_buf_skip(buf, n);
	if (reed_buf_held(buf) == 0)
		reed_buf_finish(buf);
}

/* ---- in ---- */

static bool record_is_here(struct records *self, struct reed_slice *record)
{
	struct reed_slice in = reed_buf_slice(&self->in);
	size_t n;

	if (in.n < HEAD)
		return false;
	n = (size_t)((unsigned char)in.p[0] << 8 | (unsigned char)in.p[1]);
	if (in.n < HEAD + n)
		return false;
	*record = reed_slice(in.p + HEAD, n);
	return true;
}

static ssize_t read_ahead(struct records *self)
{
	ssize_t n;

	check_int(reed_buf_reserve(&self->in, READ), REED_OK);
	n = self->below->ops->read(self->below, self->in.p + self->in.end, READ);
	if (n > 0)
		reed_buf_added(&self->in, (size_t)n);
	if (n != REED_EEOF)
		return n;
	reed_stream_blame(&self->stream, reed_fault(REED_ERESET, NULL, "an end without a record"));
	return REED_ERESET;
}

/* A record that does not fit is shortened: what is left gets a head of its own. */
static void take_out(struct records *self, size_t n, size_t of)
{
	char *rest;

	if (n == of) {
		skip(&self->in, HEAD + n);
		return;
	}
	reed_buf_skip(&self->in, n);
	rest = self->in.p + self->in.begin;
	rest[0] = (char)((of - n) >> 8);
	rest[1] = (char)(of - n);
}

static ssize_t records_read(struct reed_stream *s, char *into, size_t room)
{
	struct records *self = self_of(s);
	struct reed_slice record, next;
	ssize_t n;

	if (self->ended)
		return REED_EEOF;
	while (!record_is_here(self, &record)) {
		n = read_ahead(self);
		if (n < 0)
			return n;
	}
	if (record.n == 0) {
		self->ended = true;
		return REED_EEOF;
	}
	record = reed_slice_first(record, room);
	memcpy(into, record.p, record.n);
	take_out(self, record.n,
	         (size_t)((unsigned char)record.p[-2] << 8 | (unsigned char)record.p[-1]));
	s->pending = record_is_here(self, &next) || self->below->pending;
	return (ssize_t)record.n;
}

/* ---- out ---- */

/* What was taken and has not left yet; false while the stream below takes no more. */
static enum reed_err push_out(struct records *self)
{
	struct reed_slice left = reed_buf_slice(&self->out);
	struct iovec one = { (void *)(uintptr_t)left.p, left.n };
	ssize_t n;

	if (left.n == 0)
		return REED_OK;
	n = self->below->ops->write(self->below, &one, 1);
	if (n < 0)
		return (enum reed_err)n;
	skip(&self->out, (size_t)n);
	return reed_buf_held(&self->out) ? REED_EAGAIN : REED_OK;
}

static void want(struct records *self, unsigned events)
{
	events |= reed_buf_held(&self->out) ? REED_WRITE : 0;
	self->below->ops->want(self->below, events);
}

static void add_record(struct records *self, const struct iovec *iov, int count, size_t n)
{
	reed_buf_add_char(&self->out, (char)(n >> 8));
	reed_buf_add_char(&self->out, (char)n);
	for (int i = 0; i < count && n > 0; i++) {
		size_t part = iov[i].iov_len < n ? iov[i].iov_len : n;

		reed_buf_add(&self->out, reed_slice(iov[i].iov_base, part));
		n -= part;
	}
}

static ssize_t records_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	struct records *self = self_of(s);
	enum reed_err err = push_out(self);
	size_t n = 0;

	if (err)
		return err;
	for (int i = 0; i < count; i++)
		n += iov[i].iov_len;
	n = n < RECORD ? n : RECORD;
	add_record(self, iov, count, n);
	err = push_out(self);
	if (err && err != REED_EAGAIN)
		return err;
	want(self, s->wanted);
	return (ssize_t)n;
}

static void records_want(struct reed_stream *s, unsigned events)
{
	want(self_of(s), events);
}

static void end_below(struct records *self)
{
	if (self->ending && reed_buf_held(&self->out) == 0 && self->below->ops->shutdown)
		self->below->ops->shutdown(self->below);
}

static void records_shutdown(struct reed_stream *s)
{
	struct records *self = self_of(s);

	self->ending = true;
	add_record(self, NULL, 0, 0);
	push_out(self);
	end_below(self);
	want(self, s->wanted);
}

/* What is left goes first; the stream above is told of the room when there is some. */
static unsigned records_ready(struct reed_stream *s, unsigned events)
{
	struct records *self = self_of(s);
	bool had = reed_buf_held(&self->out) > 0;

	if (!(events & REED_WRITE) || !had)
		return events;
	if (push_out(self) == REED_EAGAIN) {
		want(self, s->wanted);
		return events & ~(unsigned)REED_WRITE;
	}
	end_below(self);
	want(self, s->wanted);
	return s->wanted & REED_WRITE ? events : events & ~(unsigned)REED_WRITE;
}

static void records_close(struct reed_stream *s)
{
	struct records *self = self_of(s);

	self->below->above = NULL;
	reed_abort(self->below);
	reed_buf_finish(&self->in);
	reed_buf_finish(&self->out);
}

static const struct reed_stream_ops records_ops = {
	.name = "records",
	.read = records_read,
	.write = records_write,
	.want = records_want,
	.shutdown = records_shutdown,
	.close = records_close,
	.ready = records_ready,
};

struct reed_stream *in_records(struct reed_stream *below)
{
	struct records *self = reed_alloc(sizeof(*self));

	reed_stream_init(&self->stream, below->loop, &records_ops);
	self->below = below;
	below->above = &self->stream;
	return &self->stream;
}
