/* JSON (RFC 8259), as far as arguments that are strings need it. */

#include "private.h"

#include "reed/base64.h"

void reed_live_quote(struct reed_buf *out, struct reed_slice s)
{
	bool utf8 = reed_slice_is_utf8(s);

	reed_buf_add_char(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			reed_buf_printf(out, "\\%c", c);
		else if (c < ' ' || c == 127)
			reed_buf_printf(out, "\\u%04x", c);
		else if (c >= 128 && !utf8)
			reed_buf_add_str(out, "\xef\xbf\xbd");
		else
			reed_buf_add_char(out, s.p[i]);
	}
	reed_buf_add_char(out, '"');
}

static size_t string_end(struct reed_slice s, size_t i)
{
	for (i++; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return SIZE_MAX;
}

/* Behind the value that begins at i: where a comma, or the end of the array, stands. */
static size_t value_end(struct reed_slice s, size_t i)
{
	unsigned depth = 0;

	while (i < s.n) {
		char c = s.p[i];

		if (depth == 0 && (c == ',' || c == ']'))
			return i;
		if (c == '[' || c == '{')
			depth++;
		else if ((c == ']' || c == '}') && depth-- == 0)
			break;
		i = c == '"' ? string_end(s, i) : i + 1;
	}
	return SIZE_MAX;
}

enum reed_err reed_live_element(struct reed_slice array, unsigned i, struct reed_slice *element)
{
	size_t at = 1, end;

	array = reed_slice_trim(array);
	if (array.n < 2 || array.p[0] != '[' || array.p[array.n - 1] != ']')
		return REED_ESYNTAX;
	for (;; at = end + 1) {
		end = value_end(array, at);
		if (end == SIZE_MAX)
			return REED_ESYNTAX;
		*element = reed_slice_trim(reed_slice(array.p + at, end - at));
		if (element->n == 0)
			return at == 1 && end == array.n - 1 ? REED_ENOENT : REED_ESYNTAX;
		if (i-- == 0)
			return REED_OK;
		if (array.p[end] == ']')
			return end == array.n - 1 ? REED_ENOENT : REED_ESYNTAX;
	}
}

/* ---- strings ---- */

static void add_utf8(struct reed_buf *out, uint32_t c)
{
	if (c < 0x80) {
		reed_buf_add_char(out, (char)c);
		return;
	}
	if (c < 0x800) {
		reed_buf_add_char(out, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			reed_buf_add_char(out, (char)(0xe0 | c >> 12));
		} else {
			reed_buf_add_char(out, (char)(0xf0 | c >> 18));
			reed_buf_add_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		reed_buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	reed_buf_add_char(out, (char)(0x80 | (c & 0x3f)));
}

/* The four digits at p. */
static bool take_hex(struct reed_slice s, size_t at, uint32_t *c)
{
	unsigned char bytes[2];

	if (at + 4 > s.n || reed_hex_decode(reed_slice(s.p + at, 4), bytes, 2))
		return false;
	*c = (uint32_t)bytes[0] << 8 | bytes[1];
	return true;
}

/* \uXXXX at i - 1, and its other half; returns how far it goes, 0: it is none. */
static size_t take_unicode(struct reed_slice s, size_t i, struct reed_buf *out)
{
	uint32_t c, low;

	if (!take_hex(s, i + 1, &c))
		return 0;
	if (c >= 0xd800 && c < 0xdc00 && i + 6 < s.n && s.p[i + 5] == '\\' && s.p[i + 6] == 'u' &&
	    take_hex(s, i + 7, &low) && low >= 0xdc00 && low < 0xe000) {
		add_utf8(out, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
		return 11;
	}
	add_utf8(out, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
	return 5;
}

static size_t take_escape(struct reed_slice s, size_t i, struct reed_buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *p;

	if (i < s.n && s.p[i] == 'u')
		return take_unicode(s, i, out);
	p = i < s.n && s.p[i] ? strchr(from, s.p[i]) : NULL;
	if (!p)
		return 0;
	reed_buf_add_char(out, to[p - from]);
	return 1;
}

enum reed_err reed_live_text(struct reed_slice array, unsigned i, struct reed_buf *out)
{
	struct reed_slice s;
	enum reed_err err = reed_live_element(array, i, &s);
	size_t n;

	if (err)
		return err;
	if (s.n < 2 || s.p[0] != '"' || string_end(s, 0) != s.n)
		return REED_EINVAL;
	s = reed_slice(s.p + 1, s.n - 2);
	for (size_t at = 0; at < s.n; at++) {
		if ((unsigned char)s.p[at] < ' ')
			return REED_ESYNTAX;
		if (s.p[at] != '\\') {
			reed_buf_add_char(out, s.p[at]);
			continue;
		}
		n = take_escape(s, at + 1, out);
		if (n == 0)
			return REED_ESYNTAX;
		at += n;
	}
	return out->err;
}
