/*
 * How long to wait before something is tried again: longer each time it fails,
 * and not all who failed together at the same moment.
 *
 *	reed_try(co, reed_sleep(co->loop, reed_backoff_ms(co->loop, &self->backoff, ++self->failures)));
 */

#ifndef REED_BACKOFF_H
#define REED_BACKOFF_H

#include "reed/loop.h"

REED_BEGIN_DECLS

struct reed_backoff {
	int64_t first_ms, longest_ms;
	unsigned growth; /* each is so many percent of the one before; 100 or less: all are alike */
	unsigned jitter; /* up to so many percent of it are taken off, at random; 100 at most */
};

/* 1 s, half as much again each time, 60 s; up to a quarter less. */
#define REED_BACKOFF                                                               \
	{                                                                          \
		.first_ms = 1000, .longest_ms = 60000, .growth = 150, .jitter = 25 \
	}

/* After so many failures in a row, one at least.  The loop's entropy decides. */
REED_API int64_t reed_backoff_ms(struct reed_loop *loop, const struct reed_backoff *backoff,
                                 uint64_t failures);

REED_END_DECLS

#endif
