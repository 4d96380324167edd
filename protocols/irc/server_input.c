/*
 * Input: bytes to commands, and floods.
 *
 * A client pays for its commands in time: a command costs some milliseconds of
 * credit, which comes back as time passes.  One without credit is not read
 * until it has some again; nothing it sent is lost, and nobody else waits.
 */

#include "irc_server.h"

/* ---- floods ---- */

int64_t reed_irc_command_cost(const struct reed_irc_server *server)
{
	return REED_S(10) / server->options.limits.commands_per_10_seconds;
}

/* True when the client may send one more now. */
static bool pay(struct irc_conn *c)
{
	const struct reed_irc_server *server = c->server;
	int64_t cost = reed_irc_command_cost(server), now = reed_now(server->loop);
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
	reed_timer_start(c->server->loop, t, reed_irc_command_cost(c->server));
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
		reed_irc_send_away(c, IRC_PARTING_PROTOCOL,
		                   "This is IRC, not HTTP: use an IRC client");
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

/* Who gets nothing right is no client of IRC, or wants us busy: errors are counted as they are told. */
static void judge(struct irc_conn *c)
{
	uint32_t most = c->server->options.limits.early_errors;

	if (c->newcomer && c->newcomer->errors >= most)
		reed_irc_send_away(c, IRC_PARTING_ERRORS,
		                   "%u errors before you were registered: an IRC client says NICK "
		                   "and USER first",
		                   (unsigned)c->newcomer->errors);
}

/* How much of it is done now; 0: more has to come, or time has to pass. */
static size_t one_line(struct irc_conn *c, struct reed_slice in)
{
	size_t n = reed_slice_find(in, '\n');
	bool whole = n < in.n;

	if (!whole && n <= REED_IRC_BYTES_MAX)
		return 0;
	if (!pay(c)) {
		freeze(c);
		return 0;
	}
	c->skipping = !whole;
	if (whole)
		run_line(c, reed_slice_first(in, ++n));
	else
		too_long(c);
	judge(c);
	if (c->closing)
		reed_irc_leave(c);
	return n;
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

size_t reed_irc_data(struct reed_protocol *p, struct reed_slice in)
{
	struct irc_conn *c = reed_container_of(p, struct irc_conn, protocol);
	size_t taken = 0;

	c->heard = reed_now(c->server->loop);
	c->pinged = false;
	if (!c->known)
		learn_security(c);
	if (is_tls(c, in))
		reed_irc_send_away(c, IRC_PARTING_PROTOCOL,
		                   "This port takes no TLS: use another one, or no TLS here");
	while (taken < in.n && !c->closing && !c->waits && !c->frozen) {
		struct reed_slice rest = reed_slice_from(in, taken);
		size_t n = c->skipping ? skip(c, rest) : one_line(c, rest);

		taken += n;
		if (n == 0 || reed_must_drain(p->stream))
			break;
	}
	return c->closing ? in.n : taken;
}
