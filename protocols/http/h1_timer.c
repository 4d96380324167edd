/*
 * Deadlines of a connection.  One timer, which is not touched by requests that
 * are answered at once: when it fires it looks what would be due, and when.
 */

#include "h1.h"

static int64_t later(int64_t from, uint32_t ms)
{
	return ms == 0 ? REED_NEVER : from + REED_MS((int64_t)ms);
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The peer took something since we last looked, or there is nothing to take. */
static int64_t write_due(struct h1 *self)
{
	struct reed_stream *s = self->protocol.stream;

	if (!s || reed_queued(s) == 0 || s->bytes_out != self->written) {
		self->written = s ? s->bytes_out : 0;
		self->written_at = reed_now(self->server->loop);
	}
	return later(self->written_at, self->server->limits.write_ms);
}

static int64_t body_due(const struct h1 *self)
{
	if (self->request ? !http_body_waited_for(self->request)
	                  : self->framing == REED_HTTP_NO_BODY)
		return REED_NEVER;
	return later(self->since, self->server->limits.body_ms);
}

static int64_t due(struct h1 *self)
{
	const struct reed_http_limits *limits = &self->server->limits;
	struct reed_http_request *r = self->request;
	int64_t at = write_due(self);

	if (r && r->upgraded)
		return REED_NEVER;
	if (r || self->framing != REED_HTTP_NO_BODY) {
		at = sooner(at, body_due(self));
		return r ? sooner(at, later(r->began, limits->total_ms)) : at;
	}
	return sooner(at, later(self->since, self->partial ? limits->head_ms : limits->idle_ms));
}

/* Nothing began an answer yet: one can be given. */
static void give_up(struct h1 *self, struct reed_http_request *r, int64_t now)
{
	if (now >= later(r->began, self->server->limits.total_ms)) {
		reed_http_fail(r, 503, "it took too long");
		reed_finish(&self->protocol, REED_OK);
	} else {
		self->closing = true;
		http_body_ended(r, REED_ETIMEDOUT);
	}
}

static void time_is_up(struct h1 *self, int64_t now)
{
	struct reed_http_request *r = self->request;
	bool stuck = now >= write_due(self);

	self->server->stats.timeouts++;
	if (stuck)
		reed_finish(&self->protocol, REED_OK);
	else if (r)
		give_up(self, r, now);
	else if (self->partial)
		h1_refuse(self, 408, "the head did not come in time");
	else
		reed_finish(&self->protocol, REED_OK);
}

/* The next moment at which something may be due; a moment too early does no harm. */
void h1_watch(struct h1 *self)
{
	int64_t now = reed_now(self->server->loop), at = due(self);
	const struct reed_http_limits *limits = &self->server->limits;

	/* The start of a read is not told: so look as often as a body's deadline lasts. */
	if (self->request && limits->body_ms > 0)
		at = sooner(at, now + REED_MS((int64_t)limits->body_ms));
	if (at == REED_NEVER)
		return;
	if (reed_timer_running(&self->timer) && self->timer.at <= at)
		return;
	reed_timer_start(self->server->loop, &self->timer, at > now ? at - now : 0);
}

static void fire(struct reed_timer *t)
{
	struct h1 *self = reed_container_of(t, struct h1, timer);
	int64_t now = reed_now(self->server->loop);

	if (self->protocol.session.settled)
		return;
	if (now >= due(self))
		time_is_up(self, now);
	if (!self->protocol.session.settled)
		h1_watch(self);
}

void h1_timer_init(struct h1 *self)
{
	self->timer.fire = fire;
	self->written_at = self->since;
	reed_timer_start(self->server->loop, &self->timer,
	                 later(self->since, self->server->limits.idle_ms) - self->since);
}
