/* Finding names: one table for all of a zone, from the whole name up. */

#include "store.h"

#include "lower.h"

enum { FIRST_SLOTS = 64 };

void dns_path_of(struct dns_path *path, const uint8_t *wire)
{
	uint64_t hash = 0;
	unsigned at = 0, n = 0;

	for (; wire[at]; at += wire[at] + 1U)
		path->starts[n++] = (uint8_t)at;
	path->labels = n;
	path->starts[n] = (uint8_t)at;
	path->hashes[n] = 0;
	while (n-- > 0) {
		const uint8_t *label = wire + path->starts[n];

		hash = lower_hash(label, *label + 1U, hash);
		path->hashes[n] = (uint32_t)hash;
	}
}

struct dns_node *dns_zone_node(const struct reed_dns_zone *zone, const uint8_t *wire,
                               const struct dns_path *path, unsigned i)
{
	uint32_t hash = path->hashes[i];
	unsigned n = path->starts[path->labels] - path->starts[i] + 1U;

	for (size_t at = hash & zone->mask;; at = (at + 1) & zone->mask) {
		const struct dns_slot *slot = &zone->table[at];

		if (!slot->node)
			return NULL;
		if (slot->tag == hash && slot->node->n == n &&
		    lower_eq(slot->node->wire, wire + path->starts[i], n))
			return slot->node;
	}
}

void dns_zone_prefetch(const struct reed_dns_zone *zone, const struct dns_path *path, int stage)
{
	const struct dns_slot *slot = &zone->table[path->hashes[0] & zone->mask];

	if (stage == 0)
		__builtin_prefetch(slot);
	else if (stage == 1 && slot->node)
		__builtin_prefetch(slot->node);
	else if (stage == 2 && slot->node && slot->node->sets)
		__builtin_prefetch(slot->node->sets);
}

struct dns_node *dns_zone_find(const struct reed_dns_zone *zone, const uint8_t *wire)
{
	struct dns_path path;

	dns_path_of(&path, wire);
	return dns_zone_node(zone, wire, &path, 0);
}

struct dns_node *dns_zone_encloser(const struct reed_dns_zone *zone, const uint8_t *wire,
                                   const struct dns_path *path, unsigned *depth)
{
	unsigned last = path->labels - zone->name.labels;

	for (unsigned i = 0; i < last; i++) {
		struct dns_node *node = dns_zone_node(zone, wire, path, i);

		if (node) {
			*depth = i;
			return node;
		}
	}
	*depth = last;
	return zone->apex;
}

/* ---- making ---- */

static void put_slot(struct dns_slot *table, size_t mask, struct dns_node *node)
{
	size_t at = node->hash & mask;

	while (table[at].node)
		at = (at + 1) & mask;
	table[at] = (struct dns_slot){ node->hash, node };
}

static void grow(struct reed_dns_zone *zone)
{
	size_t slots = zone->table ? (zone->mask + 1) * 2 : FIRST_SLOTS;
	struct dns_slot *table = reed_alloc(slots * sizeof(*table));

	for (struct dns_node *node = zone->apex; node; node = node->next)
		put_slot(table, slots - 1, node);
	reed_free(zone->table);
	zone->table = table;
	zone->mask = slots - 1;
}

static struct dns_node *add(struct reed_dns_zone *zone, const uint8_t *wire,
                            const struct dns_path *path, unsigned i, struct dns_node *parent)
{
	unsigned n = path->starts[path->labels] - path->starts[i] + 1U;
	struct dns_node *node = dns_arena_alloc(&zone->arena, sizeof(*node) + n);

	memcpy(node->wire, wire + path->starts[i], n);
	node->n = (uint8_t)n;
	node->labels = (uint8_t)(path->labels - i);
	node->hash = path->hashes[i];
	node->parent = parent;
	if (parent && node->wire[0] == 1 && node->wire[1] == '*')
		parent->wild = node;
	if (zone->last)
		zone->last->next = node;
	else
		zone->apex = node;
	zone->last = node;
	zone->nodes++;
	if (!zone->table || zone->nodes * 3 > (zone->mask + 1) * 2)
		grow(zone); /* which finds it in the list */
	else
		put_slot(zone->table, zone->mask, node);
	return node;
}

struct dns_node *dns_zone_make(struct reed_dns_zone *zone, const uint8_t *wire)
{
	struct dns_path path;
	struct dns_node *node = NULL;
	unsigned i;

	dns_path_of(&path, wire);
	if (!zone->apex)
		return add(zone, wire, &path, 0, NULL);
	node = dns_zone_encloser(zone, wire, &path, &i);
	while (i-- > 0)
		node = add(zone, wire, &path, i, node);
	return node;
}
