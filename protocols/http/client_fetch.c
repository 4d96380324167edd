/* One request and its answer, on one connection. */

#include "client.h"

enum { PIECE = 64 << 10 }; /* of a request that is written at once */

struct fetch {
	struct reed_co co;
	struct reed_http_client *client;
	struct response **out;
	char *endpoint;
	struct reed_buf request;
	enum reed_http_method method;
	bool stream_body, reused, decode, given;
	struct reed_stream *upload; /* NULL: all is in the request */
	bool chunked;
	struct sending *sending;
	struct reed_stream *stream;
	struct reed_http_head head;
	size_t scanned, used;
	struct response *response;
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

static void add_target(struct fetch *self, const struct exchange *what)
{
	const struct url *url = &what->url;
	struct reed_buf *out = &self->request;
	bool slash = url->target.n == 0 || url->target.p[0] != '/';

	reed_buf_printf(out, "%s ", what->method);
	if (what->absolute)
		reed_buf_printf(out, "http://" REED_FMT, REED_ARG(url->authority));
	reed_buf_printf(out, "%s" REED_FMT " HTTP/1.1\r\n", slash ? "/" : "",
	                REED_ARG(url->target));
	add_field(out, REED_STR("Host"), url->authority);
}

static void compose(struct fetch *self, const struct exchange *what)
{
	struct reed_buf *out = &self->request;

	add_target(self, what);
	if (self->client->agent)
		add_field(out, REED_STR("User-Agent"), reed_slice_of(self->client->agent));
	for (size_t i = 0; i < what->field_count; i++)
		add_field(out, what->fields[i].name, what->fields[i].value);
	if (what->upload && what->upload_size < 0)
		reed_buf_add_str(out, "Transfer-Encoding: chunked\r\n");
	else if (what->upload)
		reed_buf_printf(out, "Content-Length: %lld\r\n", (long long)what->upload_size);
	else if (what->has_body)
		reed_buf_printf(out, "Content-Length: %zu\r\n", what->body.n);
	if (self->client->single)
		reed_buf_add_str(out, "Connection: close\r\n");
	reed_buf_add_str(out, "\r\n");
	reed_buf_add(out, what->body);
}

/* As much as the stream takes; the rest, and an upload, goes while the answer is waited for. */
static void send(struct fetch *self)
{
	struct sending what = { .client = self->client,
		                .to = self->stream,
		                .from = self->upload,
		                .chunked = self->chunked };
	struct reed_slice all = reed_buf_slice(&self->request);

	while (what.sent < all.n && !reed_must_drain(self->stream)) {
		struct reed_slice piece = reed_slice_first(reed_slice_from(all, what.sent), PIECE);

		reed_write(self->stream, piece);
		what.sent += piece.n;
	}
	if (what.sent == all.n && !what.from)
		return;
	what.bytes = self->request;
	self->request = (struct reed_buf){ .limit = 0 };
	self->sending = sending_new(&what);
}

/* To be sent once more, to somebody else. */
static void take_back(struct fetch *self)
{
	if (!self->sending)
		return;
	self->request = self->sending->bytes;
	self->sending->bytes = (struct reed_buf){ .limit = 0 };
	sending_free(self->sending);
	self->sending = NULL;
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
	return self->reused && is_idempotent(self->method) && err != REED_ETIMEDOUT &&
	       err != REED_ECANCELED && reed_peek(self->stream).n == 0 && !self->upload;
}

static void forget_connection(struct fetch *self)
{
	take_back(self);
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
	response_send(self->response, self->sending);
	self->sending = NULL;
	if (self->decode)
		response_decode(self->response);
}

/* One that is there, or none yet. */
static void take_connection(struct fetch *self)
{
	if (self->given) {
		self->given = false;
		return;
	}
	self->stream = self->reused ? NULL : client_take(self->client, self->endpoint);
	self->reused = self->stream != NULL;
}

/* From the first byte on it is not the first that is waited for. */
static int64_t patience(const struct fetch *self)
{
	const struct reed_http_client_options *o = &self->client->options;

	if (reed_peek(self->stream).n > 0)
		return o->silent_ms;
	return sending_patience(self->sending, o->first_ms);
}

static void fetch_run(struct reed_co *co)
{
	struct fetch *self = reed_frame(co, struct fetch);

	reed_coroutine (co) {
again:
		co->err = REED_OK;
		begin_head(self);
		take_connection(self);
		if (!self->stream)
			reed_try(co, reed_within(self->client->options.connect_ms,
			                         client_dial(self->client, self->endpoint, false,
			                                     &self->stream)));
		send(self);
		while ((self->err = parse(self)) == REED_EAGAIN) {
			reed_await(co, reed_within(patience(self), reed_more(self->stream)));
			if (co->err && may_try_again(self, co->err)) {
				forget_connection(self);
				goto again;
			}
			if (co->err && !sending_excuses(self->sending, co->err,
			                                self->client->options.first_ms))
				reed_return(co, co->err);
		}
		if (self->err)
			reed_return(co,
			            reed_because(co, self->err, "%s",
			                         self->head.why ? self->head.why
			                                        : "an upgrade nobody asked for"));
		make_response(self);
		while (!self->stream_body &&
		       (self->err = response_gather(self->response)) == REED_EAGAIN) {
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
	*self->out = self->response;
	self->response = NULL;
}

static void fetch_end(struct reed_co *co)
{
	struct fetch *self = reed_frame(co, struct fetch);

	if (self->response)
		reed_http_response_free(&self->response->public);
	sending_free(self->sending);
	reed_close(self->stream);
	reed_buf_finish(&self->request);
	reed_free(self->head.fields);
	reed_free(self->endpoint);
}

static const struct reed_co_kind fetch_kind = { "exchange", sizeof(struct fetch), fetch_run,
	                                        fetch_deliver, fetch_end };

struct reed_future *client_exchange_1(struct reed_http_client *client, const struct exchange *what,
                                      struct reed_stream **stream, struct response **out)
{
	struct fetch *self = reed_co_new(client->loop, &fetch_kind);

	self->client = client;
	self->out = out;
	self->endpoint = reed_strdup(what->endpoint);
	self->method = reed_http_method_of(reed_slice_of(what->method));
	self->stream_body = what->stream;
	self->decode = what->decode;
	self->upload = what->upload;
	self->chunked = what->upload && what->upload_size < 0;
	if (stream) {
		self->stream = *stream;
		self->given = *stream != NULL;
		*stream = NULL;
	}
	compose(self, what);
	return reed_start(&self->co);
}
