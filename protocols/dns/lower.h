/*
 * Folding the case of ASCII letters, eight bytes at once.  Length bytes are
 * below 'A', so that a name can be folded as a whole.
 */

#ifndef REED_DNS_LOWER_H
#define REED_DNS_LOWER_H

#include <stdint.h>
#include <string.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t lower8(uint64_t x)
{
	uint64_t low = x & EACH(0x7f);
	uint64_t above_z = low + EACH(0x7f - 'Z'), from_a = low + EACH(0x80 - 'A');

	return x | ((from_a ^ above_z) & ~x & EACH(0x80)) >> 2;
}

static inline uint8_t lower1(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static inline uint64_t load8(const uint8_t *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return x;
}

/* The first n bytes, at most eight; the rest is zero. */
static inline uint64_t load_some(const uint8_t *p, size_t n)
{
	uint64_t x = 0;

	memcpy(&x, p, n);
	return x;
}

static inline int lower_eq(const uint8_t *a, const uint8_t *b, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		if (lower8(load8(a + i)) != lower8(load8(b + i)))
			return 0;
	return lower8(load_some(a + i, n - i)) == lower8(load_some(b + i, n - i));
}

static inline int lower_cmp(const uint8_t *a, const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lower1(a[i]) != lower1(b[i]))
			return lower1(a[i]) < lower1(b[i]) ? -1 : 1;
	return 0;
}

static inline void lower_copy(uint8_t *into, const uint8_t *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		into[i] = lower1(from[i]);
}

/* For tables under a seed of their own. */
static inline uint64_t lower_hash(const uint8_t *p, size_t n, uint64_t seed)
{
	uint64_t h = seed ^ n * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		h = (h ^ lower8(load8(p + i))) * UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
	}
	h = (h ^ lower8(load_some(p + i, n - i))) * UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 29;
}

#endif
