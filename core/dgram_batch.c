/* What the datagram sockets of a loop share: batches lent for receiving. */

#include "dgram_private.h"

#include "poison.h"

enum {
	BATCHES_KEPT = 4,
	/* Slots a power of two apart would all fall into the same lines of the cache. */
	LINE = 64,
	SKEW = 5 * LINE,
};

struct reed_dgram_cache {
	struct reed_loop *loop;
	struct reed_dgram_batch *first;
	int count;
	void *scratch;
	struct reed_last finish;
};

static void batch_free(struct reed_dgram_batch *b)
{
	REED_UNPOISON(b->bytes, b->stride * REED_DGRAM_BATCH);
	reed_free(b);
}

static void cache_finish(struct reed_last *last)
{
	struct reed_dgram_cache *cache = reed_container_of(last, struct reed_dgram_cache, finish);

	while (cache->first) {
		struct reed_dgram_batch *b = cache->first;

		cache->first = b->next;
		batch_free(b);
	}
	reed_free(cache->scratch);
	reed_free(cache);
}

static struct reed_dgram_cache *cache_of(struct reed_loop *loop)
{
	if (!loop->dgrams) {
		loop->dgrams = reed_alloc(sizeof(*loop->dgrams));
		loop->dgrams->loop = loop;
		loop->dgrams->finish.run = cache_finish;
		reed_at_loop_end(loop, &loop->dgrams->finish);
	}
	return loop->dgrams;
}

void *reed_dgram_scratch(struct reed_loop *loop, size_t size)
{
	struct reed_dgram_cache *cache = cache_of(loop);

	if (!cache->scratch)
		cache->scratch = reed_alloc(size);
	return cache->scratch;
}

/* Not zeroed where bytes will be: most of its pages are never touched. */
static struct reed_dgram_batch *batch_new(uint32_t largest)
{
	size_t stride = ((size_t)largest + LINE - 1) / LINE * LINE + SKEW;
	struct reed_dgram_batch *b = reed_alloc_raw(sizeof(*b) + stride * REED_DGRAM_BATCH);

	memset(b, 0, sizeof(*b));
	b->largest = largest;
	b->stride = stride;
	return b;
}

struct reed_dgram_batch *reed_dgram_batch_take(struct reed_dgram *d)
{
	struct reed_dgram_cache *cache = cache_of(d->loop);

	for (struct reed_dgram_batch **at = &cache->first; *at; at = &(*at)->next) {
		struct reed_dgram_batch *b = *at;

		if (b->largest != d->largest)
			continue;
		*at = b->next;
		cache->count--;
		REED_UNPOISON(b->bytes, b->stride * REED_DGRAM_BATCH);
		d->batch = b;
		return b;
	}
	d->batch = batch_new(d->largest);
	return d->batch;
}

void reed_dgram_batch_return(struct reed_dgram *d)
{
	struct reed_dgram_cache *cache = cache_of(d->loop);
	struct reed_dgram_batch *b = d->batch;

	d->batch = NULL;
	b->count = b->shown = b->slot_count = b->slot = 0;
	b->offset = 0;
	if (cache->count == BATCHES_KEPT) {
		batch_free(b);
		return;
	}
	REED_POISON(b->bytes, b->stride * REED_DGRAM_BATCH);
	b->next = cache->first;
	cache->first = b;
	cache->count++;
}

/* ---- for those who make sockets ---- */

char *reed_dgram_room(struct reed_dgram_batch *batch, int n)
{
	return batch->bytes + (size_t)n * batch->stride;
}

struct reed_address *reed_dgram_from(struct reed_dgram_batch *batch, int n)
{
	return &batch->from[n];
}

struct reed_address *reed_dgram_to(struct reed_dgram_batch *batch, int n)
{
	return &batch->to[n];
}
