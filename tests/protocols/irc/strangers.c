/* Who is not registered yet, and gets nothing right. */

#include "stage.h"

static struct reed_irc_limits_of_server limits;

static struct reed_stream *stranger(void)
{
	struct stage stage = STAGE;

	stage.irc.limits = limits;
	raise_curtain(&stage);
	return dial();
}

/* All that was answered is told, and then why it ends. */
static void is_sent_away(struct reed_stream *s, const char *answer, int answers)
{
	for (int i = 0; i < answers; i++) {
		struct reed_slice line = next_line(s);

		if (!matches(answer, line))
			fprintf(stderr, "heard " REED_FMT "\n", REED_ARG(line));
		check(matches(answer, line));
	}
	check(matches("ERROR :Closing link: (20 errors before you were registered: an IRC client "
	              "says NICK and USER first)",
	              next_line(s)));
	check_int(hear(s, "*"), REED_EEOF);
	reed_close(s);
	check_int(stats().connections, 0);
	drop_curtain();
}

static void who_says_nothing_that_is_irc_is_sent_away(void)
{
	struct reed_stream *s = stranger();

	for (int i = 0; i < 100; i++)
		reed_write(s, REED_STR("a\0b\r\n"));
	is_sent_away(s, "* NOTICE \\* :INVALID_MESSAGE: That was no line of IRC*", 20);
}

static void who_wants_rooms_before_a_name_is_sent_away(void)
{
	struct reed_stream *s = stranger();

	for (int i = 0; i < 100; i++)
		reed_write_str(s, i % 2 ? "JOIN #reed\r\n" : "NOSUCHWORD\r\n");
	is_sent_away(s, "* 451 \\* *", 20);
}

static void who_tries_names_without_end_is_sent_away(void)
{
	struct reed_stream *s = stranger();

	for (int i = 0; i < 100; i++)
		reed_printf(s, "NICK !%d\r\n", i);
	is_sent_away(s, "* 432 \\* !*", 20);
}

static void who_asks_for_what_it_cannot_have_is_sent_away(void)
{
	struct reed_stream *s = stranger();

	for (int i = 0; i < 100; i++)
		reed_write_str(s, "AUTHENTICATE PLAIN\r\n");
	is_sent_away(s, "* 904 \\* *", 20);
}

static void lines_too_long_end_in_a_reason(void)
{
	static char x[30000];
	struct reed_stream *s = stranger();

	memset(x, 'x', sizeof(x));
	for (int i = 0; i < 100; i++) {
		reed_write(s, reed_slice(x, i % 2 ? sizeof(x) : 1000));
		reed_write_str(s, "\r\n");
	}
	is_sent_away(s, "* 417 \\* *", 20);
}

static void who_gets_it_right_at_last_comes_in(void)
{
	struct reed_stream *s = stranger();

	for (int i = 0; i < 19; i++)
		reed_write_str(s, "JOIN #reed\r\n");
	reed_write_str(s, "NICK alice\r\nUSER alice 0 * :A\r\n");
	check_int(hear(s, "* 001 alice *"), REED_OK);
	/* who is in may get wrong what it likes: it pays for it */
	for (int i = 0; i < 100; i++)
		reed_printf(s, "NOSUCHWORD%d\r\n", i);
	reed_write_str(s, "PING after\r\n");
	check_int(hear(s, "*PONG reed :after"), REED_OK);
	reed_close(s);
	drop_curtain();
}

static void the_number_is_a_setting(void)
{
	struct reed_stream *s;

	limits.early_errors = 2;
	s = stranger();
	reed_write_str(s, "a\r\nb\r\nNICK alice\r\nUSER alice 0 * :A\r\n");
	check_int(hear(s, "ERROR *2 errors before you were registered*"), REED_OK);
	check_int(hear(s, "*"), REED_EEOF);
	reed_close(s);
	drop_curtain();
	limits.early_errors = 0;
}

/* One that is in, too. */
static void lines_too_long_are_paid_for(void)
{
	static char x[30000];
	struct reed_stream *s;
	int64_t begin;

	memset(x, 'x', sizeof(x));
	limits.burst = 0;
	reed_close(stranger());
	s = come_in("loud");
	check_int(hear(s, "* 422 *"), REED_OK);
	begin = reed_sim_now(sim);
	for (int i = 0; i < 60; i++) {
		reed_write(s, reed_slice(x, sizeof(x)));
		reed_write_str(s, "\r\n");
	}
	for (int i = 0; i < 60; i++)
		check_int(hear(s, "* 417 loud *"), REED_OK);
	check(stats().floods > 0);
	check(reed_sim_now(sim) - begin > REED_S(15));
	reed_close(s);
	drop_curtain();
}

int main(void)
{
	limits.burst = 1000;
	RUN(who_says_nothing_that_is_irc_is_sent_away);
	RUN(who_wants_rooms_before_a_name_is_sent_away);
	RUN(who_tries_names_without_end_is_sent_away);
	RUN(who_asks_for_what_it_cannot_have_is_sent_away);
	RUN(lines_too_long_end_in_a_reason);
	RUN(who_gets_it_right_at_last_comes_in);
	RUN(the_number_is_a_setting);
	RUN(lines_too_long_are_paid_for);
	return 0;
}
