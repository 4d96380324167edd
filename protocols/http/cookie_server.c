/* Cookies of a server: set with answers, read from requests (RFC 6265bis 4). */

#include "private.h"
#include "reed/http/cookies.h"
#include "reed/random.h"

enum { LARGEST = 4096, LONGEST = 400 * 86400 };

/* ---- what may be set ---- */

/* RFC 6265bis 4.1.1: cookie-octet */
static bool is_value(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '\\')
			return false;
	}
	return true;
}

static bool is_attribute(const char *s)
{
	for (; s && *s; s++)
		if ((unsigned char)*s < ' ' || *s == ';' || *s == 0x7f)
			return false;
	return true;
}

static bool begins(const char *name, const char *with)
{
	return reed_slice_is_nocase(reed_slice_first(reed_slice_of(name), strlen(with)), with);
}

static bool keeps_prefix(const struct reed_http_new_cookie *c)
{
	return !begins(c->name, "__Host-") ||
	       (!c->domain && (!c->path || strcmp(c->path, "/") == 0));
}

static bool is_secure(struct reed_http_request *r, const struct reed_http_new_cookie *c)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	if (c->secure || begins(c->name, "__Host-") || begins(c->name, "__Secure-") ||
	    c->same_site == REED_HTTP_SAME_SITE_NONE)
		return true;
	reed_http_facts(r, &facts);
	return facts.secure;
}

static bool is_good(const struct reed_http_new_cookie *c)
{
	return c->name && reed_http_is_token(reed_slice_of(c->name)) && is_value(c->value) &&
	       is_attribute(c->path) && is_attribute(c->domain) &&
	       (!c->path || c->path[0] == '/') && keeps_prefix(c);
}

/* ---- the field ---- */

static void add_age(struct reed_http_request *r, int64_t age, struct reed_buf *field)
{
	char date[REED_HTTP_DATE];

	if (age == 0)
		return;
	age = age < 0 ? 0 : age < LONGEST ? age : LONGEST;
	/* Expires is for what is older than Max-Age */
	reed_http_date(age == 0 ? 0 : reed_wall(r->loop) / REED_S(1) + age, date);
	reed_buf_printf(field, "; Max-Age=%lld; Expires=%.*s", (long long)age, REED_HTTP_DATE,
	                date);
}

enum reed_err reed_http_set_cookie(struct reed_http_request *r,
                                   const struct reed_http_new_cookie *cookie)
{
	static const char *const same_site[] = { "Lax", "Strict", "None" };
	struct reed_http_new_cookie c = REED_HTTP_NEW_COOKIE;
	struct reed_buf field = { .limit = 2 * LARGEST };
	enum reed_err err;

	memcpy(&c, cookie, cookie->size < sizeof(c) ? cookie->size : sizeof(c));
	if (!is_good(&c))
		return REED_EINVAL;
	if (strlen(c.name) + c.value.n > LARGEST)
		return REED_ETOOBIG;
	reed_buf_printf(&field, "%s=" REED_FMT "; Path=%s", c.name, REED_ARG(c.value),
	                c.path ? c.path : "/");
	if (c.domain)
		reed_buf_printf(&field, "; Domain=%s", c.domain);
	add_age(r, c.max_age, &field);
	reed_buf_printf(&field, "; SameSite=%s%s%s", same_site[c.same_site],
	                is_secure(r, &c) ? "; Secure" : "", c.script ? "" : "; HttpOnly");
	err = field.err ? REED_ETOOBIG : reed_http_add(r, "Set-Cookie", reed_buf_slice(&field));
	reed_buf_finish(&field);
	return err;
}

/* ---- what came ---- */

bool reed_http_cookie_next(struct reed_slice *field, struct reed_slice *name,
                           struct reed_slice *value)
{
	struct reed_slice pair;

	while (field->n > 0) {
		pair = reed_slice_trim(reed_slice_cut(field, ';'));
		if (reed_slice_find(pair, '=') == pair.n)
			continue; /* without a name it is nothing that we have set */
		*name = reed_slice_trim(reed_slice_cut(&pair, '='));
		*value = reed_slice_trim(pair);
		return true;
	}
	return false;
}

/* HTTP/2 sends them one by one (RFC 9113 8.2.3). */
struct reed_slice reed_http_cookie(const struct reed_http_request *r, const char *wanted)
{
	struct reed_slice field, name, value;

	for (unsigned n = 0;; n++) {
		field = reed_http_field(r->head.fields, r->head.count, "Cookie", n);
		if (!field.p)
			return reed_slice(NULL, 0);
		while (reed_http_cookie_next(&field, &name, &value))
			if (reed_slice_is(name, wanted))
				return value;
	}
}
