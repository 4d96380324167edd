/* What the two files of the history in memory share. */

#ifndef REED_ROOMS_RING_H
#define REED_ROOMS_RING_H

#include "private.h"

struct kept {
	struct reed_message message; /* its slices point to what follows */
	size_t size;
	struct reed_tag tags[]; /* and then the bytes */
};

struct conversation {
	struct reed_named by_where;
	struct reed_list link; /* in ring->all, the latest last */
	struct kept **kept;    /* a ring; the oldest is at first */
	uint32_t first, count, size;
};

struct ring {
	struct reed_history history;
	struct reed_loop *loop;
	struct reed_names conversations;
	struct reed_list all;
	uint32_t conversation_count, messages_max, conversations_max;
	size_t bytes, bytes_max;
};

static inline struct ring *ring_of(struct reed_history *h)
{
	return reed_container_of(h, struct ring, history);
}

static inline struct conversation *conversation_of(struct reed_list *link)
{
	return reed_container_of(link, struct conversation, link);
}

static inline const struct reed_message *message_at(const struct conversation *c, uint32_t i)
{
	return &c->kept[(c->first + i) % c->size]->message;
}

struct conversation *reed_ring_find(const struct ring *ring, struct reed_slice where);
struct reed_future *reed_ring_query(struct reed_history *h, const struct reed_history_query *query,
                                    struct reed_history_page *page);
struct reed_future *reed_ring_talks(struct reed_history *h, struct reed_slice account, int64_t from,
                                    int64_t to, unsigned limit, struct reed_talks *talks);

#endif
