/* Names: when two are the same, and which are names at all. */

#include "check.h"
#include "reed/irc/casemap.h"

static const enum reed_irc_casemap maps[] = {
	REED_IRC_CASEMAP_ASCII,
	REED_IRC_CASEMAP_RFC1459_STRICT,
	REED_IRC_CASEMAP_RFC1459,
};

static void check_fold(enum reed_irc_casemap map, const char *text, const char *wanted)
{
	char folded[64];

	reed_slice_copy(folded, sizeof(folded), reed_slice_of(text));
	reed_irc_fold(map, folded, strlen(folded));
	check_str(folded, wanted);
}

static void letters_are_folded_as_the_server_says(void)
{
	check_fold(REED_IRC_CASEMAP_ASCII, "AZaz[]\\^{}|~@`09", "azaz[]\\^{}|~@`09");
	check_fold(REED_IRC_CASEMAP_RFC1459_STRICT, "AZaz[]\\^{}|~@`09", "azaz{}|^{}|~@`09");
	check_fold(REED_IRC_CASEMAP_RFC1459, "AZaz[]\\^{}|~@`09", "azaz{}|~{}|~@`09");
}

static void what_is_not_ascii_is_left_alone(void)
{
	for (size_t i = 0; i < REED_COUNT(maps); i++)
		check_fold(maps[i], "\xc3\x84\xdb\xe1", "\xc3\x84\xdb\xe1");
}

/* By each of the ways that look at one byte or at eight. */
static void all_ways_of_comparing_agree(void)
{
	char a[12], b[12];

	for (size_t k = 0; k < REED_COUNT(maps); k++) {
		for (int x = 0; x < 256; x++) {
			for (int y = 0; y < 256; y++) {
				struct reed_slice s = { a, 3 + (size_t)x % 9 }, t = { b, s.n };
				bool same = reed_irc_fold_char(maps[k], (char)x) ==
				            reed_irc_fold_char(maps[k], (char)y);

				memset(a, 'q', sizeof(a));
				memset(b, 'Q', sizeof(b));
				a[s.n - 1] = (char)x;
				b[s.n - 1] = (char)y;
				check_int(reed_irc_eq(maps[k], s, t), same);
				check_int(reed_irc_cmp(maps[k], s, t) == 0, same);
				check_int(reed_irc_hash(maps[k], s, 7) ==
				                  reed_irc_hash(maps[k], t, 7),
				          same);
			}
		}
	}
}

static void names_of_other_lengths_are_other_names(void)
{
	check(!reed_irc_eq(REED_IRC_CASEMAP_ASCII, REED_STR("joe"), REED_STR("joe_")));
	check(!reed_irc_eq(REED_IRC_CASEMAP_ASCII, REED_STR("joe"), reed_slice("joe", 4)));
	check(reed_irc_eq(REED_IRC_CASEMAP_ASCII, REED_STR(""), REED_STR("")));
	check(reed_irc_hash(REED_IRC_CASEMAP_ASCII, REED_STR("joe"), 1) !=
	      reed_irc_hash(REED_IRC_CASEMAP_ASCII, reed_slice("joe", 4), 1));
	check(reed_irc_hash(REED_IRC_CASEMAP_ASCII, REED_STR("joe"), 1) !=
	      reed_irc_hash(REED_IRC_CASEMAP_ASCII, REED_STR("joe"), 2));
}

static void names_are_in_order(void)
{
	check(reed_irc_cmp(REED_IRC_CASEMAP_ASCII, REED_STR("Ab"), REED_STR("aC")) < 0);
	check(reed_irc_cmp(REED_IRC_CASEMAP_ASCII, REED_STR("b"), REED_STR("A")) > 0);
	check(reed_irc_cmp(REED_IRC_CASEMAP_ASCII, REED_STR("a"), REED_STR("Ab")) < 0);
	check(reed_irc_cmp(REED_IRC_CASEMAP_RFC1459, REED_STR("["), REED_STR("{")) == 0);
	check(reed_irc_cmp(REED_IRC_CASEMAP_ASCII, REED_STR("z"), REED_STR("\xc3")) < 0);
}

static void folded_names_are_known(void)
{
	check(reed_irc_is_folded(REED_IRC_CASEMAP_ASCII, REED_STR("joe[]")));
	check(!reed_irc_is_folded(REED_IRC_CASEMAP_ASCII, REED_STR("joE[]")));
	check(!reed_irc_is_folded(REED_IRC_CASEMAP_RFC1459, REED_STR("joe[]")));
}

static void casemaps_have_names(void)
{
	enum reed_irc_casemap map;

	for (size_t i = 0; i < REED_COUNT(maps); i++) {
		check(reed_irc_casemap_of(reed_irc_casemap_name(maps[i]), &map));
		check_int(map, maps[i]);
	}
	check(reed_irc_casemap_of(REED_STR("strict-rfc1459"), &map));
	check_int(map, REED_IRC_CASEMAP_RFC1459_STRICT);
	check(!reed_irc_casemap_of(REED_STR("rfc7613"), &map));
	check(!reed_irc_casemap_of(REED_STR(""), &map));
}

static bool nick(const char *name, const struct reed_irc_name_rules *rules)
{
	return !reed_irc_nick_wrong(reed_slice_of(name), rules);
}

static void nicknames_are_letters_digits_and_some_signs(void)
{
	static const char *const good[] = { "joe", "J", "[x]\\`_^{|}", "a-1", "_1" };
	static const char *const bad[] = {
		"",   "1a", "-a", "a b", "a!b", "a@b", "a*", "a?",    "a.b",   "a,b",
		"$a", ":a", "#a", "@a",  "+a",  "~a",  "a~", "a\x02", "a\x7f", "na\xc3\xafve",
	};

	for (size_t i = 0; i < REED_COUNT(good); i++)
		check(nick(good[i], NULL));
	for (size_t i = 0; i < REED_COUNT(bad); i++)
		check(!nick(bad[i], NULL));
	check(reed_irc_nick_wrong(reed_slice("a\0", 2), NULL));
}

static void names_have_a_length(void)
{
	struct reed_irc_name_rules rules = { .nick_max = 5, .channel_max = 4, .user_max = 3 };

	check(nick("abcdefghijklmnopqrstuvwxyzabcd", NULL));
	check(!nick("abcdefghijklmnopqrstuvwxyzabcde", NULL));
	check(nick("abcde", &rules));
	check(!nick("abcdef", &rules));
	check(!reed_irc_channel_wrong(REED_STR("#abc"), &rules));
	check(reed_irc_channel_wrong(REED_STR("#abcd"), &rules));
	check(!reed_irc_user_wrong(REED_STR("abc"), &rules));
	check(reed_irc_user_wrong(REED_STR("abcd"), &rules));
}

static void names_may_be_utf8_of_characters_that_are_seen(void)
{
	struct reed_irc_name_rules rules = { .utf8 = true };

	check(nick("na\xc3\xafve", &rules));
	check(nick("\xe5\x90\x8d\xe5\x89\x8d", &rules));
	check(nick("a\xf0\x9f\x98\x80", &rules));
	check(!nick("a\xc3", &rules));
	check(!nick("a\xaf", &rules));
	check(!nick("a\xc2\x85", &rules));         /* a control */
	check(!nick("a\xc2\xa0", &rules));         /* a space */
	check(!nick("a\xe2\x80\x8b", &rules));     /* of no width */
	check(!nick("a\xe2\x80\xae", &rules));     /* from right to left */
	check(!nick("a\xef\xbb\xbf", &rules));     /* byte order mark */
	check(!nick("a\xf3\xa0\x81\x81", &rules)); /* a tag */
	check(!nick("a\xf0\x9f\xbf\xbf", &rules)); /* no character */
	check(!nick("a b\xc3\xaf", &rules));
	check(!reed_irc_channel_wrong(REED_STR("#na\xc3\xafve"), &rules));
	check(reed_irc_channel_wrong(REED_STR("#na\xc3\xafve"), NULL));
	check(reed_irc_channel_wrong(REED_STR("#a\xe3\x80\x80"), &rules));
	check(!reed_irc_user_wrong(REED_STR("na\xc3\xafve"), &rules));
}

static bool channel(const char *name, const char *types)
{
	struct reed_irc_name_rules rules = { .chantypes = types };

	return !reed_irc_channel_wrong(reed_slice_of(name), &rules);
}

static void channels_begin_with_their_type_and_have_no_spaces(void)
{
	check(channel("#c", NULL));
	check(channel("#", NULL));
	check(channel("##c++:!@*?", NULL));
	check(channel("&c", "#&"));
	check(!channel("&c", NULL));
	check(!channel("", NULL));
	check(!channel("c", NULL));
	check(!channel("#a b", NULL));
	check(!channel("#a,b", NULL));
	check(!channel("#a\x07", NULL));
	check(!channel("#a\x03"
	               "5",
	               NULL));
	check(!channel("#a\x7f", NULL));
	check(!channel("#c", ""));
	check(reed_irc_channel_wrong(reed_slice("\0a", 2), NULL));
}

static void user_names_are_short_words(void)
{
	check(!reed_irc_user_wrong(REED_STR("~j.o-e_1+x"), NULL));
	check(reed_irc_user_wrong(REED_STR(""), NULL));
	check(reed_irc_user_wrong(REED_STR("a@b"), NULL));
	check(reed_irc_user_wrong(REED_STR("a!b"), NULL));
	check(reed_irc_user_wrong(REED_STR("a b"), NULL));
	check(reed_irc_user_wrong(REED_STR("a\x02"), NULL));
	check(reed_irc_user_wrong(reed_slice("a\0", 2), NULL));
	check(reed_irc_user_wrong(REED_STR("abcdefghijk"), NULL));
}

int main(void)
{
	RUN(letters_are_folded_as_the_server_says);
	RUN(what_is_not_ascii_is_left_alone);
	RUN(all_ways_of_comparing_agree);
	RUN(names_of_other_lengths_are_other_names);
	RUN(names_are_in_order);
	RUN(folded_names_are_known);
	RUN(casemaps_have_names);
	RUN(nicknames_are_letters_digits_and_some_signs);
	RUN(names_have_a_length);
	RUN(names_may_be_utf8_of_characters_that_are_seen);
	RUN(channels_begin_with_their_type_and_have_no_spaces);
	RUN(user_names_are_short_words);
	return 0;
}
