/* One's own account, by the words of NickServ: password, certificates, its end. */

#include "stage_tls.h"

#include "reed/cert.h"

static struct stage house(void)
{
	struct stage stage = STAGE;

	stage.accounts = "alice:wonderland:bob:the builder";
	stage.irc.registration = true;
	stage.irc.limits.burst = 1000;
	stage.wrap = stage_tls_listener;
	return stage;
}

static void open_house(const struct stage *stage)
{
	tls_begin();
	raise_curtain(stage);
	check_int(reed_sim_run_for(sim, REED_S(1)), REED_OK);
}

static void close_house(struct reed_stream *s)
{
	reed_close(s);
	drop_curtain();
	tls_end();
}

static void say(struct reed_stream *s, const char *line)
{
	reed_printf(s, "%s\r\n", line);
}

static void ask(struct reed_stream *s, const char *line, const char *answer)
{
	enum reed_err err;

	say(s, line);
	err = hear(s, answer);
	if (err)
		fprintf(stderr, "said %s and waited in vain for %s\n", line, answer);
	check_int(err, REED_OK);
}

static void ask_nickserv(struct reed_stream *s, const char *words, const char *answer)
{
	char line[300], pattern[300];

	snprintf(line, sizeof(line), "PRIVMSG NickServ :%s", words);
	snprintf(pattern, sizeof(pattern), ":NickServ!*NOTICE * :%s", answer);
	ask(s, line, pattern);
}

/* In, and logged in unless there is no password. */
static struct reed_stream *person(const char *nick, const char *password, struct reed_slice pem)
{
	struct reed_stream *s = dial_tls(pem);
	char line[200];

	if (password) {
		snprintf(line, sizeof(line), "PASS :%s:%s", nick, password);
		say(s, line);
	}
	snprintf(line, sizeof(line), "NICK %s\r\nUSER u 0 * :U", nick);
	ask(s, line, "* 422 *");
	return s;
}

static bool is_offered(struct reed_stream *s, const char *word)
{
	struct reed_slice line;
	char pattern[100];
	bool found = false;

	snprintf(pattern, sizeof(pattern), ":NickServ!*:%s*: *", word);
	say(s, "PRIVMSG NickServ :HELP\r\nPING done");
	while (!matches("*PONG*", line = next_line(s)))
		found |= matches(pattern, line);
	return found;
}

/* ---- help ---- */

static void help_offers_what_would_be_done(void)
{
	struct stage stage = house();
	struct reed_stream *s;

	open_house(&stage);
	s = person("guest", NULL, REED_STR(""));
	check(is_offered(s, "REGISTER") && is_offered(s, "IDENTIFY"));
	ask(s, "HELP ACCOUNT", "* 705 guest ACCOUNT :*REGISTER*");
	check(!is_offered(s, "CERT") && !is_offered(s, "PASSWORD") && !is_offered(s, "DROP"));
	stage.irc.registration = false;
	stage.irc.hub = hub;
	reed_irc_server_update(server, &stage.irc);
	check(!is_offered(s, "REGISTER") && is_offered(s, "IDENTIFY"));
	ask(s, "HELP ACCOUNT", "* 705 guest ACCOUNT :*Who runs this server makes them*");
	reed_close(s);
	s = person("alice", "wonderland", REED_STR(""));
	check(!is_offered(s, "REGISTER") && !is_offered(s, "IDENTIFY"));
	check(is_offered(s, "CERT") && is_offered(s, "PASSWORD") && is_offered(s, "DROP"));
	ask_nickserv(s, "DANCE", "DANCE is no command of mine*");
	close_house(s);
}

static void help_in_clear_offers_no_passwords(void)
{
	struct stage stage = house();
	struct reed_stream *s;

	stage.wrap = NULL;
	stage.irc.plain_in_clear = false;
	open_house(&stage);
	s = come_in("guest");
	check_int(hear(s, "* 422 *"), REED_OK);
	check(!is_offered(s, "REGISTER") && !is_offered(s, "IDENTIFY"));
	ask_nickserv(s, "HELP", "Passwords are taken over TLS only*");
	close_house(s);
}

static void who_is_not_logged_in_has_nothing_to_change(void)
{
	static const char *const words[] = { "PASSWORD a-long-one", "SET PASSWORD a-long-one",
		                             "CERT LIST", "CERT ADD", "DROP" };
	struct stage stage = house();
	struct reed_stream *s;

	open_house(&stage);
	s = person("guest", NULL, REED_STR(""));
	for (size_t i = 0; i < REED_COUNT(words); i++)
		ask_nickserv(s, words[i], "You are not logged in*");
	close_house(s);
}

/* ---- passwords ---- */

static void a_password_is_changed_and_the_old_one_is_no_good(void)
{
	struct stage stage = house();
	struct reed_stream *s, *t;

	open_house(&stage);
	s = person("alice", "wonderland", REED_STR(""));
	ask_nickserv(s, "PASSWORD short", "*at least 8 characters*");
	ask_nickserv(s, "PASSWORD", "PASSWORD <new password>*");
	ask_nickserv(s, "PASSWORD two words", "PASSWORD <new password>*");
	ask_nickserv(s, "SET GREETING hello", "SET PASSWORD*");
	ask_nickserv(s, "PASSWORD looking-glass", "Your password is another one now");
	ask_nickserv(s, "SET PASSWORD queen-of-hearts", "Your password is another one now");
	t = dial_tls(REED_STR(""));
	ask(t, "PASS alice:wonderland", "* 464 *");
	ask(t, "PASS alice:looking-glass", "* 464 *");
	ask(t, "PASS alice:queen-of-hearts", "* 900 *");
	reed_close(t);
	close_house(s);
}

/* ---- certificates ---- */

static void say_external(struct reed_stream *s, const char *answer)
{
	ask(s, "CAP REQ :sasl\r\nNICK ally\r\nUSER a 0 * :A\r\nAUTHENTICATE EXTERNAL",
	    "AUTHENTICATE +");
	ask(s, "AUTHENTICATE +\r\nCAP END", answer);
}

static void a_certificate_is_added_listed_and_taken_away(void)
{
	struct reed_buf pem = { .limit = 0 };
	struct stage stage = house();
	struct reed_stream *s, *t;

	open_house(&stage);
	make_certificate("alice", &pem);
	s = person("alice", "wonderland", reed_buf_slice(&pem));
	ask_nickserv(s, "CERT", "CERT ADD, DEL or LIST*");
	ask_nickserv(s, "CERT LIST", "Your account has no certificate");
	ask_nickserv(s, "CERT DEL", "Your account has no such certificate");
	ask_nickserv(s, "CERT ADD", "That certificate logs you in from now on*");
	ask_nickserv(s, "CERT ADD", "That certificate opens an account already");
	ask_nickserv(s, "CERT LIST",
	             "????????????????????????????????????????????????????????????????");
	t = dial_tls(reed_buf_slice(&pem));
	say_external(t, ":reed 900 * alice :*");
	reed_close(t);
	ask_nickserv(s, "CERT DEL", "That certificate does not log you in any more");
	t = dial_tls(reed_buf_slice(&pem));
	say_external(t, ":reed 904 *");
	reed_close(t);
	reed_buf_finish(&pem);
	close_house(s);
}

static void a_fingerprint_may_be_named(void)
{
	struct stage stage = house();
	struct reed_stream *s, *bob;

	open_house(&stage);
	s = person("alice", "wonderland", REED_STR(""));
	bob = person("bob", "the builder", REED_STR(""));
	ask_nickserv(s, "CERT ADD", "You have come without a certificate*");
	ask_nickserv(s, "CERT ADD beef", "A fingerprint is the SHA-256*");
	ask_nickserv(s, "CERT ADD 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg",
	             "A fingerprint is the SHA-256*");
	ask_nickserv(s,
	             "CERT ADD 01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:"
	             "CD:EF:01:23:45:67:89:AB:CD:EF",
	             "That certificate logs you in*");
	ask_nickserv(s, "CERT LIST",
	             "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	ask_nickserv(bob,
	             "CERT ADD 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	             "That certificate opens an account already");
	reed_close(bob);
	close_house(s);
}

static void an_account_has_so_many_certificates_and_no_more(void)
{
	struct stage stage = house();
	struct reed_stream *s;
	char words[100];

	open_house(&stage);
	s = person("alice", "wonderland", REED_STR(""));
	for (int i = 0; i <= REED_FINGERPRINTS; i++) {
		snprintf(words, sizeof(words), "CERT ADD %064x", i + 1);
		ask_nickserv(s, words,
		             i < REED_FINGERPRINTS ? "That certificate logs you in*"
		                                   : "An account has at most 8 certificates");
	}
	close_house(s);
}

/* ---- the end ---- */

/* "DROP word", as the server wants it. */
static void ask_for_word(struct reed_stream *s, char into[100])
{
	struct reed_slice line, word = { 0 };

	say(s, "PRIVMSG NickServ :DROP");
	do
		line = next_line(s);
	while (!matches("*NOTICE * say DROP *", line));
	while (line.n > 0)
		word = reed_slice_cut(&line, ' ');
	snprintf(into, 100, "PRIVMSG NickServ :DROP " REED_FMT, REED_ARG(word));
}

static void an_account_goes_with_all_that_was_its_own(void)
{
	struct stage stage = house();
	struct reed_stream *s, *t, *bob;
	struct reed_room *room;
	char words[100];

	open_house(&stage);
	s = person("alice", "wonderland", REED_STR(""));
	bob = person("bob", "the builder", REED_STR(""));
	ask(s, "JOIN #home", "* 366 *");
	ask(bob, "JOIN #home", "* 366 *");
	ask(s, "PRIVMSG ChanServ :REGISTER #home", "*founder*");
	room = reed_room_find(hub, REED_STR("#home"));
	check(room && room->founder);
	ask_nickserv(s, "DROP please", "This removes the account alice for good*");
	ask_for_word(s, words);
	/* the word is good for this login only */
	ask(bob, words, "*This removes the account bob*");
	ask(s, words, ":reed 901 alice alice!u@* :*");
	check(!room->founder);
	check(!reed_account_find(hub, REED_STR("alice")));
	check(!reed_user_find(hub, REED_STR("alice"))->account);
	/* a guest, who is here still, and may begin anew */
	ask(s, "PRIVMSG #home :still here\r\nPING x", "*PONG*");
	check_int(hear(bob, ":alice!*PRIVMSG #home :still here"), REED_OK);
	t = dial_tls(REED_STR(""));
	ask(t, "PASS alice:wonderland", "* 464 *");
	reed_close(t);
	ask_nickserv(s, "REGISTER a-new-beginning", "Your account alice is made*");
	check(!room->founder && !reed_account_find(hub, REED_STR("alice"))->founded);
	reed_close(bob);
	close_house(s);
}

static void where_an_account_is_required_its_end_is_that_of_its_sessions(void)
{
	struct stage stage = house();
	struct reed_stream *s;

	stage.irc.account_required = true;
	open_house(&stage);
	s = person("alice", "wonderland", REED_STR(""));
	check_int(reed_sim_run_until(sim, reed_portal_remove(portal, REED_STR("alice")), NULL),
	          REED_OK);
	check_int(hear(s, "ERROR *Your session was revoked*"), REED_OK);
	close_house(s);
}

static void who_goes_while_it_is_done_has_it_done_all_the_same(void)
{
	struct stage stage = house();
	struct reed_stream *s;
	char words[100];

	open_house(&stage);
	s = person("alice", "wonderland", REED_STR(""));
	ask_for_word(s, words);
	say(s, words);
	say(s, "QUIT");
	check_int(reed_sim_run_for(sim, REED_S(2)), REED_OK);
	check(!reed_account_find(hub, REED_STR("alice")));
	reed_close(s);
	s = dial_tls(REED_STR(""));
	ask(s, "PASS alice:wonderland", "* 464 *");
	close_house(s);
}

/* As if the process had died between the two halves of a removal: the hub still has it. */
static void a_new_account_inherits_nothing_from_one_of_its_name(void)
{
	enum reed_refusal refusal = REED_REFUSAL_NONE;
	struct reed_account *stale = NULL;
	struct stage stage = house();
	struct reed_stream *s;
	struct reed_id id;

	open_house(&stage);
	check_int(reed_sim_run_until(sim,
	                             reed_account_register(hub, NULL, REED_STR("carol"), &refusal,
	                                                   &stale),
	                             NULL),
	          REED_OK);
	check_int(refusal, REED_REFUSAL_NONE);
	id = stale->id;
	s = person("carola", NULL, REED_STR(""));
	ask(s, "REGISTER carol * a-long-password", "*REGISTER SUCCESS carol *");
	check(strcmp(reed_account_find(hub, REED_STR("carol"))->id.s, id.s) != 0);
	close_house(s);
}

int main(void)
{
	RUN(help_offers_what_would_be_done);
	RUN(help_in_clear_offers_no_passwords);
	RUN(who_is_not_logged_in_has_nothing_to_change);
	RUN(a_password_is_changed_and_the_old_one_is_no_good);
	RUN(a_certificate_is_added_listed_and_taken_away);
	RUN(a_fingerprint_may_be_named);
	RUN(an_account_has_so_many_certificates_and_no_more);
	RUN(an_account_goes_with_all_that_was_its_own);
	RUN(where_an_account_is_required_its_end_is_that_of_its_sessions);
	RUN(who_goes_while_it_is_done_has_it_done_all_the_same);
	RUN(a_new_account_inherits_nothing_from_one_of_its_name);
	return 0;
}
