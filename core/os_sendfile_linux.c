/* Files that the system sends by itself. */

#include <sys/sendfile.h>
#include <sys/uio.h>

#include "os.h"

struct sending {
	int out, in;
	uint64_t offset;
	size_t n;
};

static ssize_t send_some(const void *arg)
{
	const struct sending *s = arg;
	off_t at = (off_t)s->offset;

	return sendfile(s->out, s->in, &at, s->n);
}

/* It knows no MSG_NOSIGNAL. */
ssize_t reed_os_sendfile(int out, int in, uint64_t offset, size_t n)
{
	struct sending s = { out, in, offset, n };
	ssize_t went = reed_os_without_sigpipe(send_some, &s);

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
