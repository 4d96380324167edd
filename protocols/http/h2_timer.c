/*
 * Deadlines of a connection and of what is on it.  One timer, not touched by
 * what is answered at once: when it fires it looks what is due, and when.
 */

#include "h2.h"

static int64_t later(int64_t from, uint32_t ms)
{
	return ms == 0 ? REED_NEVER : from + REED_MS((int64_t)ms);
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ---- requests ---- */

static int64_t body_due(const struct h2_stream *s)
{
	const struct reed_http_request *r = s->request;

	if (s->answered && !s->lane.heard_all)
		return later(s->body_moved, s->h2->server->limits.body_ms);
	if (!r || !http_body_waited_for(r) || r->body_over)
		return REED_NEVER;
	return later(s->body_moved, s->h2->server->limits.body_ms);
}

static int64_t total_due(const struct h2_stream *s)
{
	if (!s->request || !s->started || s->tunnel)
		return REED_NEVER;
	return later(s->request->began, s->h2->server->limits.total_ms);
}

/* The peer gives no window: what it asked for is not worth keeping for ever. */
static int64_t written_due(const struct h2_stream *s)
{
	if (s->lane.body.held == 0)
		return REED_NEVER;
	return later(s->written_moved, s->h2->server->limits.write_ms);
}

static int64_t stream_due(const struct h2_stream *s)
{
	return sooner(body_due(s), sooner(total_due(s), written_due(s)));
}

/* Nothing of an answer has gone: one can be given; else it is cut off. */
static void give_up(struct h2_stream *s)
{
	if (s->task.future)
		reed_unwait(s->h2->server->loop, &s->task);
	if (s->begun) {
		h2_reset(s, H2_CANCEL);
		s->request->broken = s->request->ended = true;
	} else {
		reed_http_fail(s->request, 503, "it took too long");
	}
	h2_done(s);
}

static void stream_is_due(struct h2_stream *s, int64_t now)
{
	s->h2->server->stats.timeouts++;
	if (now >= total_due(s))
		give_up(s);
	else if (s->answered)
		h2_reset(s, H2_NO_ERROR);
	else if (now >= body_due(s))
		http_body_ended(s->request, REED_ETIMEDOUT);
	else
		h2_reset(s, H2_CANCEL); /* its handler goes when that was sent */
}

/* ---- the connection ---- */

static int64_t write_due(struct h2 *self)
{
	struct reed_stream *stream = self->port.protocol->stream;

	if (!stream || reed_queued(stream) == 0 || stream->bytes_out != self->written) {
		self->written = stream ? stream->bytes_out : 0;
		self->written_at = reed_now(self->server->loop);
		return REED_NEVER;
	}
	return later(self->written_at, self->server->limits.write_ms);
}

static int64_t idle_due(const struct h2 *self)
{
	const struct reed_http_limits *limits = &self->server->limits;

	if (self->in_head)
		return later(self->since, limits->head_ms);
	return reed_list_empty(&self->streams) ? later(self->since, limits->idle_ms) : REED_NEVER;
}

static int64_t goodbye_due(const struct h2 *self)
{
	return self->shutting && !self->said_last ? later(self->shut_at, H2_GOODBYE_MS)
	                                          : REED_NEVER;
}

static void look_at_streams(struct h2 *self, int64_t now, int64_t *next)
{
	struct reed_list *link = self->streams.next, *after;

	for (; link != &self->streams; link = after) {
		struct h2_stream *s = reed_container_of(link, struct h2_stream, link);

		after = link->next;
		if (now >= stream_due(s))
			stream_is_due(s, now);
		else
			*next = sooner(*next, stream_due(s));
	}
}

/* False: it is over. */
static bool look_at_connection(struct h2 *self, int64_t now)
{
	if (now >= goodbye_due(self))
		h2_say_last(self);
	if (now < write_due(self) && now < idle_due(self))
		return true;
	self->server->stats.timeouts++;
	h2_mux_fail(&self->port.mux, H2_NO_ERROR, NULL);
	h2_port_end(&self->port);
	return false;
}

static void fire(struct reed_timer *t)
{
	struct h2 *self = reed_container_of(t, struct h2, timer);
	int64_t now = reed_now(self->server->loop), next = REED_NEVER;
	uint32_t most = self->server->limits.write_ms;

	if (self->port.over || self->port.protocol->session.settled ||
	    !look_at_connection(self, now))
		return;
	look_at_streams(self, now, &next);
	next = sooner(next, sooner(idle_due(self), goodbye_due(self)));
	next = sooner(next, write_due(self));
	/* The start of a read or of a write is not told: so look as often as those last. */
	if (!reed_list_empty(&self->streams)) {
		next = sooner(next, later(now, self->server->limits.body_ms));
		next = sooner(next, later(now, most));
	}
	h2_port_flush(&self->port);
	if (!self->port.over && next != REED_NEVER)
		reed_timer_start(self->server->loop, &self->timer, next > now ? next - now : 0);
}

void h2_watch(struct h2 *self, uint32_t ms)
{
	int64_t at = later(reed_now(self->server->loop), ms);

	if (at == REED_NEVER || (reed_timer_running(&self->timer) && self->timer.at <= at))
		return;
	reed_timer_start(self->server->loop, &self->timer, REED_MS((int64_t)ms));
}

void h2_timer_init(struct h2 *self)
{
	self->timer.fire = fire;
	self->written_at = self->since;
	h2_watch(self, self->server->limits.idle_ms);
}
