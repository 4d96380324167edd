/* Bodies in chunks (RFC 9112 7.1): a line that is not whole is left for the next call. */

#include "chars.h"
#include "reed/http/message.h"

enum { TRAILERS = 64 }; /* fields behind a body */

static enum reed_err refuse(struct reed_http_chunks *self, enum reed_err err, const char *why)
{
	self->why = why;
	return err;
}

/* ---- extensions: *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted ) ] ) ---- */

static const char *spaces(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

/* Behind the closing quote, or NULL. */
static const char *quoted(const char *p, const char *end)
{
	for (p++; p < end; p++) {
		if (*p == '"')
			return p + 1;
		if (*p == '\\')
			p++;
		if (p == end || !chars_have(CHARS_VALUE, *p))
			return NULL;
	}
	return NULL;
}

static const char *extension(const char *p, const char *end)
{
	const char *name = spaces(p, end), *value;

	p = chars_span(CHARS_TOKEN, name, end);
	if (p == name)
		return NULL;
	value = spaces(p, end);
	if (value == end || *value != '=')
		return p;
	value = spaces(value + 1, end);
	if (value < end && *value == '"')
		return quoted(value, end);
	p = chars_span(CHARS_TOKEN, value, end);
	return p == value ? NULL : p;
}

static bool extensions_are_good(const char *p, const char *end)
{
	while (p && p < end) {
		p = spaces(p, end);
		if (p == end || *p != ';')
			return false;
		p = extension(p + 1, end);
	}
	return p != NULL;
}

/* ---- lines ---- */

/* line is without its CR LF. */
static enum reed_err parse_size(struct reed_http_chunks *self, struct reed_slice line)
{
	const char *p = line.p, *end = line.p + line.n;
	uint64_t size = 0;

	for (; p < end && reed_hex_digit(*p) >= 0; p++) {
		if (size >> 59)
			return refuse(self, REED_EPROTO, "a chunk is too large");
		size = size << 4 | (uint64_t)reed_hex_digit(*p);
	}
	if (p == line.p)
		return refuse(self, REED_EPROTO, "a chunk has no size");
	if (!extensions_are_good(p, end))
		return refuse(self, REED_EPROTO, "a chunk's extension is not one");
	self->left = size;
	self->state = size > 0 ? REED_HTTP_CHUNK_DATA : REED_HTTP_CHUNK_TRAILER;
	return REED_OK;
}

static enum reed_err take_line(struct reed_http_chunks *self, uint32_t limit, struct reed_slice *in,
                               struct reed_slice *line)
{
	size_t seen = in->n <= limit ? in->n : (size_t)limit + 1;
	const char *lf = seen > 0 ? memchr(in->p, '\n', seen) : NULL;
	size_t n = lf ? (size_t)(lf - in->p) : in->n;

	if (n > limit)
		return refuse(self, REED_ETOOBIG, "the line before a chunk is too long");
	if (!lf)
		return REED_EAGAIN;
	if (n == 0 || lf[-1] != '\r')
		return refuse(self, REED_EPROTO, "a bare LF between chunks");
	*line = reed_slice(in->p, n - 1);
	*in = reed_slice_from(*in, n + 1);
	return REED_OK;
}

static enum reed_err take_chunk_line(struct reed_http_chunks *self, uint32_t limit,
                                     struct reed_slice *in)
{
	struct reed_slice line;
	enum reed_err err = take_line(self, limit, in, &line);

	return err ? err : parse_size(self, line);
}

static enum reed_err take_chunk_end(struct reed_http_chunks *self, struct reed_slice *in)
{
	if (in->n > 0 && (in->p[0] != '\r' || (in->n > 1 && in->p[1] != '\n')))
		return refuse(self, REED_EPROTO, "a chunk is longer than it said");
	if (in->n < 2)
		return REED_EAGAIN;
	*in = reed_slice_from(*in, 2);
	self->state = REED_HTTP_CHUNK_LINE;
	return REED_OK;
}

static enum reed_err take_data(struct reed_http_chunks *self, struct reed_slice *in,
                               struct reed_slice *piece)
{
	size_t n = in->n < self->left ? in->n : (size_t)self->left;

	if (n == 0)
		return REED_EAGAIN;
	*piece = reed_slice_first(*in, n);
	*in = reed_slice_from(*in, n);
	self->left -= n;
	if (self->left == 0)
		self->state = REED_HTTP_CHUNK_END;
	return REED_OK;
}

/* Where the field lines end, before the empty line; in->n + 1: not yet. */
static size_t trailer_end(struct reed_http_chunks *self, struct reed_slice in)
{
	struct reed_slice tail;
	size_t from = self->scanned > 3 ? self->scanned - 3 : 0, at;

	if (reed_slice_starts(in, REED_STR("\r\n")))
		return 0;
	tail = reed_slice_from(in, from);
	at = reed_slice_search(tail, REED_STR("\r\n\r\n"));
	self->scanned = in.n;
	return at == tail.n ? in.n + 1 : from + at + 2;
}

static enum reed_err take_trailer(struct reed_http_chunks *self, uint32_t limit,
                                  struct reed_slice *in)
{
	struct reed_http_field fields[TRAILERS];
	size_t end = trailer_end(self, *in);
	enum reed_err err;
	unsigned count;

	if (end > in->n)
		return in->n > limit ? refuse(self, REED_ETOOBIG, "the trailer is too large")
		                     : REED_EAGAIN;
	if (end > limit)
		return refuse(self, REED_ETOOBIG, "the trailer is too large");
	self->trailer = reed_slice_first(*in, end);
	err = reed_http_parse_fields(self->trailer, fields, TRAILERS, &count);
	if (err)
		return refuse(self, err, "the trailer is not made of fields");
	*in = reed_slice_from(*in, end + 2);
	self->state = REED_HTTP_CHUNK_OVER;
	return REED_EEOF;
}

enum reed_err reed_http_chunk(struct reed_http_chunks *self, struct reed_slice *in,
                              struct reed_slice *piece)
{
	struct reed_http_wire_limits limits = reed_http_wire_limits(self->limits);
	enum reed_err err = self->why ? REED_EPROTO : REED_OK;

	*piece = REED_STR("");
	while (!err) {
		switch (self->state) {
		case REED_HTTP_CHUNK_LINE:
			err = take_chunk_line(self, limits.chunk_line, in);
			break;
		case REED_HTTP_CHUNK_DATA:
			return take_data(self, in, piece);
		case REED_HTTP_CHUNK_END:
			err = take_chunk_end(self, in);
			break;
		case REED_HTTP_CHUNK_TRAILER:
			err = take_trailer(self, limits.trailer, in);
			break;
		case REED_HTTP_CHUNK_OVER:
			err = REED_EEOF;
			break;
		}
	}
	return err;
}
