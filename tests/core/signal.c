/* What waiting for signals and children promises. */

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/core/tools.h"

/* ---- signals ---- */

static void a_signal_wakes_all_who_wait_for_it(void)
{
	struct owner a, b, other;

	own(&a, reed_signal(loop, SIGUSR1));
	own(&b, reed_signal(loop, SIGUSR1));
	own(&other, reed_signal(loop, SIGUSR2));
	turns(3);
	check(!a.told && !b.told);
	raise(SIGUSR1);
	until(a.told && b.told);
	check(!a.err && !b.err && !other.told);
	raise(SIGUSR2);
	until(other.told);
	check_int(other.err, REED_OK);
}

/* Between two waits it stays where it is. */
static void a_signal_between_two_waits_is_not_lost(void)
{
	struct owner o;

	own(&o, reed_signal(loop, SIGUSR1));
	raise(SIGUSR1);
	until(o.told);
	raise(SIGUSR1);
	turns(3);
	own(&o, reed_signal(loop, SIGUSR1));
	until(o.told);
	check_int(o.err, REED_OK);
}

static void a_dropped_wait_leaves_the_signal_to_the_next(void)
{
	struct owner o;

	own(&o, reed_within(1000, reed_signal(loop, SIGUSR1)));
	disown(&o);
	raise(SIGUSR1);
	turns(3);
	own(&o, reed_signal(loop, SIGUSR1));
	until(o.told);
	check_int(o.err, REED_OK);
}

/* It came in the same turn as what was waited for beside it. */
static void a_signal_that_lost_a_race_is_told_to_the_next(void)
{
	struct owner o;
	int which = -1;

	own(&o, reed_any(&which, reed_sleep(loop, 1), reed_signal(loop, SIGUSR1)));
	lab_pass(REED_MS(5));
	raise(SIGUSR1);
	until(o.told);
	check_int(which, 0);
	check_int(outcome(reed_within(50, reed_signal(loop, SIGUSR1))), REED_OK);
	check_int(outcome(reed_within(50, reed_signal(loop, SIGUSR1))), REED_ETIMEDOUT);
}

static void a_wait_for_a_signal_can_be_interrupted(void)
{
	struct owner o;

	own(&o, reed_signal(loop, SIGUSR1));
	reed_interrupt(o.waiter.future);
	run();
	check(o.told == 1 && o.err == REED_ECANCELED && idle());
}

static void signals_there_are_not_are_refused(void)
{
	check_int(outcome(reed_signal(loop, 0)), REED_EINVAL);
	check_int(outcome(reed_signal(loop, -1)), REED_EINVAL);
	check_int(outcome(reed_signal(loop, 4711)), REED_EINVAL);
	check(why_is("there is no signal 4711"));
}

static void the_mask_and_dispositions_are_left_as_they_were(void)
{
	struct sigaction before[3], after;
	static const int signals[3] = { SIGUSR1, SIGCHLD, SIGPIPE };
	sigset_t blocked, now;
	struct reed_loop *ours = loop;
	struct owner o;

	for (int i = 0; i < 3; i++)
		sigaction(signals[i], NULL, &before[i]);
	pthread_sigmask(SIG_BLOCK, NULL, &blocked);
	loop = lab_loop(NULL);
	own(&o, reed_signal(loop, SIGHUP));
	raise(SIGHUP);
	until(o.told);
	reed_loop_free(loop);
	loop = ours;
	pthread_sigmask(SIG_BLOCK, NULL, &now);
	for (int signo = 1; signo < 32; signo++)
		check_int(sigismember(&now, signo), sigismember(&blocked, signo));
	for (int i = 0; i < 3; i++) {
		sigaction(signals[i], NULL, &after);
		check(after.sa_handler == before[i].sa_handler);
	}
}

/* Any number of them between two waits are one. */
static void signals_nobody_waits_for_are_not_counted(void)
{
	struct owner o;

	own(&o, reed_signal(loop, SIGUSR1));
	raise(SIGUSR1);
	until(o.told);
	for (int i = 0; i < 5; i++) {
		raise(SIGUSR1);
		turns(1);
	}
	check_int(outcome(reed_within(50, reed_signal(loop, SIGUSR1))), REED_OK);
	check_int(outcome(reed_within(50, reed_signal(loop, SIGUSR1))), REED_ETIMEDOUT);
}

static void a_loop_inside_another_gives_the_signal_back(void)
{
	struct reed_loop *ours = loop;
	struct owner o;

	own(&o, reed_signal(loop, SIGUSR1));
	raise(SIGUSR1);
	until(o.told);
	loop = lab_loop(NULL);
	own(&o, reed_signal(loop, SIGUSR1));
	raise(SIGUSR1);
	until(o.told);
	reed_loop_free(loop);
	loop = ours;
	own(&o, reed_signal(loop, SIGUSR1));
	raise(SIGUSR1);
	until(o.told);
	check_int(o.err, REED_OK);
}

static void what_was_blocked_before_stays_blocked(void)
{
	struct reed_loop *ours = loop;
	sigset_t hup, now;
	struct owner o;

	sigemptyset(&hup);
	sigaddset(&hup, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &hup, NULL);
	loop = lab_loop(NULL);
	own(&o, reed_signal(loop, SIGHUP));
	disown(&o);
	reed_loop_free(loop);
	loop = ours;
	pthread_sigmask(SIG_BLOCK, NULL, &now);
	check(sigismember(&now, SIGHUP));
	pthread_sigmask(SIG_UNBLOCK, &hup, NULL);
}

/* ---- children ---- */

/* A child that ends as the byte says that it is sent. */
static pid_t child(int *tell)
{
	int fds[2];
	unsigned char how = 0;
	pid_t pid;

	check(pipe(fds) == 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(fds[1]);
		if (read(fds[0], &how, 1) != 1)
			how = 99;
		if (how == 77)
			raise(SIGKILL);
		_exit(how);
	}
	close(fds[0]);
	*tell = fds[1];
	return pid;
}

static void ends_with(int tell, int how)
{
	unsigned char byte = (unsigned char)how;

	check(write(tell, &byte, 1) == 1);
	close(tell);
}

static void a_child_is_reaped_when_it_has_ended(void)
{
	int tell, status = -1;
	pid_t pid = child(&tell);
	struct owner o;

	own(&o, reed_child(loop, pid, &status));
	turns(3);
	check(!o.told && status == -1);
	ends_with(tell, 3);
	until(o.told);
	check(!o.err && WIFEXITED(status) && WEXITSTATUS(status) == 3);
	check(waitpid(pid, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static void many_children_are_told_apart(void)
{
	int tell[5], status[5];
	struct owner o[5];

	for (int i = 0; i < 5; i++)
		own(&o[i], reed_child(loop, child(&tell[i]), &status[i]));
	for (int i = 4; i >= 0; i--)
		ends_with(tell[i], i == 2 ? 77 : i);
	for (int i = 0; i < 5; i++)
		until(o[i].told);
	for (int i = 0; i < 5; i++)
		if (i == 2)
			check(WIFSIGNALED(status[i]) && WTERMSIG(status[i]) == SIGKILL);
		else
			check(WIFEXITED(status[i]) && WEXITSTATUS(status[i]) == i);
}

static void a_child_that_has_ended_already_is_told(void)
{
	int tell, status = -1;
	pid_t pid = child(&tell);
	siginfo_t info;

	ends_with(tell, 7);
	check(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
	check_int(outcome(reed_child(loop, pid, &status)), REED_OK);
	check_int(WEXITSTATUS(status), 7);
}

/* Not delivered, not reaped: also when it had been looked at already. */
static void a_dropped_wait_reaps_nothing(void)
{
	int tell, status = -1;
	pid_t pid = child(&tell);
	siginfo_t info;
	struct owner o;

	own(&o, reed_all(reed_child(loop, pid, &status), reed_forever(loop)));
	turns(2);
	ends_with(tell, 5);
	check(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
	quiet();
	disown(&o);
	check_int(status, -1);
	check_int(outcome(reed_child(loop, pid, &status)), REED_OK);
	check_int(WEXITSTATUS(status), 5);
}

static void an_interrupted_wait_reaps_nothing(void)
{
	int tell, status = -1;
	pid_t pid = child(&tell);
	struct owner o;

	own(&o, reed_child(loop, pid, &status));
	turns(2);
	reed_interrupt(o.waiter.future);
	until(o.told);
	check_int(o.err, REED_ECANCELED);
	ends_with(tell, 1);
	check_int(outcome(reed_child(loop, pid, NULL)), REED_OK);
	check_int(status, -1);
}

static void who_is_no_child_of_ours_is_told_at_once(void)
{
	int tell;
	pid_t pid = child(&tell);

	check_int(outcome(reed_within(50, reed_child(loop, getppid(), NULL))), REED_ENOENT);
	ends_with(tell, 0);
	check_int(outcome(reed_child(loop, pid, NULL)), REED_OK);
	check_int(outcome(reed_child(loop, pid, NULL)), REED_ENOENT);
}

int main(void)
{
	lab_open();
	RUN(a_signal_wakes_all_who_wait_for_it);
	RUN(a_signal_between_two_waits_is_not_lost);
	RUN(a_dropped_wait_leaves_the_signal_to_the_next);
	RUN(a_signal_that_lost_a_race_is_told_to_the_next);
	RUN(a_wait_for_a_signal_can_be_interrupted);
	RUN(signals_there_are_not_are_refused);
	RUN(the_mask_and_dispositions_are_left_as_they_were);
	RUN(signals_nobody_waits_for_are_not_counted);
	RUN(a_loop_inside_another_gives_the_signal_back);
	RUN(what_was_blocked_before_stays_blocked);

	RUN(a_child_is_reaped_when_it_has_ended);
	RUN(many_children_are_told_apart);
	RUN(a_child_that_has_ended_already_is_told);
	RUN(a_dropped_wait_reaps_nothing);
	RUN(an_interrupted_wait_reaps_nothing);
	RUN(who_is_no_child_of_ours_is_told_at_once);
	lab_close();
	return 0;
}
