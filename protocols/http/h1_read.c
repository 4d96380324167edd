/* What a client sends: heads and bodies, as they come. */

#include "h1.h"

/* ---- bodies ---- */

static void body_is_over(struct h1 *self, enum reed_err err)
{
	self->framing = REED_HTTP_NO_BODY;
	if (err)
		self->closing = true;
	if (self->request)
		http_body_ended(self->request, err);
}

static void keep_trailer(struct h1 *self)
{
	struct reed_http_request *r = self->request;
	struct reed_slice lines = self->chunks.trailer;
	unsigned room = self->server->wire.fields;

	if (!r || lines.n == 0)
		return;
	lines = reed_pool_copy(&r->pool, lines);
	r->trailer_fields = reed_pool_alloc(&r->pool, room * sizeof(*r->trailer_fields));
	if (reed_http_parse_fields(lines, r->trailer_fields, room, &r->trailer_count))
		r->trailer_count = 0;
}

/* Nobody reads it any more: up to a limit it is worth the connection. */
static void throw_away(struct h1 *self, size_t n)
{
	self->left = n < self->left ? self->left - n : 0;
	if (self->left == 0 && self->framing == REED_HTTP_CHUNKED) {
		self->closing = true;
		self->framing = REED_HTTP_NO_BODY;
	}
}

static void pass_on(struct h1 *self, struct reed_slice piece)
{
	struct reed_http_request *r = self->request;

	self->since = reed_now(self->server->loop);
	if (r && !r->body_over)
		http_body_add(r, piece);
	if (r && r->body_err)
		self->closing = true;
}

static size_t take_chunked(struct h1 *self, struct reed_slice in)
{
	struct reed_slice rest = in, piece;
	enum reed_err err = REED_OK;

	while (self->framing == REED_HTTP_CHUNKED) {
		size_t room = self->request ? http_body_room(self->request) : SIZE_MAX;
		struct reed_slice shown = reed_slice_first(rest, room);

		if (room == 0 && !self->request->body_over)
			break;
		if (self->chunks.state != REED_HTTP_CHUNK_DATA)
			shown = rest;
		err = reed_http_chunk(&self->chunks, &shown, &piece);
		rest = reed_slice(shown.p, (size_t)(in.p + in.n - shown.p));
		if (err)
			break;
		pass_on(self, piece);
		if (!self->request)
			throw_away(self, piece.n);
	}
	if (err == REED_EEOF)
		keep_trailer(self);
	if (err && err != REED_EAGAIN)
		body_is_over(self, err == REED_EEOF ? REED_OK : err);
	return in.n - rest.n;
}

static size_t take_length(struct h1 *self, struct reed_slice in)
{
	size_t room = self->request && !self->request->body_over ? http_body_room(self->request)
	                                                         : SIZE_MAX;
	size_t n = in.n < room ? in.n : room;

	if (n > self->left)
		n = (size_t)self->left;
	if (n == 0)
		return 0;
	self->left -= n;
	pass_on(self, reed_slice_first(in, n));
	if (self->left == 0)
		body_is_over(self, REED_OK);
	return n;
}

size_t h1_body(struct h1 *self, struct reed_slice in)
{
	return self->framing == REED_HTTP_CHUNKED ? take_chunked(self, in) : take_length(self, in);
}

/* ---- heads ---- */

static bool take_head(struct h1 *self, struct reed_slice in, size_t *used)
{
	struct reed_http_server *server = self->server;
	struct reed_http_request *r = http_request_new(server);
	size_t scanned = self->scanned;
	enum reed_err err = reed_http_parse_request(in, &server->wire, &r->head, &scanned, used);

	if (err) {
		r->head_bytes = NULL;
		self->scanned = scanned;
		if (err != REED_EAGAIN)
			h1_refuse(self, r->head.status, r->head.why);
		http_request_free(r);
		return false;
	}
	self->scanned = 0;
	self->partial = false;
	http_request_keep_head(r, reed_slice_first(in, *used));
	r->wire = &http_wire_1;
	r->carrier = self;
	self->request = r;
	return true;
}

static void expect_body(struct h1 *self)
{
	const struct reed_http_head *head = &self->request->head;

	self->framing = head->framing;
	self->left = head->length;
	if (head->framing == REED_HTTP_CHUNKED) {
		self->chunks = (struct reed_http_chunks){ .limits = &self->server->wire };
		self->left = HTTP_DRAIN;
	}
}

void h1_head_is_partial(struct h1 *self)
{
	if (self->partial)
		return;
	self->partial = true;
	self->since = reed_now(self->server->loop);
	h1_watch(self);
}

/* Requests that are answered at once go by in one call. */
size_t h1_take(struct h1 *self, struct reed_slice in)
{
	struct reed_slice rest = in;
	size_t used = 0;

	self->in_data = true;
	for (;;) {
		if (self->framing != REED_HTTP_NO_BODY) {
			used = h1_body(self, rest);
			rest = reed_slice_from(rest, used);
			if (used == 0 || self->framing != REED_HTTP_NO_BODY)
				break;
		}
		if (self->request || self->closing || rest.n == 0 ||
		    self->protocol.session.settled || reed_must_drain(self->protocol.stream))
			break;
		if (!take_head(self, rest, &used))
			break;
		rest = reed_slice_from(rest, used);
		expect_body(self);
		h1_start(self);
	}
	self->in_data = false;
	if (rest.n > 0 && !self->request && !self->closing && self->framing == REED_HTTP_NO_BODY)
		h1_head_is_partial(self);
	return in.n - rest.n;
}
