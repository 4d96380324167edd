/*
 * Entropy and wall-clock time: the only source of both, so that a simulation
 * can own them.
 */

#ifndef REED_RANDOM_H
#define REED_RANDOM_H

#include "reed/loop.h"
#include "reed/slice.h"

REED_BEGIN_DECLS

/* Fit for secrets (of the system); under simulation from its seed. */
REED_API void reed_random_bytes(struct reed_loop *loop, void *into, size_t n);
REED_API uint64_t reed_random(struct reed_loop *loop);

/* Evenly from 0 to n - 1; n is at least 1. */
REED_API uint64_t reed_random_below(struct reed_loop *loop, uint64_t n);

/* n characters of [a-z2-7] and a NUL: 5 bits each. */
REED_API void reed_random_word(struct reed_loop *loop, char *into, size_t n);

/* Nanoseconds since 1970-01-01 UTC.  May jump. */
REED_API int64_t reed_wall(struct reed_loop *loop);

/* "2026-01-02T03:04:05Z" (RFC 3339).  Returns text. */
enum { REED_WALL_TEXT = 32 };
REED_API const char *reed_wall_text(int64_t wall, char text[REED_WALL_TEXT]);

/* Of such a text, which may have fractions of a second (RFC 3339 5.6); UTC, REED_ESYNTAX. */
REED_API enum reed_err reed_wall_parse(struct reed_slice text, int64_t *wall);

REED_END_DECLS

#endif
