/*
 * Slices: borrowed bytes, by value.  A slice never owns, and need not end
 * with a NUL.  What it borrows from, and for how long, is said where you get one.
 */

#ifndef REED_SLICE_H
#define REED_SLICE_H

#include <string.h>

#include "reed/err.h"

REED_BEGIN_DECLS

struct reed_slice {
	const char *p;
	size_t n;
};

#ifdef __cplusplus
#define REED_STR(literal) reed_slice("" literal, sizeof(literal) - 1)
#else
#define REED_STR(literal) ((struct reed_slice){ "" literal, sizeof(literal) - 1 })
#endif

/* printf("got " REED_FMT "\n", REED_ARG(slice)) */
#define REED_FMT        "%.*s"
#define REED_ARG(slice) (int)(slice).n, (slice).p

static inline struct reed_slice reed_slice(const void *p, size_t n)
{
	struct reed_slice s = { (const char *)p, n };

	return s;
}

/* NULL is the empty slice. */
static inline struct reed_slice reed_slice_of(const char *s)
{
	return reed_slice(s ? s : "", s ? strlen(s) : 0);
}

static inline bool reed_slice_eq(struct reed_slice a, struct reed_slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool reed_slice_is(struct reed_slice a, const char *s)
{
	return reed_slice_eq(a, reed_slice_of(s));
}

/* The first n bytes, or all of it. */
static inline struct reed_slice reed_slice_first(struct reed_slice s, size_t n)
{
	return reed_slice(s.p, n < s.n ? n : s.n);
}

/* What follows the first n bytes; empty when there are no more. */
static inline struct reed_slice reed_slice_from(struct reed_slice s, size_t n)
{
	n = n < s.n ? n : s.n;
	return reed_slice(n ? s.p + n : s.p, s.n - n);
}

static inline bool reed_slice_starts(struct reed_slice s, struct reed_slice with)
{
	return s.n >= with.n && reed_slice_eq(reed_slice_first(s, with.n), with);
}

static inline bool reed_slice_ends(struct reed_slice s, struct reed_slice with)
{
	return s.n >= with.n && reed_slice_eq(reed_slice_from(s, s.n - with.n), with);
}

/* Case is folded for ASCII letters only. */
REED_API bool reed_slice_eq_nocase(struct reed_slice a, struct reed_slice b);
REED_API bool reed_slice_is_nocase(struct reed_slice a, const char *s);

/* <0, 0, >0: by bytes, a prefix goes first. */
REED_API int reed_slice_cmp(struct reed_slice a, struct reed_slice b);

/* The index of the first c or needle; s.n when there is none. */
REED_API size_t reed_slice_find(struct reed_slice s, char c);
REED_API size_t reed_slice_search(struct reed_slice s, struct reed_slice needle);

/* Cuts off and returns what stands before the first c; c goes.  All of it when there is none. */
REED_API struct reed_slice reed_slice_cut(struct reed_slice *rest, char c);

/* Cuts off and returns the first word, which ends at space, tab, CR or LF; n is 0: no more. */
REED_API struct reed_slice reed_slice_word(struct reed_slice *rest);

/* Without the spaces, tabs, CR and LF around it. */
REED_API struct reed_slice reed_slice_trim(struct reed_slice s);

/* A decimal number, all of it digits: REED_ESYNTAX; not above max: REED_ERANGE. */
REED_API enum reed_err reed_slice_u64(struct reed_slice s, uint64_t max, uint64_t *out);

/* NUL-terminated; the caller frees it with reed_free(). */
REED_API char *reed_slice_dup(struct reed_slice s);

/* Copies what fits and a NUL; false when not all of it did.  room is at least 1. */
REED_API bool reed_slice_copy(char *into, size_t room, struct reed_slice s);

/* Good for hash tables under a seed of your own, not for secrets. */
REED_API uint64_t reed_slice_hash(struct reed_slice s, uint64_t seed);

/* The whole of it is UTF-8 without surrogates and overlong forms (RFC 3629). */
REED_API bool reed_slice_is_utf8(struct reed_slice s);

/* How many of the first n bytes end on a character's border; n when not UTF-8. */
REED_API size_t reed_slice_utf8_border(struct reed_slice s, size_t n);

/* How alike two words are: edits from one to the other, at most limit + 1.  For suggestions. */
REED_API size_t reed_slice_distance(struct reed_slice a, struct reed_slice b, size_t limit);

REED_END_DECLS

#endif
