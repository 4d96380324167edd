/* Private: items in a circle, the memory of which grows up to `most` of them. */

#ifndef REED_RING_H
#define REED_RING_H

#include "reed/queue.h"

/* There is room: count is less than most. */
void reed_ring_add(struct reed_ring *ring, const struct reed_item_kind *kind, const void *item);

/* The first; there is one.  out may be NULL: it is released. */
void reed_ring_take(struct reed_ring *ring, const struct reed_item_kind *kind, void *out);

/* Where the last one is; there is one. */
void *reed_ring_last(const struct reed_ring *ring, const struct reed_item_kind *kind);

/* Releases the second, keeping the first; there are two. */
void reed_ring_drop_second(struct reed_ring *ring, const struct reed_item_kind *kind);

void reed_ring_finish(struct reed_ring *ring, const struct reed_item_kind *kind);

#endif
