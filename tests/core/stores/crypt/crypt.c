/* shadow: and htpasswd:, with hashes that others have made (openssl, mkpasswd, argon2, htpasswd). */

#include "reed/crypt_checker.h"
#include "tests/core/file_house.h"

#define SHA512                                                                         \
	"$6$rounds=1000$saltsalt$pQWBrsgA00L1zt0NV83o5Uy3u2ESn9flfn/e0RE60Qd3XQ98aH6g" \
	"vroXwANv1Mme759YpleQlaVoQ6O/meimK1"
#define SHA256 "$5$rounds=1000$saltsalt$vBgBHnZUORY1qtmvLflcYV8HWBW8XuM5paPh79lY6F3"
#define BCRYPT "$2b$04$abcdefghijklmnopqrstuujZkTwHUiJ9XdZPwKfcfDo7dMp5DjlTu"
#define MD5    "$1$abcdefgh$90FgjgNE3pH//25Pe/ys.1"
#define ARGON2 \
	"$argon2id$v=19$m=256,t=1,p=1$c2FsdHNhbHQ$xIpDiJN4aLDQpb/iYDhsApNS+HicRia07M36Gb8Ai6I"
#define YESCRYPT "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$FF5wSyW3ppJyReaMmYcg7xuMDUTxzbBuNKjU11.3UI4"

static struct file_house house;

static void open_with(const char *kind, const char *text)
{
	reed_crypt_checkers_register();
	house_open(&house, text);
	check_int(house_add(&house, kind, NULL), REED_OK);
}

static void each_kind_of_hash_opens_with_its_password_only(void)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f" };

	open_with("htpasswd", "a:" SHA512 "\nb:" SHA256 "\nc:" BCRYPT "\nd:" MD5 "\ne:" ARGON2
	                      "\nf:" YESCRYPT "\n");
	for (size_t i = 0; i < REED_COUNT(names); i++) {
		check_int(house_login(&house, names[i], "wonderland"), REED_OK);
		check_int(house_login(&house, names[i], "wonderlant"), REED_EAUTH);
		check_int(house_login(&house, names[i], ""), REED_EAUTH);
	}
	check_int(house_login(&house, "g", "wonderland"), REED_EAUTH);
	check(house_says(&house, "the name or the password is wrong"));
	house_close(&house);
}

static void who_has_no_password_or_is_locked_stays_outside(void)
{
	open_with("shadow", "root:*:19000:0:99999:7:::\nold:!" SHA256 ":19000:0:99999:7:::\n"
	                    "none::19000:0:99999:7:::\nnew:!!:19000:0:99999:7:::\n");
	check_int(house_login(&house, "root", "*"), REED_EAUTH);
	check_int(house_login(&house, "old", "wonderland"), REED_EAUTH);
	check_int(house_login(&house, "none", ""), REED_EAUTH);
	check_int(house_login(&house, "none", "x"), REED_EAUTH);
	check_int(house_login(&house, "new", "!!"), REED_EAUTH);
	house_close(&house);
}

/* shadow(5): days since 1970; 99,999 of them end in 2243. */
static void what_has_expired_stays_outside(void)
{
	open_with("shadow",
	          "alice:" SHA256 ":19000:0:99999:7:::\nbob:" SHA256 ":19000:0:90:7:::\n"
	          "carol:" SHA256 ":19000:0:90:7:99999::\ndave:" SHA256 ":0:0:99999:7:::\n"
	          "eve:" SHA256 ":19000:0:99999:7::10000:\n"
	          "frank:" SHA256 ":19000:0:99999:7::99999:\ngrace:" SHA256 ":::::::\n");
	check_int(house_login(&house, "alice", "wonderland"), REED_OK);
	check_int(house_login(&house, "bob", "wonderland"), REED_EAUTH);
	check_int(house_login(&house, "carol", "wonderland"), REED_OK);
	check_int(house_login(&house, "dave", "wonderland"), REED_EAUTH);
	check_int(house_login(&house, "eve", "wonderland"), REED_EAUTH);
	check_int(house_login(&house, "frank", "wonderland"), REED_OK);
	check_int(house_login(&house, "grace", "wonderland"), REED_OK);
	house_close(&house);
}

static void a_password_ends_where_it_ends(void)
{
	struct reed_credential c = { .kind = REED_CREDENTIAL_PASSWORD };

	open_with("htpasswd", "a:" SHA256 "\n");
	c.user = REED_STR("a");
	c.secret = reed_slice("wonderland\0x", 12);
	check_int(house_try(&house, &c, NULL), REED_EAUTH);
	c.secret = reed_slice("wonderland!", 10);
	check_int(house_try(&house, &c, NULL), REED_OK);
	house_close(&house);
}

static void a_hash_that_nothing_here_makes_is_told_at_the_start(void)
{
	static const char *const wrong[] = { "a:$apr1$abcdefgh$x",
		                             "a:{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=", "a:wonder land",
		                             (":" BCRYPT) };

	reed_crypt_checkers_register();
	for (size_t i = 0; i < REED_COUNT(wrong); i++) {
		char text[256];

		snprintf(text, sizeof(text), "# htpasswd\nok:" BCRYPT "\n%s\n", wrong[i]);
		house_open(&house, text);
		check_int(house_add(&house, "htpasswd", NULL), REED_ESYNTAX);
		check(house_says(&house, "file:3: a line is NAME:HASH"));
		house_close(&house);
	}
}

static void they_take_passwords_and_leave_the_rest_to_others(void)
{
	struct reed_credential c = { .kind = REED_CREDENTIAL_CRAM_MD5 };
	char name[REED_ACCOUNT_ROOM];

	open_with("htpasswd", "alice:" BCRYPT "\n");
	check_int(house_add(&house, "memory", "bob:rabbit-hole"), REED_OK);
	check_int(reed_portal_takes(house.portal) & REED_CREDENTIAL_BIT(REED_CREDENTIAL_CRAM_MD5),
	          0);
	c.user = REED_STR("alice");
	check_int(house_try(&house, &c, NULL), REED_EAUTH);
	c.kind = REED_CREDENTIAL_PASSWORD;
	c.user = REED_STR("ALICE");
	c.secret = REED_STR("wonderland");
	check_int(house_try(&house, &c, name), REED_OK);
	check_str(name, "alice");
	check_int(house_login(&house, "bob", "rabbit-hole"), REED_OK);
	house_close(&house);
}

int main(void)
{
	RUN(each_kind_of_hash_opens_with_its_password_only);
	RUN(who_has_no_password_or_is_locked_stays_outside);
	RUN(what_has_expired_stays_outside);
	RUN(a_password_ends_where_it_ends);
	RUN(a_hash_that_nothing_here_makes_is_told_at_the_start);
	RUN(they_take_passwords_and_leave_the_rest_to_others);
	return 0;
}
