/*
 * Which HTTP an endpoint speaks.  Over TLS the server says which it likes better
 * (ALPN); without, the caller has to know.  Those who want an endpoint of which
 * that is not known yet wait for the first of them.
 */

#include "client_h2.h"

#include "reed/tls.h"

/* ---- gates ---- */

struct gate *gate_enter(struct reed_http_client *client, const char *endpoint)
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
	gate->client = client;
	gate->endpoint = reed_strdup(endpoint);
	gate->users = 1;
	reed_lock_init(&gate->lock, client->loop);
	reed_list_append(&client->gates, &gate->link);
	return gate;
}

void gate_leave(struct gate *gate)
{
	if (!gate || --gate->users > 0)
		return;
	reed_list_remove(&gate->link);
	reed_free(gate->endpoint);
	reed_free(gate);
}

/* ---- connecting ---- */

struct connect {
	struct reed_co co;
	struct gate *gate;
	struct reed_hold *turn;
	struct reed_stream *stream, **out;
	enum reed_err err;
};

/* What the server has agreed on; the stream is of one or of the other now. */
static enum reed_err greet(struct connect *self)
{
	struct reed_http_client *client = self->gate->client;
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	bool must = client->options.version == REED_HTTP_VERSION_2, is;

	reed_stream_facts(self->stream, &facts);
	is = facts.tls ? facts.tls->alpn && strcmp(facts.tls->alpn, "h2") == 0 : must;
	if (must && !is)
		return REED_EPROTO;
	self->gate->only_1 = !is;
	if (!is)
		return REED_OK;
	second_new(client, self->gate->endpoint, self->stream);
	self->stream = NULL;
	return REED_OK;
}

static struct reed_future *dial(struct connect *self)
{
	struct reed_http_client *client = self->gate->client;

	self->gate->dials++;
	return reed_within(client->options.connect_ms,
	                   client_dial(client, self->gate->endpoint, true, &self->stream));
}

static void connect_run(struct reed_co *co)
{
	struct connect *self = reed_frame(co, struct connect);

	reed_coroutine (co) {
		if (!self->gate->only_1)
			reed_try(co, reed_lock(&self->gate->lock, self->turn));
		if (self->gate->only_1)
			reed_unlock(self->turn); /* each needs one of its own */
		if (second_find(self->gate->client, self->gate->endpoint))
			reed_return(co, REED_OK);
		reed_try(co, dial(self));
		self->err = greet(self);
		if (self->err)
			reed_return(co, reed_because(co, self->err,
			                             "the server does not speak HTTP/2"));
	}
}

static void connect_deliver(struct reed_co *co)
{
	struct connect *self = reed_frame(co, struct connect);

	*self->out = self->stream;
	self->stream = NULL;
}

static void connect_end(struct reed_co *co)
{
	struct connect *self = reed_frame(co, struct connect);

	gate_leave(self->gate);
	reed_close(self->stream);
}

static const struct reed_co_kind connect_kind = { "connect", sizeof(struct connect), connect_run,
	                                          connect_deliver, connect_end };

struct reed_future *client_connect(struct gate *gate, struct reed_hold *turn,
                                   struct reed_stream **stream)
{
	struct connect *self = reed_co_new(gate->client->loop, &connect_kind);

	self->gate = gate;
	gate->users++;
	self->turn = turn;
	self->out = stream;
	return reed_start(&self->co);
}
