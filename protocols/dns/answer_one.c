/* One query, and its answer as bytes: for doors of other protocols. */

#include "serve.h"

#include "reed/alloc.h"
#include "reed/co.h"

struct one {
	struct reed_co co;
	struct reed_dns_server *server;
	enum reed_dns_door door;
	struct reed_address client;
	char *query;
	size_t n;
	struct reed_buf answer, *out;
};

/* NULL: it is answered already, or it was no query. */
static struct reed_future *begin(struct one *self)
{
	struct reed_dns_server *server = self->server;
	struct dns_way way = { .into = &self->answer };
	struct dns_served *served;
	struct dns_coder *coder;
	struct dns_exchange x;
	enum dns_verdict verdict;
	size_t n = 0;

	dns_exchange_init(&x, server, self->door, &self->client);
	x.is_carried = true;
	verdict = dns_exchange(&x, reed_slice(self->query, self->n), &served, &coder);
	if (verdict == DNS_IGNORE)
		return NULL;
	if (verdict == DNS_ASK_CODE)
		return dns_code_ask(&x, coder, &way);
	if (verdict == DNS_UPDATE)
		return dns_update_ask(&x, served, &way);
	if (verdict == DNS_ASK_WORLD) {
		n = dns_recursion_answer(&x, server->scratch + 2, REED_DNS_MESSAGE_MAX);
		if (!n)
			return dns_recursion_ask(&x, &way);
	} else {
		if (verdict == DNS_TRANSFER) {
			x.rcode = REED_DNS_RCODE_REFUSED;
			verdict = DNS_DONE;
		}
		n = dns_exchange_answer(&x, verdict, served, server->scratch + 2,
		                        REED_DNS_MESSAGE_MAX);
	}
	dns_way_send(server, &way, n);
	return NULL;
}

static void one_run(struct reed_co *co)
{
	struct one *self = reed_frame(co, struct one);
	struct reed_future *later;

	reed_coroutine (co) {
		later = begin(self);
		if (later)
			reed_try(co, later);
	}
}

static void one_deliver(struct reed_co *co)
{
	struct one *self = reed_frame(co, struct one);

	reed_buf_add(self->out, reed_buf_slice(&self->answer));
}

static void one_end(struct reed_co *co)
{
	struct one *self = reed_frame(co, struct one);

	reed_buf_finish(&self->answer);
	reed_free(self->query);
}

static const struct reed_co_kind one_kind = {
	.name = "dns answer",
	.size = sizeof(struct one),
	.run = one_run,
	.deliver = one_deliver,
	.end = one_end,
};

struct reed_future *reed_dns_server_exchange(struct reed_dns_server *server,
                                             enum reed_dns_door door,
                                             const struct reed_address *client,
                                             struct reed_slice query, struct reed_buf *answer)
{
	struct one *self = reed_co_new(server->loop, &one_kind);

	self->server = server;
	self->door = door;
	self->client = *client;
	self->query = reed_slice_dup(query);
	self->n = query.n;
	self->out = answer;
	return reed_start(&self->co);
}
