/*
 * What befalls an IRC server: clients that say nothing, too much, or do not
 * read.  In simulation, so that an hour of silence is over at once.
 */

#include "stage.h"

static void raise_with(const struct reed_irc_limits_of_server *limits)
{
	struct stage stage = STAGE;

	stage.irc.limits = *limits;
	raise_curtain(&stage);
}

/* ---- clients that say nothing ---- */

static void who_never_registers_is_sent_away_in_time(void)
{
	struct reed_stream *s;
	int64_t begin;

	raise_curtain(NULL);
	s = dial();
	begin = reed_sim_now(sim);
	reed_write_str(s, "NICK half");
	check_int(hear(s, "ERROR*Registration took more than 30 seconds*"), REED_OK);
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

	raise_curtain(NULL);
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

	raise_curtain(NULL);
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

/* ---- clients that say too much ---- */

static void a_flood_is_slowed_down_and_nothing_of_it_is_lost(void)
{
	struct reed_stream *s;
	int64_t begin;

	raise_curtain(NULL);
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

	raise_curtain(NULL);
	s = come_in("wordy");
	check_int(hear(s, "* 422 *"), REED_OK);
	memset(x, 'x', sizeof(x) - 1);
	reed_printf(s, "PRIVMSG wordy :%.*s\r\n", 600, x);
	check_int(hear(s, "*417*too long"), REED_OK);
	reed_write(s, reed_slice(x, sizeof(x) - 1));
	check_int(hear(s, "*417*too long"), REED_OK);
	reed_write_str(s, "\r\nPING after\r\n");
	check_int(hear(s, "*PONG reed :after"), REED_OK);
	reed_close(s);
	drop_curtain();
}

static void one_address_has_so_many_connections_and_no_more(void)
{
	struct reed_irc_limits_of_server limits = { .connections_per_address = 3 };
	struct reed_stream *s[4];

	raise_with(&limits);
	for (int i = 0; i < 4; i++)
		s[i] = dial();
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

	raise_curtain(NULL);
	s = dial();
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

int main(void)
{
	RUN(who_never_registers_is_sent_away_in_time);
	RUN(a_silent_client_is_asked_and_then_let_go);
	RUN(a_peer_that_is_cut_off_is_noticed_by_its_silence);
	RUN(a_flood_is_slowed_down_and_nothing_of_it_is_lost);
	RUN(a_line_too_long_is_told_and_forgotten);
	RUN(one_address_has_so_many_connections_and_no_more);
	RUN(who_does_not_read_is_sent_away_and_others_go_on);
	RUN(the_queue_may_be_full_at_any_line_of_any_command);
	RUN(what_is_said_counts_although_its_tag_says_typing);
	return 0;
}
