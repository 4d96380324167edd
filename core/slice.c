#include "reed/slice.h"

#include "reed/alloc.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool reed_slice_eq_nocase(struct reed_slice a, struct reed_slice b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool reed_slice_is_nocase(struct reed_slice a, const char *s)
{
	return reed_slice_eq_nocase(a, reed_slice_of(s));
}

int reed_slice_cmp(struct reed_slice a, struct reed_slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int way = n ? memcmp(a.p, b.p, n) : 0;

	return way ? way : (a.n > b.n) - (a.n < b.n);
}

size_t reed_slice_find(struct reed_slice s, char c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;

	return at ? (size_t)(at - s.p) : s.n;
}

size_t reed_slice_search(struct reed_slice s, struct reed_slice needle)
{
	for (size_t i = 0; i + needle.n <= s.n; i++)
		if (reed_slice_starts(reed_slice_from(s, i), needle))
			return i;
	return s.n;
}

struct reed_slice reed_slice_cut(struct reed_slice *rest, char c)
{
	size_t n = reed_slice_find(*rest, c);
	struct reed_slice part = reed_slice_first(*rest, n);

	*rest = reed_slice_from(*rest, n + 1);
	return part;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct reed_slice reed_slice_word(struct reed_slice *rest)
{
	struct reed_slice word;
	size_t n = 0;

	while (rest->n > 0 && blank(rest->p[0]))
		*rest = reed_slice_from(*rest, 1);
	while (n < rest->n && !blank(rest->p[n]))
		n++;
	word = reed_slice_first(*rest, n);
	*rest = reed_slice_from(*rest, n);
	return word;
}

struct reed_slice reed_slice_trim(struct reed_slice s)
{
	while (s.n > 0 && blank(s.p[0]))
		s = reed_slice_from(s, 1);
	while (s.n > 0 && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

enum reed_err reed_slice_u64(struct reed_slice s, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;
	bool fits = true;

	if (s.n == 0)
		return REED_ESYNTAX;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned)(unsigned char)s.p[i] - '0';

		if (digit > 9)
			return REED_ESYNTAX;
		fits = fits && digit <= max && value <= (max - digit) / 10;
		value = fits ? value * 10 + digit : value;
	}
	if (!fits)
		return REED_ERANGE;
	*out = value;
	return REED_OK;
}

char *reed_slice_dup(struct reed_slice s)
{
	char *copy = reed_alloc_raw(s.n + 1);

	if (s.n)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return copy;
}

bool reed_slice_copy(char *into, size_t room, struct reed_slice s)
{
	size_t n = s.n < room ? s.n : room - 1;

	if (n)
		memcpy(into, s.p, n);
	into[n] = '\0';
	return n == s.n;
}

/* FNV-1a with a final mix, so that low bits are good. */
uint64_t reed_slice_hash(struct reed_slice s, uint64_t seed)
{
	uint64_t h = 0xcbf29ce484222325u ^ seed;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93u;
	return h ^ h >> 32;
}

/* RFC 3629 4: bytes of the character at s, 0 when it is none. */
static size_t utf8_length(const unsigned char *s, size_t n)
{
	unsigned low = 0x80, high = 0xbf;
	size_t length;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	length = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (n < length)
		return 0;
	low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : low;
	high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : high;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* How much of s from i on is ASCII, in whole words. */
static size_t ascii_words(struct reed_slice s, size_t i)
{
	size_t begin = i;
	uint64_t word;

	for (; s.n - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, s.p + i, sizeof(word));
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	return i - begin;
}

/* Most text is ASCII, and is looked at eight bytes at a time. */
bool reed_slice_is_utf8(struct reed_slice s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = ascii_words(s, 0), length;

	while (i < s.n) {
		length = utf8_length(p + i, s.n - i);
		if (!length)
			return false;
		i += length;
		if (length > 1)
			i += ascii_words(s, i);
	}
	return true;
}

size_t reed_slice_utf8_border(struct reed_slice s, size_t n)
{
	size_t border = n;

	if (n >= s.n)
		return s.n;
	while (border > 0 && n - border < 4 && ((unsigned char)s.p[border] & 0xc0) == 0x80)
		border--;
	return ((unsigned char)s.p[border] & 0xc0) == 0x80 ? n : border;
}

/* Levenshtein with one row; words longer than the row differ by more than anybody means. */
size_t reed_slice_distance(struct reed_slice a, struct reed_slice b, size_t limit)
{
	size_t row[65];

	if (a.n >= REED_COUNT(row) || b.n >= REED_COUNT(row))
		return limit + 1;
	for (size_t j = 0; j <= b.n; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			size_t change = diagonal + (a.p[i - 1] != b.p[j - 1]);
			size_t edit = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

			diagonal = row[j];
			row[j] = change < edit ? change : edit;
		}
	}
	return row[b.n] <= limit ? row[b.n] : limit + 1;
}
