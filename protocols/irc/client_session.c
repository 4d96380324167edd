/*
 * One connection: somebody reads, somebody writes, somebody looks whether the
 * other side is still there, and somebody registers.  The first of them that
 * fails ends it.
 */

#include "client_private.h"

#include "reed/endpoint.h"
#include "reed/log.h"
#include "reed/tls.h"

enum { TEND_MS = 60000 };

static const struct reed_stream_limits limits = { .size = sizeof(struct reed_stream_limits),
	                                          .input = 128 << 10,
	                                          .output = 4 << 20,
	                                          .high = 64 << 10,
	                                          .low = 16 << 10,
	                                          .linger_ms = 2000 };

struct part {
	struct reed_co co;
	struct reed_irc_client *client;
	struct reed_slice line;
	struct reed_union changes;
	struct reed_watch on_out;
	int64_t wait;
};

static struct reed_irc_client *client_of(struct reed_co *co)
{
	return reed_frame(co, struct part)->client;
}

static struct reed_future *start(struct reed_irc_client *c, const struct reed_co_kind *kind)
{
	struct part *self = reed_co_new(c->loop, kind);

	self->client = c;
	reed_union_init(&self->changes, c->loop);
	reed_union_add(&self->changes, &self->on_out, &c->out_cell);
	return reed_start(&self->co);
}

/* ---- reading ---- */

static bool skip_line(struct reed_irc_client *c)
{
	struct reed_slice here = reed_peek(c->stream);
	size_t end = reed_slice_find(here, '\n');

	c->is_skipping = end == here.n;
	reed_skip(c->stream, c->is_skipping ? here.n : end + 1);
	return !c->is_skipping;
}

/* A line longer than any can be is passed over, whatever it says. */
static bool take_line(struct reed_irc_client *c, struct reed_slice *line)
{
	for (;;) {
		if (c->is_skipping && !skip_line(c))
			return false;
		if (!reed_take_line(c->stream, line)) {
			if (reed_peek(c->stream).n <= IRC_LINE_MOST)
				return false;
			c->stats.broken_lines++;
			c->is_skipping = true;
		} else if (line->n <= IRC_LINE_MOST) {
			return true;
		} else {
			c->stats.broken_lines++;
		}
	}
}

static enum reed_err explain_end(struct reed_co *co, struct reed_irc_client *c)
{
	if (co->err == REED_ECANCELED)
		return co->err;
	if (c->last_words)
		return reed_because(co, co->err, "the server said: %s", c->last_words);
	if (!c->progress.has_heard && c->host && !c->is_tls)
		return reed_because(co, co->err,
		                    "the server hung up without a word; it may want TLS");
	return reed_because(co, co->err, "the connection ended");
}

static void read_run(struct reed_co *co)
{
	struct part *self = reed_frame(co, struct part);
	struct reed_irc_client *c = self->client;

	reed_coroutine (co) {
		for (;;) {
			while (take_line(c, &self->line))
				reed_irc_client_receive(c, self->line);
			reed_await(co, reed_more(c->stream));
			if (co->err)
				reed_return(co, explain_end(co, c));
		}
	}
}

static const struct reed_co_kind read_kind = { .name = "IRC reader",
	                                       .size = sizeof(struct part),
	                                       .run = read_run };

/* ---- writing ---- */

static int64_t ms_of(int64_t ns)
{
	return ns < 0 ? -1 : (ns + 999999) / 1000000;
}

static void write_run(struct reed_co *co)
{
	struct part *self = reed_frame(co, struct part);
	struct reed_irc_client *c = self->client;

	reed_coroutine (co) {
		for (;;) {
			self->wait = reed_irc_client_write(c);
			if (reed_must_drain(c->stream))
				reed_await(co,
				           irc_within(c->options.ping_ms, reed_drain(c->stream)));
			else
				reed_await(co, reed_union_wait(&self->changes, ms_of(self->wait)));
			if (co->err == REED_ETIMEDOUT)
				reed_return(co, reed_because(co, co->err,
				                             "the server talks but does not read"));
			if (co->err)
				reed_return(co, co->err);
		}
	}
}

static const struct reed_co_kind write_kind = { .name = "IRC writer",
	                                        .size = sizeof(struct part),
	                                        .run = write_run };

/* ---- keeping ---- */

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t until_tending(const struct reed_irc_client *c)
{
	int64_t ping = REED_MS(c->options.ping_ms), now = reed_now(c->loop);
	int64_t at = c->pinged_at > c->heard_at ? c->pinged_at : c->heard_at;

	if (ping <= 0)
		return REED_MS(TEND_MS);
	if (at + ping <= now)
		return REED_MS(1);
	return earlier(at + ping - now, REED_MS(TEND_MS));
}

/* It was asked, and has said nothing since. */
static bool is_gone(const struct reed_irc_client *c)
{
	return c->options.ping_ms > 0 && c->pinged_at > c->heard_at &&
	       reed_now(c->loop) - c->pinged_at >= REED_MS(c->options.ping_ms);
}

static void tend(struct reed_irc_client *c)
{
	int64_t now = reed_now(c->loop);

	if (c->options.ping_ms > 0 && now - c->heard_at >= REED_MS(c->options.ping_ms) &&
	    c->pinged_at <= c->heard_at) {
		c->pinged_at = now;
		reed_irc_client_tell(c, REED_IRC_AT_ONCE, "PING", REED_STR("reed-lag"));
	}
	if (now - c->tended_at < REED_MS(TEND_MS))
		return;
	c->tended_at = now;
	reed_irc_client_regain(c);
	reed_irc_client_go_back(c);
}

static struct reed_future *gone(struct reed_irc_client *c)
{
	return reed_failed(c->loop, REED_ETIMEDOUT, "the server has not answered a PING in %lld ms",
	                   (long long)c->options.ping_ms);
}

static void keep_run(struct reed_co *co)
{
	struct reed_irc_client *c = client_of(co);

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, reed_sleep_ns(co->loop, until_tending(c)));
			if (is_gone(c))
				reed_try(co, gone(c));
			tend(c);
		}
	}
}

static const struct reed_co_kind keep_kind = { .name = "IRC keeper",
	                                       .size = sizeof(struct part),
	                                       .run = keep_run };

/* ---- all of it ---- */

struct session {
	struct reed_co co;
	struct reed_irc_client *client;
	int which;
	enum reed_err err;
};

/* An option without the one it needs; NULL: all is well. */
static const char *contradiction(const struct reed_irc_client *c)
{
	const struct reed_irc_client_options *o = &c->options;

	if (c->endpoint_count == 0)
		return "no endpoint is given";
	if (o->sasl_user && !o->sasl_password && !o->sasl_certificate)
		return "sasl_user is given, but neither sasl_password nor sasl_certificate";
	if (o->sasl_password && !o->sasl_user)
		return "sasl_password is given, but no sasl_user";
	return NULL;
}

static struct reed_future *dial(struct reed_irc_client *c)
{
	const char *wrong = contradiction(c);

	c->stats.attempts++;
	reed_cell_set(&c->state, REED_IRC_DIALLING);
	reed_free(c->endpoint_text);
	c->endpoint_text = c->upgrade;
	c->upgrade = NULL;
	if (!c->endpoint_text && c->endpoint_count > 0)
		c->endpoint_text = reed_irc_client_secured(c, c->endpoints[c->endpoint_at]);
	if (!c->endpoint_text)
		c->endpoint_text = reed_strdup("none");
	if (wrong)
		return reed_failed(c->loop, REED_EINVAL, "%s", wrong);
	reed_irc_client_locate(c);
	if (c->options.dial)
		return c->options.dial(c->options.dial_arg, c->loop, c->endpoint_text, &c->stream);
	return reed_dial(c->loop, c->endpoint_text, &c->stream);
}

static void begin(struct reed_irc_client *c)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	c->stats.connections++;
	c->stream->limits = &limits;
	reed_stream_facts(c->stream, &facts);
	c->is_secure = facts.secure;
	/* a promise counts only from somebody who has shown who it is */
	if (facts.tls && !facts.tls->verified)
		c->is_doubtful = true;
	c->progress = (struct irc_progress){ .cell = { 0 } };
	c->heard_at = c->tended_at = reed_now(c->loop);
	c->pinged_at = 0;
	c->is_skipping = false;
	reed_irc_client_set_nick(c, reed_slice_of(c->wanted_nick));
	reed_cell_set(&c->state, REED_IRC_REGISTERING);
	reed_irc_client_happen(c, REED_IRC_EVENT_CONNECTED, REED_STR(""),
	                       reed_slice_of(c->endpoint_text), REED_OK);
	reed_scope_add(&c->scope, start(c, &write_kind));
	reed_scope_add(&c->scope, start(c, &read_kind));
	reed_scope_add(&c->scope, start(c, &keep_kind));
	reed_scope_add(&c->scope, reed_irc_client_register(c));
}

static struct reed_future *end_or_wish(struct session *self)
{
	struct reed_irc_client *c = self->client;

	return reed_any(&self->which, reed_scope_wait(&c->scope),
	                reed_cell_changed(c->loop, &c->wish, c->wish.count));
}

static void say_goodbye(struct reed_irc_client *c)
{
	const char *reason = c->quit_reason ? c->quit_reason : "";

	if (*reason)
		reed_irc_client_tell(c, REED_IRC_AT_ONCE, "QUIT", reed_slice_of(reason));
	else
		reed_irc_client_tell(c, REED_IRC_AT_ONCE, "QUIT", { NULL, 0 });
}

static void session_run(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);
	struct reed_irc_client *c = self->client;

	reed_coroutine (co) {
		reed_await(co, reed_any(&self->which, irc_within(c->options.connect_ms, dial(c)),
		                        reed_cell_changed(co->loop, &c->wish, c->wish.count)));
		if (co->err && co->err != REED_ECANCELED)
			reed_return(co, reed_because(co, co->err, "%s", c->endpoint_text));
		if (co->err || self->which == 1)
			reed_return(co, co->err);
		begin(c);
		reed_await(co, end_or_wish(self));
		if (co->err && co->err != REED_ECANCELED)
			reed_return(co, reed_because(co, co->err, "%s", c->endpoint_text));
		self->err = co->err;
		say_goodbye(c);
		reed_await(co,
		           reed_shield(irc_within(c->options.quit_ms, reed_scope_wait(&c->scope))));
		reed_return(co, self->err);
	}
}

/* However it ended: nothing that was of this connection is left. */
static void session_end(struct reed_co *co)
{
	struct reed_irc_client *c = reed_frame(co, struct session)->client;

	reed_scope_finish(&c->scope);
	if (c->stream) {
		c->stats.bytes_in += c->stream->bytes_in;
		c->stats.bytes_out += c->stream->bytes_out;
	}
	reed_close(c->stream);
	c->stream = NULL;
	reed_irc_client_prolong_sts(c);
	reed_cell_set(&c->state, REED_IRC_OFFLINE);
	reed_irc_client_drop_asks(c, REED_ECLOSED);
	reed_irc_client_drop_outs(c, REED_ECLOSED);
	reed_irc_client_forget_batches(c);
	reed_irc_client_forget_state(c);
	reed_irc_client_forget_caps(c);
	reed_irc_isupport_finish(&c->isupport);
	reed_irc_isupport_init(&c->isupport);
	reed_irc_client_set_account(c, REED_STR(""));
	reed_irc_replace(&c->userhost, REED_STR(""));
	reed_free(c->last_words);
	c->last_words = NULL;
	c->lag_ns = -1;
}

static const struct reed_co_kind session_kind = { .name = "IRC connection",
	                                          .size = sizeof(struct session),
	                                          .run = session_run,
	                                          .end = session_end };

struct reed_future *reed_irc_client_session(struct reed_irc_client *c)
{
	struct session *self = reed_co_new(c->loop, &session_kind);

	self->client = c;
	reed_scope_init(&c->scope, c->loop, NULL, "IRC connection");
	c->scope.policy = REED_SCOPE_FAIL;
	return reed_start(&self->co);
}
