/* The sockets that c-ares uses. */

#include <ares.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "resolve_private.h"

static ares_socket_t dns_socket(int family, int type, int protocol, void *arg)
{
	int fd = socket(family, type, protocol), one = 1;

	(void)arg;
	if (fd < 0)
		return ARES_SOCKET_BAD;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static int dns_close(ares_socket_t fd, void *arg)
{
	(void)arg;
	return close(fd);
}

static int dns_connect(ares_socket_t fd, const struct sockaddr *to, ares_socklen_t n, void *arg)
{
	(void)arg;
	return connect(fd, to, n);
}

static ares_ssize_t dns_receive(ares_socket_t fd, void *into, size_t room, int flags,
                                struct sockaddr *from, ares_socklen_t *n, void *arg)
{
	(void)arg;
	return recvfrom(fd, into, room, flags, from, n);
}

static ares_ssize_t dns_send(ares_socket_t fd, const struct iovec *iov, int count, void *arg)
{
	struct iovec copy[16];
	struct msghdr m = { .msg_iov = copy };

	(void)arg;
	while ((int)m.msg_iovlen < count && m.msg_iovlen < REED_COUNT(copy)) {
		copy[m.msg_iovlen] = iov[m.msg_iovlen];
		m.msg_iovlen++;
	}
	return sendmsg(fd, &m, MSG_NOSIGNAL);
}

const struct ares_socket_functions reed_dns_sockets = {
	.asocket = dns_socket,
	.aclose = dns_close,
	.aconnect = dns_connect,
	.arecvfrom = dns_receive,
	.asendv = dns_send,
};
