/* What the end of a child promises: waited for, stopped, closed, dropped, lost. */

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/core/process_kit.h"

static struct reed_process_options options;

static void send(int signo)
{
	check(kill(reed_process_pid(process), signo) == 0);
}

/* Its first line says that it has got so far. */
static struct reed_stream *ready(void)
{
	struct reed_stream *s;

	start(&options);
	s = reed_process_stream(process, 1);
	check_slice(line_of(s), "ready");
	return s;
}

/* ---- by itself ---- */

static void how_it_ended_is_told_to_all_who_ask(void)
{
	struct reed_exit ends[3] = { { .status = 0 } };
	struct owner a, b;

	options = sh("exit 3");
	start(&options);
	own(&a, reed_process_wait(process, &ends[0]));
	own(&b, reed_process_wait(process, &ends[1]));
	until(a.told && b.told);
	check(!a.err && !b.err);
	check_int(outcome(reed_process_wait(process, &ends[2])), REED_OK);
	for (int i = 0; i < 3; i++)
		check(ends[i].status == 3 && ends[i].signo == 0);
	check_int(reed_process_exit(process)->status, 3);
	check_int(reed_process_signal(process, SIGTERM), REED_ENOENT);
	check_int(outcome(reed_process_stop(process, 10, NULL)), REED_OK);
	reed_process_close(process);
}

static void what_it_used_is_told(void)
{
	options = sh("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done");
	start(&options);
	ends();
	check(end.user_ns + end.system_ns > 0 && end.user_ns < REED_S(60));
	check(end.most_memory > 100000 && end.most_memory < (uint64_t)1 << 34);
}

static void a_dropped_wait_takes_nothing_away(void)
{
	struct owner o;

	options = sh("echo ready; sleep 0.05; exit 7");
	start(&options);
	own(&o, reed_process_wait(process, &end));
	disown(&o);
	own(&o, reed_process_wait(process, &end));
	reed_interrupt(o.waiter.future);
	until(o.told);
	check_int(o.err, REED_ECANCELED);
	ends();
	check_int(end.status, 7);
}

static void ends_are_put_into_words(void)
{
	struct reed_exit e = { .status = 3 };
	char text[REED_EXIT_TEXT];

	check_str(reed_exit_text(&e, text), "exited with status 3");
	e = (struct reed_exit){ .status = -1, .signo = SIGSEGV, .core = true };
	check_str(reed_exit_text(&e, text), "was killed by SIGSEGV (core dumped)");
	e = (struct reed_exit){ .status = -1, .signo = 63 };
	check_str(reed_exit_text(&e, text), "was killed by signal 63");
	check_int(reed_signal_number("TERM"), SIGTERM);
	check_int(reed_signal_number("SIGHUP"), SIGHUP);
	check_int(reed_signal_number("NONE"), 0);
	check_int(reed_signal_number(""), 0);
	check(!reed_signal_name(0));
}

/* ---- from outside ---- */

static void being_stopped_and_continued_is_no_end(void)
{
	struct reed_stream *s, *in;
	struct owner o;

	options = sh("echo ready; read x; echo on; read x");
	options.in.is = REED_CHILD_READS;
	s = ready();
	in = reed_process_stream(process, 0);
	own(&o, reed_process_wait(process, &end));
	send(SIGSTOP);
	reed_write_str(in, "go\n");
	check_int(outcome(reed_within(50, reed_more(s))), REED_ETIMEDOUT);
	send(SIGCONT);
	check_slice(line_of(s), "on");
	check(!o.told);
	send(SIGUSR2);
	until(o.told);
	check_int(end.signo, SIGUSR2);
	check_int(end.status, -1);
	check(!reed_exit_well(&end));
	reed_close(s);
	reed_close(in);
	reed_process_close(process);
}

static void who_is_reaped_by_somebody_else_is_not_known(void)
{
	int status;

	options = sh("exec sleep 1000");
	start(&options);
	send(SIGKILL);
	check(waitpid(reed_process_pid(process), &status, 0) == reed_process_pid(process));
	check_int(outcome(reed_process_wait(process, NULL)), REED_ENOENT);
	check(why_is("how sh ended is not known: this program ignores SIGCHLD, or waits for all of "
	             "its children"));
	reed_process_close(process);
}

/* ---- by us ---- */

static void a_stopped_child_gets_the_chance_to_say_goodbye(void)
{
	struct reed_stream *s;

	options = sh("trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.01; done");
	s = ready();
	check_int(outcome(reed_process_stop(process, 10000, &end)), REED_OK);
	check_str(all_of(s), "bye\n");
	check_int(end.status, 5);
	reed_process_close(process);
}

static void one_that_ignores_it_is_killed(void)
{
	struct reed_stream *s;
	int64_t start_ns;

	options = sh("trap '' TERM; echo ready; while :; do sleep 1; done");
	s = ready();
	start_ns = reed_now(loop);
	check_int(outcome(reed_process_stop(process, 50, &end)), REED_OK);
	check_int(end.signo, SIGKILL);
	check(reed_now(loop) - start_ns >= REED_MS(50));
	check(reed_now(loop) - start_ns < REED_S(9));
	check_str(all_of(s), "");
	reed_process_close(process);
}

static void one_that_stands_still_hears_it_too(void)
{
	struct reed_stream *s;

	options = sh("trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.01; done");
	s = ready();
	send(SIGSTOP);
	check_int(outcome(reed_process_stop(process, 10000, &end)), REED_OK);
	check_int(end.status, 5);
	reed_close(s);
	reed_process_close(process);
}

/* What it has started holds its output open: the end of that is the end of all of them. */
static void a_group_is_killed_as_one(void)
{
	struct reed_stream *s;

	options = sh("sh -c 'trap \"\" TERM; echo ready; sleep 1000; sleep 1000' & "
	             "sleep 1000 & wait");
	s = ready();
	check_int(outcome(reed_process_stop(process, 5000, &end)), REED_OK);
	check_int(end.signo, SIGTERM);
	check_str(all_of(s), "");
	reed_process_close(process);
}

static void what_a_child_leaves_behind_stays_unless_it_is_swept(void)
{
	struct reed_stream *s;
	pid_t left;

	options = sh("sleep 1000 & echo $!; exit 0");
	start(&options);
	s = reed_process_stream(process, 1);
	left = (pid_t)strtol(line_of(s).p, NULL, 10);
	ends();
	check(left > 1 && kill(left, 0) == 0);
	kill(left, SIGKILL);
	check_str(all_of(s), "");
	options.sweep = true;
	start(&options);
	s = reed_process_stream(process, 1);
	ends();
	check(strlen(all_of(s)) > 1); /* which has ended */
}

static void a_signal_goes_to_the_group(void)
{
	struct reed_stream *s;

	options = sh("trap : HUP; sh -c 'trap \"echo two; exit\" HUP; echo ready; "
	             "while :; do sleep 0.01; done' & wait; wait; echo one");
	s = ready();
	check_int(reed_process_signal(process, reed_signal_number("HUP")), REED_OK);
	check_str(all_of(s), "two\none\n");
	ends();
}

/* ---- by nobody ---- */

static void a_closed_child_ends_within_its_grace(void)
{
	struct reed_stream *s;
	struct owner o;

	options = sh("trap '' TERM; echo ready; while :; do sleep 1; done");
	options.grace_ms = 30;
	s = ready();
	own(&o, reed_process_wait(process, &end));
	reed_process_close(process);
	until(o.told);
	check_int(o.err, REED_ECANCELED);
	check_str(all_of(s), "");
	options.grace_ms = 0;
	s = ready();
	reed_process_close(process);
	check_str(all_of(s), "");
}

static void a_dropped_spawn_leaves_nothing(void)
{
	struct owner o;

	options = sh("echo ready; exec sleep 1000");
	process = NULL;
	own(&o, reed_spawn(loop, &options, &process));
	disown(&o);
	check(!process);
}

static void a_detached_child_runs_on(void)
{
	struct reed_stream *s;

	options = sh("echo ready; sleep 0.1; echo still here");
	s = ready();
	reed_process_detach(process);
	check_str(all_of(s), "still here\n");
	until(loop->watches == 0);
}

static void the_end_of_the_loop_is_the_end_of_what_was_closed(void)
{
	struct reed_loop *ours = loop;
	struct reed_stream *s;
	pid_t pid;

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	options = sh("trap '' TERM; echo ready; while :; do sleep 1; done");
	s = ready();
	pid = reed_process_pid(process);
	reed_abort(s);
	reed_process_close(process);
	reed_loop_free(loop);
	check(kill(pid, 0) < 0 && errno == ESRCH);
	loop = ours;
}

/* ---- many ---- */

enum { MANY = 1000 };

static void a_thousand_children_at_once_all_end_well(void)
{
	static struct reed_process *all[MANY];
	static struct reed_exit how[MANY];
	static struct owner owners[MANY];
	static const char *const argv[] = { "cat", NULL };

	options = (struct reed_process_options)REED_PROCESS_OPTIONS;
	options.argv = argv;
	options.in.is = REED_CHILD_READS;
	for (int i = 0; i < MANY; i++) {
		check_int(outcome(reed_spawn(loop, &options, &all[i])), REED_OK);
		own(&owners[i], reed_process_wait(all[i], &how[i]));
	}
	for (int i = 0; i < MANY; i++)
		check(!owners[i].told);
	for (int i = 0; i < MANY; i++)
		reed_close(reed_process_stream(all[i], 0));
	for (int i = 0; i < MANY; i++) {
		until(owners[i].told);
		check(!owners[i].err && how[i].status == 0);
		reed_process_close(all[i]);
	}
}

static void a_thousand_children_are_dropped_at_once(void)
{
	static struct reed_process *all[MANY];
	static const char *const argv[] = { "sleep", "1000", NULL };

	options = (struct reed_process_options)REED_PROCESS_OPTIONS;
	options.argv = argv;
	for (int i = 0; i < MANY; i++)
		check_int(outcome(reed_spawn(loop, &options, &all[i])), REED_OK);
	for (int i = 0; i < MANY; i++)
		reed_process_close(all[i]);
}

static void signals_and_sigchld_are_left_as_they_were(void)
{
	struct sigaction action;

	sigaction(SIGCHLD, NULL, &action);
#ifndef REED_POSIX_ONLY
	check(action.sa_handler == SIG_DFL);
#endif
	reed_loop_free(loop);
	sigaction(SIGCHLD, NULL, &action);
	check(action.sa_handler == SIG_DFL);
	check_int(reed_loop_new(NULL, &loop), REED_OK);
}

int main(void)
{
	kit_open();
	RUN_CLEAN(how_it_ended_is_told_to_all_who_ask);
	RUN_CLEAN(what_it_used_is_told);
	RUN_CLEAN(a_dropped_wait_takes_nothing_away);
	RUN_CLEAN(ends_are_put_into_words);
	RUN_CLEAN(being_stopped_and_continued_is_no_end);
	RUN_CLEAN(who_is_reaped_by_somebody_else_is_not_known);
	RUN_CLEAN(a_stopped_child_gets_the_chance_to_say_goodbye);
	RUN_CLEAN(one_that_ignores_it_is_killed);
	RUN_CLEAN(one_that_stands_still_hears_it_too);
	RUN_CLEAN(a_group_is_killed_as_one);
	RUN_CLEAN(what_a_child_leaves_behind_stays_unless_it_is_swept);
	RUN_CLEAN(a_signal_goes_to_the_group);
	RUN_CLEAN(a_closed_child_ends_within_its_grace);
	RUN_CLEAN(a_dropped_spawn_leaves_nothing);
	RUN_CLEAN(a_detached_child_runs_on);
	RUN_CLEAN(the_end_of_the_loop_is_the_end_of_what_was_closed);
	RUN_CLEAN(a_thousand_children_at_once_all_end_well);
	RUN_CLEAN(a_thousand_children_are_dropped_at_once);
	RUN_CLEAN(signals_and_sigchld_are_left_as_they_were);
	kit_close();
	return 0;
}
