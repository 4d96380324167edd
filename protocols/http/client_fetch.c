/* One request, from its URL to the response. */

#include "client.h"

enum { PIECE = 64 << 10 }; /* of a request that is written at once */

struct fetch {
	struct reed_co co;
	struct reed_http_client *client;
	struct reed_http_response **out;
	char *endpoint;
	struct reed_buf request;
	enum reed_http_method method;
	bool stream_body, reused;
	struct reed_stream *stream;
	struct reed_http_head head;
	size_t scanned, used, sent;
	struct response *response;
	struct reed_slice piece;
	enum reed_err err;
};

/* ---- what is sent ---- */

static void add_field(struct reed_buf *out, struct reed_slice name, struct reed_slice value)
{
	reed_buf_add(out, name);
	reed_buf_add_str(out, ": ");
	reed_buf_add(out, value);
	reed_buf_add_str(out, "\r\n");
}

static bool fields_are_good(const struct reed_http_fetch *what)
{
	for (size_t i = 0; i < what->field_count; i++)
		if (!reed_http_is_token(what->fields[i].name) ||
		    !reed_http_is_value(what->fields[i].value))
			return false;
	return true;
}

static void compose(struct fetch *self, const struct reed_http_fetch *what, const struct url *url)
{
	struct reed_buf *out = &self->request;
	bool slash = url->target.n == 0 || url->target.p[0] != '/';

	reed_buf_printf(out, "%s %s" REED_FMT " HTTP/1.1\r\n", what->method ? what->method : "GET",
	                slash ? "/" : "", REED_ARG(url->target));
	add_field(out, REED_STR("Host"), url->authority);
	if (self->client->agent)
		add_field(out, REED_STR("User-Agent"), reed_slice_of(self->client->agent));
	for (size_t i = 0; i < what->field_count; i++)
		add_field(out, what->fields[i].name, what->fields[i].value);
	if (what->body.n > 0 || self->method == REED_HTTP_POST || self->method == REED_HTTP_PUT)
		reed_buf_printf(out, "Content-Length: %zu\r\n", what->body.n);
	if (self->client->single)
		reed_buf_add_str(out, "Connection: close\r\n");
	reed_buf_add_str(out, "\r\n");
	reed_buf_add(out, what->body);
}

/* A server that answers before it has read all of it is heard, whatever a drain says. */
static bool send_piece(struct fetch *self)
{
	struct reed_slice rest = reed_slice_from(reed_buf_slice(&self->request), self->sent);
	struct reed_slice piece = reed_slice_first(rest, PIECE);

	if (piece.n == 0 || self->co.err)
		return false;
	reed_write(self->stream, piece);
	self->sent += piece.n;
	return true;
}

/* ---- what comes ---- */

static void begin_head(struct fetch *self)
{
	unsigned room = self->client->wire.fields;

	if (!self->head.fields)
		self->head.fields = reed_alloc(room * sizeof(*self->head.fields));
	self->head.room = room;
	self->scanned = 0;
}

/* Interim answers are passed over (RFC 9110 15.2); 101 was not asked for. */
static enum reed_err parse(struct fetch *self)
{
	enum reed_err err;

	for (;;) {
		err = reed_http_parse_response(reed_peek(self->stream), self->method,
		                               &self->client->wire, &self->head, &self->scanned,
		                               &self->used);
		if (err || self->head.status >= 200)
			return err;
		if (self->head.status == 101)
			return REED_EPROTO;
		reed_skip(self->stream, self->used);
		self->scanned = 0;
	}
}

/* It may have been closed while nobody looked; nothing came of it then. */
static bool may_try_again(const struct fetch *self, enum reed_err err)
{
	bool idempotent = self->method != REED_HTTP_POST && self->method != REED_HTTP_PATCH &&
	                  self->method != REED_HTTP_OTHER;

	return self->reused && idempotent && err != REED_ETIMEDOUT && err != REED_ECANCELED &&
	       reed_peek(self->stream).n == 0;
}

static void forget_connection(struct fetch *self)
{
	reed_close(self->stream);
	self->stream = NULL;
}

/* The response owns the fields and the stream from here on. */
static void make_response(struct fetch *self)
{
	self->response =
		response_new(self->client, &self->head, self->stream, self->used, self->endpoint);
	self->head.fields = NULL;
	self->stream = NULL;
}

/* REED_EAGAIN: more has to come. */
static enum reed_err gather(struct fetch *self)
{
	struct response *r = self->response;
	enum reed_err err;

	while (!(err = response_piece(r, &self->piece))) {
		reed_buf_add(&r->body, self->piece);
		if (r->body.err)
			return r->body.err;
	}
	return err == REED_EEOF ? REED_OK : err;
}

static void fetch_run(struct reed_co *co)
{
	struct fetch *self = reed_frame(co, struct fetch);

	reed_coroutine (co) {
again:
		co->err = REED_OK;
		begin_head(self);
		self->stream = self->reused ? NULL : client_take(self->client, self->endpoint);
		self->reused = self->stream != NULL;
		if (!self->stream)
			reed_try(co,
			         reed_within(self->client->options.connect_ms,
			                     reed_dial(co->loop, self->endpoint, &self->stream)));
		for (self->sent = 0; send_piece(self);)
			if (reed_must_drain(self->stream))
				reed_await(co, reed_within(self->client->options.silent_ms,
				                           reed_drain(self->stream)));
		while ((self->err = parse(self)) == REED_EAGAIN) {
			reed_await(co, reed_within(self->client->options.silent_ms,
			                           reed_more(self->stream)));
			if (co->err && may_try_again(self, co->err)) {
				forget_connection(self);
				goto again;
			}
			if (co->err)
				reed_return(co, co->err);
		}
		if (self->err)
			reed_return(co,
			            reed_because(co, self->err, "%s",
			                         self->head.why ? self->head.why
			                                        : "an upgrade nobody asked for"));
		make_response(self);
		while (!self->stream_body && (self->err = gather(self)) == REED_EAGAIN) {
			reed_await(co, reed_within(self->client->options.silent_ms,
			                           reed_more(self->response->stream)));
			if (co->err && response_cut(self->response, co->err))
				reed_return(co, co->err);
		}
		reed_return(co, self->stream_body ? REED_OK : self->err);
	}
}

static void fetch_deliver(struct reed_co *co)
{
	struct fetch *self = reed_frame(co, struct fetch);

	self->response->public.body = reed_buf_slice(&self->response->body);
	*self->out = &self->response->public;
	self->response = NULL;
	if (self->client->single)
		self->client = NULL; /* the response's */
}

static void fetch_end(struct reed_co *co)
{
	struct fetch *self = reed_frame(co, struct fetch);

	if (self->client && self->client->single && !self->response)
		reed_http_client_free(self->client);
	if (self->response)
		reed_http_response_free(&self->response->public);
	reed_close(self->stream);
	reed_buf_finish(&self->request);
	reed_free(self->head.fields);
	reed_free(self->endpoint);
}

static const struct reed_co_kind fetch_kind = { "fetch", sizeof(struct fetch), fetch_run,
	                                        fetch_deliver, fetch_end };

static struct reed_future *refuse(struct reed_http_client *client, const char *what,
                                  const char *why)
{
	struct reed_future *f = reed_failed(client->loop, REED_ESYNTAX, "%s: %s", what, why);

	if (client->single)
		reed_http_client_free(client);
	return f;
}

struct reed_future *reed_http_fetch(struct reed_http_client *client,
                                    const struct reed_http_fetch *fetch,
                                    struct reed_http_response **response)
{
	struct reed_http_fetch what = { .size = 0 };
	struct reed_slice method;
	struct fetch *self;
	struct url url;
	const char *why;

	memcpy(&what, fetch, fetch->size < sizeof(what) ? fetch->size : sizeof(what));
	method = reed_slice_of(what.method ? what.method : "GET");
	if (url_parse(reed_slice_of(what.url), &url, &why))
		return refuse(client, what.url, why);
	if (!reed_http_is_token(method) || reed_slice_is(method, "CONNECT"))
		return refuse(client, what.url, "the method is not one");
	if (!fields_are_good(&what))
		return refuse(client, what.url, "a field is not a token and a value");
	self = reed_co_new(client->loop, &fetch_kind);
	self->client = client;
	self->out = response;
	self->endpoint = what.endpoint ? reed_strdup(what.endpoint) : url_endpoint(&url);
	self->method = reed_http_method_of(method);
	self->stream_body = what.stream;
	compose(self, &what, &url);
	return reed_start(&self->co);
}

struct reed_future *reed_http_get(struct reed_loop *loop, const char *url,
                                  struct reed_http_response **response)
{
	struct reed_http_client *client = reed_http_client_new(loop, NULL);
	struct reed_http_fetch fetch = REED_HTTP_FETCH;

	client->single = true;
	fetch.url = url;
	return reed_http_fetch(client, &fetch, response);
}
