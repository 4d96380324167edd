/*
 * Flushes: futures of those who wait until all that was given so far is kept.
 *
 * For a store or a history that writes later than it is told.  It counts what
 * it is given, with serials that rise, keeps it in that order, and has a list
 * of flushes, which are dropped as any future and then leave the list.
 */

#ifndef REED_ROOMS_FLUSH_H
#define REED_ROOMS_FLUSH_H

#include "reed/future.h"

REED_BEGIN_DECLS

struct reed_rooms_flush {
	struct reed_future future;
	struct reed_list link;
	uint64_t upto; /* the last serial it waits for */
};

/* Waits for all up to that serial. */
REED_API struct reed_future *reed_rooms_flush_add(struct reed_list *flushes, struct reed_loop *loop,
                                                  uint64_t upto);

/* One that waits for nothing from next on; it is out of the list, and to be settled.  Or NULL. */
REED_API struct reed_rooms_flush *reed_rooms_flush_take(struct reed_list *flushes, uint64_t next);

/* Fails those that wait for that serial: WHAT: WHY. */
REED_API void reed_rooms_flush_fail(struct reed_list *flushes, uint64_t serial, enum reed_err err,
                                    const char *what, const char *why);

REED_END_DECLS

#endif
