/* The sets themselves. */

#include "chars.h"

#include "reed/http/message.h"

/* !#$%&'*+-.^_`|~, digits, letters */
const struct chars http_token = { { 0x03ff6cfa00000000, 0x57ffffffc7fffffe, 0, 0 } };

/* Tab, space, visible ones, and those above ASCII. */
const struct chars http_value = { { 0xffffffff00000200, 0x7fffffffffffffff, 0xffffffffffffffff,
	                            0xffffffffffffffff } };

/* Visible ASCII but '#': browsers send some that RFC 3986 would have encoded. */
const struct chars http_target = { { 0xfffffff600000000, 0x7fffffffffffffff, 0, 0 } };

/* RFC 3986 3.2.2, with the colon of a port and the brackets of IPv6; no '@'. */
const struct chars http_host = { { 0x2fff7ff200000000, 0x47fffffeaffffffe, 0, 0 } };

/* -._~, digits, letters */
const struct chars http_unreserved = { { 0x03ff600000000000, 0x47fffffe87fffffe, 0, 0 } };

bool reed_http_is_token(struct reed_slice s)
{
	return s.n > 0 && chars_span(&http_token, s.p, s.p + s.n) == s.p + s.n;
}

bool reed_http_is_value(struct reed_slice s)
{
	return chars_span(&http_value, s.p, s.p + s.n) == s.p + s.n && reed_slice_trim(s).n == s.n;
}

enum reed_err reed_http_decode(struct reed_slice s, char *into, size_t *n)
{
	size_t out = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%') {
			int high = s.n - i > 2 ? hex_digit(s.p[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(s.p[i + 2]) : -1;

			if (low < 0 || (high == 0 && low == 0))
				return REED_ESYNTAX;
			c = (char)(high * 16 + low);
			i += 2;
		}
		into[out++] = c;
	}
	*n = out;
	return REED_OK;
}

void reed_http_encode(struct reed_slice s, const char *keep, struct reed_buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (chars_have(&http_unreserved, c) || (c != '\0' && strchr(keep, c)))
			reed_buf_add_char(out, c);
		else
			reed_buf_printf(out, "%%%02X", (unsigned char)c);
	}
}
