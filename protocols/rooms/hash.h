/*
 * Hash tables of things that carry their own link, by name or by number.  They
 * are for finding only: what is iterated stands in a list as well, so that no
 * order depends on a seed.
 */

#ifndef REED_ROOMS_HASH_H
#define REED_ROOMS_HASH_H

#include "reed/slice.h"

struct reed_hash_link {
	struct reed_hash_link *next;
	uint64_t hash;
};

/* Zeroed is an empty table. */
struct reed_hash {
	struct reed_hash_link **buckets;
	size_t size, count; /* size is 0 or a power of two */
};

void reed_hash_finish(struct reed_hash *table);
void reed_hash_add(struct reed_hash *table, struct reed_hash_link *link, uint64_t hash);
void reed_hash_remove(struct reed_hash *table, struct reed_hash_link *link);

/* The first with that hash, and the next after it; NULL. */
struct reed_hash_link *reed_hash_first(const struct reed_hash *table, uint64_t hash);
struct reed_hash_link *reed_hash_next(const struct reed_hash_link *link);

/* Two numbers as a hash. */
uint64_t reed_hash_pair(uint64_t seed, uint64_t a, uint64_t b);

/* Something with a name; zeroed is without one. */
struct reed_named {
	struct reed_hash_link link;
	char *key; /* owned */
	size_t n;
};

struct reed_names {
	struct reed_hash table;
	uint64_t seed;
};

void reed_names_add(struct reed_names *names, struct reed_named *named, struct reed_slice key);
/* Does nothing to what is without a name. */
void reed_names_remove(struct reed_names *names, struct reed_named *named);
struct reed_named *reed_names_find(const struct reed_names *names, struct reed_slice key);

#endif
