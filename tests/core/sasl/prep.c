#include "reed/sasl.h"

#include "check.h"

static const struct reed_auth_rules *rules = &reed_auth_rules_unicode;

static void becomes(const char *name, const char *normal)
{
	char into[REED_ACCOUNT_ROOM];
	const char *why;

	check_int(rules->account(rules, reed_slice_of(name), into, &why), REED_OK);
	check_str(into, normal);
}

static void is_no_name(struct reed_slice name)
{
	char into[REED_ACCOUNT_ROOM];
	const char *why = NULL;

	check_int(rules->account(rules, name, into, &why), REED_EINVAL);
	check(why && *why);
}

static void one_account_has_one_spelling(void)
{
	becomes("Alice", "alice");
	becomes("\xc3\x84rger", "\xc3\xa4rger");  /* capital A umlaut */
	becomes("A\xcc\x88rger", "\xc3\xa4rger"); /* A, combining dots */
	becomes("stra\xc3\x9f"
	        "e",
	        "strasse");
	becomes("\xef\xbc\xa1\xef\xbc\xa2", "ab");       /* full width */
	becomes("so\xc2\xadup", "soup");                 /* soft hyphen */
	becomes("\xd0\x96\xd0\x98", "\xd0\xb6\xd0\xb8"); /* Cyrillic */
}

static void what_cannot_be_kept_is_no_name(void)
{
	is_no_name(REED_STR(""));
	is_no_name(REED_STR("\xc2\xad")); /* nothing is left */
	is_no_name(REED_STR("a b"));
	is_no_name(REED_STR("a@b"));
	is_no_name(REED_STR("a/b"));
	is_no_name(REED_STR("\xff\xfe"));
	is_no_name(reed_slice("a\0b", 3));
	is_no_name(REED_STR("a\xe2\x80\xae"
	                    "b")); /* right-to-left override */
	is_no_name(REED_STR("\xd7\x90"
	                    "a"));                /* Hebrew, then Latin */
	is_no_name(REED_STR("\xf0\x9f\x8c\xbe")); /* newer than the tables */
	is_no_name(REED_STR("\xee\x80\x80"));     /* private use */
	is_no_name(REED_STR("-a"));
}

static void a_name_has_an_end_in_every_form(void)
{
	char text[REED_ACCOUNT_ROOM];

	memset(text, 'a', sizeof(text));
	is_no_name(reed_slice(text, sizeof(text)));
	/* two bytes of U+0149 become three */
	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc5\x89", 2);
	is_no_name(reed_slice(text, 120));
}

static enum reed_err password(const char *text, bool kept, char into[REED_PASSWORD_ROOM])
{
	const char *why;

	return rules->password(rules, reed_slice_of(text), kept, into, &why);
}

/* RFC 4013 3 */
static void passwords_are_prepared_as_the_rfc_shows(void)
{
	char into[REED_PASSWORD_ROOM];

	check(!password("I\xc2\xadX", true, into));
	check_str(into, "IX");
	check(!password("user", true, into));
	check_str(into, "user");
	check(!password("USER", true, into));
	check_str(into, "USER");
	check(!password("\xc2\xaa", true, into));
	check_str(into, "a");
	check(!password("\xe2\x85\xa8", true, into));
	check_str(into, "IX");
	check_int(password("\x07", true, into), REED_EINVAL);
	check_int(password("\xd8\xa7"
	                   "1",
	                   true, into),
	          REED_EINVAL);
	check(!password("a\xc2\xa0"
	                "b",
	                true, into));
	check_str(into, "a b");
}

static void what_is_kept_is_stricter_than_what_is_tried(void)
{
	char into[REED_PASSWORD_ROOM];

	check_int(password("\xf0\x9f\x8c\xbe", true, into), REED_EINVAL);
	check_int(password("\xf0\x9f\x8c\xbe", false, into), REED_OK);
	check_int(password("", false, into), REED_EINVAL);
	check_int(password("\xc2\xad", false, into), REED_EINVAL);
}

int main(void)
{
	RUN(one_account_has_one_spelling);
	RUN(what_cannot_be_kept_is_no_name);
	RUN(a_name_has_an_end_in_every_form);
	RUN(passwords_are_prepared_as_the_rfc_shows);
	RUN(what_is_kept_is_stricter_than_what_is_tried);
	return 0;
}
