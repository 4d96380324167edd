/* An update that came in, until it is answered (RFC 2136 3.8): which is when it is on disk. */

#include "reed/co.h"

#include "serve.h"

struct updating {
	struct reed_co co;
	struct dns_exchange x;
	struct reed_address client;
	struct dns_way way;
	char *message;
	struct reed_future *future;
	unsigned rcode;
	bool counted;
};

static void send_answer(struct updating *self)
{
	struct reed_dns_server *server = self->x.server;
	uint8_t *into = server->scratch + 2;
	struct dns_answer a;
	size_t n;

	self->x.rcode = self->rcode;
	dns_exchange_begin(&self->x, &a, into, REED_DNS_MESSAGE_MAX);
	n = dns_exchange_end(&self->x, &a, REED_DNS_MESSAGE_MAX);
	dns_way_send(server, &self->way, n);
}

static struct reed_future *taken(struct updating *self)
{
	struct reed_future *f = self->future;

	self->future = NULL;
	return f;
}

static void updating_run(struct reed_co *co)
{
	struct updating *self = reed_frame(co, struct updating);

	reed_coroutine (co) {
		if (self->future) {
			reed_await(co, taken(self));
			if (co->err)
				self->rcode = REED_DNS_RCODE_SERVFAIL;
		}
		send_answer(self);
	}
}

static void updating_end(struct reed_co *co)
{
	struct updating *self = reed_frame(co, struct updating);

	if (self->counted)
		self->x.server->under_way--;
	reed_drop(self->future);
	reed_free(self->message);
}

static const struct reed_co_kind updating_kind = {
	.name = "dns update",
	.size = sizeof(struct updating),
	.run = updating_run,
	.end = updating_end,
};

struct reed_future *dns_update_ask(const struct dns_exchange *x, const struct dns_served *served,
                                   const struct dns_way *way)
{
	struct reed_dns_server *server = x->server;
	struct updating *self = reed_co_new(server->loop, &updating_kind);
	struct reed_slice message;

	self->x = *x;
	self->client = *x->client;
	self->x.client = &self->client;
	dns_way_keep(&self->way, way);
	self->rcode = REED_DNS_RCODE_SERVFAIL;
	self->counted = server->under_way < server->options.under_way;
	server->under_way += self->counted;
	if (self->counted) {
		self->message = reed_slice_dup(x->m.bytes);
		message = reed_slice(self->message, x->m.bytes.n);
		self->future = served->hooks->update(served->hooks_arg, message, &self->x.tsig,
		                                     &self->client, &self->rcode);
	}
	return reed_start(&self->co);
}
