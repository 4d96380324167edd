/* Streams over descriptors: sockets, pipes, terminals, standard input and output. */

#include "private.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os.h"
#include "rights.h"

/* ---- sockets ---- */

struct sock {
	struct reed_stream stream;
	struct reed_fd_watch watch;
	struct reed_rights *rights; /* descriptors that came; NULL: they are not wanted */
	bool shut;                  /* the peer is told the end */
};

static struct sock *sock_of(struct reed_stream *s)
{
	return reed_container_of(s, struct sock, stream);
}

static enum reed_err last_error(void)
{
	if (errno == EINTR || errno == EWOULDBLOCK)
		return REED_EAGAIN;
	return reed_err_of(errno);
}

/* What has lost its descriptors is worth nothing to who waits for them. */
static ssize_t read_with_fds(struct reed_stream *s, char *into, size_t room)
{
	struct sock *self = sock_of(s);
	ssize_t n = reed_rights_receive(self->watch.fd, into, room, self->rights);

	if (n < 0 && errno == EMSGSIZE)
		reed_stream_blame(s, reed_fault(REED_ETOOBIG, NULL,
		                                "the peer sent more than %zu descriptors",
		                                self->rights->room));
	else if (n < 0 && errno == EMFILE)
		reed_stream_blame(s, reed_fault(REED_EMFILE, NULL,
		                                "there is no number left for the descriptors "
		                                "that the peer sent"));
	return n;
}

static ssize_t sock_read(struct reed_stream *s, char *into, size_t room)
{
	struct sock *self = sock_of(s);
	ssize_t n =
		self->rights ? read_with_fds(s, into, room) : recv(self->watch.fd, into, room, 0);

	return n > 0 ? n : n == 0 ? (ssize_t)REED_EEOF : (ssize_t)last_error();
}

ssize_t reed_os_send(int fd, const struct iovec *iov, int count, bool more)
{
	struct msghdr m = { .msg_iov = (struct iovec *)(uintptr_t)iov,
		            .msg_iovlen = (size_t)count };
	int flags = more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL;

	return count == 1 ? send(fd, iov->iov_base, iov->iov_len, flags) : sendmsg(fd, &m, flags);
}

static ssize_t sock_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	ssize_t n = reed_os_send(sock_of(s)->watch.fd, iov, count, s->more);

	return n >= 0 ? n : (ssize_t)last_error();
}

static ssize_t sock_send(struct reed_stream *s, int file, uint64_t offset, size_t n)
{
	return reed_os_sendfile(sock_of(s)->watch.fd, file, offset, n);
}

static void sock_want(struct reed_stream *s, unsigned events)
{
	reed_fd_watch(&sock_of(s)->watch, events);
}

static void sock_shutdown(struct reed_stream *s)
{
	sock_of(s)->shut = true;
	shutdown(sock_of(s)->watch.fd, SHUT_WR);
}

/* Without this what is in the system's buffer would go, and an end that nobody said after it. */
static void be_a_reset(int fd)
{
	struct linger at_once = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

static void sock_close(struct reed_stream *s)
{
	struct sock *self = sock_of(s);

	reed_fd_unwatch(&self->watch);
	reed_rights_free(self->rights);
	if (s->aborted && !self->shut)
		be_a_reset(self->watch.fd);
	close(self->watch.fd);
}

/* ---- descriptors that travel ---- */

static bool is_unix(int fd)
{
	struct sockaddr_storage at;
	socklen_t n = sizeof(at);

	return getsockname(fd, (struct sockaddr *)&at, &n) == 0 && at.ss_family == AF_UNIX;
}

/* 0 asks only whether it could. */
static enum reed_err sock_accept_fds(struct reed_stream *s, size_t most)
{
	struct sock *self = sock_of(s);
	struct reed_rights *rights;

	if (!is_unix(self->watch.fd))
		return REED_ENOTSUP;
	if (most == 0 || (self->rights && self->rights->room >= most))
		return REED_OK;
	rights = reed_rights_new(most);
	if (self->rights) {
		rights->count = reed_rights_take(self->rights, rights->fds, most);
		reed_rights_free(self->rights);
	}
	self->rights = rights;
	return REED_OK;
}

static size_t sock_take_fds(struct reed_stream *s, int *fds, size_t room)
{
	struct sock *self = sock_of(s);

	return self->rights ? reed_rights_take(self->rights, fds, room) : 0;
}

static ssize_t sock_write_fds(struct reed_stream *s, const struct iovec *iov, int count,
                              const int *fds, size_t n)
{
	ssize_t written = reed_rights_send(sock_of(s)->watch.fd, iov, count, fds, n);

	return written >= 0 ? written : (ssize_t)last_error();
}

static const struct reed_stream_fd_ops sock_fd_ops = {
	.accept = sock_accept_fds,
	.take = sock_take_fds,
	.write = sock_write_fds,
};

static void peer_credentials(int fd, struct reed_stream_facts *facts)
{
#ifdef SO_PEERCRED
	struct ucred cred;
	socklen_t n = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) < 0)
		return;
	facts->has_credentials = true;
	facts->uid = cred.uid;
	facts->gid = cred.gid;
	facts->pid = cred.pid;
#else
	(void)fd;
	(void)facts;
#endif
}

static void sock_facts(struct reed_stream *s, struct reed_stream_facts *facts)
{
	int fd = sock_of(s)->watch.fd;
	struct sockaddr_storage at;
	socklen_t n = sizeof(at);

	if (getpeername(fd, (struct sockaddr *)&at, &n) == 0)
		reed_address_of_system(&at, n, &facts->peer);
	n = sizeof(at);
	if (getsockname(fd, (struct sockaddr *)&at, &n) == 0)
		reed_address_of_system(&at, n, &facts->local);
	if (facts->local.family == REED_FAMILY_UNIX)
		peer_credentials(fd, facts);
}

/* What goes over UNIX is there when it is written. */
static size_t sock_on_the_way(struct reed_stream *s)
{
	int fd = sock_of(s)->watch.fd, n = 0;

	if (is_unix(fd))
		return 0;
#ifdef TIOCOUTQ
	if (ioctl(fd, TIOCOUTQ, &n) == 0)
		return (size_t)n;
#endif
	return SIZE_MAX;
}

static const struct reed_stream_ops sock_ops = {
	.name = "socket",
	.read = sock_read,
	.write = sock_write,
	.want = sock_want,
	.shutdown = sock_shutdown,
	.close = sock_close,
	.facts = sock_facts,
	.fds = &sock_fd_ops,
	.send = sock_send,
	.on_the_way = sock_on_the_way,
};

/* ---- sockets whose bytes the driver moves ---- */

static ssize_t carried_read(struct reed_stream *s, char *into, size_t room)
{
	return s->loop->driver->sockets->receive(s->loop->driver, &sock_of(s)->watch, into, room);
}

static ssize_t carried_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	struct reed_driver *d = s->loop->driver;

	return d->sockets->send(d, &sock_of(s)->watch, iov, count, s->more);
}

static ssize_t carried_send(struct reed_stream *s, int file, uint64_t offset, size_t n)
{
	ssize_t before = carried_write(s, NULL, 0);

	return before < 0 ? before : sock_send(s, file, offset, n);
}

static void carried_shutdown(struct reed_stream *s)
{
	sock_of(s)->shut = true;
	s->loop->driver->sockets->shutdown(s->loop->driver, &sock_of(s)->watch);
}

static void carried_close(struct reed_stream *s)
{
	struct sock *self = sock_of(s);
	bool reset = s->aborted && !self->shut;

	reed_fd_unwatch(&self->watch);
	if (reset)
		be_a_reset(self->watch.fd);
	s->loop->driver->sockets->close(s->loop->driver, &self->watch, s->aborted);
}

static const struct reed_stream_ops carried_ops = {
	.name = "socket",
	.read = carried_read,
	.write = carried_write,
	.want = sock_want,
	.shutdown = carried_shutdown,
	.close = carried_close,
	.facts = sock_facts,
	.send = carried_send,
	.on_the_way = sock_on_the_way,
};

/* Those of UNIX bring descriptors along, which the driver knows nothing of. */
static bool is_carried(const struct reed_loop *loop, int fd)
{
#ifdef SO_DOMAIN
	int domain;
	socklen_t n = sizeof(domain);

	return loop->driver->sockets && getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) == 0 &&
	       (domain == AF_INET || domain == AF_INET6);
#else
	(void)loop;
	(void)fd;
	return false;
#endif
}

static void sock_ready(struct reed_fd_watch *w, unsigned events)
{
	reed_stream_ready(&reed_container_of(w, struct sock, watch)->stream, events);
}

enum reed_err reed_os_share_blocking(int fd, int *copy)
{
	*copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (*copy < 0)
		return last_error();
	fcntl(*copy, F_SETFL, fcntl(*copy, F_GETFL) & ~O_NONBLOCK);
	return REED_OK;
}

enum reed_err reed_stream_take_socket(struct reed_stream *s, int *fd)
{
	enum reed_err err;

	if (s->ops != &sock_ops)
		return REED_ENOTSUP;
	if (s->queued > 0 || s->begin < s->end || s->bytes_in > 0)
		return REED_EBUSY;
	err = reed_os_share_blocking(sock_of(s)->watch.fd, fd);
	if (!err)
		sock_of(s)->shut = true; /* so that an abort resets nothing */
	return err;
}

struct reed_stream *reed_stream_of_socket(struct reed_loop *loop, int fd)
{
	struct sock *self = reed_alloc(sizeof(*self));
	bool carried = is_carried(loop, fd);

	reed_stream_init(&self->stream, loop, carried ? &carried_ops : &sock_ops);
	self->watch.loop = loop;
	self->watch.ready = sock_ready;
	self->watch.fd = fd;
	if (carried)
		loop->driver->sockets->adopt(loop->driver, &self->watch, false);
	return &self->stream;
}

/* ---- pipes and terminals, which may be two descriptors ---- */

struct pair {
	struct reed_stream stream;
	struct reed_fd_watch in, out; /* out.fd is -1 when in serves for both */
	bool borrowed;                /* shared with others: flags stay, it stays open */
	bool own_out;                 /* but for out, which is a terminal opened anew */
};

static struct pair *pair_of(struct reed_stream *s)
{
	return reed_container_of(s, struct pair, stream);
}

static ssize_t pair_read(struct reed_stream *s, char *into, size_t room)
{
	ssize_t n = read(pair_of(s)->in.fd, into, room);

	return n > 0 ? n : n == 0 || errno == EIO ? (ssize_t)REED_EEOF : (ssize_t)last_error();
}

struct writing {
	int fd, count;
	const struct iovec *iov;
};

static ssize_t write_now(const void *arg)
{
	const struct writing *w = arg;

	return writev(w->fd, w->iov, w->count);
}

/* A pipe knows no MSG_NOSIGNAL. */
static ssize_t write_without_sigpipe(int fd, const struct iovec *iov, int count)
{
	struct writing w = { fd, count, iov };

	return reed_os_without_sigpipe(write_now, &w);
}

/* A blocking descriptor that is ready takes PIPE_BUF bytes without blocking; not more. */
static ssize_t pair_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	struct pair *self = pair_of(s);
	int fd = self->out.fd >= 0 ? self->out.fd : self->in.fd;
	struct iovec part;
	ssize_t n;

	if (self->borrowed && !self->own_out) {
		if (s->blocked)
			return REED_EAGAIN;
		part = iov[0];
		part.iov_len = part.iov_len < PIPE_BUF ? part.iov_len : PIPE_BUF;
		if (!reed_os_writable(fd))
			return REED_EAGAIN;
		n = write_without_sigpipe(fd, &part, 1);
	} else {
		n = write_without_sigpipe(fd, iov, count);
	}
	return n >= 0 ? n : (ssize_t)last_error();
}

static void pair_want(struct reed_stream *s, unsigned events)
{
	struct pair *self = pair_of(s);

	if (self->out.fd < 0) {
		reed_fd_watch(&self->in, events);
		return;
	}
	reed_fd_watch(&self->in, events & REED_READ);
	reed_fd_watch(&self->out, events & REED_WRITE);
}

static void pair_shutdown(struct reed_stream *s)
{
	struct pair *self = pair_of(s);

	if (self->out.fd < 0)
		return;
	reed_fd_unwatch(&self->out);
	close(self->out.fd);
	self->out.fd = -1;
}

static void pair_close(struct reed_stream *s)
{
	struct pair *self = pair_of(s);

	reed_fd_unwatch(&self->in);
	if (self->out.fd >= 0)
		reed_fd_unwatch(&self->out);
	if (self->own_out)
		close(self->out.fd);
	if (self->borrowed)
		return;
	close(self->in.fd);
	if (self->out.fd >= 0)
		close(self->out.fd);
}

static const struct reed_stream_ops pair_ops = {
	.name = "pipe",
	.read = pair_read,
	.write = pair_write,
	.want = pair_want,
	.shutdown = pair_shutdown,
	.close = pair_close,
};

/* One descriptor for both, or two of others: there is no end of writing without the close. */
static const struct reed_stream_ops single_ops = {
	.name = "pipe",
	.read = pair_read,
	.write = pair_write,
	.want = pair_want,
	.close = pair_close,
};

static void in_ready(struct reed_fd_watch *w, unsigned events)
{
	reed_stream_ready(&reed_container_of(w, struct pair, in)->stream, events);
}

static void out_ready(struct reed_fd_watch *w, unsigned events)
{
	reed_stream_ready(&reed_container_of(w, struct pair, out)->stream, events & REED_WRITE);
}

static struct reed_stream *pair_new(struct reed_loop *loop, int in, int out, bool borrowed)
{
	struct pair *self = reed_alloc(sizeof(*self));

	reed_stream_init(&self->stream, loop, borrowed || out < 0 ? &single_ops : &pair_ops);
	self->in.loop = self->out.loop = loop;
	self->in.ready = in_ready;
	self->out.ready = out_ready;
	self->in.fd = in;
	self->out.fd = out;
	self->borrowed = borrowed;
	return &self->stream;
}

int reed_stream_fd(struct reed_stream *s)
{
	if (s->ops != &pair_ops && s->ops != &single_ops)
		return -1;
	return pair_of(s)->in.fd;
}

struct reed_stream *reed_stream_of_pipes(struct reed_loop *loop, int in, int out)
{
	return pair_new(loop, in, out, false);
}

enum reed_err reed_stream_of_fd(struct reed_loop *loop, int fd, struct reed_stream **s)
{
	int flags = fcntl(fd, F_GETFL), type;
	socklen_t n = sizeof(type);

	if (flags < 0)
		return REED_EINVAL;
	if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return last_error();
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0)
		*s = reed_stream_of_socket(loop, fd);
	else
		*s = pair_new(loop, fd, -1, false);
	return REED_OK;
}

/*
 * A terminal that has room for one byte is ready, and waits for room for the rest; one that is
 * stopped would stop the loop.  Opened by its name it has flags of its own.  -1: it is none, or
 * of somebody else.
 */
static int terminal_anew(int fd)
{
	char name[64];

	if (!isatty(fd) || ttyname_r(fd, name, sizeof(name)) != 0)
		return -1;
	return open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

enum reed_err reed_stream_of_stdio(struct reed_loop *loop, struct reed_stream **s)
{
	int anew;

	if (fcntl(STDIN_FILENO, F_GETFL) < 0 || fcntl(STDOUT_FILENO, F_GETFL) < 0)
		return REED_EINVAL;
	anew = terminal_anew(STDOUT_FILENO);
	*s = pair_new(loop, STDIN_FILENO, anew >= 0 ? anew : STDOUT_FILENO, true);
	pair_of(*s)->own_out = anew >= 0;
	return REED_OK;
}
