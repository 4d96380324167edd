/* Private: names by the server's rules of when two are the same. */

#ifndef REED_IRC_CLIENT_TABLE_H
#define REED_IRC_CLIENT_TABLE_H

#include "reed/irc/casemap.h"

/* Embedded in what has a name. */
struct irc_named {
	struct irc_named *next; /* in its slot */
	uint64_t hash;
	char *name; /* owned by whoever embeds it */
};

/* Zeroed but for seed is an empty table. */
struct irc_table {
	struct irc_named **slots;
	size_t size, count; /* size is a power of two, or 0 */
	uint64_t seed;
	enum reed_irc_casemap casemap;
};

/* NULL when there is none. */
struct irc_named *reed_irc_table_find(const struct irc_table *table, struct reed_slice name);

/* There is none of that name yet. */
void reed_irc_table_add(struct irc_table *table, struct irc_named *named);
void reed_irc_table_remove(struct irc_table *table, struct irc_named *named);

/* What is the same from now on; of names that have become the same one is found. */
void reed_irc_table_set_casemap(struct irc_table *table, enum reed_irc_casemap casemap);

/* Nothing is in it. */
void reed_irc_table_finish(struct irc_table *table);

#endif
