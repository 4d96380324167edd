/* The body of a request, between the wire that brings it and the handler that reads it. */

#include "private.h"

static struct reed_http_request *request_of(struct reed_future *f)
{
	return reed_container_of(f, struct reed_http_request, reading);
}

static void forget_shown(struct reed_http_request *r)
{
	reed_buf_skip(&r->body, r->shown);
	r->shown = 0;
}

/* ---- the wire's side ---- */

size_t http_body_room(const struct reed_http_request *r)
{
	size_t held = reed_buf_held(&r->body), window = r->server->limits.window;

	if (r->reads_all)
		return SIZE_MAX; /* the limit of the body is that of memory */
	return held < window ? window - held : 0;
}

static void settle(struct reed_http_request *r, enum reed_err err)
{
	if (r->is_reading && !r->reading.settled)
		reed_settle(&r->reading, err);
}

void http_body_add(struct reed_http_request *r, struct reed_slice piece)
{
	r->body_seen += piece.n;
	if (r->body_seen > r->body_limit) {
		http_body_ended(r, REED_ETOOBIG);
		return;
	}
	reed_buf_add(&r->body, piece);
	if (!r->reads_all)
		settle(r, REED_OK);
}

void http_body_ended(struct reed_http_request *r, enum reed_err err)
{
	r->body_over = true;
	if (!r->body_err)
		r->body_err = err;
	settle(r, r->reads_all ? r->body_err : REED_OK);
}

bool http_body_waited_for(const struct reed_http_request *r)
{
	return r->is_reading && !r->reading.settled;
}

/* ---- the handler's side ---- */

/* What is here is handed out before the error that came after it. */
static enum reed_err read_attempt(struct reed_future *f)
{
	struct reed_http_request *r = request_of(f);

	if (r->reads_all)
		return r->body_err;
	return reed_buf_held(&r->body) > 0 ? REED_OK : r->body_err;
}

static void read_deliver(struct reed_future *f)
{
	struct reed_http_request *r = request_of(f);

	if (f->err)
		return;
	*r->out = reed_buf_slice(&r->body);
	r->shown = r->reads_all ? 0 : r->out->n;
}

static void read_free(struct reed_future *f)
{
	request_of(f)->is_reading = false;
}

static const struct reed_future_kind read_kind = {
	.name = "http body",
	.attempt = read_attempt,
	.deliver = read_deliver,
	.free = read_free,
};

/* Also of one that was here before the handler said how much it may be. */
static bool is_over_limit(const struct reed_http_request *r)
{
	return !r->body_err &&
	       ((r->head.framing == REED_HTTP_LENGTH && r->head.length > r->body_limit) ||
	        r->body_seen > r->body_limit);
}

static void refuse_large(struct reed_http_request *r)
{
	if (r->body_over)
		reed_buf_clear(&r->body);
	http_body_ended(r, REED_ETOOBIG);
}

struct reed_future *http_body_read(struct reed_http_request *r, struct reed_slice *out, bool all)
{
	if (r->is_reading)
		return reed_failed(r->loop, REED_EBUSY, "the body is being read already");
	forget_shown(r);
	reed_future_init(&r->reading, r->loop, &read_kind);
	r->is_reading = true;
	r->reads_all = all;
	r->out = out;
	if (is_over_limit(r))
		refuse_large(r);
	else if (r->body_over)
		settle(r, all ? r->body_err : REED_OK);
	else if (!all && reed_buf_held(&r->body) > 0)
		settle(r, REED_OK);
	if (!r->body_over)
		r->wire->want(r);
	return &r->reading;
}

static struct reed_future *read_either(struct reed_http_request *r, struct reed_slice *out,
                                       bool all)
{
	return r->unpacking ? http_unpack_read(r, out, all) : http_body_read(r, out, all);
}

struct reed_future *reed_http_read(struct reed_http_request *r, struct reed_slice *piece)
{
	return read_either(r, piece, false);
}

struct reed_future *reed_http_read_all(struct reed_http_request *r, struct reed_slice *body)
{
	return read_either(r, body, true);
}
