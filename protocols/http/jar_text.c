/* A jar as text: the file of Netscape's browser, as curl has it. */

#include "cookie.h"

#include <string.h>

#define HTTP_ONLY "#HttpOnly_"

/* ---- writing ---- */

static bool fits_a_line(const struct kept *k)
{
	return k->name[0] && !strchr(k->name, '\t') && !strchr(k->value, '\t') &&
	       !strchr(k->path, '\t');
}

void reed_http_jar_write(const struct reed_http_jar *jar, int64_t wall, struct reed_buf *text)
{
	reed_buf_add_str(text,
	                 "# Netscape HTTP Cookie File\n"
	                 "# domain, for those below it, path, secure, expires, name, value\n");
	reed_list_each (link, &jar->cookies) {
		const struct kept *k = reed_container_of(link, struct kept, link);

		if (!fits_a_line(k) || (k->persistent && k->expires <= wall))
			continue;
		reed_buf_printf(text, "%s%s%s\t%s\t%s\t%s\t%lld\t%s\t%s\n",
		                k->http_only ? HTTP_ONLY : "", k->host_only ? "" : ".", k->domain,
		                k->host_only ? "FALSE" : "TRUE", k->path,
		                k->secure ? "TRUE" : "FALSE",
		                k->persistent ? (long long)k->expires : 0, k->name, k->value);
	}
}

/* ---- reading ---- */

struct line {
	struct reed_slice domain, path, name, value;
	bool below, secure, http_only;
	uint64_t expires;
};

static bool read_bool(struct reed_slice word, bool *out)
{
	*out = reed_slice_is_nocase(word, "TRUE");
	return *out || reed_slice_is_nocase(word, "FALSE");
}

/* What would say more than it does, once it is a field. */
static bool is_plain(struct reed_slice s)
{
	return reed_slice_find(s, ';') == s.n;
}

static bool read_line(struct reed_slice rest, struct line *l)
{
	l->http_only = reed_slice_starts(rest, REED_STR(HTTP_ONLY));
	if (l->http_only)
		rest = reed_slice_from(rest, strlen(HTTP_ONLY));
	l->domain = reed_slice_cut(&rest, '\t');
	if (!read_bool(reed_slice_cut(&rest, '\t'), &l->below))
		return false;
	l->path = reed_slice_cut(&rest, '\t');
	if (!read_bool(reed_slice_cut(&rest, '\t'), &l->secure) ||
	    reed_slice_u64(reed_slice_cut(&rest, '\t'), INT64_MAX, &l->expires))
		return false;
	l->name = reed_slice_cut(&rest, '\t');
	l->value = rest;
	if (l->domain.n > 0 && l->domain.p[0] == '.')
		l->domain = reed_slice_from(l->domain, 1);
	return l->domain.n > 0 && l->path.n > 0 && l->path.p[0] == '/' && l->name.n > 0 &&
	       is_plain(l->domain) && is_plain(l->path) && is_plain(l->name) &&
	       is_plain(l->value) && reed_slice_find(l->name, '=') == l->name.n;
}

/* As its server would set it now: then all that holds for servers holds for files. */
static void set(struct reed_http_jar *jar, const struct line *l, int64_t wall)
{
	struct reed_http_cookie_place place = { .host = l->domain,
		                                .path = l->path,
		                                .secure = true };
	struct reed_buf field = { .limit = 0 };

	reed_buf_printf(&field, REED_FMT "=" REED_FMT "; Path=" REED_FMT, REED_ARG(l->name),
	                REED_ARG(l->value), REED_ARG(l->path));
	if (l->below)
		reed_buf_printf(&field, "; Domain=" REED_FMT, REED_ARG(l->domain));
	if (l->expires > 0)
		reed_buf_printf(&field, "; Max-Age=%lld", (long long)l->expires - (long long)wall);
	reed_buf_add_str(&field, l->secure ? "; Secure" : "");
	reed_buf_add_str(&field, l->http_only ? "; HttpOnly" : "");
	reed_http_jar_set(jar, &place, reed_buf_slice(&field), wall);
	reed_buf_finish(&field);
}

enum reed_err reed_http_jar_read(struct reed_http_jar *jar, struct reed_slice text, int64_t wall,
                                 unsigned *line)
{
	for (*line = 1; text.n > 0; ++*line) {
		struct reed_slice each = reed_slice_cut(&text, '\n');
		struct line l;

		if (each.n > 0 && each.p[each.n - 1] == '\r')
			each.n--;
		if (each.n == 0 ||
		    (each.p[0] == '#' && !reed_slice_starts(each, REED_STR(HTTP_ONLY))))
			continue;
		if (!read_line(each, &l))
			return REED_ESYNTAX;
		if (l.expires == 0 || (int64_t)l.expires > wall)
			set(jar, &l, wall);
	}
	return REED_OK;
}
