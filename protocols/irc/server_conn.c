/*
 * Connections: what needs time, the beginning and the end.  What comes in
 * between is in server_input.c.
 */

#include "irc_server.h"

#include <stdio.h>
#include <string.h>

#include "reed/log.h"
#include "reed/tls.h"

static struct irc_conn *conn_of(struct reed_protocol *p)
{
	return reed_container_of(p, struct irc_conn, protocol);
}

/* ---- what is needed seldom ---- */

struct irc_seldom *reed_irc_seldom(struct irc_conn *c)
{
	if (!c->seldom) {
		c->seldom = reed_alloc(sizeof(*c->seldom));
		c->seldom->conn = c;
	}
	return c->seldom;
}

static void stop_thaw(struct irc_conn *c)
{
	if (c->seldom)
		reed_timer_stop(&c->seldom->thaw);
}

/* ---- leaving ---- */

void reed_irc_leave(struct irc_conn *c)
{
	struct irc_seldom *seldom = c->seldom;

	if (seldom)
		reed_list_unlink(&seldom->farewell.link);
	if (c->session.user)
		reed_session_end(&c->session, reed_slice_of(seldom ? seldom->reason : NULL));
}

static void leave_now(struct reed_last *last)
{
	reed_irc_leave(reed_container_of(last, struct irc_seldom, farewell)->conn);
}

/* Later: the command that runs, or the hub, may be looking at the user just now. */
static void leave_later(struct irc_conn *c, struct reed_slice why)
{
	struct irc_seldom *seldom = reed_irc_seldom(c);

	reed_free(seldom->reason);
	seldom->reason = reed_slice_dup(why);
	seldom->farewell.run = leave_now;
	reed_at_turn_end(c->server->loop, &seldom->farewell);
}

/* ---- time ---- */

static bool shakes_hands(const struct reed_stream_facts *facts)
{
	return facts->tls && !facts->tls->complete;
}

static void set_timer(struct irc_conn *c, int64_t seconds)
{
	reed_timer_start(c->server->loop, &c->timer, REED_S(seconds));
}

/*
 * What waits leaves when the peer has taken what was before it.  So a client
 * that reads a long answer over a thin line is not taken for dead, although the
 * PING is behind all that.
 */
static void watch_output(struct irc_conn *c)
{
	const struct reed_stream *s = c->protocol.stream;

	c->bytes_out = reed_queued(s) > 0 ? s->bytes_out : UINT64_MAX;
}

static bool takes_output(const struct irc_conn *c)
{
	return c->bytes_out != UINT64_MAX && c->protocol.stream->bytes_out > c->bytes_out;
}

static void ping(struct irc_conn *c)
{
	struct irc_line l;

	watch_output(c);
	reed_irc_begin(&l, REED_STR(""), "PING");
	reed_irc_build_param(&l.b, c->server->name);
	reed_irc_end(c, &l);
	c->pinged = true;
	set_timer(c, c->server->options.limits.pong_seconds);
}

static uint32_t handshake_seconds(const struct irc_conn *c)
{
	const struct reed_irc_limits_of_server *limits = &c->server->options.limits;

	return limits->handshake_seconds < limits->registration_seconds
	               ? limits->handshake_seconds
	               : limits->registration_seconds;
}

static bool has_begun(const struct irc_conn *c)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_stream_facts(c->protocol.stream, &facts);
	return !shakes_hands(&facts);
}

/* Nothing can be said to it, so nothing is: what is queued would be waited for. */
static void give_up_handshake(struct irc_conn *c)
{
	struct reed_address peer = reed_irc_peer_address(c);
	char text[REED_ADDRESS_TEXT];

	reed_log(c->server->loop, REED_LOG_DEBUG,
	         "a TLS handshake was not finished, so the connection is closed; does the client "
	         "speak TLS? peer=%s seconds=%u",
	         reed_address_text(&peer, text), handshake_seconds(c));
	c->closing = true;
	stop_thaw(c);
	reed_finish(&c->protocol, REED_OK);
}

/* What the client could have done; nobody reads a long list. */
static const char *what_is_missing(const struct irc_conn *c)
{
	if (!c->newcomer->nick)
		return "NICK did not come";
	if (!c->newcomer->username)
		return "USER did not come";
	return c->login ? "the login did not end" : "CAP END did not come";
}

/* The timer is not moved at each line; it looks how long the silence has been. */
static void on_timer(struct reed_timer *t)
{
	struct irc_conn *c = reed_container_of(t, struct irc_conn, timer);
	const struct reed_irc_limits_of_server *limits = &c->server->options.limits;
	int64_t now = reed_now(c->server->loop), silent = now - c->heard;
	int64_t left = c->since + REED_S((int64_t)limits->registration_seconds) - now;

	if (!c->registered && !has_begun(c)) {
		c->server->partings[IRC_PARTING_HANDSHAKE]++;
		give_up_handshake(c);
	} else if (!c->registered && left > 0) {
		reed_timer_start(c->server->loop, t, left);
	} else if (!c->registered) {
		reed_irc_send_away(c, IRC_PARTING_REGISTRATION,
		                   "Registration took more than %u seconds: %s",
		                   limits->registration_seconds, what_is_missing(c));
	} else if (c->pinged && takes_output(c)) {
		watch_output(c);
		set_timer(c, limits->pong_seconds);
	} else if (c->pinged) {
		reed_irc_send_away(c, IRC_PARTING_SILENCE, "Ping timeout: %lld seconds",
		                   (long long)(silent / 1000000000));
	} else if (silent >= REED_S((int64_t)limits->ping_seconds)) {
		ping(c);
	} else {
		reed_timer_start(c->server->loop, t,
		                 REED_S((int64_t)limits->ping_seconds) - silent);
	}
}

void reed_irc_start_pings(struct irc_conn *c)
{
	if (!c->closing)
		set_timer(c, c->server->options.limits.ping_seconds);
}

/* ---- the end ---- */

/*
 * The last words to a labeled command are an answer to it like those before.
 * That they leave may close the connection for another reason.
 */
static void say_last(struct irc_conn *c, struct reed_slice why)
{
	struct reed_slice shown = reed_slice_first(why, reed_slice_utf8_border(why, 300)), line;
	struct irc_line l;

	reed_irc_begin(&l, REED_STR(""), "ERROR");
	reed_irc_build_textf(&l.b, "Closing link: (" REED_FMT ")", REED_ARG(shown));
	if (reed_irc_build_end(&l.b, &line))
		return;
	if (!reed_irc_label_last(c, line) && !c->closing)
		reed_irc_send_last(c, line);
}

void reed_irc_close_because(struct irc_conn *c, struct reed_slice why)
{
	if (c->closing)
		return;
	say_last(c, why);
	if (c->closing)
		return;
	c->closing = true;
	reed_timer_stop(&c->timer);
	stop_thaw(c);
	if (c->session.user && !c->ending)
		leave_later(c, why);
	reed_finish(&c->protocol, REED_OK);
}

void reed_irc_send_away(struct irc_conn *c, enum irc_parting reason, const char *format, ...)
{
	char why[400];
	va_list args;

	if (c->closing)
		return;
	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	c->server->partings[reason]++;
	reed_irc_close_because(c, reed_slice_of(why));
}

/* The hub has let go of us: by its own wish, or by ours. */
static void door_over(struct reed_session *session, struct reed_slice why)
{
	struct irc_conn *c = irc_conn_of(session);

	c->ending = true;
	/* there is no user any more that could be logged in */
	reed_irc_login_drop(c);
	reed_irc_close_because(c, why.n ? why : REED_STR("Bye"));
}

const struct reed_door_ops reed_irc_door = {
	.name = "irc",
	.event = reed_irc_event,
	.over = door_over,
	.release = reed_irc_event_release,
};

static void conn_ended(struct reed_protocol *p, enum reed_err err)
{
	struct irc_conn *c = conn_of(p);
	const char *why = "Connection closed";

	if (err == REED_ETOOBIG) {
		c->server->partings[IRC_PARTING_SENDQ]++;
		why = "SendQ exceeded: the client did not read";
	} else if (err != REED_EEOF) {
		why = reed_stream_why(p->stream);
	}
	c->closing = true;
	if (c->session.user)
		reed_session_end(&c->session, reed_slice_of(why));
}

static void conn_interrupted(struct reed_protocol *p)
{
	reed_irc_close_because(conn_of(p), REED_STR("The server is going down"));
}

static void conn_free(struct reed_protocol *p)
{
	struct irc_conn *c = conn_of(p);

	c->closing = true;
	c->ending = true;
	reed_irc_pacing_drop(c);
	reed_timer_stop(&c->timer);
	stop_thaw(c);
	reed_irc_leave(c);
	reed_irc_login_drop(c);
	reed_irc_newcomer_free(c->newcomer);
	reed_irc_label_free(c->label);
	reed_irc_avatar_drop(c);
	if (c->seldom)
		reed_free(c->seldom->reason);
	reed_free(c->seldom);
	reed_share_give(c->share);
	reed_list_remove(&c->link);
	c->server->stats.connections--;
	c->server->stats.registered -= c->registered;
	reed_free(c);
}

static const struct reed_protocol_ops conn_ops = {
	.data = reed_irc_data,
	.ended = conn_ended,
	.interrupted = conn_interrupted,
	.free = conn_free,
};

/* ---- the beginning ---- */

struct reed_address reed_irc_peer_address(const struct irc_conn *c)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	if (c->newcomer)
		return c->newcomer->peer;

	reed_stream_facts(c->protocol.stream, &facts);
	return facts.peer;
}

static void learn_facts(struct irc_conn *c, struct reed_stream *stream)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_stream_facts(stream, &facts);
	c->newcomer->peer = facts.peer;
	c->secure = facts.secure;
	c->known = !shakes_hands(&facts);
	c->exempt = !c->server->options.limit_loopback && reed_address_is_loopback(&facts.peer);
}

static bool refused(struct irc_conn *c)
{
	struct reed_address peer = reed_irc_peer_address(c);
	const char *why;

	if (!reed_policy_take(c->server->policy, &peer, &c->share, &why))
		return false;
	reed_irc_send_away(c, IRC_PARTING_CONNECTIONS, "%s", why);
	return true;
}

struct reed_future *reed_irc_session(void *arg, struct reed_stream *stream)
{
	struct reed_irc_server *server = arg;
	struct irc_conn *c = reed_alloc(sizeof(*c));
	struct reed_future *f;

	c->server = server;
	c->protocol.ops = &conn_ops;
	c->session.ops = &reed_irc_door;
	c->newcomer = reed_alloc(sizeof(*c->newcomer));
	c->timer.fire = on_timer;
	c->since = c->heard = c->credit_at = reed_now(server->loop);
	c->credit = reed_irc_command_cost(server) * server->options.limits.burst;
	reed_list_append(&server->conns, &c->link);
	server->stats.accepted++;
	server->stats.connections++;
	learn_facts(c, stream);
	stream->limits = &server->stream_limits;
	f = reed_stream_attach(stream, &c->protocol);
	if (!refused(c))
		set_timer(c, c->known ? server->options.limits.registration_seconds
		                      : handshake_seconds(c));
	return f;
}
