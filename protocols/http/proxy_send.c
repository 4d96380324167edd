/* One request on its way to an upstream. */

#include "proxy_relay.h"

#include "reed/proxy.h"

bool relay_wants_upgrade(const struct reed_http_head *h)
{
	return h->has_upgrade && !http_is_old(h) && h->framing == REED_HTTP_NO_BODY &&
	       h->upgrade.n > 0;
}

bool relay_choose(struct relay *self)
{
	struct upstream *u = upstream_choose(self->proxy, self->request, self->tried);

	if (!u)
		return false;
	self->upstream = u;
	u->active++;
	u->requests++;
	self->tries++;
	self->second = u->gate && !relay_wants_upgrade(&self->request->head);
	if (!u->announced && (!self->second || second_is_no_use(u)))
		self->stream = upstream_take(u);
	self->reused = self->stream != NULL;
	self->sent = false;
	return true;
}

bool relay_is_connected(const struct relay *self)
{
	return self->stream || (self->second && second_is_there(self->upstream));
}

struct reed_future *relay_dial(struct relay *self)
{
	const struct reed_http_proxy_options *o = &self->proxy->options;
	const char *endpoint = self->upstream->dialled;

	if (self->second)
		return client_connect(self->upstream->gate, &self->turn, &self->stream);
	self->upstream->connections++;
	if (o->dial)
		return o->dial(o->dial_arg, self->co.loop, endpoint, &self->stream);
	return reed_dial(self->co.loop, endpoint, &self->stream);
}

static void announce(struct relay *self)
{
	struct reed_proxy_facts told = REED_PROXY_FACTS;
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_http_facts(self->request, &facts);
	told.source = facts.peer;
	told.destination = facts.local;
	if (reed_proxy_write(self->stream, &told))
		reed_proxy_write(self->stream, NULL); /* of two families: nobody's, then */
}

static void send_1(struct relay *self, const struct forwarding *how)
{
	struct reed_http_request *r = self->request;
	struct reed_buf out = { .limit = 0 };

	if (self->upstream->announced)
		announce(self);
	reed_buf_reserve(&out, 1024);
	reed_buf_add(&out, r->head.method_name);
	reed_buf_add(&out, REED_STR(" "));
	reed_buf_add(&out, self->target);
	reed_buf_add(&out, REED_STR(" HTTP/1.1\r\n"));
	forward_fields(r, how, &out);
	reed_write(self->stream, reed_buf_slice(&out));
	reed_buf_finish(&out);
	self->scanned = 0;
	if (!self->head.fields)
		self->head.fields =
			reed_pool_alloc(&r->pool, self->proxy->wire.fields * sizeof(*r->fields));
}

static void send_2(struct relay *self, const struct forwarding *how)
{
	self->ask = second_ask(self->upstream, self->request, self->target, how);
	if (!self->ask) {
		self->err = REED_ERESET;
		return;
	}
	self->reused = self->ask->reused;
	self->ask->interim = relay_interim;
	self->ask->interim_arg = self;
}

void relay_send(struct relay *self)
{
	struct reed_http_request *r = self->request;
	struct forwarding how = { .trust = &self->proxy->trust,
		                  .name = self->proxy->name,
		                  .host = self->proxy->host,
		                  .anonymous = self->proxy->anonymous,
		                  .upgrade = relay_wants_upgrade(&r->head) };

	if (self->stream)
		send_1(self, &how);
	else
		send_2(self, &how);
	if (self->err)
		return;
	self->sent = true;
	self->asked = reed_now(self->co.loop);
	self->upload = (struct upload){ .request = r,
		                        .to = self->stream,
		                        .ask = self->ask,
		                        .silent_ms = self->proxy->options.silent_ms };
	upload_begin(&self->upload,
	             r->head.framing == REED_HTTP_CHUNKED ? &upload_chunked : &upload_plain);
}
