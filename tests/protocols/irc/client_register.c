/* How a client registers: capabilities and nicks. */

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

/* ---- capabilities ---- */

static void a_client_registers(void)
{
	begin(NULL);
	check_int(state(), REED_IRC_OFFLINE);
	play(HELLO);
	check_int(state(), REED_IRC_REGISTERING);
	play("< :irc CAP * LS :multi-prefix server-time unheard.of/thing\n"
	     "> CAP REQ :multi-prefix server-time\n"
	     "< :irc CAP joe ACK :multi-prefix server-time\n"
	     "> CAP END\n" LET_IN);
	check_int(state(), REED_IRC_ONLINE);
	check_str(event(), "CONNECTED tcp:irc.example:6667");
	check(event_comes("READY joe Test"));
	check(reed_irc_client_has(client, "multi-prefix"));
	check(!reed_irc_client_has(client, "unheard.of/thing"));
	check_str(reed_irc_client_offers(client, "unheard.of/thing"), "");
	check(!reed_irc_client_offers(client, "sasl"));
	check_str(reed_irc_client_isupport(client)->network, "Test");
	finish();
}

static void a_server_from_before_capabilities_lets_us_in_too(void)
{
	begin(NULL);
	play(HELLO "< :irc 421 joe CAP :Unknown command\n" LET_IN);
	check_int(state(), REED_IRC_ONLINE);
	finish();
	begin(NULL);
	play(HELLO "< :irc 451 * :You have not registered\n" LET_IN);
	check_int(state(), REED_IRC_ONLINE);
	finish();
	begin(NULL);
	play(HELLO LET_IN); /* it has not even noticed */
	check_int(state(), REED_IRC_ONLINE);
	finish();
}

static void a_list_of_capabilities_may_have_several_lines(void)
{
	begin(NULL);
	play(HELLO "< :irc CAP * LS * :multi-prefix setname\n"
	           "< PING :12345\n> PONG 12345\n");
	play("< :irc CAP * LS :chghost draft/multiline=max-bytes=4096,max-lines=20\n"
	     "> CAP REQ :multi-prefix setname chghost\n"
	     "< :irc CAP * ACK :multi-prefix setname chghost\n"
	     "> CAP END\n" LET_IN);
	check_str(reed_irc_client_offers(client, "draft/multiline"), "max-bytes=4096,max-lines=20");
	finish();
}

static void a_server_that_offers_nothing_still_waits_for_the_end(void)
{
	begin(NULL);
	play(HELLO "< :irc CAP * LS :\n> CAP END\n" LET_IN);
	check_int(state(), REED_IRC_ONLINE);
	finish();
}

static void what_is_refused_together_may_be_had_alone(void)
{
	begin(NULL);
	play(HELLO "< :irc CAP * LS :setname chghost\n"
	           "> CAP REQ :setname chghost\n"
	           "< :irc CAP * NAK :setname chghost\n"
	           "> CAP REQ setname\n"
	           "> CAP REQ chghost\n"
	           "< :irc CAP * NAK :setname\n"
	           "< :irc CAP * ACK :chghost \n"
	           "> CAP END\n" LET_IN);
	check(!reed_irc_client_has(client, "setname") && reed_irc_client_has(client, "chghost"));
	finish();
}

static void capabilities_that_are_not_wanted_are_not_asked_for(void)
{
	struct reed_irc_client_options o = peer_options();

	o.capabilities = "example.org/mine other";
	o.not_capabilities = "echo-message batch";
	begin(&o);
	play(HELLO
	     "< :irc CAP * LS :batch echo-message labeled-response setname other example.org/mine\n"
	     "> CAP REQ :setname other example.org/mine\n"
	     "< :irc CAP * ACK :setname other example.org/mine\n"
	     "> CAP END\n" LET_IN);
	check(reed_irc_client_has(client, "example.org/mine"));
	finish();
}

static void capabilities_come_and_go(void)
{
	begin_online(NULL, "cap-notify setname", NULL);
	play("< :irc CAP joe NEW :away-notify nonsense\n"
	     "> CAP REQ away-notify\n"
	     "< :irc CAP joe ACK :away-notify\n");
	check(reed_irc_client_has(client, "away-notify"));
	check(event_comes("CAPABILITIES irc away-notify nonsense"));
	play("< :irc CAP joe DEL :setname\n");
	check(!reed_irc_client_has(client, "setname"));
	check(event_comes("CAPABILITIES irc setname"));
	check_int(state(), REED_IRC_ONLINE);
	finish();
}

static void more_capabilities_than_anybody_has_are_not_remembered(void)
{
	char text[512];

	begin(NULL);
	play(HELLO);
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "< :irc CAP * LS * :a%d b%d c%d d%d e%d f%d g%d h%d\n",
		         i, i, i, i, i, i, i, i);
		play(text);
	}
	play("< :irc CAP * LS :setname\n> CAP END\n" LET_IN);
	check_int(client->cap_count, IRC_CAPS_MOST);
	finish();
}

/* ---- nicks ---- */

static void a_nick_that_is_taken_is_not_the_only_one(void)
{
	const char *alternates[] = { "jim", NULL };
	struct reed_irc_client_options o = peer_options();

	o.alternates = alternates;
	begin(&o);
	play(HELLO "< :irc CAP * LS :\n> CAP END\n"
	           "< :irc 433 * joe :Nickname is already in use\n"
	           "> NICK jim\n"
	           "< :irc 433 * jim :Nickname is already in use\n"
	           "> NICK joe_\n"
	           "< :irc 432 * joe_ :Erroneous nickname\n"
	           "> NICK joe__\n"
	           "< :irc 437 * joe__ :Nick/channel is temporarily unavailable\n"
	           "> NICK joe___\n"
	           "< :irc 001 joe___ :Welcome\n"
	           "< :irc 376 joe___ :End\n");
	check_slice(reed_irc_client_nick(client), "joe___");
	check_int(state(), REED_IRC_ONLINE);
	finish();
}

static void a_client_gives_up_when_no_nick_will_do(void)
{
	struct reed_irc_client_options o = peer_options();
	int n = 0;

	o.no_reconnect = true;
	begin(&o);
	play(HELLO "< :irc CAP * LS :\n> CAP END\n");
	while (!running.told && n++ < 100) {
		play("< :irc 433 * joe :Nickname is already in use\n");
		hear(10);
	}
	check_int(running.err, REED_EEXIST);
	check_str(running.why, "tcp:irc.example:6667: Nickname is already in use (433)");
	finish();
}

static void the_nick_we_want_is_taken_back_when_it_is_free(void)
{
	begin(NULL);
	play(HELLO "< :irc CAP * LS :\n> CAP END\n"
	           "< :irc 433 * joe :Nickname is already in use\n"
	           "> NICK joe_\n"
	           "< :irc 001 joe_ :Welcome\n"
	           "< :irc 376 joe_ :End\n"
	           "< :joe!j@h QUIT :Ping timeout\n"
	           "> NICK joe\n"
	           "< :joe_!~joe@host NICK joe\n");
	check_slice(reed_irc_client_nick(client), "joe");
	finish();
}

static void or_asked_for_from_time_to_time(void)
{
	begin(NULL);
	play(HELLO "< :irc CAP * LS :\n> CAP END\n"
	           "< :irc 433 * joe :Nickname is already in use\n"
	           "> NICK joe_\n"
	           "< :irc 001 joe_ :Welcome\n"
	           "< :irc 376 joe_ :End\n");
	check(is_silent(59000));
	check_str(hear(2000), "NICK joe");
	play("< :irc 433 joe_ joe :Nickname is already in use\n");
	check_slice(reed_irc_client_nick(client), "joe_");
	check(is_silent(50000));
	finish();
}

/* Who changed it himself has done so for good; what was refused is not wanted. */
static void a_nick_that_was_asked_for_is_not_changed_back(void)
{
	struct reed_irc_refusal refusal;

	begin(NULL);
	play(HELLO "< :irc CAP * LS :\n> CAP END\n" LET_IN);
	reed_background(reed_irc_set_nick(client, REED_STR("jack"), NULL), NULL, NULL);
	play("> NICK jack\n< :joe!~joe@host.example NICK jack\n");
	reed_background(reed_irc_set_nick(client, REED_STR("ann"), &refusal), NULL, NULL);
	play("> NICK ann\n< :irc 433 jack ann :Nickname is already in use\n");
	check(is_silent(100000));
	play("< :jack!~joe@host.example NICK Guest7\n");
	check_str(hear(61000), "NICK jack");
	finish();
}

static void the_server_may_call_us_something_else(void)
{
	begin(NULL);
	play(HELLO "< :irc 001 joeverylon :Welcome\n< :irc 422 joeverylon :no MOTD\n");
	check_slice(reed_irc_client_nick(client), "joeverylon");
	finish();
}

/* ---- refusals ---- */

static void a_wrong_password_of_the_server_is_final(void)
{
	struct reed_irc_client_options o = peer_options();

	o.password = "sesame";
	begin(&o);
	play("> CAP LS 302\n> PASS sesame\n> NICK joe\n> USER joe 0 * joe\n"
	     "< :irc 464 joe :Password incorrect\n"
	     "< ERROR :Closing link\n");
	check_int(running.err, REED_EAUTH);
	check_str(running.why, "tcp:irc.example:6667: Password incorrect (464)");
	check_int(dialled, 1);
	finish();
}

static void a_ban_is_final_too(void)
{
	begin(NULL);
	play(HELLO "< :irc 465 joe :You are banned from this server.\n");
	check_int(running.err, REED_EPERM);
	finish();
}

static void a_server_that_never_answers_is_left(void)
{
	begin(NULL);
	play(HELLO);
	check(is_silent(59000));
	check_int(state(), REED_IRC_REGISTERING);
	hear(2000);
	check(event_comes("DISCONNECTED tcp:irc.example:6667: the server does not let us in: "
	                  "timed out after 60000 ms"));
	finish();
}

static void a_server_that_forgets_the_motd_is_forgiven(void)
{
	begin(NULL);
	play(HELLO "< :irc CAP * LS :\n> CAP END\n< :irc 001 joe :Welcome\n");
	check_int(state(), REED_IRC_REGISTERING);
	check(is_silent(11000));
	check_int(state(), REED_IRC_ONLINE);
	finish();
}

int main(void)
{
	lab_open();
	RUN(a_client_registers);
	RUN(a_server_from_before_capabilities_lets_us_in_too);
	RUN(a_list_of_capabilities_may_have_several_lines);
	RUN(a_server_that_offers_nothing_still_waits_for_the_end);
	RUN(what_is_refused_together_may_be_had_alone);
	RUN(capabilities_that_are_not_wanted_are_not_asked_for);
	RUN(capabilities_come_and_go);
	RUN(more_capabilities_than_anybody_has_are_not_remembered);
	RUN(a_nick_that_is_taken_is_not_the_only_one);
	RUN(a_client_gives_up_when_no_nick_will_do);
	RUN(the_nick_we_want_is_taken_back_when_it_is_free);
	RUN(or_asked_for_from_time_to_time);
	RUN(a_nick_that_was_asked_for_is_not_changed_back);
	RUN(the_server_may_call_us_something_else);
	RUN(a_wrong_password_of_the_server_is_final);
	RUN(a_ban_is_final_too);
	RUN(a_server_that_never_answers_is_left);
	RUN(a_server_that_forgets_the_motd_is_forgiven);
	lab_close();
	return 0;
}
