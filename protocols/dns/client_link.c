/*
 * Connections to servers, over TCP and TLS: each is shared by the queries for its
 * endpoint, which are written as they come and answered in any order (RFC 7766).
 */

#include "client.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/random.h"

#include "field.h"

enum { DIAL_MS = 5000, FRAME = 2, PIPELINED = 256 };

struct dns_link {
	struct reed_co co;
	struct reed_list list; /* of the client */
	struct reed_dns_asker *client;
	char *endpoint;
	struct reed_list pending;
	size_t count;
	struct reed_stream *stream; /* NULL: it is being dialled */
	bool is_tls, ended;
};

/* ---- queries ---- */

static void take_out(struct dns_pending *pending)
{
	if (!pending->link)
		return;
	reed_list_remove(&pending->list);
	pending->link->count--;
	pending->link = NULL;
}

static void settle(struct dns_pending *pending, enum reed_err err)
{
	take_out(pending);
	pending->err = err;
	reed_cell_touch(&pending->done);
}

/* Nobody asks by it any more. */
static void fail_all(struct dns_link *self, enum reed_err err, const char *why)
{
	self->ended = true;
	while (!reed_list_empty(&self->pending)) {
		struct dns_pending *pending =
			reed_container_of(self->pending.next, struct dns_pending, list);

		pending->fault = reed_fault(err, NULL, "%s: %s", self->endpoint, why);
		settle(pending, err);
	}
}

void dns_pending_finish(struct dns_pending *pending)
{
	take_out(pending);
	reed_free(pending->bytes);
	reed_fault_free(pending->fault);
	pending->bytes = NULL;
	pending->fault = NULL;
}

struct reed_slice dns_pending_message(const struct dns_pending *pending)
{
	return reed_slice(pending->query + FRAME, pending->query_n ? pending->query_n - FRAME : 0);
}

static struct dns_pending *find(struct dns_link *self, uint16_t id)
{
	reed_list_each (link, &self->pending) {
		struct dns_pending *pending = reed_container_of(link, struct dns_pending, list);

		if (pending->sent.id == id)
			return pending;
	}
	return NULL;
}

/* ---- what comes ---- */

static void take_answer(struct dns_link *self, struct reed_slice bytes)
{
	struct dns_pending *pending =
		bytes.n < 2 ? NULL : find(self, (uint16_t)dns_get16((const uint8_t *)bytes.p));
	struct reed_dns_message m;

	if (!pending || dns_match(bytes, &pending->sent, &m) == DNS_MATCH_NOT) {
		self->client->stats.strays++;
		return;
	}
	pending->bytes = reed_alloc_raw(bytes.n);
	pending->n = bytes.n;
	memcpy(pending->bytes, bytes.p, bytes.n);
	settle(pending, REED_OK);
}

static void take_answers(struct dns_link *self)
{
	struct reed_slice here;

	while ((here = reed_peek(self->stream)).n >= FRAME) {
		size_t n = dns_get16((const uint8_t *)here.p);

		if (here.n < FRAME + n)
			return;
		take_answer(self, reed_slice(here.p + FRAME, n));
		reed_skip(self->stream, FRAME + n);
	}
}

static void write_query(struct dns_link *self, const struct dns_pending *pending)
{
	reed_write(self->stream, reed_slice(pending->query, pending->query_n));
}

static void write_those_waiting(struct dns_link *self)
{
	reed_list_each (link, &self->pending)
		write_query(self, reed_container_of(link, struct dns_pending, list));
}

/* ---- a life ---- */

static void link_run(struct reed_co *co)
{
	struct dns_link *self = reed_frame(co, struct dns_link);

	reed_coroutine (co) {
		reed_await(co, reed_within(DIAL_MS,
		                           reed_dial(co->loop, self->endpoint, &self->stream)));
		if (co->err) {
			fail_all(self, co->err, reed_co_why(co));
			reed_return(co, REED_OK);
		}
		write_those_waiting(self);
		for (;;) {
			take_answers(self);
			reed_await(co, reed_within(self->client->options.idle / 1000000,
			                           reed_more(self->stream)));
			if (co->err)
				break;
		}
		fail_all(self, co->err,
		         co->err == REED_ETIMEDOUT ? "the server says nothing any more"
		                                   : reed_stream_why(self->stream));
	}
}

static void link_end(struct reed_co *co)
{
	struct dns_link *self = reed_frame(co, struct dns_link);

	fail_all(self, REED_ECLOSED, "the connection was closed");
	reed_list_unlink(&self->list);
	self->client->stats.open--;
	reed_close(self->stream);
	reed_free(self->endpoint);
}

static const struct reed_co_kind link_kind = {
	.name = "dns connection",
	.size = sizeof(struct dns_link),
	.run = link_run,
	.end = link_end,
};

static struct dns_link *link_new(struct reed_dns_asker *client, const char *endpoint)
{
	struct dns_link *self = reed_co_new(client->loop, &link_kind);

	self->client = client;
	self->endpoint = reed_strdup(endpoint);
	self->is_tls = reed_slice_starts(reed_slice_of(endpoint), REED_STR("tls:"));
	reed_list_init(&self->pending);
	reed_list_append(&client->links, &self->list);
	client->stats.open++;
	client->stats.dialled++;
	reed_scope_add(&client->scope, reed_start(&self->co));
	return self;
}

static struct dns_link *link_to(struct reed_dns_asker *client, const char *endpoint, bool *reused)
{
	*reused = true;
	reed_list_each (link, &client->links) {
		struct dns_link *self = reed_container_of(link, struct dns_link, list);

		if (!self->ended && self->count < PIPELINED &&
		    strcmp(self->endpoint, endpoint) == 0)
			return self;
	}
	*reused = false;
	return client->stats.open < client->options.connections ? link_new(client, endpoint) : NULL;
}

/* ---- what is sent ---- */

static enum reed_err write_message(struct dns_link *self, const struct reed_dns_ask *ask,
                                   struct dns_pending *pending)
{
	struct dns_sending how = { .ask = ask,
		                   .sent = &pending->sent,
		                   .udp_size = self->client->options.udp_size,
		                   .edns = !ask->no_edns,
		                   .padded = self->is_tls };
	struct reed_slice message;
	enum reed_err err;

	do
		pending->sent.id = (uint16_t)reed_random(self->client->loop);
	while (find(self, pending->sent.id));
	err = dns_query_write(&how, pending->query + FRAME, QUERY_ROOM, &message);
	if (err)
		return err;
	dns_put16(pending->query, (unsigned)message.n);
	pending->query_n = FRAME + message.n;
	return REED_OK;
}

enum reed_err dns_link_send(struct reed_dns_asker *client, const char *endpoint,
                            const struct reed_dns_ask *ask, struct dns_pending *pending)
{
	struct dns_link *self = link_to(client, endpoint, &pending->reused);
	enum reed_err err = self ? write_message(self, ask, pending) : REED_ETOOBIG;

	if (err)
		return err;
	pending->link = self;
	pending->err = REED_OK;
	reed_list_append(&self->pending, &pending->list);
	self->count++;
	client->stats.by_stream++;
	if (self->stream)
		write_query(self, pending);
	return REED_OK;
}
