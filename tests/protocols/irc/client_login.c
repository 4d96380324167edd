/* How a client logs in with SASL, and heeds strict transport security. */

#include "tests/protocols/irc/client_peer.h"

#define HELLO "> CAP LS 302\n> NICK joe\n> USER joe 0 * joe\n"
#define LET_IN                                                        \
	"< :irc 001 joe :Welcome to Test, joe!~joe@host.example\n"    \
	"< :irc 005 joe NETWORK=Test :are supported by this server\n" \
	"< :irc 376 joe :End of /MOTD command.\n"

static intptr_t state(void)
{
	return reed_irc_client_state(client)->value;
}

/* ---- logging in ---- */

static struct reed_irc_client_options with_login(void)
{
	struct reed_irc_client_options o = peer_options();

	o.sasl_user = "joe";
	o.sasl_password = "sesame";
	return o;
}

static void plain_logs_in(void)
{
	struct reed_irc_client_options o = with_login();

	begin(&o);
	play(HELLO "< :irc CAP * LS :sasl=PLAIN,EXTERNAL setname\n"
	           "> CAP REQ :sasl setname\n"
	           "< :irc CAP * ACK :sasl setname\n"
	           "> AUTHENTICATE PLAIN\n"
	           "< AUTHENTICATE +\n"
	           "> AUTHENTICATE AGpvZQBzZXNhbWU=\n"
	           "< :irc 900 joe joe!joe@host joe :You are now logged in as joe\n"
	           "< :irc 903 joe :SASL authentication successful\n"
	           "> CAP END\n" LET_IN);
	check_slice(reed_irc_client_account(client), "joe");
	check(event_comes("LOGGED_IN irc joe!joe@host You are now logged in as joe"));
	finish();
}

static void a_certificate_logs_in(void)
{
	struct reed_irc_client_options o = peer_options();

	o.sasl_certificate = true;
	begin(&o);
	play(HELLO "< :irc CAP * LS :sasl=PLAIN,EXTERNAL\n"
	           "> CAP REQ sasl\n"
	           "< :irc CAP * ACK :sasl\n"
	           "> AUTHENTICATE EXTERNAL\n"
	           "< AUTHENTICATE +\n"
	           "> AUTHENTICATE +\n"
	           "< :irc 903 joe :SASL authentication successful\n"
	           "> CAP END\n" LET_IN);
	finish();
}

static void a_wrong_password_is_final(void)
{
	struct reed_irc_client_options o = with_login();

	begin(&o);
	play(HELLO "< :irc CAP * LS :sasl=PLAIN\n"
	           "> CAP REQ sasl\n"
	           "< :irc CAP * ACK :sasl\n"
	           "> AUTHENTICATE PLAIN\n"
	           "< AUTHENTICATE +\n"
	           "> AUTHENTICATE AGpvZQBzZXNhbWU=\n"
	           "< :irc 904 joe :SASL authentication failed\n");
	check_int(running.err, REED_EAUTH);
	check_str(running.why, "tcp:irc.example:6667: SASL: SASL authentication failed (904)");
	check_int(dialled, 1);
	finish();
}

static void half_an_account_is_told_before_anybody_is_called(void)
{
	struct reed_irc_client_options options = with_login();

	options.sasl_password = NULL;
	begin(&options);
	settle_down();
	check_int(running.err, REED_EINVAL);
	check_str(running.why, "tcp:irc.example:6667: sasl_user is given, but neither "
	                       "sasl_password nor sasl_certificate");
	finish();
	options = with_login();
	options.sasl_user = NULL;
	begin(&options);
	settle_down();
	check_int(running.err, REED_EINVAL);
	check_str(running.why, "tcp:irc.example:6667: sasl_password is given, but no sasl_user");
	check_int(dialled, 0);
	finish();
}

static void unless_one_can_do_without(void)
{
	struct reed_irc_client_options o = with_login();

	o.sasl_optional = true;
	begin(&o);
	play(HELLO "< :irc CAP * LS :sasl=PLAIN\n"
	           "> CAP REQ sasl\n"
	           "< :irc CAP * ACK :sasl\n"
	           "> AUTHENTICATE PLAIN\n"
	           "< AUTHENTICATE +\n"
	           "> AUTHENTICATE AGpvZQBzZXNhbWU=\n"
	           "< :irc 904 joe :SASL authentication failed\n"
	           "> CAP END\n" LET_IN);
	check_slice(reed_irc_client_account(client), "");
	check_int(state(), REED_IRC_ONLINE);
	finish();
}

static void a_server_without_sasl_is_tried_again(void)
{
	struct reed_irc_client_options o = with_login();

	begin(&o);
	play(HELLO "< :irc CAP * LS :setname\n> CAP REQ setname\n< :irc CAP * ACK :setname\n");
	check(event_comes(
		"DISCONNECTED tcp:irc.example:6667: the server has no SASL at the moment"));
	check(!running.told);
	finish();
}

static void the_mechanism_may_be_one_the_server_tells_only_when_asked(void)
{
	struct reed_irc_client_options o = with_login();

	begin(&o);
	play(HELLO "< :irc CAP * LS :sasl\n"
	           "> CAP REQ sasl\n"
	           "< :irc CAP * ACK :sasl\n"
	           "> AUTHENTICATE SCRAM-SHA-256\n"
	           "< :irc 908 joe PLAIN,EXTERNAL :are available SASL mechanisms\n"
	           "< :irc 904 joe :SASL authentication failed\n"
	           "> AUTHENTICATE PLAIN\n"
	           "< AUTHENTICATE +\n"
	           "> AUTHENTICATE AGpvZQBzZXNhbWU=\n"
	           "< :irc 903 joe :SASL authentication successful\n"
	           "> CAP END\n" LET_IN);
	finish();
}

static void no_password_is_shown_to_whoever_is_in_between(void)
{
	struct reed_irc_client_options o = with_login();

	o.sasl_mechanism = "SCRAM-SHA-256";
	begin(&o);
	play(HELLO "< :irc CAP * LS :sasl=PLAIN\n> CAP REQ sasl\n< :irc CAP * ACK :sasl\n");
	check_int(running.err, REED_EAUTH);
	check_str(running.why, "tcp:irc.example:6667: SASL: the server offers no mechanism that "
	                       "would do");
	finish();
}

static void long_messages_of_sasl_go_in_pieces(void)
{
	struct reed_irc_client_options o = with_login();
	char password[301];
	const char *line;
	size_t n = 0;

	/* NUL joe NUL password: 300 bytes are 400 of base64, and then an empty piece */
	memset(password, 'x', sizeof(password));
	password[295] = '\0';
	o.sasl_password = password;
	begin(&o);
	play(HELLO "< :irc CAP * LS :sasl=PLAIN\n"
	           "> CAP REQ sasl\n"
	           "< :irc CAP * ACK :sasl\n"
	           "> AUTHENTICATE PLAIN\n"
	           "< AUTHENTICATE +\n");
	line = hear(100);
	check(line && strncmp(line, "AUTHENTICATE ", 13) == 0);
	n = strlen(line) - 13;
	check_int(n, 400);
	play("> AUTHENTICATE +\n< :irc 903 joe :ok\n> CAP END\n" LET_IN);
	finish();
}

static void nonsense_from_the_server_ends_the_exchange(void)
{
	struct reed_irc_client_options o = with_login();

	begin(&o);
	play(HELLO "< :irc CAP * LS :sasl=SCRAM-SHA-256\n"
	           "> CAP REQ sasl\n"
	           "< :irc CAP * ACK :sasl\n"
	           "> AUTHENTICATE SCRAM-SHA-256\n"
	           "< AUTHENTICATE !?\n"
	           "> AUTHENTICATE *\n");
	check(event_comes("DISCONNECTED tcp:irc.example:6667: SASL: the server's message is not "
	                  "base64, or too long"));
	finish();
}

static void scram_does_not_believe_whoever_says_success(void)
{
	struct reed_irc_client_options o = with_login();
	const char *line;

	begin(&o);
	play(HELLO "< :irc CAP * LS :sasl=SCRAM-SHA-256\n"
	           "> CAP REQ sasl\n"
	           "< :irc CAP * ACK :sasl\n"
	           "> AUTHENTICATE SCRAM-SHA-256\n"
	           "< AUTHENTICATE +\n");
	line = hear(100);
	check(line && strncmp(line, "AUTHENTICATE biws", 17) == 0);
	play("< :irc 903 joe :SASL authentication successful\n");
	check_int(running.err, REED_EAUTH);
	check(strstr(running.why, "has not shown that it knows the password"));
	finish();
}

static void sasl_that_comes_back_is_used(void)
{
	struct reed_irc_client_options o = with_login();

	o.sasl_optional = true;
	begin_online(&o, "cap-notify setname", NULL);
	play("< :irc CAP joe NEW :sasl=PLAIN\n"
	     "> CAP REQ sasl\n"
	     "< :irc CAP joe ACK :sasl\n"
	     "> AUTHENTICATE PLAIN\n"
	     "< AUTHENTICATE +\n"
	     "> AUTHENTICATE AGpvZQBzZXNhbWU=\n"
	     "< :irc 904 joe :SASL authentication failed\n");
	check_int(state(), REED_IRC_ONLINE);
	finish();
}

/* ---- strict transport security ---- */

static void a_server_that_wants_tls_gets_it_at_once(void)
{
	begin(NULL);
	play(HELLO "< :irc CAP * LS :sts=port=6697,duration=1000 setname\n");
	check_int(dialled, 2);
	check_str(dialled_to, "tls:irc.example:6697");
	play(HELLO "< :irc CAP * LS :sts=duration=1000 setname\n"
	           "> CAP REQ setname\n< :irc CAP * ACK :setname\n> CAP END\n" LET_IN);
	check_int(state(), REED_IRC_ONLINE);
	/* from now on no connection in clear is even tried */
	peer_closes();
	hear(3000);
	check_int(dialled, 3);
	check_str(dialled_to, "tls:irc.example:6697");
	finish();
}

static void a_promise_holds_from_the_end_of_the_connection_and_then_is_over(void)
{
	struct reed_irc_client_options o = peer_options();
	struct reed_irc_sts_policy policy;
	int64_t end;

	o.sts = reed_irc_sts_memory();
	o.ping_ms = 1000000;
	begin(&o);
	play(HELLO "< :irc CAP * LS :sts=port=6697\n");
	play(HELLO "< :irc CAP * LS :sts=unknown,duration=600,port=1,x=y\n> CAP END\n" LET_IN);
	check(o.sts->ops->find(o.sts, S("IRC.example"), &policy));
	check_int(policy.port, 6697);
	hear(500000);
	end = reed_wall(loop) / 1000000000;
	peer_closes();
	check(o.sts->ops->find(o.sts, S("irc.example"), &policy));
	check_int(policy.until, end + 600);
	dial_fails = 1000;
	hear(590000);
	check_str(dialled_to, "tls:irc.example:6697");
	hear(400000);
	check_str(dialled_to, "tcp:irc.example:6667");
	finish();
	reed_irc_sts_free(o.sts);
}

static void a_policy_of_no_time_is_forgotten(void)
{
	struct reed_irc_client_options o = peer_options();
	struct reed_irc_sts_policy policy = { .port = 7000, .duration = 1000, .until = INT64_MAX };

	o.sts = reed_irc_sts_memory();
	o.sts->ops->put(o.sts, S("irc.example"), &policy);
	begin(&o);
	play(HELLO);
	check_str(dialled_to, "tls:irc.example:7000");
	play("< :irc CAP * LS :sts=duration=0\n> CAP END\n" LET_IN);
	check(!o.sts->ops->find(o.sts, S("irc.example"), &policy));
	finish();
	reed_irc_sts_free(o.sts);
}

static void promises_in_clear_and_policies_without_a_port_mean_nothing(void)
{
	struct reed_irc_client_options o = peer_options();
	struct reed_irc_sts_policy policy;

	o.sts = reed_irc_sts_memory();
	begin(&o);
	play(HELLO "< :irc CAP * LS :sts=duration=15552000,port=nine\n> CAP END\n" LET_IN);
	check_int(state(), REED_IRC_ONLINE);
	check(!o.sts->ops->find(o.sts, S("irc.example"), &policy));
	finish();
	reed_irc_sts_free(o.sts);
}

static void the_store_forgets_the_oldest_of_too_many(void)
{
	struct reed_irc_sts_store *store = reed_irc_sts_memory();
	struct reed_irc_sts_policy policy = { .port = 1, .duration = 1, .until = 1 };
	char host[16];

	for (int i = 0; i < 1001; i++) {
		snprintf(host, sizeof(host), "h%d", i);
		store->ops->put(store, S(host), &policy);
	}
	check(!store->ops->find(store, S("h0"), &policy));
	check(store->ops->find(store, S("h1"), &policy) &&
	      store->ops->find(store, S("h1000"), &policy));
	reed_irc_sts_free(store);
}

int main(void)
{
	lab_open();
	RUN(plain_logs_in);
	RUN(a_certificate_logs_in);
	RUN(a_wrong_password_is_final);
	RUN(half_an_account_is_told_before_anybody_is_called);
	RUN(unless_one_can_do_without);
	RUN(a_server_without_sasl_is_tried_again);
	RUN(the_mechanism_may_be_one_the_server_tells_only_when_asked);
	RUN(no_password_is_shown_to_whoever_is_in_between);
	RUN(long_messages_of_sasl_go_in_pieces);
	RUN(nonsense_from_the_server_ends_the_exchange);
	RUN(scram_does_not_believe_whoever_says_success);
	RUN(sasl_that_comes_back_is_used);
	RUN(a_server_that_wants_tls_gets_it_at_once);
	RUN(a_promise_holds_from_the_end_of_the_connection_and_then_is_over);
	RUN(a_policy_of_no_time_is_forgotten);
	RUN(promises_in_clear_and_policies_without_a_port_mean_nothing);
	RUN(the_store_forgets_the_oldest_of_too_many);
	lab_close();
	return 0;
}
