/* Sets of records, whatever their TTL and the case of their names. */

#include "item.h"

#include "lower.h"

enum { FIRST = 64 };

static uint64_t hash_of(const struct dns_item *item)
{
	uint64_t hash = lower_hash((const uint8_t *)item->owner.p, item->owner.n, item->type);

	/* of rdata that may have names in it; names are folded, and so is the rest here */
	return lower_hash((const uint8_t *)item->rdata.p, item->rdata.n, hash);
}

static bool is_same(const struct dns_item *a, const struct dns_item *b)
{
	return a->type == b->type && a->owner.n == b->owner.n && a->rdata.n == b->rdata.n &&
	       lower_eq((const uint8_t *)a->owner.p, (const uint8_t *)b->owner.p, a->owner.n) &&
	       reed_dns_rdata_cmp(a->type, a->rdata, b->rdata) == 0;
}

static struct dns_mark *place(struct dns_mark *slots, size_t mask, uint64_t hash,
                              const struct dns_item *item)
{
	size_t at = hash & mask;

	while (slots[at].used && (slots[at].hash != hash || !is_same(&slots[at].item, item)))
		at = (at + 1) & mask;
	return &slots[at];
}

static void grow(struct dns_marks *m)
{
	size_t before = m->slots ? m->mask + 1 : 0, n = before ? before * 2 : FIRST;
	struct dns_mark *slots = reed_alloc(n * sizeof(*slots));

	for (size_t i = 0; i < before; i++)
		if (m->slots[i].used)
			*place(slots, n - 1, m->slots[i].hash, &m->slots[i].item) = m->slots[i];
	reed_free(m->slots);
	m->slots = slots;
	m->mask = n - 1;
}

struct dns_mark *dns_marks_at(struct dns_marks *m, const struct dns_item *item)
{
	uint64_t hash = hash_of(item);
	struct dns_mark *mark;

	if (!m->slots || m->count * 2 > m->mask)
		grow(m);
	mark = place(m->slots, m->mask, hash, item);
	if (!mark->used) {
		*mark = (struct dns_mark){ .hash = hash, .item = *item, .used = true };
		m->count++;
	}
	return mark;
}

struct dns_mark *dns_marks_find(const struct dns_marks *m, const struct dns_item *item)
{
	struct dns_mark *mark = m->slots ? place(m->slots, m->mask, hash_of(item), item) : NULL;

	return mark && mark->used ? mark : NULL;
}

void dns_marks_finish(struct dns_marks *m)
{
	reed_free(m->slots);
	*m = (struct dns_marks){ 0 };
}
