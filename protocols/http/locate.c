/* Where a redirect leads (RFC 3986 5.2, RFC 9110 10.2.2). */

#include "client.h"

bool url_same_origin(const struct url *a, const struct url *b)
{
	return a->secure == b->secure && a->port == b->port &&
	       reed_slice_eq_nocase(a->host, b->host);
}

/* RFC 3986 5.2.4, of a path that begins with a slash. */
static void add_without_dots(struct reed_buf *out, struct reed_slice path)
{
	size_t begin = reed_buf_held(out);

	while (path.n > 0) {
		size_t n = 1 + reed_slice_find(reed_slice_from(path, 1), '/');
		struct reed_slice part = reed_slice_first(path, n);
		bool up = reed_slice_is(part, "/.."), last = n == path.n;

		path = reed_slice_from(path, n);
		if (!up && !reed_slice_is(part, "/.")) {
			reed_buf_add(out, part);
			continue;
		}
		while (up && reed_buf_held(out) > begin && out->p[--out->end] != '/')
			;
		if (last)
			reed_buf_add_char(out, '/');
	}
}

/* What some servers leave as it is: spaces, and bytes above ASCII. */
static void add_encoded(struct reed_buf *out, struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c > ' ' && c < 127 && !strchr("\"<>\\^`{|}", c))
			reed_buf_add_char(out, (char)c);
		else
			reed_buf_printf(out, "%%%02X", c);
	}
}

static void add_path(struct reed_buf *out, struct reed_slice base, struct reed_slice location)
{
	struct reed_slice path = reed_slice_first(location, reed_slice_find(location, '?'));
	struct reed_slice query = reed_slice_from(location, path.n);
	struct reed_slice from = reed_slice_first(base, reed_slice_find(base, '?'));
	struct reed_buf whole = { .limit = 0 };

	while (from.n > 0 && from.p[from.n - 1] != '/' && path.n > 0)
		from.n--;
	if (path.n == 0 || path.p[0] != '/')
		reed_buf_add(&whole, from.n > 0 ? from : REED_STR("/"));
	add_encoded(&whole, path);
	add_without_dots(out, reed_buf_slice(&whole));
	add_encoded(out, query);
	reed_buf_finish(&whole);
}

static bool has_scheme(struct reed_slice s)
{
	size_t n = reed_slice_find(s, ':');

	return n < s.n && n < reed_slice_find(s, '/') && n < reed_slice_find(s, '?');
}

enum reed_err url_resolve(const struct url *base, struct reed_slice location, char **out)
{
	struct reed_buf text = { .limit = 0 };
	const char *scheme = base->secure ? "https:" : "http:", *why;
	struct url parsed;

	location = reed_slice_first(location, reed_slice_find(location, '#'));
	if (has_scheme(location)) {
		add_encoded(&text, location);
	} else if (reed_slice_starts(location, REED_STR("//"))) {
		reed_buf_add_str(&text, scheme);
		add_encoded(&text, location);
	} else {
		reed_buf_printf(&text, "%s//" REED_FMT, scheme, REED_ARG(base->authority));
		add_path(&text, base->target, location);
	}
	if (url_parse(reed_buf_slice(&text), &parsed, &why)) {
		reed_buf_finish(&text);
		return REED_ESYNTAX;
	}
	*out = reed_buf_take(&text);
	return REED_OK;
}
