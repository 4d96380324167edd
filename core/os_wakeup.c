/* How another thread, or a signal handler, ends a wait: an eventfd, or a pipe. */

#include "private.h"

#include <fcntl.h>
#include <unistd.h>

#ifndef REED_POSIX_ONLY
#include <sys/eventfd.h>

enum reed_err reed_wakeup_open(int fds[2])
{
	fds[0] = fds[1] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return fds[0] < 0 ? reed_err_of(errno) : REED_OK;
}

void reed_wakeup_close(int fds[2])
{
	close(fds[0]);
}

void reed_wakeup_signal(int fds[2])
{
	uint64_t one = 1;
	ssize_t n = write(fds[1], &one, sizeof(one));

	(void)n; /* a full counter wakes as well */
}

#else

enum reed_err reed_wakeup_open(int fds[2])
{
	if (pipe(fds) < 0)
		return reed_err_of(errno);
	for (int i = 0; i < 2; i++) {
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
		fcntl(fds[i], F_SETFD, FD_CLOEXEC);
	}
	return REED_OK;
}

void reed_wakeup_close(int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

void reed_wakeup_signal(int fds[2])
{
	ssize_t n = write(fds[1], "", 1);

	(void)n; /* a full pipe wakes as well */
}

#endif

void reed_wakeup_clear(int fds[2])
{
	char sink[64];

	while (read(fds[0], sink, sizeof(sink)) == (ssize_t)sizeof(sink))
		continue;
}
