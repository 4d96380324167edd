/*
 * Reading from a stream, for all kinds.
 *
 * A read settles when the stream is ready and is carried out at the attempt:
 * whoever drops a read has taken nothing, and the bytes are still in the cache
 * when their reader sees them.
 */

#include "private.h"

#include <string.h>

enum { TAIL = 4096 }; /* up to this, what is left over moves to memory of its size */

struct reed_stream *reed_stream_of(struct reed_future *reading)
{
	return reed_container_of(reading, struct reed_stream, reading);
}

/* ---- the buffer ---- */

static void set_buffer(struct reed_stream *s, char *buf, uint32_t size)
{
	s->loop->stats.input_held += size;
	s->loop->stats.input_held -= s->size;
	s->buf = buf;
	s->size = size;
}

static void release(struct reed_stream *s)
{
	if (s->size == REED_BUFFER)
		reed_buffer_return(s->loop, s->buf);
	else
		reed_free(s->buf);
	set_buffer(s, NULL, 0);
	s->begin = s->end = 0;
}

/* Nobody looks at it now: nothing is worth no buffer, a little one of its size. */
void reed_stream_tidy(struct reed_stream *s)
{
	uint32_t n = reed_stream_held(s);
	char *tail;

	if (!s->buf)
		return;
	if (n == 0) {
		release(s);
	} else if (s->size >= REED_BUFFER && n <= TAIL) {
		tail = reed_alloc_raw(n);
		memcpy(tail, s->buf + s->begin, n);
		release(s);
		set_buffer(s, tail, n);
		s->end = n;
	}
}

static void make_room(struct reed_stream *s)
{
	uint32_t n = reed_stream_held(s);
	char *buf;

	if (s->size < REED_BUFFER) {
		buf = reed_buffer_take(s->loop);
		if (n)
			memcpy(buf, s->buf + s->begin, n);
		reed_free(s->buf);
		set_buffer(s, buf, REED_BUFFER);
	} else if (s->begin > 0) {
		memmove(s->buf, s->buf + s->begin, n);
	} else if (s->size == REED_BUFFER) {
		/* the lent one stays what it is, so that it can be given back */
		buf = reed_alloc_raw((size_t)REED_BUFFER * 2);
		memcpy(buf, s->buf, n);
		reed_buffer_return(s->loop, s->buf);
		set_buffer(s, buf, REED_BUFFER * 2);
	} else {
		set_buffer(s, reed_realloc(s->buf, (size_t)s->size * 2), s->size * 2);
	}
	s->begin = 0;
	s->end = n;
}

void reed_stream_count_in(struct reed_stream *s, size_t n)
{
	s->bytes_in += n;
	s->moved = s->loop->now;
}

/* One read, as large as it can be. */
enum reed_err reed_stream_fill(struct reed_stream *s)
{
	uint32_t n = reed_stream_held(s), room;
	ssize_t got;

	if (s->read_err)
		return s->read_err;
	if (n >= s->limits->input) {
		s->loop->stats.input_full++;
		return REED_ETOOBIG;
	}
	if (!s->buf || s->begin > 0 || s->end == s->size || s->size < REED_BUFFER)
		make_room(s);
	room = s->size - s->end;
	if (room > s->limits->input - n)
		room = s->limits->input - n;
	s->pending = false;
	got = s->ops->read(s, s->buf + s->end, room);
	if (got > 0) {
		s->end += (uint32_t)got;
		reed_stream_count_in(s, (size_t)got);
		s->loop->stats.bytes_in += (uint64_t)got;
		return REED_OK;
	}
	reed_stream_tidy(s);
	if (got == REED_EAGAIN)
		reed_stream_want(s, s->wanted | REED_READ); /* it was tried without an event */
	else
		s->read_err = (enum reed_err)got;
	return (enum reed_err)got;
}

/* ---- what is here ---- */

struct reed_slice reed_peek(struct reed_stream *s)
{
	s->unseen = false;
	return reed_slice(s->buf ? s->buf + s->begin : "", reed_stream_held(s));
}

void reed_skip(struct reed_stream *s, size_t n)
{
	assert(n <= reed_stream_held(s));
	s->begin += (uint32_t)n;
}

bool reed_take(struct reed_stream *s, size_t n, struct reed_slice *out)
{
	if (n > reed_stream_held(s))
		return false;
	*out = reed_slice_first(reed_peek(s), n);
	s->begin += (uint32_t)n;
	return true;
}

static const char *find_line_end(struct reed_stream *s, size_t scanned)
{
	struct reed_slice rest = reed_slice_from(reed_peek(s), scanned);

	return rest.n ? memchr(rest.p, '\n', rest.n) : NULL;
}

static bool take_line(struct reed_stream *s, size_t scanned, struct reed_slice *line)
{
	const char *end = find_line_end(s, scanned), *start;
	size_t n;

	if (!end)
		return false;
	start = s->buf + s->begin;
	n = (size_t)(end - start);
	s->begin += (uint32_t)n + 1;
	*line = reed_slice(start, n > 0 && end[-1] == '\r' ? n - 1 : n);
	return true;
}

bool reed_take_line(struct reed_stream *s, struct reed_slice *line)
{
	return take_line(s, 0, line);
}

/* ---- what will be here ---- */

void reed_stream_read_free(struct reed_future *f)
{
	struct reed_stream *s = reed_stream_of(f);

	s->is_reading = false;
	if (s->gone)
		reed_stream_gone(s);
}

enum reed_err reed_stream_told(struct reed_stream *s, enum reed_err err)
{
	if (err && err != REED_EAGAIN)
		s->reading.fault = reed_fault_copy(s->fault);
	return err;
}

/* Not enough yet; a kind that holds more already will not be heard of otherwise. */
enum reed_err reed_stream_not_yet(struct reed_stream *s)
{
	if (s->pending)
		reed_settle(&s->reading, REED_OK);
	else
		reed_stream_want(s, s->wanted | REED_READ);
	return REED_EAGAIN;
}

static enum reed_err more_attempt(struct reed_future *f)
{
	struct reed_stream *s = reed_stream_of(f);

	if (s->unseen && reed_stream_held(s) > 0) {
		s->unseen = false;
		return REED_OK;
	}
	return reed_stream_told(s, reed_stream_fill(s));
}

static enum reed_err exactly_attempt(struct reed_future *f)
{
	struct reed_stream *s = reed_stream_of(f);
	enum reed_err err = REED_OK;

	if (reed_stream_held(s) < s->need)
		err = s->need > s->limits->input ? REED_ETOOBIG : reed_stream_fill(s);
	if (err)
		return reed_stream_told(s, err);
	return reed_stream_held(s) < s->need ? reed_stream_not_yet(s) : REED_OK;
}

static void exactly_deliver(struct reed_future *f)
{
	struct reed_stream *s = reed_stream_of(f);

	if (!f->err)
		reed_take(s, s->need, s->out);
}

static enum reed_err line_attempt(struct reed_future *f)
{
	struct reed_stream *s = reed_stream_of(f);
	enum reed_err err;

	if (find_line_end(s, s->need))
		return REED_OK;
	s->need = reed_stream_held(s);
	err = reed_stream_fill(s);
	if (err)
		return reed_stream_told(s, err);
	return find_line_end(s, s->need) ? REED_OK : reed_stream_not_yet(s);
}

static void line_deliver(struct reed_future *f)
{
	struct reed_stream *s = reed_stream_of(f);

	if (!f->err)
		take_line(s, s->need, s->out);
}

static const struct reed_future_kind more_kind = {
	.name = "more",
	.attempt = more_attempt,
	.free = reed_stream_read_free,
};

static const struct reed_future_kind exactly_kind = {
	.name = "read_exactly",
	.attempt = exactly_attempt,
	.deliver = exactly_deliver,
	.free = reed_stream_read_free,
};

static const struct reed_future_kind line_kind = {
	.name = "read_line",
	.attempt = line_attempt,
	.deliver = line_deliver,
	.free = reed_stream_read_free,
};

/*
 * Who waits for the peer has said what it had to say, so that leaves first, while
 * the socket is in the cache.  Settled at once when the attempt needs no event.
 */
struct reed_future *reed_stream_read(struct reed_stream *s, const struct reed_future_kind *kind,
                                     bool ready)
{
	assert(!s->is_reading && !s->closed);
	if (s->first && !s->blocked)
		reed_stream_output(s, REED_STR(""));
	reed_stream_tidy(s);
	reed_future_init(&s->reading, s->loop, kind);
	s->is_reading = true;
	if (ready || s->pending || s->read_err || reed_stream_held(s) >= s->limits->input)
		reed_settle(&s->reading, REED_OK);
	else
		reed_stream_want(s, s->wanted | REED_READ);
	return &s->reading;
}

struct reed_future *reed_more(struct reed_stream *s)
{
	return reed_stream_read(s, &more_kind, s->unseen && reed_stream_held(s) > 0);
}

void reed_stream_hand_on(struct reed_stream *s)
{
	s->unseen = true;
	reed_stream_tidy(s);
}

struct reed_future *reed_read_exactly(struct reed_stream *s, size_t n, struct reed_slice *out)
{
	s->need = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
	s->out = out;
	return reed_stream_read(s, &exactly_kind,
	                        reed_stream_held(s) >= s->need || s->need > s->limits->input);
}

struct reed_future *reed_read_line(struct reed_stream *s, struct reed_slice *line)
{
	s->need = 0;
	s->out = line;
	return reed_stream_read(s, &line_kind, find_line_end(s, 0) != NULL);
}
