/* Responses, and their bodies as they come. */

#include "client_h2.h"

struct response *response_new(struct reed_http_client *client, struct reed_http_head *head,
                              struct reed_stream *stream, size_t used, const char *endpoint)
{
	struct response *self = reed_alloc(sizeof(*self));
	const char *bytes = reed_peek(stream).p;

	self->client = client;
	self->head_bytes = reed_alloc_raw(used);
	memcpy(self->head_bytes, bytes, used);
	reed_http_head_move(head, bytes, used, self->head_bytes);
	reed_skip(stream, used);
	self->head = *head;
	self->stream = stream;
	self->endpoint = reed_strdup(endpoint);
	self->chunks.limits = &client->wire;
	self->left = head->length;
	self->public = (struct reed_http_response){ .status = head->status,
		                                    .reason = head->reason,
		                                    .fields = head->fields,
		                                    .field_count = head->count,
		                                    .version = 1 };
	reed_buf_init(&self->body, client->options.body);
	return self;
}

struct response *response_of(struct reed_http_client *client, struct ask *ask)
{
	struct response *self = reed_alloc(sizeof(*self));

	self->client = client;
	self->ask = ask;
	self->head = ask->head;
	ask->head.fields = NULL;
	self->public = (struct reed_http_response){
		.status = self->head.status,
		.reason = reed_slice_of(reed_http_reason(self->head.status)),
		.fields = self->head.fields,
		.field_count = self->head.count,
		.version = 2,
	};
	reed_buf_init(&self->body, client->options.body);
	return self;
}

void response_decode(struct response *self)
{
	self->decoder =
		http_decoder_new(reed_http_response_field(&self->public, "Content-Encoding"));
	self->public.decoded = self->decoder != NULL;
}

bool response_is_open(const struct response *self)
{
	return self->stream || (self->ask && !self->over);
}

struct reed_future *response_more(struct response *self)
{
	if (self->whole)
		return sending_end(self->sending);
	return self->ask ? ask_more(self->ask) : reed_more(self->stream);
}

static struct response *self_of(const struct reed_http_response *response)
{
	return (struct response *)(uintptr_t)response;
}

void slot_free(struct reed_hold *slot)
{
	if (!slot)
		return;
	reed_release(slot);
	reed_free(slot);
}

/* RFC 9112 9.3: a server that does not want it is not sent the rest. */
void response_send(struct response *self, struct sending *sending)
{
	self->sending = sending;
	if (!sending)
		return;
	sending->answered = true;
	if (self->head.status >= 300)
		sending_stop(sending);
}

/* The connection is free for another, unless somebody said it closes, or said more. */
static void leave_connection(struct response *self)
{
	bool reusable = !self->client->single && !self->head.close &&
	                (self->head.minor > 0 || self->head.keep_alive) &&
	                self->head.framing != REED_HTTP_UNTIL_CLOSE &&
	                (!self->sending || self->sending->over) && reed_peek(self->stream).n == 0;

	sending_stop(self->sending);
	if (reusable)
		client_put(self->client, self->endpoint, self->stream);
	else
		reed_close(self->stream);
	self->stream = NULL;
}

static void let_go(struct response *self)
{
	if (self->stream)
		leave_connection(self);
	self->over = true;
	slot_free(self->slot);
	self->slot = NULL;
}

static void keep_trailer(struct response *self)
{
	struct reed_slice lines = self->chunks.trailer;
	unsigned room = self->client->wire.fields;

	if (lines.n == 0)
		return;
	self->trailer_bytes = reed_slice_dup(lines);
	self->trailers = reed_alloc(room * sizeof(*self->trailers));
	if (reed_http_parse_fields(reed_slice(self->trailer_bytes, lines.n), self->trailers, room,
	                           &self->trailer_count))
		self->trailer_count = 0;
}

static enum reed_err chunk_piece(struct response *self, struct reed_slice *piece)
{
	struct reed_slice in = reed_peek(self->stream), all = in;
	enum reed_err err = reed_http_chunk(&self->chunks, &in, piece);

	if (err == REED_EEOF)
		keep_trailer(self);
	if (err == REED_OK)
		self->shown = all.n - in.n;
	else
		reed_skip(self->stream, all.n - in.n);
	return err;
}

static enum reed_err plain_piece(struct response *self, struct reed_slice *piece)
{
	*piece = reed_peek(self->stream);
	if (self->head.framing == REED_HTTP_LENGTH) {
		if (self->left == 0)
			return REED_EEOF;
		if (piece->n > self->left)
			piece->n = (size_t)self->left;
		self->left -= piece->n;
	}
	self->shown = piece->n;
	return piece->n > 0 ? REED_OK : REED_EAGAIN;
}

/* It has been taken for good, and the rest of it is waited for. */
static bool is_still_sent(const struct response *self)
{
	return sending_goes_on(self->sending) && !self->head.close && (!self->ask || self->ask->of);
}

/* As it was sent. */
static enum reed_err raw_piece(struct response *self, struct reed_slice *piece)
{
	enum reed_err err;

	*piece = REED_STR("");
	if (!response_is_open(self))
		return REED_EEOF;
	if (self->stream)
		reed_skip(self->stream, self->shown);
	self->shown = 0;
	if (self->whole)
		err = REED_EEOF;
	else if (self->ask)
		err = ask_piece(self->ask, piece);
	else if (self->head.framing == REED_HTTP_NO_BODY)
		err = REED_EEOF;
	else if (self->head.framing == REED_HTTP_CHUNKED)
		err = chunk_piece(self, piece);
	else
		err = plain_piece(self, piece);
	if (err == REED_EEOF) {
		*piece = REED_STR("");
		self->whole = is_still_sent(self);
		if (self->whole)
			return REED_EAGAIN;
		let_go(self);
	}
	self->progress += piece->n;
	return err;
}

/* Nothing is read on while the decoder has something: a bomb comes in pieces of this. */
enum { DECODED = 64 << 10 };

static enum reed_err decoded_piece(struct response *self, struct reed_slice *piece)
{
	enum reed_err err = http_decode(self->decoder, &self->raw, DECODED, &self->decoded);

	*piece = reed_buf_slice(&self->decoded);
	self->decoded_all = err == REED_EEOF;
	return piece->n > 0 ? REED_OK : err;
}

enum reed_err response_piece(struct response *self, struct reed_slice *piece)
{
	enum reed_err err;

	if (!self->decoder)
		return raw_piece(self, piece);
	for (;;) {
		reed_buf_clear(&self->decoded);
		err = decoded_piece(self, piece);
		if (err && err != REED_EAGAIN && err != REED_EEOF)
			return err;
		if (!err && piece->n > 0)
			return REED_OK;
		if (!err)
			continue;
		err = raw_piece(self, &self->raw);
		if (err == REED_EEOF && !self->decoded_all && self->progress > 0)
			return REED_EPROTO; /* it ends halfway */
		if (err)
			return err;
	}
}

enum reed_err response_gather(struct response *self)
{
	struct reed_slice piece;
	enum reed_err err;

	while (!(err = response_piece(self, &piece))) {
		reed_buf_add(&self->body, piece);
		if (self->body.err)
			return self->body.err;
	}
	return err == REED_EEOF ? REED_OK : err;
}

uint64_t reed_http_response_progress(const struct reed_http_response *response)
{
	return self_of(response)->progress;
}

enum reed_err response_cut(struct response *self, enum reed_err err)
{
	if (self->whole || (err == REED_EEOF && self->head.framing == REED_HTTP_UNTIL_CLOSE)) {
		let_go(self);
		return REED_OK;
	}
	return err;
}

struct reed_slice reed_http_response_field(const struct reed_http_response *response,
                                           const char *name)
{
	return reed_http_field(response->fields, response->field_count, name, 0);
}

struct reed_slice reed_http_response_trailer(const struct reed_http_response *response,
                                             const char *name)
{
	const struct response *self = self_of(response);

	if (self->ask && self->over)
		return reed_http_field(self->ask->trailers, self->ask->trailer_count, name, 0);
	return reed_http_field(self->trailers, self->trailer_count, name, 0);
}

void reed_http_response_free(struct reed_http_response *response)
{
	struct response *self;

	if (!response)
		return;
	self = self_of(response);
	sending_free(self->sending);
	reed_close(self->stream);
	ask_free(self->ask);
	slot_free(self->slot);
	if (self->owns_client)
		reed_http_client_free(self->client);
	http_decoder_free(self->decoder);
	reed_buf_finish(&self->decoded);
	reed_buf_finish(&self->body);
	reed_free(self->url);
	reed_free(self->head.fields);
	reed_free(self->head_bytes);
	reed_free(self->trailers);
	reed_free(self->trailer_bytes);
	reed_free(self->endpoint);
	reed_free(self);
}

/* ---- reading ---- */

struct read {
	struct reed_co co;
	struct response *response;
	struct reed_slice piece, *out;
	enum reed_err err;
};

static void read_run(struct reed_co *co)
{
	struct read *self = reed_frame(co, struct read);

	reed_coroutine (co) {
		while ((self->err = response_piece(self->response, &self->piece)) == REED_EAGAIN) {
			reed_await(co, reed_within(self->response->client->options.silent_ms,
			                           response_more(self->response)));
			if (!co->err)
				continue;
			self->err = response_cut(self->response, co->err);
			reed_return(co, self->err);
		}
		reed_return(co, self->err == REED_EEOF ? REED_OK : self->err);
	}
}

static void read_deliver(struct reed_co *co)
{
	struct read *self = reed_frame(co, struct read);

	*self->out = self->piece;
}

static const struct reed_co_kind read_kind = { "read a response", sizeof(struct read), read_run,
	                                       read_deliver, NULL };

struct reed_future *reed_http_response_read(struct reed_http_response *response,
                                            struct reed_slice *piece)
{
	struct response *of = self_of(response);
	struct read *self = reed_co_new(of->client->loop, &read_kind);

	self->response = of;
	self->out = piece;
	return reed_start(&self->co);
}
