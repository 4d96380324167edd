/* Which bytes may stand where (RFC 9110 5.6.2, 5.5; RFC 3986). */

#ifndef REED_HTTP_CHARS_H
#define REED_HTTP_CHARS_H

#include <stdbool.h>
#include <stdint.h>

#include "reed/base64.h"

enum chars {
	CHARS_TOKEN = 1,  /* !#$%&'*+-.^_`|~, digits, letters */
	CHARS_VALUE = 2,  /* tab, space, visible ones, and those above ASCII */
	CHARS_TARGET = 4, /* visible ASCII but '#': browsers send some that are to be encoded */
	CHARS_HOST = 8,   /* RFC 3986 3.2.2, with colons; neither brackets nor '@' */
	CHARS_UNRESERVED = 16, /* -._~, digits, letters */
};

extern const uint8_t chars_of[256];

static inline bool chars_have(enum chars set, char c)
{
	return chars_of[(unsigned char)c] & set;
}

/* Where the first byte that is not in the set stands. */
static inline const char *chars_span(enum chars set, const char *p, const char *end)
{
	for (; end - p >= 4; p += 4) {
		if (!chars_have(set, p[0]))
			return p;
		if (!chars_have(set, p[1]))
			return p + 1;
		if (!chars_have(set, p[2]))
			return p + 2;
		if (!chars_have(set, p[3]))
			return p + 3;
	}
	while (p < end && chars_have(set, *p))
		p++;
	return p;
}

#endif
