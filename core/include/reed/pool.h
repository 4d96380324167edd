/*
 * Pools: what one message or request parses into; all of it goes at once.
 *
 * The limit covers what is allocated, so a peer cannot make a pool grow.
 */

#ifndef REED_POOL_H
#define REED_POOL_H

#include "reed/slice.h"

REED_BEGIN_DECLS

struct reed_pool_block;

/* Zeroed is an empty pool without a limit. */
struct reed_pool {
	struct reed_pool_block *blocks;
	size_t used;  /* bytes handed out */
	size_t limit; /* 0: none */
};

REED_API void reed_pool_init(struct reed_pool *pool, size_t limit);
REED_API void reed_pool_finish(struct reed_pool *pool);

/* Everything handed out is gone; one block is kept for the next message. */
REED_API void reed_pool_clear(struct reed_pool *pool);

/* Zeroed and aligned for everything; NULL over the limit. */
REED_API void *reed_pool_alloc(struct reed_pool *pool, size_t size);

/* A copy with a NUL behind it; p is NULL over the limit. */
REED_API struct reed_slice reed_pool_copy(struct reed_pool *pool, struct reed_slice s);
REED_API char *reed_pool_strdup(struct reed_pool *pool, struct reed_slice s);

REED_END_DECLS

#endif
