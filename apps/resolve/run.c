/* One name after the other of the search list, one server after the other, one type after the other. */

#include "resolve.h"

#include <stdio.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/doh.h"

struct run {
	struct reed_co co;
	const struct resolve_order *order;
	int *status;
	struct reed_dns_asker *asker;
	struct reed_doh_client *doh;
	struct reed_dns_name name;
	struct reed_dns_ask ask;
	struct reed_dns_reply reply;
	char *server;
	size_t name_at, server_at;
	int type_at;
	bool found;
	struct resolve_judge *judge; /* NULL: nothing is validated */
	struct reed_dns_verdict verdict;
};

/* Addresses of both kinds when nothing is said. */
static bool next_type(struct run *self)
{
	static const uint16_t types[] = { REED_DNS_TYPE_A, REED_DNS_TYPE_AAAA };
	const struct resolve_order *order = self->order;
	bool one = order->has_type || order->address.n;

	if (self->type_at >= (one ? 1 : 2))
		return false;
	self->ask.type = one ? order->type : types[self->type_at];
	self->type_at++;
	return true;
}

static bool next_name(struct run *self)
{
	self->type_at = 0;
	if (self->order->address.n) {
		self->name = self->order->address;
		return self->name_at++ == 0;
	}
	return reed_dns_system_name(&self->order->system, self->order->text, self->name_at++,
	                            &self->name);
}

static bool next_server(struct run *self)
{
	reed_free(self->server);
	self->server = resolve_server(self->order, self->server_at++);
	return self->server != NULL;
}

static struct reed_future *ask(struct run *self)
{
	self->ask.size = sizeof(self->ask);
	self->ask.server = self->server;
	self->ask.name = self->name;
	self->ask.dnssec = self->ask.checking = self->order->dnssec;
	self->ask.no_recursion = self->order->no_recursion;
	reed_dns_reply_finish(&self->reply);
	return reed_dns_query(self->asker, &self->ask, &self->reply);
}

static bool has_answer(const struct run *self)
{
	return self->reply.message.counts[REED_DNS_ANSWER] > 0;
}

/* NXDOMAIN leads to the next name of the search list, but for the last. */
static bool is_last(const struct run *self)
{
	struct reed_dns_name name;

	return self->order->address.n ||
	       !reed_dns_system_name(&self->order->system, self->order->text, self->name_at, &name);
}

static void show(struct run *self)
{
	struct resolve_said said = { .reply = &self->reply,
		                     .name = &self->name,
		                     .server = self->server,
		                     .type = self->ask.type,
		                     .verdict = self->judge ? &self->verdict : NULL };
	struct reed_buf out = { 0 };

	resolve_show(self->order, &said, &out);
	fwrite(reed_buf_slice(&out).p, 1, reed_buf_held(&out), stdout);
	reed_buf_finish(&out);
}

static struct reed_future *judge(struct run *self)
{
	return resolve_judge(self->judge, self->server, self->reply.message.bytes, &self->verdict);
}

static void take(struct run *self)
{
	self->found |= has_answer(self);
	if (has_answer(self) ||
	    (is_last(self) && (self->type_at == 1 || self->ask.type == self->order->type) &&
	     self->reply.bytes))
		show(self);
}

static void run_run(struct reed_co *co)
{
	struct run *self = reed_frame(co, struct run);

	reed_coroutine (co) {
		if (!next_server(self))
			reed_return(co, REED_EINVAL);
		while (!self->found && next_name(self)) {
			while (next_type(self)) {
				reed_await(co, ask(self));
				while (co->err && co->err != REED_ECANCELED && next_server(self))
					reed_await(co, ask(self));
				if (co->err)
					reed_return(co,
					            reed_because(co, co->err, "%s",
					                         self->order->server.n
					                                 ? "the server you named"
					                                 : "none of the system's "
					                                   "servers answered"));
				if (self->judge)
					reed_try(co, judge(self));
				take(self);
			}
		}
		*self->status = !self->found;
	}
}

static void run_end(struct reed_co *co)
{
	struct run *self = reed_frame(co, struct run);

	reed_dns_reply_finish(&self->reply);
	resolve_judge_free(self->judge);
	reed_dns_asker_free(self->asker);
	reed_doh_client_free(self->doh);
	reed_free(self->server);
}

static const struct reed_co_kind run_kind = {
	.name = "resolve",
	.size = sizeof(struct run),
	.run = run_run,
	.end = run_end,
};

struct reed_future *resolve_run(struct reed_loop *loop, const struct resolve_order *order,
                                int *status)
{
	struct reed_dns_asker_options options = REED_DNS_ASKER_OPTIONS;
	struct run *self = reed_co_new(loop, &run_kind);

	self->order = order;
	self->status = status;
	self->doh = reed_doh_client_new(loop, NULL);
	options.carry = reed_doh_carry;
	options.carry_arg = self->doh;
	self->asker = reed_dns_asker_new(loop, &options);
	if (order->dnssec)
		self->judge = resolve_judge_new(loop, self->asker,
		                                reed_buf_held(&order->anchors)
		                                        ? reed_buf_slice(&order->anchors)
		                                        : reed_dns_root_anchors());
	return reed_start(&self->co);
}
