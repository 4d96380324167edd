/* Private: eight bytes at a time, for the checks that every line goes through. */

#ifndef REED_IRC_BYTES_H
#define REED_IRC_BYTES_H

#include <string.h>

#include "reed/slice.h"

#define EACH_BYTE 0x0101010101010101u
#define HIGH_BITS 0x8080808080808080u

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define first_lowest(v) __builtin_bswap64(v)
#else
#define first_lowest(v) (v)
#endif

/* The first byte is the lowest. */
static inline uint64_t load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return first_lowest(v);
}

/* The same of fewer than eight bytes, with zeroes behind: by two loads that overlap. */
static inline uint64_t load_part(const char *p, size_t n)
{
	uint32_t head, tail;
	uint64_t v = 0;

	if (n >= 4 && first_lowest(UINT64_C(1)) == 1) {
		memcpy(&head, p, sizeof(head));
		memcpy(&tail, p + n - 4, sizeof(tail));
		return head | (uint64_t)tail << 8 * (n - 4);
	}
	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)(unsigned char)p[i] << 8 * i;
	return v;
}

/* The same with bytes behind that no check objects to. */
static inline uint64_t load_filled(const char *p, size_t n)
{
	return load_part(p, n) | ~UINT64_C(0) << 8 * n;
}

/*
 * The high bits of those bytes of v that are less than limit, which is at most
 * 128.  Those of some bytes behind the first such one may be set too.
 */
static inline uint64_t below(uint64_t v, unsigned limit)
{
	return (v - EACH_BYTE * limit) & ~v & HIGH_BITS;
}

/* RFC 2812 2.3.1: in no part of a message. */
static inline bool ends_lines(char c)
{
	return c == '\0' || c == '\r' || c == '\n';
}

static inline bool any_ends_lines(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ends_lines(p[i]))
			return true;
	return false;
}

/*
 * Whether s has none of NUL, CR and LF; *bits gets the bits of all its bytes
 * or'ed, so that 0x80 tells of bytes that are not ASCII.  Eight bytes are
 * looked at one by one only when there is a control code among them, and the
 * last eight overlap those before.
 */
static inline bool is_one_line(struct reed_slice s, uint64_t *bits)
{
	const char *p = s.p, *end = s.p + s.n;

	if (s.n < 8) {
		*bits = load_part(p, s.n);
		return !any_ends_lines(p, s.n);
	}
	for (*bits = 0; p < end; p += 8) {
		uint64_t v;

		p = end - p < 8 ? end - 8 : p;
		v = load8(p);
		*bits |= v;
		if (below(v, '\r' + 1) && any_ends_lines(p, 8))
			return false;
	}
	return true;
}

/* The same without interest in the bits. */
static inline bool is_clean(struct reed_slice s)
{
	uint64_t bits;

	return is_one_line(s, &bits);
}

/* Where the first space is; end when there is none. */
static inline const char *find_space(const char *p, const char *end)
{
	uint64_t spaces;

	for (; end - p >= 8; p += 8) {
		spaces = below(load8(p) ^ EACH_BYTE * ' ', 1);

		if (spaces)
			return p + __builtin_ctzll(spaces) / 8;
	}
	spaces = below(load_filled(p, (size_t)(end - p)) ^ EACH_BYTE * ' ', 1);
	return spaces ? p + __builtin_ctzll(spaces) / 8 : end;
}

/*
 * What can stand between two spaces: not empty, and none of NUL, CR, LF and
 * space in it.  Hardly ever is there a byte below those of letters.
 */
static inline bool is_word(struct reed_slice s)
{
	uint64_t low = 0;
	size_t i = 0;

	for (; s.n - i >= 8; i += 8)
		low |= below(load8(s.p + i), ' ' + 1);
	low |= below(load_filled(s.p + i, s.n - i), ' ' + 1);
	return s.n > 0 && (!low || (is_clean(s) && find_space(s.p, s.p + s.n) == s.p + s.n));
}

/* What would be taken for tags, a source or the last parameter. */
static inline bool begins_otherwise(struct reed_slice word)
{
	return word.p[0] == ':' || word.p[0] == '@';
}

#endif
