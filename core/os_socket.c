/* Sockets that listen, and sockets that connect. */

#include "private.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os.h"

bool reed_os_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, 0) == 1;
}

int reed_os_inherited(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");

	if (!pid || !fds || strtol(pid, NULL, 10) != (long)getpid())
		return 0;
	return (int)strtol(fds, NULL, 10);
}

enum reed_err reed_os_fail(struct reed_fault **fault, const struct reed_address *at,
                           const char *what)
{
	char text[REED_ADDRESS_TEXT];
	enum reed_err err = reed_err_of(errno);

	*fault = reed_fault(err, NULL, "%s %s: %s", what, reed_address_text(at, text),
	                    strerror(errno));
	return err;
}

static int family_of(const struct reed_address *at)
{
	if (at->family == REED_FAMILY_UNIX)
		return AF_UNIX;
	return at->family == REED_FAMILY_IPV6 ? AF_INET6 : AF_INET;
}

int reed_os_socket(const struct reed_address *at, int type)
{
#ifdef REED_POSIX_ONLY
	int fd = socket(family_of(at), type, 0);

	if (fd >= 0) {
		fcntl(fd, F_SETFL, O_NONBLOCK);
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	return fd;
#else
	return socket(family_of(at), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#endif
}

void reed_os_tune_tcp(int fd, enum reed_family family)
{
	int one = 1;

	if (family == REED_FAMILY_UNIX)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
}

/* ---- connecting ---- */

struct connect {
	struct reed_future future;
	struct reed_fd_watch watch;
	struct reed_address to;
	struct reed_stream **out;
};

static struct connect *connect_of(struct reed_future *f)
{
	return reed_container_of(f, struct connect, future);
}

static void connect_settle(struct connect *self, int err)
{
	char text[REED_ADDRESS_TEXT];

	if (err == EAGAIN) /* of a UNIX socket: nobody will tell when to try again */
		reed_fail(&self->future, REED_EREFUSED, "%s: too many wait there already",
		          reed_address_text(&self->to, text));
	else if (err)
		reed_fail(&self->future, reed_err_of(err), "%s: %s",
		          reed_address_text(&self->to, text), strerror(err));
	else
		reed_settle(&self->future, REED_OK);
}

static void connect_ready(struct reed_fd_watch *w, unsigned events)
{
	struct connect *self = reed_container_of(w, struct connect, watch);
	socklen_t n = sizeof(int);
	int err = 0;

	(void)events;
	reed_fd_unwatch(w);
	if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &err, &n) < 0)
		err = errno;
	connect_settle(self, err);
}

static void connect_cancel(struct reed_future *f)
{
	reed_fd_unwatch(&connect_of(f)->watch);
}

static void connect_deliver(struct reed_future *f)
{
	struct connect *self = connect_of(f);

	if (f->err)
		return;
	reed_os_tune_tcp(self->watch.fd, self->to.family);
	*self->out = reed_stream_of_socket(f->loop, self->watch.fd);
	self->watch.fd = -1;
}

static void connect_free(struct reed_future *f)
{
	struct connect *self = connect_of(f);

	if (self->watch.fd >= 0)
		close(self->watch.fd);
	reed_free(self);
}

static const struct reed_future_kind connect_kind = {
	.name = "connect",
	.cancel = connect_cancel,
	.deliver = connect_deliver,
	.free = connect_free,
};

/* 0, an errno, or EINPROGRESS */
static int begin_connect(int fd, const struct reed_address *to, const struct reed_address *from)
{
	struct sockaddr_storage at;
	socklen_t n;

	if (fd < 0)
		return errno;
	if (from) {
		n = reed_address_to_system(from, &at);
		if (bind(fd, (struct sockaddr *)&at, n) < 0)
			return errno;
	}
	n = reed_address_to_system(to, &at);
	return connect(fd, (struct sockaddr *)&at, n) < 0 ? errno : 0;
}

/* Connecting a datagram socket sends nothing. */
bool reed_os_source(const struct reed_address *to, struct reed_address *from)
{
	struct reed_address probe = *to;
	struct sockaddr_storage at;
	socklen_t n;
	bool found = false;
	int fd = reed_os_socket(to, SOCK_DGRAM);

	if (fd < 0)
		return false;
	probe.port = probe.port ? probe.port : 53; /* some systems refuse 0 */
	n = reed_address_to_system(&probe, &at);
	if (connect(fd, (struct sockaddr *)&at, n) == 0) {
		n = sizeof(at);
		found = getsockname(fd, (struct sockaddr *)&at, &n) == 0;
	}
	if (found)
		reed_address_of_system(&at, n, from);
	close(fd);
	return found;
}

struct reed_future *reed_connect_address(struct reed_loop *loop, const struct reed_address *to,
                                         const struct reed_address *from, struct reed_stream **out)
{
	struct connect *self = reed_alloc(sizeof(*self));
	int err;

	reed_future_init(&self->future, loop, &connect_kind);
	self->to = *to;
	self->out = out;
	self->watch.loop = loop;
	self->watch.ready = connect_ready;
	self->watch.fd = reed_os_socket(to, SOCK_STREAM);
	err = begin_connect(self->watch.fd, to, from);
	if (err == EINPROGRESS)
		reed_fd_watch(&self->watch, REED_WRITE);
	else
		connect_settle(self, err);
	return &self->future;
}
