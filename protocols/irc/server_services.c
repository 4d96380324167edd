/* The words of NickServ and ChanServ, for clients that know nothing else. */

#include <stdio.h>

#include "irc_login.h"

#include "reed/co.h"

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
		reed_irc_login_password(c, "NickServ", account, rest);
}

static void nickserv_register(struct irc_conn *c, struct reed_slice password)
{
	if (password.n == 0)
		reed_irc_service_notice(c, "NickServ", "REGISTER <password>");
	else
		reed_irc_make_account(c, "NickServ", reed_irc_client_name(c), password);
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

/* Who asked may be gone by the time that the disk has the room. */
struct registering {
	struct reed_co co;
	struct reed_irc_server *server;
	struct reed_future *registered;
	uint64_t serial; /* of the user who asked */
	enum reed_refusal refusal;
};

static void tell_founder(struct registering *self, enum reed_err err)
{
	struct reed_user *user = reed_user_after(self->server->hub, self->serial - 1);

	if (!user || user->serial != self->serial)
		return;
	if (err)
		reed_user_note(user, REED_STR("ChanServ: that is not possible just now"));
	else if (self->refusal)
		reed_user_note(user, reed_slice_of(reed_refusal_text(self->refusal)));
	else
		reed_user_note(user, REED_STR("ChanServ: the room is registered, and you are its "
		                              "founder"));
}

static void registering_run(struct reed_co *co)
{
	struct registering *self = reed_frame(co, struct registering);
	struct reed_future *registered = self->registered;

	reed_coroutine (co) {
		self->registered = NULL;
		reed_await(co, registered);
		tell_founder(self, co->err);
	}
}

static void registering_end(struct reed_co *co)
{
	reed_drop(reed_frame(co, struct registering)->registered);
}

static const struct reed_co_kind registering_kind = {
	.name = "room registered",
	.size = sizeof(struct registering),
	.run = registering_run,
	.end = registering_end,
};

static void chanserv_register(struct irc_conn *c, struct reed_room *room)
{
	struct registering *self = reed_co_new(c->server->loop, &registering_kind);

	self->server = c->server;
	self->serial = irc_user(c)->serial;
	self->registered = reed_room_register(&c->session, room, &self->refusal);
	reed_scope_add(&c->server->work, reed_start(&self->co));
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
