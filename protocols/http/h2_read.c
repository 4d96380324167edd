/* What comes of a client's frames. */

#include "h2.h"

static struct h2 *self_of(struct h2_mux *mux)
{
	return reed_container_of(mux, struct h2, port.mux);
}

static struct h2_lane *open(struct h2_mux *mux)
{
	struct h2_stream *s = h2_stream_new(self_of(mux));

	h2_head_begin(s);
	return &s->lane;
}

static bool field(struct h2_lane *lane, bool trailer, struct reed_slice name,
                  struct reed_slice value)
{
	struct h2_stream *s = h2_stream_of(lane);

	if (!s->request)
		return true;
	if (!trailer)
		return h2_head_add(s, name, value);
	h2_trailer_add(s, name, value);
	return true;
}

static void head(struct h2_lane *lane, bool trailer, bool over)
{
	struct h2_stream *s = h2_stream_of(lane);

	if (trailer)
		return;
	h2_head_end(s, !over);
	if (s->framing.lengths > 0 && s->status == 0)
		lane->expects = (int64_t)s->request->head.length;
	if (over && lane->expects > 0)
		h2_lane_fault(lane, H2_PROTOCOL_ERROR); /* RFC 9113 8.1.1 */
	else
		h2_start(s);
}

static void over(struct h2_lane *lane)
{
	struct h2_stream *s = h2_stream_of(lane);

	if (s->tunnel)
		h2_tunnel_end(s->tunnel);
	else if (s->request && s->request->head.framing != REED_HTTP_NO_BODY)
		http_body_ended(s->request, REED_OK);
}

/* Who has not been let through yet may have begun to speak. */
static void take_for_tunnel(struct h2_stream *s, struct reed_slice bytes)
{
	s->unconsumed += (uint32_t)bytes.n;
	if (s->tunnel)
		h2_tunnel_add(s->tunnel, bytes);
	else
		reed_buf_add(&s->request->body, bytes);
}

static void data(struct h2_lane *lane, struct reed_slice bytes)
{
	struct h2_stream *s = h2_stream_of(lane);
	struct reed_http_request *r = s->request;

	if (s->tunnel || (s->tunnels && r && !r->ended)) {
		take_for_tunnel(s, bytes);
		return;
	}
	if (!r || r->body_over) { /* nobody wants it: it is no reason to stop the others */
		h2_lane_consume(lane, (uint32_t)bytes.n);
		h2_throw_away(s, bytes.n);
		return;
	}
	s->body_moved = reed_now(r->loop);
	s->unconsumed += (uint32_t)bytes.n;
	http_body_add(r, bytes);
	if (r->reads_all || r->body_over)
		h2_consume(s);
}

static void sent(struct h2_lane *lane)
{
	struct h2_stream *s = h2_stream_of(lane);

	s->written_moved = reed_now(s->h2->server->loop);
	h2_tell_drained(s);
	if (s->tunnel)
		h2_tunnel_tell(s->tunnel);
}

/* A tunnel may be heard for long after that. */
static void said(struct h2_lane *lane)
{
	struct h2_stream *s = h2_stream_of(lane);

	if (!s->tunnel)
		h2_answered(s);
}

static void closed(struct h2_lane *lane, uint32_t code)
{
	struct h2_stream *s = h2_stream_of(lane);

	(void)code;
	if (s->unconsumed)
		h2_mux_consume(lane->mux, s->unconsumed);
	h2_stream_free(s);
}

static void noise(struct h2_mux *mux, enum h2_noise what)
{
	h2_endure(self_of(mux), what);
}

static void pong(struct h2_mux *mux)
{
	h2_say_last(self_of(mux));
}

const struct h2_mux_ops h2_server_ops = {
	.open = open,
	.field = field,
	.head = head,
	.data = data,
	.over = over,
	.sent = sent,
	.said = said,
	.closed = closed,
	.noise = noise,
	.pong = pong,
};
