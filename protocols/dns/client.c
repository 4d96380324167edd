/* One query: tries over UDP, each with a socket of its own, or a connection. */

#include "client.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/dgram.h"
#include "reed/dns/edns.h"
#include "reed/endpoint.h"
#include "reed/random.h"

enum {
	TRIES = 3,
	CONNECTIONS = 64,
	UDP_SIZE = 1232, /* DNS flag day 2020 */
	PORT_LEAST = 1024,
	PORTS_TRIED = 8,
	STREAMS_TRIED = 2, /* one that stayed open may have been closed meanwhile */
	STRAYS_MOST = 64,  /* heard in one try; who sends more wants to be believed */
};

struct query {
	struct reed_co co;
	struct reed_dns_asker *client;
	struct reed_dns_ask ask;
	char *server, *stream; /* what to dial; NULL: ask.address; not known yet */
	struct reed_dns_reply reply, *out;
	struct reed_dgram *dgram;
	struct reed_datagram in;
	struct dns_question_sent sent;
	struct dns_pending pending;
	int64_t started, until, deadline;
	uint32_t tries, strays;
	bool plain_names, plain_dns; /* no mixed case; no EDNS */
	bool counted, to_stream, again, done;
	bool carried; /* over another protocol */
	struct reed_buf answer;
};

/* ---- a client ---- */

struct reed_dns_asker *reed_dns_asker_new(struct reed_loop *loop,
                                          const struct reed_dns_asker_options *given)
{
	struct reed_dns_asker *self = reed_alloc(sizeof(*self));
	struct reed_dns_asker_options *o = &self->options;

	if (given)
		memcpy(o, given, given->size < sizeof(*o) ? given->size : sizeof(*o));
	o->timeout = o->timeout ? o->timeout : REED_S(1);
	o->tries = o->tries ? o->tries : TRIES;
	o->patience = o->patience ? o->patience : REED_S(8);
	o->idle = o->idle ? o->idle : REED_S(10);
	o->udp_size = o->udp_size ? o->udp_size : UDP_SIZE;
	o->connections = o->connections ? o->connections : CONNECTIONS;
	self->loop = loop;
	reed_list_init(&self->links);
	reed_scope_init(&self->scope, loop, NULL, "dns connections");
	self->scope.policy = REED_SCOPE_IGNORE; /* who asked was told */
	reed_random_bytes(loop, self->secret, sizeof(self->secret));
	return self;
}

void reed_dns_asker_free(struct reed_dns_asker *self)
{
	if (!self)
		return;
	reed_scope_finish(&self->scope);
	reed_free(self->jar);
	reed_free(self);
}

void reed_dns_asker_stats(const struct reed_dns_asker *self, struct reed_dns_asker_stats *stats)
{
	size_t size = stats->size;

	memcpy(stats, &self->stats, size < sizeof(*stats) ? size : sizeof(*stats));
	stats->size = size;
}

void reed_dns_reply_finish(struct reed_dns_reply *reply)
{
	reed_free(reply->bytes);
	*reply = (struct reed_dns_reply){ 0 };
}

/* ---- an answer ---- */

static void keep(struct query *self, struct reed_slice bytes, const struct reed_dns_message *m)
{
	const struct reed_dns_name *name = &self->ask.name;

	self->reply.message = *m;
	self->reply.bytes = reed_alloc_raw(bytes.n);
	memcpy(self->reply.bytes, bytes.p, bytes.n);
	/* in the letters of who asked */
	memcpy(self->reply.bytes + REED_DNS_HEADER_SIZE, name->wire, name->n);
	self->reply.message.bytes = reed_slice(self->reply.bytes, bytes.n);
	self->reply.took = reed_now(self->co.loop) - self->started;
	self->reply.tries = self->tries;
	self->client->stats.answered++;
	self->done = true;
}

/* ---- for dnstap ---- */

static enum reed_dns_tap_protocol protocol_of(const struct query *self)
{
	if (self->carried)
		return REED_DNS_TAP_DOH;
	if (!self->to_stream)
		return REED_DNS_TAP_UDP;
	return reed_slice_starts(reed_slice_of(self->stream), REED_STR("tls:")) ? REED_DNS_TAP_DOT
	                                                                        : REED_DNS_TAP_TCP;
}

static bool find_address(const struct query *self, struct reed_address *address)
{
	struct reed_slice rest = reed_slice_of(self->stream ? self->stream : "");

	if (self->dgram || !self->stream) {
		*address = self->dgram ? self->dgram->peer : self->ask.address;
		return true;
	}
	reed_slice_cut(&rest, ':');
	return !reed_address_read(rest, address);
}

static void tap(const struct query *self, struct reed_slice message, bool is_answer)
{
	const struct reed_dns_asker_options *o = &self->client->options;
	struct reed_dns_tap_event event = { .message = message, .is_answer = is_answer };
	struct reed_address address;

	if (!o->tap)
		return;
	event.kind = o->forwards ? REED_DNS_TAP_FORWARDER : REED_DNS_TAP_RESOLVER;
	event.protocol = protocol_of(self);
	event.answers = find_address(self, &address) ? &address : NULL;
	reed_dns_tap_add(o->tap, &event);
}

/* ---- what came ---- */

static void count_stray(struct query *self)
{
	self->client->stats.strays++;
	self->strays++;
}

/* What to do about a datagram that came. */
static void judge(struct query *self)
{
	struct reed_dns_message m;
	enum dns_match match = dns_match(self->in.data, &self->sent, &m);
	unsigned rcode;

	if (match == DNS_MATCH_FOLDED) {
		/* Either a guess, or a server that changes names: TCP will tell. */
		self->client->stats.folded++;
		self->plain_names = true;
	}
	if (match != DNS_MATCH_YES ||
	    (!self->plain_dns && !dns_jar_put(self->client, &self->dgram->peer, &m))) {
		count_stray(self);
		return;
	}
	tap(self, self->in.data, true);
	rcode = reed_dns_edns_rcode(&m);
	if (!self->plain_dns &&
	    (rcode == REED_DNS_RCODE_FORMERR || rcode == REED_DNS_RCODE_NOTIMP ||
	     rcode == REED_DNS_RCODE_BADVERS) &&
	    !m.opt)
		self->plain_dns = self->again = true; /* RFC 6891 7 */
	else if (rcode == REED_DNS_RCODE_BADCOOKIE && self->tries < self->ask.tries)
		self->again = true; /* RFC 7873 5.3: the cookie is the new one now */
	else if (m.flags & REED_DNS_TC && !self->ask.only_udp)
		self->to_stream = true;
	else
		keep(self, self->in.data, &m);
	self->client->stats.truncated += self->to_stream;
}

/* ---- UDP ---- */

static enum reed_err open_socket(struct query *self, struct reed_fault **fault)
{
	struct reed_dgram_options options = REED_DGRAM_OPTIONS;
	struct reed_address from = { .family = self->ask.address.family };
	enum reed_err err = REED_EADDRINUSE;

	options.largest = self->client->options.udp_size;
	for (unsigned i = 0; i < PORTS_TRIED && err; i++) {
		reed_fault_free(*fault);
		*fault = NULL;
		from.port = (uint16_t)(PORT_LEAST +
		                       reed_random_below(self->co.loop, 65536 - PORT_LEAST));
		err = reed_dgram_connect(self->co.loop, &self->ask.address, &from, &options,
		                         &self->dgram, fault);
		if (err != REED_EADDRINUSE && err != REED_EACCES)
			break;
	}
	return err;
}

static struct reed_future *open_dgram(struct query *self)
{
	struct reed_fault *fault = NULL;

	if (self->server)
		return reed_dgram_dial(self->co.loop, self->server, &self->dgram);
	return open_socket(self, &fault) ? reed_failed_with(self->co.loop, fault)
	                                 : reed_ready(self->co.loop, REED_OK);
}

static enum reed_err send_try(struct query *self)
{
	uint8_t room[QUERY_ROOM], cookie[COOKIE_OURS + COOKIE_THEIRS];
	struct reed_dns_asker *client = self->client;
	struct dns_sending how = { .ask = &self->ask,
		                   .sent = &self->sent,
		                   .udp_size = client->options.udp_size,
		                   .edns = !self->plain_dns };
	struct reed_slice message;
	uint64_t chance[4];
	enum reed_err err;

	self->sent.name = self->ask.name;
	self->sent.id = (uint16_t)reed_random(client->loop);
	reed_random_bytes(client->loop, chance, sizeof(chance));
	if (!self->plain_names)
		dns_mix_case(&self->sent.name, chance);
	how.cookie = reed_slice(cookie, dns_jar_get(client, &self->dgram->peer, cookie));
	err = dns_query_write(&how, room, sizeof(room), &message);
	if (err)
		return err;
	client->stats.sent++;
	self->again = false;
	self->strays = 0;
	self->started = reed_now(client->loop);
	self->until = self->started + (self->ask.timeout << self->tries);
	self->until = self->until < self->deadline ? self->until : self->deadline;
	self->tries++;
	tap(self, message, false);
	return reed_dgram_send(self->dgram, NULL, message);
}

static int64_t ms_until(const struct query *self, int64_t at)
{
	int64_t left = at - reed_now(self->co.loop);

	return left <= 0 ? 0 : (left + 999999) / 1000000;
}

static bool is_listening(const struct query *self)
{
	return !self->done && !self->to_stream && !self->again && self->strays < STRAYS_MOST;
}

static void give_up_try(struct query *self)
{
	self->client->stats.timeouts++;
	dns_jar_forget(self->client, &self->dgram->peer);
	/* Somebody in between may not like EDNS; and a server not mixed case. */
	if (self->tries + 1 == self->ask.tries)
		self->plain_dns = !self->ask.dnssec;
	if (self->plain_names && !self->ask.only_udp)
		self->to_stream = true;
}

static void end_try(struct query *self)
{
	if (!self->again && !self->to_stream)
		give_up_try(self);
	reed_dgram_close(self->dgram);
	self->dgram = NULL;
}

/* ---- streams ---- */

static void make_stream_endpoint(struct query *self)
{
	char text[REED_ADDRESS_TEXT];

	if (self->stream)
		return;
	if (self->server)
		self->stream = reed_sprintf("tcp:%s", self->server + strlen("udp:"));
	else
		self->stream = reed_sprintf("tcp:%s", reed_address_text(&self->ask.address, text));
}

static enum reed_err send_by_stream(struct query *self)
{
	enum reed_err err;

	make_stream_endpoint(self);
	dns_pending_finish(&self->pending);
	memset(&self->pending.done, 0, sizeof(self->pending.done));
	self->sent.name = self->ask.name;
	self->pending.sent = self->sent;
	self->started = reed_now(self->co.loop);
	self->tries++;
	err = dns_link_send(self->client, self->stream, &self->ask, &self->pending);
	if (!err)
		tap(self, dns_pending_message(&self->pending), false);
	return err;
}

static void take_answer(struct query *self)
{
	struct reed_slice bytes = reed_slice(self->pending.bytes, self->pending.n);
	struct reed_dns_message m;

	if (dns_match(bytes, &self->pending.sent, &m) == DNS_MATCH_NOT)
		return;
	self->reply.by_stream = true;
	tap(self, bytes, true);
	keep(self, bytes, &m);
}

/* False: the server closed a stream that had been used before, and another may do. */
static bool has_ended(struct query *self)
{
	if (!self->pending.err)
		take_answer(self);
	return self->done || !self->pending.reused || self->pending.err == REED_ETIMEDOUT;
}

/* ---- over another protocol ---- */

/* RFC 8484 4.1: the id is 0, so that the same question is the same request. */
static struct reed_future *carry(struct query *self)
{
	const struct reed_dns_asker_options *o = &self->client->options;
	struct dns_sending how = { .ask = &self->ask,
		                   .sent = &self->sent,
		                   .udp_size = o->udp_size,
		                   .edns = !self->plain_dns,
		                   .padded = true };
	struct reed_slice message;
	uint8_t room[QUERY_ROOM];

	self->sent.name = self->ask.name;
	self->sent.id = 0;
	if (!o->carry || dns_query_write(&how, room, sizeof(room), &message))
		return reed_failed(self->co.loop, REED_ENOTSUP, "%s: HTTPS is not spoken here",
		                   self->stream);
	self->started = reed_now(self->co.loop);
	self->tries++;
	self->client->stats.by_stream++;
	tap(self, message, false);
	return reed_within(ms_until(self, self->deadline),
	                   o->carry(o->carry_arg, self->stream, message, &self->answer));
}

static enum reed_err take_carried(struct query *self)
{
	struct reed_slice bytes = reed_buf_slice(&self->answer);
	struct reed_dns_message m;

	if (dns_match(bytes, &self->sent, &m) == DNS_MATCH_NOT)
		return reed_because(&self->co, REED_EPROTO, "%s: what came is no answer to that",
		                    self->stream);
	self->reply.by_stream = true;
	tap(self, bytes, true);
	keep(self, bytes, &m);
	return REED_OK;
}

/* ---- all of it ---- */

static struct reed_future *wait_for_stream(struct query *self)
{
	return reed_within(ms_until(self, self->deadline),
	                   reed_cell_changed(self->co.loop, &self->pending.done, 0));
}

static enum reed_err fail_as(struct query *self)
{
	struct reed_fault *fault = self->pending.fault;
	enum reed_err err = self->pending.err;

	self->pending.fault = NULL;
	if (fault)
		reed_because(&self->co, err, "%s", fault->sentence);
	reed_fault_free(fault);
	return err;
}

static void query_run(struct reed_co *co)
{
	struct query *self = reed_frame(co, struct query);
	enum reed_err err;

	reed_coroutine (co) {
		if (self->carried) {
			reed_try(co, carry(self));
			reed_return(co, take_carried(self));
		}
		while (!self->to_stream) {
			if (self->tries >= self->ask.tries || !ms_until(self, self->deadline))
				reed_return(co,
				            reed_because(co, REED_ETIMEDOUT,
				                         "no answer after %u tries", self->tries));
			reed_try(co, reed_within(ms_until(self, self->deadline), open_dgram(self)));
			if ((err = send_try(self)))
				reed_return(co, err);
			while (is_listening(self)) {
				reed_await(co,
				           reed_within(ms_until(self, self->until),
				                       reed_dgram_receive(self->dgram, &self->in)));
				if (co->err)
					break;
				judge(self);
			}
			if (self->done)
				reed_return(co, REED_OK);
			if (co->err && co->err != REED_ETIMEDOUT)
				reed_return(co, co->err);
			end_try(self);
		}
		for (self->tries = 0; self->tries < STREAMS_TRIED;) {
			if ((err = send_by_stream(self)))
				reed_return(co, reed_because(co, err, "too much is under way"));
			reed_try(co, wait_for_stream(self));
			if (has_ended(self))
				break;
		}
		reed_return(co, self->done ? REED_OK : fail_as(self));
	}
}

static void query_deliver(struct reed_co *co)
{
	struct query *self = reed_frame(co, struct query);

	*self->out = self->reply;
	self->reply.bytes = NULL;
}

static void query_end(struct reed_co *co)
{
	struct query *self = reed_frame(co, struct query);

	self->client->stats.under_way--;
	reed_dgram_close(self->dgram);
	dns_pending_finish(&self->pending);
	reed_dns_reply_finish(&self->reply);
	reed_buf_finish(&self->answer);
	reed_free(self->server);
	reed_free(self->stream);
}

static const struct reed_co_kind query_kind = {
	.name = "dns query",
	.size = sizeof(struct query),
	.run = query_run,
	.deliver = query_deliver,
	.end = query_end,
};

/* "udp:192.0.2.1:53" needs no name to be looked up, and so can have a port by chance. */
static void look_at_server(struct query *self)
{
	struct reed_slice server = reed_slice_of(self->ask.server);

	self->ask.server = NULL;
	if (!server.n)
		return;
	if (!reed_slice_starts(server, REED_STR("udp:"))) {
		self->stream = reed_slice_dup(server);
		self->carried = reed_slice_starts(server, REED_STR("https://"));
		self->to_stream = true;
	} else if (reed_address_read(reed_slice_from(server, 4), &self->ask.address)) {
		self->server = reed_slice_dup(server);
	}
}

struct reed_future *reed_dns_query(struct reed_dns_asker *client, const struct reed_dns_ask *ask,
                                   struct reed_dns_reply *reply)
{
	const struct reed_dns_asker_options *o = &client->options;
	struct query *self = reed_co_new(client->loop, &query_kind);

	self->client = client;
	memcpy(&self->ask, ask, ask->size < sizeof(*ask) ? ask->size : sizeof(*ask));
	self->ask.tries = self->ask.tries ? self->ask.tries : o->tries;
	self->ask.timeout = self->ask.timeout ? self->ask.timeout : o->timeout;
	self->ask.patience = self->ask.patience ? self->ask.patience : o->patience;
	self->deadline = reed_now(client->loop) + self->ask.patience;
	self->plain_names = o->plain_names;
	self->plain_dns = self->ask.no_edns;
	self->sent =
		(struct dns_question_sent){ .type = ask->type,
		                            .klass = ask->klass ? ask->klass : REED_DNS_CLASS_IN };
	look_at_server(self);
	self->answer.limit = REED_DNS_MESSAGE_MAX;
	self->out = reply;
	client->stats.under_way++;
	return reed_start(&self->co);
}
