/*
 * Which HTTP an exchange speaks.  Over TLS the server says which it likes better
 * (ALPN); without, the caller has to know.  Exchanges with a host of which that
 * is not known yet wait for the first of them.
 */

#include "client_h2.h"

#include "reed/tls.h"

enum { TRIES = 3 };

/* Those who want the same endpoint. */
struct gate {
	struct reed_list link; /* of the client */
	struct reed_lock lock;
	char *endpoint;
	unsigned users;
	bool only_1; /* HTTP/1 is what it speaks */
};

struct way {
	struct reed_co co;
	struct reed_http_client *client;
	struct gate *gate;
	struct reed_hold hold;
	struct reed_pool pool;
	struct exchange what;
	struct second *second;
	struct reed_stream *stream;
	struct response **out, *response;
	unsigned tries;
	bool again;
	enum reed_err err;
};

/* ---- gates ---- */

static struct gate *gate_enter(struct reed_http_client *client, const char *endpoint)
{
	struct gate *gate;

	reed_list_each (link, &client->gates) {
		gate = reed_container_of(link, struct gate, link);
		if (strcmp(gate->endpoint, endpoint) == 0) {
			gate->users++;
			return gate;
		}
	}
	gate = reed_alloc(sizeof(*gate));
	gate->endpoint = reed_strdup(endpoint);
	gate->users = 1;
	reed_lock_init(&gate->lock, client->loop);
	reed_list_append(&client->gates, &gate->link);
	return gate;
}

static void gate_leave(struct gate *gate)
{
	if (--gate->users > 0)
		return;
	reed_list_remove(&gate->link);
	reed_free(gate->endpoint);
	reed_free(gate);
}

/* ---- what is spoken ---- */

static bool may_be_second(struct reed_http_client *client, const struct exchange *what)
{
	int version = client->options.version;

	if (client->single || what->absolute || version == REED_HTTP_VERSION_1)
		return false;
	return version == REED_HTTP_VERSION_2 ||
	       (client_offers_2(client, what->endpoint) && !client_has(client, what->endpoint));
}

/* What the server has agreed on; the stream is of one or of the other now. */
static enum reed_err greet(struct way *self)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	bool must = self->client->options.version == REED_HTTP_VERSION_2, is;

	reed_stream_facts(self->stream, &facts);
	is = facts.tls ? facts.tls->alpn && strcmp(facts.tls->alpn, "h2") == 0 : must;
	if (must && !is)
		return REED_EPROTO;
	self->gate->only_1 = !is;
	if (!is)
		return REED_OK;
	self->second = second_new(self->client, self->what.endpoint, self->stream);
	self->stream = NULL;
	return REED_OK;
}

static struct reed_future *dial(struct way *self)
{
	return reed_within(self->client->options.connect_ms,
	                   client_dial(self->client, self->what.endpoint, true, &self->stream));
}

static void way_run(struct reed_co *co)
{
	struct way *self = reed_frame(co, struct way);

	reed_coroutine (co) {
again:
		self->second = second_find(self->client, self->what.endpoint);
		if (!self->second && !self->gate->only_1) {
			reed_try(co, reed_lock(&self->gate->lock, &self->hold));
			self->second = second_find(self->client, self->what.endpoint);
			if (!self->second && !self->gate->only_1) {
				reed_try(co, dial(self));
				self->err = greet(self);
				if (self->err)
					reed_return(co, reed_because(co, self->err,
					                             "the server does not "
					                             "speak HTTP/2"));
			}
			reed_unlock(&self->hold);
		}
		if (self->second) {
			reed_await(co, second_exchange(self->second, &self->what, &self->response,
			                               &self->again));
			if (co->err && self->again && ++self->tries < TRIES)
				goto again;
			reed_return(co, co->err);
		}
		reed_try(co, client_exchange_1(self->client, &self->what, &self->stream,
		                               &self->response));
	}
}

static void way_deliver(struct reed_co *co)
{
	struct way *self = reed_frame(co, struct way);

	*self->out = self->response;
	self->response = NULL;
}

static void way_end(struct reed_co *co)
{
	struct way *self = reed_frame(co, struct way);

	if (self->response)
		reed_http_response_free(&self->response->public);
	reed_unlock(&self->hold);
	gate_leave(self->gate);
	reed_close(self->stream);
	reed_pool_finish(&self->pool);
}

static const struct reed_co_kind way_kind = { "exchange", sizeof(struct way), way_run, way_deliver,
	                                      way_end };

/* ---- what is asked ---- */

/* All but the body, which is its owner's until it is answered. */
static void keep(struct way *self, const struct exchange *what)
{
	struct reed_pool *pool = &self->pool;
	struct exchange *own = &self->what;
	struct reed_http_field *fields;

	*own = *what;
	own->endpoint = reed_pool_strdup(pool, reed_slice_of(what->endpoint));
	own->method = reed_pool_strdup(pool, reed_slice_of(what->method));
	own->url.authority = reed_pool_copy(pool, what->url.authority);
	own->url.host = reed_pool_copy(pool, what->url.host);
	own->url.target = reed_pool_copy(pool, what->url.target);
	fields = reed_pool_alloc(pool, (what->field_count + 1) * sizeof(*fields));
	for (size_t i = 0; i < what->field_count; i++) {
		fields[i].name = reed_pool_copy(pool, what->fields[i].name);
		fields[i].value = reed_pool_copy(pool, what->fields[i].value);
	}
	own->fields = fields;
}

struct reed_future *client_exchange(struct reed_http_client *client, const struct exchange *what,
                                    struct response **out)
{
	struct way *self;

	if (!may_be_second(client, what))
		return client_exchange_1(client, what, NULL, out);
	self = reed_co_new(client->loop, &way_kind);
	self->client = client;
	self->out = out;
	self->gate = gate_enter(client, what->endpoint);
	keep(self, what);
	return reed_start(&self->co);
}
