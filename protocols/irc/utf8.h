/* Private: text as characters, RFC 3629. */

#ifndef REED_IRC_UTF8_H
#define REED_IRC_UTF8_H

#include "reed/slice.h"

/* Stands for a byte that belongs to no character. */
#define UTF8_WRONG 0xffffffffu

/* Bytes of the character s begins with, and the character; a wrong byte is one of its own. */
static inline size_t utf8_char(struct reed_slice s, uint32_t *out)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t c = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));

	*out = n == 1 ? c : UTF8_WRONG;
	if (n == 1 || n > s.n || !reed_slice_is_utf8(reed_slice_first(s, n)))
		return 1;
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3fu);
	*out = c;
	return n;
}

#endif
