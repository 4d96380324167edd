/* Fields as HPACK takes them. */

#include "h2_fields.h"

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

struct reed_slice h2_lower(struct reed_pool *pool, struct reed_slice name)
{
	size_t i = 0;
	char *p;

	while (i < name.n && !is_upper(name.p[i]))
		i++;
	if (i == name.n)
		return name;
	p = reed_pool_alloc(pool, name.n);
	for (i = 0; i < name.n; i++)
		p[i] = (char)(is_upper(name.p[i]) ? name.p[i] | 0x20 : name.p[i]);
	return reed_slice(p, name.n);
}
