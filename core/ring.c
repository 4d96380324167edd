#include "ring.h"

#include <string.h>

#include "reed/alloc.h"

enum { FIRST_SIZE = 8 };

static char *place(const struct reed_ring *ring, const struct reed_item_kind *kind, size_t i)
{
	return ring->p + (ring->first + i) % ring->size * kind->size;
}

static void grow(struct reed_ring *ring, const struct reed_item_kind *kind)
{
	size_t size = ring->size ? ring->size * 2 : FIRST_SIZE;
	char *p;

	if (size > ring->most)
		size = ring->most;
	p = reed_alloc_raw(size * kind->size);
	for (size_t i = 0; i < ring->count; i++)
		memcpy(p + i * kind->size, place(ring, kind, i), kind->size);
	reed_free(ring->p);
	ring->p = p;
	ring->first = 0;
	ring->size = size;
}

void reed_ring_add(struct reed_ring *ring, const struct reed_item_kind *kind, const void *item)
{
	if (ring->count == ring->size)
		grow(ring, kind);
	memcpy(place(ring, kind, ring->count++), item, kind->size);
}

void *reed_ring_last(const struct reed_ring *ring, const struct reed_item_kind *kind)
{
	return place(ring, kind, ring->count - 1);
}

static void release(const struct reed_item_kind *kind, void *item)
{
	if (kind->release)
		kind->release(item);
}

/* Gone from the ring before anything of the user's runs. */
void reed_ring_take(struct reed_ring *ring, const struct reed_item_kind *kind, void *out)
{
	char *item = place(ring, kind, 0);

	ring->first = (ring->first + 1) % ring->size;
	ring->count--;
	if (out)
		memcpy(out, item, kind->size);
	else
		release(kind, item);
}

void reed_ring_drop_second(struct reed_ring *ring, const struct reed_item_kind *kind)
{
	release(kind, place(ring, kind, 1));
	memcpy(place(ring, kind, 1), place(ring, kind, 0), kind->size);
	ring->first = (ring->first + 1) % ring->size;
	ring->count--;
}

void reed_ring_finish(struct reed_ring *ring, const struct reed_item_kind *kind)
{
	while (ring->count > 0)
		reed_ring_take(ring, kind, NULL);
	reed_free(ring->p);
	*ring = (struct reed_ring){ .most = ring->most };
}
