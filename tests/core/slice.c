/* What slices promise. */

#include "reed/slice.h"

#include "reed/alloc.h"
#include "tests/check.h"

/* Of exactly its size, so that a look behind its end is the sanitizer's. */
static char *memory;

static struct reed_slice exactly(const char *bytes, size_t n)
{
	free(memory);
	memory = malloc(n ? n : 1);
	check(memory != NULL);
	memcpy(memory, bytes, n);
	return reed_slice(n ? memory : memory + 1, n);
}

#define EXACTLY(literal) exactly(literal, sizeof(literal) - 1)

static void a_zeroed_slice_is_empty(void)
{
	struct reed_slice none = { 0 }, rest = { 0 };

	check(reed_slice_eq(none, REED_STR("")) && reed_slice_is(none, ""));
	check(reed_slice_eq_nocase(none, none) && reed_slice_cmp(none, none) == 0);
	check(reed_slice_first(none, 3).n == 0 && reed_slice_from(none, 3).n == 0);
	check(reed_slice_starts(none, none) && reed_slice_ends(none, none));
	check(reed_slice_find(none, 'x') == 0 && reed_slice_search(none, none) == 0);
	check(reed_slice_cut(&rest, 'x').n == 0 && reed_slice_trim(none).n == 0);
	check(reed_slice_is_utf8(none) && reed_slice_utf8_border(none, 0) == 0);
	check(reed_slice_of(NULL).n == 0 && reed_slice_of(NULL).p != NULL);
	check_int(reed_slice_distance(none, REED_STR("ab"), 5), 2);
}

static void parts_never_reach_beyond_the_whole(void)
{
	struct reed_slice s = EXACTLY("abcdef");

	check_slice(reed_slice_first(s, 2), "ab");
	check_slice(reed_slice_first(s, 6), "abcdef");
	check_slice(reed_slice_first(s, SIZE_MAX), "abcdef");
	check_slice(reed_slice_from(s, 4), "ef");
	check_slice(reed_slice_from(s, 6), "");
	check_slice(reed_slice_from(s, SIZE_MAX), "");
}

static void bytes_are_compared_with_their_length(void)
{
	struct reed_slice s = EXACTLY("abc");

	check(reed_slice_is(s, "abc") && !reed_slice_is(s, "ab") && !reed_slice_is(s, "abcd"));
	check(reed_slice_starts(s, REED_STR("ab")) && !reed_slice_starts(s, REED_STR("abcd")));
	check(reed_slice_ends(s, REED_STR("bc")) && !reed_slice_ends(s, REED_STR("zabc")));
	check(reed_slice_eq(REED_STR("a\0b"), reed_slice("a\0b", 3)));
	check(!reed_slice_is(REED_STR("a\0b"), "a"));
	check(reed_slice_cmp(s, REED_STR("abd")) < 0 && reed_slice_cmp(s, REED_STR("ab")) > 0);
	check(reed_slice_cmp(s, REED_STR("abcd")) < 0 && reed_slice_cmp(s, s) == 0);
	check(reed_slice_cmp(REED_STR("\xff"), REED_STR("a")) > 0);
}

static void only_ascii_letters_are_folded(void)
{
	check(reed_slice_is_nocase(EXACTLY("NoTiCe"), "nOtIcE"));
	check(!reed_slice_is_nocase(EXACTLY("[]"), "{}"));
	check(!reed_slice_is_nocase(EXACTLY("@`"), "`@"));
	check(!reed_slice_is_nocase(EXACTLY("\xc4"), "\xe4"));
	check(!reed_slice_is_nocase(EXACTLY("abc"), "ab"));
}

static void what_is_looked_for_is_found_first_or_not(void)
{
	struct reed_slice s = EXACTLY("aXbXab");

	check_int(reed_slice_find(s, 'X'), 1);
	check_int(reed_slice_find(s, 'y'), 6);
	check_int(reed_slice_search(s, REED_STR("Xa")), 3);
	check_int(reed_slice_search(s, REED_STR("ab")), 4);
	check_int(reed_slice_search(s, REED_STR("abc")), 6);
	check_int(reed_slice_search(s, REED_STR("")), 0);
	check_int(reed_slice_search(s, REED_STR("longer than all")), 6);
}

static void a_slice_is_cut_at_each_separator(void)
{
	struct reed_slice rest = EXACTLY("a::b");

	check_slice(reed_slice_cut(&rest, ':'), "a");
	check_slice(rest, ":b");
	check_slice(reed_slice_cut(&rest, ':'), "");
	check_slice(reed_slice_cut(&rest, ':'), "b");
	check_slice(reed_slice_cut(&rest, ':'), "");
	check_int(rest.n, 0);
	rest = EXACTLY("end:");
	check_slice(reed_slice_cut(&rest, ':'), "end");
	check_slice(rest, "");
}

static void blanks_around_are_trimmed_and_inside_are_not(void)
{
	check_slice(reed_slice_trim(EXACTLY(" \t\r\na b\v \n")), "a b\v");
	check_slice(reed_slice_trim(EXACTLY(" \r\n ")), "");
	check_slice(reed_slice_trim(EXACTLY("x")), "x");
}

static enum reed_err number(struct reed_slice s, uint64_t max, uint64_t wanted)
{
	uint64_t n = 77;
	enum reed_err err = reed_slice_u64(s, max, &n);

	check(n == (err ? 77 : wanted));
	return err;
}

static void words_are_cut_off_between_blanks(void)
{
	struct reed_slice rest = EXACTLY(" \ta bc\r\n d ");

	check_slice(reed_slice_word(&rest), "a");
	check_slice(reed_slice_word(&rest), "bc");
	check_slice(reed_slice_word(&rest), "d");
	check_slice(rest, " ");
	check_int(reed_slice_word(&rest).n, 0);
	check_int(rest.n, 0);
}

static void numbers_are_digits_up_to_the_largest(void)
{
	check_int(number(EXACTLY("0"), 0, 0), REED_OK);
	check_int(number(EXACTLY("65535"), 65535, 65535), REED_OK);
	check_int(number(EXACTLY("65536"), 65535, 0), REED_ERANGE);
	check_int(number(EXACTLY("00012"), 12, 12), REED_OK);
	check_int(number(EXACTLY("18446744073709551615"), UINT64_MAX, UINT64_MAX), REED_OK);
	check_int(number(EXACTLY("18446744073709551616"), UINT64_MAX, 0), REED_ERANGE);
	check_int(number(EXACTLY("99999999999999999999999"), UINT64_MAX, 0), REED_ERANGE);
	check_int(number(EXACTLY("5"), 3, 0), REED_ERANGE);
	check_int(number(EXACTLY("1"), 0, 0), REED_ERANGE);
}

static void what_is_no_number_is_not_well_formed(void)
{
	static const char *const wrong[] = {
		"", "-1", "+1", " 1", "1 ", "0x1", "1e3", "12a", "\xb2"
	};

	for (size_t i = 0; i < REED_COUNT(wrong); i++)
		check_int(number(reed_slice_of(wrong[i]), 1000, 0), REED_ESYNTAX);
	check_int(number(EXACTLY("99999x"), 10, 0), REED_ESYNTAX);
	check_int(number(reed_slice("1\0", 2), 10, 0), REED_ESYNTAX);
}

static void copies_end_with_a_nul(void)
{
	char *copy = reed_slice_dup(EXACTLY("abc")), room[4];

	check_str(copy, "abc");
	reed_free(copy);
	copy = reed_slice_dup((struct reed_slice){ 0 });
	check_str(copy, "");
	reed_free(copy);
	check(reed_slice_copy(room, sizeof(room), EXACTLY("abc")));
	check_str(room, "abc");
	check(!reed_slice_copy(room, sizeof(room), EXACTLY("wxyz")));
	check_str(room, "wxy");
	check(!reed_slice_copy(room, 1, EXACTLY("a")) && room[0] == '\0');
	check(reed_slice_copy(room, 1, (struct reed_slice){ 0 }));
}

static void a_hash_depends_on_each_byte_and_the_seed(void)
{
	uint64_t h = reed_slice_hash(REED_STR("abc"), 1);

	check(h == reed_slice_hash(EXACTLY("abc"), 1));
	check(h != reed_slice_hash(EXACTLY("abd"), 1) && h != reed_slice_hash(EXACTLY("ab"), 1));
	check(h != reed_slice_hash(EXACTLY("abc"), 2));
	check(reed_slice_hash(REED_STR(""), 1) != reed_slice_hash(REED_STR(""), 2));
}

/* Buckets of a small table get their share. */
static void the_low_bits_of_hashes_are_spread(void)
{
	int buckets[16] = { 0 };
	char name[16];

	for (int i = 0; i < 1600; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		buckets[reed_slice_hash(reed_slice_of(name), 5) % 16]++;
	}
	for (int i = 0; i < 16; i++)
		check(buckets[i] > 60 && buckets[i] < 140);
}

/* RFC 3629 3 and 4 */
static void utf8_is_told_from_what_only_looks_like_it(void)
{
	static const char *const good[] = { "",
		                            "plain",
		                            "\xc2\x80",
		                            "\xdf\xbf",
		                            "\xe0\xa0\x80",
		                            "\xed\x9f\xbf",
		                            "\xee\x80\x80",
		                            "\xef\xbf\xbf",
		                            "\xf0\x90\x80\x80",
		                            "\xf4\x8f\xbf\xbf",
		                            "a\xc3\xa4z" };
	static const char *const bad[] = { "\x80",
		                           "\xbf",
		                           "\xc0\x80",
		                           "\xc1\xbf",
		                           "\xc2",
		                           "\xc2z",
		                           "\xe0\x9f\xbf",
		                           "\xe0\xa0",
		                           "\xed\xa0\x80",
		                           "\xe1\x80z",
		                           "\xf0\x8f\xbf\xbf",
		                           "\xf4\x90\x80\x80",
		                           "\xf5\x80\x80\x80",
		                           "\xf1\x80\x80",
		                           "\xf1\x80\x80z",
		                           "\xff",
		                           "ab\xfe" };

	for (size_t i = 0; i < REED_COUNT(good); i++)
		check(reed_slice_is_utf8(exactly(good[i], strlen(good[i]))));
	for (size_t i = 0; i < REED_COUNT(bad); i++)
		check(!reed_slice_is_utf8(exactly(bad[i], strlen(bad[i]))));
	check(reed_slice_is_utf8(reed_slice("\0", 1)));
}

/* RFC 3629 4, a byte at a time: what is left of a character, and where its next byte may lie. */
static bool is_utf8_plainly(struct reed_slice s)
{
	unsigned left = 0, low = 0x80, high = 0xbf;

	for (size_t i = 0; i < s.n; i++) {
		unsigned c = (unsigned char)s.p[i];

		if (left > 0) {
			if (c < low || c > high)
				return false;
			left--;
			low = 0x80;
			high = 0xbf;
		} else if (c >= 0x80) {
			if (c < 0xc2 || c > 0xf4)
				return false;
			left = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
			low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
			high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
		}
	}
	return left == 0;
}

static unsigned dice(unsigned sides)
{
	static uint64_t seed = 42;

	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % sides;
}

/* Runs of ASCII and characters of all lengths, now and then with a byte that does not belong. */
static size_t make_text(char *text)
{
	static const char *const some[] = { "\xc3\xa9", "\xe0\xa0\x80", "\xed\x9f\xbf",
		                            "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf" };
	size_t n = 0;

	for (unsigned parts = dice(6); parts > 0; parts--) {
		const char *c = some[dice(REED_COUNT(some))];

		for (unsigned run = dice(20); run > 0; run--)
			text[n++] = (char)dice(128);
		memcpy(text + n, c, strlen(c));
		n += strlen(c);
	}
	if (n > 0 && dice(2))
		text[dice((unsigned)n)] = (char)dice(256);
	return n > 0 && dice(4) == 0 ? n - 1 : n;
}

static void utf8_in_words_is_utf8_byte_by_byte(void)
{
	unsigned good = 0, bad = 0;
	char text[200];

	for (int i = 0; i < 100000; i++) {
		struct reed_slice s = exactly(text, make_text(text));
		bool is = is_utf8_plainly(s);

		check_int(reed_slice_is_utf8(s), is);
		good += is;
		bad += !is;
	}
	check(good > 10000 && bad > 10000);
}

static void a_text_is_shortened_at_the_border_of_a_character(void)
{
	struct reed_slice s = EXACTLY("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z");
	static const size_t borders[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11 };

	for (size_t n = 0; n < REED_COUNT(borders); n++)
		check_int(reed_slice_utf8_border(s, n), borders[n]);
	s = EXACTLY("\x80\x80\x80\x80\x80\x80");
	check_int(reed_slice_utf8_border(s, 5), 5);
}

static void words_are_as_far_apart_as_their_edits(void)
{
	check_int(reed_slice_distance(REED_STR("listen"), REED_STR("listen"), 3), 0);
	check_int(reed_slice_distance(REED_STR("lisen"), REED_STR("listen"), 3), 1);
	check_int(reed_slice_distance(REED_STR("kitten"), REED_STR("sitting"), 5), 3);
	check_int(reed_slice_distance(REED_STR("kitten"), REED_STR("sitting"), 2), 3);
	check_int(reed_slice_distance(REED_STR(""), REED_STR("abc"), 9), 3);
	check_int(reed_slice_distance(REED_STR("abc"), REED_STR(""), 1), 2);
}

static void words_too_long_for_anybody_are_far_apart(void)
{
	char a[66], b[65];

	memset(a, 'a', sizeof(a));
	memset(b, 'a', sizeof(b));
	check_int(reed_slice_distance(reed_slice(a, 64), reed_slice(b, 64), 3), 0);
	check_int(reed_slice_distance(reed_slice(a, 65), reed_slice(b, 65), 3), 4);
}

int main(void)
{
	RUN(a_zeroed_slice_is_empty);
	RUN(parts_never_reach_beyond_the_whole);
	RUN(bytes_are_compared_with_their_length);
	RUN(only_ascii_letters_are_folded);
	RUN(what_is_looked_for_is_found_first_or_not);
	RUN(a_slice_is_cut_at_each_separator);
	RUN(blanks_around_are_trimmed_and_inside_are_not);
	RUN(words_are_cut_off_between_blanks);
	RUN(numbers_are_digits_up_to_the_largest);
	RUN(what_is_no_number_is_not_well_formed);
	RUN(copies_end_with_a_nul);
	RUN(a_hash_depends_on_each_byte_and_the_seed);
	RUN(the_low_bits_of_hashes_are_spread);
	RUN(utf8_is_told_from_what_only_looks_like_it);
	RUN(utf8_in_words_is_utf8_byte_by_byte);
	RUN(a_text_is_shortened_at_the_border_of_a_character);
	RUN(words_are_as_far_apart_as_their_edits);
	RUN(words_too_long_for_anybody_are_far_apart);
	free(memory);
	return 0;
}
