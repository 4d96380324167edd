/* Lists of zones in canonical order. */

#include "catalogs.h"

#include <stdlib.h>

#include "reed/alloc.h"

void dns_members_finish(struct members *m)
{
	reed_free(m->all);
	*m = (struct members){ 0 };
}

enum reed_err dns_members_add(void *members, const struct reed_dns_name *name, uint64_t id)
{
	struct members *m = members;

	if (m->n == m->room) {
		m->room = m->room ? 2 * m->room : 16;
		m->all = reed_realloc(m->all, m->room * sizeof(*m->all));
	}
	m->all[m->n++] = (struct member){ *name, id };
	return REED_OK;
}

int dns_members_compare(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return reed_dns_name_cmp(&x->name, &y->name);
}

struct members dns_members_of(const struct dns_settings *s, const struct reed_dns_name *catalog)
{
	struct dns_zone_entry entry;
	struct reed_dns_name listed;
	struct members m = { 0 };
	size_t n = 0;

	for (size_t i = 0; dns_zone_entry(s, i, &entry); i++) {
		const char *by = entry.more ? entry.more->catalog_zone : NULL;

		if (!catalog || (by && !reed_dns_name_parse(reed_slice_of(by), NULL, &listed) &&
		                 reed_dns_name_eq(&listed, catalog)))
			dns_members_add(&m, &entry.name, 0);
	}
	if (m.n)
		qsort(m.all, m.n, sizeof(*m.all), dns_members_compare);
	for (size_t i = 0; i < m.n; i++) /* each once */
		if (!n || dns_members_compare(&m.all[n - 1], &m.all[i]))
			m.all[n++] = m.all[i];
	m.n = n;
	return m;
}

bool dns_members_have(const struct members *m, const struct reed_dns_name *name)
{
	struct member key = { .name = *name };

	return m->n && bsearch(&key, m->all, m->n, sizeof(key), dns_members_compare);
}
