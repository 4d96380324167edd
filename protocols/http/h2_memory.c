/*
 * Memory of nghttp2: for each request it wants half a dozen small pieces, and
 * gives them back soon.  Some of each size are kept for the next.
 */

#include "h2.h"

enum { STEP = 32, CLASSES = 20, KEPT = 256 };

/* In front of each piece, which is aligned as its own type would have it. */
struct block {
	_Alignas(16) struct block *next;
	size_t room;
};

struct h2_memory {
	struct block *free[CLASSES];
	unsigned kept[CLASSES];
};

static void *mem_alloc(size_t n, void *user)
{
	struct h2_memory *self = user;
	size_t class = (n + STEP - 1) / STEP;
	struct block *b = class < CLASSES ? self->free[class] : NULL;

	if (b) {
		self->free[class] = b->next;
		self->kept[class]--;
		return b + 1;
	}
	b = reed_alloc_raw(sizeof(*b) + class * STEP);
	b->room = class * STEP;
	return b + 1;
}

static void mem_free(void *p, void *user)
{
	struct h2_memory *self = user;
	struct block *b = p ? (struct block *)p - 1 : NULL;
	size_t class = b ? b->room / STEP : 0;

	if (!b)
		return;
	if (class >= CLASSES || self->kept[class] == KEPT) {
		reed_free(b);
		return;
	}
	b->next = self->free[class];
	self->free[class] = b;
	self->kept[class]++;
}

static void *mem_calloc(size_t count, size_t n, void *user)
{
	void *p;

	if (n > 0 && count > SIZE_MAX / n)
		return NULL;
	p = mem_alloc(count * n, user);
	memset(p, 0, count * n);
	return p;
}

static void *mem_realloc(void *p, size_t n, void *user)
{
	size_t room = p ? ((struct block *)p - 1)->room : 0;
	void *more;

	if (p && n <= room)
		return p;
	more = mem_alloc(n, user);
	if (room > 0)
		memcpy(more, p, room);
	mem_free(p, user);
	return more;
}

nghttp2_mem h2_memory_of(struct h2_memory *self)
{
	return (nghttp2_mem){ self, mem_alloc, mem_free, mem_calloc, mem_realloc };
}

struct h2_memory *h2_memory_new(void)
{
	return reed_alloc(sizeof(struct h2_memory));
}

void h2_memory_free(struct h2_memory *self)
{
	struct block *next;

	for (size_t i = 0; i < CLASSES; i++)
		for (struct block *b = self->free[i]; b; b = next) {
			next = b->next;
			reed_free(b);
		}
	reed_free(self);
}
