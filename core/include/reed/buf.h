/*
 * Buffers: owned bytes, added at the end, taken from the front, up to a limit.
 *
 * An addition that would go over the limit adds nothing and makes the buffer
 * fail: err stays set, and later additions add nothing either, so that a
 * message can be put together without a check at every step.
 */

#ifndef REED_BUF_H
#define REED_BUF_H

#include "reed/slice.h"

REED_BEGIN_DECLS

/* Zeroed is an empty buffer without a limit. */
struct reed_buf {
	char *p;
	size_t begin, end, size;
	size_t limit;      /* bytes held at most; 0: none */
	enum reed_err err; /* of the first addition that failed */
};

REED_API void reed_buf_init(struct reed_buf *b, size_t limit);
REED_API void reed_buf_finish(struct reed_buf *b);

/* Empty again, and well; the memory and the limit stay. */
REED_API void reed_buf_clear(struct reed_buf *b);

static inline size_t reed_buf_held(const struct reed_buf *b)
{
	return b->end - b->begin;
}

/* Good until the next call that adds, takes or clears. */
static inline struct reed_slice reed_buf_slice(const struct reed_buf *b)
{
	return reed_slice(b->p ? b->p + b->begin : "", reed_buf_held(b));
}

/* Room for n more bytes at p + end: REED_ETOOBIG, REED_ENOMEM. */
REED_API enum reed_err reed_buf_reserve(struct reed_buf *b, size_t n);

/* n bytes written at p + end count now. */
REED_API void reed_buf_added(struct reed_buf *b, size_t n);

REED_API void reed_buf_add(struct reed_buf *b, struct reed_slice s);
REED_API void reed_buf_add_str(struct reed_buf *b, const char *s);
REED_API void reed_buf_add_char(struct reed_buf *b, char c);
REED_API void reed_buf_printf(struct reed_buf *b, const char *format, ...) REED_PRINTF(2, 3);

/* Takes n bytes from the front; n is at most what is held. */
REED_API void reed_buf_skip(struct reed_buf *b, size_t n);

/* NUL-terminated, from then on the caller's to free; the buffer is empty.  NULL when it failed. */
REED_API char *reed_buf_take(struct reed_buf *b);

REED_END_DECLS

#endif
