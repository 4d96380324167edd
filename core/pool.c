#include "reed/pool.h"

#include <stdalign.h>

#include "reed/alloc.h"

enum { BLOCK = 1024, ALIGN = alignof(max_align_t) };

struct reed_pool_block {
	struct reed_pool_block *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

void reed_pool_init(struct reed_pool *pool, size_t limit)
{
	*pool = (struct reed_pool){ .limit = limit };
}

static void free_after(struct reed_pool_block *block)
{
	while (block) {
		struct reed_pool_block *next = block->next;

		reed_free(block);
		block = next;
	}
}

void reed_pool_finish(struct reed_pool *pool)
{
	free_after(pool->blocks);
	*pool = (struct reed_pool){ .limit = pool->limit };
}

/* A block made for one large thing is not worth keeping. */
void reed_pool_clear(struct reed_pool *pool)
{
	struct reed_pool_block *block = pool->blocks;

	pool->used = 0;
	if (!block)
		return;
	free_after(block->next);
	block->next = NULL;
	if (block->size > BLOCK) {
		reed_free(block);
		pool->blocks = NULL;
		return;
	}
	memset(block->bytes, 0, block->used);
	block->used = 0;
}

static struct reed_pool_block *block_new(struct reed_pool *pool, size_t size)
{
	struct reed_pool_block *block;

	size = size > BLOCK ? size : BLOCK;
	block = reed_realloc_try(NULL, sizeof(*block) + size);
	if (!block)
		return NULL;
	memset(block, 0, sizeof(*block) + size);
	block->size = size;
	block->next = pool->blocks;
	pool->blocks = block;
	return block;
}

void *reed_pool_alloc(struct reed_pool *pool, size_t size)
{
	struct reed_pool_block *block = pool->blocks;
	void *p;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (pool->limit && size > pool->limit - pool->used)
		return NULL;
	if (!block || size > block->size - block->used)
		block = block_new(pool, size);
	if (!block)
		return NULL;
	p = block->bytes + block->used;
	block->used += size;
	pool->used += size;
	return p;
}

char *reed_pool_strdup(struct reed_pool *pool, struct reed_slice s)
{
	char *copy = s.n < SIZE_MAX ? reed_pool_alloc(pool, s.n + 1) : NULL;

	if (copy && s.n)
		memcpy(copy, s.p, s.n);
	return copy;
}

struct reed_slice reed_pool_copy(struct reed_pool *pool, struct reed_slice s)
{
	return reed_slice(reed_pool_strdup(pool, s), s.n);
}
