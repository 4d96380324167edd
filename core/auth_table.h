/* Accounts in memory, by name: what the checkers that hold all of them share. */

#ifndef REED_AUTH_TABLE_H
#define REED_AUTH_TABLE_H

#include "reed/checker.h"

enum { REED_TABLE_MAX = 1000000 };

/* Zeroed is an empty one. */
struct reed_principal_table {
	struct reed_principal **accounts; /* sorted by name */
	size_t n, room;
};

void reed_table_finish(struct reed_principal_table *t);

/* NULL when there is none; good until the next change. */
const struct reed_principal *reed_table_find(const struct reed_principal_table *t,
                                             const char *name);
const struct reed_principal *reed_table_of_fingerprint(const struct reed_principal_table *t,
                                                       const uint8_t *fingerprint);

/* By name or fingerprint; REED_ENOENT. */
enum reed_err reed_table_lookup(const struct reed_principal_table *t,
                                const struct reed_lookup *what, struct reed_principal *out);

/* REED_EEXIST: the name, or a fingerprint; REED_ETOOBIG. */
enum reed_err reed_table_add(struct reed_principal_table *t, const struct reed_principal *account);

/* Without looking for its name or fingerprints: before reed_table_sort() only. */
enum reed_err reed_table_append(struct reed_principal_table *t,
                                const struct reed_principal *account);

/* Once, after the last of these.  NULL, or the account whose name or fingerprint is not its own. */
const struct reed_principal *reed_table_sort(struct reed_principal_table *t);

/* What reed_principal_apply() does; REED_EEXIST: another account's fingerprint. */
enum reed_err reed_table_change(struct reed_principal_table *t, const struct reed_change *change);

/* REED_ENOENT. */
enum reed_err reed_table_remove(struct reed_principal_table *t, const char *name);

/* At most max that come after that name, in an array from reed_alloc(). */
void reed_table_list(const struct reed_principal_table *t, const char *after, size_t max,
                     struct reed_principal_list *out);

#endif
