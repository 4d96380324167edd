/* Which bytes may stand where (RFC 9110 5.6.2, 5.5; RFC 3986), as sets of 256 bits. */

#ifndef REED_HTTP_CHARS_H
#define REED_HTTP_CHARS_H

#include <stdbool.h>
#include <stdint.h>

struct chars {
	uint64_t bits[4];
};

extern const struct chars http_token, http_value, http_target, http_host, http_unreserved;

static inline bool chars_have(const struct chars *set, char c)
{
	unsigned char u = (unsigned char)c;

	return (set->bits[u >> 6] >> (u & 63)) & 1;
}

/* Where the first byte that is not in the set stands. */
static inline const char *chars_span(const struct chars *set, const char *p, const char *end)
{
	while (p < end && chars_have(set, *p))
		p++;
	return p;
}

static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
