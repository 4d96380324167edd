/*
 * Queries of clients for what the server has no zone for: from the filter, from the
 * cache at once, or when others have been asked.
 */

#include "serve.h"

#include "reed/alloc.h"
#include "reed/co.h"

#include "filter.h"
#include "resolve.h"

enum {
	WAITING = 10000,
	STALE_MS = 1800, /* RFC 8767 5 */
	EDE_STALE = 3,
	EDE_BLOCKED = 15,
	EDE_PROHIBITED = 18,
	EDE_UNREACHABLE = 22,
	COUNTS = 6, /* where they are in a message: the answer's */
};

struct dns_recursion {
	struct reed_dns_resolver *resolver;
	struct reed_dns_prefix *allowed;
	size_t allowed_count, waiting;
	struct reed_dns_filter *filter; /* NULL: none */
};

/* ---- who may ask ---- */

void dns_recursion_finish(struct reed_dns_server *self)
{
	if (!self->recursion)
		return;
	reed_free(self->recursion->allowed);
	reed_free(self->recursion);
	self->recursion = NULL;
}

void reed_dns_server_resolver(struct reed_dns_server *self, struct reed_dns_resolver *resolver,
                              const struct reed_dns_recursion *clients)
{
	struct dns_recursion *r = self->recursion;
	size_t n = clients ? clients->allowed_count : 0;

	if (!r)
		r = self->recursion = reed_alloc(sizeof(*r));
	reed_free(r->allowed);
	r->resolver = resolver;
	r->filter = clients ? clients->filter : NULL;
	r->allowed = reed_alloc((n + 1) * sizeof(*r->allowed));
	r->allowed_count = n;
	if (n)
		memcpy(r->allowed, clients->allowed, n * sizeof(*r->allowed));
}

static bool is_allowed(const struct dns_recursion *self, const struct reed_address *client)
{
	for (size_t i = 0; i < self->allowed_count; i++)
		if (reed_dns_prefix_has(&self->allowed[i], client))
			return true;
	return client->family == REED_FAMILY_UNIX;
}

bool dns_recursion_is_for(const struct dns_exchange *x)
{
	const struct dns_recursion *r = x->server->recursion;

	return r && r->resolver && is_allowed(r, x->client);
}

enum dns_verdict dns_recursion_verdict(struct dns_exchange *x)
{
	uint16_t type = x->question.type;

	x->rcode = REED_DNS_RCODE_NOERROR;
	/* What is in the cache is nobody's business who does not want it found out. */
	if (!(x->m.flags & REED_DNS_RD)) {
		x->extended_error = EDE_PROHIBITED;
		x->rcode = REED_DNS_RCODE_REFUSED;
	} else if (reed_dns_type_is_meta(type) && type != REED_DNS_TYPE_ANY) {
		x->rcode = REED_DNS_RCODE_NOTIMP;
	}
	return x->rcode ? DNS_DONE : DNS_ASK_WORLD;
}

/* ---- answers ---- */

static void make_key(const struct dns_exchange *x, struct dns_key *key)
{
	key->name = x->question.name;
	reed_dns_name_lower(&key->name);
	key->type = x->question.type;
	key->kind = x->has_edns && x->edns.flags & REED_DNS_DO ? DNS_KEPT_DNSSEC : 0;
	key->kind |= x->m.flags & REED_DNS_CD ? DNS_KEPT_CHECKING : 0;
}

/* RFC 6840 5.7: AD in a query says that it is understood in the answer, as DO does. */
static bool wants_ad(const struct dns_exchange *x)
{
	return x->m.flags & REED_DNS_AD || (x->has_edns && x->edns.flags & REED_DNS_DO);
}

static size_t write_entry(struct dns_exchange *x, const struct dns_entry *e, uint8_t *into,
                          size_t room)
{
	int64_t now = reed_now(x->server->loop);
	bool is_stale = now >= e->expires;
	struct dns_answer a;
	size_t n;

	x->rcode = e->rcode;
	x->authentic = e->secure && !is_stale && wants_ad(x);
	x->extended_error = is_stale                 ? EDE_STALE
	                    : e->failed && !e->error ? EDE_UNREACHABLE
	                                             : e->error;
	dns_exchange_begin(x, &a, into, room);
	n = dns_entry_copy(e, into, a.n, a.limit, now, is_stale ? STALE_TTL : 0);
	a.tc = n == 0;
	for (unsigned i = 0; n && i < 3; i++)
		a.counts[i + 1] = (uint16_t)dns_get16(e->data + COUNTS + 2 * (size_t)i);
	a.n = n ? n : a.n;
	return dns_exchange_end(x, &a, room);
}

static size_t write_failure(struct dns_exchange *x, uint8_t *into, size_t room)
{
	struct dns_answer a;

	x->rcode = REED_DNS_RCODE_SERVFAIL;
	x->extended_error = EDE_UNREACHABLE;
	dns_exchange_begin(x, &a, into, room);
	return dns_exchange_end(x, &a, room);
}

/* An alias of one's own is not followed: who asks does so. */
static size_t write_own(struct dns_exchange *x, struct reed_slice pile, uint8_t *into, size_t room)
{
	struct reed_dns_builder b;
	struct reed_slice message;
	struct dns_answer a;

	dns_exchange_begin(x, &a, into, room);
	reed_dns_build(&b, into, a.limit);
	reed_dns_build_header(&b, x->m.id, REED_DNS_QR);
	reed_dns_build_question(&b, &x->question.name, x->question.type, x->question.klass);
	dns_pile_build(&b, pile, REED_DNS_ANSWER);
	if (reed_dns_build_end(&b, &message))
		return write_failure(x, into, room);
	a.n = message.n;
	memcpy(a.counts, b.counts, sizeof(a.counts));
	a.tc = b.truncated;
	return dns_exchange_end(x, &a, room);
}

/* 0: the filter lets it pass. */
static size_t filter(struct dns_exchange *x, const struct dns_key *key, uint8_t *into, size_t room)
{
	struct dns_recursion *r = x->server->recursion;
	struct reed_buf pile = { 0 };
	enum dns_filtered filtered = dns_filter_look(r->filter, &key->name, key->type, &pile);
	size_t n = 0;

	if (filtered == DNS_FILTER_BLOCKED) {
		x->rcode = REED_DNS_RCODE_NXDOMAIN;
		x->extended_error = EDE_BLOCKED;
		r->resolver->stats.blocked++;
		r->resolver->blocked->value++;
	}
	if (filtered != DNS_FILTER_PASS)
		n = write_own(x, reed_buf_slice(&pile), into, room);
	reed_buf_finish(&pile);
	return n;
}

size_t dns_recursion_answer(struct dns_exchange *x, uint8_t *into, size_t room)
{
	struct reed_dns_resolver *resolver = x->server->recursion->resolver;
	struct dns_entry *entry;
	struct dns_key key;
	bool fresh;
	size_t n;

	make_key(x, &key);
	n = x->server->recursion->filter ? filter(x, &key, into, room) : 0;
	if (n)
		return n;
	entry = dns_resolver_look(resolver, &key, &fresh);
	if (!entry || !fresh) {
		resolver->stats.misses++;
		resolver->misses->value++;
		return 0;
	}
	resolver->stats.hits++;
	resolver->hits->value++;
	return write_entry(x, entry, into, room);
}

/* ---- those that take their time ---- */

struct patient {
	struct reed_co co;
	struct dns_exchange x;
	struct dns_way way;
	struct reed_address client;
	struct dns_key key;
	struct dns_waiter waiter;
	bool counted, has_stale;
};

static struct dns_recursion *recursion_of(const struct patient *self)
{
	return self->x.server->recursion;
}

static void send_entry(struct patient *self, const struct dns_entry *e)
{
	struct reed_dns_server *server = self->x.server;
	uint8_t *into = server->scratch + 2;

	dns_way_send(server, &self->way,
	             e ? write_entry(&self->x, e, into, REED_DNS_MESSAGE_MAX)
	               : write_failure(&self->x, into, REED_DNS_MESSAGE_MAX));
}

static struct dns_entry *stale_one(struct patient *self)
{
	struct reed_dns_resolver *resolver = recursion_of(self)->resolver;
	bool fresh;

	return resolver ? dns_resolver_look(resolver, &self->key, &fresh) : NULL;
}

static bool ask_for(struct patient *self)
{
	self->has_stale = stale_one(self) != NULL;
	return self->counted && recursion_of(self)->resolver &&
	       !dns_ask_for(recursion_of(self)->resolver, &self->key, &self->waiter);
}

static struct reed_future *wait_for_it(struct patient *self)
{
	int64_t ms = recursion_of(self)->resolver->options.patience / 1000000;

	return reed_within(self->has_stale ? STALE_MS : ms,
	                   reed_cell_changed(self->co.loop, &self->waiter.done, 0));
}

static void answer_late(struct patient *self)
{
	struct dns_entry *e = self->waiter.entry ? self->waiter.entry : stale_one(self);
	struct reed_dns_resolver *resolver = recursion_of(self)->resolver;

	if (e && resolver && reed_now(self->co.loop) >= e->expires) {
		resolver->stats.stale++;
		resolver->stale->value++;
	}
	send_entry(self, e);
}

static void patient_run(struct reed_co *co)
{
	struct patient *self = reed_frame(co, struct patient);

	reed_coroutine (co) {
		if (!ask_for(self)) {
			send_entry(self, NULL);
			reed_return(co, REED_OK);
		}
		reed_await(co, wait_for_it(self));
		if (co->err == REED_ECANCELED)
			reed_return(co, co->err);
		answer_late(self);
	}
}

static void patient_end(struct reed_co *co)
{
	struct patient *self = reed_frame(co, struct patient);

	if (self->counted)
		recursion_of(self)->waiting--;
	dns_waiter_finish(&self->waiter);
}

static const struct reed_co_kind patient_kind = {
	.name = "dns client",
	.size = sizeof(struct patient),
	.run = patient_run,
	.end = patient_end,
};

struct reed_future *dns_recursion_ask(const struct dns_exchange *x, const struct dns_way *way)
{
	struct patient *self = reed_co_new(x->server->loop, &patient_kind);
	struct dns_recursion *r = x->server->recursion;

	self->x = *x;
	self->client = *x->client;
	self->x.client = &self->client;
	self->x.m.bytes = reed_slice(NULL, 0);
	dns_way_keep(&self->way, way);
	make_key(x, &self->key);
	self->counted = r->waiting < WAITING;
	r->waiting += self->counted;
	return reed_start(&self->co);
}
