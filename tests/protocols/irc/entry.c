/* Who may come in, and as whom: passwords, certificates, guesses, new accounts. */

#include "stage_tls.h"

#include "reed/base64.h"
#include "reed/cert.h"
#include "reed/verifier.h"

/* ---- the stage ---- */

static char verifier[REED_VERIFIER_ROOM];
static struct reed_irc_operator root = {
	.name = "root",
	.verifier = verifier,
	.privileges = REED_MAY_KILL,
};

static struct stage house(void)
{
	struct reed_verifier v = { .iterations = REED_ITERATIONS, .salt_length = REED_SALT_BYTES };
	struct stage stage = STAGE;

	reed_verifier_derive(&v, REED_STR("open sesame"));
	reed_verifier_print(&v, verifier);
	stage.accounts = "alice:wonderland";
	stage.irc.operators = &root;
	stage.irc.operator_count = 1;
	stage.irc.registration = true;
	stage.irc.plain_in_clear = true;
	stage.irc.limits.burst = 1000;
	return stage;
}

static void close_house(struct reed_stream *s)
{
	reed_close(s);
	drop_curtain();
}

static struct reed_stream *guest(const char *nick)
{
	struct reed_stream *s = come_in(nick);

	check_int(hear(s, "* 422 *"), REED_OK);
	return s;
}

static void say(struct reed_stream *s, const char *line)
{
	reed_printf(s, "%s\r\n", line);
}

/* What comes next is this. */
static void expect(struct reed_stream *s, const char *pattern)
{
	struct reed_slice line = next_line(s);

	if (!matches(pattern, line))
		fprintf(stderr, "wanted %s\nheard " REED_FMT "\n", pattern, REED_ARG(line));
	check(matches(pattern, line));
}

/* ---- PASS ---- */

static void an_account_and_its_password_may_come_with_pass(void)
{
	struct stage stage = house();
	struct reed_stream *s;

	raise_curtain(&stage);
	s = dial();
	say(s, "PASS alice:wonderland\r\nNICK ally\r\nUSER a 0 * :A");
	expect(s, ":reed 900 \\* * alice :*");
	expect(s, ":reed 001 ally :*");
	check_str(reed_user_find(hub, REED_STR("ally"))->account->name, "alice");
	say(s, "PASS alice:wonderland");
	check_int(hear(s, "*462*"), REED_OK);
	close_house(s);
}

static void a_wrong_password_is_told_and_the_client_comes_in_as_a_guest(void)
{
	struct stage stage = house();
	struct reed_stream *s;

	raise_curtain(&stage);
	s = dial();
	say(s, "PASS alice:wonder\r\nNICK ally\r\nUSER a 0 * :A");
	expect(s, ":reed 464 \\* :Not logged in: the name or the password is wrong");
	expect(s, ":reed 001 ally :*");
	check(!reed_user_find(hub, REED_STR("ally"))->account);
	close_house(s);
}

static void the_password_of_the_server_is_another_one(void)
{
	struct stage stage = house();
	struct reed_stream *s;

	stage.irc.password = "knock:knock";
	raise_curtain(&stage);
	s = dial();
	say(s, "PASS alice:wonderland\r\nPASS knock:knock\r\nNICK ally\r\nUSER a 0 * :A");
	expect(s, ":reed 900 *");
	expect(s, ":reed 001 ally :*");
	reed_close(s);
	/* an account is not enough */
	s = dial();
	say(s, "PASS alice:wonderland\r\nNICK ally\r\nUSER a 0 * :A");
	expect(s, ":reed 900 *");
	expect(s, ":reed 464 *");
	expect(s, "ERROR *Bad password*");
	close_house(s);
}

static void in_clear_no_password_of_an_account_is_taken(void)
{
	struct stage stage = house();
	struct reed_stream *s;

	stage.irc.plain_in_clear = false;
	raise_curtain(&stage);
	s = dial();
	say(s, "PASS alice:wonderland\r\nNICK ally\r\nUSER a 0 * :A");
	expect(s, ":reed 464 \\* :Not logged in: passwords are taken over TLS only*");
	check_int(hear(s, "* 422 *"), REED_OK);
	say(s, "PRIVMSG NickServ :IDENTIFY alice wonderland");
	expect(s, ":NickServ!*passwords are taken over TLS only*");
	say(s, "REGISTER * * wonderland");
	expect(s, "*NOTICE ally :REGISTER: Passwords are taken over TLS only*");
	close_house(s);
}

/* The client may go while its password is looked at. */
static void who_goes_while_the_password_is_looked_at_leaves_nothing(void)
{
	struct stage stage = house();
	struct reed_stream *s;

	raise_curtain(&stage);
	s = dial();
	say(s, "PASS alice:wonderland");
	check_int(reed_sim_run_for(sim, REED_MS(1)), REED_OK);
	reed_abort(s);
	check_int(reed_sim_run_for(sim, REED_S(1)), REED_OK);
	check_int(stats().connections, 0);
	close_house(NULL);
}

/* ---- guesses ---- */

static void guesses_at_an_operator_lock_the_address_out(void)
{
	struct stage stage = house();
	struct reed_stream *s;

	stage.portal.limits.address_attempts = 4;
	raise_curtain(&stage);
	s = guest("mallory");
	say(s, "OPER root one\r\nOPER nobody two");
	expect(s, "* 464 mallory :Password incorrect");
	expect(s, "* 464 mallory :Password incorrect");
	reed_close(s);
	/* from anew, as somebody else */
	s = guest("malory");
	say(s, "OPER root three\r\nOPER root four\r\nOPER root open sesame");
	expect(s, "* 464 malory :Password incorrect");
	expect(s, "* 464 malory :Password incorrect");
	expect(s, "* 464 malory :Too many attempts: try again in * seconds");
	say(s, "PRIVMSG NickServ :IDENTIFY alice wonderland");
	expect(s, ":NickServ!*too many attempts*");
	check_int(reed_sim_run_for(sim, REED_S(60)), REED_OK);
	say(s, "OPER root :open sesame");
	check_int(hear(s, "* 381 *"), REED_OK);
	close_house(s);
}

static void who_goes_while_guessing_has_guessed(void)
{
	struct stage stage = house();
	struct reed_stream *s;

	stage.portal.limits.address_attempts = 2;
	raise_curtain(&stage);
	for (int i = 0; i < 2; i++) {
		s = guest("mallory");
		say(s, "OPER root guess");
		reed_close(s);
		check_int(reed_sim_run_for(sim, REED_S(1)), REED_OK);
	}
	s = guest("mallory");
	say(s, "OPER root :open sesame");
	expect(s, "* 464 mallory :Too many attempts*");
	close_house(s);
}

/* ---- new accounts ---- */

static void register_one(struct reed_stream *s, const char *account, const char *answer)
{
	reed_printf(s, "REGISTER %s * a-long-password\r\n", account);
	check_int(hear(s, answer), REED_OK);
	say(s, "PRIVMSG NickServ :LOGOUT\r\nPING x");
	check_int(hear(s, "*PONG*"), REED_OK);
}

static void an_address_makes_so_many_accounts_in_an_hour(void)
{
	struct stage stage = house();
	struct reed_stream *s;

	stage.irc.limits.registrations_per_hour = 4; /* one of them will fail */
	raise_curtain(&stage);
	s = guest("maker");
	register_one(s, "one", "*REGISTER SUCCESS one *");
	register_one(s, "two", "*REGISTER SUCCESS two *");
	register_one(s, "two", "*There is an account of that name already*");
	register_one(s, "three", "*REGISTER SUCCESS three *");
	register_one(s, "four", "*NOTICE maker :REGISTER: Too many accounts were made from*");
	reed_close(s);
	check_int(reed_sim_run_for(sim, REED_S(5)), REED_OK);
	/* it is the address that is remembered, not the connection, and at NickServ too */
	s = guest("maker");
	register_one(s, "four", "*Too many accounts were made*");
	say(s, "PRIVMSG NickServ :REGISTER a-long-password");
	expect(s, ":NickServ!*Too many accounts were made*");
	reed_close(s);
	check_int(reed_sim_run_for(sim, REED_S(1200)), REED_OK);
	s = guest("maker");
	register_one(s, "four", "*REGISTER SUCCESS four *");
	register_one(s, "five", "*Too many accounts were made*");
	close_house(s);
}

/* ---- certificates ---- */

static void make_known(struct reed_slice pem)
{
	struct reed_certificate certificate;
	struct reed_cert *cert = NULL;

	check_int(reed_cert_read(pem, REED_STR(""), 0, &cert, NULL), REED_OK);
	reed_certificate_of(cert, &certificate);
	reed_cert_free(cert);
	check_int(reed_sim_run_until(sim,
	                             reed_portal_add_fingerprint(portal, REED_STR("alice"),
	                                                         certificate.sha256),
	                             NULL),
	          REED_OK);
}

static void say_external(struct reed_stream *s, const char *answer)
{
	say(s,
	    "CAP LS 302\r\nCAP REQ :sasl\r\nNICK ally\r\nUSER a 0 * :A\r\nAUTHENTICATE EXTERNAL");
	check_int(hear(s, "AUTHENTICATE +"), REED_OK);
	say(s, "AUTHENTICATE +\r\nCAP END");
	check_int(hear(s, answer), REED_OK);
}

static void a_certificate_logs_its_owner_in(void)
{
	struct reed_buf pem = { .limit = 0 }, strange = { .limit = 0 };
	struct stage stage = house();
	struct reed_stream *s;

	tls_begin();
	make_certificate("alice", &pem);
	make_certificate("alice", &strange);
	stage.wrap = stage_tls_listener;
	stage.irc.plain_in_clear = false;
	raise_curtain(&stage);
	check_int(reed_sim_run_for(sim, REED_S(1)), REED_OK);
	make_known(reed_buf_slice(&pem));
	s = dial_tls(reed_buf_slice(&pem));
	say_external(s, ":reed 900 * alice *");
	expect(s, ":reed 903 *");
	expect(s, ":reed 001 ally *");
	check_int(hear(s, ":ally MODE ally +*Z*"), REED_OK);
	reed_close(s);
	/* one of the same name is not the same */
	s = dial_tls(reed_buf_slice(&strange));
	say_external(s, ":reed 904 * :*the certificate is not that of an account");
	reed_close(s);
	/* and without one there is no such mechanism */
	s = dial_tls(REED_STR(""));
	say(s, "CAP LS 302");
	check(!matches("*EXTERNAL*", next_line(s)));
	say(s, "CAP REQ :sasl\r\nNICK x\r\nAUTHENTICATE EXTERNAL");
	check_int(hear(s, "* 908 * *PLAIN* :*"), REED_OK);
	check_int(hear(s, "* 904 *"), REED_OK);
	close_house(s);
	reed_buf_finish(&pem);
	reed_buf_finish(&strange);
	tls_end();
}

/* ---- rooms ---- */

static void the_server_has_so_many_rooms(void)
{
	struct stage stage = house();
	struct reed_stream *s;

	stage.rooms.limits.rooms = 1;
	raise_curtain(&stage);
	s = guest("alex");
	say(s, "JOIN #a\r\nJOIN #b");
	check_int(hear(s, "* 366 *"), REED_OK);
	expect(s, ":reed 437 alex #b :the server has as many rooms as it may");
	close_house(s);
}

int main(void)
{
	RUN(an_account_and_its_password_may_come_with_pass);
	RUN(a_wrong_password_is_told_and_the_client_comes_in_as_a_guest);
	RUN(the_password_of_the_server_is_another_one);
	RUN(in_clear_no_password_of_an_account_is_taken);
	RUN(who_goes_while_the_password_is_looked_at_leaves_nothing);
	RUN(guesses_at_an_operator_lock_the_address_out);
	RUN(who_goes_while_guessing_has_guessed);
	RUN(an_address_makes_so_many_accounts_in_an_hour);
	RUN(a_certificate_logs_its_owner_in);
	RUN(the_server_has_so_many_rooms);
	return 0;
}
