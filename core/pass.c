/* Streams that let bytes pass: the operations they share. */

#include "pass.h"

#include <string.h>

enum { IOVECS = 64 };

static struct reed_pass *pass_of(struct reed_stream *s)
{
	return reed_container_of(s, struct reed_pass, stream);
}

/* ---- readiness ---- */

static void want_below(struct reed_pass *self)
{
	unsigned events = self->top_wants;

	if (self->held[REED_IN])
		events &= ~(unsigned)REED_READ;
	if (self->held[REED_OUT])
		events &= ~(unsigned)REED_WRITE;
	if (self->below->first)
		events |= REED_WRITE;
	reed_stream_want(self->below, events);
}

static size_t may_go(struct reed_pass *self, enum reed_way way, size_t n)
{
	size_t may = self->ops->may ? self->ops->may(self, way, n) : n;

	self->held[way] = may == 0 && n > 0;
	return may;
}

void reed_pass_resume(struct reed_pass *self)
{
	unsigned events =
		(self->held[REED_IN] ? REED_READ : 0u) | (self->held[REED_OUT] ? REED_WRITE : 0u);

	self->held[REED_IN] = self->held[REED_OUT] = false;
	want_below(self);
	if (events)
		reed_stream_ready(&self->stream, events); /* which may be the end of it */
}

static void tell_end(struct reed_pass *self, enum reed_way way, enum reed_err err)
{
	if (!self->over[way] && self->ops->ended)
		self->ops->ended(self, way, err);
	self->over[way] = true;
}

/* ---- reading ---- */

/* What had come before the stream below was built upon goes first. */
static ssize_t read_left_over(struct reed_stream *below, char *into, size_t room)
{
	struct reed_slice left = reed_slice_first(reed_peek(below), room);

	memcpy(into, left.p, left.n);
	reed_skip(below, left.n);
	reed_stream_tidy(below);
	return (ssize_t)left.n;
}

static ssize_t read_below(struct reed_stream *below, char *into, size_t room)
{
	ssize_t n;

	if (reed_stream_held(below) > 0)
		return read_left_over(below, into, room);
	if (below->read_err)
		return (ssize_t)below->read_err;
	below->pending = false;
	n = below->ops->read(below, into, room);
	if (n > 0)
		reed_stream_count_in(below, (size_t)n);
	return n;
}

static ssize_t pass_read(struct reed_stream *s, char *into, size_t room)
{
	struct reed_pass *self = pass_of(s);
	size_t may = may_go(self, REED_IN, room);
	ssize_t n;

	if (may == 0) {
		want_below(self);
		return REED_EAGAIN;
	}
	n = read_below(self->below, into, may);
	if (n > 0) {
		s->pending = self->below->pending || reed_stream_held(self->below) > 0;
		if (self->ops->went)
			self->ops->went(self, REED_IN, reed_slice(into, (size_t)n));
	} else if (n != REED_EAGAIN) {
		tell_end(self, REED_IN, (enum reed_err)n);
		reed_stream_blame(s, reed_fault_copy(self->below->fault));
	}
	return n;
}

/* ---- writing ---- */

/* The first n bytes of iov; returns the count. */
static int cut(const struct iovec *iov, int count, size_t n, struct iovec *out)
{
	int i = 0;

	for (; i < count && i < IOVECS && n > 0; i++) {
		out[i] = iov[i];
		if (out[i].iov_len > n)
			out[i].iov_len = n;
		n -= out[i].iov_len;
	}
	return i;
}

static void tell_gone(struct reed_pass *self, const struct iovec *iov, size_t n)
{
	for (; n > 0; iov++) {
		size_t part = iov->iov_len < n ? iov->iov_len : n;

		if (part > 0)
			self->ops->went(self, REED_OUT, reed_slice(iov->iov_base, part));
		n -= part;
	}
}

static ssize_t write_some(struct reed_pass *self, const struct iovec *iov, int count)
{
	struct iovec part[IOVECS];
	size_t total = 0, may;
	ssize_t n;

	for (int i = 0; i < count; i++)
		total += iov[i].iov_len;
	may = may_go(self, REED_OUT, total);
	if (may == 0)
		return total > 0 ? REED_EAGAIN : 0;
	if (may < total) {
		count = cut(iov, count, may, part);
		iov = part;
	}
	n = self->below->ops->write(self->below, iov, count);
	if (n > 0) {
		reed_stream_count_out(self->below, (size_t)n);
		if (self->ops->went)
			tell_gone(self, iov, (size_t)n);
	}
	return n;
}

static ssize_t pass_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	struct reed_pass *self = pass_of(s);
	enum reed_err err = reed_stream_flush_below(self->below);
	ssize_t n = err ? (ssize_t)err : write_some(self, iov, count);

	if (n < 0 && n != REED_EAGAIN) {
		tell_end(self, REED_OUT, (enum reed_err)n);
		reed_stream_blame(s, reed_fault_copy(self->below->fault));
	}
	want_below(self);
	return n;
}

/* ---- the rest ---- */

static void pass_want(struct reed_stream *s, unsigned events)
{
	pass_of(s)->top_wants = events & 7;
	want_below(pass_of(s));
}

/* Also the wish to write that is only ours, for what stands below, must not wake the top. */
static unsigned pass_ready(struct reed_stream *s, unsigned events)
{
	struct reed_pass *self = pass_of(s);
	struct reed_stream *below = self->below;

	if (events & REED_WRITE) {
		below->blocked = false;
		if (reed_stream_flush_below(below) == REED_EAGAIN)
			events &= ~(unsigned)REED_WRITE;
		if (below->shutting && !below->first && !below->shut)
			reed_at_turn_end(below->loop, &below->flush);
	}
	if (self->held[REED_IN])
		events &= ~(unsigned)REED_READ;
	if (self->held[REED_OUT])
		events &= ~(unsigned)REED_WRITE;
	want_below(self);
	return events;
}

static void pass_shutdown(struct reed_stream *s)
{
	struct reed_pass *self = pass_of(s);

	tell_end(self, REED_OUT, REED_EEOF);
	if (self->below->shutting)
		return;
	reed_shutdown(self->below);
	if (!self->below->blocked) /* now: this may be closed before the end of the turn */
		reed_stream_flush(&self->below->flush);
}

static void pass_close(struct reed_stream *s)
{
	struct reed_pass *self = pass_of(s);
	struct reed_stream *below = self->below;

	tell_end(self, REED_IN, s->aborted ? REED_ECANCELED : REED_EEOF);
	tell_end(self, REED_OUT, s->aborted ? REED_ECANCELED : REED_EEOF);
	below->above = NULL;
	reed_stream_want(below, 0); /* so that what it wants next is looked at anew */
	if (!below->read_err && below->shut)
		below->read_err = s->read_err; /* the peer has been heard out */
	if (s->aborted || s->write_err)
		reed_abort(below);
	else
		reed_close(below);
	self->ops->free(self);
}

static void pass_facts(struct reed_stream *s, struct reed_stream_facts *facts)
{
	facts->size = sizeof(*facts);
	reed_stream_facts(pass_of(s)->below, facts);
}

static size_t pass_on_the_way(struct reed_stream *s)
{
	return reed_on_the_way(pass_of(s)->below);
}

static const struct reed_stream_ops pass_ops = {
	.name = "pass",
	.read = pass_read,
	.write = pass_write,
	.want = pass_want,
	.shutdown = pass_shutdown,
	.close = pass_close,
	.facts = pass_facts,
	.ready = pass_ready,
	.on_the_way = pass_on_the_way,
};

/* Over a kind whose end only the close can tell. */
static const struct reed_stream_ops endless_ops = {
	.name = "pass",
	.read = pass_read,
	.write = pass_write,
	.want = pass_want,
	.close = pass_close,
	.facts = pass_facts,
	.ready = pass_ready,
	.on_the_way = pass_on_the_way,
};

struct reed_stream *reed_pass_init(struct reed_pass *self, struct reed_stream *below,
                                   const struct reed_pass_ops *ops)
{
	assert(!below->above && !below->closed && !below->is_reading);
	reed_stream_init(&self->stream, below->loop,
	                 below->ops->shutdown ? &pass_ops : &endless_ops);
	self->stream.limits = below->limits;
	self->stream.pending = reed_stream_held(below) > 0 || below->pending;
	self->ops = ops;
	self->below = below;
	below->above = &self->stream;
	return &self->stream;
}
