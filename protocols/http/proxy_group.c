/* A proxy and its upstreams, from its options. */

#include "client_h2.h"
#include "relay.h"

#include "reed/endpoint.h"

void proxy_set_defaults(struct reed_http_proxy_options *o)
{
	o->body = o->body ? o->body : (uint64_t)1 << 30;
	o->connect_ms = or_else(o->connect_ms, 5000);
	o->first_ms = or_else(o->first_ms, 60000);
	o->silent_ms = or_else(o->silent_ms, 60000);
	o->tunnel_ms = or_else(o->tunnel_ms, 3600000);
	o->idle_ms = or_else(o->idle_ms, 30000);
	o->kept = or_else(o->kept, 256);
	o->tries = or_else(o->tries, 3);
	o->failures = or_else(o->failures, 5);
	o->rest_ms = or_else(o->rest_ms, 5000);
	o->check_ms = or_else(o->check_ms, 5000);
	o->check_bad = or_else(o->check_bad, 2);
}

/* The header that the scheme would send knows nothing of the client: ours does. */
static void look_for_haproxy(struct upstream *u, struct reed_slice endpoint)
{
	struct reed_fault *fault = NULL;
	const struct reed_endpoint_part *inner;
	struct reed_endpoint e;

	if (!reed_endpoint_parse(endpoint, &e, &fault) && reed_slice_is(e.scheme, "haproxy")) {
		inner = reed_endpoint_arg(&e, 0);
		if (inner && !reed_endpoint_key(&e, "source")) {
			u->announced = u->dialled;
			u->dialled = reed_slice_dup(inner->value);
		}
	}
	reed_fault_free(fault);
	reed_endpoint_finish(&e);
}

static enum reed_err upstream_init(struct upstream *u, struct reed_http_proxy *proxy,
                                   struct reed_slice endpoint, struct reed_fault **fault)
{
	enum reed_err err = reed_endpoint_check(endpoint, REED_ENDPOINT_DIAL, fault);

	reed_list_init(&u->idle);
	u->proxy = proxy;
	u->dialled = reed_slice_dup(endpoint);
	u->shown = reed_endpoint_shown(endpoint);
	u->seed = reed_slice_hash(endpoint, 0);
	snprintf(u->id, sizeof(u->id), "%016llx", (unsigned long long)u->seed);
	if (!err)
		look_for_haproxy(u, endpoint);
	if (!err && u->announced && proxy->options.version == REED_HTTP_VERSION_2) {
		*fault = reed_fault_new(REED_EINVAL, NULL, __FILE__, __LINE__,
		                        "haproxy: says whose a connection is, and one of HTTP/2 "
		                        "would be of many: take it away, or version 2");
		err = REED_EINVAL;
	}
	if (!err && second_is_possible(u))
		u->gate = gate_enter(proxy->seconds, u->dialled);
	if (!err)
		upstream_count(u);
	return err;
}

static enum reed_err add_upstreams(struct reed_http_proxy *self, const char *const *endpoints,
                                   struct reed_fault **fault)
{
	unsigned n = 0;
	enum reed_err err = REED_OK;

	while (endpoints && endpoints[n] && n <= REED_HTTP_UPSTREAMS)
		n++;
	if (n == 0 || n > REED_HTTP_UPSTREAMS) {
		*fault = reed_fault_new(REED_EINVAL, NULL, __FILE__, __LINE__,
		                        "a proxy has 1 to %d upstreams", REED_HTTP_UPSTREAMS);
		return REED_EINVAL;
	}
	self->upstreams = reed_alloc(n * sizeof(*self->upstreams));
	for (; self->count < n && !err; self->count++)
		err = upstream_init(&self->upstreams[self->count], self,
		                    reed_slice_of(endpoints[self->count]), fault);
	return err;
}

/* As those of HTTP/1 are kept, and dialled. */
static struct reed_http_client *keeper(const struct reed_http_proxy *self)
{
	const struct reed_http_proxy_options *own = &self->options;
	struct reed_http_client_options o = REED_HTTP_CLIENT_OPTIONS;

	o.version = own->version;
	o.connect_ms = own->connect_ms;
	o.idle_ms = own->idle_ms;
	o.kept = own->kept;
	o.wire = own->wire;
	o.dial = own->dial;
	o.dial_arg = own->dial_arg;
	return reed_http_client_new(self->loop, &o);
}

static void watch(struct reed_http_proxy *self)
{
	struct reed_http_client_options o = REED_HTTP_CLIENT_OPTIONS;

	o.body = 64 << 10;
	o.silent_ms = o.connect_ms = self->options.check_ms;
	o.idle_ms = 1; /* what is well takes new connections */
	o.dial = self->options.dial;
	o.dial_arg = self->options.dial_arg;
	o.version = self->options.version;
	self->checker = reed_http_client_new(self->loop, &o);
	for (unsigned i = 0; i < self->count; i++)
		upstream_watch(&self->upstreams[i]);
}

enum reed_err reed_http_proxy_new(struct reed_loop *loop,
                                  const struct reed_http_proxy_options *options,
                                  struct reed_http_proxy **proxy, struct reed_fault **fault)
{
	struct reed_http_proxy *self = reed_alloc(sizeof(*self));
	struct reed_http_proxy_options *own = &self->options;
	enum reed_err err;

	memcpy(own, options, options->size < sizeof(*own) ? options->size : sizeof(*own));
	proxy_set_defaults(own);
	self->loop = loop;
	self->cookie = reed_strdup(own->cookie ? own->cookie : "reed-upstream");
	self->host = reed_strdup(own->host);
	self->name = reed_strdup(own->name ? own->name : "reed");
	self->check = reed_strdup(own->check);
	self->wire = reed_http_wire_limits(&own->wire);
	reed_scope_init(&self->checks, loop, NULL, "upstream checks");
	self->checks.policy = REED_SCOPE_IGNORE;
	self->seconds = keeper(self);
	err = peers_parse(reed_slice_of(own->trust), &self->trust, fault);
	if (!err)
		err = add_upstreams(self, own->upstreams, fault);
	own->upstreams = NULL;
	if (err) {
		reed_http_proxy_free(self);
		return err;
	}
	if (self->check)
		watch(self);
	*proxy = self;
	return REED_OK;
}

void reed_http_proxy_free(struct reed_http_proxy *self)
{
	if (!self)
		return;
	reed_scope_finish(&self->checks);
	reed_http_client_free(self->checker);
	for (unsigned i = 0; i < self->count; i++)
		upstream_finish(&self->upstreams[i]);
	reed_http_client_free(self->seconds);
	reed_free(self->upstreams);
	peers_finish(&self->trust);
	reed_free(self->cookie);
	reed_free(self->host);
	reed_free(self->name);
	reed_free(self->check);
	reed_free(self);
}

enum reed_err reed_http_proxy_stats(const struct reed_http_proxy *self, unsigned n,
                                    struct reed_http_upstream_stats *stats)
{
	const struct upstream *u = self->upstreams + n;
	struct reed_http_upstream_stats all = { .size = stats->size };

	if (n >= self->count)
		return REED_ENOENT;
	all.endpoint = u->shown;
	all.active = u->active;
	all.idle = u->idle_count + second_idle(u);
	all.requests = u->requests;
	all.failures = u->failures;
	all.connections = u->connections + second_dials(u);
	all.ill = u->ill;
	all.resting = upstream_rests(u);
	memcpy(stats, &all, stats->size < sizeof(all) ? stats->size : sizeof(all));
	return REED_OK;
}
