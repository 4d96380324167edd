/* The life of a connection of HTTP/2. */

#include "h2.h"

#include "reed/log.h"

static void tell(struct h2 *self, const char *what, const char *why)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	char peer[REED_ADDRESS_TEXT];

	self->server->stats.refused++;
	if (self->port.protocol->stream)
		reed_stream_facts(self->port.protocol->stream, &facts);
	reed_log(self->server->loop, REED_LOG_WARN, "%s peer=%s why=%s", what,
	         facts.peer.family ? reed_address_host(&facts.peer, peer) : "-", why);
}

void h2_endure(struct h2 *self, enum h2_noise what)
{
	if (!h2_port_endures(&self->port, what, self->server->limits.noise))
		tell(self, "a flood of HTTP/2 frames", h2_noise_name(what));
}

/* ---- what comes in ---- */

/* A head that has begun is to be whole in time; what is less counts as idle. */
static void look_for_head(struct h2 *self)
{
	bool before = self->in_head;

	self->in_head = self->port.mux.block.open;
	if (before || !self->in_head)
		return;
	self->since = reed_now(self->server->loop);
	h2_watch(self, self->server->limits.head_ms);
}

size_t h2_data(struct h2 *self, struct reed_slice in)
{
	size_t taken;

	if (self->port.over)
		return in.n;
	taken = h2_port_receive(&self->port, in);
	look_for_head(self);
	if (self->port.mux.failed && self->port.mux.why) {
		tell(self, "HTTP/2 was broken", self->port.mux.why);
		h2_port_end(&self->port);
	} else {
		h2_port_flush(&self->port);
	}
	return taken;
}

/* ---- the end ---- */

/*
 * RFC 9113 6.8: first that there will be an end, so that requests which are on
 * their way are still taken; then, when a PING behind it is back, the last one.
 */
void h2_shut(struct h2 *self)
{
	if (self->shutting)
		return;
	self->shutting = true;
	self->shut_at = reed_now(self->server->loop);
	h2_mux_shut(&self->port.mux);
	h2_watch(self, H2_GOODBYE_MS);
	h2_port_soon(&self->port);
}

void h2_say_last(struct h2 *self)
{
	if (!self->shutting || self->said_last)
		return;
	self->said_last = true;
	h2_mux_leave(&self->port.mux, H2_NO_ERROR);
}

static bool init_mux(struct h2 *self)
{
	const struct reed_http_limits *limits = &self->server->limits;
	struct h2_settings ours = { .window = limits->window,
		                    .streams = limits->streams,
		                    .connect = true };
	int64_t windows = (int64_t)limits->window * H2_WINDOWS;

	ours.window = ours.window > H2_WINDOW_MOST ? H2_WINDOW_MOST : ours.window;
	windows = windows > H2_WINDOW_MOST ? H2_WINDOW_MOST : windows;
	return h2_mux_init(&self->port.mux, &h2_server_ops, false, &ours, (uint32_t)windows,
	                   self->server->wire.head);
}

struct h2 *h2_new(struct reed_http_server *server, struct reed_protocol *protocol)
{
	struct h2 *self = reed_alloc(sizeof(*self));

	self->server = server;
	self->since = reed_now(server->loop);
	h2_port_init(&self->port, server->loop, protocol);
	reed_list_init(&self->streams);
	reed_list_append(&server->seconds, &self->link);
	if (!init_mux(self)) {
		h2_free(self);
		return NULL;
	}
	h2_timer_init(self);
	h2_port_flush(&self->port);
	return self;
}

void h2_free(struct h2 *self)
{
	if (!self)
		return;
	reed_timer_stop(&self->timer);
	h2_port_finish(&self->port);
	reed_list_remove(&self->link);
	reed_free(self);
}

void reed_http_server_renew(struct reed_http_server *server)
{
	reed_list_each (link, &server->seconds)
		h2_shut(reed_container_of(link, struct h2, link));
}
