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

enum { BACKLOG = 4096 };

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

static void no_delay(int fd, enum reed_family family)
{
	int one = 1;

	if (family != REED_FAMILY_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

/* ---- listeners ---- */

struct socket_listener {
	struct reed_listener listener;
	struct reed_fd_watch watch;
	struct reed_unix_file file;
};

static struct socket_listener *self_of(struct reed_listener *l)
{
	return reed_container_of(l, struct socket_listener, listener);
}

static int accept_one(int fd)
{
#ifdef REED_POSIX_ONLY
	int got = accept(fd, NULL, NULL);

	if (got >= 0) {
		fcntl(got, F_SETFL, O_NONBLOCK);
		fcntl(got, F_SETFD, FD_CLOEXEC);
	}
	return got;
#else
	return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
#endif
}

static enum reed_err socket_accept(struct reed_listener *l, struct reed_stream **stream)
{
	int fd = accept_one(self_of(l)->watch.fd);

	if (fd >= 0) {
		no_delay(fd, l->address.family);
		*stream = reed_stream_of_socket(l->loop, fd);
		return REED_OK;
	}
	switch (errno) {
	case EMFILE:
	case ENFILE:
		return reed_err_of(errno);
	case ENOBUFS:
	case ENOMEM:
		return REED_ENOMEM;
	case EBADF:
	case EINVAL:
	case ENOTSOCK:
		l->fault = reed_fault(REED_EINVAL, NULL, "the socket does not listen");
		return REED_EINVAL;
	default:
		return REED_EAGAIN; /* nobody there, or what befell one peer only */
	}
}

static void socket_want(struct reed_listener *l, bool wanted)
{
	if (wanted)
		reed_fd_watch(&self_of(l)->watch, REED_READ);
	else
		reed_fd_unwatch(&self_of(l)->watch);
}

static void socket_close(struct reed_listener *l)
{
	reed_fd_unwatch(&self_of(l)->watch);
	reed_unix_remove(&self_of(l)->file, l->address.path);
	close(self_of(l)->watch.fd);
}

static const struct reed_listener_ops socket_listener_ops = {
	.name = "socket",
	.accept = socket_accept,
	.want = socket_want,
	.close = socket_close,
};

static void listener_ready(struct reed_fd_watch *w, unsigned events)
{
	(void)events;
	reed_listener_ready(&reed_container_of(w, struct socket_listener, watch)->listener);
}

static struct socket_listener *listener_new(struct reed_loop *loop, int fd)
{
	struct socket_listener *self = reed_alloc(sizeof(*self));
	struct sockaddr_storage at;
	socklen_t n = sizeof(at);

	reed_listener_init(&self->listener, loop, &socket_listener_ops);
	self->watch.loop = loop;
	self->watch.ready = listener_ready;
	self->watch.fd = fd;
	if (getsockname(fd, (struct sockaddr *)&at, &n) == 0)
		reed_address_of_system(&at, n, &self->listener.address);
	return self;
}

/* IPV6_V6ONLY off: "::" serves both families. */
static void socket_options(int fd, const struct reed_address *at, const struct reed_bind *bind)
{
	int one = 1, zero = 0;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind->reuse_port)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (at->family == REED_FAMILY_IPV6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
}

static enum reed_err bind_and_listen(int fd, const struct reed_address *at,
                                     const struct reed_bind *bind_as, struct reed_unix_file *file,
                                     struct reed_fault **fault)
{
	static const struct reed_bind plain = { .mode = -1 };
	struct sockaddr_storage to;
	socklen_t n = reed_address_to_system(at, &to);
	int backlog;

	bind_as = bind_as ? bind_as : &plain;
	backlog = bind_as->backlog > 0 ? bind_as->backlog : BACKLOG;
	if (at->family == REED_FAMILY_UNIX)
		return reed_unix_bind(fd, at, SOCK_STREAM, backlog, bind_as, file, fault);
	socket_options(fd, at, bind_as);
	if (bind(fd, (struct sockaddr *)&to, n) < 0 || listen(fd, backlog) < 0)
		return reed_os_fail(fault, at, "cannot listen on");
	return REED_OK;
}

enum reed_err reed_listen_address(struct reed_loop *loop, const struct reed_address *at,
                                  const struct reed_bind *options, struct reed_listener **out,
                                  struct reed_fault **fault)
{
	int fd = reed_os_socket(at, SOCK_STREAM);
	struct reed_unix_file file = { .made = false };
	struct socket_listener *self;
	enum reed_err err;

	if (fd < 0)
		return reed_os_fail(fault, at, "no socket for");
	err = bind_and_listen(fd, at, options, &file, fault);
	if (err) {
		close(fd);
		return err;
	}
	self = listener_new(loop, fd);
	self->file = file;
	*out = &self->listener;
	return REED_OK;
}

enum reed_err reed_listener_of_fd(struct reed_loop *loop, int fd, struct reed_listener **out)
{
	int listening = 0, flags = fcntl(fd, F_GETFL);
	socklen_t n = sizeof(listening);

	if (flags < 0 || getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &n) < 0 ||
	    !listening)
		return REED_EINVAL;
	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	*out = &listener_new(loop, fd)->listener;
	return REED_OK;
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
	no_delay(self->watch.fd, self->to.family);
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
