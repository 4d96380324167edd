/* Files that the system sends by itself. */

#include <signal.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include "os.h"

static bool would_kill(void)
{
	struct sigaction now;

	return sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler != SIG_IGN;
}

static ssize_t send_some(int out, int in, uint64_t offset, size_t n)
{
	struct reed_sigpipe pipe;
	off_t at = (off_t)offset;
	ssize_t went;

	if (!would_kill())
		return sendfile(out, in, &at, n);
	reed_sigpipe_hold(&pipe);
	went = sendfile(out, in, &at, n);
	reed_sigpipe_let_go(&pipe, went);
	return went;
}

ssize_t reed_os_sendfile(int out, int in, uint64_t offset, size_t n)
{
	ssize_t went = send_some(out, in, offset, n);

	if (went >= 0)
		return went;
	if (errno == EINTR || errno == EAGAIN)
		return REED_EAGAIN;
	/* not of this kind of file, or into this kind of socket */
	return errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP
	               ? (ssize_t)REED_ENOTSUP
	               : (ssize_t)reed_err_of(errno);
}

bool reed_os_is_at_hand(int fd, uint64_t offset)
{
	char byte;
	struct iovec iov = { &byte, 1 };

	return preadv2(fd, &iov, 1, (off_t)offset, RWF_NOWAIT) >= 0 || errno != EAGAIN;
}
