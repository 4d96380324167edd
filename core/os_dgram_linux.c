/*
 * Datagrams by recvmmsg() and sendmmsg().
 *
 * Linux sends a run of datagrams of one size to one place as one message
 * (UDP_SEGMENT), and brings such a run as one (UDP_GRO).  What ICMP says of
 * datagrams that were sent waits in a queue of its own (MSG_ERRQUEUE).
 */

#include "os_dgram.h"

#include <linux/errqueue.h>
#include <netinet/udp.h>
#include <string.h>

enum {
	SEGMENTS = 64,       /* of one message: UDP_MAX_SEGMENTS */
	SEGMENTED = 65000,   /* bytes of one message */
	ERRORS_AT_ONCE = 16, /* bounded work: the rest waits */
};

struct scratch {
	const struct reed_dgram_batch *batch; /* what in[] is prepared for, and how, */
	uint32_t largest;
	bool connected, controlled;
	int changed; /* but for so many, which the system has changed */
	struct mmsghdr in[REED_DGRAM_BATCH], out[REED_DGRAM_BATCH];
	struct iovec in_iov[REED_DGRAM_BATCH], out_iov[REED_DGRAM_BATCH];
	struct sockaddr_storage in_name[REED_DGRAM_BATCH], out_name[REED_DGRAM_BATCH];
	_Alignas(struct cmsghdr) char in_control[REED_DGRAM_BATCH][REED_DGRAM_CONTROL];
	_Alignas(struct cmsghdr) char out_control[REED_DGRAM_BATCH][REED_DGRAM_CONTROL];
};

static struct scratch *scratch_of(struct reed_dgram *d)
{
	return reed_dgram_scratch(d->loop, sizeof(struct scratch));
}

/* ---- errors of what was sent ---- */

void reed_sock_enable(struct reed_sock_dgram *self)
{
	int fd = self->watch.fd, one = 1;

	if (self->family == AF_UNIX)
		return;
	setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
	if (self->family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &one, sizeof(one));
	/* A run comes as one message of up to 64 KiB: without room for that it would be cut. */
	if (self->dgram.largest == REED_DGRAM_LARGEST &&
	    setsockopt(fd, IPPROTO_UDP, UDP_GRO, &one, sizeof(one)) == 0)
		self->controlled = true;
}

static const struct sock_extended_err *find_error(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
			return (const void *)CMSG_DATA(c);
	return NULL;
}

/* What this host itself refused, the send has told already. */
static void note_error(struct reed_dgram *d, struct msghdr *m)
{
	const struct sock_extended_err *e = find_error(m);
	struct reed_dgram_error error = { .from_network = true };

	if (!e || e->ee_origin == SO_EE_ORIGIN_LOCAL || e->ee_errno == 0)
		return;
	error.err = reed_sock_error((int)e->ee_errno);
	if (m->msg_namelen > 0)
		reed_address_of_system(m->msg_name, m->msg_namelen, &error.to);
	else
		error.to = d->peer;
	if (error.err == REED_ETOOBIG)
		error.mtu = e->ee_info;
	reed_dgram_note(d, &error);
}

/* Whether there was any. */
static bool take_errors(struct reed_dgram *d)
{
	_Alignas(struct cmsghdr) char control[512];
	struct sockaddr_storage name;
	bool any = false;

	for (int i = 0; i < ERRORS_AT_ONCE; i++) {
		struct msghdr m = { .msg_name = &name,
			            .msg_namelen = sizeof(name),
			            .msg_control = control,
			            .msg_controllen = sizeof(control) };

		if (recvmsg(reed_sock_dgram_of(d)->watch.fd, &m, MSG_ERRQUEUE) < 0)
			return any;
		note_error(d, &m);
		any = true;
	}
	return any;
}

/* ---- receiving ---- */

static void prepare(struct reed_sock_dgram *self, struct scratch *s, struct reed_dgram_batch *b,
                    int from, int to)
{
	bool connected = reed_dgram_connected(&self->dgram);

	for (int i = from; i < to; i++) {
		struct msghdr *m = &s->in[i].msg_hdr;

		s->in_iov[i] = (struct iovec){ reed_dgram_room(b, i), b->largest };
		m->msg_iov = &s->in_iov[i];
		m->msg_iovlen = 1;
		m->msg_name = connected ? NULL : &s->in_name[i];
		m->msg_namelen = connected ? 0 : sizeof(s->in_name[i]);
		m->msg_control = self->controlled ? s->in_control[i] : NULL;
		m->msg_controllen = self->controlled ? REED_DGRAM_CONTROL : 0;
	}
}

/* What the system has not changed since stays as it is: most batches are small. */
static void prepare_changed(struct reed_sock_dgram *self, struct scratch *s,
                            struct reed_dgram_batch *b)
{
	bool same = s->batch == b && s->largest == b->largest &&
	            s->connected == reed_dgram_connected(&self->dgram) &&
	            s->controlled == self->controlled;

	prepare(self, s, b, 0, same ? s->changed : REED_DGRAM_BATCH);
	s->batch = b;
	s->largest = b->largest;
	s->connected = reed_dgram_connected(&self->dgram);
	s->controlled = self->controlled;
	s->changed = REED_DGRAM_BATCH;
}

static void take_message(struct reed_sock_dgram *self, struct scratch *s,
                         struct reed_dgram_batch *b, int i)
{
	struct msghdr *m = &s->in[i].msg_hdr;
	struct reed_datagram *in = &b->slot_in[i];
	struct reed_dgram_slot *slot = &b->slots[i];

	in->to = &self->dgram.local;
	in->interface = 0;
	in->ttl = -1;
	in->to_many = false;
	in->truncated = m->msg_flags & MSG_TRUNC;
	slot->n = s->in[i].msg_len;
	slot->segment = 0;
	if (m->msg_controllen > 0)
		slot->segment = reed_sock_read_control(self, m, in, &b->to[i]);
	if (slot->segment == 0 || slot->segment > slot->n)
		slot->segment = slot->n;
	if (!m->msg_name) {
		in->from = &self->dgram.peer;
		return;
	}
	reed_address_of_system(m->msg_name, m->msg_namelen, &b->from[i]);
	in->from = &b->from[i];
}

/* The datagrams of the messages, one after the other; an empty message is one too. */
static int take_apart(struct reed_dgram_batch *b, struct reed_datagram *in, int room)
{
	int n = 0;

	while (n < room && b->slot < b->slot_count) {
		const struct reed_dgram_slot *slot = &b->slots[b->slot];
		uint32_t left = slot->n - b->offset;
		uint32_t part = left < slot->segment ? left : slot->segment;

		in[n] = b->slot_in[b->slot];
		in[n].data = reed_slice(reed_dgram_room(b, b->slot) + b->offset, part);
		in[n].truncated = in[n].truncated && part == left;
		n++;
		b->offset += part;
		if (b->offset == slot->n) {
			b->slot++;
			b->offset = 0;
		}
	}
	return n;
}

/* An error of what was sent stands before what has come; then there may be something. */
static int receive_messages(struct reed_dgram *d, struct scratch *s)
{
	int fd = reed_sock_dgram_of(d)->watch.fd, n = -1;

	for (int tries = 0; n < 0 && tries < 2; tries++) {
		n = recvmmsg(fd, s->in, REED_DGRAM_BATCH, MSG_DONTWAIT, NULL);
		if (n >= 0 || errno == EINTR)
			continue;
		if (errno == EAGAIN) {
			if (!take_errors(d))
				return REED_EAGAIN;
		} else if (reed_sock_is_passing(errno)) {
			struct reed_dgram_error e = { .err = reed_sock_error(errno),
				                      .to = d->peer,
				                      .from_network = true };

			if (!take_errors(d) && reed_dgram_connected(d))
				reed_dgram_note(d, &e);
		} else {
			return reed_err_of(errno);
		}
	}
	return n < 0 ? (int)REED_EAGAIN : n;
}

int reed_sock_receive(struct reed_dgram *d, struct reed_dgram_batch *b, struct reed_datagram *in,
                      int room, bool *more)
{
	struct reed_sock_dgram *self = reed_sock_dgram_of(d);
	struct scratch *s = scratch_of(d);
	int n;

	if (b->slot == b->slot_count) {
		prepare_changed(self, s, b);
		n = receive_messages(d, s);
		s->changed = n > 0 ? n : 1;
		if (n < 0)
			return n;
		for (int i = 0; i < n; i++)
			take_message(self, s, b, i);
		b->slot_count = n;
		b->slot = 0;
		b->offset = 0;
	}
	n = take_apart(b, in, room);
	*more = b->slot < b->slot_count;
	return n;
}

/* ---- sending ---- */

static bool same_place(const struct reed_dgram_out *a, const struct reed_dgram_out *b)
{
	return a->to.family == b->to.family && a->to.port == b->to.port &&
	       a->has_from == b->has_from && a->interface == b->interface &&
	       (a->to.family == REED_FAMILY_NONE ||
	        (memcmp(a->to.ip, b->to.ip, a->to.family == REED_FAMILY_IPV4 ? 4 : 16) == 0 &&
	         a->to.scope_id == b->to.scope_id)) &&
	       (!a->has_from || memcmp(a->from, b->from, sizeof(a->from)) == 0);
}

/* How many from the first on can leave as one: all but the last of one size. */
static int run_of(const struct reed_sock_dgram *self, struct reed_dgram_out *const *out, int count)
{
	size_t size = out[0]->data.n, total = size;
	int n = 1;

	if (self->no_segments || self->family == AF_UNIX || size == 0 || size > self->segment_most)
		return 1;
	while (n < count && n < SEGMENTS) {
		size_t next = out[n]->data.n;

		if (next == 0 || next > size || total + next > SEGMENTED ||
		    !same_place(out[0], out[n]))
			break;
		total += next;
		n++;
		if (next < size)
			break;
	}
	return n;
}

static void add_segment(struct msghdr *m, uint16_t size)
{
	struct cmsghdr *c = (void *)((char *)m->msg_control + m->msg_controllen);

	c->cmsg_level = IPPROTO_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(size));
	memcpy(CMSG_DATA(c), &size, sizeof(size));
	m->msg_controllen += CMSG_SPACE(sizeof(size));
}

/* Of run datagrams, whose iovecs are there. */
static void write_message(struct reed_sock_dgram *self, struct scratch *s, int at,
                          struct iovec *iov, struct reed_dgram_out *const *out, int run)
{
	struct msghdr *m = &s->out[at].msg_hdr;

	*m = (struct msghdr){ .msg_iov = iov,
		              .msg_iovlen = (size_t)run,
		              .msg_control = s->out_control[at] };
	if (out[0]->to.family != REED_FAMILY_NONE) {
		m->msg_name = &s->out_name[at];
		m->msg_namelen = reed_sock_address(self, &out[0]->to, &s->out_name[at]);
	}
	if (out[0]->has_from)
		reed_sock_write_source(self, m, out[0]);
	if (run > 1)
		add_segment(m, (uint16_t)out[0]->data.n);
	if (m->msg_controllen == 0)
		m->msg_control = NULL;
}

static int write_messages(struct reed_sock_dgram *self, struct scratch *s,
                          struct reed_dgram_out *const *out, int count)
{
	int messages = 0;

	for (int i = 0; i < count; messages++) {
		int run = run_of(self, out + i, count - i);

		for (int j = i; j < i + run; j++)
			s->out_iov[j] =
				(struct iovec){ (void *)(uintptr_t)out[j]->data.p, out[j]->data.n };
		write_message(self, s, messages, &s->out_iov[i], out + i, run);
		i += run;
	}
	return messages;
}

/*
 * Which refusals are of the run, and not of the datagrams in it: over the MTU
 * segments are not made, nor where checksums must be computed by software.
 */
static bool refuses_segments(struct reed_sock_dgram *self, const struct scratch *s, int err)
{
	const struct msghdr *first = &s->out[0].msg_hdr;

	if (first->msg_iovlen < 2)
		return false;
	if (err == EINVAL || err == EMSGSIZE)
		self->segment_most = (uint32_t)first->msg_iov[0].iov_len - 1;
	else if (err == EIO || err == ENOPROTOOPT || err == EOPNOTSUPP)
		self->no_segments = true;
	else
		return false;
	return true;
}

static int sent_of(const struct scratch *s, int messages)
{
	int n = 0;

	for (int i = 0; i < messages; i++)
		n += (int)s->out[i].msg_hdr.msg_iovlen;
	return n;
}

/* One by itself is cheaper without the list around it. */
static int send_messages(struct reed_sock_dgram *self, struct scratch *s, int messages)
{
	int flags = MSG_DONTWAIT | MSG_NOSIGNAL;

	if (messages == 1)
		return sendmsg(self->watch.fd, &s->out[0].msg_hdr, flags) < 0 ? -1 : 1;
	return sendmmsg(self->watch.fd, s->out, (unsigned)messages, flags);
}

/* The first error may be of what was sent before: the same one twice is of this datagram. */
int reed_sock_send(struct reed_dgram *d, struct reed_dgram_out *const *out, int count)
{
	struct reed_sock_dgram *self = reed_sock_dgram_of(d);
	struct scratch *s = scratch_of(d);
	int before = 0;

	for (;;) {
		int messages = write_messages(self, s, out, count);
		int n = send_messages(self, s, messages);

		if (n > 0) {
			self->refusals = 0;
			return sent_of(s, n);
		}
		if (errno == EINTR || refuses_segments(self, s, errno))
			continue;
		if (errno == EAGAIN)
			return reed_sock_full(self);
		if (errno == before || errno == EMSGSIZE)
			return reed_sock_error(errno);
		before = errno;
		take_errors(d);
	}
}
