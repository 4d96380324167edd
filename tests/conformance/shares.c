/* The tests of a suite, dealt out to processes. */

#include <spawn.h>
#include <sys/wait.h>

#include "tests/conformance/suites.h"
#include "tests/core/tools.h"

enum { SHARES = 4 };

extern char **environ;

static int share, dealt;

static pid_t start_share(int number, char *const *again)
{
	char text[12];
	pid_t pid;

	snprintf(text, sizeof(text), "%d", number);
	setenv("REED_SHARE", text, 1);
	check_int(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, again, environ), 0);
	return pid;
}

/* The worst of them is that of all. */
static int share_ends(pid_t pid, int number)
{
	int status;

	check(waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == SKIPPED))
		return WEXITSTATUS(status);
	fprintf(stderr, "REED_SHARE=%d failed, status %#x\n", number, (unsigned)status);
	return 1;
}

static int wait_for_shares(char *const *again)
{
	pid_t pids[SHARES];
	int skipped = 0, failed = 0;

	for (int i = 0; i < SHARES; i++)
		pids[i] = start_share(i, again);
	for (int i = 0; i < SHARES; i++) {
		int status = share_ends(pids[i], i);

		skipped += status == SKIPPED;
		failed += status == 1;
	}
	return failed || (skipped && skipped < SHARES) ? 1 : skipped ? SKIPPED : 0;
}

int in_shares(char *const *again, void (*work)(void))
{
	const char *number = getenv("REED_SHARE");

	if (!number)
		return wait_for_shares(again);
	share = atoi(number);
	setvbuf(stdout, NULL, _IOLBF, 0);
	work();
	return 0;
}

bool is_mine(const char *of, const char *test)
{
	if (dealt++ % SHARES != share)
		return false;
	printf("%d: %s, %s\n", share, of, test);
	return true;
}
