/* Addresses as text: RFC 4291 2.2, and out in the form of RFC 5952. */

#include "text.h"

#include <stdio.h>

#include "reed/base64.h"

bool dns_address4(struct reed_slice text, uint8_t into[4])
{
	const char *p = text.p, *end = p + text.n;

	for (unsigned i = 0; i < 4; i++) {
		unsigned value = 0, digits = 0;

		for (; p < end && *p >= '0' && *p <= '9' && digits < 4; p++, digits++)
			value = value * 10 + (unsigned)(*p - '0');
		if (!digits || value > 255 || (i < 3 && (p == end || *p++ != '.')))
			return false;
		into[i] = (uint8_t)value;
	}
	return p == end;
}

/* A group of up to four digits; false when there is none. */
static bool read_group(const char **p, const char *end, uint8_t *into)
{
	unsigned value = 0, digits = 0;

	for (; *p < end && reed_hex_digit(**p) >= 0; (*p)++, digits++)
		value = value << 4 | (unsigned)reed_hex_digit(**p);
	if (digits == 0 || digits > 4)
		return false;
	dns_put16(into, value);
	return true;
}

/* The last group may be an IPv4 address. */
static bool read_tail4(const char *p, const char *end, uint8_t *into, unsigned *n)
{
	if (*n > 12 || !dns_address4(reed_slice(p, (size_t)(end - p)), into + *n))
		return false;
	*n += 4;
	return true;
}

static bool read_groups(const char *p, const char *end, uint8_t into[16], unsigned *n, int *gap)
{
	while (p < end) {
		const char *begin = p;

		if (end - p >= 2 && p[0] == ':' && p[1] == ':') {
			if (*gap >= 0)
				return false;
			*gap = (int)*n;
			p += 2;
			continue;
		}
		if (*n > 0 && *gap != (int)*n && *p++ != ':')
			return false;
		begin = p;
		if (*n > 14 || !read_group(&p, end, into + *n))
			return false;
		if (p < end && *p == '.')
			return read_tail4(begin, end, into, n);
		if (p < end && *p != ':')
			return false;
		*n += 2;
	}
	return true;
}

bool dns_address6(struct reed_slice text, uint8_t into[16])
{
	unsigned n = 0, tail;
	int gap = -1;

	if (!text.n || !read_groups(text.p, text.p + text.n, into, &n, &gap))
		return false;
	if (gap < 0)
		return n == 16;
	if (n >= 16)
		return false;
	tail = n - (unsigned)gap;
	memmove(into + 16 - tail, into + gap, tail);
	memset(into + gap, 0, 16 - n);
	return true;
}

static size_t print_number(char *into, unsigned value)
{
	size_t n = 0;

	if (value >= 100)
		into[n++] = (char)('0' + value / 100);
	if (value >= 10)
		into[n++] = (char)('0' + value / 10 % 10);
	into[n++] = (char)('0' + value % 10);
	return n;
}

struct reed_slice dns_print_address4(const uint8_t *p, char *into)
{
	size_t n = 0;

	for (unsigned i = 0; i < 4; i++) {
		n += print_number(into + n, p[i]);
		into[n++] = '.';
	}
	return reed_slice(into, n - 1);
}

/* The longest run of zero groups, the first of them, and of two or more: RFC 5952 4.2. */
static unsigned longest_gap(const uint8_t *p, unsigned *length)
{
	unsigned best = 8;

	*length = 1;
	for (unsigned i = 0; i < 8; i++) {
		unsigned n = 0;

		while (i + n < 8 && dns_get16(p + 2 * (i + n)) == 0)
			n++;
		if (n > *length) {
			*length = n;
			best = i;
		}
		i += n;
	}
	return best;
}

static bool is_mapped(const uint8_t *p)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(p, prefix, sizeof(prefix)) == 0;
}

struct reed_slice dns_print_address6(const uint8_t *p, char *into)
{
	unsigned length, gap = longest_gap(p, &length);
	size_t n = 0;

	if (is_mapped(p)) {
		memcpy(into, "::ffff:", 7);
		return reed_slice(into, 7 + dns_print_address4(p + 12, into + 7).n);
	}
	for (unsigned i = 0; i < 8;) {
		if (i == gap) {
			into[n++] = ':';
			if (i == 0)
				into[n++] = ':';
			i += length;
			continue;
		}
		n += (size_t)snprintf(into + n, 6, "%x", dns_get16(p + 2 * i));
		if (++i < 8)
			into[n++] = ':';
	}
	return reed_slice(into, n);
}
