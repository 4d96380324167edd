#include "reed/auth.h"
#include "reed/checker.h"

#include "check.h"

static const struct reed_auth_rules *ascii = &reed_auth_rules_ascii;

static void becomes(const char *name, const char *normal)
{
	char into[REED_ACCOUNT_ROOM];
	const char *why;

	check_int(ascii->account(ascii, reed_slice_of(name), into, &why), REED_OK);
	check_str(into, normal);
}

static const char *refused(struct reed_slice name)
{
	char into[REED_ACCOUNT_ROOM];
	const char *why = NULL;

	check_int(ascii->account(ascii, name, into, &why), REED_EINVAL);
	check(why && *why);
	return why;
}

static void names_are_made_lower_case(void)
{
	becomes("alice", "alice");
	becomes("Alice", "alice");
	becomes("_A.b-9", "_a.b-9");
}

static void what_would_not_serve_every_door_is_no_name(void)
{
	static const char *const bad[] = { "",   "-a",  ".a",  "a b", "a:b",  "a/b",   "a@b",
		                           "#a", "a,b", "a!b", "a*",  "a\tb", "a\x7f", "\xc3\xa4" };

	for (size_t i = 0; i < REED_COUNT(bad); i++)
		refused(reed_slice_of(bad[i]));
	refused(reed_slice("a\0b", 3));
}

static void a_name_has_an_end(void)
{
	char name[REED_ACCOUNT_ROOM + 1];

	memset(name, 'a', sizeof(name));
	check_str(refused(reed_slice(name, REED_ACCOUNT_ROOM)), "a name has at most 127 bytes");
	name[REED_ACCOUNT_ROOM - 1] = '\0';
	becomes(name, name);
}

static bool also_slash(uint32_t c, bool first)
{
	return c == '/' || reed_auth_name_char(c, first);
}

static void other_characters_may_be_allowed(void)
{
	struct reed_auth_rules mine = reed_auth_rules_ascii;
	char into[REED_ACCOUNT_ROOM];
	const char *why;

	mine.allowed = also_slash;
	check_int(mine.account(&mine, REED_STR("A/b"), into, &why), REED_OK);
	check_str(into, "a/b");
	check_int(mine.account(&mine, REED_STR("a b"), into, &why), REED_EINVAL);
}

static uint32_t seen[4];
static size_t seen_count;

static bool see(uint32_t c, bool first)
{
	check_int(first, seen_count == 0);
	seen[seen_count++] = c;
	return true;
}

static void characters_are_seen_whole(void)
{
	struct reed_auth_rules mine = reed_auth_rules_ascii;
	const char *why;

	mine.allowed = see;
	check_int(reed_auth_name_check(&mine, "z\xc3\xa4\xe2\x82\xac\xf0\x9f\x8c\xbe", &why),
	          REED_OK);
	check_int(seen_count, 4);
	check_int(seen[0], 'z');
	check_int(seen[1], 0xe4);
	check_int(seen[2], 0x20ac);
	check_int(seen[3], 0x1f33e);
	check_int(reed_auth_name_check(&mine, "\xff", &why), REED_EINVAL);
}

static enum reed_err password(struct reed_slice text)
{
	char into[REED_PASSWORD_ROOM];
	const char *why;

	return ascii->password(ascii, text, true, into, &why);
}

static void passwords_are_text_of_some_length(void)
{
	char text[REED_PASSWORD_ROOM];

	memset(text, 'x', sizeof(text));
	check_int(password(REED_STR("correct horse")), REED_OK);
	check_int(password(REED_STR("")), REED_EINVAL);
	check_int(password(REED_STR("a\nb")), REED_EINVAL);
	check_int(password(reed_slice("a\0b", 3)), REED_EINVAL);
	check_int(password(reed_slice(text, sizeof(text))), REED_EINVAL);
	check_int(password(reed_slice(text, sizeof(text) - 1)), REED_OK);
}

static void roles_are_words_between_commas(void)
{
	check(reed_roles_have("admin,operator", "admin"));
	check(reed_roles_have("admin,operator", "operator"));
	check(!reed_roles_have("admin,operator", "oper"));
	check(!reed_roles_have("admin,operator", "dmin"));
	check(!reed_roles_have("", "admin"));
	check(!reed_roles_have("", ""));
	check_int(reed_roles_check(REED_STR("")), REED_OK);
	check_int(reed_roles_check(REED_STR("admin")), REED_OK);
	check_int(reed_roles_check(REED_STR("admin,room-owner2")), REED_OK);
	check_int(reed_roles_check(REED_STR("admin,")), REED_EINVAL);
	check_int(reed_roles_check(REED_STR(",admin")), REED_EINVAL);
	check_int(reed_roles_check(REED_STR("a:b")), REED_EINVAL);
	check_int(reed_roles_check(REED_STR("Admin")), REED_EINVAL);
}

static void fingerprints_are_few_and_distinct(void)
{
	struct reed_principal account = { .fingerprints = 0 };
	struct reed_change change = { .what = REED_ADD_FINGERPRINT };

	for (uint8_t i = 0; i < REED_FINGERPRINTS; i++) {
		change.fingerprint[0] = i;
		check_int(reed_principal_apply(&account, &change), REED_OK);
		check_int(reed_principal_apply(&account, &change), REED_EEXIST);
	}
	change.fingerprint[0] = 99;
	check_int(reed_principal_apply(&account, &change), REED_ETOOBIG);
	change.what = REED_REMOVE_FINGERPRINT;
	check_int(reed_principal_apply(&account, &change), REED_ENOENT);
	change.fingerprint[0] = 3;
	check_int(reed_principal_apply(&account, &change), REED_OK);
	check_int(account.fingerprints, REED_FINGERPRINTS - 1);
	check_int(account.fingerprint[3][0], 4);
	change.fingerprint[0] = REED_FINGERPRINTS - 1;
	check_int(reed_principal_apply(&account, &change), REED_OK);
	check_int(account.fingerprints, REED_FINGERPRINTS - 2);
}

int main(void)
{
	RUN(names_are_made_lower_case);
	RUN(what_would_not_serve_every_door_is_no_name);
	RUN(a_name_has_an_end);
	RUN(other_characters_may_be_allowed);
	RUN(characters_are_seen_whole);
	RUN(passwords_are_text_of_some_length);
	RUN(roles_are_words_between_commas);
	RUN(fingerprints_are_few_and_distinct);
	return 0;
}
