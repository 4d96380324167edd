/* The words of ChanServ, and who else is spoken to as a service. */

#include "irc_login.h"

#include "reed/co.h"

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

/* ---- by name, and as commands: NS IDENTIFY ..., which clients have aliases for ---- */

bool reed_irc_service_message(struct irc_conn *c, struct reed_slice service, struct reed_slice text)
{
	struct reed_slice verb = reed_slice_cut(&text, ' ');

	if (reed_slice_is_nocase(service, "NickServ"))
		reed_irc_nickserv(c, verb, text);
	else if (reed_slice_is_nocase(service, "ChanServ"))
		chanserv(c, verb, text);
	else
		return false;
	return true;
}

static void message_of(struct irc_conn *c, const char *service, const struct reed_irc_message *m)
{
	struct reed_buf text = { .limit = 0 };

	for (size_t i = 0; i < m->count; i++) {
		if (i > 0)
			reed_buf_add_str(&text, " ");
		reed_buf_add(&text, m->params[i]);
	}
	reed_irc_service_message(c, reed_slice_of(service), reed_buf_slice(&text));
	reed_buf_finish(&text);
}

void reed_irc_cmd_nickserv(struct irc_conn *c, const struct reed_irc_message *m)
{
	message_of(c, "NickServ", m);
}

void reed_irc_cmd_chanserv(struct irc_conn *c, const struct reed_irc_message *m)
{
	message_of(c, "ChanServ", m);
}
