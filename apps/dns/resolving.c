/* What is found out for clients: the resolver, who may ask it, and what is blocked. */

#include "dns.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/dns/filter.h"
#include "reed/dns/resolver.h"
#include "reed/log.h"
#include "reed/offload.h"
#include "reed/random.h"

enum { SECOND = 1000000000 };

bool dns_resolves(const struct dns_settings *s)
{
	if (s->resolver == DNS_RESOLVER_AUTO)
		return s->forward.n || (!s->zone.n && !s->zones.n);
	return s->resolver == DNS_RESOLVER_ON;
}

/* Those we forward to may strip signatures, and a root of one's own has other keys. */
bool dns_validates(const struct dns_settings *s)
{
	if (s->dnssec == DNS_RESOLVER_AUTO)
		return (!s->forward.n && !s->roots.n) || s->anchor.n || s->anchors;
	return s->dnssec == DNS_RESOLVER_ON;
}

static struct reed_dns_resolver_options options_of(const struct dns_settings *s)
{
	struct reed_dns_resolver_options o = REED_DNS_RESOLVER_OPTIONS;

	o.forward = s->forward.items;
	o.forward_count = s->forward.n;
	o.roots = s->roots.items;
	o.root_count = s->roots.n;
	o.cache = (size_t)s->cache.size;
	o.ttl_most = (uint32_t)(s->cache.ttl_most / SECOND);
	o.ttl_least = (uint32_t)(s->cache.ttl_least / SECOND);
	o.negative_most = (uint32_t)(s->cache.negative_most / SECOND);
	o.stale = (uint32_t)(s->cache.stale / SECOND);
	o.no_stale = !o.stale;
	o.no_prefetch = !s->cache.prefetch;
	o.only_ipv4 = !s->ipv6;
	o.rebinding = !s->rebinding_protection;
	o.own = s->own.items;
	o.own_count = s->own.n;
	o.validate = dns_validates(s);
	o.distrusted = s->distrust.items;
	o.distrusted_count = s->distrust.n;
	return o;
}

static void serve(struct dns_app *app)
{
	struct reed_dns_recursion who = REED_DNS_RECURSION;
	const struct reed_texts *allow = &app->settings->allow;
	struct reed_dns_prefix *prefixes = reed_alloc((allow->n + 1) * sizeof(*prefixes));

	for (size_t i = 0; i < allow->n; i++)
		who.allowed_count += !reed_dns_prefix_parse(reed_slice_of(allow->items[i]),
		                                            &prefixes[who.allowed_count]);
	who.allowed = prefixes;
	who.filter = app->filter;
	reed_dns_server_resolver(app->server, app->resolver, &who);
	reed_free(prefixes);
}

void dns_resolving_sync(struct dns_app *app)
{
	struct reed_dns_resolver_options o = options_of(app->settings);
	struct reed_dns_mistake mistake;

	if (!dns_resolves(app->settings)) {
		if (app->resolver)
			reed_dns_server_resolver(app->server, NULL, NULL);
		dns_anchors_follow(app);
		return;
	}
	o.anchors = app->anchors;
	if (!app->doh)
		app->doh = reed_doh_client_new(app->service->loop, NULL);
	o.carry = reed_doh_carry;
	o.carry_arg = app->doh;
	o.tap = app->tap;
	if (app->resolver)
		reed_dns_resolver_update(app->resolver, &o);
	else
		app->resolver = reed_dns_resolver_new(app->service->loop, &o);
	if (!app->filter)
		app->filter = reed_dns_filter_new();
	reed_dns_filter_records(app->filter, app->settings->local.items, app->settings->local.n,
	                        &mistake);
	serve(app);
	dns_anchors_follow(app);
}

void dns_resolving_finish(struct dns_app *app)
{
	dns_anchors_finish(app);
	reed_dns_resolver_free(app->resolver);
	reed_doh_client_free(app->doh);
	app->doh = NULL;
	reed_dns_filter_free(app->filter);
	app->resolver = NULL;
	app->filter = NULL;
}

/* ---- lists, which are read in a thread ---- */

struct reading {
	struct reed_job job;
	struct dns_app *app;
	char **paths;
	size_t n;
	uint8_t secret[16];
	struct reed_dns_blocklist *list;
	struct reed_buf mistakes; /* a line each */
};

static enum reed_err reading_run(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	self->list = reed_dns_blocklist_new(self->secret, 0);
	for (size_t i = 0; i < self->n; i++) {
		struct reed_fault *fault = NULL;

		if (reed_dns_blocklist_load(self->list, self->paths[i], &fault))
			reed_buf_printf(&self->mistakes, "%s\n", fault->sentence);
		reed_fault_free(fault);
	}
	return REED_OK;
}

static void reading_deliver(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);
	struct reed_loop *loop = self->app->service->loop;
	struct reed_dns_blocklist_facts facts = { .size = sizeof(facts) };
	struct reed_slice rest = reed_buf_slice(&self->mistakes);

	while (rest.n) {
		struct reed_slice line = reed_slice_cut(&rest, '\n');

		reed_log(loop, REED_LOG_ERROR,
		         "a list of names to block was not read why=" REED_FMT, REED_ARG(line));
	}
	reed_dns_blocklist_facts(self->list, &facts);
	reed_log(loop, REED_LOG_INFO,
	         "names are blocked names=%zu allowed=%zu left-out=%zu bytes=%zu", facts.names,
	         facts.allowed, facts.left_out, facts.bytes);
	reed_dns_filter_block(self->app->filter, self->list);
	self->list = NULL;
}

static void reading_end(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	for (size_t i = 0; i < self->n; i++)
		reed_free(self->paths[i]);
	reed_free(self->paths);
	reed_buf_finish(&self->mistakes);
	reed_dns_blocklist_free(self->list);
}

static const struct reed_job_kind reading_kind = {
	.name = "blocklists",
	.size = sizeof(struct reading),
	.run = reading_run,
	.deliver = reading_deliver,
	.end = reading_end,
};

struct reed_future *dns_lists_load(struct dns_app *app)
{
	const struct reed_texts *block = &app->settings->block;
	struct reading *self;

	if (!app->filter || !block->n) {
		if (app->filter)
			reed_dns_filter_block(app->filter, NULL);
		return reed_ready(app->service->loop, REED_OK);
	}
	self = reed_job_new(app->service->loop, &reading_kind);
	self->app = app;
	self->paths = reed_alloc(block->n * sizeof(*self->paths));
	for (; self->n < block->n; self->n++)
		self->paths[self->n] = reed_strdup(block->items[self->n]);
	reed_random_bytes(app->service->loop, self->secret, sizeof(self->secret));
	return reed_offload(&self->job);
}
