/* Making an account: REGISTER (IRCv3 draft/account-registration). */

#include "irc_login.h"

/* ---- REGISTER ---- */

static void register_reply(struct irc_conn *c, const char *kind, const char *account,
                           const char *text)
{
	struct irc_line l;

	reed_irc_begin(&l, c->server->name, "REGISTER");
	reed_irc_build_param(&l.b, reed_slice_of(kind));
	reed_irc_build_param(&l.b, reed_slice_of(account));
	reed_irc_build_text(&l.b, reed_slice_of(text));
	reed_irc_end(c, &l);
}

/* The name has been looked at before: what is wrong is the password. */
static const char *code_of(const struct irc_login *login, enum reed_err err)
{
	const struct reed_portal *portal = login->conn->server->portal;
	size_t shortest = reed_portal_shortest_password(portal), n = 0;

	if (err == REED_EEXIST)
		return "ACCOUNT_EXISTS";
	if (err != REED_EINVAL)
		return "TEMPORARILY_UNAVAILABLE";
	for (const char *p = login->password; *p; p++)
		n += ((unsigned char)*p & 0xc0) != 0x80;
	return n < shortest ? "WEAK_PASSWORD" : "UNACCEPTABLE_PASSWORD";
}

static void fail(struct irc_login *login, enum reed_err err, struct reed_fault *fault)
{
	struct irc_conn *c = login->conn;
	const char *why = err == REED_EEXIST ? "There is an account of that name already"
	                                     : reed_irc_login_why(err, fault);

	if (login->service)
		reed_irc_service_notice(c, login->service, "%s", why);
	else
		reed_irc_standard(c, "FAIL", "REGISTER", code_of(login, err),
		                  reed_slice_of(login->account), why);
}

static void finish(struct irc_login *login)
{
	struct irc_conn *c = login->conn;

	reed_irc_label_end(c);
	reed_irc_login_over(login);
	if (!c->registered)
		reed_irc_try_register(c);
}

static void entered_woken(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct irc_login *login = reed_irc_login_woken(w);
	struct irc_conn *c = login->conn;
	struct reed_avatar *avatar = login->avatar;

	login->avatar = NULL;
	if (err) {
		fail(login, err, fault);
	} else if (reed_irc_logged_in(c, avatar)) {
		if (login->service)
			reed_irc_service_notice(c, login->service,
			                        "Your account %s is made; the nick is yours now",
			                        login->account);
		else
			register_reply(c, "SUCCESS", login->account,
			               "The account is made, and you are logged in");
	}
	reed_fault_free(fault);
	finish(login);
}

static void made_woken(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct irc_login *login = reed_irc_login_woken(w);
	struct irc_conn *c = login->conn;
	struct reed_credential credential = {
		.kind = REED_CREDENTIAL_PASSWORD,
		.user = reed_slice_of(login->account),
		.secret = reed_slice_of(login->password),
	};
	struct reed_peer from = reed_irc_peer(c, login->known.address);

	if (err) {
		fail(login, err, fault);
		reed_fault_free(fault);
		finish(login);
		return;
	}
	reed_irc_login_wait(login,
	                    reed_portal_login(c->server->portal, &credential, "chat", &from,
	                                      &login->avatar),
	                    entered_woken);
}

/* What stands against it; code is in the words of the specification. */
struct obstacle {
	const char *code, *why;
};

/* By this client, whatever the name. */
static struct obstacle against_client(struct irc_conn *c)
{
	if (!c->server->portal || !c->server->options.registration)
		return (struct obstacle){ "TEMPORARILY_UNAVAILABLE",
			                  "Accounts are not made here; ask who runs this server" };
	if (c->avatar)
		return (struct obstacle){ "ALREADY_AUTHENTICATED", "You are logged in already" };
	if (reed_slice_is(reed_irc_client_name(c), "*"))
		return (struct obstacle){ "NEED_NICK", "Choose a nick first" };
	if (!reed_irc_may_tell_password(c))
		return (struct obstacle){ "TEMPORARILY_UNAVAILABLE",
			                  "Passwords are taken over TLS only; connect to the "
			                  "port for that" };
	return (struct obstacle){ NULL, NULL };
}

/* Attempts count: one that fails has cost a key derivation too. */
static bool may_make(struct irc_conn *c)
{
	struct reed_address peer = reed_irc_peer_address(c);
	struct reed_share *share;
	const char *why;

	if (reed_policy_take(c->server->makers, &peer, &share, &why))
		return false;
	reed_share_give(share);
	return true;
}

static struct obstacle against_name(struct irc_conn *c, struct reed_slice account)
{
	struct reed_user *user = reed_user_find(c->server->hub, account);
	const char *why = "That is no name for an account";

	if (user && user != irc_user(c))
		return (struct obstacle){ "BAD_ACCOUNT_NAME",
			                  "Somebody has that name as a nick just now" };
	if (reed_portal_check_name(c->server->portal, account, &why) ||
	    !reed_nick_ok(c->server->hub, account) || reed_irc_is_service(account))
		return (struct obstacle){ "BAD_ACCOUNT_NAME", why };
	if (!may_make(c))
		return (struct obstacle){ "TEMPORARILY_UNAVAILABLE",
			                  "Too many accounts were made from your address; try "
			                  "again in an hour" };
	return (struct obstacle){ NULL, NULL };
}

void reed_irc_make_account(struct irc_conn *c, const char *service, struct reed_slice account,
                           struct reed_slice password)
{
	struct obstacle obstacle = against_client(c);
	struct irc_login *login;

	if (!obstacle.why)
		obstacle = against_name(c, account);
	if (obstacle.why && service) {
		reed_irc_service_notice(c, service, "%s", obstacle.why);
		return;
	}
	if (obstacle.why) {
		reed_irc_standard(c, "FAIL", "REGISTER", obstacle.code, account, obstacle.why);
		return;
	}
	login = reed_irc_login_new(c);
	login->service = service;
	login->account = reed_slice_dup(account);
	login->password = reed_slice_dup(password);
	reed_irc_login_wait(login, reed_portal_create(c->server->portal, account, password),
	                    made_woken);
}

/* REGISTER <account or *> <e-mail or *> <password> */
void reed_irc_cmd_register(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice account = m->params[0];

	if (reed_slice_is(account, "*"))
		account = reed_irc_client_name(c);
	reed_irc_make_account(c, NULL, account, m->params[2]);
}

/* No account waits to be verified here. */
void reed_irc_cmd_verify(struct irc_conn *c, const struct reed_irc_message *m)
{
	if (c->avatar)
		reed_irc_standard(c, "FAIL", "VERIFY", "ALREADY_AUTHENTICATED", m->params[0],
		                  "You are logged in already");
	else
		reed_irc_standard(c, "FAIL", "VERIFY", "INVALID_CODE", m->params[0],
		                  "Accounts need no verification here");
}
