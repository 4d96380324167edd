/* Datagrams by recvmsg() and sendmsg(), one at a time. */

#include "os_dgram.h"

#include <string.h>

void reed_sock_enable(struct reed_sock_dgram *self)
{
	self->no_segments = true;
}

/* ---- receiving ---- */

static enum reed_err receive_one(struct reed_sock_dgram *self, struct reed_dgram_batch *b, int i,
                                 struct reed_datagram *in)
{
	_Alignas(struct cmsghdr) char control[REED_DGRAM_CONTROL];
	struct sockaddr_storage name;
	struct iovec iov = { reed_dgram_room(b, i), self->dgram.largest };
	struct msghdr m = { .msg_name = &name,
		            .msg_namelen = sizeof(name),
		            .msg_iov = &iov,
		            .msg_iovlen = 1,
		            .msg_control = control,
		            .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(self->watch.fd, &m, MSG_DONTWAIT);

	if (n < 0)
		return REED_EIO; /* errno says which */
	*in = (struct reed_datagram){ .data = reed_slice(iov.iov_base, (size_t)n),
		                      .to = &self->dgram.local,
		                      .from = reed_dgram_from(b, i),
		                      .ttl = -1,
		                      .truncated = m.msg_flags & MSG_TRUNC };
	reed_sock_read_control(self, &m, in, reed_dgram_to(b, i));
	if (reed_dgram_connected(&self->dgram))
		in->from = &self->dgram.peer;
	else
		reed_address_of_system(&name, m.msg_namelen, reed_dgram_from(b, i));
	return REED_OK;
}

/* An error of what was sent stands before what has come. */
int reed_sock_receive(struct reed_dgram *d, struct reed_dgram_batch *b, struct reed_datagram *in,
                      int room, bool *more)
{
	struct reed_sock_dgram *self = reed_sock_dgram_of(d);
	struct reed_dgram_error error = { .to = d->peer, .from_network = true };
	int n = 0;

	for (*more = false; n < room && receive_one(self, b, n, &in[n]) == REED_OK;)
		n++;
	if (n > 0 || errno == EAGAIN || errno == EINTR)
		return n > 0 ? n : (int)REED_EAGAIN;
	if (!reed_sock_is_passing(errno))
		return reed_err_of(errno);
	error.err = reed_sock_error(errno);
	if (reed_dgram_connected(d))
		reed_dgram_note(d, &error);
	return REED_EAGAIN;
}

/* ---- sending ---- */

static bool send_one(struct reed_sock_dgram *self, const struct reed_dgram_out *out)
{
	_Alignas(struct cmsghdr) char control[REED_DGRAM_CONTROL] = { 0 };
	struct iovec iov = { (void *)(uintptr_t)out->data.p, out->data.n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };
	struct sockaddr_storage name;

	if (out->to.family != REED_FAMILY_NONE) {
		m.msg_name = &name;
		m.msg_namelen = reed_sock_address(self, &out->to, &name);
	}
	if (out->has_from)
		reed_sock_write_source(self, &m, out);
	if (m.msg_controllen == 0)
		m.msg_control = NULL;
	return sendmsg(self->watch.fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static bool is_full(int err)
{
	return err == EAGAIN || err == EWOULDBLOCK || err == EINTR;
}

/* The first error may be of what was sent before. */
int reed_sock_send(struct reed_dgram *d, struct reed_dgram_out *const *out, int count)
{
	struct reed_sock_dgram *self = reed_sock_dgram_of(d);
	int n = 0;

	while (n < count && (send_one(self, out[n]) || (!is_full(errno) && send_one(self, out[n]))))
		n++;
	if (n > 0) {
		self->refusals = 0;
		return n;
	}
	return is_full(errno) ? reed_sock_full(self) : reed_sock_error(errno);
}
