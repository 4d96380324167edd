/*
 * Connections: bytes to commands, floods, pings, and the end.
 *
 * A client pays for its commands in time: a command costs some milliseconds of
 * credit, which comes back as time passes.  One without credit is not read
 * until it has some again; nothing it sent is lost, and nobody else waits.
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

/* ---- floods ---- */

static int64_t command_cost(const struct reed_irc_server *server)
{
	return REED_S(10) / server->options.limits.commands_per_10_seconds;
}

/* True when the client may send one more now. */
static bool pay(struct irc_conn *c)
{
	const struct reed_irc_server *server = c->server;
	int64_t cost = command_cost(server), now = reed_now(server->loop);
	int64_t most = cost * server->options.limits.burst;

	if (c->exempt)
		return true;
	c->credit += now - c->credit_at;
	c->credit_at = now;
	if (c->credit > most)
		c->credit = most;
	if (c->credit < cost)
		return false;
	c->credit -= cost;
	return true;
}

static void thaw(struct reed_timer *t)
{
	struct irc_conn *c = reed_container_of(t, struct irc_seldom, thaw)->conn;

	c->frozen = false;
	if (!c->waits && !c->closing)
		reed_go_on(&c->protocol);
}

static void freeze(struct irc_conn *c)
{
	struct reed_timer *t = &reed_irc_seldom(c)->thaw;

	c->frozen = true;
	c->server->stats.floods++;
	t->fire = thaw;
	reed_timer_start(c->server->loop, t, command_cost(c->server));
	reed_hold_back(&c->protocol);
}

void reed_irc_hold(struct irc_conn *c)
{
	c->waits = true;
	reed_hold_back(&c->protocol);
}

void reed_irc_release(struct irc_conn *c)
{
	c->waits = false;
	if (!c->frozen && !c->closing)
		reed_go_on(&c->protocol);
}

/* ---- commands ---- */

/* A page in somebody's browser must not speak IRC in that person's name. */
static bool is_http(struct reed_slice verb)
{
	return reed_slice_is(verb, "GET") || reed_slice_is(verb, "POST") ||
	       reed_slice_is(verb, "HEAD") || reed_slice_is(verb, "PUT") ||
	       reed_slice_is(verb, "OPTIONS");
}

static void unknown_command(struct irc_conn *c, const struct reed_irc_message *m)
{
	if (c->registered)
		reed_irc_tell1(c, REED_IRC_ERR_UNKNOWNCOMMAND, m->verb);
	else if (is_http(m->verb))
		reed_irc_close(c, "This is IRC, not HTTP: use an IRC client");
	else
		reed_irc_tell(c, REED_IRC_ERR_NOTREGISTERED);
}

static void run_command(struct irc_conn *c, const struct reed_irc_message *m)
{
	const struct irc_command *command = &reed_irc_commands[m->command];

	if (!command->run) {
		unknown_command(c, m);
		return;
	}
	c->server->commands[m->command]++;
	if (!c->registered && !command->early) {
		reed_irc_tell(c, REED_IRC_ERR_NOTREGISTERED);
		return;
	}
	if (m->count < command->params) {
		reed_irc_tell1(c, REED_IRC_ERR_NEEDMOREPARAMS, reed_irc_command_name(m->command));
		return;
	}
	if (c->registered && !command->idle)
		reed_session_touch(&c->session);
	command->run(c, m);
}

static void refuse_bytes(struct irc_conn *c, const struct reed_irc_message *m)
{
	bool known = reed_irc_commands[m->command].run != NULL;
	char name[32] = "*";

	if (known)
		reed_slice_copy(name, sizeof(name), reed_irc_command_name(m->command));
	reed_irc_standard(c, "FAIL", name, "INVALID_UTF8", REED_STR(""),
	                  "Your message was not taken: this server takes UTF-8 only, set your "
	                  "client to it");
}

static void too_long(struct irc_conn *c)
{
	reed_irc_tell_text(c, REED_IRC_ERR_INPUTTOOLONG, REED_STR(""),
	                   "Input line was too long: it has at most %d bytes, and tags %d before "
	                   "it; say it in several",
	                   REED_IRC_LINE_MAX, REED_IRC_TAG_DATA_MAX);
}

static void run_line(struct irc_conn *c, struct reed_slice line)
{
	struct reed_irc_message m;
	enum reed_err err = reed_irc_parse(line, &reed_irc_from_client, &m);

	c->server->stats.lines_in++;
	c->lines_in++;
	if (err == REED_ESYNTAX) {
		reed_irc_standard(c, "FAIL", "*", "INVALID_MESSAGE", REED_STR(""),
		                  "That was no line of IRC and was not taken: a command of letters "
		                  "comes first, and no NUL and no CR stands within");
		return;
	}
	/* a server's numerics are no client's business (RFC 2812 2.4) */
	if (m.command == REED_IRC_NOTHING || m.command == REED_IRC_NUMERIC)
		return;
	reed_irc_label_begin(c, &m);
	if (err == REED_ETOOBIG)
		too_long(c);
	else if (!reed_irc_is_utf8(&m))
		refuse_bytes(c, &m);
	else
		run_command(c, &m);
	reed_irc_label_end(c);
}

/* ---- leaving ---- */

static void leave(struct irc_conn *c)
{
	struct irc_seldom *seldom = c->seldom;

	if (seldom)
		reed_list_unlink(&seldom->farewell.link);
	if (c->session.user)
		reed_session_end(&c->session, reed_slice_of(seldom ? seldom->reason : NULL));
}

static void leave_now(struct reed_last *last)
{
	leave(reed_container_of(last, struct irc_seldom, farewell)->conn);
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

/* ---- input ---- */

/* The rest of a line that was too long is read over. */
static size_t skip(struct irc_conn *c, struct reed_slice in)
{
	size_t n = reed_slice_find(in, '\n');

	if (n == in.n)
		return in.n;
	c->skipping = false;
	return n + 1;
}

static size_t overlong(struct irc_conn *c, struct reed_slice in)
{
	if (in.n <= REED_IRC_BYTES_MAX)
		return 0;
	c->skipping = true;
	too_long(c);
	return in.n;
}

static bool shakes_hands(const struct reed_stream_facts *facts)
{
	return facts->tls && !facts->tls->complete;
}

/* A handshake is over by the time that anything comes. */
static void learn_security(struct irc_conn *c)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_stream_facts(c->protocol.stream, &facts);
	c->secure = facts.secure;
	c->known = true;
}

/* RFC 8446 5.1: a record of a handshake.  No line of IRC begins with such a byte. */
static bool is_tls(const struct irc_conn *c, struct reed_slice in)
{
	return !c->registered && c->lines_in == 0 && in.n > 1 && in.p[0] == 22 && in.p[1] == 3;
}

static size_t conn_data(struct reed_protocol *p, struct reed_slice in)
{
	struct irc_conn *c = conn_of(p);
	size_t taken = 0;

	c->heard = reed_now(c->server->loop);
	c->pinged = false;
	if (!c->known)
		learn_security(c);
	if (is_tls(c, in))
		reed_irc_close(c, "This port takes no TLS: use another one, or no TLS here");
	while (!c->closing && !c->waits && !c->frozen) {
		struct reed_slice rest = reed_slice_from(in, taken);
		size_t n;

		if (c->skipping)
			taken += skip(c, rest);
		if (c->skipping)
			break;
		rest = reed_slice_from(in, taken);
		n = reed_slice_find(rest, '\n');
		if (n == rest.n) {
			taken += overlong(c, rest);
			break;
		}
		if (!pay(c)) {
			freeze(c);
			break;
		}
		run_line(c, reed_slice_first(rest, n + 1));
		taken += n + 1;
		if (c->closing)
			leave(c);
		if (reed_must_drain(p->stream))
			break;
	}
	return c->closing ? in.n : taken;
}

/* ---- time ---- */

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
		c->server->stats.timeouts++;
		give_up_handshake(c);
	} else if (!c->registered && left > 0) {
		reed_timer_start(c->server->loop, t, left);
	} else if (!c->registered) {
		c->server->stats.timeouts++;
		reed_irc_close(c, "Registration took more than %u seconds: %s",
		               limits->registration_seconds, what_is_missing(c));
	} else if (c->pinged && takes_output(c)) {
		watch_output(c);
		set_timer(c, limits->pong_seconds);
	} else if (c->pinged) {
		c->server->stats.timeouts++;
		reed_irc_close(c, "Ping timeout: %lld seconds", (long long)(silent / 1000000000));
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

void reed_irc_close(struct irc_conn *c, const char *format, ...)
{
	char why[400];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
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
		c->server->stats.overflows++;
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
	reed_irc_close(conn_of(p), "The server is going down");
}

static void conn_free(struct reed_protocol *p)
{
	struct irc_conn *c = conn_of(p);

	c->closing = true;
	c->ending = true;
	reed_irc_pacing_drop(c);
	reed_timer_stop(&c->timer);
	stop_thaw(c);
	leave(c);
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
	.data = conn_data,
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
	reed_irc_close(c, "%s", why);
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
	c->credit = command_cost(server) * server->options.limits.burst;
	reed_list_append(&server->conns, &c->link);
	server->stats.accepted++;
	server->stats.connections++;
	learn_facts(c, stream);
	stream->limits = &server->stream_limits;
	f = reed_stream_attach(stream, &c->protocol);
	if (refused(c))
		server->stats.refused++;
	else
		set_timer(c, c->known ? server->options.limits.registration_seconds
		                      : handshake_seconds(c));
	return f;
}
