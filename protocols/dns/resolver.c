/* A resolver: what it is made with, who waits for what, and what is worth renewing. */

#include "resolve.h"

#include "reed/alloc.h"
#include "reed/endpoint.h"
#include "reed/random.h"

#include "walk.h"

enum {
	CACHE = 64 << 20,
	TTL_MOST = 86400,
	NEGATIVE_MOST = 3600,
	STALE = 86400,
	UNDER_WAY = 2048,
	BUDGET = 100,
	PREFETCH_PART = 10, /* of its time left, when it is worth renewing */
	PREFETCH_LEAST = 10,
};

/* ---- a life ---- */

static void free_upstreams(struct reed_dns_resolver *self)
{
	for (size_t i = 0; i < self->upstream_count; i++)
		reed_free(self->upstreams[i].endpoint);
	reed_free(self->upstreams);
	self->upstreams = NULL;
	self->upstream_count = 0;
}

static void free_own(struct reed_dns_resolver *self)
{
	reed_free(self->own);
	self->own = NULL;
	self->own_count = self->root_count = 0;
}

static void take_lists(struct reed_dns_resolver *self, const struct reed_dns_resolver_options *o)
{
	free_own(self);
	if (!self->upstreams)
		self->upstreams = reed_alloc((o->forward_count + 1) * sizeof(*self->upstreams));
	for (size_t i = self->upstream_count; i < o->forward_count; i++)
		self->upstreams[self->upstream_count++].endpoint = reed_strdup(o->forward[i]);
	self->own = reed_alloc((o->own_count + 1) * sizeof(*self->own));
	for (size_t i = 0; i < o->own_count; i++)
		self->own_count += !reed_dns_name_parse(reed_slice_of(o->own[i]), NULL,
		                                        &self->own[self->own_count]);
	for (size_t i = 0; i < o->root_count && self->root_count < ROOTS_MOST; i++)
		self->root_count += !reed_address_parse(reed_slice_of(o->roots[i]), 53,
		                                        &self->roots[self->root_count]);
	if (!self->root_count)
		self->root_count = dns_root_hints(self->roots, ROOTS_MOST);
}

static void take_options(struct reed_dns_resolver *self,
                         const struct reed_dns_resolver_options *given)
{
	struct reed_dns_resolver_options *o = &self->options;

	*o = (struct reed_dns_resolver_options)REED_DNS_RESOLVER_OPTIONS;
	if (given)
		memcpy(o, given, given->size < sizeof(*o) ? given->size : sizeof(*o));
	o->cache = o->cache ? o->cache : CACHE;
	o->ttl_most = o->ttl_most ? o->ttl_most : TTL_MOST;
	o->negative_most = o->negative_most ? o->negative_most : NEGATIVE_MOST;
	o->stale = o->stale ? o->stale : STALE;
	o->under_way = o->under_way ? o->under_way : UNDER_WAY;
	o->budget = o->budget ? o->budget : BUDGET;
	o->patience = o->patience ? o->patience : REED_S(10);
	take_lists(self, o);
	if (dns_proof_update(self, o) && self->cache)
		dns_cache_clear(self->cache);
	o->forward = o->roots = o->own = o->distrusted = NULL;
	o->anchors = NULL;
}

static struct reed_dns_asker *asker_of(struct reed_loop *loop,
                                       const struct reed_dns_resolver_options *given)
{
	struct reed_dns_resolver_options o = REED_DNS_RESOLVER_OPTIONS;
	struct reed_dns_asker_options asker = REED_DNS_ASKER_OPTIONS;

	if (given)
		memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	asker.carry = o.carry;
	asker.carry_arg = o.carry_arg;
	asker.tap = o.tap;
	asker.forwards = o.forward_count > 0;
	return reed_dns_asker_new(loop, &asker);
}

struct reed_dns_resolver *reed_dns_resolver_new(struct reed_loop *loop,
                                                const struct reed_dns_resolver_options *options)
{
	struct reed_dns_resolver *self = reed_alloc(sizeof(*self));

	self->loop = loop;
	self->seed = reed_random(loop);
	self->client = asker_of(loop, options);
	for (size_t i = 0; i < TABLE; i++)
		reed_list_init(&self->table[i]);
	reed_scope_init(&self->scope, loop, NULL, "dns questions");
	self->scope.policy = REED_SCOPE_IGNORE; /* those who wait are told */
	take_options(self, options);
	self->cache = dns_cache_new(self->options.cache, self->seed);
	self->hits = reed_counter(loop, "reed_dns_cache_hits", "Answered from the cache.", NULL);
	self->misses = reed_counter(loop, "reed_dns_cache_misses", "To be asked for.", NULL);
	self->stale =
		reed_counter(loop, "reed_dns_stale_answers", "Said after they had expired.", NULL);
	self->blocked = reed_counter(loop, "reed_dns_blocked", "Names that were blocked.", NULL);
	self->asked = reed_counter(loop, "reed_dns_upstream_queries",
	                           "Queries to other name servers.", NULL);
	self->failed = reed_counter(loop, "reed_dns_resolve_failures",
	                            "Questions that nobody could answer.", NULL);
	self->secure = reed_counter(loop, "reed_dns_secure_answers",
	                            "Validated all the way from an anchor.", NULL);
	self->bogus = reed_counter(loop, "reed_dns_bogus_answers",
	                           "Whose signatures are wrong or missing.", NULL);
	return self;
}

static bool forwards_as_before(const struct reed_dns_resolver *self,
                               const struct reed_dns_resolver_options *o)
{
	if (o->forward_count != self->upstream_count)
		return false;
	for (size_t i = 0; i < o->forward_count; i++)
		if (strcmp(o->forward[i], self->upstreams[i].endpoint) != 0)
			return false;
	return true;
}

void reed_dns_resolver_update(struct reed_dns_resolver *self,
                              const struct reed_dns_resolver_options *options)
{
	/* Those under way hold on to the servers that were. */
	if (!options || !forwards_as_before(self, options)) {
		reed_scope_drop(&self->scope);
		free_upstreams(self);
	}
	take_options(self, options);
	dns_cache_limit(self->cache, self->options.cache);
}

void reed_dns_resolver_free(struct reed_dns_resolver *self)
{
	if (!self)
		return;
	reed_scope_finish(&self->scope);
	dns_proof_finish(self);
	reed_dns_asker_free(self->client);
	dns_cache_free(self->cache);
	free_upstreams(self);
	free_own(self);
	reed_free(self->stations);
	reed_free(self);
}

void reed_dns_resolver_flush(struct reed_dns_resolver *self)
{
	dns_cache_clear(self->cache);
	if (self->validator)
		reed_dns_validator_flush(self->validator);
}

void reed_dns_resolver_stats(const struct reed_dns_resolver *self,
                             struct reed_dns_resolver_stats *stats)
{
	struct reed_dns_resolver_stats now = self->stats;
	size_t size = stats->size;

	now.kept = dns_cache_count(self->cache);
	now.bytes = dns_cache_bytes(self->cache);
	memcpy(stats, &now, size < sizeof(now) ? size : sizeof(now));
	stats->size = size;
}

bool reed_dns_forward_check(const char *text, const char **why)
{
	struct reed_slice s = reed_slice_of(text);
	struct reed_fault *fault = NULL;
	bool datagrams = reed_slice_starts(s, REED_STR("udp:")), good;

	*why = "is nothing to forward to; write udp:192.0.2.53:53, tcp:192.0.2.53:53, "
	       "tls:dns.example:853 or https://dns.example/dns-query";
	if (reed_slice_starts(s, REED_STR("https://")))
		return s.n > strlen("https://") && s.p[strlen("https://")] != '/';
	if (!datagrams && !reed_slice_starts(s, REED_STR("tcp:")) &&
	    !reed_slice_starts(s, REED_STR("tls:")))
		return false;
	good = !reed_endpoint_check(s, datagrams ? REED_ENDPOINT_DGRAM_DIAL : REED_ENDPOINT_DIAL,
	                            &fault);
	reed_fault_free(fault);
	return good;
}

/* ---- questions under way ---- */

struct question {
	struct reed_co co;
	struct reed_list list; /* of the table */
	struct reed_dns_resolver *resolver;
	struct dns_key key;
	struct dns_budget budget;
	struct reed_list waiters;
	struct dns_entry *entry;
	bool counted;
};

static struct reed_list *row_of(struct reed_dns_resolver *self, const struct dns_key *key)
{
	return &self->table[(reed_dns_name_hash(&key->name, self->seed) + key->type) % TABLE];
}

static struct question *find(struct reed_dns_resolver *self, const struct dns_key *key)
{
	reed_list_each (link, row_of(self, key)) {
		struct question *question = reed_container_of(link, struct question, list);

		if (question->key.type == key->type && question->key.kind == key->kind &&
		    reed_dns_name_eq(&question->key.name, &key->name))
			return question;
	}
	return NULL;
}

static void tell_all(struct question *self)
{
	struct reed_list *link;

	while ((link = reed_list_take(&self->waiters))) {
		struct dns_waiter *waiter = reed_container_of(link, struct dns_waiter, list);

		waiter->entry = self->entry ? dns_entry_share(self->entry) : NULL;
		reed_cell_touch(&waiter->done);
	}
}

static void question_run(struct reed_co *co)
{
	struct question *self = reed_frame(co, struct question);

	reed_coroutine (co) {
		reed_try(co,
		         dns_walk_new(self->resolver, &self->key, &self->budget, 0, &self->entry));
	}
}

static void question_end(struct reed_co *co)
{
	struct question *self = reed_frame(co, struct question);

	reed_list_remove(&self->list);
	tell_all(self);
	dns_entry_release(self->entry);
	self->resolver->stats.under_way--;
}

static const struct reed_co_kind question_kind = {
	.name = "dns question",
	.size = sizeof(struct question),
	.run = question_run,
	.end = question_end,
};

static struct question *begin(struct reed_dns_resolver *self, const struct dns_key *key)
{
	struct question *question;

	if (self->stats.under_way >= self->options.under_way)
		return NULL;
	question = reed_co_new(self->loop, &question_kind);
	question->resolver = self;
	question->key = *key;
	question->budget.left = self->options.budget;
	question->budget.until = reed_now(self->loop) + self->options.patience;
	reed_list_init(&question->waiters);
	reed_list_append(row_of(self, key), &question->list);
	self->stats.under_way++;
	reed_scope_add(&self->scope, reed_start(&question->co));
	return question;
}

enum reed_err dns_ask_for(struct reed_dns_resolver *self, const struct dns_key *key,
                          struct dns_waiter *waiter)
{
	struct question *question = find(self, key);

	self->stats.shared += question != NULL;
	if (!question)
		question = begin(self, key);
	if (!question)
		return REED_ETOOBIG;
	reed_list_append(&question->waiters, &waiter->list);
	return REED_OK;
}

void dns_waiter_finish(struct dns_waiter *waiter)
{
	reed_list_unlink(&waiter->list);
	dns_entry_release(waiter->entry);
	waiter->entry = NULL;
}

/* ---- what is there ---- */

static void renew(struct reed_dns_resolver *self, const struct dns_key *key, struct dns_entry *e)
{
	if (e->renewing || find(self, key))
		return;
	e->renewing = true;
	self->stats.prefetched += begin(self, key) != NULL;
}

static bool is_worth_renewing(const struct dns_entry *e, int64_t now)
{
	int64_t life = e->expires - e->made;

	return !e->failed && life >= REED_S(PREFETCH_LEAST) &&
	       e->expires - now < life / PREFETCH_PART;
}

struct dns_entry *dns_resolver_look(struct reed_dns_resolver *self, const struct dns_key *key,
                                    bool *fresh)
{
	struct dns_entry *e = dns_cache_find(self->cache, &key->name, key->type, key->kind);
	int64_t now = reed_now(self->loop);

	*fresh = false;
	if (!e || now >= (e->stale > e->expires ? e->stale : e->expires))
		return NULL;
	*fresh = now < e->expires || now < e->retry;
	if (*fresh && !e->renewing && !self->options.no_prefetch && is_worth_renewing(e, now) &&
	    now >= e->retry)
		renew(self, key, e);
	return e;
}

struct dns_entry *dns_stale_or_failure(struct reed_dns_resolver *self,
                                       const struct dns_outcome *outcome)
{
	const struct dns_key *key = outcome->key;
	struct dns_entry *e = dns_cache_find(self->cache, &key->name, key->type, key->kind);
	int64_t now = reed_now(self->loop);

	if (!e || e->failed || now >= (e->stale > e->expires ? e->stale : e->expires))
		return dns_outcome_keep(self, outcome);
	/* RFC 8767 5: nobody is asked again for a while */
	e->retry = now + REED_S(STALE_TTL);
	e->renewing = false;
	return dns_entry_share(e);
}

/* ---- asking by hand ---- */

struct asking {
	struct reed_co co;
	struct reed_dns_resolver *resolver;
	struct dns_key key;
	struct dns_waiter waiter;
	struct reed_dns_reply reply, *out;
};

static void write_reply(struct asking *self, const struct dns_entry *e)
{
	int64_t now = reed_now(self->co.loop);
	struct reed_dns_reply *r = &self->reply;

	r->bytes = reed_alloc_raw(e->n);
	memcpy(r->bytes, e->data, e->body);
	dns_entry_copy(e, (uint8_t *)r->bytes, e->body, e->n, now,
	               now >= e->expires ? STALE_TTL : 0);
	if (e->secure && now < e->expires)
		r->bytes[3] |= REED_DNS_AD;
	r->extended_error = e->error;
	reed_dns_message_parse(reed_slice(r->bytes, e->n), &r->message);
}

static struct reed_future *wait_for_it(struct asking *self)
{
	return reed_within(self->resolver->options.patience / 1000000,
	                   reed_cell_changed(self->co.loop, &self->waiter.done, 0));
}

static void asking_run(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);
	struct dns_entry *entry;
	bool fresh;

	reed_coroutine (co) {
		entry = dns_resolver_look(self->resolver, &self->key, &fresh);
		if (entry && fresh) {
			self->resolver->stats.hits++;
			write_reply(self, entry);
			reed_return(co, REED_OK);
		}
		self->resolver->stats.misses++;
		if (dns_ask_for(self->resolver, &self->key, &self->waiter))
			reed_return(co, reed_because(co, REED_ETOOBIG,
			                             "too many questions are under way"));
		reed_try(co, wait_for_it(self));
		if (!self->waiter.entry)
			reed_return(co, REED_ECANCELED);
		write_reply(self, self->waiter.entry);
	}
}

static void asking_deliver(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);

	*self->out = self->reply;
	self->reply.bytes = NULL;
}

static void asking_end(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);

	dns_waiter_finish(&self->waiter);
	reed_dns_reply_finish(&self->reply);
}

static const struct reed_co_kind asking_kind = {
	.name = "dns resolve",
	.size = sizeof(struct asking),
	.run = asking_run,
	.deliver = asking_deliver,
	.end = asking_end,
};

struct reed_future *reed_dns_resolve(struct reed_dns_resolver *resolver,
                                     const struct reed_dns_name *name, uint16_t type,
                                     unsigned flags, struct reed_dns_reply *reply)
{
	struct asking *self = reed_co_new(resolver->loop, &asking_kind);

	self->resolver = resolver;
	self->key = (struct dns_key){ .name = *name, .type = type, .kind = (uint8_t)(flags & 3) };
	reed_dns_name_lower(&self->key.name);
	self->out = reply;
	return reed_start(&self->co);
}
