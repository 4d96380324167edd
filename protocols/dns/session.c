/*
 * A connection over TCP or TLS (RFC 7766): queries are answered as they come,
 * many at a time; those that code answers when it has, maybe later than others.
 */

#include "reed/co.h"

#include "serve.h"

enum { FRAME = 2, DRAIN_MS = 30000 };

struct session {
	struct reed_co co;
	struct reed_dns_server *server;
	struct reed_stream *stream;
	struct reed_address peer;
	enum reed_dns_door door;
	struct reed_scope scope; /* answers that code is making */
	struct dns_exchange x;   /* of the transfer */
	struct dns_transfer transfer;
	bool entered;
	struct reed_list link; /* of the server */
	uint64_t queries;
	int64_t since;
};

static bool see_query(struct reed_stream *s, struct reed_slice *query)
{
	struct reed_slice here = reed_peek(s);
	size_t n;

	if (here.n < FRAME)
		return false;
	n = dns_get16((const uint8_t *)here.p);
	if (here.n < FRAME + n)
		return false;
	*query = reed_slice(here.p + FRAME, n);
	return true;
}

static void write_message(struct session *self, size_t n)
{
	dns_put16(self->server->scratch, (unsigned)n);
	reed_write(self->stream, reed_slice(self->server->scratch, FRAME + n));
}

static void ask_world(struct session *self)
{
	struct dns_way way = { .stream = self->stream };
	size_t n =
		dns_recursion_answer(&self->x, self->server->scratch + FRAME, REED_DNS_MESSAGE_MAX);

	if (n)
		write_message(self, n);
	else
		reed_scope_add(&self->scope, dns_recursion_ask(&self->x, &way));
}

static void answer(struct session *self, struct reed_slice query)
{
	struct dns_exchange *x = &self->x;
	struct dns_served *served;
	struct dns_coder *coder;
	enum dns_verdict verdict;
	struct dns_way way = { .stream = self->stream };

	self->queries++;
	dns_exchange_init(x, self->server, self->door, &self->peer);
	verdict = dns_exchange(x, query, &served, &coder);
	if (verdict == DNS_ASK_WORLD)
		ask_world(self);
	else if (verdict == DNS_ASK_CODE)
		reed_scope_add(&self->scope, dns_code_ask(x, coder, &way));
	else if (verdict == DNS_UPDATE)
		reed_scope_add(&self->scope, dns_update_ask(x, served, &way));
	else if (verdict == DNS_TRANSFER)
		dns_transfer_begin(&self->transfer, x, served);
	else if (verdict != DNS_IGNORE)
		write_message(self,
		              dns_exchange_answer(x, verdict, served, self->server->scratch + FRAME,
		                                  REED_DNS_MESSAGE_MAX));
}

/* Queries that are here, until there is more to be written than is read. */
static void answer_those_here(struct session *self)
{
	struct reed_slice query;

	while (!self->transfer.zone && !reed_must_drain(self->stream) &&
	       see_query(self->stream, &query)) {
		answer(self, query);
		reed_skip(self->stream, FRAME + query.n);
	}
}

static void transfer_some(struct session *self)
{
	size_t n;

	while (self->transfer.zone && !reed_must_drain(self->stream)) {
		n = dns_transfer_next(&self->transfer, &self->x, self->server->scratch + FRAME,
		                      REED_DNS_MESSAGE_MAX);
		if (n)
			write_message(self, n);
	}
}

/* Queries that came behind a transfer are here already. */
static bool has_more(const struct session *self)
{
	struct reed_slice query;

	return see_query(self->stream, &query);
}

static void look_around(struct session *self)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_stream_facts(self->stream, &facts);
	self->peer = facts.peer;
	self->door = facts.tls ? REED_DNS_TLS : REED_DNS_TCP;
	self->entered = dns_guest_enter(self->server, &self->peer);
}

static struct reed_future *wait_for_more(struct session *self)
{
	return reed_within(self->server->options.idle / 1000000, reed_more(self->stream));
}

static void session_run(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_coroutine (co) {
		look_around(self);
		while (self->entered) {
			answer_those_here(self);
			transfer_some(self);
			if (reed_must_drain(self->stream)) {
				reed_try(co, reed_within(DRAIN_MS, reed_drain(self->stream)));
				continue;
			}
			if (has_more(self))
				continue;
			reed_await(co, wait_for_more(self));
			if (co->err && !(co->err == REED_ETIMEDOUT && self->scope.count))
				break;
		}
		/* who has asked and sends its end is answered still */
		if (co->err == REED_EEOF && self->scope.count)
			reed_await(co, reed_scope_wait(&self->scope));
	}
}

static void session_end(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_list_remove(&self->link);
	reed_scope_finish(&self->scope);
	dns_transfer_finish(&self->transfer);
	if (self->entered)
		dns_guest_leave(self->server, &self->peer);
	reed_close(self->stream);
}

static const struct reed_co_kind session_kind = {
	.name = "dns session",
	.size = sizeof(struct session),
	.run = session_run,
	.end = session_end,
};

struct reed_future *reed_dns_session(void *server, struct reed_stream *stream)
{
	struct reed_dns_server *self = server;
	struct session *session = reed_co_new(self->loop, &session_kind);

	session->server = self;
	session->stream = stream;
	session->since = reed_now(self->loop);
	reed_list_append(&self->sessions, &session->link);
	reed_scope_init(&session->scope, self->loop, NULL, "dns answers");
	session->scope.policy = REED_SCOPE_IGNORE;
	return reed_start(&session->co);
}

void reed_dns_server_each(const struct reed_dns_server *self, reed_dns_client_fn *each, void *arg)
{
	reed_list_each (link, &self->sessions) {
		const struct session *s = reed_container_of(link, struct session, link);
		struct reed_dns_client client = { .stream = s->stream,
			                          .queries = s->queries,
			                          .transfer = s->transfer.zone != NULL,
			                          .since = s->since };

		if (!each(arg, &client))
			return;
	}
}
