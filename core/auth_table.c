#include "auth_table.h"

#include <stdlib.h>

#include "reed/alloc.h"

void reed_table_finish(struct reed_principal_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		reed_free(t->accounts[i]);
	reed_free(t->accounts);
	*t = (struct reed_principal_table){ 0 };
}

/* Of the first that does not come before name. */
static size_t place_of(const struct reed_principal_table *t, const char *name)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(t->accounts[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct reed_principal *find(const struct reed_principal_table *t, const char *name)
{
	size_t at = place_of(t, name);

	return at < t->n && strcmp(t->accounts[at]->name, name) == 0 ? t->accounts[at] : NULL;
}

const struct reed_principal *reed_table_find(const struct reed_principal_table *t, const char *name)
{
	return find(t, name);
}

static bool has_fingerprint(const struct reed_principal *account, const uint8_t *fingerprint)
{
	for (uint32_t i = 0; i < account->fingerprints; i++)
		if (memcmp(account->fingerprint[i], fingerprint, REED_FINGERPRINT_BYTES) == 0)
			return true;
	return false;
}

const struct reed_principal *reed_table_of_fingerprint(const struct reed_principal_table *t,
                                                       const uint8_t *fingerprint)
{
	for (size_t i = 0; i < t->n; i++)
		if (has_fingerprint(t->accounts[i], fingerprint))
			return t->accounts[i];
	return NULL;
}

enum reed_err reed_table_lookup(const struct reed_principal_table *t,
                                const struct reed_lookup *what, struct reed_principal *out)
{
	const struct reed_principal *account = NULL;

	if (what->by == REED_BY_NAME)
		account = find(t, what->name);
	else if (what->by == REED_BY_FINGERPRINT)
		account = reed_table_of_fingerprint(t, what->hash);
	if (!account)
		return REED_ENOENT;
	*out = *account;
	return REED_OK;
}

static enum reed_err taken(const struct reed_principal_table *t,
                           const struct reed_principal *account)
{
	for (uint32_t i = 0; i < account->fingerprints; i++)
		if (reed_table_of_fingerprint(t, account->fingerprint[i]))
			return REED_EEXIST;
	return find(t, account->name) ? REED_EEXIST : REED_OK;
}

static enum reed_err insert(struct reed_principal_table *t, size_t at,
                            const struct reed_principal *account)
{
	if (t->n == REED_TABLE_MAX)
		return REED_ETOOBIG;
	if (t->n == t->room) {
		t->room = t->room ? t->room * 2 : 16;
		t->accounts = reed_realloc(t->accounts, t->room * sizeof(t->accounts[0]));
	}
	memmove(t->accounts + at + 1, t->accounts + at, (t->n - at) * sizeof(t->accounts[0]));
	t->accounts[at] = reed_alloc(sizeof(*account));
	*t->accounts[at] = *account;
	t->n++;
	return REED_OK;
}

enum reed_err reed_table_add(struct reed_principal_table *t, const struct reed_principal *account)
{
	enum reed_err err = taken(t, account);

	return err ? err : insert(t, place_of(t, account->name), account);
}

enum reed_err reed_table_append(struct reed_principal_table *t,
                                const struct reed_principal *account)
{
	return insert(t, t->n, account);
}

static int by_name(const void *a, const void *b)
{
	const struct reed_principal *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

struct print {
	const uint8_t *bytes;
	const struct reed_principal *account;
};

static int by_bytes(const void *a, const void *b)
{
	const struct print *x = a, *y = b;

	return memcmp(x->bytes, y->bytes, REED_FINGERPRINT_BYTES);
}

/* An account that has a fingerprint of another one, or one of its own twice. */
static const struct reed_principal *find_shared(const struct reed_principal_table *t)
{
	const struct reed_principal *shared = NULL;
	struct print *prints;
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->accounts[i]->fingerprints;
	prints = reed_alloc(n * sizeof(*prints));
	n = 0;
	for (size_t i = 0; i < t->n; i++)
		for (uint32_t k = 0; k < t->accounts[i]->fingerprints; k++)
			prints[n++] =
				(struct print){ t->accounts[i]->fingerprint[k], t->accounts[i] };
	qsort(prints, n, sizeof(*prints), by_bytes);
	for (size_t i = 1; i < n && !shared; i++)
		if (by_bytes(&prints[i - 1], &prints[i]) == 0)
			shared = prints[i].account;
	reed_free(prints);
	return shared;
}

const struct reed_principal *reed_table_sort(struct reed_principal_table *t)
{
	if (t->n > 0)
		qsort(t->accounts, t->n, sizeof(t->accounts[0]), by_name);
	for (size_t i = 1; i < t->n; i++)
		if (strcmp(t->accounts[i - 1]->name, t->accounts[i]->name) == 0)
			return t->accounts[i];
	return find_shared(t);
}

enum reed_err reed_table_change(struct reed_principal_table *t, const struct reed_change *change)
{
	struct reed_principal *account = find(t, change->name);
	const struct reed_principal *other;

	if (!account)
		return REED_ENOENT;
	if (change->what == REED_ADD_FINGERPRINT) {
		other = reed_table_of_fingerprint(t, change->fingerprint);
		if (other)
			return REED_EEXIST;
	}
	return reed_principal_apply(account, change);
}

enum reed_err reed_table_remove(struct reed_principal_table *t, const char *name)
{
	size_t at = place_of(t, name);

	if (!find(t, name))
		return REED_ENOENT;
	reed_free(t->accounts[at]);
	t->n--;
	memmove(t->accounts + at, t->accounts + at + 1, (t->n - at) * sizeof(t->accounts[0]));
	return REED_OK;
}

void reed_table_list(const struct reed_principal_table *t, const char *after, size_t max,
                     struct reed_principal_list *out)
{
	size_t at = place_of(t, after);

	if (at < t->n && *after && strcmp(t->accounts[at]->name, after) == 0)
		at++;
	out->n = t->n - at < max ? t->n - at : max;
	out->accounts = reed_alloc(out->n * sizeof(out->accounts[0]));
	for (size_t i = 0; i < out->n; i++)
		out->accounts[i] = *t->accounts[at + i];
}
