/* Strict transport security (IRCv3 sts). */

#include "client_private.h"

#include "reed/endpoint.h"

#include <string.h>

enum { HOSTS_MOST = 1000 };

/* ---- a store in memory ---- */

struct known {
	struct reed_list link;
	struct reed_irc_sts_policy policy;
	char *host;
};

struct memory {
	struct reed_irc_sts_store store;
	struct reed_list hosts; /* the one heard of last is the last */
	size_t count;
};

static struct memory *memory_of(struct reed_irc_sts_store *store)
{
	return reed_container_of(store, struct memory, store);
}

static struct known *known_at(struct reed_list *link)
{
	return reed_container_of(link, struct known, link);
}

static struct known *find(struct memory *self, struct reed_slice host)
{
	reed_list_each (link, &self->hosts) {
		if (reed_slice_is_nocase(host, known_at(link)->host))
			return known_at(link);
	}
	return NULL;
}

static void forget(struct memory *self, struct known *known)
{
	reed_list_remove(&known->link);
	reed_free(known->host);
	reed_free(known);
	self->count--;
}

static bool memory_find(struct reed_irc_sts_store *store, struct reed_slice host,
                        struct reed_irc_sts_policy *out)
{
	struct known *known = find(memory_of(store), host);

	if (known)
		*out = known->policy;
	return known != NULL;
}

static void memory_put(struct reed_irc_sts_store *store, struct reed_slice host,
                       const struct reed_irc_sts_policy *policy)
{
	struct memory *self = memory_of(store);
	struct known *known = find(self, host);

	if (known)
		forget(self, known);
	if (policy->duration == 0)
		return;
	if (self->count >= HOSTS_MOST)
		forget(self, known_at(self->hosts.next));
	known = reed_alloc(sizeof(*known));
	known->host = reed_slice_dup(host);
	known->policy = *policy;
	reed_list_append(&self->hosts, &known->link);
	self->count++;
}

static void memory_free(struct reed_irc_sts_store *store)
{
	struct memory *self = memory_of(store);

	while (!reed_list_empty(&self->hosts))
		forget(self, known_at(self->hosts.next));
	reed_free(self);
}

static const struct reed_irc_sts_ops memory_ops = { .find = memory_find,
	                                            .put = memory_put,
	                                            .free = memory_free };

struct reed_irc_sts_store *reed_irc_sts_memory(void)
{
	struct memory *self = reed_alloc(sizeof(*self));

	self->store.ops = &memory_ops;
	reed_list_init(&self->hosts);
	return &self->store;
}

/* ---- hosts of endpoints ---- */

/* tcp:HOST:PORT and tls:HOST:PORT only; what goes through others is not ours to change. */
static bool locate(const char *endpoint, struct reed_endpoint *e, struct reed_slice *host,
                   uint16_t *port)
{
	struct reed_fault *fault = NULL;
	bool good = reed_endpoint_parse(reed_slice_of(endpoint), e, &fault) == REED_OK;

	reed_fault_free(fault);
	fault = NULL;
	good = good && (reed_slice_is(e->scheme, "tcp") || reed_slice_is(e->scheme, "tls")) &&
	       reed_endpoint_arg(e, 0) && reed_endpoint_arg(e, 1);
	if (!good)
		return false;
	*host = reed_endpoint_arg(e, 0)->value;
	good = reed_endpoint_port(e, reed_endpoint_arg(e, 1), port, &fault) == REED_OK;
	reed_fault_free(fault);
	return good && host->n > 0;
}

void reed_irc_client_locate(struct reed_irc_client *c)
{
	struct reed_endpoint e;
	struct reed_slice host;

	reed_free(c->host);
	c->host = NULL;
	c->is_tls = c->is_doubtful = false;
	if (locate(c->endpoint_text, &e, &host, &c->port)) {
		c->host = reed_slice_dup(host);
		c->is_tls = reed_slice_is(e.scheme, "tls");
	}
	reed_endpoint_finish(&e);
}

static char *tls_endpoint(struct reed_slice host, uint16_t port)
{
	char *quoted = reed_endpoint_quote(host);
	bool is_address = reed_slice_find(host, ':') < host.n;
	char *endpoint = is_address ? reed_sprintf("tls:[" REED_FMT "]:%u", REED_ARG(host), port)
	                            : reed_sprintf("tls:%s:%u", quoted, port);

	reed_free(quoted);
	return endpoint;
}

static int64_t now(struct reed_irc_client *c)
{
	return reed_wall(c->loop) / 1000000000;
}

char *reed_irc_client_secured(struct reed_irc_client *c, const char *endpoint)
{
	struct reed_irc_sts_policy policy = { 0 };
	struct reed_endpoint e;
	struct reed_slice host;
	char *secured = NULL;
	uint16_t port;

	if (c->options.no_sts)
		return reed_strdup(endpoint);
	if (locate(endpoint, &e, &host, &port) && reed_slice_is(e.scheme, "tcp") &&
	    c->sts->ops->find(c->sts, host, &policy) && policy.until > now(c))
		secured = tls_endpoint(host, policy.port);
	reed_endpoint_finish(&e);
	return secured ? secured : reed_strdup(endpoint);
}

/* ---- what the server says ---- */

struct promise {
	uint64_t port, duration;
	bool has_port, has_duration;
};

static void read_token(struct reed_slice token, struct promise *out)
{
	struct reed_slice key = reed_slice_cut(&token, '=');

	if (reed_slice_is(key, "port"))
		out->has_port = reed_slice_u64(token, 65535, &out->port) == REED_OK && out->port;
	else if (reed_slice_is(key, "duration"))
		out->has_duration = reed_slice_u64(token, INT64_MAX / 2, &out->duration) == REED_OK;
}

static void keep(struct reed_irc_client *c, uint64_t duration)
{
	struct reed_irc_sts_policy policy = { .port = c->port,
		                              .duration = duration,
		                              .until = now(c) + (int64_t)duration };

	c->sts->ops->put(c->sts, reed_slice_of(c->host), &policy);
	c->sts_duration = duration;
}

bool reed_irc_client_heed_sts(struct reed_irc_client *c)
{
	const char *value = reed_irc_client_offers(c, "sts");
	struct reed_slice rest = reed_slice_of(value);
	struct promise promise = { 0 };

	if (!value || c->options.no_sts || !c->host)
		return false;
	while (rest.n > 0)
		read_token(reed_slice_cut(&rest, ','), &promise);
	if (c->is_tls && !c->is_doubtful && promise.has_duration)
		keep(c, promise.duration);
	if (c->is_tls || !promise.has_port)
		return false;
	reed_free(c->upgrade);
	c->upgrade = tls_endpoint(reed_slice_of(c->host), (uint16_t)promise.port);
	return true;
}

/* The time counts from the end of the connection, which may have lasted longer than that. */
void reed_irc_client_prolong_sts(struct reed_irc_client *c)
{
	if (c->sts_duration > 0 && c->host)
		keep(c, c->sts_duration);
	c->sts_duration = 0;
}
