/*
 * SIGPIPE is blocked around a call that knows no MSG_NOSIGNAL, and the one that
 * came of it is taken back, so that its disposition stays as it was.
 */

#include <time.h>

#include "os.h"

void reed_sigpipe_hold(struct reed_sigpipe *self)
{
	sigset_t sigpipe, pending;

	sigemptyset(&sigpipe);
	sigaddset(&sigpipe, SIGPIPE);
	sigpending(&pending);
	self->was_pending = sigismember(&pending, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &sigpipe, &self->old);
}

void reed_sigpipe_let_go(struct reed_sigpipe *self, ssize_t result)
{
	struct timespec at_once = { 0 };
	sigset_t sigpipe;
	int err = errno;

	sigemptyset(&sigpipe);
	sigaddset(&sigpipe, SIGPIPE);
	if (result < 0 && err == EPIPE && !self->was_pending)
		while (sigtimedwait(&sigpipe, NULL, &at_once) < 0 && errno == EINTR)
			continue;
	pthread_sigmask(SIG_SETMASK, &self->old, NULL);
	errno = err;
}
