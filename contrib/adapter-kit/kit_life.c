/* Beginnings and ends. */

#include <reed/future.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit.h"

/* ---- parting ---- */

static void sleep_alone(int ms)
{
	require(reed_loop_run_until(kit_loop, reed_sleep(kit_loop, ms), NULL) == REED_OK);
}

static void tick_alone(void)
{
	int ticks = 0;
	void *timer = kit->timer_new(kit_foreign, 5, kit_count, &ticks);

	while (ticks < 3)
		kit->foreign_turn(kit_foreign);
	kit->timer_free(timer);
}

static void part(void *arg)
{
	kit_part();
	kit_count(arg);
}

static void part_and_tie(void *arg)
{
	kit_part();
	kit_tie();
	kit_count(arg);
}

static void both_work(void)
{
	struct kit_alarm alarm;
	int own = 0, ticks = 0;
	void *timer = kit->timer_new(kit_foreign, 5, kit_count, &ticks);

	kit_alarm(&alarm, 10, kit_count, &own);
	kit_until(own && ticks > 1);
	kit->timer_free(timer);
}

static void loops_that_have_parted_go_on_alone_and_may_meet_again(void)
{
	for (int i = 0; i < 3; i++) {
		both_work();
		kit_part();
		sleep_alone(5);
		tick_alone();
		kit_tie();
	}
	both_work();
}

static void parting_in_a_callback_of_reed_leaves_both_whole(void)
{
	struct kit_alarm alarm;
	int done = 0;

	kit_alarm(&alarm, 5, part, &done);
	kit_until(done);
	sleep_alone(5);
	tick_alone();
	kit_tie();
	kit_alarm(&alarm, 5, part_and_tie, &done);
	kit_until(done == 2);
	both_work();
}

struct once {
	void *timer;
	kit_fn *fn;
	int done;
};

static void call_once(void *arg)
{
	struct once *self = arg;

	kit->timer_free(self->timer);
	self->fn(&self->done);
}

static void parting_in_a_foreign_callback_leaves_both_whole(void)
{
	struct once first = { .fn = part }, again = { .fn = part_and_tie };

	first.timer = kit->timer_new(kit_foreign, 5, call_once, &first);
	kit_until(first.done);
	sleep_alone(5);
	tick_alone();
	kit_tie();
	again.timer = kit->timer_new(kit_foreign, 5, call_once, &again);
	kit_until(again.done);
	both_work();
}

/* ---- who stops first ---- */

static void the_foreign_loop_may_stop_first(void)
{
	both_work();
	kit_part();
	kit->foreign_free(kit_foreign);
	kit_foreign = NULL;
	sleep_alone(20);
}

static void reed_may_stop_first(void)
{
	both_work();
	kit_part();
	reed_loop_free(kit_loop);
	kit_loop = NULL;
	tick_alone();
}

/* ---- failures ---- */

/* With every number of descriptors that is too few. */
static void an_attempt_that_fails_leaks_nothing(void)
{
	struct rlimit was, few;
	struct reed_loop *fresh;
	void *tie = NULL;
	int before, had;
	enum reed_err err = REED_EMFILE;

	kit_part();
	getrlimit(RLIMIT_NOFILE, &was);
	for (int room = 0; err; room++) {
		require(room < 10);
		require(reed_loop_new(NULL, &fresh) == REED_OK);
		before = dup(0);
		close(before);
		had = kit_descriptors();
		few = was;
		few.rlim_cur = (rlim_t)(before + room);
		setrlimit(RLIMIT_NOFILE, &few);
		err = kit->attach(fresh, kit_foreign, &tie);
		setrlimit(RLIMIT_NOFILE, &was);
		if (err)
			require(kit_descriptors() == had);
		else
			kit->detach(tie);
		require(err == REED_EMFILE || err == REED_OK);
		reed_loop_free(fresh);
	}
	kit_tie();
	both_work();
}

/* ---- the host's own ---- */

static volatile sig_atomic_t children;

static void child_ended(int signo)
{
	(void)signo;
	children++;
}

static void children_of_the_program_are_its_own(void)
{
	struct sigaction action = { .sa_handler = child_ended }, before, now;
	int status;
	pid_t pid;

	children = 0;
	require(sigaction(SIGCHLD, &action, &before) == 0);
	pid = fork();
	if (pid == 0)
		_exit(7);
	both_work();
	while (!children)
		both_work();
	if (kit->attach) {
		kit_part();
		kit_tie();
	}
	require(waitpid(-1, &status, WNOHANG) == pid);
	require(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	sigaction(SIGCHLD, &before, &now);
	require(now.sa_handler == child_ended);
}

#define TEST(test)                         \
	{                                  \
		.name = #test, .run = test \
	}
#define TEST_OF_PARTING(test)                             \
	{                                                 \
		.name = #test, .run = test, .parts = true \
	}

const struct kit_test kit_life_tests[] = {
	TEST_OF_PARTING(loops_that_have_parted_go_on_alone_and_may_meet_again),
	TEST_OF_PARTING(parting_in_a_callback_of_reed_leaves_both_whole),
	TEST_OF_PARTING(parting_in_a_foreign_callback_leaves_both_whole),
	TEST_OF_PARTING(the_foreign_loop_may_stop_first),
	TEST_OF_PARTING(reed_may_stop_first),
	TEST_OF_PARTING(an_attempt_that_fails_leaks_nothing),
	TEST(children_of_the_program_are_its_own),
	{ .name = NULL },
};
