/* What the files of datagram sockets share. */

#ifndef REED_DGRAM_PRIVATE_H
#define REED_DGRAM_PRIVATE_H

#include "reed/dgram.h"

#include "private.h"

/* One message of the system, which may hold several datagrams of one size (UDP_GRO). */
struct reed_dgram_slot {
	uint32_t n, segment; /* bytes; of each datagram in it, the last may be shorter */
};

/*
 * Lent to a socket while something is in it.  How far a kind of socket has come
 * with its slots is kept here too.
 */
struct reed_dgram_batch {
	struct reed_dgram_batch *next; /* in the cache */
	uint32_t largest;              /* room of a slot */
	size_t stride;
	int count, shown;
	int slot_count, slot; /* of the messages; the one that is being taken apart, */
	uint32_t offset;      /* and how far */
	struct reed_datagram in[REED_DGRAM_BATCH];
	struct reed_datagram slot_in[REED_DGRAM_BATCH];
	struct reed_dgram_slot slots[REED_DGRAM_BATCH];
	struct reed_address from[REED_DGRAM_BATCH], to[REED_DGRAM_BATCH];
	char bytes[];
};

/* What is given, over the defaults; given may be NULL, or of an older, smaller kind. */
struct reed_dgram_options reed_dgram_options_of(const struct reed_dgram_options *given);

struct reed_dgram_batch *reed_dgram_batch_take(struct reed_dgram *d);
void reed_dgram_batch_return(struct reed_dgram *d);

/* Zeroed, of the loop: what a kind of socket needs while it receives or sends. */
void *reed_dgram_scratch(struct reed_loop *loop, size_t size);

static inline void reed_dgram_want(struct reed_dgram *d, unsigned events)
{
	if (d->wanted == events)
		return;
	d->wanted = events & 7;
	d->ops->want(d, events);
}

static inline bool reed_dgram_connected(const struct reed_dgram *d)
{
	return d->peer.family != REED_FAMILY_NONE;
}

/* Brings a batch, unless one is here; REED_EAGAIN: it listens now. */
enum reed_err reed_dgram_fill(struct reed_dgram *d);
struct reed_dgram *reed_dgram_of(struct reed_future *waiting);
struct reed_future *reed_dgram_read(struct reed_dgram *d, const struct reed_future_kind *kind,
                                    bool ready);
void reed_dgram_read_free(struct reed_future *f);
void reed_dgram_tidy(struct reed_dgram *d);

void reed_dgram_push(struct reed_dgram *d);
bool reed_dgram_pushes(const struct reed_dgram *d);

void reed_dgram_flush(struct reed_last *last);
void reed_dgram_flush_now(struct reed_dgram *d);
void reed_dgram_discard(struct reed_dgram *d);

/* The oldest error, not taken; NULL: none. */
const struct reed_dgram_error *reed_dgram_oldest(const struct reed_dgram *d);
struct reed_fault *reed_dgram_fault(const struct reed_dgram_error *e);

void reed_dgram_gone(struct reed_dgram *d);

#endif
