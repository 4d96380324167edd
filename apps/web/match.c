/* Names and paths as the settings have them. */

#include "web.h"

#include <string.h>

#include "reed/pool.h"

static bool has_star(const char *pattern, size_t n)
{
	return n > 0 && pattern[n - 1] == '*';
}

bool web_match(const char *pattern, struct reed_slice path, struct reed_slice *tail)
{
	size_t n = strlen(pattern);

	*tail = REED_STR("");
	if (!has_star(pattern, n))
		return reed_slice_is(path, pattern);
	if (!reed_slice_starts(path, reed_slice(pattern, n - 1)))
		return false;
	*tail = reed_slice_from(path, n - 1);
	return true;
}

char *web_target(struct reed_pool *pool, const char *target, struct reed_slice tail)
{
	size_t n = strlen(target), fixed = has_star(target, n) ? n - 1 : n;
	char *out;

	if (fixed == n)
		tail.n = 0;
	out = reed_pool_alloc(pool, fixed + tail.n + 1);
	if (!out)
		return NULL;
	memcpy(out, target, fixed);
	if (tail.n > 0)
		memcpy(out + fixed, tail.p, tail.n);
	out[fixed + tail.n] = '\0';
	return out;
}

bool web_host_matches(const char *name, struct reed_slice host)
{
	struct reed_slice end;

	if (name[0] != '*')
		return reed_slice_is_nocase(host, name);
	end = reed_slice_of(name + 1); /* with its dot */
	return host.n > end.n && reed_slice_eq_nocase(reed_slice_from(host, host.n - end.n), end);
}

const char *web_pattern_wrong(const char *pattern)
{
	const char *star = strchr(pattern, '*');

	if (pattern[0] != '/')
		return "must begin with a slash: /old, /old/*";
	if (star && star[1])
		return "may have a star at its end only: /old/*";
	return NULL;
}
