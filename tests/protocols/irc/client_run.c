/* How connections begin, end and come back. */

#include "tests/protocols/irc/client_peer.h"

static int64_t next_dial(int64_t most_ms)
{
	int64_t start = reed_now(loop);
	int before = dialled;

	while (dialled == before && reed_now(loop) - start < REED_MS(most_ms))
		pass(1);
	check(dialled > before);
	return (reed_now(loop) - start) / REED_MS(1);
}

/* ---- coming back ---- */

static void a_lost_connection_comes_back_with_all_its_channels(void)
{
	struct reed_irc_client_options options = peer_options();
	struct owner o;

	options.channels = "#one, #two sesame,#three";
	begin_online(&options, NULL, NULL);
	play("> JOIN #two sesame\n> JOIN #one,#three\n< :joe!j@h JOIN #one\n");
	own(&o, reed_irc_join(client, S("#four"), S("key"), NULL));
	play("> JOIN #four key\n< :joe!j@h JOIN #four\n< :irc 366 joe #four :End\n");
	own(&o, reed_irc_part(client, S("#three"), S(""), NULL));
	play("> PART #three\n< :joe!j@h PART #three\n");
	peer_closes();
	check(event_comes("DISCONNECTED tcp:irc.example:6667: the connection ended: "
	                  "connection reset by peer"));
	check_int(events.event->err, REED_ERESET);
	check(!reed_irc_channel_next(client, NULL));
	check_int(reed_irc_client_state(client)->value, REED_IRC_OFFLINE);
	check(next_dial(3000) >= 1000);
	welcome(NULL, NULL);
	play("> JOIN #two sesame\n> JOIN #four key\n> JOIN #one\n");
	check_int(dialled, 2);
	finish();
}

static void the_last_words_of_a_server_are_told(void)
{
	begin_online(NULL, NULL, NULL);
	play("< ERROR :Closing Link: joe (Server going down)\n");
	peer_closes();
	check(event_comes("DISCONNECTED tcp:irc.example:6667: the server said: Closing Link: joe "
	                  "(Server going down): connection reset by peer"));
	finish();
}

static void a_server_without_a_word_may_want_tls(void)
{
	begin(NULL);
	play("> CAP LS 302\n> NICK joe\n> USER joe 0 * joe\n");
	peer_closes();
	check(event_comes("DISCONNECTED tcp:irc.example:6667: the server hung up without a word; "
	                  "it may want TLS: connection reset by peer"));
	finish();
}

static void pauses_grow_up_to_a_limit(void)
{
	struct reed_irc_client_options options = peer_options();
	int64_t most = 2000;

	options.reconnect_most_ms = 30000;
	begin(&options);
	dial_fails = 12;
	settle_down();
	check(event_comes("DISCONNECTED tcp:irc.example:6667: nobody is at home"));
	for (int i = 0; i < 10; i++) {
		int64_t took = next_dial(40000);

		check(took >= most / 2 && took <= most + 2);
		most = most * 2 < 30000 ? most * 2 : 30000;
	}
	finish();
}

static void a_connection_that_lasted_begins_anew(void)
{
	begin(NULL);
	dial_fails = 5;
	for (int i = 0; i < 6; i++)
		next_dial(100000);
	welcome(NULL, NULL);
	hear(61000);
	peer_closes();
	check(next_dial(100000) <= 2001);
	finish();
}

static void one_that_did_not_last_counts_as_failed(void)
{
	int64_t took = 0;

	begin(NULL);
	for (int i = 0; i < 6; i++) {
		welcome(NULL, NULL);
		peer_closes();
		took = next_dial(100000);
	}
	check(took >= 32000);
	finish();
}

static void endpoints_take_turns(void)
{
	const char *more[] = { "tcp:two.example:6667", "tcp:three.example:6667", NULL };
	struct reed_irc_client_options options = peer_options();

	options.endpoints = more;
	begin(&options);
	dial_fails = 4;
	settle_down();
	check_str(dialled_to, "tcp:irc.example:6667");
	check(next_dial(2001) > 0);
	check_str(dialled_to, "tcp:two.example:6667");
	next_dial(2001);
	check_str(dialled_to, "tcp:three.example:6667");
	next_dial(2001);
	check_str(dialled_to, "tcp:irc.example:6667");
	check(next_dial(4001) >= 2000);
	check_str(dialled_to, "tcp:two.example:6667");
	welcome(NULL, NULL);
	hear(100000);
	peer_closes();
	next_dial(2001);
	check_str(dialled_to, "tcp:two.example:6667");
	finish();
}

static void a_client_may_give_up(void)
{
	struct reed_irc_client_options options = peer_options();

	options.reconnect_most = 3;
	begin(&options);
	dial_fails = 100;
	hear(100000);
	check_int(dialled, 3);
	check(running.told && running.err == REED_EREFUSED);
	check_str(running.why, "tcp:irc.example:6667: nobody is at home");
	finish();
	options.no_reconnect = true;
	begin_online(&options, NULL, NULL);
	peer_closes();
	check_int(running.err, REED_ERESET);
	finish();
}

static void an_endpoint_that_is_wrong_is_final(void)
{
	struct reed_irc_client_options options = REED_IRC_CLIENT_OPTIONS;

	begin(&options);
	settle_down();
	check_int(running.err, REED_EINVAL);
	check_str(running.why, "none: no endpoint is given");
	finish();
	options.endpoint = "tcp";
	begin(&options);
	settle_down();
	check_int(running.err, REED_ESYNTAX);
	finish();
}

/* ---- silence ---- */

static void a_silent_server_is_asked_and_then_left(void)
{
	begin_online(NULL, NULL, NULL);
	check(is_silent(119000));
	check_str(hear(2000), "PING reed-lag");
	hear(70);
	play("< :irc PONG irc :reed-lag\n");
	check_int(reed_irc_client_lag_ms(client), 70);
	check(is_silent(119000));
	check_str(hear(2000), "PING reed-lag");
	check(is_silent(119000));
	check_int(reed_irc_client_state(client)->value, REED_IRC_ONLINE);
	hear(3000);
	check(event_comes("DISCONNECTED tcp:irc.example:6667: the server has not answered a PING "
	                  "in 120000 ms"));
	finish();
}

static void a_server_that_talks_is_not_asked(void)
{
	begin_online(NULL, NULL, NULL);
	for (int i = 0; i < 10; i++) {
		check(is_silent(100000));
		play("< :irc NOTICE joe :still here\n");
	}
	finish();
}

static void a_dial_that_takes_too_long_is_given_up(void)
{
	begin(NULL);
	dial_hangs = 1;
	pass(30001);
	check(event_comes("DISCONNECTED tcp:irc.example:6667: timed out after 30000 ms"));
	next_dial(2000);
	welcome(NULL, NULL);
	finish();
}

static void a_server_that_only_stops_talking_is_left_too(void)
{
	begin_online(NULL, NULL, NULL);
	peer_shuts_down();
	check(event_comes(
		"DISCONNECTED tcp:irc.example:6667: the connection ended: end of stream"));
	finish();
}

/* ---- lines that are too long, or none ---- */

static void a_line_longer_than_any_is_passed_over(void)
{
	char *bytes = malloc(100000);

	check(bytes != NULL);
	memset(bytes, 'x', 100000);
	begin_online(NULL, NULL, NULL);
	for (int i = 0; i < 5; i++) {
		peer_writes(bytes, 100000);
		settle_down();
	}
	peer_writes("\r\n", 2);
	play("< :ann!a@h PRIVMSG joe :still here\n");
	check(event_comes("MESSAGE ann joe still here"));
	check_int(client->stats.broken_lines, 1);
	/* whole, but longer than a line can be */
	memset(bytes, 'y', 20000);
	bytes[20000] = '\n';
	peer_writes(bytes, 20001);
	play("< :ann!a@h PRIVMSG joe :and here\n");
	check(event_comes("MESSAGE ann joe and here"));
	check_int(client->stats.broken_lines, 2);
	finish();
	free(bytes);
}

static void what_is_no_line_of_irc_is_ignored(void)
{
	static const char noise[] = "\r\n\n: \r\n@a=b\r\nNOTICE\0 joe :x\r\n:only.a.source\r\n"
				    "\xff\xfe\r\n";

	begin_online(NULL, NULL, NULL);
	peer_writes(noise, sizeof(noise) - 1);
	play("< :ann!a@h PRIVMSG joe :fine\n");
	check(event_comes("MESSAGE ann joe fine"));
	finish();
}

static void messages_without_what_should_be_in_them_do_no_harm(void)
{
	static const char *const verbs[] = {
		"ACCOUNT", "AUTHENTICATE", "AWAY",   "BATCH", "CAP",  "CHGHOST",
		"ERROR",   "FAIL",         "INVITE", "JOIN",  "KICK", "MODE",
		"NICK",    "NOTICE",       "PART",   "PING",  "PONG", "PRIVMSG",
		"RENAME",  "SETNAME",      "TAGMSG", "TOPIC", "WARN", "QUIT",
	};
	static const char *const params[] = { "",           " :",        " #reed",     " joe",
		                              " #reed joe", " * * *",    " +",         " -",
		                              " +a b",      " #reed +o", " #reed +ooo" };
	char line[128];

	begin_online(NULL, "batch", NULL);
	play("< :joe!j@h JOIN #reed\n");
	for (size_t i = 0; i < REED_COUNT(verbs); i++) {
		for (size_t j = 0; j < REED_COUNT(params); j++) {
			snprintf(line, sizeof(line), "< :joe!j@h %s%s\n< %s%s\n", verbs[i],
			         params[j], verbs[i], params[j]);
			play(line);
			while (hear(0))
				continue;
		}
	}
	for (int n = 0; n < 1000; n++) {
		snprintf(line, sizeof(line),
		         "< :irc %03d\n< :irc %03d joe\n< :irc %03d joe #reed\n", n, n, n);
		play(line);
	}
	check_int(reed_irc_client_state(client)->value, REED_IRC_ONLINE);
	finish();
}

/* ---- ending ---- */

static void quitting_says_so_and_waits_for_the_end(void)
{
	struct owner quit;

	begin_online(NULL, NULL, NULL);
	own(&quit, reed_irc_quit(client, S("so long")));
	play("> QUIT :so long\n< ERROR :Closing link\n");
	check(!quit.told && !running.told);
	peer_closes();
	check(quit.told && !quit.err && running.told && !running.err);
	check(event_comes("DISCONNECTED") && !events.event->err);
	check_int(dialled, 1);
	finish();
}

static void or_not_for_long(void)
{
	struct owner quit;

	begin_online(NULL, NULL, NULL);
	own(&quit, reed_irc_quit(client, S("")));
	play("> QUIT\n");
	check(is_silent(2900) && !quit.told);
	hear(200);
	check(quit.told && !quit.err && running.told && !running.err);
	check(peer_is_over());
	finish();
}

static void one_may_quit_at_any_time(void)
{
	struct owner quit;

	begin(NULL); /* before it has begun */
	own(&quit, reed_irc_quit(client, S("")));
	settle_down();
	check(quit.told && running.told && !running.err);
	finish();
	begin(NULL); /* in a pause */
	dial_fails = 1;
	settle_down();
	own(&quit, reed_irc_quit(client, S("")));
	settle_down();
	check(quit.told && running.told && !running.err);
	finish();
	begin(NULL); /* while registering */
	play("> CAP LS 302\n> NICK joe\n> USER joe 0 * joe\n");
	own(&quit, reed_irc_quit(client, S("never mind")));
	play("> QUIT :never mind\n");
	hear(4000);
	check(quit.told && running.told && !running.err);
	finish();
}

static void an_interrupt_says_quit_too(void)
{
	begin_online(NULL, NULL, NULL);
	reed_interrupt(running.waiter.future);
	play("> QUIT\n");
	peer_closes();
	check(running.told && running.err == REED_ECANCELED);
	finish();
	begin(NULL);
	dial_fails = 1;
	settle_down();
	reed_interrupt(running.waiter.future);
	settle_down();
	check(running.told && running.err == REED_ECANCELED);
	finish();
}

static void a_drop_ends_it_at_once(void)
{
	begin_online(NULL, NULL, NULL);
	disown(&running);
	check_int(reed_irc_client_state(client)->value, REED_IRC_OFFLINE);
	check(peer_is_over());
	finish();
}

static void a_client_may_run_again_but_not_twice_at_a_time(void)
{
	struct owner quit;

	begin_online(NULL, NULL, NULL);
	check_int(outcome(reed_irc_client_run(client)), REED_EBUSY);
	own(&quit, reed_irc_quit(client, S("")));
	play("> QUIT\n");
	peer_closes();
	check(running.told);
	own(&running, reed_irc_client_run(client));
	welcome(NULL, NULL);
	check_int(reed_irc_client_state(client)->value, REED_IRC_ONLINE);
	finish();
}

static void readiness_may_be_awaited(void)
{
	struct owner ready;

	begin(NULL);
	own(&ready, reed_irc_ready(client));
	play("> CAP LS 302\n> NICK joe\n> USER joe 0 * joe\n");
	check(!ready.told);
	play("< :irc 001 joe :Welcome\n< :irc 422 joe :no MOTD\n");
	check(ready.told && !ready.err);
	check_int(outcome(reed_irc_ready(client)), REED_OK);
	finish();
}

/* ---- at every step ---- */

static void stop(bool interrupt)
{
	if (interrupt && running.waiter.future)
		reed_interrupt(running.waiter.future);
	else
		disown(&running);
}

static int lives_with_calls;

/* All of a short life, with somebody who goes after so many steps. */
static bool goes_after(int steps, bool interrupt)
{
	static const char hello[] =
		":irc CAP * LS :sasl=SCRAM-SHA-256,PLAIN batch\r\n:irc CAP * ACK :sasl batch\r\n";
	static const char welcome_in[] =
		":irc 904 joe :failed\r\n:irc 001 joe :Welcome joe!j@h\r\n:irc 376 joe :End\r\n"
		":joe!j@h JOIN #reed\r\n:irc 353 joe = #reed :joe @ann\r\n:irc 366 joe #reed :End\r\n"
		":irc BATCH +1 draft/multiline #reed\r\n@batch=1 :ann!a@h PRIVMSG #reed :hi\r\n"
		":ann!a@h PRIVMSG joe :\001VERSION\001\r\nPING x\r\n";
	struct reed_irc_client_options options = peer_options();
	struct reed_irc_whois whois;
	struct owner calls[3];
	bool more = true;
	int told = 0;

	options.channels = "#reed,#two key";
	options.sasl_user = "joe";
	options.sasl_password = "sesame";
	options.sasl_optional = true;
	begin(&options);
	own(&calls[0], reed_irc_ready(client));
	calls[1] = calls[2] = (struct owner){ .told = 0 };
	for (int i = 0; i < steps && more; i++) {
		more = step();
		if (dialled == 1 && i == 12)
			peer_writes(hello, sizeof(hello) - 1);
		if (client->sasl.is_running && told++ == 0)
			peer_writes(welcome_in, sizeof(welcome_in) - 1);
		if (reed_irc_client_state(client)->value == REED_IRC_ONLINE &&
		    !calls[1].waiter.wake) {
			own(&calls[1], reed_irc_ask_whois(client, S("ann"), false, &whois, NULL));
			own(&calls[2], reed_irc_say(client, S("#reed"), S("a\nb")));
			lives_with_calls++;
		}
	}
	stop(interrupt);
	hear(10000);
	check(interrupt || !running.waiter.future);
	for (int i = 0; i < 3; i++)
		if (calls[i].waiter.wake)
			disown(&calls[i]);
	finish();
	return more && steps < 150;
}

static void whoever_goes_at_whatever_step_leaves_nothing_behind(void)
{
	for (int interrupt = 0; interrupt < 2; interrupt++)
		for (int steps = 0; goes_after(steps, interrupt);)
			steps++;
	check(lives_with_calls > 50);
}

int main(void)
{
	lab_open();
	RUN(a_lost_connection_comes_back_with_all_its_channels);
	RUN(the_last_words_of_a_server_are_told);
	RUN(a_server_without_a_word_may_want_tls);
	RUN(pauses_grow_up_to_a_limit);
	RUN(a_connection_that_lasted_begins_anew);
	RUN(one_that_did_not_last_counts_as_failed);
	RUN(endpoints_take_turns);
	RUN(a_client_may_give_up);
	RUN(an_endpoint_that_is_wrong_is_final);
	RUN(a_silent_server_is_asked_and_then_left);
	RUN(a_server_that_talks_is_not_asked);
	RUN(a_dial_that_takes_too_long_is_given_up);
	RUN(a_server_that_only_stops_talking_is_left_too);
	RUN(a_line_longer_than_any_is_passed_over);
	RUN(what_is_no_line_of_irc_is_ignored);
	RUN(messages_without_what_should_be_in_them_do_no_harm);
	RUN(quitting_says_so_and_waits_for_the_end);
	RUN(or_not_for_long);
	RUN(one_may_quit_at_any_time);
	RUN(an_interrupt_says_quit_too);
	RUN(a_drop_ends_it_at_once);
	RUN(a_client_may_run_again_but_not_twice_at_a_time);
	RUN(readiness_may_be_awaited);
	RUN(whoever_goes_at_whatever_step_leaves_nothing_behind);
	lab_close();
	return 0;
}
