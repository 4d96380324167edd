/* What a client is sent. */

#include "h1.h"

/* ---- heads are put together here, so that a stream copies them once ---- */

struct out {
	struct reed_stream *stream;
	size_t n;
	char room[1024];
};

/* No initializer: it would clear the room, which costs as much as all the rest. */
static void out_begin(struct out *out, struct reed_stream *stream)
{
	out->stream = stream;
	out->n = 0;
}

static void out_flush(struct out *out)
{
	reed_write(out->stream, reed_slice(out->room, out->n));
	out->n = 0;
}

static void put_more(struct out *out, struct reed_slice s)
{
	out_flush(out);
	if (s.n > sizeof(out->room)) {
		reed_write(out->stream, s);
		return;
	}
	memcpy(out->room, s.p, s.n);
	out->n = s.n;
}

/* Inline, as most of what is put is constant. */
static inline void put(struct out *out, struct reed_slice s)
{
	if (s.n > sizeof(out->room) - out->n) {
		put_more(out, s);
		return;
	}
	memcpy(out->room + out->n, s.p, s.n);
	out->n += s.n;
}

static void put_number(struct out *out, uint64_t n, unsigned base)
{
	char digits[24], *p = digits + sizeof(digits);

	do {
		*--p = "0123456789abcdef"[n % base];
		n /= base;
	} while (n > 0);
	put(out, reed_slice(p, (size_t)(digits + sizeof(digits) - p)));
}

static void put_field(struct out *out, struct reed_slice name, struct reed_slice value)
{
	put(out, name);
	put(out, REED_STR(": "));
	put(out, value);
	put(out, REED_STR("\r\n"));
}

static void put_fields(struct out *out, const struct http_out_fields *fields)
{
	for (const struct http_out_field *f = fields->first; f; f = f->next)
		put_field(out, f->name, f->value);
}

static void put_status(struct out *out, unsigned status)
{
	if (status == 200) {
		put(out, REED_STR("HTTP/1.1 200 OK\r\n"));
		return;
	}
	put(out, REED_STR("HTTP/1.1 "));
	put_number(out, status, 10);
	put(out, REED_STR(" "));
	put(out, reed_slice_of(reed_http_reason(status)));
	put(out, REED_STR("\r\n"));
}

/* ---- answers ---- */

/* RFC 9112 6: by length, in chunks, or up to the end of the connection. */
static void put_framing(struct out *out, struct h1 *self, struct reed_http_request *r)
{
	if (r->status == 204 || r->status == 304)
		return;
	if (r->length >= 0) {
		put(out, REED_STR("Content-Length: "));
		put_number(out, (uint64_t)r->length, 10);
		put(out, REED_STR("\r\n"));
	} else if (r->head.minor > 0) {
		put(out, REED_STR("Transfer-Encoding: chunked\r\n"));
		self->chunked_out = http_has_body(r);
	} else {
		self->closing = true;
	}
}

/* A body that will not be read whole is the end of the connection, which is better said. */
static void will_it_close(struct h1 *self, const struct reed_http_request *r)
{
	self->closing |= r->close || self->stopping;
	if (self->framing == REED_HTTP_NO_BODY)
		return;
	if ((r->head.expects_continue && !r->continued) ||
	    (self->framing == REED_HTTP_LENGTH && self->left > HTTP_DRAIN))
		self->closing = true;
}

static void put_common(struct out *out, struct reed_http_server *server)
{
	put(out, http_date_line(server));
	if (server->name)
		put_field(out, REED_STR("Server"), reed_slice_of(server->name));
}

static void begin(struct reed_http_request *r)
{
	struct h1 *self = h1_of(r);
	struct out out;

	self->chunked_out = false;
	if (!h1_stream(r))
		return;
	out_begin(&out, h1_stream(r));
	will_it_close(self, r);
	put_status(&out, r->status);
	put_common(&out, self->server);
	if (r->type)
		put_field(&out, REED_STR("Content-Type"), reed_slice_of(r->type));
	put_framing(&out, self, r);
	put_fields(&out, &r->added);
	if (self->closing)
		put(&out, REED_STR("Connection: close\r\n"));
	else if (r->head.minor == 0)
		put(&out, REED_STR("Connection: keep-alive\r\n"));
	put(&out, REED_STR("\r\n"));
	if (r->whole.n > 0 && r->whole.n < sizeof(out.room) - out.n && !self->chunked_out &&
	    http_has_body(r)) {
		put(&out, r->whole);
		r->whole.n = 0;
	}
	out_flush(&out);
}

static void put_chunk_line(struct reed_stream *stream, size_t n)
{
	struct out out;

	out_begin(&out, stream);
	put_number(&out, n, 16);
	put(&out, REED_STR("\r\n"));
	out_flush(&out);
}

static void body(struct reed_http_request *r, struct reed_slice bytes, struct reed_blob *blob)
{
	struct h1 *self = h1_of(r);
	struct reed_stream *stream = h1_stream(r);

	if (!stream)
		return;
	if (self->chunked_out)
		put_chunk_line(stream, bytes.n);
	if (blob)
		reed_write_blob(stream, blob);
	else
		reed_write(stream, bytes);
	if (self->chunked_out)
		reed_write(stream, REED_STR("\r\n"));
}

static void source(struct reed_http_request *r, struct reed_source *file, uint64_t offset, size_t n)
{
	if (h1_stream(r))
		reed_write_source(h1_stream(r), file, offset, n);
}

static void end(struct reed_http_request *r)
{
	struct out out;

	if (!h1_stream(r) || !h1_of(r)->chunked_out || r->broken)
		return;
	out_begin(&out, h1_stream(r));
	put(&out, REED_STR("0\r\n"));
	put_fields(&out, &r->trailers);
	put(&out, REED_STR("\r\n"));
	out_flush(&out);
}

static void early(struct reed_http_request *r, unsigned status)
{
	struct out out;

	if (!h1_stream(r) || r->head.minor == 0)
		return;
	out_begin(&out, h1_stream(r));
	put_status(&out, status);
	put_fields(&out, &r->added);
	put(&out, REED_STR("\r\n"));
	out_flush(&out);
}

/* RFC 9110 10.1.1: who waits to be told is told when somebody wants to hear it. */
static void want(struct reed_http_request *r)
{
	struct h1 *self = h1_of(r);

	self->since = reed_now(r->loop);
	if (!h1_stream(r))
		return;
	if (r->head.expects_continue && !r->continued && r->head.minor > 0 && !r->begun)
		reed_write_str(h1_stream(r), "HTTP/1.1 100 Continue\r\n\r\n");
	r->continued = true;
	h1_show_again(self);
}

static bool must_drain(const struct reed_http_request *r)
{
	return h1_stream(r) && reed_must_drain(h1_stream(r));
}

static struct reed_future *drain(struct reed_http_request *r)
{
	return h1_stream(r) ? reed_drain(h1_stream(r)) : reed_ready(r->loop, REED_ECLOSED);
}

static void facts(struct reed_http_request *r, struct reed_stream_facts *facts)
{
	if (h1_stream(r))
		reed_stream_facts(h1_stream(r), facts);
}

/* ---- upgrades ---- */

/*
 * The stream goes with what came behind the head; the session goes on over one
 * that says nothing, until the handler has ended.
 */
static enum reed_err upgrade(struct reed_http_request *r, struct reed_stream **stream)
{
	struct h1 *self = h1_of(r);
	struct out out;
	struct reed_stream *silent;
	bool connect = r->head.method == REED_HTTP_CONNECT;

	out_begin(&out, h1_stream(r));
	if (!out.stream || self->protocol.session.settled)
		return REED_ECLOSED;
	if (self->in_data) /* the head is still in the stream's buffer, and being looked at */
		return REED_EBUSY;
	r->status = connect ? 200 : 101;
	r->begun = r->ended = r->upgraded = true;
	put_status(&out, r->status);
	put_common(&out, self->server);
	put_fields(&out, &r->added);
	if (!connect)
		put(&out, REED_STR("Connection: upgrade\r\n"));
	put(&out, REED_STR("\r\n"));
	out_flush(&out);
	reed_stream_pair(r->loop, 0, &self->plug, &silent);
	*stream = out.stream;
	h1_tag(self, out.stream);
	reed_restack(&self->protocol, silent);
	return REED_OK;
}

const struct http_wire http_wire_1 = {
	.begin = begin,
	.body = body,
	.source = source,
	.end = end,
	.early = early,
	.want = want,
	.must_drain = must_drain,
	.drain = drain,
	.upgrade = upgrade,
	.facts = facts,
};

/* ---- refusals ---- */

void h1_write_refusal(struct h1 *self, unsigned status, const char *why)
{
	struct out out;
	char text[256];
	int n = snprintf(text, sizeof(text), "%u %s: %s\n", status, reed_http_reason(status), why);

	out_begin(&out, self->protocol.stream);
	put_status(&out, status);
	put_common(&out, self->server);
	put(&out, REED_STR("Content-Type: text/plain; charset=utf-8\r\nContent-Length: "));
	put_number(&out, (uint64_t)n, 10);
	put(&out, REED_STR("\r\nConnection: close\r\n\r\n"));
	put(&out, reed_slice(text, (size_t)n));
	out_flush(&out);
}
