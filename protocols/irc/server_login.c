/*
 * Logging in: AUTHENTICATE (IRCv3 sasl-3.2), PASS account:password, and what is
 * common to all ways in.
 *
 * One login of a connection is under way at a time.  Commands wait until it is
 * over, so that what was sent behind it comes after it.
 */

#include "irc_login.h"

#include <stdio.h>
#include <string.h>

#include "reed/base64.h"
#include "reed/tls.h"

enum { CHUNK = 400 }; /* of base64 in one AUTHENTICATE */

/* ---- the life of a login ---- */

struct irc_login *reed_irc_login_new(struct irc_conn *c)
{
	struct irc_login *login = reed_alloc(sizeof(*login));

	reed_irc_login_abort(c);
	login->conn = c;
	reed_buf_init(&login->in, REED_SASL_MESSAGE * 2);
	c->login = login;
	return login;
}

static void login_free(struct irc_login *login)
{
	reed_sasl_free(login->sasl);
	reed_attempt_end(login->attempt, REED_ECANCELED);
	reed_avatar_logout(login->avatar);
	reed_buf_finish(&login->in);
	reed_irc_label_free(login->label);
	if (login->password)
		reed_wipe(login->password, strlen(login->password));
	reed_free(login->password);
	reed_free(login->account);
	reed_free(login->known_account);
	reed_free(login->listed.accounts);
	reed_free(login);
}

void reed_irc_login_drop(struct irc_conn *c)
{
	struct irc_login *login = c->login;

	if (!login)
		return;
	c->login = NULL;
	reed_unwait(c->server->loop, &login->waiter);
	login_free(login);
}

void reed_irc_login_abort(struct irc_conn *c)
{
	if (!c->login)
		return;
	reed_irc_login_drop(c);
	reed_irc_tell(c, REED_IRC_ERR_SASLABORTED);
}

void reed_irc_login_over(struct irc_login *login)
{
	struct irc_conn *c = login->conn;
	bool waits = c->waits;

	c->login = NULL;
	login_free(login);
	if (waits)
		reed_irc_release(c);
}

/* The command goes on when f is over; commands behind it wait. */
void reed_irc_login_wait(struct irc_login *login, struct reed_future *f, reed_wake_fn *wake)
{
	login->label = reed_irc_label_keep(login->conn);
	login->waiter.wake = wake;
	reed_irc_hold(login->conn);
	reed_wait(f, &login->waiter);
}

/* What the wake function begins with. */
struct irc_login *reed_irc_login_woken(struct reed_waiter *w)
{
	struct irc_login *login = reed_container_of(w, struct irc_login, waiter);

	reed_irc_label_resume(login->conn, login->label);
	login->label = NULL;
	return login;
}

struct reed_peer reed_irc_peer(struct irc_conn *c, char text[REED_ADDRESS_TEXT])
{
	struct reed_address peer = reed_irc_peer_address(c);

	return (struct reed_peer){ reed_address_host(&peer, text), "irc" };
}

/* ---- logged in ---- */

static void tell_logged_in(struct irc_conn *c, const char *account)
{
	struct reed_user *user = irc_user(c);
	char full[REED_NAME_MAX * 2];
	struct irc_line l;

	snprintf(full, sizeof(full), REED_FMT "!%s@%s", REED_ARG(reed_irc_client_name(c)),
	         user                    ? user->username
	         : c->newcomer->username ? c->newcomer->username
	                                 : "*",
	         user ? user->host : "*");
	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_LOGGEDIN);
	reed_irc_build_param(&l.b, reed_slice_of(full));
	reed_irc_build_param(&l.b, reed_slice_of(account));
	reed_irc_build_textf(&l.b, "You are now logged in as %s", account);
	reed_irc_end(c, &l);
}

/* What an account's role makes of its user. */
const struct reed_irc_operator reed_irc_administrator = {
	.name = "admin",
	.operator_class = "admin",
	.privileges = REED_MAY_ALL,
};

void reed_irc_become_operator(struct irc_conn *c)
{
	const struct reed_irc_server_options *o = &c->server->options;

	if (c->registered && c->avatar && reed_avatar_is(c->avatar, "admin"))
		reed_irc_empower(c, &reed_irc_administrator);

	for (size_t i = 0; c->registered && c->avatar && i < o->operator_count; i++) {
		const struct reed_irc_operator *op = &o->operators[i];

		if (op->account && !op->verifier &&
		    reed_slice_is_nocase(reed_slice_of(op->account), c->avatar->account))
			reed_irc_empower(c, op);
	}
}

void reed_irc_logged_out(struct irc_conn *c)
{
	reed_irc_avatar_drop(c);
	reed_user_empower(irc_user(c), NULL, 0);
	reed_irc_tell1(c, REED_IRC_RPL_LOGGEDOUT, reed_slice_of(irc_user(c)->full));
}

/* ---- a session that is revoked elsewhere ends, or is that of a guest if the account is gone ---- */

static void avatar_revoked(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct irc_conn *c = reed_container_of(w, struct irc_seldom, revoked)->conn;

	reed_fault_free(fault);
	if (err)
		return;
	if (c->registered && !irc_user(c)->account && !c->server->options.account_required)
		reed_irc_logged_out(c);
	else
		reed_irc_send_away(c, IRC_PARTING_REVOKED, "Your session was revoked");
}

static void watch_avatar(struct irc_conn *c)
{
	struct reed_waiter *w = &reed_irc_seldom(c)->revoked;
	struct reed_cell *cell = &c->avatar->revoked;

	w->wake = avatar_revoked;
	reed_wait(reed_cell_changed(c->server->loop, cell, cell->count), w);
}

void reed_irc_avatar_drop(struct irc_conn *c)
{
	if (c->seldom)
		reed_unwait(c->server->loop, &c->seldom->revoked);
	reed_avatar_logout(c->avatar);
	c->avatar = NULL;
}

/* Takes the avatar over; false when the hub does not want it so. */
bool reed_irc_logged_in(struct irc_conn *c, struct reed_avatar *avatar)
{
	enum reed_refusal why = REED_REFUSAL_NONE;

	if (c->registered)
		why = reed_user_login(irc_user(c), &c->session, reed_slice_of(avatar->account));
	if (why == REED_REFUSAL_ELSEWHERE)
		why = reed_irc_become(c, avatar->account);
	if (why && why != REED_REFUSAL_ALREADY) {
		reed_irc_standard(c, "FAIL", "AUTHENTICATE", reed_refusal_name(why), REED_STR(""),
		                  reed_refusal_text(why));
		reed_avatar_logout(avatar);
		return false;
	}
	reed_irc_avatar_drop(c);
	c->avatar = avatar;
	watch_avatar(c);
	if (!c->registered) {
		reed_free(c->newcomer->account);
		c->newcomer->account = reed_strdup(avatar->account);
	}
	tell_logged_in(c, avatar->account);
	reed_irc_become_operator(c);
	return true;
}

/* A failure of ours is the operator's to read, not the client's. */
const char *reed_irc_login_why(enum reed_err err, const struct reed_fault *fault)
{
	if (err == REED_EAUTH || err == REED_ETHROTTLED || err == REED_EINVAL)
		return reed_fault_why(fault, err);
	return "That is not possible just now; try again later";
}

/* Who guesses is sent away. */
void reed_irc_count_failure(struct irc_conn *c)
{
	if (++c->sasl_failures >= c->server->options.limits.sasl_attempts)
		reed_irc_send_away(c, IRC_PARTING_LOGINS, "Too many failed logins");
}

/* ---- SASL ---- */

static struct reed_slice binding(struct irc_conn *c, enum reed_tls_binding kind,
                                 uint8_t into[REED_TLS_BINDING_ROOM])
{
	size_t n = 0;

	if (reed_tls_binding(c->protocol.stream, kind, into, &n))
		return REED_STR("");
	return reed_slice(into, n);
}

/* What the options point to lies in known, which must outlive the exchange. */
static struct reed_sasl_options sasl_options(struct irc_conn *c, struct irc_known *known)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	struct reed_sasl_options o = REED_SASL_OPTIONS;

	reed_stream_facts(c->protocol.stream, &facts);
	o.portal = c->server->portal;
	o.interface = "chat";
	o.from = reed_irc_peer(c, known->address);
	o.channel.secure = facts.secure;
	o.channel.exporter = binding(c, REED_TLS_EXPORTER, known->exporter);
	o.channel.end_point = binding(c, REED_TLS_SERVER_END_POINT, known->end_point);
	o.plain_in_clear = c->exempt || c->server->options.plain_in_clear;
	o.success_is_bare = true;
	if (facts.tls && facts.tls->peer) {
		reed_certificate_of(facts.tls->peer, &known->certificate);
		o.certificate = &known->certificate;
	}
	return o;
}

void reed_irc_sasl_mechanisms(struct irc_conn *c, struct reed_buf *out)
{
	struct reed_sasl_options options;
	struct irc_known known;

	if (!c->server->portal)
		return;
	options = sasl_options(c, &known);
	reed_sasl_mechanisms(&options, ',', out);
}

static void send_authenticate(struct irc_conn *c, struct reed_slice data)
{
	struct irc_line l;

	reed_irc_begin(&l, REED_STR(""), "AUTHENTICATE");
	reed_irc_build_param(&l.b, data);
	reed_irc_end(c, &l);
}

/* In chunks of 400; one that is full is followed by another, if need be an empty one. */
static void send_challenge(struct irc_conn *c, struct reed_slice data)
{
	struct reed_buf text = { .limit = 0 };
	struct reed_slice rest;

	reed_buf_add_base64(&text, data);
	rest = reed_buf_slice(&text);
	while (rest.n >= CHUNK) {
		send_authenticate(c, reed_slice_first(rest, CHUNK));
		rest = reed_slice_from(rest, CHUNK);
	}
	send_authenticate(c, rest.n > 0 ? rest : REED_STR("+"));
	reed_buf_finish(&text);
}

static void sasl_failed(struct irc_login *login, enum reed_err err, struct reed_fault *fault)
{
	struct irc_conn *c = login->conn;

	/* REED_EPROTO is about what the client has sent (sasl.h) */
	reed_irc_tell_text(c, REED_IRC_ERR_SASLFAIL, REED_STR(""), "SASL authentication failed: %s",
	                   err == REED_EPROTO ? reed_fault_why(fault, err)
	                                      : reed_irc_login_why(err, fault));
	reed_irc_label_end(c);
	reed_irc_login_over(login);
	reed_irc_count_failure(c);
}

static void sasl_done(struct irc_login *login)
{
	struct irc_conn *c = login->conn;
	struct reed_avatar *avatar = login->reply.avatar;

	login->reply.avatar = NULL;
	reed_irc_tell(c, reed_irc_logged_in(c, avatar) ? REED_IRC_RPL_SASLSUCCESS
	                                               : REED_IRC_ERR_SASLFAIL);
	reed_irc_label_end(c);
	reed_irc_login_over(login);
	reed_irc_try_register(c);
}

static void sasl_woken(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct irc_login *login = reed_irc_login_woken(w);
	struct irc_conn *c = login->conn;

	if (err) {
		sasl_failed(login, err, fault);
		reed_fault_free(fault);
		return;
	}
	if (login->reply.done && login->reply.avatar) {
		sasl_done(login);
		return;
	}
	send_challenge(c, login->reply.data);
	reed_irc_label_end(c);
	reed_irc_release(c);
}

static void sasl_step(struct irc_login *login, struct reed_slice in)
{
	reed_irc_login_wait(login, reed_sasl_step(login->sasl, in, &login->reply), sasl_woken);
}

/* "+" alone: nothing was said; of more than one chunk it is the end. */
static void sasl_data(struct irc_conn *c, struct reed_slice chunk)
{
	struct irc_login *login = c->login;
	char bytes[REED_SASL_MESSAGE];
	bool last = chunk.n < CHUNK;
	size_t n = 0;

	if (!reed_slice_is(chunk, "+"))
		reed_buf_add(&login->in, chunk);
	if (login->in.err || chunk.n > CHUNK) {
		reed_irc_tell(c, REED_IRC_ERR_SASLTOOLONG);
		reed_irc_login_over(login);
		return;
	}
	if (!last)
		return;
	if (reed_base64_decode(reed_buf_slice(&login->in), bytes, sizeof(bytes), &n)) {
		reed_irc_tell_text(c, REED_IRC_ERR_SASLFAIL, REED_STR(""),
		                   "SASL authentication failed: not base64");
		reed_irc_login_over(login);
		return;
	}
	reed_buf_clear(&login->in);
	sasl_step(login, reed_slice(bytes, n));
}

static void sasl_begin(struct irc_conn *c, struct reed_slice mechanism)
{
	struct reed_buf offered = { .limit = 0 };
	struct irc_login *login = reed_irc_login_new(c);
	struct reed_sasl_options options = sasl_options(c, &login->known);
	struct irc_line l;

	if (!reed_sasl_new(&options, mechanism, &login->sasl)) {
		/* a mechanism in which the server speaks first is told nothing yet */
		send_authenticate(c, REED_STR("+"));
		return;
	}
	reed_irc_login_over(login);
	reed_sasl_mechanisms(&options, ',', &offered);
	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_SASLMECHS);
	reed_irc_build_param(&l.b,
	                     reed_buf_held(&offered) ? reed_buf_slice(&offered) : REED_STR("*"));
	reed_irc_build_usual_text(&l.b);
	reed_irc_end(c, &l);
	reed_irc_tell(c, REED_IRC_ERR_SASLFAIL);
	reed_buf_finish(&offered);
}

void reed_irc_cmd_authenticate(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice word = m->params[0];

	if (!c->server->portal || !irc_has(c, IRC_CAP_SASL)) {
		reed_irc_tell(c, REED_IRC_ERR_SASLFAIL);
	} else if (reed_slice_is(word, "*")) {
		reed_irc_login_drop(c);
		reed_irc_tell(c, REED_IRC_ERR_SASLABORTED);
	} else if (c->login) {
		sasl_data(c, word);
	} else if (c->avatar && c->registered) {
		reed_irc_tell(c, REED_IRC_ERR_SASLALREADY);
	} else {
		sasl_begin(c, word);
	}
}

/* ---- a password in clear: PASS account:password, NickServ ---- */

static void not_logged_in(struct irc_conn *c, const char *service, const char *why)
{
	if (service)
		reed_irc_service_notice(c, service, "%s", why);
	else
		reed_irc_tell_text(c, REED_IRC_ERR_PASSWDMISMATCH, REED_STR(""),
		                   "Not logged in: %s", why);
}

bool reed_irc_may_tell_password(const struct irc_conn *c)
{
	return c->secure || c->exempt || c->server->options.plain_in_clear;
}

static void password_woken(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct irc_login *login = reed_irc_login_woken(w);
	struct irc_conn *c = login->conn;
	struct reed_avatar *avatar = login->avatar;

	login->avatar = NULL;
	if (!err)
		reed_irc_logged_in(c, avatar);
	else
		not_logged_in(c, login->service, reed_irc_login_why(err, fault));
	reed_irc_label_end(c);
	reed_irc_login_over(login);
	if (err)
		reed_irc_count_failure(c);
	reed_fault_free(fault);
	if (!c->registered)
		reed_irc_try_register(c);
}

void reed_irc_login_password(struct irc_conn *c, const char *service, struct reed_slice account,
                             struct reed_slice password)
{
	struct irc_login *login;
	struct reed_credential credential = {
		.kind = REED_CREDENTIAL_PASSWORD,
		.user = account,
		.secret = password,
	};
	struct reed_peer from;

	if (!c->server->portal) {
		not_logged_in(c, service, "there are no accounts here");
		return;
	}
	if (!reed_irc_may_tell_password(c)) {
		not_logged_in(c, service,
		              "passwords are taken over TLS only; connect to the port for that");
		return;
	}
	login = reed_irc_login_new(c);
	login->service = service;
	from = reed_irc_peer(c, login->known.address);
	reed_irc_login_wait(login,
	                    reed_portal_login(c->server->portal, &credential, "chat", &from,
	                                      &login->avatar),
	                    password_woken);
}
