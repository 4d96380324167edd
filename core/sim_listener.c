/* Listeners of simulated hosts, and their ports. */

#include "sim_private.h"

enum { FIRST_PORT = 32768, PORTS = 28232 }; /* as Linux has them */

static struct sim_listener *self_of(struct reed_listener *l)
{
	return reed_container_of(l, struct sim_listener, listener);
}

struct sim_listener *reed_sim_listener(struct sim_host *h, uint16_t port, bool ipv6)
{
	reed_list_each (link, &h->listeners) {
		struct sim_listener *l = reed_container_of(link, struct sim_listener, link);

		if (l->port == port && (ipv6 ? l->ipv6 : l->ipv4))
			return l;
	}
	return NULL;
}

void reed_sim_queue_changed(struct sim_listener *l)
{
	bool acceptable = false;

	reed_list_each (link, &l->queue)
		if (reed_container_of(link, struct sim_socket, queue)->state == SIM_OPEN)
			acceptable = true;
	reed_sim_set_news(l->host, &l->news, acceptable && l->wanted);
}

static bool listener_waits(struct sim_news *news)
{
	const struct reed_listener *l =
		&reed_container_of(news, struct sim_listener, news)->listener;

	return !l->is_accepting || !l->accepting.settled;
}

static void listener_tell(struct sim_news *news)
{
	reed_listener_ready(&reed_container_of(news, struct sim_listener, news)->listener);
}

static enum reed_err listener_accept(struct reed_listener *listener, struct reed_stream **stream)
{
	struct sim_listener *l = self_of(listener);

	reed_list_each (link, &l->queue) {
		struct sim_socket *s = reed_container_of(link, struct sim_socket, queue);

		if (s->state != SIM_OPEN)
			continue;
		reed_list_remove(&s->queue);
		s->listener = NULL;
		l->queued--;
		*stream = reed_sim_stream(s);
		reed_sim_queue_changed(l);
		return REED_OK;
	}
	return REED_EAGAIN;
}

static void listener_want(struct reed_listener *listener, bool wanted)
{
	struct sim_listener *l = self_of(listener);
	unsigned before = l->wanted;

	reed_sim_want(l->host, &before, wanted);
	l->wanted = wanted;
	reed_sim_queue_changed(l);
}

/* Who has not been accepted is reset, as the system does. */
static void listener_close(struct reed_listener *listener)
{
	struct sim_listener *l = self_of(listener);
	struct reed_list *link;

	listener_want(listener, false);
	reed_list_unlink(&l->link);
	while ((link = reed_list_take(&l->queue))) {
		struct sim_socket *s = reed_container_of(link, struct sim_socket, queue);

		s->listener = NULL;
		reed_sim_socket_reset(s);
	}
}

static const struct reed_listener_ops listener_ops = {
	.name = "sim",
	.accept = listener_accept,
	.want = listener_want,
	.close = listener_close,
};

bool reed_sim_port_is_free(struct sim_host *h, uint16_t port)
{
	return !reed_sim_listener(h, port, false) && !reed_sim_listener(h, port, true);
}

/* The next of the ephemeral ones (RFC 6056 3.3.1). */
uint16_t reed_sim_port(struct sim_host *h)
{
	h->next_port = (uint16_t)((h->next_port + 1) % PORTS);
	return (uint16_t)(FIRST_PORT + h->next_port);
}

static uint16_t listening_port(struct sim_host *h)
{
	uint16_t port;

	do
		port = reed_sim_port(h);
	while (!reed_sim_port_is_free(h, port));
	return port;
}

static enum reed_err refuse_to_listen(const struct reed_address *at, enum reed_err err,
                                      struct reed_fault **fault)
{
	char text[REED_ADDRESS_TEXT];

	*fault = reed_fault(err, NULL, "cannot listen on %s: %s", reed_address_text(at, text),
	                    reed_strerror(err));
	return err;
}

/* "::" serves both families, as with the sockets of the system. */
enum reed_err reed_sim_net_listen(struct reed_driver *d, struct reed_loop *loop,
                                  const struct reed_address *at, struct reed_listener **out,
                                  struct reed_fault **fault)
{
	struct sim_host *h = reed_container_of(d, struct sim_host, driver);
	bool ipv6 = at->family == REED_FAMILY_IPV6, local;
	uint16_t port = at->port ? at->port : listening_port(h);
	struct sim_listener *l;

	if (reed_sim_host_at(h, at, &local) != h)
		return refuse_to_listen(at, REED_EADDRNOTAVAIL, fault);
	if (reed_sim_listener(h, port, ipv6))
		return refuse_to_listen(at, REED_EADDRINUSE, fault);
	l = reed_alloc(sizeof(*l));
	reed_listener_init(&l->listener, loop, &listener_ops);
	l->listener.address = *at;
	l->listener.address.port = port;
	l->host = h;
	l->port = port;
	l->ipv6 = ipv6;
	l->ipv4 = !ipv6 || reed_sim_is_any(at);
	l->news.wanted = listener_waits;
	l->news.tell = listener_tell;
	reed_list_init(&l->queue);
	reed_list_append(&h->listeners, &l->link);
	*out = &l->listener;
	return REED_OK;
}

enum reed_err reed_sim_listen(struct reed_loop *loop, uint16_t port, struct reed_listener **out)
{
	struct reed_address at = { .family = REED_FAMILY_IPV6, .port = port };
	struct reed_fault *fault = NULL;
	enum reed_err err = reed_sim_net_listen(loop->driver, loop, &at, out, &fault);

	reed_fault_free(fault);
	return err;
}
