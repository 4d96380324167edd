/* Data as it may be written, by its place. */

#include "private.h"

static const char unknown[] = "\xef\xbf\xbd"; /* U+FFFD */

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&#34;";
	case '\'':
		return "&#39;";
	case '`': /* old browsers end attributes by it */
		return "&#96;";
	default:
		return NULL;
	}
}

/* XML 1.0 2.2 has no other controls; an HTML parser would replace NUL by itself. */
static bool is_control(unsigned char c)
{
	return (c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 127;
}

static void add_escaped(struct reed_buf *out, struct reed_slice s, bool utf8)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		const char *instead = entity(s.p[i]);

		if (is_control(c) || (c >= 128 && !utf8))
			instead = unknown;
		if (!instead)
			continue;
		reed_buf_add(out, reed_slice(s.p + from, i - from));
		reed_buf_add_str(out, instead);
		from = i + 1;
	}
	reed_buf_add(out, reed_slice_from(s, from));
}

void template_escape(struct reed_slice s, struct reed_buf *out)
{
	add_escaped(out, s, reed_slice_is_utf8(s));
}

static void put_url(struct reed_slice s, const char *keep, struct reed_buf *out)
{
	struct reed_buf encoded = { .limit = 0 };

	reed_http_encode(s, keep, &encoded);
	add_escaped(out, reed_buf_slice(&encoded), true);
	reed_buf_finish(&encoded);
}

void template_put(enum template_place place, const char *schemes, struct reed_slice s,
                  struct reed_buf *out)
{
	if (place == PLACE_URL && template_url_passes(s, schemes))
		put_url(s, ":/?#[]@!$&()*+,;=%", out); /* RFC 3986 2.2, and what is encoded */
	else if (place == PLACE_URL)
		reed_buf_add_str(out, "about:invalid");
	else if (place == PLACE_URL_PART)
		put_url(s, "", out);
	else
		template_escape(s, out);
}
