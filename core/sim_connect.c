/* Connecting from a simulated host, and the names it knows. */

#include "sim_private.h"

#include <string.h>

enum { UNREACHABLE_MS = 3000 }; /* nobody answers to such an address: RFC 4861 7.2.2 */

static struct sim_socket *socket_of_news(struct sim_news *news)
{
	return reed_container_of(news, struct sim_socket, news);
}

struct sim_connect {
	struct reed_future future;
	struct reed_timer timer;   /* there is no such host */
	struct sim_socket *socket; /* NULL: no such host, or handed over */
	struct reed_address to;
	struct reed_stream **out;
};

static struct sim_connect *connect_of(struct reed_future *f)
{
	return reed_container_of(f, struct sim_connect, future);
}

static void connect_fail(struct sim_connect *self, enum reed_err err)
{
	char text[REED_ADDRESS_TEXT];

	reed_fail(&self->future, err, "%s: %s", reed_address_text(&self->to, text),
	          reed_strerror(err));
}

static void unreachable_fire(struct reed_timer *t)
{
	connect_fail(reed_container_of(t, struct sim_connect, timer), REED_EHOSTUNREACH);
}

static bool connect_waits(struct sim_news *news)
{
	(void)news;
	return true;
}

static void connect_tell(struct sim_news *news)
{
	struct sim_socket *s = socket_of_news(news);
	struct sim_connect *self = s->owner;

	reed_sim_want(s->host, &s->wanted, 0);
	reed_sim_changed(s);
	if (s->state == SIM_DEAD)
		connect_fail(self, s->err);
	else
		reed_settle(&self->future, REED_OK);
}

static void connect_cancel(struct reed_future *f)
{
	struct sim_connect *self = connect_of(f);

	reed_timer_stop(&self->timer);
	if (self->socket)
		reed_sim_want(self->socket->host, &self->socket->wanted, 0);
}

static void connect_deliver(struct reed_future *f)
{
	struct sim_connect *self = connect_of(f);

	if (f->err)
		return;
	*self->out = reed_sim_stream(self->socket);
	self->socket = NULL;
}

static void connect_free(struct reed_future *f)
{
	struct sim_connect *self = connect_of(f);

	if (self->socket)
		reed_sim_socket_close(self->socket, true);
	reed_free(self);
}

static const struct reed_future_kind connect_kind = {
	.name = "connect",
	.cancel = connect_cancel,
	.deliver = connect_deliver,
	.free = connect_free,
};

static uint16_t connecting_port(struct sim_host *h, const struct sim_host *peer, uint16_t peer_port)
{
	uint16_t port;

	do
		port = reed_sim_port(h);
	while (!reed_sim_port_is_free(h, port) ||
	       reed_sim_socket_find(h, peer->number, peer_port, port));
	return port;
}

static void begin(struct sim_connect *self, struct sim_host *h, struct sim_host *peer,
                  uint16_t port)
{
	struct sim_socket *s;

	if (!port)
		port = connecting_port(h, peer, self->to.port);
	if (reed_sim_socket_find(h, peer->number, self->to.port, port)) {
		connect_fail(self, REED_EADDRINUSE);
		return;
	}
	s = reed_sim_connect(h, peer, self->to.port, port, self->to.family == REED_FAMILY_IPV6);
	s->owner = self;
	s->news.wanted = connect_waits;
	s->news.tell = connect_tell;
	reed_sim_want(h, &s->wanted, REED_WRITE);
	self->socket = s;
}

static struct reed_future *net_connect(struct reed_driver *d, struct reed_loop *loop,
                                       const struct reed_address *to,
                                       const struct reed_address *from, struct reed_stream **out)
{
	struct sim_host *h = reed_container_of(d, struct sim_host, driver), *peer;
	struct sim_connect *self = reed_alloc(sizeof(*self));
	bool local, ours;

	reed_future_init(&self->future, loop, &connect_kind);
	self->timer.fire = unreachable_fire;
	self->to = *to;
	self->out = out;
	peer = reed_sim_host_at(h, to, &local);
	if (from && !reed_sim_is_any(from) && reed_sim_host_at(h, from, &ours) != h)
		connect_fail(self, REED_EADDRNOTAVAIL);
	else if (peer)
		begin(self, h, peer, from ? from->port : 0);
	else if (local)
		reed_timer_start(loop, &self->timer, REED_MS(UNREACHABLE_MS));
	else
		connect_fail(self, REED_ENETUNREACH);
	return &self->future;
}

/* ---- names ---- */

static enum reed_err lookup(struct reed_driver *d, struct reed_slice name,
                            struct reed_address *addresses, size_t *count)
{
	struct sim_host *h = reed_container_of(d, struct sim_host, driver), *found;
	char *text = reed_slice_dup(name); /* in any case: from the resolver in lower */
	bool ipv6 = h->sim->options.ipv6;
	size_t n = 0;

	found = reed_slice_is_nocase(name, "localhost") ? h : reed_sim_find(h->sim, text);
	reed_free(text);
	if (!found)
		return REED_ENAME;
	for (; n < *count && n <= ipv6; n++)
		reed_sim_address(found, ipv6 && n == 0, 0, &addresses[n]);
	*count = n;
	return REED_OK;
}

const struct reed_net_ops reed_sim_net = {
	.listen = reed_sim_net_listen,
	.connect = net_connect,
	.lookup = lookup,
	.dgram = reed_sim_net_dgram,
};

struct reed_future *reed_sim_dial(struct reed_loop *loop, const char *host, uint16_t port,
                                  struct reed_stream **stream)
{
	struct reed_address to;
	size_t count = 1;

	if (lookup(loop->driver, reed_slice_of(host), &to, &count))
		return reed_failed(loop, REED_ENAME, "no simulated host is called %s", host);
	to.port = port;
	return net_connect(loop->driver, loop, &to, NULL, stream);
}
