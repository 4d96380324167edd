/* Descriptors that travel over UNIX streams: SCM_RIGHTS. */

#include "rights.h"

#include "private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct reed_rights *reed_rights_new(size_t room)
{
	struct reed_rights *r = reed_alloc(sizeof(*r) + room * sizeof(r->fds[0]));

	r->room = room;
	return r;
}

void reed_rights_free(struct reed_rights *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->count; i++)
		close(r->fds[i]);
	reed_free(r);
}

struct reed_rights *reed_rights_of(const int *fds, size_t n)
{
	struct reed_rights *r = reed_rights_new(n);
	int err;

	for (; r->count < n; r->count++) {
		r->fds[r->count] = fcntl(fds[r->count], F_DUPFD_CLOEXEC, 0);
		if (r->fds[r->count] >= 0)
			continue;
		err = errno;
		reed_rights_free(r);
		errno = err;
		return NULL;
	}
	return r;
}

size_t reed_rights_take(struct reed_rights *r, int *fds, size_t n)
{
	n = n < r->count ? n : r->count;
	memcpy(fds, r->fds, n * sizeof(fds[0]));
	r->count -= n;
	memmove(r->fds, r->fds + n, r->count * sizeof(fds[0]));
	return n;
}

union control {
	struct cmsghdr aligned;
	char bytes[CMSG_SPACE(REED_FDS * sizeof(int))];
};

ssize_t reed_rights_send(int fd, const struct iovec *iov, int count, const int *fds, size_t n)
{
	union control control;
	struct msghdr m = { .msg_iov = (struct iovec *)(uintptr_t)iov,
		            .msg_iovlen = (size_t)count,
		            .msg_control = &control,
		            .msg_controllen = CMSG_SPACE(n * sizeof(int)) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	memset(&control, 0, m.msg_controllen);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	return sendmsg(fd, &m, MSG_NOSIGNAL);
}

/* What there is no room for is closed. */
static bool keep(struct reed_rights *r, const struct cmsghdr *c)
{
	size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	const unsigned char *at = CMSG_DATA(c);
	bool all = true;
	int fd;

	for (size_t i = 0; i < n; i++) {
		memcpy(&fd, at + i * sizeof(fd), sizeof(fd));
#ifndef MSG_CMSG_CLOEXEC
		fcntl(fd, F_SETFD, FD_CLOEXEC);
#endif
		if (r->count < r->room) {
			r->fds[r->count++] = fd;
		} else {
			close(fd);
			all = false;
		}
	}
	return all;
}

ssize_t reed_rights_receive(int fd, char *into, size_t room, struct reed_rights *r)
{
	union control control;
	struct iovec iov = { into, room };
	struct msghdr m = { .msg_iov = &iov,
		            .msg_iovlen = 1,
		            .msg_control = &control,
		            .msg_controllen = sizeof(control) };
	int err = 0;
#ifdef MSG_CMSG_CLOEXEC
	ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
#else
	ssize_t n = recvmsg(fd, &m, 0);
#endif

	if (n < 0)
		return n;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && !keep(r, c))
			err = EMSGSIZE;
	/* The system had no number left for them: who counts on them must hear of it. */
	if (!err && m.msg_flags & MSG_CTRUNC)
		err = EMFILE;
	if (!err)
		return n;
	errno = err;
	return -1;
}
