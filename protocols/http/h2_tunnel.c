/*
 * A stream out of one request's frames: CONNECT (RFC 9113 8.5), and by its
 * extension (RFC 8441) whatever HTTP/1 upgrades to.  What has come and is not
 * read yet is at most a window; what is written waits for the peer's.
 */

#include "h2.h"

enum { TUNNEL_OUT = 65536 };

struct h2_tunnel {
	struct reed_stream stream;
	struct h2_stream *of; /* NULL once that is no more */
	struct reed_buf in;   /* not read yet */
	bool ended;           /* nothing more will come, */
	bool broken;          /* as it was cut off */
	struct reed_readiness readiness;
};

static struct h2_tunnel *tunnel_of(struct reed_stream *s)
{
	return reed_container_of(s, struct h2_tunnel, stream);
}

/* ---- readiness ---- */

static bool has_room(const struct h2_tunnel *self)
{
	return !self->of || self->of->lane.body.held < TUNNEL_OUT;
}

static unsigned ready(struct reed_stream *s)
{
	const struct h2_tunnel *self = tunnel_of(s);
	bool can_read = self->ended || !self->of || reed_buf_held(&self->in) > 0;

	return (can_read ? REED_READ : 0u) | (has_room(self) ? REED_WRITE : 0u);
}

void h2_tunnel_tell(struct h2_tunnel *self)
{
	reed_readiness_look(&self->readiness);
}

/* ---- the handler's side ---- */

static void consumed(struct h2_stream *s, size_t n)
{
	s->unconsumed -= (uint32_t)n;
	h2_lane_consume(&s->lane, (uint32_t)n);
	h2_port_soon(&s->h2->port);
}

static ssize_t tunnel_read(struct reed_stream *s, char *into, size_t room)
{
	struct h2_tunnel *self = tunnel_of(s);
	struct reed_slice got = reed_slice_first(reed_buf_slice(&self->in), room);

	if (got.n == 0 && self->broken)
		return REED_ERESET;
	if (got.n == 0)
		return self->ended ? REED_EEOF : REED_EAGAIN;
	memcpy(into, got.p, got.n);
	reed_buf_skip(&self->in, got.n);
	if (reed_buf_held(&self->in) == 0)
		reed_buf_finish(&self->in);
	s->pending = reed_buf_held(&self->in) > 0 || self->ended;
	if (self->of)
		consumed(self->of, got.n);
	return (ssize_t)got.n;
}

static ssize_t tunnel_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	struct h2_tunnel *self = tunnel_of(s);
	size_t taken = 0;

	if (!self->of || self->of->lane.dead)
		return REED_EPIPE;
	for (int i = 0; i < count && has_room(self); i++) {
		h2_write(self->of, reed_slice(iov[i].iov_base, iov[i].iov_len));
		taken += iov[i].iov_len;
	}
	return taken > 0 ? (ssize_t)taken : (ssize_t)REED_EAGAIN;
}

static void tunnel_want(struct reed_stream *s, unsigned events)
{
	reed_readiness_want(&tunnel_of(s)->readiness, events);
}

static void tunnel_shutdown(struct reed_stream *s)
{
	struct h2_stream *of = tunnel_of(s)->of;

	if (!of)
		return;
	h2_lane_end(&of->lane, NULL, 0);
	h2_port_soon(&of->h2->port);
}

/* RFC 9113 8.5: what was cut off must not look like an end. */
static void part(struct h2_stream *s, bool aborted)
{
	s->tunnel = NULL;
	if (aborted && !s->lane.ended)
		h2_reset(s, H2_CANCEL);
	h2_lane_end(&s->lane, NULL, 0);
	h2_consume_all(s);
	h2_port_soon(&s->h2->port);
	if (s->lane.said_all && !s->lane.dead)
		h2_answered(s);
}

static void tunnel_close(struct reed_stream *s)
{
	struct h2_tunnel *self = tunnel_of(s);

	reed_readiness_finish(&self->readiness);
	if (self->of)
		part(self->of, s->aborted);
	reed_buf_finish(&self->in);
}

static void tunnel_facts(struct reed_stream *s, struct reed_stream_facts *facts)
{
	const struct h2_stream *of = tunnel_of(s)->of;

	if (of && of->h2->port.protocol->stream)
		reed_stream_facts(of->h2->port.protocol->stream, facts);
}

static const struct reed_stream_ops tunnel_ops = {
	.name = "http2 tunnel",
	.read = tunnel_read,
	.write = tunnel_write,
	.want = tunnel_want,
	.shutdown = tunnel_shutdown,
	.close = tunnel_close,
	.facts = tunnel_facts,
};

/* ---- the wire's side ---- */

/* What came before it was one stands in the request. */
struct reed_stream *h2_tunnel_new(struct h2_stream *s)
{
	struct h2_tunnel *self = reed_alloc(sizeof(*self));
	struct reed_buf *early = &s->request->body;

	reed_stream_init(&self->stream, s->h2->server->loop, &tunnel_ops);
	self->of = s;
	reed_readiness_init(&self->readiness, &self->stream, ready);
	self->ended = s->lane.heard_all;
	self->in = *early;
	*early = (struct reed_buf){ .limit = early->limit };
	s->tunnel = self;
	return &self->stream;
}

void h2_tunnel_add(struct h2_tunnel *self, struct reed_slice bytes)
{
	reed_buf_add(&self->in, bytes);
	h2_tunnel_tell(self);
}

void h2_tunnel_end(struct h2_tunnel *self)
{
	self->ended = true;
	h2_tunnel_tell(self);
}

void h2_tunnel_leave(struct h2_tunnel *self)
{
	self->broken = !self->ended || !self->of->lane.said_all;
	self->ended = true;
	self->of = NULL;
	h2_tunnel_tell(self);
}
