/*
 * Queues and channels: handing things on.
 *
 * Items have a fixed size and are moved by value; what an item points to moves
 * with it.  A queue is many to many: each item goes to one.  A channel is one
 * to many: each item goes to every subscriber, and whoever publishes never
 * waits.
 *
 * Who waits longest is served first.  A put or get that is dropped, or that
 * any and within lose, has put or got nothing: the item is still the caller's,
 * or still in the queue, at its old place.
 */

#ifndef REED_QUEUE_H
#define REED_QUEUE_H

#include "reed/future.h"

REED_BEGIN_DECLS

/* A constant.  Its functions do not use the queue or channel they are called by. */
struct reed_item_kind {
	size_t size;                 /* bytes */
	void (*share)(void *item);   /* a copy was made of it: one more owner; may be NULL */
	void (*release)(void *item); /* nobody will get it; may be NULL */
};

/* Its members are for queue.c. */
struct reed_ring {
	char *p; /* NULL while nothing was in it */
	size_t first, count, size, most;
};

/* ---- queues ---- */

/* Embedded.  It must outlive the waits for it. */
struct reed_queue {
	struct reed_loop *loop;
	const struct reed_item_kind *kind;
	struct reed_ring ring;
	struct reed_list putting, getting; /* waits not yet served, the first first */
	size_t put_places, got_places;     /* of the ring, promised to waits that were */
	bool closed;
	void *reserved;
};

/* At most capacity items, 1 or more. */
REED_API void reed_queue_init(struct reed_queue *q, struct reed_loop *loop,
                              const struct reed_item_kind *kind, size_t capacity);

/* Releases what is in it.  Nobody waits for it any more. */
REED_API void reed_queue_finish(struct reed_queue *q);

/*
 * Settles when there is room.  The item is taken at delivery and must stay
 * where it is until then.  REED_ECLOSED: the item is still the caller's.
 */
REED_API struct reed_future *reed_queue_put(struct reed_queue *q, const void *item);

/* REED_EAGAIN: no room, or others wait for it; REED_ECLOSED. */
REED_API enum reed_err reed_queue_try_put(struct reed_queue *q, const void *item);

/* The oldest item.  REED_EEOF: the queue is closed, and there are none left. */
REED_API struct reed_future *reed_queue_get(struct reed_queue *q, void *item);

/* REED_EAGAIN: there is none, or it is somebody else's; REED_EEOF. */
REED_API enum reed_err reed_queue_try_get(struct reed_queue *q, void *item);

/* Takes no more items; what is in it can still be got.  Once more does nothing. */
REED_API void reed_queue_close(struct reed_queue *q);

/* What is in it. */
static inline size_t reed_queue_count(const struct reed_queue *q)
{
	return q->ring.count;
}

/* ---- channels ---- */

/* Embedded. */
struct reed_channel {
	struct reed_loop *loop;
	const struct reed_item_kind *kind;
	struct reed_list subscriptions; /* the oldest first */
	uint64_t published;             /* items, ever */
	bool closed;
};

/*
 * What one subscriber has not taken yet.  Embedded; one wait at a time, which
 * allocates nothing.  When it is full and one more is published the oldest item
 * is released, and the next wait says REED_EOVERFLOW.
 */
struct reed_subscription {
	struct reed_future future;
	struct reed_channel *channel; /* NULL: it is gone, or was never subscribed to */
	const struct reed_item_kind *kind;
	struct reed_list link;
	struct reed_ring ring;
	uint64_t gap;    /* released since, not yet told */
	uint64_t missed; /* items, as of the last REED_EOVERFLOW */
	void *out;
	bool waiting, closed;
};

REED_API void reed_channel_init(struct reed_channel *c, struct reed_loop *loop,
                                const struct reed_item_kind *kind);

/* Closes it and forgets its subscriptions, which keep what they have. */
REED_API void reed_channel_finish(struct reed_channel *c);

/*
 * Every subscriber gets a copy, shared by the kind.  The item itself is the
 * caller's, as before.
 */
REED_API void reed_publish(struct reed_channel *c, const void *item);

/* Nothing is published any more; subscribers take what they have, then REED_EEOF. */
REED_API void reed_channel_close(struct reed_channel *c);

/* What is published from here on; at most capacity items wait, 1 or more. */
REED_API void reed_subscribe(struct reed_channel *c, struct reed_subscription *s, size_t capacity);

/* Releases what was not taken.  Nobody waits for it.  A zeroed one may be unsubscribed. */
REED_API void reed_unsubscribe(struct reed_subscription *s);

/*
 * REED_EOVERFLOW: s->missed items were released before those still there,
 * which come next.  REED_EEOF: the channel is closed, and there are none left.
 */
REED_API struct reed_future *reed_receive(struct reed_subscription *s, void *item);

/* REED_EAGAIN: there is none. */
REED_API enum reed_err reed_try_receive(struct reed_subscription *s, void *item);

REED_END_DECLS

#endif
