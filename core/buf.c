#include "reed/buf.h"

#include <assert.h>

#include "reed/alloc.h"

enum { FIRST = 128 };

void reed_buf_init(struct reed_buf *b, size_t limit)
{
	*b = (struct reed_buf){ .limit = limit };
}

void reed_buf_finish(struct reed_buf *b)
{
	reed_free(b->p);
	*b = (struct reed_buf){ .limit = b->limit };
}

void reed_buf_clear(struct reed_buf *b)
{
	b->begin = b->end = 0;
	b->err = REED_OK;
}

static enum reed_err fail(struct reed_buf *b, enum reed_err err)
{
	b->err = err;
	return err;
}

static enum reed_err grow(struct reed_buf *b, size_t wanted)
{
	size_t size = b->size ? b->size : FIRST;
	char *p;

	while (size < wanted)
		size *= 2;
	p = reed_realloc_try(b->p, size);
	if (!p)
		return fail(b, REED_ENOMEM);
	b->p = p;
	b->size = size;
	return REED_OK;
}

enum reed_err reed_buf_reserve(struct reed_buf *b, size_t n)
{
	size_t held = reed_buf_held(b);

	if (b->err)
		return b->err;
	if (n > SIZE_MAX / 4 - held || (b->limit && held + n > b->limit))
		return fail(b, REED_ETOOBIG);
	if (b->end + n <= b->size)
		return REED_OK;
	if (b->begin > 0) {
		memmove(b->p, b->p + b->begin, held);
		b->begin = 0;
		b->end = held;
	}
	return held + n <= b->size ? REED_OK : grow(b, held + n);
}

void reed_buf_added(struct reed_buf *b, size_t n)
{
	assert(b->end + n <= b->size);
	b->end += n;
}

void reed_buf_add(struct reed_buf *b, struct reed_slice s)
{
	if (s.n == 0 || reed_buf_reserve(b, s.n))
		return;
	memcpy(b->p + b->end, s.p, s.n);
	b->end += s.n;
}

void reed_buf_add_str(struct reed_buf *b, const char *s)
{
	reed_buf_add(b, reed_slice_of(s));
}

void reed_buf_add_char(struct reed_buf *b, char c)
{
	reed_buf_add(b, reed_slice(&c, 1));
}

void reed_buf_printf(struct reed_buf *b, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	/* vsnprintf writes a NUL that does not count */
	if (n < 0 || reed_buf_reserve(b, (size_t)n))
		return;
	if (b->end + (size_t)n + 1 > b->size && grow(b, b->end + (size_t)n + 1))
		return;
	va_start(args, format);
	vsnprintf(b->p + b->end, (size_t)n + 1, format, args);
	va_end(args);
	b->end += (size_t)n;
}

void reed_buf_skip(struct reed_buf *b, size_t n)
{
	assert(n <= reed_buf_held(b));
	b->begin += n;
	if (b->begin == b->end)
		b->begin = b->end = 0;
}

char *reed_buf_take(struct reed_buf *b)
{
	char *text = b->err ? NULL : reed_slice_dup(reed_buf_slice(b));

	reed_buf_finish(b);
	return text;
}
