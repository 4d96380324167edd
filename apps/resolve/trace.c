/* From the root down, with each server that refers to the next. */

#include "resolve.h"

#include <stdio.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/dns/resolver.h"
#include "reed/resolve.h"

enum { STEPS = 20 };

struct trace {
	struct reed_co co;
	const struct resolve_order *order;
	int *status;
	struct reed_dns_asker *asker;
	char *server; /* the first, if the person said it: an endpoint; then addresses */
	struct reed_dns_name name, server_name;
	struct reed_dns_ask ask;
	struct reed_dns_reply reply;
	struct reed_addresses addresses;
	int steps;
	bool has_server_name;
};

static const char *asked_of(const struct trace *self, char text[REED_ADDRESS_TEXT])
{
	return self->server ? self->server : reed_address_text(&self->ask.address, text);
}

static void show_step(struct trace *self)
{
	const struct reed_dns_message *m = &self->reply.message;
	char text[REED_ADDRESS_TEXT];
	struct reed_dns_record record;
	struct reed_buf out = { 0 };
	struct reed_dns_walk walk;

	reed_dns_walk(m, m->counts[REED_DNS_ANSWER] ? REED_DNS_ANSWER : REED_DNS_AUTHORITY, &walk);
	while (reed_dns_next(&walk, &record))
		resolve_show_record(self->order, &record, &out);
	reed_buf_printf(&out, "of %s, in %.1f ms\n\n", asked_of(self, text),
	                (double)self->reply.took / 1e6);
	fwrite(reed_buf_slice(&out).p, 1, reed_buf_held(&out), stdout);
	fflush(stdout);
	reed_buf_finish(&out);
}

/* An address in the additional section, or else a name to look up. */
static bool next_server(struct trace *self)
{
	const struct reed_dns_message *m = &self->reply.message;
	struct reed_address *to = &self->ask.address;
	struct reed_dns_record record;
	struct reed_dns_walk walk;
	struct reed_slice rdata;
	uint8_t room[512];

	self->has_server_name = false;
	if (m->counts[REED_DNS_ANSWER] || m->flags & REED_DNS_AA || reed_dns_rcode(m->flags))
		return false;
	reed_dns_walk(m, REED_DNS_ADDITIONAL, &walk);
	while (reed_dns_next(&walk, &record))
		if (record.type == REED_DNS_TYPE_A && record.size == 4) {
			*to = (struct reed_address){ .family = REED_FAMILY_IPV4, .port = 53 };
			memcpy(to->ip, m->bytes.p + record.rdata, 4);
			return true;
		}
	reed_dns_walk(m, REED_DNS_AUTHORITY, &walk);
	while (reed_dns_next(&walk, &record))
		if (record.type == REED_DNS_TYPE_NS &&
		    !reed_dns_record_rdata(&record, room, sizeof(room), &rdata) &&
		    !reed_dns_rdata_name(record.type, rdata, &self->server_name))
			return self->has_server_name = true;
	return false;
}

static struct reed_future *look_up(struct trace *self)
{
	char text[REED_DNS_NAME_TEXT_SIZE];

	reed_addresses_finish(&self->addresses);
	return reed_resolve(self->co.loop, reed_dns_name_format(&self->server_name, text), 53,
	                    &self->addresses);
}

static struct reed_future *ask(struct trace *self)
{
	self->ask.size = sizeof(self->ask);
	self->ask.server = self->server;
	self->ask.name = self->name;
	self->ask.type = self->order->type;
	self->ask.no_recursion = true;
	self->ask.dnssec = self->order->dnssec;
	reed_dns_reply_finish(&self->reply);
	return reed_dns_query(self->asker, &self->ask, &self->reply);
}

static void trace_run(struct reed_co *co)
{
	struct trace *self = reed_frame(co, struct trace);
	char text[REED_ADDRESS_TEXT];

	reed_coroutine (co) {
		do {
			reed_await(co, ask(self));
			if (co->err)
				reed_return(co,
				            reed_because(co, co->err, "%s", asked_of(self, text)));
			show_step(self);
			if (!next_server(self))
				break;
			reed_free(self->server);
			self->server = NULL;
			if (self->has_server_name) {
				reed_try(co, look_up(self));
				self->ask.address = self->addresses.list[0];
			}
		} while (++self->steps < STEPS);
		*self->status = !self->reply.message.counts[REED_DNS_ANSWER];
	}
}

static void trace_end(struct reed_co *co)
{
	struct trace *self = reed_frame(co, struct trace);

	reed_addresses_finish(&self->addresses);
	reed_dns_reply_finish(&self->reply);
	reed_dns_asker_free(self->asker);
	reed_free(self->server);
}

static const struct reed_co_kind trace_kind = {
	.name = "trace",
	.size = sizeof(struct trace),
	.run = trace_run,
	.end = trace_end,
};

struct reed_future *resolve_trace(struct reed_loop *loop, const struct resolve_order *order,
                                  int *status)
{
	struct trace *self = reed_co_new(loop, &trace_kind);

	self->order = order;
	self->status = status;
	self->asker = reed_dns_asker_new(loop, NULL);
	if (order->address.n)
		self->name = order->address;
	else
		reed_dns_name_parse(order->text, NULL, &self->name);
	/* a server of the root, or where the person says */
	if (order->server.n)
		self->server = resolve_server(order, 0);
	else
		reed_address_parse(REED_STR("198.41.0.4"), 53, &self->ask.address);
	return reed_start(&self->co);
}
