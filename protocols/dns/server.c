/* A name server: what it is made with, who may transfer, and its door over UDP. */

#include "reed/co.h"
#include "reed/dns/publish.h"
#include "reed/offload.h"
#include "reed/random.h"

#include "serve.h"

enum { CONNECTIONS = 64, UNDER_WAY = 1024, TEXT_MAX = 255 };

static const int64_t idle = 10 * INT64_C(1000000000), patience = 5 * INT64_C(1000000000);

/* ---- a life ---- */

static void take_options(struct reed_dns_server *self, const struct reed_dns_server_options *given)
{
	struct reed_dns_server_options *o = &self->options;

	*o = (struct reed_dns_server_options)REED_DNS_SERVER_OPTIONS;
	if (given)
		memcpy(o, given, given->size < sizeof(*o) ? given->size : sizeof(*o));
	reed_free(self->identity);
	reed_free(self->version);
	/* both go into one string of a TXT record */
	self->identity = o->identity ? reed_sprintf("%.*s", TEXT_MAX, o->identity) : NULL;
	self->version = o->version ? reed_sprintf("%.*s", TEXT_MAX, o->version) : NULL;
	o->identity = o->version = NULL;
	o->udp_size = o->udp_size ? o->udp_size : UDP_ROOM;
	o->udp_size = o->udp_size < REED_DNS_UDP_MAX ? REED_DNS_UDP_MAX : o->udp_size;
	o->connections = o->connections ? o->connections : CONNECTIONS;
	o->idle = o->idle ? o->idle : idle;
	o->under_way = o->under_way ? o->under_way : UNDER_WAY;
	o->patience = o->patience ? o->patience : patience;
	dns_rate_update(self);
}

static void make_metrics(struct reed_dns_server *self)
{
	static const char *const doors[] = { "udp", "tcp", "tls" };
	char word[REED_DNS_WORD_SIZE];

	for (unsigned i = 0; i < REED_COUNT(doors); i++)
		self->queries[i] = reed_counter(self->loop, "reed_dns_queries", "Queries received.",
		                                "transport=%s", doors[i]);
	for (uint16_t i = 0; i < RCODES; i++) {
		reed_dns_rcode_format(i, word);
		self->rcodes[i] = reed_counter(self->loop, "reed_dns_answers", "Answers given.",
		                               "rcode=%s", word);
	}
	self->dropped = reed_counter(self->loop, "reed_dns_rate_dropped",
	                             "Answers not given, as there were too many.", NULL);
	self->slipped = reed_counter(self->loop, "reed_dns_rate_slipped",
	                             "Answers truncated, as there were too many.", NULL);
	self->transfers =
		reed_counter(self->loop, "reed_dns_transfers", "Zones transferred.", NULL);
	self->bad_signatures = reed_counter(self->loop, "reed_dns_bad_signatures",
	                                    "Queries whose TSIG was not taken.", NULL);
	self->notified = reed_counter(self->loop, "reed_dns_notified",
	                              "Changes that primaries have told of.", NULL);
	self->updates = reed_counter(self->loop, "reed_dns_updates", "Updates that came in.", NULL);
}

static struct reed_future *answer_challenge(struct reed_challenge_publisher *publisher,
                                            const char *domain, const char *digest, bool there)
{
	return reed_dns_challenge(reed_container_of(publisher, struct reed_dns_server, publisher),
	                          domain, digest, there);
}

struct reed_dns_server *reed_dns_server_new(struct reed_loop *loop,
                                            const struct reed_dns_server_options *options)
{
	struct reed_dns_server *self = reed_alloc(sizeof(*self));

	self->loop = loop;
	reed_list_init(&self->sessions);
	reed_random_bytes(loop, self->secret, sizeof(self->secret));
	self->rate_seed = reed_random(loop);
	make_metrics(self);
	take_options(self, options);
	self->publisher.publish = answer_challenge;
	reed_challenge_publisher_add(loop, &self->publisher);
	return self;
}

void reed_dns_server_update(struct reed_dns_server *self,
                            const struct reed_dns_server_options *options)
{
	take_options(self, options);
}

void reed_dns_server_tap(struct reed_dns_server *self, struct reed_dns_tap *tap)
{
	self->tap = tap;
}

void reed_dns_server_keys(struct reed_dns_server *self, struct reed_dns_keys *keys)
{
	reed_dns_keys_free(self->keys);
	self->keys = keys;
}

void reed_dns_server_free(struct reed_dns_server *self)
{
	if (!self)
		return;
	reed_challenge_publisher_remove(&self->publisher);
	dns_served_finish(self);
	dns_server_views_finish(self);
	dns_guests_finish(self);
	dns_recursion_finish(self);
	for (unsigned i = 0; i < LANES; i++)
		reed_lane_close(self->lanes[i]);
	reed_dns_keys_free(self->keys);
	reed_free(self->buckets);
	reed_free(self->identity);
	reed_free(self->version);
	reed_free(self);
}

/* ---- who may transfer ---- */

enum reed_err reed_dns_prefix_parse(struct reed_slice text, struct reed_dns_prefix *prefix)
{
	struct reed_slice host = reed_slice_cut(&text, '/');
	struct reed_address address;
	uint64_t bits, most;

	if (reed_address_parse(host, 0, &address))
		return REED_ESYNTAX;
	most = address.family == REED_FAMILY_IPV4 ? 32 : 128;
	bits = most;
	if (text.n && reed_slice_u64(text, most, &bits))
		return REED_ESYNTAX;
	*prefix = (struct reed_dns_prefix){ .family = address.family, .bits = (uint8_t)bits };
	memcpy(prefix->ip, address.ip, sizeof(prefix->ip));
	return REED_OK;
}

bool reed_dns_prefix_has(const struct reed_dns_prefix *prefix, const struct reed_address *address)
{
	struct reed_address a = *address;
	unsigned whole = prefix->bits / 8, rest = prefix->bits % 8;

	reed_address_unmap(&a);
	if (a.family != prefix->family || memcmp(a.ip, prefix->ip, whole) != 0)
		return false;
	return !rest || (a.ip[whole] ^ prefix->ip[whole]) >> (8 - rest) == 0;
}

bool dns_transfer_allowed(const struct dns_served *served, const struct reed_address *client,
                          const struct reed_dns_tsig *tsig)
{
	for (size_t i = 0; i < served->transfer_count; i++)
		if (reed_dns_prefix_has(&served->transfer[i], client))
			return true;
	return dns_rules_allow(served->rules, REED_DNS_MAY_TRANSFER, client, tsig);
}

/* ---- without any door ---- */

void dns_exchange_init(struct dns_exchange *x, struct reed_dns_server *server,
                       enum reed_dns_door door, const struct reed_address *client)
{
	x->server = server;
	x->door = door;
	x->is_carried = false;
	x->client = client;
	server->queries[door]->value++;
}

size_t reed_dns_server_ask(struct reed_dns_server *self, enum reed_dns_door door,
                           const struct reed_address *client, struct reed_slice query, void *into,
                           size_t room)
{
	struct dns_exchange x;
	struct dns_served *served;
	struct dns_coder *coder;
	enum dns_verdict verdict;

	dns_exchange_init(&x, self, door, client);
	verdict = dns_exchange(&x, query, &served, &coder);
	if (verdict != DNS_DONE && verdict != DNS_ASK_ZONE)
		return 0;
	return dns_exchange_answer(&x, verdict, served, into, room);
}

/* ---- UDP ---- */

/* A query of a batch. */
struct asked {
	struct dns_exchange x;
	enum dns_verdict verdict;
	struct dns_served *served;
	struct dns_coder *coder;
};

struct udp {
	struct reed_dgram_handler handler;
	struct reed_dns_server *server;
	struct reed_scope scope; /* answers that code is making */
	struct reed_waiter last; /* until there are none any more */
	struct asked batch[REED_DGRAM_BATCH];
};

static void ask_others(struct udp *self, const struct asked *asked, const struct reed_datagram *in)
{
	struct dns_way way = { .dgram = self->handler.dgram, .in = *in };

	reed_scope_add(&self->scope, asked->verdict == DNS_UPDATE
	                                     ? dns_update_ask(&asked->x, asked->served, &way)
	                                     : dns_code_ask(&asked->x, asked->coder, &way));
}

static void ask_world(struct udp *self, struct dns_exchange *x, const struct reed_datagram *in)
{
	struct reed_dns_server *server = self->server;
	struct dns_way way = { .dgram = self->handler.dgram, .in = *in };
	size_t n = dns_recursion_answer(x, server->scratch, sizeof(server->scratch));

	if (n)
		reed_dgram_reply(self->handler.dgram, in, reed_slice(server->scratch, n));
	else
		reed_scope_add(&self->scope, dns_recursion_ask(x, &way));
}

static void answer(struct udp *self, struct asked *asked, const struct reed_datagram *in)
{
	struct reed_dns_server *server = self->server;
	size_t n;

	if (asked->verdict == DNS_ASK_WORLD)
		ask_world(self, &asked->x, in);
	if (asked->verdict == DNS_ASK_CODE || asked->verdict == DNS_UPDATE)
		ask_others(self, asked, in);
	if (asked->verdict != DNS_DONE && asked->verdict != DNS_ASK_ZONE)
		return;
	n = dns_exchange_answer(&asked->x, asked->verdict, asked->served, server->scratch,
	                        sizeof(server->scratch));
	if (server->options.rate)
		n = dns_rate_limit(&asked->x, server->scratch, n, sizeof(server->scratch));
	if (n)
		reed_dgram_reply(self->handler.dgram, in, reed_slice(server->scratch, n));
}

/* A source port of 0 cannot be answered. */
static bool can_be_answered(const struct reed_datagram *in)
{
	return in->from->port || in->from->family == REED_FAMILY_UNIX;
}

static void datagrams(struct reed_dgram_handler *handler, const struct reed_datagram *in, size_t n)
{
	struct udp *self = reed_container_of(handler, struct udp, handler);
	struct asked *asked = self->batch;

	for (size_t i = 0; i < n; i++) {
		dns_exchange_init(&asked[i].x, self->server, REED_DNS_UDP, in[i].from);
		asked[i].verdict = can_be_answered(&in[i])
		                           ? dns_exchange(&asked[i].x, in[i].data, &asked[i].served,
		                                          &asked[i].coder)
		                           : DNS_IGNORE;
	}
	for (int stage = 0; stage < DNS_STAGES; stage++)
		for (size_t i = 0; i < n; i++)
			if (asked[i].verdict == DNS_ASK_ZONE)
				dns_zone_prefetch(asked[i].served->zone, &asked[i].x.path, stage);
	for (size_t i = 0; i < n; i++)
		answer(self, &asked[i], &in[i]);
}

static void all_answered(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct udp *self = reed_container_of(w, struct udp, last);

	(void)err;
	reed_fault_free(fault);
	reed_dgram_finish(&self->handler, REED_ECANCELED);
}

/* What is asked from now on is for the next process; who has asked already is answered yet. */
static void say_goodbye(struct reed_dgram_handler *handler)
{
	struct udp *self = reed_container_of(handler, struct udp, handler);

	reed_dgram_hold_back(handler);
	if (!self->last.future)
		reed_wait(reed_scope_wait(&self->scope), &self->last);
}

static void udp_free(struct reed_dgram_handler *handler)
{
	struct udp *self = reed_container_of(handler, struct udp, handler);

	reed_unwait(self->scope.loop, &self->last);
	reed_scope_finish(&self->scope);
	reed_free(self);
}

static const struct reed_dgram_handler_ops udp_ops = { .datagrams = datagrams,
	                                               .interrupted = say_goodbye,
	                                               .free = udp_free };

struct reed_future *reed_dns_serve(struct reed_dns_server *self, struct reed_dgram *dgram)
{
	struct udp *udp = reed_alloc(sizeof(*udp));

	udp->server = self;
	reed_scope_init(&udp->scope, self->loop, NULL, "dns answers");
	udp->scope.policy = REED_SCOPE_IGNORE; /* who asked was told SERVFAIL */
	udp->handler.ops = &udp_ops;
	udp->last.wake = all_answered;
	return reed_dgram_attach(dgram, &udp->handler);
}
