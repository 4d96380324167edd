/* Operators: who they are by settings and accounts (STATS o), and what only they may do. */

#include <stdlib.h>

#include "stage.h"

#include "reed/alloc.h"
#include "reed/checker.h"

enum { CROWD = 450 };

/* ---- a checker of many accounts: every 200th of them administers, and the last ---- */

struct crowd {
	struct reed_checker checker;
	enum reed_err err; /* that its next list ends with */
};

static void fill(struct reed_principal *account, size_t i)
{
	snprintf(account->name, sizeof(account->name), "p%04zu", i);
	if (i % 200 == 0 || i == CROWD - 1)
		snprintf(account->roles, sizeof(account->roles), "helper,admin");
}

static struct reed_future *crowd_list(struct reed_checker *checker, const char *after, size_t max,
                                      struct reed_principal_list *out)
{
	struct crowd *self = reed_container_of(checker, struct crowd, checker);
	size_t first = *after ? strtoul(after + 1, NULL, 10) + 1 : 0;

	if (self->err)
		return reed_failed(checker->loop, self->err, "the disk is broken");
	out->accounts = reed_alloc((max + 1) * sizeof(*out->accounts));
	for (size_t i = first; i < CROWD && out->n < max; i++)
		fill(&out->accounts[out->n++], i);
	return reed_ready(checker->loop, REED_OK);
}

static void crowd_free(struct reed_checker *checker)
{
	reed_free(reed_container_of(checker, struct crowd, checker));
}

static const struct reed_checker_ops crowd_ops = { .name = "crowd",
	                                           .list = crowd_list,
	                                           .free = crowd_free };

/* ---- the play ---- */

static struct crowd *crowd;

static const struct reed_irc_operator operators[] = {
	{ .name = "root",
	  .account = "alice",
	  .operator_class = "net",
	  .privileges = REED_MAY_SEE | REED_MAY_KILL | REED_MAY_SPEAK },
};

static struct reed_stream *operator_comes(void)
{
	struct stage stage = STAGE;
	struct reed_stream *s;

	stage.accounts = "alice:wonderland";
	stage.irc.plain_in_clear = true;
	stage.irc.operators = operators;
	stage.irc.operator_count = REED_COUNT(operators);
	raise_curtain(&stage);
	check_int(reed_sim_run_for(sim, REED_S(1)), REED_OK);
	crowd = reed_alloc(sizeof(*crowd));
	crowd->checker.ops = &crowd_ops;
	crowd->checker.loop = home;
	reed_portal_add(portal, &crowd->checker);
	s = dial();
	reed_printf(s, "PASS alice:wonderland\r\n"
	               "CAP REQ :batch labeled-response\r\nNICK alice\r\nUSER a 0 * :A\r\n"
	               "CAP END\r\n");
	check_int(hear(s, "* 381 *"), REED_OK);
	return s;
}

static void go_home(struct reed_stream *s)
{
	reed_close(s);
	drop_curtain();
}

static void says(struct reed_stream *s, const char *pattern)
{
	struct reed_slice line = next_line(s);

	if (!matches(pattern, line))
		fprintf(stderr, "heard " REED_FMT "\n", REED_ARG(line));
	check(matches(pattern, line));
}

static void operators_are_those_of_the_settings_and_of_all_accounts(void)
{
	struct reed_stream *s = operator_comes();

	reed_printf(s, "STATS o\r\nPING behind\r\n");
	says(s, "* 243 alice O \\*@\\* alice root 0 net");
	says(s, "* 243 alice O \\*@\\* p0000 admin 0 admin");
	says(s, "* 243 alice O \\*@\\* p0200 admin 0 admin");
	says(s, "* 243 alice O \\*@\\* p0400 admin 0 admin");
	says(s, "* 243 alice O \\*@\\* p0449 admin 0 admin");
	says(s, "* 219 alice o *");
	says(s, "* PONG *behind");
	go_home(s);
}

static void a_labeled_question_has_one_labeled_answer(void)
{
	struct reed_stream *s = operator_comes();

	reed_printf(s, "@label=x STATS o\r\n");
	says(s, "@label=x * BATCH +* labeled-response");
	for (int i = 0; i < 5; i++)
		says(s, "@batch=* 243 alice O *");
	says(s, "@batch=* 219 alice o *");
	says(s, "* BATCH -*");
	go_home(s);
}

static void accounts_that_cannot_be_read_are_told_so(void)
{
	struct reed_stream *s = operator_comes();

	crowd->err = REED_EIO;
	reed_printf(s, "STATS o\r\n");
	says(s, "* 243 alice O \\*@\\* alice root 0 net");
	says(s, "* NOTICE alice :The accounts of administrators cannot be told: That is not "
	        "possible just now*");
	says(s, "* 219 alice o *");
	go_home(s);
}

static struct reed_stream *guest_comes(const char *nick)
{
	struct reed_stream *s = dial();

	reed_printf(s, "NICK %s\r\nUSER g 0 * :G\r\nMODE %s +w\r\n", nick, nick);
	check_int(hear(s, "* MODE * *+w"), REED_OK);
	return s;
}

static void wallops_come_from_who_said_them(void)
{
	struct reed_stream *s = operator_comes(), *guest = guest_comes("bob");

	reed_printf(s, "WALLOPS :attention please\r\n");
	says(guest, ":alice!a@* WALLOPS :attention please");
	reed_printf(guest, "WALLOPS :me too\r\n");
	says(guest, "* 481 bob *");
	reed_close(guest);
	go_home(s);
}

static void who_is_killed_is_told_by_whom_and_why(void)
{
	struct reed_stream *s = operator_comes(), *guest = guest_comes("bob");

	reed_printf(guest, "KILL alice :no\r\n");
	says(guest, "* 481 bob *");
	reed_printf(s, "KILL bob :enough\r\n");
	check_int(hear(guest, "ERROR :*Killed (alice (enough))*"), REED_OK);
	reed_close(guest);
	go_home(s);
}

static void zero_stands_for_everybody(void)
{
	struct reed_stream *s = operator_comes(), *guest = guest_comes("bob");

	reed_printf(s, "WHO 0 o\r\n");
	says(s, "* 352 alice * alice *");
	says(s, "* 315 alice *");
	reed_close(guest);
	go_home(s);
}

/* The list must not be told to who is not there any more. */
static void who_leaves_amid_the_list_leaves_nothing(void)
{
	struct reed_stream *s = operator_comes();

	reed_printf(s, "STATS o\r\nSTATS o\r\nQUIT\r\n");
	reed_abort(s);
	check_int(reed_sim_run_for(sim, REED_S(1)), REED_OK);
	check_int(stats().connections, 0);
	drop_curtain();
}

int main(void)
{
	RUN(operators_are_those_of_the_settings_and_of_all_accounts);
	RUN(a_labeled_question_has_one_labeled_answer);
	RUN(accounts_that_cannot_be_read_are_told_so);
	RUN(wallops_come_from_who_said_them);
	RUN(who_is_killed_is_told_by_whom_and_why);
	RUN(zero_stands_for_everybody);
	RUN(who_leaves_amid_the_list_leaves_nothing);
	return 0;
}
