/* Writing to a stream, for all kinds: a queue of chunks, one system call a turn. */

#include "private.h"

#include <string.h>

#include "reed/folder.h"
#include "reed/source.h"
#include "rights.h"

enum {
	BLOB_COPIED = 256, /* copying is cheaper than one more iovec */
	IOVECS = 64,
};

/* ---- the queue ---- */

void reed_stream_discard_output(struct reed_stream *s)
{
	while (s->first) {
		struct reed_chunk *c = s->first;

		s->first = c->next;
		reed_chunk_return(s->loop, c);
	}
	s->last = NULL;
	s->queued = 0;
	s->fds_queued = 0;
}

static void fail(struct reed_stream *s, enum reed_err err)
{
	s->write_err = err;
	reed_stream_discard_output(s);
	if (!s->read_err)
		s->read_err = err;
	if (s->is_reading && !s->reading.settled)
		reed_settle(&s->reading, REED_OK);
	if (!s->closed)
		reed_at_turn_end(s->loop, &s->flush); /* tells who waits for the queue */
}

void reed_stream_break_writing(struct reed_stream *s, enum reed_err err)
{
	if (!s->write_err)
		fail(s, err);
}

static void append(struct reed_stream *s, struct reed_chunk *c)
{
	if (s->last)
		s->last->next = c;
	else
		s->first = c;
	s->last = c;
}

static void append_copy(struct reed_stream *s, struct reed_slice bytes)
{
	struct reed_chunk *c = s->last;

	s->queued += (uint32_t)bytes.n;
	if (c && c->end < c->size) {
		size_t n = c->size - c->end < bytes.n ? c->size - c->end : bytes.n;

		memcpy(c->bytes + c->end, bytes.p, n);
		c->end += (uint32_t)n;
		bytes = reed_slice_from(bytes, n);
	}
	if (bytes.n > 0) {
		c = reed_chunk_take(s->loop, bytes.n);
		memcpy(c->bytes, bytes.p, bytes.n);
		c->end = (uint32_t)bytes.n;
		append(s, c);
	}
}

static void consume(struct reed_stream *s, size_t n)
{
	s->queued -= (uint32_t)n;
	while (s->first && n >= s->first->end - s->first->begin) {
		struct reed_chunk *c = s->first;

		n -= c->end - c->begin;
		s->first = c->next;
		reed_chunk_return(s->loop, c);
	}
	if (s->first)
		s->first->begin += (uint32_t)n;
	else
		s->last = NULL;
}

/* The queue, and extra if all of the queue fits; returns the bytes. */
static size_t gather(struct reed_stream *s, struct reed_slice extra, struct iovec *iov, int *count,
                     size_t *from_queue)
{
	struct reed_chunk *c = s->first;
	size_t total = 0;

	/* Descriptors go with a first byte, so what brings some begins a write. */
	for (*count = 0; c && !c->source && *count < IOVECS && (c == s->first || !c->rights);
	     c = c->next) {
		char *bytes = c->blob ? c->blob->bytes : c->bytes;

		iov[(*count)++] = (struct iovec){ bytes + c->begin, c->end - c->begin };
		total += c->end - c->begin;
	}
	*from_queue = total;
	s->more = c && c->source;
	if (extra.n > 0 && !c) {
		iov[(*count)++] = (struct iovec){ (void *)(uintptr_t)extra.p, extra.n };
		total += extra.n;
	}
	return total;
}

/* What the kind cannot send is read here, a buffer at a time. */
static ssize_t send_copy(struct reed_stream *s, const struct reed_chunk *c, size_t *n)
{
	char *buf = reed_buffer_take(s->loop);
	struct iovec iov = { buf, *n < REED_BUFFER ? *n : REED_BUFFER };
	enum reed_err err =
		reed_folder_read(reed_source_fd(c->source), buf, iov.iov_len, c->offset + c->begin);
	ssize_t went = err ? (ssize_t)err : s->ops->write(s, &iov, 1);

	reed_buffer_return(s->loop, buf);
	*n = iov.iov_len;
	return went;
}

/* *n is what the kind was offered. */
static ssize_t send_out(struct reed_stream *s, const struct reed_chunk *c, size_t *n)
{
	ssize_t went = REED_ENOTSUP;

	*n = c->end - c->begin;
	if (s->ops->send)
		went = s->ops->send(s, reed_source_fd(c->source), c->offset + c->begin, *n);
	if (went == REED_ENOTSUP)
		went = send_copy(s, c, n);
	if (went != 0 && went != REED_EIO)
		return went;
	reed_stream_blame(s, reed_fault(REED_EIO, NULL,
	                                "the file could not be read as far as it should"));
	return REED_EIO;
}

static ssize_t write_out(struct reed_stream *s, const struct iovec *iov, int count)
{
	struct reed_rights *rights = s->first ? s->first->rights : NULL;
	ssize_t n;

	if (!rights)
		return s->ops->write(s, iov, count);
	n = s->ops->fds->write(s, iov, count, rights->fds, rights->count);
	if (n > 0) {
		s->fds_queued -= (unsigned)rights->count;
		s->first->rights = NULL;
		reed_rights_free(rights);
	}
	return n;
}

void reed_stream_count_out(struct reed_stream *s, size_t n)
{
	s->bytes_out += n;
	s->moved = s->loop->now;
}

/* One write for the queue and then extra; returns how much of extra went. */
size_t reed_stream_output(struct reed_stream *s, struct reed_slice extra)
{
	struct iovec iov[IOVECS + 1];
	size_t from_queue, total;
	int count;
	ssize_t n;

	if (s->first && s->first->source) {
		n = send_out(s, s->first, &total);
		from_queue = total;
	} else {
		total = gather(s, extra, iov, &count, &from_queue);
		n = write_out(s, iov, count);
	}
	if (n < 0 && n != REED_EAGAIN) {
		fail(s, (enum reed_err)n);
		return 0;
	}
	n = n < 0 ? 0 : n;
	if (n > 0)
		reed_stream_count_out(s, (size_t)n);
	s->loop->stats.bytes_out += (uint64_t)n;
	if ((size_t)n < total) {
		s->blocked = true;
		reed_stream_want(s, s->wanted | REED_WRITE);
	}
	consume(s, (size_t)n < from_queue ? (size_t)n : from_queue);
	return (size_t)n > from_queue ? (size_t)n - from_queue : 0;
}

enum reed_err reed_stream_flush_below(struct reed_stream *below)
{
	while (below->first && !below->blocked)
		reed_stream_output(below, REED_STR(""));
	if (below->write_err)
		return below->write_err;
	return below->first ? REED_EAGAIN : REED_OK;
}

/* ---- what waited for the queue to shrink ---- */

static void end_drain(struct reed_stream *s)
{
	if (s->write_err)
		s->draining.fault = reed_fault_copy(s->fault);
	reed_settle(&s->draining, s->write_err);
}

static void tell_drain(struct reed_stream *s)
{
	uint32_t low = s->to_empty ? 0 : s->limits->low;

	if (s->is_draining && !s->draining.settled && (s->write_err || s->queued <= low))
		end_drain(s);
}

static void shrunk(struct reed_stream *s)
{
	tell_drain(s);
	if (s->paused && s->queued <= s->limits->low && reed_stream_pushes(s))
		reed_stream_push(s);
	if (s->first)
		return;
	if (s->shutting && !s->shut && !s->write_err) {
		s->shut = true;
		if (s->ops->shutdown)
			s->ops->shutdown(s);
	}
	if (s->closed && (s->read_err || s->write_err || !s->ops->shutdown))
		reed_stream_gone(s);
	else if (s->closed)
		reed_stream_want(s, REED_READ);
}

void reed_stream_flush(struct reed_last *last)
{
	struct reed_stream *s = reed_container_of(last, struct reed_stream, flush);

	if (s->closed)
		reed_list_append(reed_stream_lingering(s->loop), &last->link);
	reed_hasten(s);
	shrunk(s);
}

/* ---- what the user calls ---- */

static bool may_write(struct reed_stream *s, size_t n)
{
	assert(!s->closed && !s->shutting);
	if (s->write_err)
		return false;
	if (n > s->limits->output || s->queued > s->limits->output - n) {
		reed_stream_blame(s, reed_fault(REED_ETOOBIG, NULL,
		                                "the peer did not take %u bytes in time",
		                                (unsigned)s->queued));
		s->loop->stats.output_full++;
		fail(s, REED_ETOOBIG);
		return false;
	}
	return n > 0;
}

void reed_write(struct reed_stream *s, struct reed_slice bytes)
{
	size_t gone = 0;

	if (!may_write(s, bytes.n))
		return;
	if (bytes.n >= REED_WRITE_DIRECT && !s->blocked) {
		gone = reed_stream_output(s, bytes);
		if (gone == bytes.n || s->write_err)
			return;
	}
	append_copy(s, reed_slice_from(bytes, gone));
	if (!s->blocked)
		reed_at_turn_end(s->loop, &s->flush);
}

void reed_write_str(struct reed_stream *s, const char *text)
{
	reed_write(s, reed_slice_of(text));
}

void reed_printf(struct reed_stream *s, const char *format, ...)
{
	char small[1024], *text = small;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	if (n >= (int)sizeof(small)) {
		text = reed_alloc_raw((size_t)n + 1);
		va_start(args, format);
		vsnprintf(text, (size_t)n + 1, format, args);
		va_end(args);
	}
	if (n > 0)
		reed_write(s, reed_slice(text, (size_t)n));
	if (text != small)
		reed_free(text);
}

static void append_share(struct reed_stream *s, struct reed_chunk *c, size_t n)
{
	c->end = c->begin + (uint32_t)n;
	s->queued += (uint32_t)n;
	append(s, c);
	if (!s->blocked)
		reed_at_turn_end(s->loop, &s->flush);
}

void reed_write_blob_part(struct reed_stream *s, struct reed_blob *blob, size_t offset, size_t n)
{
	struct reed_chunk *c;

	assert(offset <= blob->n && n <= blob->n - offset);
	if (n <= BLOB_COPIED) {
		reed_write(s, reed_slice(blob->bytes + offset, n));
		return;
	}
	if (!may_write(s, n))
		return;
	c = reed_chunk_take(s->loop, 0);
	c->blob = reed_blob_share(blob);
	c->begin = (uint32_t)offset;
	append_share(s, c, n);
}

void reed_write_blob(struct reed_stream *s, struct reed_blob *blob)
{
	reed_write_blob_part(s, blob, 0, blob->n);
}

void reed_write_source(struct reed_stream *s, struct reed_source *source, uint64_t offset, size_t n)
{
	struct reed_chunk *c;

	if (!may_write(s, n))
		return;
	c = reed_chunk_take(s->loop, 0);
	c->source = reed_source_share(source);
	c->offset = offset;
	append_share(s, c, n);
}

enum reed_err reed_write_fds(struct reed_stream *s, struct reed_slice bytes, const int *fds,
                             size_t n)
{
	struct reed_rights *rights;
	struct reed_chunk *c;

	if (!s->ops->fds || s->ops->fds->accept(s, 0))
		return REED_ENOTSUP;
	if (n == 0 || n > REED_FDS || bytes.n == 0)
		return REED_EINVAL;
	if (s->fds_queued + n > REED_FDS_QUEUED)
		return REED_EOVERFLOW;
	rights = reed_rights_of(fds, n);
	if (!rights)
		return errno == EBADF ? REED_EINVAL : reed_err_of(errno);
	if (!may_write(s, bytes.n)) {
		reed_rights_free(rights);
		return s->write_err;
	}
	c = reed_chunk_take(s->loop, bytes.n);
	memcpy(c->bytes, bytes.p, bytes.n);
	c->end = (uint32_t)bytes.n;
	c->rights = rights;
	s->queued += (uint32_t)bytes.n;
	s->fds_queued += (unsigned)n;
	append(s, c);
	if (!s->blocked)
		reed_at_turn_end(s->loop, &s->flush);
	return REED_OK;
}

void reed_hasten(struct reed_stream *s)
{
	while (s->first && !s->blocked)
		reed_stream_output(s, REED_STR(""));
}

bool reed_must_drain(const struct reed_stream *s)
{
	return s->queued > s->limits->high;
}

static void drain_free(struct reed_future *f)
{
	struct reed_stream *s = reed_container_of(f, struct reed_stream, draining);

	s->is_draining = false;
	if (s->gone)
		reed_stream_gone(s);
}

static const struct reed_future_kind drain_kind = { .name = "drain", .free = drain_free };

static struct reed_future *drain(struct reed_stream *s, bool to_empty)
{
	assert(!s->is_draining && !s->closed);
	reed_future_init(&s->draining, s->loop, &drain_kind);
	s->is_draining = true;
	s->to_empty = to_empty;
	if (s->write_err || s->queued == 0 || (!to_empty && !reed_must_drain(s)))
		end_drain(s);
	return &s->draining;
}

struct reed_future *reed_drain(struct reed_stream *s)
{
	return drain(s, false);
}

struct reed_future *reed_flush(struct reed_stream *s)
{
	return drain(s, true);
}

void reed_shutdown(struct reed_stream *s)
{
	s->shutting = true;
	if (!s->blocked)
		reed_at_turn_end(s->loop, &s->flush);
}
