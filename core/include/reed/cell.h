/*
 * Cells: values somebody may watch.
 *
 * A value is set through its cell, and the cell counts its changes.  A watch
 * remembers the count it has seen, so a change between two waits is not lost,
 * and neither is one in a wait that was dropped.
 *
 * A union waits for any of several cells.  It and its watches are embedded in
 * the frame of whoever waits, made once and awaited again and again without
 * allocation:
 *
 *	reed_union_add(&self->changes, &self->on_wish, &self->wish);
 *	reed_union_add(&self->changes, &self->on_pid, &self->pid);
 *	...
 *	reed_try(co, reed_union_wait(&self->changes, 5000));
 *	if (self->on_wish.changed)
 *		...
 *
 * Events with payload go through channels (queue.h).
 */

#ifndef REED_CELL_H
#define REED_CELL_H

#include "reed/loop.h"

REED_BEGIN_DECLS

struct reed_watch;

/* Zeroed is a good cell.  It must outlive the waits for it. */
struct reed_cell {
	intptr_t value; /* a number, flag or pointer; read it, do not write it */
	uint64_t count; /* of changes */
	struct reed_watch *watches;
};

/* Embedded; belongs to one union.  A cell set before the first wait counts as changed. */
struct reed_watch {
	struct reed_cell *cell;
	struct reed_union *owner;
	struct reed_watch *sibling;      /* in the union */
	struct reed_watch **back, *next; /* in the cell, during a wait */
	uint64_t seen;
	bool changed; /* between the last wait and the one before */
};

struct reed_union {
	struct reed_future future;
	struct reed_timer timer;
	struct reed_watch *watches;
	bool waiting;
	bool timed_out; /* the last wait ended without a change */
};

/* The same value again is no change. */
REED_API void reed_cell_set(struct reed_cell *cell, intptr_t value);

/* A change in what the value points to. */
REED_API void reed_cell_touch(struct reed_cell *cell);

REED_API void reed_union_init(struct reed_union *u, struct reed_loop *loop);
REED_API void reed_union_add(struct reed_union *u, struct reed_watch *w, struct reed_cell *cell);

/*
 * Settles, with success, once a cell has changed or ms have passed (negative:
 * no limit); timed_out tells.  One wait at a time.
 */
REED_API struct reed_future *reed_union_wait(struct reed_union *u, int64_t ms);

/* For one cell and one wait: settles when its count is no longer seen. */
REED_API struct reed_future *reed_cell_changed(struct reed_loop *loop, struct reed_cell *cell,
                                               uint64_t seen);

REED_END_DECLS

#endif
