/* Memory that goes as a whole: what a zone is made of is small and lives as long. */

#include "store.h"

enum { BLOCK = 256 << 10, ALIGNED = sizeof(void *) };

static void add_block(struct dns_arena *arena, size_t n)
{
	size_t size = sizeof(void *) + n > BLOCK ? sizeof(void *) + n : BLOCK;
	char *block = reed_alloc(size);

	memcpy(block, &arena->blocks, sizeof(arena->blocks));
	arena->blocks = block;
	arena->at = block + sizeof(void *);
	arena->end = block + size;
	arena->bytes += size;
}

void *dns_arena_alloc(struct dns_arena *arena, size_t n)
{
	void *p;

	n = (n + ALIGNED - 1) & ~(size_t)(ALIGNED - 1);
	if ((size_t)(arena->end - arena->at) < n)
		add_block(arena, n);
	p = arena->at;
	arena->at += n;
	return p;
}

void dns_arena_finish(struct dns_arena *arena)
{
	void *before;

	for (void *block = arena->blocks; block; block = before) {
		memcpy(&before, block, sizeof(before));
		reed_free(block);
	}
	*arena = (struct dns_arena){ 0 };
}
