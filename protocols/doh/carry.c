/* Queries carried to a server by POST. */

#include "reed/doh.h"

#include "reed/address.h"
#include "reed/alloc.h"
#include "reed/co.h"

enum { CONNECT_MS = 5000, SILENT_MS = 8000 };

static const char type[] = "application/dns-message";

struct reed_doh_client {
	struct reed_loop *loop;
	struct reed_http_client *http;
};

struct reed_doh_client *reed_doh_client_new(struct reed_loop *loop,
                                            const struct reed_http_client_options *given)
{
	struct reed_doh_client *self = reed_alloc(sizeof(*self));
	struct reed_http_client_options o = REED_HTTP_CLIENT_OPTIONS;

	if (given)
		memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	o.connect_ms = o.connect_ms ? o.connect_ms : CONNECT_MS;
	o.silent_ms = o.silent_ms ? o.silent_ms : SILENT_MS;
	o.body = REED_DNS_MESSAGE_MAX;
	o.redirects = 0;
	self->loop = loop;
	self->http = reed_http_client_new(loop, &o);
	return self;
}

void reed_doh_client_free(struct reed_doh_client *self)
{
	if (!self)
		return;
	reed_http_client_free(self->http);
	reed_free(self);
}

struct carrying {
	struct reed_co co;
	struct reed_doh_client *client;
	char *url, *endpoint;
	struct reed_buf query;
	struct reed_http_response *response;
	struct reed_buf answer, *out;
};

/* Behind the # is where the host is: an address, or what is to be dialled. */
static char *endpoint_of(struct reed_slice url, struct reed_slice where)
{
	struct reed_address address;
	struct reed_slice host;
	char text[REED_ADDRESS_TEXT];

	if (!where.n)
		return NULL;
	if (reed_address_parse(where, 443, &address))
		return reed_slice_dup(where);
	host = reed_slice_from(url, strlen("https://"));
	host = reed_slice_first(host, reed_slice_find(host, '/'));
	host = host.n && *host.p != '[' ? reed_slice_cut(&host, ':') : host;
	return reed_sprintf("tls:%s:name=" REED_FMT, reed_address_text(&address, text),
	                    REED_ARG(host));
}

static struct reed_future *fetch(struct carrying *self)
{
	static const struct reed_http_field fields[] = {
		{ { "Accept", 6 }, { type, sizeof(type) - 1 } },
		{ { "Content-Type", 12 }, { type, sizeof(type) - 1 } },
	};
	struct reed_http_fetch fetch = REED_HTTP_FETCH;

	fetch.url = self->url;
	fetch.method = "POST";
	fetch.fields = fields;
	fetch.field_count = REED_COUNT(fields);
	fetch.body = reed_buf_slice(&self->query);
	fetch.endpoint = self->endpoint;
	return reed_http_fetch(self->client->http, &fetch, &self->response);
}

static enum reed_err take(struct carrying *self)
{
	const struct reed_http_response *r = self->response;
	struct reed_slice content = reed_http_response_field(r, "content-type");
	uint64_t age;

	if (r->status != 200)
		return reed_because(&self->co, REED_EPROTO, "%s: it answers %u", self->url,
		                    r->status);
	if (!reed_slice_is_nocase(reed_slice_trim(reed_slice_cut(&content, ';')), type))
		return reed_because(&self->co, REED_EPROTO, "%s: its answer is no message of DNS",
		                    self->url);
	reed_buf_add(&self->answer, r->body);
	/* RFC 8484 5.1 */
	if (!reed_slice_u64(reed_http_response_field(r, "age"), UINT32_MAX, &age) && age)
		reed_doh_age(self->answer.p + self->answer.begin, r->body.n, (uint32_t)age);
	return REED_OK;
}

static void carrying_run(struct reed_co *co)
{
	struct carrying *self = reed_frame(co, struct carrying);

	reed_coroutine (co) {
		reed_try(co, fetch(self));
		reed_return(co, take(self));
	}
}

static void carrying_deliver(struct reed_co *co)
{
	struct carrying *self = reed_frame(co, struct carrying);

	reed_buf_add(self->out, reed_buf_slice(&self->answer));
}

static void carrying_end(struct reed_co *co)
{
	struct carrying *self = reed_frame(co, struct carrying);

	reed_http_response_free(self->response);
	reed_buf_finish(&self->query);
	reed_buf_finish(&self->answer);
	reed_free(self->endpoint);
	reed_free(self->url);
}

static const struct reed_co_kind carrying_kind = {
	.name = "doh query",
	.size = sizeof(struct carrying),
	.run = carrying_run,
	.deliver = carrying_deliver,
	.end = carrying_end,
};

struct reed_future *reed_doh_carry(void *client, const char *url, struct reed_slice query,
                                   struct reed_buf *answer)
{
	struct reed_doh_client *self = client;
	struct carrying *c = reed_co_new(self->loop, &carrying_kind);
	struct reed_slice where = reed_slice_of(url), plain = reed_slice_cut(&where, '#');

	c->client = self;
	c->url = reed_slice_dup(plain);
	c->endpoint = endpoint_of(plain, where);
	reed_buf_add(&c->query, query);
	c->out = answer;
	return reed_start(&c->co);
}
