/* A jar of cookies (RFC 6265bis 5). */

#include <libpsl.h>
#include <stdlib.h>

#include "cookie.h"
#include "reed/address.h"
#include "reed/alloc.h"
#include "reed/list.h"

enum { OF_DOMAIN = 180, IN_ALL = 3000 };

struct reed_http_jar *reed_http_jar_new(void)
{
	struct reed_http_jar *jar = reed_alloc(sizeof(*jar));

	reed_list_init(&jar->cookies);
	return jar;
}

static struct kept *kept_of(struct reed_list *link)
{
	return reed_container_of(link, struct kept, link);
}

static void forget(struct reed_http_jar *jar, struct kept *k)
{
	reed_list_remove(&k->link);
	jar->count--;
	reed_free(k->name);
	reed_free(k->value);
	reed_free(k->domain);
	reed_free(k->path);
	reed_free(k);
}

void reed_http_jar_free(struct reed_http_jar *jar)
{
	if (!jar)
		return;
	while (!reed_list_empty(&jar->cookies))
		forget(jar, kept_of(jar->cookies.next));
	reed_free(jar);
}

size_t reed_http_jar_count(const struct reed_http_jar *jar)
{
	return jar->count;
}

void reed_http_jar_end_session(struct reed_http_jar *jar)
{
	reed_list_each_safe (link, &jar->cookies)
		if (!kept_of(link)->persistent)
			forget(jar, kept_of(link));
}

/* ---- what matches ---- */

static char *lower(struct reed_slice s)
{
	char *text = reed_slice_dup(s);

	for (char *p = text; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	return text;
}

/* RFC 6265bis 5.1.3; both in lower case. */
static bool domain_matches(const char *host, const char *domain)
{
	size_t n = strlen(host), m = strlen(domain);
	struct reed_address at;

	if (strcmp(host, domain) == 0)
		return true;
	return n > m && strcmp(host + n - m, domain) == 0 && host[n - m - 1] == '.' &&
	       reed_address_parse(reed_slice_of(host), 0, &at);
}

/* RFC 6265bis 5.1.4 */
static bool path_matches(struct reed_slice path, const char *of)
{
	size_t n = strlen(of);

	return reed_slice_starts(path, reed_slice_of(of)) &&
	       (path.n == n || of[n - 1] == '/' || path.p[n] == '/' || path.p[n] == '?');
}

static bool is_public(const char *domain)
{
	return psl_is_public_suffix2(psl_builtin(), domain, PSL_TYPE_ANY);
}

/* ---- setting ---- */

static struct kept *find(struct reed_http_jar *jar, const struct kept *like)
{
	reed_list_each (link, &jar->cookies) {
		struct kept *k = kept_of(link);

		if (strcmp(k->name, like->name) == 0 && strcmp(k->domain, like->domain) == 0 &&
		    strcmp(k->path, like->path) == 0 && k->host_only == like->host_only)
			return k;
	}
	return NULL;
}

/* RFC 6265bis 5.7 step 18: a page in clear does not overlay what came over TLS. */
static bool overlays_secure(struct reed_http_jar *jar, const struct kept *k)
{
	reed_list_each (link, &jar->cookies) {
		struct kept *old = kept_of(link);

		if (old->secure && strcmp(old->name, k->name) == 0 &&
		    (domain_matches(old->domain, k->domain) ||
		     domain_matches(k->domain, old->domain)) &&
		    path_matches(reed_slice_of(k->path), old->path))
			return true;
	}
	return false;
}

static void make_room(struct reed_http_jar *jar, const char *domain)
{
	size_t same = 0;

	reed_list_each (link, &jar->cookies)
		same += strcmp(kept_of(link)->domain, domain) == 0;
	reed_list_each_safe (link, &jar->cookies) {
		struct kept *k = kept_of(link);
		bool is_same = strcmp(k->domain, domain) == 0;

		if (same < OF_DOMAIN && jar->count < IN_ALL)
			return;
		if (same >= OF_DOMAIN && !is_same)
			continue;
		same -= is_same;
		forget(jar, k);
	}
}

/* RFC 6265bis 4.1.3: what the name promises has to be so. */
static bool keeps_prefix(const struct kept *k, bool has_path)
{
	struct reed_slice name = reed_slice_of(k->name);

	if (reed_slice_is_nocase(reed_slice_first(name, 9), "__Secure-"))
		return k->secure;
	if (reed_slice_is_nocase(reed_slice_first(name, 7), "__Host-"))
		return k->secure && k->host_only && has_path && strcmp(k->path, "/") == 0;
	return true;
}

/* RFC 6265bis 5.7 steps 13 to 15 */
static bool breaks_same_site(const struct kept *k, const struct http_cookie *c,
                             const struct reed_http_cookie_place *place)
{
	if (c->has_same_site && c->same_site == REED_HTTP_SAME_SITE_NONE)
		return !k->secure;
	return (k->strict || k->lax) && place->from == REED_HTTP_OTHER_SITE;
}

/* Whose it is: REED_EACCES when the host may not say so. */
static enum reed_err place_domain(struct kept *k, const struct http_cookie *c, const char *host)
{
	char *domain = lower(c->domain);

	k->host_only = domain[0] == '\0';
	if (!k->host_only && is_public(domain)) {
		k->host_only = strcmp(domain, host) == 0;
		if (!k->host_only) {
			reed_free(domain);
			return REED_EACCES;
		}
	}
	if (!k->host_only && !domain_matches(host, domain)) {
		reed_free(domain);
		return REED_EACCES;
	}
	if (k->host_only) {
		reed_free(domain);
		domain = reed_strdup(host);
	}
	k->domain = domain;
	return REED_OK;
}

static void add(struct reed_http_jar *jar, struct kept *k, int64_t wall)
{
	struct kept *old = find(jar, k);

	k->created = old ? old->created : wall;
	k->order = old ? old->order : ++jar->order;
	if (old)
		forget(jar, old);
	make_room(jar, k->domain);
	reed_list_append(&jar->cookies, &k->link);
	jar->count++;
	if (k->persistent && k->expires <= wall)
		forget(jar, k);
}

enum reed_err reed_http_jar_set(struct reed_http_jar *jar,
                                const struct reed_http_cookie_place *place, struct reed_slice field,
                                int64_t wall)
{
	struct http_cookie c;
	enum reed_err err = http_cookie_parse(field, wall, &c);
	char *host = lower(place->host);
	struct kept *k;

	if (err) {
		reed_free(host);
		return err;
	}
	k = reed_alloc(sizeof(*k));
	k->name = reed_slice_dup(c.name);
	k->value = reed_slice_dup(c.value);
	k->path = reed_slice_dup(c.path.n ? c.path : http_cookie_default_path(place->path));
	k->persistent = c.persistent;
	k->expires = c.expires;
	k->secure = c.secure;
	k->http_only = c.http_only;
	k->strict = c.has_same_site && c.same_site == REED_HTTP_SAME_SITE_STRICT;
	k->lax = c.has_same_site && c.same_site == REED_HTTP_SAME_SITE_LAX;
	err = place_domain(k, &c, host);
	if (!err && (breaks_same_site(k, &c, place) || (k->secure && !place->secure) ||
	             !keeps_prefix(k, c.path.n > 0) || (!place->secure && overlays_secure(jar, k))))
		err = REED_EACCES;
	reed_free(host);
	if (!err) {
		add(jar, k, wall);
		return REED_OK;
	}
	reed_list_append(&jar->cookies, &k->link);
	jar->count++;
	forget(jar, k);
	return err;
}

/* ---- getting ---- */

static bool is_for(const struct kept *k, const struct reed_http_cookie_place *place,
                   const char *host)
{
	struct reed_slice path = place->path.n ? place->path : REED_STR("/");

	if ((k->strict && place->from != REED_HTTP_OWN_SITE) ||
	    (k->lax && place->from == REED_HTTP_OTHER_SITE))
		return false;
	return (k->host_only ? strcmp(k->domain, host) == 0 : domain_matches(host, k->domain)) &&
	       path_matches(path, k->path) && (!k->secure || place->secure);
}

/* RFC 6265bis 5.8.3: longer paths first, then the older. */
static int by_path(const void *a, const void *b)
{
	const struct kept *x = *(struct kept *const *)a, *y = *(struct kept *const *)b;
	size_t n = strlen(x->path), m = strlen(y->path);

	if (n != m)
		return n < m ? 1 : -1;
	return x->order < y->order ? -1 : 1;
}

void reed_http_jar_get(struct reed_http_jar *jar, const struct reed_http_cookie_place *place,
                       int64_t wall, struct reed_buf *out)
{
	struct kept **found = reed_alloc((jar->count + 1) * sizeof(struct kept *));
	char *host = lower(place->host);
	size_t n = 0;

	reed_list_each_safe (link, &jar->cookies) {
		struct kept *k = kept_of(link);

		if (k->persistent && k->expires <= wall)
			forget(jar, k);
		else if (is_for(k, place, host))
			found[n++] = k;
	}
	qsort(found, n, sizeof(struct kept *), by_path);
	for (size_t i = 0; i < n; i++) {
		reed_buf_printf(out, "%s%s%s%s", i ? "; " : "", found[i]->name,
		                found[i]->name[0] ? "=" : "", found[i]->value);
		reed_list_remove(&found[i]->link);
		reed_list_append(&jar->cookies, &found[i]->link);
	}
	reed_free(found);
	reed_free(host);
}
