#include "hash.h"

#include "reed/alloc.h"

void reed_hash_finish(struct reed_hash *table)
{
	reed_free(table->buckets);
	*table = (struct reed_hash){ 0 };
}

static void put(struct reed_hash *table, struct reed_hash_link *link)
{
	struct reed_hash_link **bucket = &table->buckets[link->hash & (table->size - 1)];

	link->next = *bucket;
	*bucket = link;
}

static void grow(struct reed_hash *table)
{
	struct reed_hash old = *table;

	table->size = old.size ? old.size * 2 : 16;
	table->buckets = reed_alloc(table->size * sizeof(struct reed_hash_link *));
	for (size_t i = 0; i < old.size; i++) {
		while (old.buckets[i]) {
			struct reed_hash_link *link = old.buckets[i];

			old.buckets[i] = link->next;
			put(table, link);
		}
	}
	reed_free(old.buckets);
}

void reed_hash_add(struct reed_hash *table, struct reed_hash_link *link, uint64_t hash)
{
	if (table->count == table->size)
		grow(table);
	link->hash = hash;
	put(table, link);
	table->count++;
}

void reed_hash_remove(struct reed_hash *table, struct reed_hash_link *link)
{
	struct reed_hash_link **at = &table->buckets[link->hash & (table->size - 1)];

	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	table->count--;
}

static struct reed_hash_link *with_hash(struct reed_hash_link *link, uint64_t hash)
{
	while (link && link->hash != hash)
		link = link->next;
	return link;
}

struct reed_hash_link *reed_hash_first(const struct reed_hash *table, uint64_t hash)
{
	return table->size ? with_hash(table->buckets[hash & (table->size - 1)], hash) : NULL;
}

struct reed_hash_link *reed_hash_next(const struct reed_hash_link *link)
{
	return with_hash(link->next, link->hash);
}

/* The finisher of splitmix64: every bit of the input reaches every bit of the output. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

uint64_t reed_hash_pair(uint64_t seed, uint64_t a, uint64_t b)
{
	return mix(mix(a ^ seed) + b);
}

/* ---- names ---- */

void reed_names_add(struct reed_names *names, struct reed_named *named, struct reed_slice key)
{
	named->key = reed_slice_dup(key);
	named->n = key.n;
	reed_hash_add(&names->table, &named->link, reed_slice_hash(key, names->seed));
}

void reed_names_remove(struct reed_names *names, struct reed_named *named)
{
	if (!named->key)
		return;
	reed_hash_remove(&names->table, &named->link);
	reed_free(named->key);
	named->key = NULL;
}

struct reed_named *reed_names_find(const struct reed_names *names, struct reed_slice key)
{
	struct reed_hash_link *link =
		reed_hash_first(&names->table, reed_slice_hash(key, names->seed));

	for (; link; link = reed_hash_next(link)) {
		struct reed_named *named = reed_container_of(link, struct reed_named, link);

		if (reed_slice_eq(reed_slice(named->key, named->n), key))
			return named;
	}
	return NULL;
}
