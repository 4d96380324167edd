/* Folding and comparing of names: see casemap.h. */

#include "reed/irc/casemap.h"

#include "bytes.h"

struct reed_slice reed_irc_casemap_name(enum reed_irc_casemap map)
{
	switch (map) {
	case REED_IRC_CASEMAP_ASCII:
		return REED_STR("ascii");
	case REED_IRC_CASEMAP_RFC1459_STRICT:
		return REED_STR("rfc1459-strict");
	case REED_IRC_CASEMAP_RFC1459:
		return REED_STR("rfc1459");
	}
	return REED_STR("");
}

/* draft-hardy-irc-isupport 4.1 says strict-rfc1459, and servers have followed both. */
bool reed_irc_casemap_of(struct reed_slice name, enum reed_irc_casemap *out)
{
	if (reed_slice_is_nocase(name, "ascii"))
		*out = REED_IRC_CASEMAP_ASCII;
	else if (reed_slice_is_nocase(name, "rfc1459"))
		*out = REED_IRC_CASEMAP_RFC1459;
	else if (reed_slice_is_nocase(name, "rfc1459-strict") ||
	         reed_slice_is_nocase(name, "strict-rfc1459"))
		*out = REED_IRC_CASEMAP_RFC1459_STRICT;
	else
		return false;
	return true;
}

/*
 * reed_irc_fold_char() on eight bytes.  In seven bits, adding 128 - 'A' sets
 * the high bit from 'A' on, and adding 128 - 'A' - map from behind the last
 * capital on; a byte that is a capital has the first and not the second.
 */
static inline uint64_t fold8(unsigned capitals, uint64_t v)
{
	uint64_t low = v & ~HIGH_BITS;
	uint64_t from = low + EACH_BYTE * (128u - 'A');
	uint64_t behind = low + EACH_BYTE * (128u - 'A' - capitals);

	return v + ((from & ~behind & ~v & HIGH_BITS) >> 2);
}

void reed_irc_fold(enum reed_irc_casemap map, char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = reed_irc_fold_char(map, p[i]);
}

bool reed_irc_is_folded(enum reed_irc_casemap map, struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (reed_irc_fold_char(map, s.p[i]) != s.p[i])
			return false;
	return true;
}

bool reed_irc_eq(enum reed_irc_casemap map, struct reed_slice a, struct reed_slice b)
{
	unsigned capitals = reed_irc_capitals(map);
	size_t i = 0;

	if (a.n != b.n)
		return false;
	for (; a.n - i >= 8; i += 8)
		if (fold8(capitals, load8(a.p + i)) != fold8(capitals, load8(b.p + i)))
			return false;
	return fold8(capitals, load_part(a.p + i, a.n - i)) ==
	       fold8(capitals, load_part(b.p + i, a.n - i));
}

int reed_irc_cmp(enum reed_irc_casemap map, struct reed_slice a, struct reed_slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;

	for (size_t i = 0; i < n; i++) {
		unsigned char x = (unsigned char)reed_irc_fold_char(map, a.p[i]);
		unsigned char y = (unsigned char)reed_irc_fold_char(map, b.p[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a.n > b.n) - (a.n < b.n);
}

static inline uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

/* The length goes in, so that what load_part() fills up with makes no two names the same. */
uint64_t reed_irc_hash(enum reed_irc_casemap map, struct reed_slice s, uint64_t seed)
{
	unsigned capitals = reed_irc_capitals(map);
	uint64_t h = mix(seed, s.n);
	size_t i = 0;

	for (; s.n - i >= 8; i += 8)
		h = mix(h, fold8(capitals, load8(s.p + i)));
	h = mix(h, fold8(capitals, load_part(s.p + i, s.n - i)));
	return mix(h, h >> 32);
}
