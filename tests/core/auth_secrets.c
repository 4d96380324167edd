/* secrets: and htdigest:, and the credentials that nothing less can answer. */

#include "file_house.h"
#include "reed/base64.h"
#include "reed/proof.h"

static struct file_house house;

/* response in hexadecimal, as it travels */
static enum reed_err prove(enum reed_credential_kind kind, const char *user, const char *challenge,
                           const char *response)
{
	uint8_t bytes[REED_MD5_BYTES];
	struct reed_credential c = { .kind = kind };

	check_int(reed_hex_decode(reed_slice_of(response), bytes, sizeof(bytes)), REED_OK);
	c.user = reed_slice_of(user);
	c.message = reed_slice_of(challenge);
	c.secret = reed_slice(bytes, sizeof(bytes));
	return house_try(&house, &c, NULL);
}

static enum reed_err digest(enum reed_credential_kind kind, const char *realm, const char *response,
                            struct reed_digest *d)
{
	uint8_t bytes[REED_DIGEST_MOST];
	struct reed_credential c = { .kind = kind };

	check_int(reed_hex_decode(reed_slice_of(response), bytes, strlen(response) / 2), REED_OK);
	*d = (struct reed_digest){ .realm = reed_slice_of(realm) };
	c.user = REED_STR("Mufasa");
	c.message = REED_STR("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v:00000001:"
	                     "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ:auth:"
	                     "9a3fdae9a622fe8de177c24fa9c070f2b181ec85e15dcbdc32e10c82ad450b04");
	if (kind == REED_CREDENTIAL_DIGEST_MD5)
		c.message = REED_STR("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v:00000001:"
		                     "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ:auth:"
		                     "39aff3a2bab6126f332b942af96d3366");
	c.secret = reed_slice(bytes, strlen(response) / 2);
	c.digest = d;
	return house_try(&house, &c, NULL);
}

static void cram_md5_and_apop_are_those_of_their_rfcs(void)
{
	const char *cram = "<1896.697170952@postoffice.reston.mci.net>";
	const char *apop = "<1896.697170952@dbc.mtview.ca.us>";

	house_open(&house, "tim:tanstaaftanstaaf\nmrose:tanstaaf\n");
	check_int(house_add(&house, "secrets", NULL), REED_OK);
	/* RFC 2195 2 */
	check_int(prove(REED_CREDENTIAL_CRAM_MD5, "tim", cram, "b913a602c7eda7a495b4e6e7334d3890"),
	          REED_OK);
	/* RFC 1939 7 */
	check_int(prove(REED_CREDENTIAL_APOP, "mrose", apop, "c4c9334bac560ecc979e58001b3e22fb"),
	          REED_OK);
	check_int(prove(REED_CREDENTIAL_APOP, "tim", apop, "c4c9334bac560ecc979e58001b3e22fb"),
	          REED_EAUTH);
	check_int(prove(REED_CREDENTIAL_CRAM_MD5, "tim", apop, "b913a602c7eda7a495b4e6e7334d3890"),
	          REED_EAUTH);
	check_int(prove(REED_CREDENTIAL_CRAM_MD5, "who", cram, "b913a602c7eda7a495b4e6e7334d3890"),
	          REED_EAUTH);
	check(house_says(&house, "the name or the password is wrong"));
	house_close(&house);
}

/* RFC 7616 3.9.1 */
static void a_digest_yields_the_key_for_the_next(void)
{
	const char *sha256 = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
	const char *realm = "http-auth@example.org";
	char hex[REED_HEX_ROOM(REED_MD5_BYTES)];
	struct reed_digest d;

	house_open(&house, "mufasa:Circle of Life\n");
	check_int(house_add(&house, "secrets", NULL), REED_OK);
	check_int(digest(REED_CREDENTIAL_DIGEST, realm, sha256, &d), REED_OK);
	check_int(digest(REED_CREDENTIAL_DIGEST_MD5, realm, "8ca523f5e9506fed4657c9700eebdbec", &d),
	          REED_OK);
	reed_hex(reed_slice(d.key, REED_MD5_BYTES), hex);
	check_str(hex, "3d78807defe7de2157e2b0b6573a855f");
	check_int(digest(REED_CREDENTIAL_DIGEST, "elsewhere", sha256, &d), REED_EAUTH);
	check_int(d.key[0], 0);
	check_int(digest(REED_CREDENTIAL_DIGEST, realm, "8ca523f5e9506fed4657c9700eebdbec", &d),
	          REED_EAUTH);
	house_close(&house);
}

static void a_kept_digest_is_good_for_its_realm_and_for_passwords(void)
{
	const char *realm = "http-auth@example.org";
	struct reed_digest d;

	house_open(&house, "Mufasa:other:ffffffffffffffffffffffffffffffff\n"
	                   "Mufasa:http-auth@example.org:3d78807defe7de2157e2b0b6573a855f\n");
	check_int(house_add(&house, "htdigest", NULL), REED_OK);
	check_int(digest(REED_CREDENTIAL_DIGEST_MD5, realm, "8ca523f5e9506fed4657c9700eebdbec", &d),
	          REED_OK);
	check_int(digest(REED_CREDENTIAL_DIGEST_MD5, "other", "8ca523f5e9506fed4657c9700eebdbec",
	                 &d),
	          REED_EAUTH);
	check_int(house_login(&house, "mufasa", "Circle of Life"), REED_OK);
	check_int(house_login(&house, "mufasa", "Circle of Lies"), REED_EAUTH);
	house_close(&house);
}

static void what_is_offered_is_what_all_can_do(void)
{
	const unsigned md5 = REED_CREDENTIAL_BIT(REED_CREDENTIAL_DIGEST_MD5);
	const unsigned both = REED_CREDENTIAL_BIT(REED_CREDENTIAL_DIGEST) | md5;

	house_open(&house, "");
	check_int(reed_portal_shares(house.portal, both), 0);
	check_int(house_add(&house, "memory", ""), REED_OK);
	check_int(reed_portal_shares(house.portal, both), 0);
	check_int(house_add(&house, "secrets", NULL), REED_OK);
	check_int(reed_portal_shares(house.portal, both), both);
	check_int(house_add(&house, "htdigest", NULL), REED_OK);
	check_int(reed_portal_shares(house.portal, both), md5);
	check_int(house_add(&house, "htdigest-sha256", NULL), REED_OK);
	check_int(reed_portal_shares(house.portal, both), 0);
	house_close(&house);
}

static void passwords_in_clear_open_as_others_do_and_are_read_anew(void)
{
	house_open(&house, "# people\n\nalice:wonder:land\r\nBob:rabbit\n");
	check_int(house_add(&house, "secrets", NULL), REED_OK);
	check_int(house_add(&house, "memory", "carol:through the glass"), REED_OK);
	check_int(house_login(&house, "Alice", "wonder:land"), REED_OK);
	check_int(house_login(&house, "alice", "wonder"), REED_EAUTH);
	check_int(house_login(&house, "alice", ""), REED_EAUTH);
	check_int(house_login(&house, "bob", "rabbit"), REED_OK);
	check_int(house_login(&house, "carol", "through the glass"), REED_OK);
	check_int(house_login(&house, "no such:name", "x"), REED_EAUTH);
	house_write(&house, "bob:hare\n");
	check_int(house_login(&house, "bob", "rabbit"), REED_EAUTH);
	check_int(house_login(&house, "bob", "hare"), REED_OK);
	check_int(house_login(&house, "alice", "wonder:land"), REED_EAUTH);
	house_close(&house);
}

/* Whoever edits the file of a program that runs is not told of mistakes before a login. */
static void a_line_without_a_password_opens_to_nobody(void)
{
	house_open(&house, "tim:tanstaaftanstaaf\n");
	check_int(house_add(&house, "secrets", NULL), REED_OK);
	house_write(&house, "tim:\nmrose\n");
	check_int(prove(REED_CREDENTIAL_CRAM_MD5, "tim",
	                "<1896.697170952@postoffice.reston.mci.net>",
	                "a00b54b824afa19ec2de0f73cb2a04c2"),
	          REED_EAUTH);
	check_int(prove(REED_CREDENTIAL_APOP, "mrose", "<1896.697170952@dbc.mtview.ca.us>",
	                "6d7379174f7df9fb329480e5c47c1f1a"),
	          REED_EAUTH);
	house_close(&house);
}

/* Who does not exist costs no less than who does. */
static void who_is_refused_costs_what_a_stranger_costs(void)
{
	struct reed_portal_stats before = { .size = sizeof(before) }, after = before;

	house_open(&house, "alice:wonderland\n");
	check_int(house_add(&house, "secrets", NULL), REED_OK);
	check_int(house_login(&house, "alice", "underland"), REED_EAUTH);
	reed_portal_stats(house.portal, &before);
	check_int(house_login(&house, "nobody", "underland"), REED_EAUTH);
	reed_portal_stats(house.portal, &after);
	check_int(before.derivations, 1);
	check_int(after.derivations, 2);
	house_close(&house);
}

static void a_file_that_is_wrong_is_told_with_its_line(void)
{
	house_open(&house, "alice:wonderland\nbob\n");
	check_int(house_add(&house, "secrets", NULL), REED_ESYNTAX);
	check(house_says(&house, "file:2: a line is NAME:PASSWORD"));
	check_int(house_add(&house, "htdigest", NULL), REED_ESYNTAX);
	check(house_says(&house, "file:1: a line is NAME:REALM:MD5"));
	check_int(house_add(&house, "htdigest-sha256", NULL), REED_ESYNTAX);
	check_int(house_add(&house, "secrets", ""), REED_EINVAL);
	check(house_says(&house, "secrets:PATH"));
	check_int(house_add(&house, "secrets", "/nonexistent/file"), REED_ENOENT);
	house_close(&house);
}

static void a_file_that_others_can_read_is_refused_and_so_is_one_that_went(void)
{
	house_open(&house, "alice:wonderland\n");
	check(chmod(house.path, 0640) == 0);
	check_int(house_add(&house, "secrets", NULL), REED_OK);
	check(chmod(house.path, 0644) == 0);
	check_int(house_add(&house, "secrets", NULL), REED_EACCES);
	check(house_says(&house, "chmod 600"));
	check_int(house_login(&house, "alice", "wonderland"), REED_EACCES);
	check(unlink(house.path) == 0);
	check_int(house_login(&house, "alice", "wonderland"), REED_EIO);
	house_close(&house);
}

/* The threads that read go on with copies of their own. */
static void a_login_that_is_dropped_leaves_nothing(void)
{
	static const struct reed_peer from = { NULL, "test" };
	struct reed_credential c = { .kind = REED_CREDENTIAL_PASSWORD };
	struct reed_avatar *avatar = NULL;
	struct reed_future *f;

	house_open(&house, "alice:wonderland\n");
	check_int(house_add(&house, "secrets", NULL), REED_OK);
	c.user = REED_STR("alice");
	c.secret = REED_STR("wonderland");
	for (int turns = 0; turns < 4; turns++) {
		f = reed_portal_login(house.portal, &c, "test", &from, &avatar);
		for (int i = 0; i < turns; i++)
			reed_loop_turn(house.loop, 0);
		reed_drop(f);
	}
	check(!avatar);
	house_close(&house);
}

static void a_challenge_never_comes_twice(void)
{
	char one[REED_CHALLENGE_ROOM], other[REED_CHALLENGE_ROOM], host[300];

	house_open(&house, "");
	check_int(reed_proof_challenge(house.loop, "mail.example", one), strlen(one));
	reed_proof_challenge(house.loop, "mail.example", other);
	check(one[0] == '<' && strstr(one, "@mail.example>"));
	check(strcmp(one, other) != 0);
	memset(host, 'x', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	check_int(reed_proof_challenge(house.loop, host, one), strlen(one));
	check(one[strlen(one) - 1] == '>');
	house_close(&house);
}

int main(void)
{
	RUN(cram_md5_and_apop_are_those_of_their_rfcs);
	RUN(a_digest_yields_the_key_for_the_next);
	RUN(a_kept_digest_is_good_for_its_realm_and_for_passwords);
	RUN(what_is_offered_is_what_all_can_do);
	RUN(passwords_in_clear_open_as_others_do_and_are_read_anew);
	RUN(a_line_without_a_password_opens_to_nobody);
	RUN(who_is_refused_costs_what_a_stranger_costs);
	RUN(a_file_that_is_wrong_is_told_with_its_line);
	RUN(a_file_that_others_can_read_is_refused_and_so_is_one_that_went);
	RUN(a_login_that_is_dropped_leaves_nothing);
	RUN(a_challenge_never_comes_twice);
	return 0;
}
