/* Masks and bans. */

#include "check.h"
#include "reed/irc/modes.h"

static bool match(const char *mask, const char *text)
{
	return reed_irc_match(REED_IRC_CASEMAP_RFC1459, reed_slice_of(mask), reed_slice_of(text));
}

static void a_mask_without_wildcards_matches_itself(void)
{
	check(match("joe", "joe"));
	check(match("JOE[]", "joe{}"));
	check(!match("joe", "joe_"));
	check(!match("joe_", "joe"));
	check(match("", ""));
	check(!match("", "a"));
	check(!match("a", ""));
}

static void a_star_matches_any_number(void)
{
	check(match("*", ""));
	check(match("*", "anything"));
	check(match("**", "anything"));
	check(match("a*c", "ac"));
	check(match("a*c", "abbc"));
	check(!match("a*c", "abcd"));
	check(match("*abc", "ababc"));
	check(match("*ab*ab", "abab"));
	check(!match("*ab*ab", "abb"));
	check(match("*a*b*c*", "xaxbxcx"));
	check(!match("*a*b*c*", "xaxcxbx"));
}

static void a_question_mark_matches_one(void)
{
	check(match("a?c", "abc"));
	check(!match("a?c", "ac"));
	check(!match("?", ""));
	check(match("a?*", "ab"));
	check(!match("a?*", "a"));
	check(match("*?", "a"));
	check(!match("*??", "a"));
}

static void users_match_their_masks(void)
{
	check(match("*@127.0.0.1", "joe!j@127.0.0.1"));
	check(!match("*@127.0.0.1", "joe!j@127.0.0.10"));
	check(match("joe*@*", "joey!j@h"));
	check(!match("joe!*@*", "joey!j@h"));
	check(match("joe!?user@*", "joe!~user@h"));
	check(!match("joe!?user@*", "joe!user@h"));
	check(match("joe!a?*@*", "joe!abc@h"));
	check(!match("joe!a?*@*", "joe!a@h"));
}

static void brackets_are_no_wildcards(void)
{
	check(match("x[ab]!*@*", "x[ab]!u@h"));
	check(!match("x[ab]!*@*", "xa!u@h"));
	check(!match("x[ab]!*@*", "x[!u@h"));
}

static void a_backslash_makes_wildcards_plain(void)
{
	check(match("a\\*b", "a*b"));
	check(!match("a\\*b", "axb"));
	check(match("a\\?", "a?"));
	check(!match("a\\?", "ab"));
	check(match("a\\b", "a\\b"));
	check(match("a\\b", "a|b"));
	check(match("a\\\\b", "a\\\\b"));
	check(match("a\\", "a\\"));
	check(match("*\\**", "x*y"));
	check(!match("*\\**", "xy"));
}

static void a_question_mark_matches_a_character_of_many_bytes(void)
{
	check(match("a?b", "a\xc3\xa4"
	                   "b"));
	check(match("a?b", "a\xe2\x82\xac"
	                   "b"));
	check(match("a?b", "a\xf0\x9f\x98\x80"
	                   "b"));
	check(!match("a??b", "a\xc3\xa4"
	                     "b"));
	check(!match("*??", "\xe2\x82\xac"));
	check(!match("*???", "\xf0\x9f\x98\x80"));
	check(match("a?b", "a\xe4"
	                   "b"));
	check(match("?", "\xe4"));
	check(match("??", "\xe4\xe4"));
}

/* Without care this takes longer than the universe has. */
static void many_stars_do_not_explode(void)
{
	char mask[401], text[401];

	for (size_t i = 0; i < 400; i += 2)
		memcpy(mask + i, "*a", 2);
	mask[400] = 'b';
	memset(text, 'a', sizeof(text));
	check(!reed_irc_match(REED_IRC_CASEMAP_ASCII, reed_slice(mask, 401),
	                      reed_slice(text, 401)));
	text[400] = 'b';
	check(reed_irc_match(REED_IRC_CASEMAP_ASCII, reed_slice(mask, 401), reed_slice(text, 401)));
}

static void check_mask(const char *mask, const char *wanted)
{
	char p[128];
	struct reed_slice out;

	check_int(reed_irc_mask(reed_slice_of(mask), p, sizeof(p), &out), REED_OK);
	check_slice(out, wanted);
}

static void a_mask_is_made_of_three_parts(void)
{
	check_mask("joe", "joe!*@*");
	check_mask("joe!j@h", "joe!j@h");
	check_mask("j@h", "*!j@h");
	check_mask("joe!j", "joe!j@*");
	check_mask("host.example", "*!*@host.example");
	check_mask("*.example", "*!*@*.example");
	check_mask("2001:db8::*", "*!*@2001:db8::*");
	check_mask("some/cloak", "*!*@some/cloak");
	check_mask("*", "*!*@*");
	check_mask("!@", "*!*@*");
	check_mask("@h", "*!*@h");
	check_mask("joe!@", "joe!*@*");
	check_mask("joe@", "*!joe@*");
}

static void stars_that_add_nothing_go(void)
{
	check_mask("**", "*!*@*");
	check_mask("***joe**!**@*?*?*", "*joe*!*@??*");
	check_mask("*?", "?*!*@*");
	check_mask("?"
	           "?",
	           "?"
	           "?"
	           "!*@*");
	check_mask("a\\**!*@*", "a\\**!*@*");
	check_mask("a*\\**", "a*\\**!*@*");
}

static void what_is_no_mask_is_refused(void)
{
	char p[128];
	struct reed_slice out;

	check_int(reed_irc_mask(REED_STR(""), p, sizeof(p), &out), REED_ESYNTAX);
	check_int(reed_irc_mask(REED_STR("a b"), p, sizeof(p), &out), REED_ESYNTAX);
	check_int(reed_irc_mask(REED_STR("a\nb"), p, sizeof(p), &out), REED_ESYNTAX);
	check_int(reed_irc_mask(REED_STR("joe"), p, 6, &out), REED_ETOOBIG);
	check_int(out.n, 0);
	check_int(reed_irc_mask(REED_STR("joe"), p, 7, &out), REED_OK);
	check_slice(out, "joe!*@*");
}

static void check_extban(char prefix, const char *mask, bool negated, const char *name,
                         const char *value)
{
	struct reed_irc_extban ban;
	struct reed_slice out;
	char p[64];

	check(reed_irc_extban(prefix, reed_slice_of(mask), &ban));
	check_int(ban.negated, negated);
	check_slice(ban.name, name);
	check_int(ban.has_value, value != NULL);
	check_slice(ban.value, value ? value : "");
	check_int(reed_irc_extban_format(prefix, &ban, p, sizeof(p), &out), REED_OK);
	check_slice(out, mask);
}

static void bans_may_be_of_other_things_than_masks(void)
{
	check_extban('$', "$a:bob", false, "a", "bob");
	check_extban('$', "$~a:bob", true, "a", "bob");
	check_extban('$', "$a", false, "a", NULL);
	check_extban('$', "$U", false, "U", NULL);
	check_extban('$', "$j:#c", false, "j", "#c");
	check_extban('~', "~account:bob", false, "account", "bob");
	check_extban('~', "~!a:bob", true, "a", "bob");
	check_extban('~', "~time:3:joe!*@*", false, "time", "3:joe!*@*");
	check_extban('\0', "R:bob", false, "R", "bob");
	check_extban('\0', "!R:bob", true, "R", "bob");
	check_extban('\0', "account:", false, "account", "");
}

static void masks_are_no_such_bans(void)
{
	struct reed_irc_extban ban;

	check(!reed_irc_extban('$', REED_STR("joe!*@*"), &ban));
	check(!reed_irc_extban('$', REED_STR("a:bob"), &ban));
	check(!reed_irc_extban('$', REED_STR("$"), &ban));
	check(!reed_irc_extban('$', REED_STR("$:x"), &ban));
	check(!reed_irc_extban('$', REED_STR(""), &ban));
	check(!reed_irc_extban('~', REED_STR("~j!*@*"), &ban));
	check(!reed_irc_extban('\0', REED_STR("joe"), &ban));
	check(!reed_irc_extban('\0', REED_STR("*!*@2001:db8::1"), &ban));
}

static void a_ban_is_one_word(void)
{
	struct reed_irc_extban ban = { .name = REED_STR("a"), .value = REED_STR("b c") };
	struct reed_slice out;
	char p[64];

	check_int(reed_irc_extban_format('$', &ban, p, sizeof(p), &out), REED_ESYNTAX);
	ban.value = REED_STR("bc");
	check_int(reed_irc_extban_format('$', &ban, p, 4, &out), REED_ETOOBIG);
	check_int(reed_irc_extban_format('$', &ban, p, 5, &out), REED_OK);
	check_slice(out, "$a:bc");
	ban.name = REED_STR("");
	check_int(reed_irc_extban_format('$', &ban, p, sizeof(p), &out), REED_ESYNTAX);
}

int main(void)
{
	RUN(a_mask_without_wildcards_matches_itself);
	RUN(a_star_matches_any_number);
	RUN(a_question_mark_matches_one);
	RUN(users_match_their_masks);
	RUN(brackets_are_no_wildcards);
	RUN(a_backslash_makes_wildcards_plain);
	RUN(a_question_mark_matches_a_character_of_many_bytes);
	RUN(many_stars_do_not_explode);
	RUN(a_mask_is_made_of_three_parts);
	RUN(stars_that_add_nothing_go);
	RUN(what_is_no_mask_is_refused);
	RUN(bans_may_be_of_other_things_than_masks);
	RUN(masks_are_no_such_bans);
	RUN(a_ban_is_one_word);
	return 0;
}
