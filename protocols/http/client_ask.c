/* One request and its answer, on a connection of HTTP/2. */

#include "client_h2.h"

enum { HIGH = 64 << 10, LOW = 16 << 10 }; /* of an upload that waits for the server */

static struct ask *ask_of(struct h2_lane *lane)
{
	return reed_container_of(lane, struct ask, lane);
}

static struct second *second_of(struct h2_mux *mux)
{
	return reed_container_of(mux, struct second, port.mux);
}

static void tell(struct ask *self)
{
	if (self->is_waiting && !self->waiting.settled)
		reed_settle(&self->waiting, REED_OK);
}

static void tell_drained(struct ask *self)
{
	if (self->is_draining && !self->draining.settled)
		reed_settle(&self->draining, REED_OK);
}

/* ---- the end ---- */

static void destroy(struct ask *self)
{
	h2_body_finish(&self->lane.body);
	reed_buf_finish(&self->in);
	reed_buf_finish(&self->seen);
	reed_pool_finish(&self->pool);
	reed_free(self->head.fields);
	reed_free(self);
}

/* After the last one the connection waits for another, but not for ever. */
static void leave(struct ask *self)
{
	struct second *of = self->of;

	self->of = NULL;
	reed_list_remove(&self->link);
	if (!reed_list_empty(&of->asks) || of->over || !of->client)
		return;
	reed_timer_start(of->port.loop, &of->idle, REED_MS((int64_t)of->idle_ms));
}

static enum reed_err how_it_ended(const struct ask *self)
{
	if (self->of->over || self->of->port.mux.failed)
		return self->of->err ? self->of->err : REED_EPROTO;
	if (self->too_large)
		return REED_ETOOBIG;
	return self->lane.faulty ? REED_EPROTO : REED_ERESET;
}

static void closed(struct h2_lane *lane, uint32_t code)
{
	struct ask *self = ask_of(lane);
	size_t held = reed_buf_held(&self->in) + reed_buf_held(&self->seen);

	if (!lane->heard_all) {
		self->err = self->err ? self->err : how_it_ended(self);
		self->code = code;
		self->lost = self->of->over;
		self->unheard |= code == H2_REFUSED_STREAM;
	}
	if (held > 0)
		h2_mux_consume(lane->mux, (uint32_t)held);
	leave(self);
	tell(self);
	tell_drained(self);
	if (self->abandoned)
		destroy(self);
}

void ask_free(struct ask *self)
{
	if (!self)
		return;
	if (!self->of) {
		destroy(self);
		return;
	}
	self->abandoned = true;
	self->interim = NULL;
	if (!self->lane.said_all || !self->lane.heard_all)
		h2_lane_reset(&self->lane, H2_CANCEL);
	h2_port_soon(&self->of->port);
}

const char *ask_why(const struct ask *self)
{
	if (self->err == REED_EPROTO)
		return "the answer is not good HTTP/2";
	if (self->err == REED_ERESET)
		return h2_code_name(self->code);
	return reed_strerror(self->err);
}

/* ---- the answer ---- */

static void add_trailer(struct ask *self, struct reed_slice name, struct reed_slice value)
{
	unsigned room = self->of->wire.fields;
	struct reed_http_field *f;

	if (!self->trailers)
		self->trailers = reed_pool_alloc(&self->pool, room * sizeof(*self->trailers));
	if (self->trailer_count == room)
		return;
	f = &self->trailers[self->trailer_count++];
	f->name = reed_pool_copy(&self->pool, name);
	f->value = reed_pool_copy(&self->pool, value);
}

static bool field(struct h2_lane *lane, bool trailer, struct reed_slice name,
                  struct reed_slice value)
{
	struct ask *self = ask_of(lane);
	struct reed_http_head *head = &self->head;
	const struct reed_http_wire_limits *wire = &self->of->wire;
	struct reed_http_field *f;

	self->head_size += name.n + value.n;
	self->too_large = self->head_size > wire->head || head->count == wire->fields;
	if (self->too_large)
		return false;
	if (trailer) {
		add_trailer(self, name, value);
		return true;
	}
	if (reed_slice_is(name, ":status")) {
		head->status = (unsigned)(value.p[0] - '0') * 100 +
		               (unsigned)(value.p[1] - '0') * 10 + (unsigned)(value.p[2] - '0');
		return true;
	}
	f = &head->fields[head->count++];
	f->name = reed_pool_copy(&self->pool, name);
	f->value = reed_pool_copy(&self->pool, value);
	return http_see_field(head, &self->framing, f->name, f->value) == REED_OK;
}

/* RFC 9110 15.2: it is not the answer yet. */
static void forget_interim(struct ask *self)
{
	struct reed_http_field *fields = self->head.fields;

	if (self->interim)
		self->interim(self->interim_arg, &self->head);
	reed_pool_clear(&self->pool);
	self->head = (struct reed_http_head){ .fields = fields, .major = 2 };
	self->framing = (struct framing){ .lengths = 0 };
}

static bool may_have_body(const struct ask *self)
{
	return self->method != REED_HTTP_HEAD && self->head.status != 204 &&
	       self->head.status != 304;
}

static void head(struct h2_lane *lane, bool trailer, bool over)
{
	struct ask *self = ask_of(lane);

	if (trailer)
		return;
	if (self->head.status < 200) {
		if (self->head.status == 101 || over) /* RFC 9113 8.6, 8.1 */
			h2_lane_fault(lane, H2_PROTOCOL_ERROR);
		else
			forget_interim(self);
		return;
	}
	lane->headed = self->has_head = true;
	if (self->framing.lengths > 0 && may_have_body(self))
		lane->expects = (int64_t)self->head.length;
	tell(self);
}

static void data(struct h2_lane *lane, struct reed_slice bytes)
{
	struct ask *self = ask_of(lane);

	reed_buf_add(&self->in, bytes);
	tell(self);
}

static void over(struct h2_lane *lane)
{
	tell(ask_of(lane));
}

static void sent(struct h2_lane *lane)
{
	if (lane->body.held <= LOW)
		tell_drained(ask_of(lane));
}

static void said(struct h2_lane *lane)
{
	(void)lane;
}

/* RFC 9113 8.1: each request may be reset, as when its body is not wanted. */
static void noise(struct h2_mux *mux, enum h2_noise what)
{
	struct second *self = second_of(mux);

	if (what == H2_NOISE_RESET && self->resets++ < self->asked)
		return;
	h2_port_endures(&self->port, what, CLIENT_H2_NOISE);
}

/* RFC 9113 6.8: what comes behind the last one was not looked at. */
static void goaway(struct h2_mux *mux, uint32_t last, uint32_t code)
{
	struct second *self = second_of(mux);
	struct reed_list *link = self->asks.next, *next;

	self->code = code;
	for (; link != &self->asks; link = next) {
		struct ask *ask = reed_container_of(link, struct ask, link);

		next = link->next;
		if (ask->lane.id > last)
			h2_lane_close(&ask->lane, H2_REFUSED_STREAM);
	}
}

const struct h2_mux_ops second_ops = {
	.field = field,
	.head = head,
	.data = data,
	.over = over,
	.sent = sent,
	.said = said,
	.closed = closed,
	.noise = noise,
	.goaway = goaway,
};

/* ---- reading it ---- */

static void waiting_free(struct reed_future *f)
{
	reed_container_of(f, struct ask, waiting)->is_waiting = false;
}

static const struct reed_future_kind waiting_kind = { .name = "http2 answer",
	                                              .free = waiting_free };

struct reed_future *ask_more(struct ask *self)
{
	reed_future_init(&self->waiting, self->loop, &waiting_kind);
	self->is_waiting = true;
	if (!self->of)
		reed_settle(&self->waiting, REED_OK);
	return &self->waiting;
}

enum reed_err ask_head(struct ask *self)
{
	if (self->has_head)
		return REED_OK;
	return self->err ? self->err : REED_EAGAIN;
}

/* What was handed out before is done with: the server may send as much more. */
enum reed_err ask_piece(struct ask *self, struct reed_slice *piece)
{
	size_t before = reed_buf_held(&self->seen);
	struct reed_buf spare = self->seen;

	if (self->of && before > 0) {
		h2_lane_consume(&self->lane, (uint32_t)before);
		h2_port_soon(&self->of->port);
	}
	reed_buf_clear(&spare);
	self->seen = self->in;
	self->in = spare;
	*piece = reed_buf_slice(&self->seen);
	if (piece->n > 0)
		return REED_OK;
	if (self->lane.heard_all)
		return REED_EEOF;
	if (self->err == REED_EEOF) /* the end of the connection is none of the body */
		return REED_ERESET;
	return self->err ? self->err : REED_EAGAIN;
}

/* ---- the request ---- */

static void draining_free(struct reed_future *f)
{
	reed_container_of(f, struct ask, draining)->is_draining = false;
}

static const struct reed_future_kind draining_kind = { .name = "http2 upload",
	                                               .free = draining_free };

bool ask_must_drain(const struct ask *self)
{
	return !self->of || self->lane.body.held > HIGH;
}

struct reed_future *ask_drain(struct ask *self)
{
	if (!self->of)
		return reed_ready(self->loop, REED_EPIPE);
	reed_future_init(&self->draining, self->loop, &draining_kind);
	self->is_draining = true;
	if (!ask_must_drain(self))
		reed_settle(&self->draining, REED_OK);
	return &self->draining;
}

void ask_write(struct ask *self, struct reed_slice bytes)
{
	h2_lane_write(&self->lane, bytes);
	if (self->of)
		h2_port_soon(&self->of->port);
}

void ask_end(struct ask *self)
{
	h2_lane_end(&self->lane, NULL, 0);
	if (self->of)
		h2_port_soon(&self->of->port);
}

void ask_break(struct ask *self, enum reed_err err)
{
	if (self->err || !self->of)
		return;
	self->err = err;
	h2_lane_reset(&self->lane, H2_CANCEL);
	h2_port_soon(&self->of->port);
	tell(self);
}
