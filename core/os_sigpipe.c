/*
 * SIGPIPE is blocked around a call that knows no MSG_NOSIGNAL, and the one that
 * came of it is taken back, so that its disposition stays as it was.
 */

#include <signal.h>
#include <time.h>

#include "os.h"

static void take_back(const sigset_t *sigpipe)
{
	struct timespec at_once = { 0 };

	while (sigtimedwait(sigpipe, NULL, &at_once) < 0 && errno == EINTR)
		continue;
}

static ssize_t guarded(reed_os_call_fn *call, const void *arg)
{
	sigset_t sigpipe, old, pending;
	ssize_t n;
	int err;

	sigemptyset(&sigpipe);
	sigaddset(&sigpipe, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &sigpipe, &old);
	n = call(arg);
	err = errno;
	if (n < 0 && err == EPIPE && !sigismember(&pending, SIGPIPE))
		take_back(&sigpipe);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = err;
	return n;
}

/* Where it is ignored one question is all it costs. */
ssize_t reed_os_without_sigpipe(reed_os_call_fn *call, const void *arg)
{
	struct sigaction now;

	if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_IGN)
		return call(arg);
	return guarded(call, arg);
}
