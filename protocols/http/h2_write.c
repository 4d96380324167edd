/* What a client is sent, in frames. */

#include "h2.h"
#include "h2_fields.h"

enum { FIELDS = 32, OWN_FIELDS = 6 };

static struct h2_stream *stream_of(const struct reed_http_request *r)
{
	return r->carrier;
}

static const struct reed_stream_limits *limits_of(const struct h2_stream *s)
{
	const struct reed_stream *stream = s->h2->port.protocol->stream;

	return stream ? stream->limits : &reed_stream_default_limits;
}

/* ---- fields ---- */

static size_t count_fields(const struct http_out_fields *fields)
{
	size_t n = 0;

	for (const struct http_out_field *f = fields->first; f; f = f->next)
		n++;
	return n;
}

static size_t put_fields(nghttp2_nv *nv, const struct http_out_fields *fields)
{
	size_t n = 0;

	for (const struct http_out_field *f = fields->first; f; f = f->next)
		if (!h2_is_of_connection(f->name, f->value))
			nv[n++] = h2_nv(f->name, f->value);
	return n;
}

static struct reed_slice number(uint64_t n, char into[24])
{
	char *p = into + 24;

	do {
		*--p = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	return reed_slice(p, (size_t)(into + 24 - p));
}

/* ---- the body ---- */

void h2_tell_drained(struct h2_stream *s)
{
	if (s->is_draining && !s->draining.settled && s->lane.body.held <= limits_of(s)->low)
		reed_settle(&s->draining, REED_OK);
}

/* ---- the wire ---- */

static size_t put_own(struct reed_http_request *r, nghttp2_nv *nv, char status[24], char length[24])
{
	struct reed_http_server *server = r->server;
	struct reed_slice date = http_date_line(server);
	size_t n = 0;

	nv[n++] = h2_nv(REED_STR(":status"), number(r->status, status));
	nv[n++] = h2_nv(REED_STR("date"), reed_slice(date.p + 6, REED_HTTP_DATE));
	if (server->name)
		nv[n++] = h2_nv(REED_STR("server"), reed_slice_of(server->name));
	if (r->type)
		nv[n++] = h2_nv(REED_STR("content-type"), reed_slice_of(r->type));
	if (r->length >= 0 && r->status != 204 && r->status != 304)
		nv[n++] = h2_nv(REED_STR("content-length"), number((uint64_t)r->length, length));
	return n;
}

static nghttp2_nv *room_for(size_t n, nghttp2_nv some[FIELDS])
{
	return n <= FIELDS ? some : reed_alloc_raw(n * sizeof(*some));
}

static void begin(struct reed_http_request *r)
{
	struct h2_stream *s = stream_of(r);
	bool empty = !http_has_body(r) || (r->length == 0 && !r->trailers.first);
	char status[24], length[24];
	nghttp2_nv some[FIELDS], *nv;
	size_t n;

	s->begun = true;
	if (s->tunnels && !r->upgraded && r->status < 300)
		r->status = 501; /* RFC 9113 8.5: the other would say that there is a tunnel */
	nv = room_for(OWN_FIELDS + count_fields(&r->added), some);
	n = put_own(r, nv, status, length);
	n += put_fields(nv + n, &r->added);
	h2_lane_head(&s->lane, nv, n, empty);
	if (nv != some)
		reed_free(nv);
	h2_port_soon(&s->h2->port);
}

static void will_write(struct h2_stream *s)
{
	if (s->lane.body.held == 0)
		s->written_moved = reed_now(s->h2->server->loop);
	h2_port_soon(&s->h2->port);
}

void h2_write(struct h2_stream *s, struct reed_slice bytes)
{
	will_write(s);
	h2_lane_write(&s->lane, bytes);
}

static void body(struct reed_http_request *r, struct reed_slice bytes, struct reed_blob *blob)
{
	struct h2_stream *s = stream_of(r);

	if (!blob) {
		h2_write(s, bytes);
		return;
	}
	will_write(s);
	h2_lane_write_blob(&s->lane, blob);
}

static void source(struct reed_http_request *r, struct reed_source *file, uint64_t offset, size_t n)
{
	struct h2_stream *s = stream_of(r);

	will_write(s);
	h2_lane_write_source(&s->lane, file, offset, n);
}

/* The request may be gone when they are sent: one piece of memory for all of them. */
static nghttp2_nv *trailers_of(const struct http_out_fields *fields, size_t *count)
{
	size_t n = count_fields(fields), bytes = 0;
	nghttp2_nv *all;
	char *p;

	for (const struct http_out_field *f = fields->first; f; f = f->next)
		bytes += f->name.n + f->value.n;
	all = reed_alloc_raw(n * sizeof(*all) + bytes);
	*count = put_fields(all, fields);
	p = (char *)(all + n);
	for (nghttp2_nv *nv = all; nv < all + *count; nv++) {
		memcpy(p, nv->name, nv->namelen);
		nv->name = (uint8_t *)p;
		p += nv->namelen;
		memcpy(p, nv->value, nv->valuelen);
		nv->value = (uint8_t *)p;
		p += nv->valuelen;
	}
	return all;
}

static void end(struct reed_http_request *r)
{
	struct h2_stream *s = stream_of(r);
	nghttp2_nv *trailers = NULL;
	size_t count = 0;

	if (r->broken)
		h2_reset(s, H2_INTERNAL_ERROR);
	else if (r->trailers.first && http_has_body(r))
		trailers = trailers_of(&r->trailers, &count);
	h2_lane_end(&s->lane, trailers, count);
	h2_port_soon(&s->h2->port);
}

static void interim(struct h2_stream *s, unsigned status, const struct http_out_fields *fields)
{
	char digits[24];
	nghttp2_nv some[FIELDS], *nv = room_for(1 + (fields ? count_fields(fields) : 0), some);
	size_t n = 1;

	nv[0] = h2_nv(REED_STR(":status"), number(status, digits));
	if (fields)
		n += put_fields(nv + 1, fields);
	h2_lane_head(&s->lane, nv, n, false);
	if (nv != some)
		reed_free(nv);
	h2_port_soon(&s->h2->port);
}

static void early(struct reed_http_request *r, unsigned status)
{
	interim(stream_of(r), status, &r->added);
}

/* RFC 9110 10.1.1 */
static void want(struct reed_http_request *r)
{
	struct h2_stream *s = stream_of(r);

	s->body_moved = reed_now(r->loop);
	if (r->head.expects_continue && !r->continued && !r->begun)
		interim(s, 100, NULL);
	r->continued = true;
	h2_consume(s);
}

static bool must_drain(const struct reed_http_request *r)
{
	const struct h2_stream *s = stream_of(r);

	return s->lane.body.held > limits_of(s)->high;
}

/* ---- who waits until the peer has taken it ---- */

static enum reed_err drain_attempt(struct reed_future *f)
{
	struct h2_stream *s = reed_container_of(f, struct h2_stream, draining);

	return s->lane.body.held > limits_of(s)->high ? REED_EAGAIN : REED_OK;
}

static void drain_free(struct reed_future *f)
{
	reed_container_of(f, struct h2_stream, draining)->is_draining = false;
}

static const struct reed_future_kind drain_kind = { .name = "http2 drain",
	                                            .attempt = drain_attempt,
	                                            .free = drain_free };

static struct reed_future *drain(struct reed_http_request *r)
{
	struct h2_stream *s = stream_of(r);

	if (s->lane.dead)
		return reed_ready(r->loop, REED_ECLOSED);
	if (s->is_draining)
		return reed_failed(r->loop, REED_EBUSY, "the answer is being drained already");
	if (!must_drain(r))
		return reed_ready(r->loop, REED_OK);
	reed_future_init(&s->draining, r->loop, &drain_kind);
	s->is_draining = true;
	return &s->draining;
}

/* RFC 9113 8.6: there is no Upgrade, but CONNECT, which has an extension for it. */
static enum reed_err upgrade(struct reed_http_request *r, struct reed_stream **stream)
{
	struct h2_stream *s = stream_of(r);

	if (s->lane.dead)
		return REED_ECLOSED;
	r->status = 200;
	r->length = -1;
	r->begun = r->ended = r->upgraded = true;
	begin(r);
	*stream = h2_tunnel_new(s);
	return REED_OK;
}

static void facts(struct reed_http_request *r, struct reed_stream_facts *facts)
{
	struct reed_stream *stream = stream_of(r)->h2->port.protocol->stream;

	if (stream)
		reed_stream_facts(stream, facts);
}

const struct http_wire http_wire_2 = {
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
