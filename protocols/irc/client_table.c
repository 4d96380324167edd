#include "client_table.h"

#include "reed/alloc.h"

enum { FIRST_SIZE = 16 };

static struct irc_named **slot_of(const struct irc_table *table, uint64_t hash)
{
	return &table->slots[hash & (table->size - 1)];
}

struct irc_named *reed_irc_table_find(const struct irc_table *table, struct reed_slice name)
{
	uint64_t hash = reed_irc_hash(table->casemap, name, table->seed);

	if (table->count == 0)
		return NULL;
	for (struct irc_named *n = *slot_of(table, hash); n; n = n->next)
		if (n->hash == hash && reed_irc_eq(table->casemap, reed_slice_of(n->name), name))
			return n;
	return NULL;
}

static void put(struct irc_table *table, struct irc_named *named)
{
	struct irc_named **slot = slot_of(table, named->hash);

	named->next = *slot;
	*slot = named;
}

/* Takes all out, into one chain. */
static struct irc_named *empty(struct irc_table *table)
{
	struct irc_named *all = NULL;

	for (size_t i = 0; i < table->size; i++) {
		while (table->slots[i]) {
			struct irc_named *n = table->slots[i];

			table->slots[i] = n->next;
			n->next = all;
			all = n;
		}
	}
	return all;
}

static void refill(struct irc_table *table, struct irc_named *all)
{
	while (all) {
		struct irc_named *n = all;

		all = n->next;
		put(table, n);
	}
}

static void resize(struct irc_table *table, size_t size)
{
	struct irc_named *all = empty(table);

	reed_free(table->slots);
	table->slots = reed_alloc(size * sizeof(struct irc_named *));
	table->size = size;
	refill(table, all);
}

void reed_irc_table_add(struct irc_table *table, struct irc_named *named)
{
	if (table->count >= table->size)
		resize(table, table->size ? table->size * 2 : FIRST_SIZE);
	named->hash = reed_irc_hash(table->casemap, reed_slice_of(named->name), table->seed);
	put(table, named);
	table->count++;
}

void reed_irc_table_remove(struct irc_table *table, struct irc_named *named)
{
	struct irc_named **at = slot_of(table, named->hash);

	while (*at != named)
		at = &(*at)->next;
	*at = named->next;
	table->count--;
}

void reed_irc_table_set_casemap(struct irc_table *table, enum reed_irc_casemap casemap)
{
	struct irc_named *all = empty(table);

	table->casemap = casemap;
	for (struct irc_named *n = all; n; n = n->next)
		n->hash = reed_irc_hash(casemap, reed_slice_of(n->name), table->seed);
	refill(table, all);
}

void reed_irc_table_finish(struct irc_table *table)
{
	reed_free(table->slots);
	table->slots = NULL;
	table->size = table->count = 0;
}
