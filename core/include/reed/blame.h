/*
 * Blame: who held the loop, and for how long.
 *
 * A loop does one thing at a time; a task that computes for a second makes
 * everybody wait for a second.  A blamed loop reads the clock around each task
 * it wakes and adds up by the task's kind.  A warning in the log tells who held
 * it for too long, from where, and the suspension point that followed:
 *
 *	the loop was held by=session ms=412.0 from=chat/door.c:88 to=chat/door.c:97
 *
 * This costs one reading of the clock for each task woken (some 20 ns), so it
 * is off until asked for; daemons (daemon.h) ask for it.
 *
 * Work that no coroutine does is named for what the loop was doing: "(timers and
 * descriptors)", "(posts)", "(end of turn)", or by the future that was awaited,
 * "(drain)".
 */

#ifndef REED_BLAME_H
#define REED_BLAME_H

#include <stdint.h>

#include "reed/api.h"
#include "reed/buf.h"

REED_BEGIN_DECLS

struct reed_loop;

enum { REED_BLAME_NAMES = 512 }; /* kinds of tasks told apart; the rest is "(others)" */

/*
 * From now on.  slow_ns: what holds the loop for longer is told in the log, at
 * most once a second for each kind; 0: nothing is.  Asked again it changes slow_ns.
 */
REED_API void reed_blame(struct reed_loop *loop, int64_t slow_ns);

struct reed_blamed {
	const char *name; /* of the kind of task; lives as long as the loop */
	const char *file; /* where its longest stretch began; may be NULL */
	int line;
	uint64_t times;
	int64_t ns, longest_ns; /* in all; at once */
};

/* The heaviest first, at most n of them; returns how many there are in out. */
REED_API size_t reed_blame_list(const struct reed_loop *loop, struct reed_blamed *out, size_t n);

/* The same as a table for people; says so when the loop is not blamed. */
REED_API void reed_blame_print(const struct reed_loop *loop, struct reed_buf *out, size_t n);

REED_END_DECLS

#endif
