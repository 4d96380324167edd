/*
 * Making an account: REGISTER (IRCv3 draft/account-registration), and the words
 * of NickServ and ChanServ for clients that know nothing else.
 */

#include "irc_login.h"

#include <stdio.h>
#include <string.h>

#include "reed/log.h"

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

static const char *code_of(enum reed_err err)
{
	if (err == REED_EEXIST)
		return "ACCOUNT_EXISTS";
	return err == REED_EINVAL ? "UNACCEPTABLE_PASSWORD" : "TEMPORARILY_UNAVAILABLE";
}

static void fail(struct irc_login *login, enum reed_err err, struct reed_fault *fault)
{
	struct irc_conn *c = login->conn;
	const char *why = err == REED_EEXIST ? "There is an account of that name already"
	                                     : reed_irc_login_why(err, fault);

	if (login->service)
		reed_irc_service_notice(c, login->service, "%s", why);
	else
		reed_irc_standard(c, "FAIL", "REGISTER", code_of(err),
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

/* Whether an account of this name may be made by this client. */
static const char *cannot_register(struct irc_conn *c, struct reed_slice account)
{
	struct reed_user *user = reed_user_find(c->server->hub, account);

	if (!c->server->portal || !c->server->options.registration)
		return "Accounts are not made here; ask who runs this server";
	if (c->avatar)
		return "You are logged in already";
	if (user && user != irc_user(c))
		return "Somebody has that name as a nick just now";
	if (!reed_nick_ok(c->server->hub, account) || reed_irc_is_service(account))
		return "That is no name for an account";
	return NULL;
}

static void make_account(struct irc_conn *c, const char *service, struct reed_slice account,
                         struct reed_slice password)
{
	const char *why = cannot_register(c, account);
	struct irc_login *login;

	if (why && service) {
		reed_irc_service_notice(c, service, "%s", why);
		return;
	}
	if (why) {
		reed_irc_standard(c, "FAIL", "REGISTER",
		                  c->avatar ? "ALREADY_AUTHENTICATED" : "BAD_ACCOUNT_NAME", account,
		                  why);
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
	if (reed_slice_is(account, "*"))
		reed_irc_standard(c, "FAIL", "REGISTER", "NEED_NICK", REED_STR("*"),
		                  "Choose a nick or name the account");
	else
		make_account(c, NULL, account, m->params[2]);
}

/* No account waits to be verified here. */
void reed_irc_cmd_verify(struct irc_conn *c, const struct reed_irc_message *m)
{
	reed_irc_standard(c, "FAIL", "VERIFY", "INVALID_CODE", m->params[0],
	                  "Accounts need no verification here");
}

/* ---- NickServ ---- */

static void nickserv_identify(struct irc_conn *c, struct reed_slice first, struct reed_slice rest)
{
	struct reed_slice account = first;

	if (rest.n == 0) {
		account = reed_irc_client_name(c);
		rest = first;
	}
	if (rest.n == 0)
		reed_irc_service_notice(c, "NickServ", "IDENTIFY [account] <password>");
	else if (c->avatar)
		reed_irc_service_notice(c, "NickServ", "You are logged in as %s already",
		                        c->avatar->account);
	else
		reed_irc_login_password(c, account, rest);
}

static void nickserv_register(struct irc_conn *c, struct reed_slice password)
{
	if (password.n == 0)
		reed_irc_service_notice(c, "NickServ", "REGISTER <password>");
	else
		make_account(c, "NickServ", reed_irc_client_name(c), password);
}

/* A user that is sent away keeps its nick until the turn ends, unless it gets another. */
static void take_nick_from(struct irc_conn *c, struct reed_user *user)
{
	enum reed_refusal why;
	char guest[32];

	do {
		uint32_t number = (uint32_t)reed_random(c->server->loop) % 1000000;

		snprintf(guest, sizeof(guest), "Guest%u", (unsigned)number);
		why = reed_user_rename(user, NULL, reed_slice_of(guest));
	} while (why == REED_REFUSAL_NICK_IN_USE);
}

/* Somebody else has my nick: that user goes, and I am called so. */
static void nickserv_regain(struct irc_conn *c, struct reed_slice nick)
{
	struct reed_user *user = reed_user_find(c->server->hub, nick);
	struct reed_account *owner = reed_nick_owner(c->server->hub, nick);
	enum reed_refusal why;

	if (!owner || owner != irc_user(c)->account) {
		reed_irc_service_notice(c, "NickServ", "That nick is not yours; IDENTIFY first");
		return;
	}
	if (user && user != irc_user(c)) {
		take_nick_from(c, user);
		reed_user_kill(NULL, user, REED_STR("The owner of the nick wants it back"));
	}
	why = reed_user_rename(irc_user(c), &c->session, nick);
	if (why && why != REED_REFUSAL_ALREADY)
		reed_irc_refuse(c, why, "NICK", nick);
}

static void nickserv_logout(struct irc_conn *c)
{
	enum reed_refusal why = reed_user_login(irc_user(c), &c->session, REED_STR(""));

	if (why) {
		reed_irc_service_notice(c, "NickServ", "%s", reed_refusal_text(why));
		return;
	}
	reed_irc_avatar_drop(c);
	reed_user_empower(irc_user(c), NULL, 0);
	reed_irc_tell1(c, REED_IRC_RPL_LOGGEDOUT, reed_slice_of(irc_user(c)->full));
}

static void nickserv(struct irc_conn *c, struct reed_slice verb, struct reed_slice rest)
{
	struct reed_slice first = reed_slice_cut(&rest, ' ');

	if (reed_slice_is_nocase(verb, "IDENTIFY") || reed_slice_is_nocase(verb, "LOGIN"))
		nickserv_identify(c, first, rest);
	else if (reed_slice_is_nocase(verb, "REGISTER"))
		nickserv_register(c, first);
	else if (reed_slice_is_nocase(verb, "REGAIN") || reed_slice_is_nocase(verb, "GHOST") ||
	         reed_slice_is_nocase(verb, "RECOVER"))
		nickserv_regain(c, first);
	else if (reed_slice_is_nocase(verb, "LOGOUT"))
		nickserv_logout(c);
	else
		reed_irc_service_notice(c, "NickServ",
		                        "REGISTER <password> makes an account of your nick; "
		                        "IDENTIFY [account] <password> logs in; "
		                        "REGAIN <nick>; LOGOUT");
}

/* ---- ChanServ ---- */

struct registering {
	struct reed_irc_server *server;
	uint64_t serial; /* of the user who asked, who may be gone by then */
	enum reed_refusal refusal;
};

static void registered_done(void *arg, enum reed_err err, const char *why)
{
	struct registering *self = arg;
	struct reed_user *user = NULL;

	while ((user = reed_user_next(self->server->hub, user)))
		if (user->serial == self->serial)
			break;
	if (err)
		reed_log(self->server->loop, REED_LOG_ERROR, "a room was not registered why=%s",
		         why);
	if (user && err)
		reed_user_note(user, REED_STR("ChanServ: that is not possible just now; try again "
		                              "later"));
	else if (user && self->refusal)
		reed_user_note(user, reed_slice_of(reed_refusal_text(self->refusal)));
	else if (user)
		reed_user_note(user, REED_STR("ChanServ: the room is registered, and you are its "
		                              "founder"));
	reed_free(self);
}

static void chanserv_register(struct irc_conn *c, struct reed_room *room)
{
	struct registering *self = reed_alloc(sizeof(*self));

	self->server = c->server;
	self->serial = irc_user(c)->serial;
	reed_background(reed_room_register(&c->session, room, &self->refusal), registered_done,
	                self);
}

static void chanserv(struct irc_conn *c, struct reed_slice verb, struct reed_slice rest)
{
	struct reed_slice name = reed_slice_cut(&rest, ' ');
	struct reed_room *room = reed_room_find(c->server->hub, name);
	enum reed_refusal why;

	/* a secret one is not told of here either */
	if (room && !reed_room_visible(room, irc_user(c)))
		room = NULL;
	if (reed_slice_is_nocase(verb, "REGISTER") && room) {
		chanserv_register(c, room);
	} else if (reed_slice_is_nocase(verb, "DROP") && room) {
		why = reed_room_unregister(&c->session, room);
		reed_irc_service_notice(c, "ChanServ", "%s", reed_refusal_text(why));
	} else if (name.n > 0 && !room) {
		reed_irc_service_notice(c, "ChanServ", "There is no such room");
	} else {
		reed_irc_service_notice(c, "ChanServ",
		                        "REGISTER <#room> keeps a room and makes you its founder; "
		                        "DROP <#room>; all else is MODE, KICK and TOPIC");
	}
}

bool reed_irc_is_service(struct reed_slice nick)
{
	return reed_slice_is_nocase(nick, "NickServ") || reed_slice_is_nocase(nick, "ChanServ");
}

bool reed_irc_service_message(struct irc_conn *c, struct reed_slice service, struct reed_slice text)
{
	struct reed_slice verb = reed_slice_cut(&text, ' ');

	if (reed_slice_is_nocase(service, "NickServ"))
		nickserv(c, verb, text);
	else if (reed_slice_is_nocase(service, "ChanServ"))
		chanserv(c, verb, text);
	else
		return false;
	return true;
}
