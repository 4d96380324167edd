/* Which HTTP an exchange speaks, and on which connection. */

#include "client_h2.h"

enum { TRIES = 3 };

struct way {
	struct reed_co co;
	struct reed_http_client *client;
	struct gate *gate;
	struct reed_hold turn;
	struct reed_pool pool;
	struct exchange what;
	struct second *second;
	struct reed_stream *stream;
	struct response **out, *response;
	unsigned tries;
	bool again;
};

/* ---- what is spoken ---- */

static bool may_be_second(struct reed_http_client *client, const struct exchange *what)
{
	int version = client->options.version;

	if (client->single || what->absolute || version == REED_HTTP_VERSION_1)
		return false;
	return version == REED_HTTP_VERSION_2 ||
	       (client_offers_2(client, what->endpoint) && !client_has(client, what->endpoint));
}

static struct reed_future *exchange_2(struct way *self)
{
	struct reed_future *f =
		second_exchange(self->second, &self->what, &self->response, &self->again);

	reed_unlock(&self->turn);
	return f;
}

static void way_run(struct reed_co *co)
{
	struct way *self = reed_frame(co, struct way);

	reed_coroutine (co) {
again:
		self->second = second_find(self->client, self->what.endpoint);
		if (!self->second && !self->gate->only_1) {
			reed_try(co, client_connect(self->gate, &self->turn, &self->stream));
			self->second = second_find(self->client, self->what.endpoint);
			if (!self->second && !self->stream)
				reed_return(co, reed_because(co, REED_ERESET,
				                             "the server takes no request"));
		}
		if (self->second) {
			reed_await(co, exchange_2(self));
			if (co->err && self->again && ++self->tries < TRIES)
				goto again;
			reed_return(co, co->err);
		}
		reed_unlock(&self->turn);
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
	reed_unlock(&self->turn);
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
