/* Frames with their length in front: what is one, and the reads of streams that wait for one. */

#include "reed/frame.h"

#include "private.h"

enum { DIGITS = 9, HEAD = DIGITS + 1 }; /* "999999999:" */

uint32_t reed_frame_most(enum reed_frame kind)
{
	static const uint32_t most[] = {
		[REED_FRAME_NETSTRING] = 999999999,
		[REED_FRAME_8] = UINT8_MAX,
		[REED_FRAME_16] = UINT16_MAX,
		[REED_FRAME_32] = UINT32_MAX,
	};

	return most[kind];
}

/* ---- what stands in front ---- */

struct head {
	size_t length; /* of itself */
	uint32_t body;
};

static enum reed_err refuse(enum reed_err err, const char **wrong, const char *words)
{
	*wrong = words;
	return err;
}

/* How many bytes the numbers have; 0: it is of digits. */
static size_t width(enum reed_frame kind)
{
	static const size_t widths[] = {
		[REED_FRAME_NETSTRING] = 0,
		[REED_FRAME_8] = 1,
		[REED_FRAME_16] = 2,
		[REED_FRAME_32] = 4,
	};

	return widths[kind];
}

static enum reed_err parse_number(size_t n, struct reed_slice in, struct head *head)
{
	head->length = n;
	head->body = 0;
	if (in.n < n)
		return REED_EAGAIN;
	for (size_t i = 0; i < n; i++)
		head->body = head->body << 8 | (unsigned char)in.p[i];
	return REED_OK;
}

/* As many digits as are here; what is over most already need not come to its end. */
static enum reed_err parse_digits(uint32_t most, struct reed_slice in, struct head *head,
                                  const char **wrong)
{
	uint64_t value = 0;
	size_t n = 0;

	for (; n < in.n && in.p[n] >= '0' && in.p[n] <= '9'; n++) {
		if (n > 0 && value == 0)
			return refuse(REED_EPROTO, wrong, "a netstring's length begins with 0");
		value = value * 10 + (unsigned)(in.p[n] - '0');
		if (value > most)
			return refuse(REED_ETOOBIG, wrong, "a netstring is longer than allowed");
	}
	head->length = n + 1;
	head->body = (uint32_t)value;
	if (n == in.n)
		return REED_EAGAIN;
	if (n == 0)
		return refuse(REED_EPROTO, wrong, "a netstring begins with no length");
	return in.p[n] == ':' ? REED_OK
	                      : refuse(REED_EPROTO, wrong, "a netstring's length ends without ':'");
}

static enum reed_err parse_head(enum reed_frame kind, uint32_t most, struct reed_slice in,
                                struct head *head, const char **wrong)
{
	size_t n = width(kind);
	enum reed_err err;

	if (most > reed_frame_most(kind))
		most = reed_frame_most(kind);
	err = n ? parse_number(n, in, head) : parse_digits(most, in, head, wrong);
	if (!err && head->body > most)
		return refuse(REED_ETOOBIG, wrong, "a frame is longer than allowed");
	return err;
}

/* What stands behind. */
static struct reed_slice comma_of(enum reed_frame kind)
{
	return kind == REED_FRAME_NETSTRING ? REED_STR(",") : REED_STR("");
}

enum reed_err reed_frame_parse(enum reed_frame kind, uint32_t most, struct reed_slice in,
                               struct reed_slice *body, size_t *whole, const char **wrong)
{
	size_t comma = comma_of(kind).n;
	struct reed_slice rest;
	const char *ignored;
	struct head head;
	enum reed_err err;

	if (!wrong)
		wrong = &ignored;
	err = parse_head(kind, most, in, &head, wrong);
	if (err && err != REED_EAGAIN)
		return err;
	*whole = err ? head.length : head.length + head.body + comma;
	rest = reed_slice_from(in, head.length);
	/* no sum of the two: it may wrap where sizes have 32 bits */
	if (err || rest.n < comma || rest.n - comma < head.body)
		return REED_EAGAIN;
	if (comma && rest.p[head.body] != ',')
		return refuse(REED_EPROTO, wrong, "a netstring ends without ','");
	*body = reed_slice_first(rest, head.body);
	return REED_OK;
}

/* ---- writing ---- */

/* What stands in front of n bytes; empty: there are too many. */
static struct reed_slice head_of(enum reed_frame kind, size_t n, char into[HEAD + 1])
{
	size_t bytes = width(kind);

	if (n > reed_frame_most(kind))
		return REED_STR("");
	if (bytes == 0)
		return reed_slice(into, (size_t)snprintf(into, HEAD + 1, "%zu:", n));
	for (size_t i = 0; i < bytes; i++)
		into[i] = (char)(unsigned char)(n >> 8 * (bytes - 1 - i));
	return reed_slice(into, bytes);
}

enum reed_err reed_frame_put(enum reed_frame kind, struct reed_slice body, struct reed_buf *b)
{
	char text[HEAD + 1];
	struct reed_slice head = head_of(kind, body.n, text);
	struct reed_slice comma = comma_of(kind);

	if (!head.n && !b->err)
		b->err = REED_ETOOBIG;
	if (b->err || reed_buf_reserve(b, head.n + body.n + comma.n))
		return b->err;
	reed_buf_add(b, head);
	reed_buf_add(b, body);
	reed_buf_add(b, comma);
	return REED_OK;
}

enum reed_err reed_write_frame(struct reed_stream *s, enum reed_frame kind, struct reed_slice body)
{
	char text[HEAD + 1];
	struct reed_slice head = head_of(kind, body.n, text);

	if (!head.n)
		return REED_ETOOBIG;
	reed_write(s, head);
	reed_write(s, body);
	reed_write(s, comma_of(kind));
	return REED_OK;
}

/* ---- reading ---- */

bool reed_take_frame(struct reed_stream *s, enum reed_frame kind, uint32_t most,
                     struct reed_slice *body)
{
	size_t whole;

	if (reed_frame_parse(kind, most, reed_peek(s), body, &whole, NULL))
		return false;
	reed_skip(s, whole);
	return true;
}

static enum reed_err wrong_because(struct reed_future *f, enum reed_err err, const char *words)
{
	reed_fault_free(f->fault);
	f->fault = reed_fault_new(err, NULL, __FILE__, __LINE__, "%s", words);
	return err;
}

/* The limit is in s->need. */
static enum reed_err look(struct reed_stream *s, enum reed_frame kind)
{
	struct reed_slice body;
	const char *wrong = "";
	size_t whole = 0;
	enum reed_err err = reed_frame_parse(kind, s->need, reed_peek(s), &body, &whole, &wrong);

	if (err == REED_EAGAIN && whole > s->limits->input)
		err = refuse(REED_ETOOBIG, &wrong, "a frame is longer than its stream may hold");
	return err && err != REED_EAGAIN ? wrong_because(&s->reading, err, wrong) : err;
}

static enum reed_err frame_attempt(struct reed_future *f);
static void frame_deliver(struct reed_future *f);

/* One for each: a future in a stream has no room for more than its kind. */
static const struct reed_future_kind readings[] = {
	[REED_FRAME_NETSTRING] = { "read netstring", NULL, frame_attempt, frame_deliver,
	                           reed_stream_read_free, NULL, NULL, NULL },
	[REED_FRAME_8] = { "read frame of 8 bits", NULL, frame_attempt, frame_deliver,
	                   reed_stream_read_free, NULL, NULL, NULL },
	[REED_FRAME_16] = { "read frame of 16 bits", NULL, frame_attempt, frame_deliver,
	                    reed_stream_read_free, NULL, NULL, NULL },
	[REED_FRAME_32] = { "read frame of 32 bits", NULL, frame_attempt, frame_deliver,
	                    reed_stream_read_free, NULL, NULL, NULL },
};

static enum reed_frame kind_of(const struct reed_future *f)
{
	return (enum reed_frame)(f->kind - readings);
}

static enum reed_err frame_attempt(struct reed_future *f)
{
	struct reed_stream *s = reed_stream_of(f);
	enum reed_err err = look(s, kind_of(f));

	if (err != REED_EAGAIN)
		return err;
	err = reed_stream_fill(s);
	if (err == REED_EEOF && reed_stream_held(s) > 0)
		return wrong_because(f, REED_EEOF, "the peer has ended in the middle of a frame");
	if (err)
		return reed_stream_told(s, err);
	err = look(s, kind_of(f));
	return err == REED_EAGAIN ? reed_stream_not_yet(s) : err;
}

static void frame_deliver(struct reed_future *f)
{
	struct reed_stream *s = reed_stream_of(f);

	if (!f->err)
		reed_take_frame(s, kind_of(f), s->need, s->out);
}

struct reed_future *reed_read_frame(struct reed_stream *s, enum reed_frame kind, uint32_t most,
                                    struct reed_slice *body)
{
	struct reed_slice seen;
	size_t whole;

	s->need = most;
	s->out = body;
	return reed_stream_read(s, &readings[kind],
	                        reed_frame_parse(kind, most, reed_peek(s), &seen, &whole, NULL) !=
	                                REED_EAGAIN);
}
