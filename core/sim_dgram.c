/*
 * Datagrams between simulated hosts.
 *
 * A datagram is one packet on the link, whatever its length: lost, delayed,
 * overtaken, repeated and cut off as the link has it, and nobody sends it
 * again.  One that nobody listens for is answered as by ICMP.  A full socket
 * loses what comes.  One to a group goes to each host that has joined it, one
 * to everybody to each host that is up; every interface has the number 1.
 */

#include "sim_private.h"

#include "dgram_private.h"

enum { INTERFACE = 1, TTL = 64 };

struct membership {
	struct reed_list link;
	struct reed_address group, source; /* source: of no family when any will do */
};

struct sim_dgram {
	struct reed_dgram dgram;
	struct sim_host *host;
	struct reed_list link;   /* of the host */
	struct reed_list queue;  /* packets */
	struct reed_list groups; /* memberships */
	uint32_t held, room;     /* bytes in the queue; at most */
	unsigned wanted;
	struct sim_news news;
	bool ipv4, ipv6;
	bool broadcast, shared, want_to, want_ttl, no_loop;
	uint8_t ttl, group_ttl;
};

static struct sim_dgram *self_of(struct reed_dgram *d)
{
	return reed_container_of(d, struct sim_dgram, dgram);
}

static bool is_everybody(const struct reed_address *a)
{
	static const unsigned char all[2][4] = { { 255, 255, 255, 255 }, { 10, 255, 255, 255 } };

	return a->family == REED_FAMILY_IPV4 &&
	       (memcmp(a->ip, all[0], 4) == 0 || memcmp(a->ip, all[1], 4) == 0);
}

/* ---- readiness ---- */

static void changed(struct sim_dgram *self)
{
	bool ready = !reed_list_empty(&self->queue);

	reed_sim_set_news(self->host, &self->news, ready && self->wanted & REED_READ);
}

static bool dgram_waits(struct sim_news *news)
{
	const struct reed_dgram *d = &reed_container_of(news, struct sim_dgram, news)->dgram;

	return !d->is_waiting || !d->waiting.settled;
}

static void dgram_tell(struct sim_news *news)
{
	reed_dgram_ready(&reed_container_of(news, struct sim_dgram, news)->dgram, REED_READ);
}

static void dgram_want(struct reed_dgram *d, unsigned events)
{
	struct sim_dgram *self = self_of(d);

	reed_sim_want(self->host, &self->wanted, events);
	changed(self);
}

/* ---- what comes ---- */

static void enqueue(struct sim_dgram *self, const struct sim_packet *p)
{
	struct sim_packet *copy;

	if (self->held + p->n > self->room) {
		self->host->sim->stats.lost++;
		return;
	}
	copy = reed_sim_packet_copy(p);
	self->held += p->n;
	reed_list_append(&self->queue, &copy->early);
	changed(self);
}

static bool joined(struct sim_dgram *self, const struct reed_address *group,
                   const struct reed_address *from)
{
	reed_list_each (link, &self->groups) {
		const struct membership *m = reed_container_of(link, struct membership, link);

		if (m->group.family == group->family && memcmp(m->group.ip, group->ip, 16) == 0 &&
		    (m->source.family == REED_FAMILY_NONE ||
		     memcmp(m->source.ip, from->ip, 16) == 0))
			return true;
	}
	return false;
}

static bool serves(const struct sim_dgram *self, const struct sim_packet *p)
{
	if (self->dgram.local.port != p->to_port || !(p->ipv6 ? self->ipv6 : self->ipv4))
		return false;
	return !reed_address_is_loopback(&self->dgram.local) || p->link->from == self->host;
}

/* Of a connected one: is its peer where that came from? */
static bool is_of_peer(const struct sim_dgram *self, const struct sim_packet *p)
{
	const struct reed_dgram *d = &self->dgram;
	bool local;

	return reed_dgram_connected(d) && d->peer.port == p->from_port &&
	       reed_sim_host_at(self->host, &d->peer, &local) == p->link->from;
}

/* Whom it is for: who is connected to the sender comes first. */
static struct sim_dgram *find(struct sim_host *h, const struct sim_packet *p)
{
	struct sim_dgram *found = NULL;

	reed_list_each (link, &h->dgrams) {
		struct sim_dgram *self = reed_container_of(link, struct sim_dgram, link);

		if (!serves(self, p))
			continue;
		if (is_of_peer(self, p))
			return self;
		if (!found && !reed_dgram_connected(&self->dgram))
			found = self;
	}
	return found;
}

static void receive_by_all(struct sim_host *h, const struct sim_packet *p)
{
	struct reed_address from, to = { .family = p->ipv6 ? REED_FAMILY_IPV6 : REED_FAMILY_IPV4 };

	memcpy(to.ip, p->to_ip, sizeof(to.ip));
	reed_sim_address(p->link->from, p->ipv6, p->from_port, &from);
	reed_list_each (link, &h->dgrams) {
		struct sim_dgram *self = reed_container_of(link, struct sim_dgram, link);

		if (serves(self, p) && (is_everybody(&to) || joined(self, &to, &from)))
			enqueue(self, p);
	}
}

/* RFC 1122 4.1.3.1 */
static void nobody_there(struct sim_host *h, const struct sim_packet *p)
{
	struct sim_packet *answer = reed_sim_packet(reed_sim_link(h, p->link->from), 0);

	answer->flags = SIM_DATAGRAM | SIM_RST;
	answer->ipv6 = p->ipv6;
	answer->from_port = p->to_port;
	answer->to_port = p->from_port;
	reed_sim_send(answer);
}

static void refused(struct sim_host *h, const struct sim_packet *p)
{
	struct sim_dgram *self = find(h, p);
	struct reed_dgram_error error = { .err = REED_EREFUSED, .from_network = true };

	if (!self)
		return;
	reed_sim_address(p->link->from, p->ipv6, p->from_port, &error.to);
	if (reed_dgram_connected(&self->dgram))
		error.to = self->dgram.peer;
	reed_dgram_note(&self->dgram, &error);
}

void reed_sim_dgram_receive(struct sim_packet *p)
{
	struct sim_host *h = p->link->to;
	struct sim_dgram *self;

	if (p->flags & SIM_RST) {
		refused(h, p);
	} else if (p->to_many) {
		receive_by_all(h, p);
	} else {
		self = find(h, p);
		if (self)
			enqueue(self, p);
		else
			nobody_there(h, p);
	}
	reed_free(p);
}

static void show(struct sim_dgram *self, struct reed_dgram_batch *b, int n,
                 const struct sim_packet *p, struct reed_datagram *in)
{
	uint32_t most = self->dgram.largest;
	struct reed_address *to = reed_dgram_to(b, n);

	*in = (struct reed_datagram){ .from = reed_dgram_from(b, n),
		                      .to = &self->dgram.local,
		                      .ttl = self->want_ttl ? (int16_t)p->ttl : -1,
		                      .truncated = p->n > most };
	in->data = reed_slice(reed_dgram_room(b, n), p->n < most ? p->n : most);
	memcpy(reed_dgram_room(b, n), p->bytes, in->data.n);
	reed_sim_address(p->link->from, p->ipv6, p->from_port, reed_dgram_from(b, n));
	if (is_of_peer(self, p))
		in->from = &self->dgram.peer;
	if (!self->want_to)
		return;
	reed_sim_address(self->host, p->ipv6, p->to_port, to);
	if (p->to_many)
		memcpy(to->ip, p->to_ip, sizeof(to->ip));
	in->to = to;
	in->to_many = p->to_many;
	in->interface = INTERFACE;
}

static int dgram_receive(struct reed_dgram *d, struct reed_dgram_batch *b, struct reed_datagram *in,
                         int room, bool *more)
{
	struct sim_dgram *self = self_of(d);
	int n = 0;

	while (n < room && !reed_list_empty(&self->queue)) {
		struct reed_list *link = reed_list_take(&self->queue);
		struct sim_packet *p = reed_container_of(link, struct sim_packet, early);

		self->held -= p->n;
		show(self, b, n, p, &in[n]);
		reed_free(p);
		n++;
	}
	*more = false;
	changed(self);
	return n > 0 ? n : (int)REED_EAGAIN;
}

/* ---- what goes ---- */

static void send_to(struct sim_dgram *self, struct sim_host *to, const struct reed_dgram_out *out,
                    const struct reed_address *at, bool to_many)
{
	struct sim_packet *p = reed_sim_packet(reed_sim_link(self->host, to), out->data.n);

	p->flags = SIM_DATAGRAM;
	p->ipv6 = at->family == REED_FAMILY_IPV6;
	p->from_port = self->dgram.local.port;
	p->to_port = at->port;
	p->to_many = to_many;
	p->ttl = to_many && !is_everybody(at) ? self->group_ttl : self->ttl;
	memcpy(p->to_ip, at->ip, sizeof(p->to_ip));
	if (out->data.n)
		memcpy(p->bytes, out->data.p, out->data.n);
	reed_sim_send(p);
}

static bool has_member(struct sim_host *h, const struct reed_address *group)
{
	reed_list_each (link, &h->dgrams) {
		struct sim_dgram *self = reed_container_of(link, struct sim_dgram, link);

		reed_list_each (each, &self->groups)
			if (memcmp(reed_container_of(each, struct membership, link)->group.ip,
			           group->ip, 16) == 0)
				return true;
	}
	return false;
}

static void send_to_all(struct sim_dgram *self, const struct reed_dgram_out *out,
                        const struct reed_address *at)
{
	struct reed_sim *sim = self->host->sim;
	bool group = !is_everybody(at);

	for (uint32_t i = 1; i <= sim->host_count; i++) {
		struct sim_host *h = sim->hosts[i];

		if (!h->loop || (group && !has_member(h, at)))
			continue;
		if (h == self->host ? !(group && self->no_loop) : !group || self->group_ttl > 0)
			send_to(self, h, out, at, true);
	}
}

/* To a host that was never there it goes, and does not arrive. */
static enum reed_err send_one(struct sim_dgram *self, const struct reed_dgram_out *out)
{
	struct reed_address at = self->dgram.peer;
	struct sim_host *h;
	bool local;

	if (out->to.family != REED_FAMILY_NONE) {
		at = (struct reed_address){ .family = out->to.family, .port = out->to.port };
		memcpy(at.ip, out->to.ip, sizeof(at.ip));
	}
	if (at.port == 0)
		return REED_EINVAL;
	if (is_everybody(&at) && !self->broadcast)
		return REED_EACCES;
	if (is_everybody(&at) || reed_address_is_multicast(&at)) {
		send_to_all(self, out, &at);
		return REED_OK;
	}
	h = reed_sim_host_at(self->host, &at, &local);
	if (!h && !local)
		return REED_ENETUNREACH;
	if (h)
		send_to(self, h, out, &at, false);
	else
		self->host->sim->stats.lost++;
	return REED_OK;
}

static int dgram_send(struct reed_dgram *d, struct reed_dgram_out *const *out, int count)
{
	enum reed_err err = REED_OK;
	int n = 0;

	while (n < count && !err) {
		err = send_one(self_of(d), out[n]);
		n += !err;
	}
	return n > 0 ? n : (int)err;
}

/* ---- groups ---- */

static struct membership *find_membership(struct sim_dgram *self,
                                          const struct reed_dgram_group *group)
{
	reed_list_each (link, &self->groups) {
		struct membership *m = reed_container_of(link, struct membership, link);

		if (memcmp(m->group.ip, group->group.ip, 16) == 0 &&
		    m->source.family == group->source.family &&
		    memcmp(m->source.ip, group->source.ip, 16) == 0)
			return m;
	}
	return NULL;
}

static enum reed_err dgram_group(struct reed_dgram *d, const struct reed_dgram_group *group,
                                 bool join)
{
	struct sim_dgram *self = self_of(d);
	struct membership *m = find_membership(self, group);

	if (join == (m != NULL))
		return join ? REED_EADDRINUSE : REED_EADDRNOTAVAIL;
	if (group->interface > INTERFACE)
		return REED_EADDRNOTAVAIL;
	if (!join) {
		reed_list_remove(&m->link);
		reed_free(m);
		return REED_OK;
	}
	m = reed_alloc(sizeof(*m));
	m->group = group->group;
	m->source = group->source;
	reed_list_append(&self->groups, &m->link);
	return REED_OK;
}

static enum reed_err dgram_multicast(struct reed_dgram *d, const struct reed_dgram_multicast *how)
{
	struct sim_dgram *self = self_of(d);

	if (how->interface > INTERFACE)
		return REED_EADDRNOTAVAIL;
	self->group_ttl = (uint8_t)how->ttl;
	self->no_loop = how->no_loop;
	return REED_OK;
}

/* ---- sockets ---- */

static void dgram_close(struct reed_dgram *d)
{
	struct sim_dgram *self = self_of(d);
	struct reed_list *link;

	reed_sim_want(self->host, &self->wanted, 0);
	reed_list_unlink(&self->news.link);
	reed_list_unlink(&self->link);
	while ((link = reed_list_take(&self->queue)))
		reed_free(reed_container_of(link, struct sim_packet, early));
	while ((link = reed_list_take(&self->groups)))
		reed_free(reed_container_of(link, struct membership, link));
}

static const struct reed_dgram_ops dgram_ops = {
	.name = "sim",
	.receive = dgram_receive,
	.send = dgram_send,
	.want = dgram_want,
	.close = dgram_close,
	.group = dgram_group,
	.multicast = dgram_multicast,
};

static struct sim_dgram *on_port(struct sim_host *h, uint16_t port, bool ipv4, bool ipv6)
{
	reed_list_each (link, &h->dgrams) {
		struct sim_dgram *self = reed_container_of(link, struct sim_dgram, link);

		if (self->dgram.local.port == port &&
		    ((ipv4 && self->ipv4) || (ipv6 && self->ipv6)))
			return self;
	}
	return NULL;
}

static uint16_t free_port(struct sim_host *h)
{
	uint16_t port;

	do
		port = reed_sim_port(h);
	while (on_port(h, port, true, true));
	return port;
}

static struct sim_dgram *dgram_new(struct sim_host *h, const struct reed_dgram_options *o)
{
	struct sim_dgram *self = reed_alloc(sizeof(*self));

	reed_dgram_init(&self->dgram, h->loop, &dgram_ops, o);
	self->host = h;
	self->room = o->receive_buffer ? o->receive_buffer : h->sim->options.receive_buffer;
	self->broadcast = o->broadcast;
	self->shared = o->reuse_port || o->reuse_address;
	self->want_to = o->want_to;
	self->want_ttl = o->want_ttl;
	self->ttl = o->ttl ? (uint8_t)o->ttl : TTL;
	self->group_ttl = 1;
	self->news.wanted = dgram_waits;
	self->news.tell = dgram_tell;
	reed_list_init(&self->queue);
	reed_list_init(&self->groups);
	return self;
}

static enum reed_err refuse(const struct reed_address *at, enum reed_err err,
                            struct reed_fault **fault)
{
	char text[REED_ADDRESS_TEXT];

	*fault = reed_fault(err, NULL, "cannot bind to %s: %s", reed_address_text(at, text),
	                    reed_strerror(err));
	return err;
}

/* As the system would: a socket that has only a peer is bound to some port of ours. */
static enum reed_err bind_to(struct sim_dgram *self, const struct reed_address *at,
                             const struct reed_address *to, bool only_ipv6,
                             struct reed_fault **fault)
{
	struct sim_host *h = self->host;
	struct reed_address *local = &self->dgram.local;
	struct sim_dgram *there;
	bool ours;

	*local = at ? *at : (struct reed_address){ .family = to->family };
	self->ipv6 = local->family == REED_FAMILY_IPV6;
	self->ipv4 = !self->ipv6 || (reed_sim_is_any(local) && !only_ipv6);
	self->want_to |= !to && reed_sim_is_any(local);
	if (reed_sim_host_at(h, local, &ours) != h && !reed_address_is_multicast(local))
		return refuse(local, REED_EADDRNOTAVAIL, fault);
	there = local->port ? on_port(h, local->port, self->ipv4, self->ipv6) : NULL;
	if (there && !(there->shared && self->shared))
		return refuse(local, REED_EADDRINUSE, fault);
	if (!local->port)
		local->port = free_port(h);
	if (to && reed_sim_is_any(local))
		reed_sim_address(h, self->ipv6, local->port, local);
	return REED_OK;
}

enum reed_err reed_sim_net_dgram(struct reed_driver *d, struct reed_loop *loop,
                                 const struct reed_address *at, const struct reed_address *to,
                                 const struct reed_dgram_options *given, struct reed_dgram **out,
                                 struct reed_fault **fault)
{
	struct sim_host *h = reed_container_of(d, struct sim_host, driver);
	struct reed_dgram_options o = REED_DGRAM_OPTIONS;
	struct sim_dgram *self;
	enum reed_err err;

	(void)loop;
	if (given)
		memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	self = dgram_new(h, &o);
	err = bind_to(self, at, to, o.only_ipv6, fault);
	if (err) {
		reed_free(self);
		return err;
	}
	if (to)
		self->dgram.peer = *to;
	reed_list_append(&h->dgrams, &self->link);
	*out = &self->dgram;
	return REED_OK;
}
