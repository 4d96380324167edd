/*
 * What befalls an IRC server: clients that say nothing, too much, or do not
 * read.  In simulation, so that an hour of silence is over at once.
 */

#include "stage_tls.h"

static bool over_tls;

static void raise_with(const struct reed_irc_limits_of_server *limits)
{
	struct stage stage = STAGE;

	if (limits)
		stage.irc.limits = *limits;
	if (over_tls)
		stage.wrap = stage_tls_listener;
	raise_curtain(&stage);
}

static struct reed_stream *secure_entrance(void)
{
	return dial_tls(REED_STR(""));
}

/* ---- clients that say nothing ---- */

static void who_never_registers_is_sent_away_in_time(void)
{
	struct reed_stream *s;
	int64_t begin;

	raise_with(NULL);
	s = entrance();
	begin = reed_sim_now(sim);
	reed_write_str(s, "NICK half");
	check_int(hear(s, "ERROR*Registration took more than 30 seconds: NICK did not come*"),
	          REED_OK);
	check(reed_sim_now(sim) - begin > REED_S(29) && reed_sim_now(sim) - begin < REED_S(32));
	check_int(hear(s, "*"), REED_EEOF);
	reed_close(s);
	check_int(stats().connections, 0);
	drop_curtain();
}

static void a_silent_client_is_asked_and_then_let_go(void)
{
	struct reed_stream *s;
	int64_t begin;

	raise_with(NULL);
	s = come_in("sleepy");
	begin = reed_sim_now(sim);
	check_int(hear(s, "PING reed"), REED_OK);
	check(reed_sim_now(sim) - begin >= REED_S(120));
	reed_write_str(s, "PONG reed\r\n");
	check_int(hear(s, "PING reed"), REED_OK);
	check_int(hear(s, "ERROR*Ping timeout: 180 seconds*"), REED_OK);
	reed_close(s);
	check_int(stats().timeouts, 1);
	drop_curtain();
}

static void a_peer_that_is_cut_off_is_noticed_by_its_silence(void)
{
	struct reed_stream *alice, *bob;

	raise_with(NULL);
	alice = come_in("alice");
	bob = come_in("bob");
	reed_write_str(alice, "JOIN #reed\r\n");
	reed_write_str(bob, "JOIN #reed\r\n");
	check_int(hear(alice, ":bob*JOIN #reed"), REED_OK);
	reed_sim_part(sim, "client.example", "server.example");
	check_int(reed_sim_run_for(sim, REED_S(400)), REED_OK);
	check_int(stats().connections, 0);
	reed_abort(alice);
	reed_abort(bob);
	drop_curtain();
}

/* Something comes all the time, and never what it takes. */
static void registration_that_goes_on_for_ever_ends(void)
{
	static const char *const beginnings[][2] = {
		{ "CAP LS 302\r\nNICK a\r\nUSER a 0 * :A\r\n", "CAP END did not come" },
		{ "CAP LS 302\r\nNICK a\r\n", "USER did not come" },
		{ "PING x\r\n", "NICK did not come" },
		{ "", "NICK did not come" },
	};
	char wanted[100];

	for (size_t i = 0; i < REED_COUNT(beginnings); i++) {
		struct reed_stream *s;
		int64_t begin;

		raise_with(NULL);
		s = entrance();
		begin = reed_sim_now(sim);
		reed_write_str(s, beginnings[i][0]);
		for (int j = 0; j < 20; j++) {
			check_int(reed_sim_run_for(sim, REED_MS(1400)), REED_OK);
			reed_write_str(s, i % 2 ? "x" : "PING y\r\n");
		}
		snprintf(wanted, sizeof(wanted), "ERROR*30 seconds: %s*", beginnings[i][1]);
		check_int(hear(s, wanted), REED_OK);
		check(reed_sim_now(sim) - begin < REED_S(32));
		reed_close(s);
		drop_curtain();
	}
}

/* It has said all it wants to say, and waits for what comes of it. */
static void who_closes_one_half_is_answered_and_let_go(void)
{
	struct reed_stream *s;

	raise_with(NULL);
	s = come_in("half");
	check_int(hear(s, "* 422 *"), REED_OK);
	reed_write_str(s, "JOIN #reed\r\nPING last\r\n");
	reed_shutdown(s);
	check_int(hear(s, "*PONG reed :last"), REED_OK);
	check_int(hear(s, "never"), REED_EEOF);
	check_int(stats().connections, 0);
	check(!reed_room_find(hub, REED_STR("#reed")));
	reed_close(s);
	drop_curtain();
}

/* ---- clients that say too much ---- */

static void a_flood_is_slowed_down_and_nothing_of_it_is_lost(void)
{
	struct reed_stream *s;
	int64_t begin;

	raise_with(NULL);
	s = come_in("chatty");
	check_int(hear(s, "* 422 *"), REED_OK);
	begin = reed_sim_now(sim);
	for (int i = 0; i < 100; i++)
		reed_printf(s, "PING %d\r\n", i);
	for (int i = 0; i < 100; i++) {
		char wanted[40];

		snprintf(wanted, sizeof(wanted), ":reed PONG reed :%d", i);
		check_int(hear(s, wanted), REED_OK);
	}
	/* 25 in ten seconds, after a burst */
	check(reed_sim_now(sim) - begin > REED_S(28) && reed_sim_now(sim) - begin < REED_S(60));
	check(stats().floods > 0);
	reed_close(s);
	drop_curtain();
}

static void a_line_too_long_is_told_and_forgotten(void)
{
	static char x[20000];
	struct reed_stream *s;

	raise_with(NULL);
	s = come_in("wordy");
	check_int(hear(s, "* 422 *"), REED_OK);
	memset(x, 'x', sizeof(x) - 1);
	reed_printf(s, "PRIVMSG wordy :%.*s\r\n", 600, x);
	check_int(hear(s, "*417*too long: it has at most 512 bytes*"), REED_OK);
	reed_write(s, reed_slice(x, sizeof(x) - 1));
	check_int(hear(s, "*417*too long: it has at most 512 bytes*"), REED_OK);
	reed_write_str(s, "\r\nPING after\r\n");
	check_int(hear(s, "*PONG reed :after"), REED_OK);
	reed_close(s);
	drop_curtain();
}

static void tags_too_long_are_told_and_those_at_the_limit_are_taken(void)
{
	static char x[9000];
	struct reed_stream *s;

	memset(x, 'x', sizeof(x) - 1);
	raise_with(NULL);
	s = come_in_with("wordy", "message-tags echo-message");
	/* "+a=" and the rest */
	reed_printf(s, "@+a=%.*s PRIVMSG wordy :fits\r\n", 4091, x);
	check_int(hear(s, "@msgid=*;+a=*xxx :wordy!*PRIVMSG wordy :fits"), REED_OK);
	reed_printf(s, "@+a=%.*s PRIVMSG wordy :does not\r\n", 4092, x);
	check_int(hear(s, "*417*too long: *tags 4094*"), REED_OK);
	reed_printf(s, "@+a=%.*s PRIVMSG wordy :by far not\r\n", 8800, x);
	check_int(hear(s, "*417*too long*"), REED_OK);
	reed_write_str(s, "PING after\r\n");
	check_int(hear(s, "*PONG reed :after"), REED_OK);
	reed_close(s);
	drop_curtain();
}

static void parameters_too_many_or_too_long_are_told(void)
{
	static char x[400];
	struct reed_stream *s;

	memset(x, 'x', sizeof(x) - 1);
	raise_with(NULL);
	s = come_in("wordy");
	check_int(hear(s, "* 422 *"), REED_OK);
	reed_printf(s, "NICK %s\r\n", x);
	check_int(hear(s, "* 432 wordy *This nickname is too long"), REED_OK);
	reed_printf(s, "JOIN #%s\r\n", x);
	check_int(hear(s, "* 476 wordy *name of a channel is too long"), REED_OK);
	reed_printf(s, "JOIN #a %s\r\nMODE #a +k %s\r\n", x, x);
	check_int(hear(s, "*MODE: Here a key has at most 32 bytes*"), REED_OK);
	reed_printf(s, "MODE #a +l %s\r\n", x);
	check_int(hear(s, "* 696 wordy #a l x*"), REED_OK);
	reed_printf(s, "WHOIS %s\r\nPRIVMSG %s :y\r\nINVITE %s #a\r\nTOPIC %s\r\n", x, x, x, x);
	check_int(hear(s, "* 318 *"), REED_OK);
	check_int(hear(s, "* 401 *"), REED_OK);
	check_int(hear(s, "* 401 *"), REED_OK);
	check_int(hear(s, "* 403 *"), REED_OK);
	reed_write_str(s, "MODE #a +b a b c d e f g h i j k l m n o p q r s t u v\r\n"
	                  "MODE #a +bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb a b\r\n"
	                  "WHO a b c d e f g h i j k l m n o p q r s t\r\nPING after\r\n");
	check_int(hear(s, "*PONG reed :after"), REED_OK);
	reed_close(s);
	drop_curtain();
}

/* The same each time, of all 256 bytes. */
static struct reed_slice rubbish(void)
{
	static char bytes[60000];
	uint32_t x = 1;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = (char)(x >> 24);
	}
	bytes[0] = 'x';
	return reed_slice(bytes, sizeof(bytes));
}

static void rubbish_does_no_harm(void)
{
	struct reed_irc_limits_of_server limits = { .burst = 100000, .early_errors = 100000 };
	struct reed_stream *s;

	raise_with(&limits);
	s = come_in("cat");
	check_int(hear(s, "* 422 *"), REED_OK);
	reed_write(s, rubbish());
	reed_write_str(s, "\r\nPING after\r\n");
	check_int(hear(s, "*PONG reed :after"), REED_OK);
	reed_close(s);
	/* and before anything else was said */
	s = entrance();
	reed_write(s, rubbish());
	reed_write_str(s, "\r\nNICK dog\r\nUSER dog 0 * :D\r\n");
	check_int(hear(s, "* 001 dog *"), REED_OK);
	reed_close(s);
	drop_curtain();
}

static void a_browser_is_sent_away_at_once(void)
{
	struct reed_stream *s;

	raise_with(NULL);
	s = entrance();
	reed_write_str(s, "POST / HTTP/1.1\r\nHost: irc.example\r\n\r\nNICK evil\r\n"
	                  "USER evil 0 * :E\r\nPRIVMSG #a :spam\r\n");
	check_int(hear(s, "ERROR *This is IRC, not HTTP*"), REED_OK);
	check_int(hear(s, "*"), REED_EEOF);
	check_int(stats().registered, 0);
	reed_close(s);
	drop_curtain();
}

static void one_address_has_so_many_connections_and_no_more(void)
{
	struct reed_irc_limits_of_server limits = { .connections_per_address = 3 };
	struct reed_stream *s[4];

	raise_with(&limits);
	for (int i = 0; i < 4; i++)
		s[i] = entrance();
	check_int(hear(s[3], "ERROR*Too many connections from your address*"), REED_OK);
	reed_close(s[3]);
	reed_close(s[0]);
	check_int(reed_sim_run_for(sim, REED_S(1)), REED_OK);
	s[0] = come_in("next");
	check_int(hear(s[0], "* 001 next *"), REED_OK);
	for (int i = 0; i < 3; i++)
		reed_close(s[i]);
	drop_curtain();
}

/* ---- clients that do not read ---- */

static void who_does_not_read_is_sent_away_and_others_go_on(void)
{
	struct reed_irc_limits_of_server limits = {
		.sendq = 20000,
		.burst = 100000,
		.commands_per_10_seconds = 1000000,
	};
	struct reed_stream *talker, *deaf;
	char text[401];

	raise_with(&limits);
	deaf = come_in("deaf");
	reed_write_str(deaf, "JOIN #reed\r\n");
	check_int(hear(deaf, "* 366 *"), REED_OK);
	talker = come_in("talker");
	reed_write_str(talker, "JOIN #reed\r\n");
	check_int(hear(talker, "* 366 *"), REED_OK);
	memset(text, 'x', 400);
	text[400] = '\0';
	for (int i = 0; i < 3000; i++) {
		reed_printf(talker, "PRIVMSG #reed :%s\r\n", text);
		if (i % 100 == 99)
			check_int(reed_sim_run_until(sim, reed_flush(talker), NULL), REED_OK);
	}
	reed_write_str(talker, "PING done\r\n");
	check_int(hear(talker, ":deaf*QUIT :SendQ exceeded*"), REED_OK);
	check_int(hear(talker, "*PONG reed :done"), REED_OK);
	check_int(stats().overflows, 1);
	check_int(hear(deaf, "ERROR*SendQ exceeded*"), REED_OK);
	reed_close(deaf);
	reed_close(talker);
	drop_curtain();
}

/*
 * The bound may be met in the middle of anything: each size of queue meets it
 * elsewhere, and the last words of the server come all the same.
 */
static void the_queue_may_be_full_at_any_line_of_any_command(void)
{
	unsigned full = 0;

	for (uint32_t size = 40; size < 9000; size += 61) {
		struct reed_irc_limits_of_server limits = {
			.sendq = size,
			.burst = 1000,
			.commands_per_10_seconds = 100000,
		};
		struct reed_stream *s;

		raise_with(&limits);
		s = come_in("eager");
		reed_write_str(s, "WHOIS eager,eager,eager,eager\r\nJOIN #a,,#b,#c,#d\r\n"
		                  "KICK #a nobody,eager,eager,eager\r\nWHO #b %tcuihsnfdlaor,1\r\n"
		                  "PRIVMSG nobody,#b,eager,none :x\r\nMODE #b +lbk x x x\r\n"
		                  "TOPIC #b x\r\nTOPIC #b\r\nINVITE eager #b\r\nMONITOR + a,b,c\r\n"
		                  "LIST\r\nHELP\r\nLUSERS\r\nWHOWAS x\r\nMODE eager -i+B\r\n"
		                  "NICK #\r\nPART #b,#x,#c,#d\r\nJOIN 0\r\nQUIT\r\n");
		check_int(hear(s, "ERROR :Closing link: (*"), REED_OK);
		check_int(hear(s, "*"), REED_EEOF);
		reed_close(s);
		check_int(reed_sim_run_for(sim, REED_S(1)), REED_OK);
		check_int(stats().connections, 0);
		check(stats().overflows <= 1);
		full += (unsigned)stats().overflows;
		drop_curtain();
	}
	check(full > 50);
}

/* ---- clients that pretend ---- */

static void what_is_said_counts_although_its_tag_says_typing(void)
{
	struct reed_stream *s;

	raise_with(NULL);
	s = entrance();
	reed_write_str(s, "CAP REQ message-tags\r\nNICK sly\r\nUSER s 0 * :S\r\nCAP END\r\n"
	                  "@+typing=active TAGMSG sly\r\nPING one\r\n");
	check_int(hear(s, "*PONG reed :one"), REED_OK);
	check_int(reed_user_find(hub, REED_STR("sly"))->spoke, 0);
	reed_write_str(s, "@+typing=active PRIVMSG sly :something\r\nPING two\r\n");
	check_int(hear(s, "*PONG reed :two"), REED_OK);
	check(reed_user_find(hub, REED_STR("sly"))->spoke != 0);
	reed_close(s);
	drop_curtain();
}

/* ---- clients that take one port for another ---- */

static void tls_at_a_port_without_it_is_told_in_clear(void)
{
	struct reed_stream *s;

	raise_with(NULL);
	s = dial();
	reed_write(s, REED_STR("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 and so on"));
	check_int(hear(s, "ERROR *This port takes no TLS*"), REED_OK);
	check_int(hear(s, "*"), REED_EEOF);
	reed_close(s);
	drop_curtain();
}

static void words_in_clear_at_a_port_of_tls_end_the_connection(void)
{
	struct reed_slice line;
	struct reed_stream *s;

	raise_with(NULL);
	check_int(reed_sim_run_for(sim, REED_MS(10)), REED_OK);
	s = dial();
	reed_write_str(s, "NICK clear\r\nUSER clear 0 * :C\r\n");
	check(reed_sim_run_until(sim, reed_read_line(s, &line), NULL) != REED_OK);
	check_int(reed_sim_run_for(sim, REED_S(1)), REED_OK);
	check_int(stats().connections, 0);
	reed_close(s);
	drop_curtain();
}

/* ---- handshakes that stall ---- */

static void a_handshake_that_stalls_is_given_up_and_counts_until_then(void)
{
	struct reed_irc_limits_of_server limits = { .connections_per_address = 3 };
	struct reed_stream *s[3], *late;
	struct reed_slice line;

	raise_with(&limits);
	for (int i = 0; i < 3; i++)
		s[i] = dial();
	/* nothing, the beginning of a hello, and a byte now and then */
	reed_write(s[1], REED_STR("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"));
	reed_write(s[2], REED_STR("\x16\x03\x01\x02\x00"));
	check_int(reed_sim_run_for(sim, REED_S(1)), REED_OK);
	check_int(stats().connections, 3);
	late = entrance();
	check_int(hear(late, "ERROR *address*"), REED_OK);
	reed_close(late);
	for (int i = 0; i < 12; i++) {
		reed_write(s[2], REED_STR("\x01"));
		check_int(reed_sim_run_for(sim, REED_S(1)), REED_OK);
	}
	check_int(stats().connections, 0);
	check_int(stats().timeouts, 3);
	for (int i = 0; i < 3; i++) {
		check(reed_sim_run_until(sim, reed_read_line(s[i], &line), NULL) != REED_OK);
		reed_close(s[i]);
	}
	late = come_in("late");
	check_int(hear(late, "* 001 late *"), REED_OK);
	reed_close(late);
	drop_curtain();
}

/* The limit of the handshake is not that of the registration. */
static void who_is_slow_after_the_handshake_has_its_time(void)
{
	struct reed_stream *s;

	raise_with(NULL);
	s = entrance();
	check_int(reed_sim_run_for(sim, REED_S(25)), REED_OK);
	reed_write_str(s, "NICK slow\r\nUSER slow 0 * :S\r\n");
	check_int(hear(s, "* 001 slow *"), REED_OK);
	reed_close(s);
	drop_curtain();
}

static void play_all(void)
{
	RUN(who_never_registers_is_sent_away_in_time);
	RUN(registration_that_goes_on_for_ever_ends);
	RUN(who_closes_one_half_is_answered_and_let_go);
	RUN(a_silent_client_is_asked_and_then_let_go);
	RUN(a_peer_that_is_cut_off_is_noticed_by_its_silence);
	RUN(a_flood_is_slowed_down_and_nothing_of_it_is_lost);
	RUN(a_line_too_long_is_told_and_forgotten);
	RUN(tags_too_long_are_told_and_those_at_the_limit_are_taken);
	RUN(parameters_too_many_or_too_long_are_told);
	RUN(rubbish_does_no_harm);
	RUN(a_browser_is_sent_away_at_once);
	RUN(one_address_has_so_many_connections_and_no_more);
	RUN(who_does_not_read_is_sent_away_and_others_go_on);
	RUN(the_queue_may_be_full_at_any_line_of_any_command);
	RUN(what_is_said_counts_although_its_tag_says_typing);
}

int main(void)
{
	play_all();
	RUN(tls_at_a_port_without_it_is_told_in_clear);
	puts("the same over TLS:");
	tls_begin();
	over_tls = true;
	entrance = secure_entrance;
	play_all();
	RUN(words_in_clear_at_a_port_of_tls_end_the_connection);
	RUN(a_handshake_that_stalls_is_given_up_and_counts_until_then);
	RUN(who_is_slow_after_the_handshake_has_its_time);
	tls_end();
	return 0;
}
