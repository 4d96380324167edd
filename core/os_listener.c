/*
 * Listening sockets: made here, or by the process before this one.
 *
 * What was inherited waits in the loop until somebody listens on its address.
 */

#include "private.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <netinet/in.h>

#include "os.h"
#include "reed/handover.h"
#include "team.h"

enum { BACKLOG = 4096 };

struct socket_listener {
	struct reed_listener listener;
	struct reed_fd_watch watch;
	struct reed_unix_file file;
	struct reed_taker *taker; /* of the team's; NULL: it is ours alone */
	struct reed_list link;    /* among the loop's */
	struct reed_named_fd named;
	bool ended;   /* nobody new is let in */
	bool carried; /* the driver accepts */
	bool stays;   /* it can be bound only once */
};

static struct socket_listener *self_of(struct reed_listener *l)
{
	return reed_container_of(l, struct socket_listener, listener);
}

int reed_os_accept(int fd)
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

/* NULL: nobody does but we. */
static const struct reed_socket_ops *carrier_of(const struct socket_listener *self)
{
	return self->carried ? self->listener.loop->driver->sockets : NULL;
}

/* What others have accepted for us is served, though we let nobody in any more. */
static int accept_next(struct socket_listener *self)
{
	const struct reed_socket_ops *carrier = carrier_of(self);

	if (self->taker)
		return reed_taker_accept(self->taker);
	if (self->ended)
		return -1;
	return carrier ? carrier->accept(self->listener.loop->driver, &self->watch)
	               : reed_os_accept(self->watch.fd);
}

static enum reed_err socket_accept(struct reed_listener *l, struct reed_stream **stream)
{
	int fd = accept_next(self_of(l));

	if (fd < 0 && self_of(l)->ended)
		return REED_EEOF;
	if (fd >= 0) {
		reed_os_tune_tcp(fd, l->address.family);
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
	if (self_of(l)->taker)
		reed_taker_want(self_of(l)->taker, wanted);
	else if (wanted)
		reed_fd_watch(&self_of(l)->watch, REED_READ);
	else
		reed_fd_unwatch(&self_of(l)->watch);
}

/* ---- what waits for a listener ---- */

struct inherited {
	struct reed_list link;
	struct reed_address address;
	int fd, type;
	bool stays;
};

static void forget(struct inherited *self)
{
	reed_list_remove(&self->link);
	reed_free(self);
}

static int option_of(int fd, int option)
{
	int value = 0;
	socklen_t n = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &n) == 0 ? value : 0;
}

static bool is_listening(int fd)
{
	return option_of(fd, SO_ACCEPTCONN) != 0;
}

static void set_flags(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void reed_inherited_add(struct reed_loop *loop, int type, const struct reed_address *at, int fd,
                        bool stays)
{
	struct inherited *self = reed_alloc(sizeof(*self));

	self->fd = fd;
	self->type = type;
	self->address = *at;
	self->stays = stays;
	reed_list_append(&loop->inherited, &self->link);
}

static enum reed_err inherit(struct reed_loop *loop, int fd, bool stays)
{
	struct sockaddr_storage at;
	socklen_t n = sizeof(at);
	struct reed_address address;
	int type = option_of(fd, SO_TYPE);

	if ((type != SOCK_DGRAM && !is_listening(fd)) ||
	    getsockname(fd, (struct sockaddr *)&at, &n) < 0) {
		close(fd);
		return REED_EINVAL;
	}
	set_flags(fd);
	reed_address_of_system(&at, n, &address);
	reed_inherited_add(loop, type, &address, fd, stays);
	return REED_OK;
}

enum reed_err reed_inherit(struct reed_loop *loop, int fd)
{
	return inherit(loop, fd, false);
}

enum reed_err reed_inherit_for_good(struct reed_loop *loop, int fd)
{
	return inherit(loop, fd, true);
}

static size_t close_inherited(struct reed_loop *loop)
{
	size_t n = 0;

	for (; !reed_list_empty(&loop->inherited); n++) {
		struct inherited *self =
			reed_container_of(loop->inherited.next, struct inherited, link);

		close(self->fd);
		forget(self);
	}
	return n;
}

size_t reed_inherit_end(struct reed_loop *loop)
{
	return (loop->sockets ? reed_sockets_forget(loop->sockets) : 0) + close_inherited(loop);
}

int reed_inherited_take(struct reed_loop *loop, int type, const struct reed_address *at,
                        bool *stays)
{
	reed_list_each (link, &loop->inherited) {
		struct inherited *self = reed_container_of(link, struct inherited, link);
		int fd = self->fd;

		if (self->type != type || !reed_address_eq(&self->address, at))
			continue;
		*stays = self->stays;
		forget(self);
		return fd;
	}
	return -1;
}

/* ---- the listener ---- */

static void socket_close(struct reed_listener *l)
{
	const struct reed_socket_ops *carrier = carrier_of(self_of(l));

	reed_list_remove(&self_of(l)->link);
	reed_list_unlink(&self_of(l)->named.link);
	if (self_of(l)->taker) {
		reed_taker_give_back(self_of(l)->taker);
		return;
	}
	reed_fd_unwatch(&self_of(l)->watch);
	if (carrier)
		carrier->close(l->loop->driver, &self_of(l)->watch, false);
	if (self_of(l)->stays && !self_of(l)->ended) {
		reed_inherited_add(l->loop, SOCK_STREAM, &l->address, self_of(l)->watch.fd, true);
		return;
	}
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
	reed_list_append(&loop->listening, &self->link);
	return self;
}

/* Not what others listen on as well: a driver may accept in advance. */
static void let_carry(struct socket_listener *self)
{
	struct reed_driver *d = self->listener.loop->driver;

	self->carried = d->sockets != NULL;
	if (self->carried)
		d->sockets->adopt(d, &self->watch, true);
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

/* Everybody may have the others. */
static enum reed_err fail_to_bind(struct reed_fault **fault, const struct reed_address *at)
{
	enum reed_err err = reed_os_fail(fault, at, "cannot listen on");
	struct reed_fault *why = *fault;

	if (err != REED_EACCES || at->port >= 1024)
		return err;
	*fault = reed_fault(err, NULL,
	                    "%s; a port under 1024 takes root or CAP_NET_BIND_SERVICE, or "
	                    "systemd listens (systemd:name=NAME)",
	                    why->sentence);
	reed_fault_free(why);
	return err;
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
		return fail_to_bind(fault, at);
	return REED_OK;
}

/* ---- from one process to the next ---- */

static struct socket_listener *of_link(struct reed_list *link)
{
	return reed_container_of(link, struct socket_listener, link);
}

/* What is accepted in advance would be lost to who accepts next. */
static void share(struct socket_listener *self)
{
	const struct reed_socket_ops *carrier = carrier_of(self);

	if (carrier)
		carrier->share(self->listener.loop->driver, &self->watch);
}

size_t reed_listening(struct reed_loop *loop, int *fds, size_t n)
{
	size_t count = 0;

	reed_list_each (link, &loop->listening) {
		if (count < n)
			fds[count] = of_link(link)->watch.fd;
		share(of_link(link));
		count++;
	}
	return count +
	       reed_receiving(loop, fds + (count < n ? count : n), count < n ? n - count : 0);
}

void reed_listening_shared(struct reed_loop *loop)
{
	reed_list_each (link, &loop->listening)
		of_link(link)->file.made = false;
	reed_receiving_shared(loop);
	if (loop->sockets)
		reed_sockets_shared(loop->sockets);
}

/* But for those of datagrams, which one of them has. */
void reed_sockets_inherit(struct reed_sockets *sockets, struct reed_loop *loop)
{
	reed_list_each_safe (link, &loop->inherited) {
		struct inherited *self = reed_container_of(link, struct inherited, link);

		if (self->type == SOCK_DGRAM)
			continue;
		reed_sockets_add(sockets, &self->address, self->fd, self->stays);
		forget(self);
	}
}

/* Whoever does not accept just now finds out when it does. */
static void end(struct socket_listener *self)
{
	self->ended = true;
	if (self->taker)
		reed_taker_end(self->taker);
	for (struct reed_listener *l = &self->listener; l; l = l->above)
		l->more = true;
	reed_listener_ready(&self->listener);
}

void reed_listening_end(struct reed_loop *loop, const struct reed_address *except)
{
	reed_list_each (link, &loop->listening) {
		struct socket_listener *self = of_link(link);

		if (!self->ended && !(except && reed_address_eq(&self->listener.address, except)))
			end(self);
	}
}

void reed_inherit_let_go(struct reed_loop *loop)
{
	reed_list_each (link, &loop->listening)
		of_link(link)->stays = false;
	reed_receiving_let_go(loop);
	if (loop->sockets)
		reed_sockets_let_all_go(loop->sockets);
	close_inherited(loop);
}

/* ---- listening ---- */

static int make_socket(const struct reed_address *at, const struct reed_bind *options,
                       struct reed_unix_file *file, enum reed_err *err, struct reed_fault **fault)
{
	int fd = reed_os_socket(at, SOCK_STREAM);

	if (fd < 0) {
		*err = reed_os_fail(fault, at, "no socket for");
		return -1;
	}
	*err = bind_and_listen(fd, at, options, file, fault);
	if (!*err)
		return fd;
	close(fd);
	return -1;
}

enum reed_err reed_listen_address(struct reed_loop *loop, const struct reed_address *at,
                                  const struct reed_bind *options, struct reed_listener **out,
                                  struct reed_fault **fault)
{
	struct reed_unix_file file = { .made = false };
	struct reed_taker *taker = NULL;
	struct socket_listener *self;
	enum reed_err err = REED_OK;
	bool stays = false;
	int fd = reed_inherited_take(loop, SOCK_STREAM, at, &stays);
	bool is_ours = fd < 0 && !loop->sockets;

	if (fd >= 0)
		file = reed_unix_file_of(at);
	else if (loop->sockets && !(options && options->reuse_port))
		taker = reed_sockets_take(loop->sockets, loop, at, options, make_socket, &fd, &err,
		                          fault);
	else
		fd = make_socket(at, options, &file, &err, fault);
	if (fd < 0)
		return err;
	self = listener_new(loop, fd);
	self->file = file;
	self->stays = stays;
	if (taker)
		reed_taker_serve(taker, &self->listener);
	self->taker = taker;
	if (is_ours && at->family != REED_FAMILY_UNIX)
		let_carry(self);
	*out = &self->listener;
	return REED_OK;
}

enum reed_err reed_listener_of_fd(struct reed_loop *loop, int fd, struct reed_listener **out)
{
	struct socket_listener *self;

	if (reed_fd_is_named(loop, fd))
		return REED_EBUSY;
	if (!is_listening(fd))
		return REED_EINVAL;
	set_flags(fd);
	self = listener_new(loop, fd);
	reed_fd_name(loop, &self->named, fd);
	*out = &self->listener;
	return REED_OK;
}
