/* Datagram sockets of the system: UDP and UNIX, opened, bound, connected, and their options. */

#include "os_dgram.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { AGAIN_MS = 1, PATIENCE = 50 };

/*
 * A UNIX socket that has no peer is said to be writable whoever is full: so time
 * tells when to try again, and who stays full for long loses what is sent to it,
 * as others wait behind.
 */
static bool is_told_of_room(const struct reed_sock_dgram *self)
{
	return self->family != AF_UNIX || reed_dgram_connected(&self->dgram);
}

enum reed_err reed_sock_full(struct reed_sock_dgram *self)
{
	if (is_told_of_room(self) || self->refusals++ < PATIENCE)
		return REED_EAGAIN;
	return REED_EOVERFLOW;
}

static void again_fire(struct reed_timer *t)
{
	struct reed_sock_dgram *self = reed_container_of(t, struct reed_sock_dgram, again);

	reed_dgram_ready(&self->dgram, REED_WRITE);
}

static void sock_want(struct reed_dgram *d, unsigned events)
{
	struct reed_sock_dgram *self = reed_sock_dgram_of(d);

	if (!is_told_of_room(self)) {
		if (!(events & REED_WRITE))
			reed_timer_stop(&self->again);
		else if (!reed_timer_running(&self->again))
			reed_timer_start(d->loop, &self->again, REED_MS(AGAIN_MS));
		events &= ~(unsigned)REED_WRITE;
	}
	reed_fd_watch(&self->watch, events);
}

static void sock_close(struct reed_dgram *d)
{
	struct reed_sock_dgram *self = reed_sock_dgram_of(d);

	reed_timer_stop(&self->again);
	reed_list_unlink(&self->named.link);
	reed_fd_unwatch(&self->watch);
	reed_list_unlink(&self->link);
	if (self->stays) {
		reed_inherited_add(d->loop, SOCK_DGRAM, &d->local, self->watch.fd, true);
		return;
	}
	reed_unix_remove(&self->file, d->local.path);
	close(self->watch.fd);
}

static enum reed_err set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ? reed_err_of(errno)
	                                                                : REED_OK;
}

/* ---- groups (RFC 3678 5) ---- */

static enum reed_err sock_group(struct reed_dgram *d, const struct reed_dgram_group *group,
                                bool join)
{
	struct reed_sock_dgram *self = reed_sock_dgram_of(d);
	struct group_source_req from = { .gsr_interface = group->interface };
	struct group_req any = { .gr_interface = group->interface };
	bool ipv6 = group->group.family == REED_FAMILY_IPV6;
	int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, done;

	if (self->family == AF_UNIX)
		return REED_ENOTSUP;
	if (group->source.family != REED_FAMILY_NONE) {
		reed_address_to_system(&group->group, &from.gsr_group);
		reed_address_to_system(&group->source, &from.gsr_source);
		done = setsockopt(self->watch.fd, level,
		                  join ? MCAST_JOIN_SOURCE_GROUP : MCAST_LEAVE_SOURCE_GROUP, &from,
		                  sizeof(from));
	} else {
		reed_address_to_system(&group->group, &any.gr_group);
		done = setsockopt(self->watch.fd, level,
		                  join ? MCAST_JOIN_GROUP : MCAST_LEAVE_GROUP, &any, sizeof(any));
	}
	/* the process before us was in that group already */
	if (done == 0 || (join && self->inherited && errno == EADDRINUSE))
		return REED_OK;
	return errno == ENODEV ? REED_EADDRNOTAVAIL : reed_err_of(errno);
}

static enum reed_err multicast_ipv4(int fd, const struct reed_dgram_multicast *how)
{
	struct ip_mreqn from = { .imr_ifindex = (int)how->interface };
	enum reed_err err = set(fd, IPPROTO_IP, IP_MULTICAST_TTL, how->ttl);

	if (!err)
		err = set(fd, IPPROTO_IP, IP_MULTICAST_LOOP, !how->no_loop);
	if (!err && setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &from, sizeof(from)) < 0)
		err = reed_err_of(errno);
	return err;
}

static enum reed_err multicast_ipv6(int fd, const struct reed_dgram_multicast *how)
{
	enum reed_err err = set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, how->ttl);

	if (!err)
		err = set(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, !how->no_loop);
	if (!err)
		err = set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int)how->interface);
	return err;
}

/* One that serves both families sends to groups of either. */
static enum reed_err sock_multicast(struct reed_dgram *d, const struct reed_dgram_multicast *how)
{
	struct reed_sock_dgram *self = reed_sock_dgram_of(d);
	enum reed_err err = REED_ENOTSUP;

	if (self->family == AF_INET)
		err = multicast_ipv4(self->watch.fd, how);
	else if (self->family == AF_INET6)
		err = multicast_ipv6(self->watch.fd, how);
	if (!err && self->family == AF_INET6)
		multicast_ipv4(self->watch.fd, how);
	return err;
}

static const struct reed_dgram_ops sock_ops = {
	.name = "socket",
	.receive = reed_sock_receive,
	.send = reed_sock_send,
	.want = sock_want,
	.close = sock_close,
	.group = sock_group,
	.multicast = sock_multicast,
};

enum reed_err reed_dgram_take_socket(struct reed_dgram *d, int *fd)
{
	if (d->ops != &sock_ops)
		return REED_ENOTSUP;
	return reed_os_share_blocking(reed_sock_dgram_of(d)->watch.fd, fd);
}

/* ---- options ---- */

static bool is_any(const struct reed_address *a)
{
	static const unsigned char zero[16];

	return memcmp(a->ip, zero, sizeof(zero)) == 0;
}

/* Before the bind. */
static void options_of_port(int fd, const struct reed_address *at,
                            const struct reed_dgram_options *o)
{
	if (at->family == REED_FAMILY_UNIX)
		return;
	if (o->reuse_port)
		set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (o->reuse_address)
		set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (at->family == REED_FAMILY_IPV6)
		set(fd, IPPROTO_IPV6, IPV6_V6ONLY, o->only_ipv6);
	if (o->broadcast)
		set(fd, SOL_SOCKET, SO_BROADCAST, 1);
}

static void ask_for_info(int fd, int family)
{
#ifdef IP_PKTINFO
	if (family == AF_INET)
		set(fd, IPPROTO_IP, IP_PKTINFO, 1);
#endif
#ifdef IPV6_RECVPKTINFO
	if (family == AF_INET6)
		set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
#endif
}

static void ask_for_ttl(int fd, int family)
{
#ifdef IP_RECVTTL
	set(fd, IPPROTO_IP, IP_RECVTTL, 1); /* IPv4 may come to a socket of IPv6 */
#endif
#ifdef IPV6_RECVHOPLIMIT
	if (family == AF_INET6)
		set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
#endif
}

static enum reed_err options_of_traffic(struct reed_sock_dgram *self,
                                        const struct reed_dgram_options *o)
{
	int fd = self->watch.fd;

	if (o->receive_buffer)
		set(fd, SOL_SOCKET, SO_RCVBUF, (int)o->receive_buffer);
	if (o->send_buffer)
		set(fd, SOL_SOCKET, SO_SNDBUF, (int)o->send_buffer);
	if (self->family == AF_UNIX)
		return REED_OK;
	if (self->want_to)
		ask_for_info(fd, self->family);
	if (o->want_ttl)
		ask_for_ttl(fd, self->family);
	self->controlled = self->want_to || o->want_ttl;
	if (o->ttl < 0 || o->ttl > 255)
		return REED_ERANGE;
	if (o->ttl && self->family == AF_INET6)
		set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, o->ttl);
	return o->ttl ? set(fd, IPPROTO_IP, IP_TTL, o->ttl) : REED_OK;
}

/* ---- sockets ---- */

static void dgram_ready(struct reed_fd_watch *w, unsigned events)
{
	reed_dgram_ready(&reed_container_of(w, struct reed_sock_dgram, watch)->dgram, events);
}

static int family_of(int fd)
{
	struct sockaddr_storage at;
	socklen_t n = sizeof(at);

	return getsockname(fd, (struct sockaddr *)&at, &n) == 0 ? at.ss_family : AF_UNSPEC;
}

static void find_address(int fd, struct reed_address *address,
                         int (*get)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_storage at;
	socklen_t n = sizeof(at);

	if (get(fd, (struct sockaddr *)&at, &n) == 0)
		reed_address_of_system(&at, n, address);
}

static int get_local(int fd, struct sockaddr *at, socklen_t *n)
{
	return getsockname(fd, at, n);
}

static int get_peer(int fd, struct sockaddr *at, socklen_t *n)
{
	return getpeername(fd, at, n);
}

static struct reed_sock_dgram *sock_new(struct reed_loop *loop, int fd,
                                        const struct reed_dgram_options *o)
{
	struct reed_sock_dgram *self = reed_alloc(sizeof(*self));
	struct reed_dgram *d = &self->dgram;

	reed_dgram_init(d, loop, &sock_ops, o);
	self->watch = (struct reed_fd_watch){ .loop = loop, .ready = dgram_ready, .fd = fd };
	self->again.fire = again_fire;
	self->family = family_of(fd);
	self->segment_most = UINT16_MAX;
	find_address(fd, &d->local, get_local);
	find_address(fd, &d->peer, get_peer);
	self->want_to = o->want_to || (!reed_dgram_connected(d) && is_any(&d->local));
	return self;
}

static enum reed_err begin(struct reed_loop *loop, int fd, const struct reed_dgram_options *o,
                           struct reed_dgram **out)
{
	struct reed_sock_dgram *self = sock_new(loop, fd, o);
	enum reed_err err = options_of_traffic(self, o);

	reed_sock_enable(self);
	if (err)
		reed_free(self);
	else
		*out = &self->dgram;
	return err;
}

/* What a closed one left of a UNIX name goes with it. */
static enum reed_err open_dgram(struct reed_loop *loop, int fd, const struct reed_unix_file *file,
                                const struct reed_address *at, const struct reed_dgram_options *o,
                                struct reed_dgram **out, struct reed_fault **fault)
{
	enum reed_err err = begin(loop, fd, o, out);

	if (!err) {
		reed_sock_dgram_of(*out)->file = *file;
		return REED_OK;
	}
	reed_unix_remove(file, at->path);
	close(fd);
	*fault = reed_fault(err, NULL, "a TTL is from 1 to 255, not %d", o->ttl);
	return err;
}

static enum reed_err bind_to(int fd, const struct reed_address *at,
                             const struct reed_dgram_options *o, struct reed_unix_file *file,
                             struct reed_fault **fault)
{
	struct reed_bind bind_as = { .mode = o->mode ? o->mode : -1,
		                     .user = o->user,
		                     .group = o->group };
	struct sockaddr_storage to;
	socklen_t n = reed_address_to_system(at, &to);

	if (at->family == REED_FAMILY_UNIX)
		return reed_unix_bind(fd, at, SOCK_DGRAM, 0, &bind_as, file, fault);
	options_of_port(fd, at, o);
	return bind(fd, (struct sockaddr *)&to, n) < 0 ? reed_os_fail(fault, at, "cannot bind to")
	                                               : REED_OK;
}

static enum reed_err connect_to(int fd, const struct reed_address *to,
                                const struct reed_dgram_options *o, struct reed_fault **fault)
{
	struct sockaddr_storage at;
	socklen_t n = reed_address_to_system(to, &at);

	if (o->broadcast && to->family != REED_FAMILY_UNIX)
		set(fd, SOL_SOCKET, SO_BROADCAST, 1);
	return connect(fd, (struct sockaddr *)&at, n) < 0
	               ? reed_os_fail(fault, to, "cannot send to")
	               : REED_OK;
}

/* ---- those that are bound, and go from one process to the next ---- */

static struct reed_sock_dgram *of_link(struct reed_list *link)
{
	return reed_container_of(link, struct reed_sock_dgram, link);
}

size_t reed_receiving(struct reed_loop *loop, int *fds, size_t n)
{
	size_t count = 0;

	reed_list_each (link, &loop->receiving) {
		if (count < n)
			fds[count] = of_link(link)->watch.fd;
		count++;
	}
	return count;
}

void reed_receiving_shared(struct reed_loop *loop)
{
	reed_list_each (link, &loop->receiving)
		of_link(link)->file.made = false;
}

void reed_receiving_let_go(struct reed_loop *loop)
{
	reed_list_each (link, &loop->receiving)
		of_link(link)->stays = false;
}

/* What came to the one that was inherited, and nobody has read yet, is ours. */
static enum reed_err bind_dgram(struct reed_loop *loop, const struct reed_address *at,
                                const struct reed_dgram_options *o, struct reed_dgram **out,
                                struct reed_fault **fault)
{
	struct reed_unix_file file = { .made = false };
	bool stays = false, inherited;
	int fd = reed_inherited_take(loop, SOCK_DGRAM, at, &stays);
	enum reed_err err = REED_OK;

	inherited = fd >= 0;
	if (inherited)
		file = reed_unix_file_of(at);
	else
		fd = reed_os_socket(at, SOCK_DGRAM);
	if (fd < 0)
		return reed_os_fail(fault, at, "no socket for");
	if (!inherited)
		err = bind_to(fd, at, o, &file, fault);
	if (err) {
		close(fd);
		return err;
	}
	err = open_dgram(loop, fd, &file, at, o, out, fault);
	if (err)
		return err;
	reed_sock_dgram_of(*out)->inherited = inherited;
	reed_sock_dgram_of(*out)->stays = stays;
	reed_list_append(&loop->receiving, &reed_sock_dgram_of(*out)->link);
	return REED_OK;
}

/* at or to may be NULL, but not both. */
enum reed_err reed_os_dgram(struct reed_loop *loop, const struct reed_address *at,
                            const struct reed_address *to, const struct reed_dgram_options *given,
                            struct reed_dgram **out, struct reed_fault **fault)
{
	struct reed_dgram_options o = reed_dgram_options_of(given);
	struct reed_unix_file file = { .made = false };
	const struct reed_address *of = at ? at : to;
	enum reed_err err = REED_OK;
	int fd;

	assert(of);
	if (!to)
		return bind_dgram(loop, at, &o, out, fault);
	fd = reed_os_socket(of, SOCK_DGRAM);
	if (fd < 0)
		return reed_os_fail(fault, of, "no socket for");
	if (at)
		err = bind_to(fd, at, &o, &file, fault);
	if (!err) {
		err = connect_to(fd, to, &o, fault);
		if (err && at)
			reed_unix_remove(&file, at->path);
	}
	if (!err)
		return open_dgram(loop, fd, &file, of, &o, out, fault);
	close(fd);
	return err;
}

enum reed_err reed_dgram_of_fd(struct reed_loop *loop, int fd,
                               const struct reed_dgram_options *given, struct reed_dgram **out)
{
	struct reed_dgram_options o = reed_dgram_options_of(given);
	int type = 0, flags = fcntl(fd, F_GETFL);
	socklen_t n = sizeof(type);
	enum reed_err err;

	if (reed_fd_is_named(loop, fd))
		return REED_EBUSY;
	if (flags < 0 || getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) < 0 || type != SOCK_DGRAM)
		return REED_EINVAL;
	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	err = begin(loop, fd, &o, out);
	if (!err)
		reed_fd_name(loop, &reed_sock_dgram_of(*out)->named, fd);
	return err;
}
