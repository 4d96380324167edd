/* What a client sends: when, in which order, in how many lines. */

#include "tests/protocols/irc/client_peer.h"

static struct owner o;

static struct reed_irc_client_options paced(unsigned burst, int64_t ms)
{
	struct reed_irc_client_options options = peer_options();

	options.flood_burst = burst;
	options.flood_ms = ms;
	return options;
}

static void send_away(enum reed_irc_priority priority, const char *line)
{
	check_int(reed_irc_client_send(client, priority, S(line)), REED_OK);
}

/* ---- pace ---- */

static void lines_leave_no_faster_than_they_may(void)
{
	struct reed_irc_client_options options = paced(3, 1000);
	char line[32];
	int64_t start;

	begin_online(&options, NULL, NULL);
	start = reed_now(loop);
	for (int i = 0; i < 8; i++) {
		snprintf(line, sizeof(line), "LINE %d", i);
		send_away(REED_IRC_IN_TURN, line);
	}
	for (int i = 0; i < 8; i++) {
		snprintf(line, sizeof(line), "LINE %d", i);
		check_str(hear(10000), line);
		check_int((reed_now(loop) - start) / REED_MS(1000), i < 3 ? 0 : i - 2);
	}
	/* what was saved up is a burst, and no more */
	hear(60000);
	start = reed_now(loop);
	for (int i = 0; i < 4; i++)
		send_away(REED_IRC_SOON, "X");
	for (int i = 0; i < 4; i++)
		check_str(hear(2000), "X");
	check_int((reed_now(loop) - start) / REED_MS(1000), 1);
	finish();
}

static void what_is_more_urgent_goes_first(void)
{
	struct reed_irc_client_options options = paced(1, 1000);

	begin_online(&options, NULL, NULL);
	send_away(REED_IRC_SOON, "FIRST");
	play("> FIRST\n");
	send_away(REED_IRC_AT_LEISURE, "D1");
	send_away(REED_IRC_IN_TURN, "C1");
	send_away(REED_IRC_SOON, "B1");
	send_away(REED_IRC_IN_TURN, "C2");
	send_away(REED_IRC_SOON, "B2");
	send_away(REED_IRC_AT_ONCE, "A1");
	play("> A1\n> B1\n> B2\n> C1\n> C2\n> D1\n");
	finish();
}

static void a_pong_does_not_wait_but_is_paid_for(void)
{
	struct reed_irc_client_options options = paced(2, 1000);
	int64_t start;

	begin_online(&options, NULL, NULL);
	for (int i = 0; i < 10; i++)
		send_away(REED_IRC_IN_TURN, "X");
	hear(10);
	hear(10);
	start = reed_now(loop);
	play("< PING a\n> PONG a\n< PING b\n> PONG b\n< PING c\n> PONG c\n");
	check(reed_now(loop) - start < REED_MS(100));
	check(is_silent(2900));
	check_str(hear(200), "X");
	finish();
}

static void a_debt_does_not_grow_for_ever(void)
{
	struct reed_irc_client_options options = paced(2, 1000);

	begin_online(&options, NULL, NULL);
	for (int i = 0; i < 100; i++)
		play("< PING a\n> PONG a\n");
	send_away(REED_IRC_SOON, "X");
	check_str(hear(4000), "X");
	finish();
}

static void too_much_that_waits_is_refused(void)
{
	struct reed_irc_client_options options = paced(1, 1000);
	struct reed_irc_client_stats stats = { .size = sizeof(stats) };

	options.queue_bytes = 100;
	begin_online(&options, NULL, NULL);
	send_away(REED_IRC_SOON, "X");
	check_str(hear(10), "X");
	for (int i = 0; i < 10; i++)
		send_away(REED_IRC_SOON, "12345678");
	check_int(reed_irc_client_send(client, REED_IRC_SOON, S("12345678")), REED_ETOOBIG);
	check_int(outcome(reed_irc_say(client, S("a"), S("b"))), REED_ETOOBIG);
	reed_irc_client_stats(client, &stats);
	check(stats.waiting_lines == 10 && stats.waiting_bytes == 100);
	hear(1500);
	send_away(REED_IRC_SOON, "12345678");
	finish();
}

static void lines_that_are_none_are_not_sent(void)
{
	char line[600];

	begin_online(NULL, NULL, NULL);
	check_int(reed_irc_client_send(client, REED_IRC_SOON, S("A\r\nB")), REED_EINVAL);
	check_int(reed_irc_client_send(client, REED_IRC_SOON, S("\r\n")), REED_EINVAL);
	check_int(reed_irc_client_send(client, REED_IRC_SOON, reed_slice("A\0B", 3)), REED_EINVAL);
	memset(line, 'x', sizeof(line));
	check_int(reed_irc_client_send(client, REED_IRC_SOON, reed_slice(line, 511)), REED_ETOOBIG);
	send_away(REED_IRC_SOON, "AWAY :with an end\r\n");
	play("> AWAY :with an end\n");
	finish();
	begin(NULL);
	check_int(reed_irc_client_send(client, REED_IRC_SOON, S("A")), REED_ECLOSED);
	finish();
}

/* ---- saying ---- */

static void saying_settles_when_all_is_said(void)
{
	struct reed_irc_client_options options = paced(1, 1000);

	begin_online(&options, NULL, NULL);
	own(&o, reed_irc_say(client, S("#reed"), S("one\ntwo\r\n\nthree")));
	play("> PRIVMSG #reed :one\n");
	check(!o.told);
	play("> PRIVMSG #reed :two\n");
	check(!o.told);
	play("> PRIVMSG #reed :three\n");
	check(o.told == 1 && !o.err);
	finish();
}

static void what_is_dropped_halfway_is_not_said_to_the_end(void)
{
	struct reed_irc_client_options options = paced(1, 1000);

	begin_online(&options, NULL, NULL);
	own(&o, reed_irc_say(client, S("#reed"), S("one\ntwo\nthree")));
	play("> PRIVMSG #reed :one\n");
	disown(&o);
	check(is_silent(10000));
	check(client->out_bytes == 0 && client->out_lines == 0);
	own(&o, reed_irc_say(client, S("#reed"), S("one\ntwo\nthree")));
	play("> PRIVMSG #reed :one\n");
	reed_interrupt(o.waiter.future);
	check(is_silent(10000) && o.err == REED_ECANCELED);
	finish();
}

static void long_texts_are_split_where_they_fit(void)
{
	char text[2000], said[2000] = "";
	const char *line;
	size_t n = 0;

	begin_online(NULL, NULL, NULL);
	for (int i = 0; n < 1500; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%sword%d", i ? " " : "", i);
	check(ends_well(reed_irc_say(client, S("#reed"), S(text))));
	while ((line = hear(100))) {
		check(strncmp(line, "PRIVMSG #reed :", 15) == 0);
		/* ":joe!~joe@host.example PRIVMSG #reed :" and CR LF must fit in front of others */
		check(strlen(line) + strlen(":joe!~joe@host.example ") + 2 <= 512);
		snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s%s", *said ? " " : "",
		         line + 15);
	}
	check_str(said, text);
	finish();
}

static void a_server_may_take_longer_lines(void)
{
	char text[1200];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	begin_online(NULL, NULL, "LINELEN=2048");
	check(ends_well(reed_irc_say(client, S("#reed"), S(text))));
	check_int(strlen(hear(100)), strlen("PRIVMSG #reed :") + 1199);
	check(is_silent(100));
	finish();
}

static void the_ways_to_say_something(void)
{
	begin_online(NULL, NULL, NULL);
	check(ends_well(reed_irc_say_notice(client, S("ann"), S("note this"))));
	check(ends_well(reed_irc_act(client, S("#reed"), S("waves"))));
	check(ends_well(reed_irc_ctcp_ask(client, S("ann"), S("VERSION"), S(""))));
	check(ends_well(reed_irc_ctcp_answer(client, S("ann"), S("FINGER"), S("none of yours"))));
	check(ends_well(reed_irc_sayf(client, S("#reed"), "%d %s", 42, "times")));
	check(ends_well(reed_irc_say(client, S("#reed"), S(""))));
	check(ends_well(reed_irc_say(client, S("#reed"), S(":)"))));
	play("> NOTICE ann :note this\n> PRIVMSG #reed :\001ACTION waves\001\n"
	     "> PRIVMSG ann :\001VERSION\001\n> NOTICE ann :\001FINGER none of yours\001\n"
	     "> PRIVMSG #reed :42 times\n> PRIVMSG #reed ::)\n");
	check_int(outcome(reed_irc_say(client, S("#a b"), S("x"))), REED_EINVAL);
	check_int(outcome(reed_irc_say(client, S(""), S("x"))), REED_EINVAL);
	check_int(outcome(reed_irc_say(client, S("#a"), reed_slice("x\0y", 3))), REED_EINVAL);
	check_int(outcome(reed_irc_act(client, S("#a"), S("x\001y"))), REED_EINVAL);
	check(is_silent(100));
	finish();
}

static void actions_are_split_too(void)
{
	char text[900];
	int n = 0;
	const char *line;

	begin_online(NULL, NULL, NULL);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	check(ends_well(reed_irc_act(client, S("#reed"), S(text))));
	while ((line = hear(100))) {
		check(strncmp(line, "PRIVMSG #reed :\001ACTION x", 24) == 0);
		check(line[strlen(line) - 1] == '\001' && strlen(line) < 500);
		n++;
	}
	check_int(n, 2);
	finish();
}

static void answers_go_where_they_belong_and_say_what_to(void)
{
	begin_online(NULL, "message-tags", NULL);
	play("< @msgid=a;b :ann!a@h PRIVMSG #reed :hi\n");
	check(event_comes("MESSAGE ann #reed hi"));
	check(ends_well(reed_irc_reply(client, events.event, S("hello"))));
	play("> @+draft/reply=a PRIVMSG #reed :hello\n< :ann!a@h PRIVMSG joe :psst\n");
	check(event_comes("MESSAGE ann joe psst"));
	check(ends_well(reed_irc_replyf(client, events.event, "what, %s", "ann")));
	play("> PRIVMSG ann :what, ann\n");
	check(ends_well(reed_irc_tagmsg(client, S("#reed"), S("+typing=active"))));
	play("> @+typing=active TAGMSG #reed\n");
	check_int(outcome(reed_irc_tagmsg(client, S("#reed"), S("not good"))), REED_EINVAL);
	finish();
	begin_online(NULL, NULL, NULL);
	check_int(outcome(reed_irc_tagmsg(client, S("#reed"), S("+typing=active"))), REED_ENOTSUP);
	finish();
}

static void many_lines_stay_one_message_where_they_can(void)
{
	char text[1000];

	begin(NULL);
	play("> CAP LS 302\n> NICK joe\n> USER joe 0 * joe\n"
	     "< :irc CAP * LS :batch message-tags draft/multiline=max-bytes=1000,max-lines=4\n"
	     "> CAP REQ :batch message-tags draft/multiline\n"
	     "< :irc CAP * ACK :batch message-tags draft/multiline\n> CAP END\n"
	     "< :irc 001 joe :Welcome joe!j@h\n< :irc 422 joe :no MOTD\n");
	check(ends_well(reed_irc_say(client, S("#reed"), S("one"))));
	check(ends_well(reed_irc_say(client, S("#reed"), S("one\n\ntwo"))));
	play("> PRIVMSG #reed :one\n"
	     "> BATCH +1 draft/multiline #reed\n> @batch=1 PRIVMSG #reed :one\n"
	     "> @batch=1 PRIVMSG #reed :\n> @batch=1 PRIVMSG #reed :two\n> BATCH -1\n");
	memset(text, 'x', 600);
	text[600] = '\0';
	check(ends_well(reed_irc_say(client, S("#reed"), S(text))));
	check_str(hear(100), "BATCH +2 draft/multiline #reed");
	check(strncmp(hear(100), "@batch=2 PRIVMSG #reed :xxx", 27) == 0);
	check(strncmp(hear(100), "@batch=2;draft/multiline-concat PRIVMSG #reed :xxx", 50) == 0);
	check_str(hear(100), "BATCH -2");
	/* more lines than the server takes */
	check(ends_well(reed_irc_say(client, S("#reed"), S("1\n2\n3\n4\n5"))));
	play("> PRIVMSG #reed :1\n> PRIVMSG #reed :2\n> PRIVMSG #reed :3\n> PRIVMSG #reed :4\n"
	     "> PRIVMSG #reed :5\n");
	finish();
}

static void saying_fails_with_the_connection(void)
{
	struct reed_irc_client_options options = paced(1, 1000);

	begin_online(&options, NULL, NULL);
	own(&o, reed_irc_say(client, S("#reed"), S("one\ntwo\nthree")));
	play("> PRIVMSG #reed :one\n");
	peer_closes();
	check_int(o.err, REED_ECLOSED);
	check_str(o.why, "the connection ended before all was said");
	check_int(outcome(reed_irc_say(client, S("#reed"), S("x"))), REED_ECLOSED);
	check(why_is("there is no connection to an IRC server"));
	finish();
}

/* ---- a server that does not read ---- */

static void much_is_drained_not_piled_up(void)
{
	struct reed_irc_client_options options = peer_options();
	char line[200];
	int n = 0;

	options.queue_bytes = 8 << 20;
	begin_online(&options, NULL, NULL);
	for (int i = 0; i < 5000; i++) {
		snprintf(line, sizeof(line), "LINE %d %0150d", i, 0);
		send_away(REED_IRC_IN_TURN, line);
	}
	settle_down();
	check(reed_queued(client->stream) < 200000 && client->out_lines > 2000);
	while (hear(100))
		n++;
	check_int(n, 5000);
	check(client->out_lines == 0 && client->out_bytes == 0);
	finish();
}

int main(void)
{
	lab_open();
	RUN(lines_leave_no_faster_than_they_may);
	RUN(what_is_more_urgent_goes_first);
	RUN(a_pong_does_not_wait_but_is_paid_for);
	RUN(a_debt_does_not_grow_for_ever);
	RUN(too_much_that_waits_is_refused);
	RUN(lines_that_are_none_are_not_sent);
	RUN(saying_settles_when_all_is_said);
	RUN(what_is_dropped_halfway_is_not_said_to_the_end);
	RUN(long_texts_are_split_where_they_fit);
	RUN(a_server_may_take_longer_lines);
	RUN(the_ways_to_say_something);
	RUN(actions_are_split_too);
	RUN(answers_go_where_they_belong_and_say_what_to);
	RUN(many_lines_stay_one_message_where_they_can);
	RUN(saying_fails_with_the_connection);
	RUN(much_is_drained_not_piled_up);
	lab_close();
	return 0;
}
