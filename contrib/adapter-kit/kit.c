/* The frame of the tests. */

#include "kit.h"

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_S = 60 };

const struct kit_adapter *kit;
struct reed_loop *kit_loop;
void *kit_foreign;

static void *tie;

/* ---- tools ---- */

void kit_part(void)
{
	kit->detach(tie);
	tie = NULL;
}

void kit_tie(void)
{
	require(kit->attach(kit_loop, kit_foreign, &tie) == REED_OK);
}

static void alarm_fire(struct reed_timer *timer)
{
	struct kit_alarm *self = reed_container_of(timer, struct kit_alarm, timer);

	self->fn(self->arg);
}

void kit_alarm(struct kit_alarm *self, int ms, kit_fn *fn, void *arg)
{
	*self = (struct kit_alarm){ .timer.fire = alarm_fire, .fn = fn, .arg = arg };
	reed_timer_start(kit_loop, &self->timer, REED_MS(ms));
}

void kit_count(void *arg)
{
	++*(int *)arg;
}

int64_t kit_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int kit_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = -1; /* the folder itself */

	require(dir != NULL);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* ---- one test ---- */

static void open_loops(void)
{
	kit_foreign = kit->foreign_new();
	require(kit_foreign != NULL);
	if (kit->loop_new)
		require(kit->loop_new(kit_foreign, &kit_loop) == REED_OK);
	else
		require(reed_loop_new(NULL, &kit_loop) == REED_OK);
	if (kit->attach)
		kit_tie();
}

static void close_loops(void)
{
	if (tie)
		kit_part();
	reed_loop_free(kit_loop);
	if (kit_foreign)
		kit->foreign_free(kit_foreign);
	kit_loop = NULL;
	kit_foreign = NULL;
}

static bool same_action(int signo, const struct sigaction *before)
{
	struct sigaction now;

	sigaction(signo, NULL, &now);
	return now.sa_handler == before->sa_handler;
}

static bool same_mask(const sigset_t *a, const sigset_t *b)
{
	for (int signo = 1; signo < NSIG; signo++)
		if (sigismember(a, signo) != sigismember(b, signo))
			return false;
	return true;
}

/* Whatever a test is about: nobody's signals are touched. */
static void run(const struct kit_test *test)
{
	struct sigaction child, pipe;
	sigset_t before, after;

	if (test->parts && !kit->attach) {
		printf("left out: %s (the loops of %s cannot be parted)\n", test->name, kit->name);
		return;
	}
	sigaction(SIGCHLD, NULL, &child);
	sigaction(SIGPIPE, NULL, &pipe);
	sigprocmask(SIG_SETMASK, NULL, &before);
	alarm(PATIENCE_S);
	open_loops();
	test->run();
	close_loops();
	alarm(0);
	sigprocmask(SIG_SETMASK, NULL, &after);
	require(same_mask(&before, &after));
	require(same_action(SIGCHLD, &child) && same_action(SIGPIPE, &pipe));
	printf("ok %s\n", test->name);
	fflush(stdout);
}

static void more_descriptors(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void run_all(const struct kit_test *tests)
{
	for (; tests->name; tests++)
		run(tests);
}

int kit_run(const struct kit_adapter *adapter)
{
	kit = adapter;
	more_descriptors();
	run_all(kit_time_tests);
	run_all(kit_io_tests);
	run_all(kit_life_tests);
	printf("%s passes\n", kit->name);
	return 0;
}
