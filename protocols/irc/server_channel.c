/* JOIN, PART, KICK, INVITE, KNOCK, TOPIC: coming, going, and what a room is about. */

#include "irc_server.h"

#include <stdio.h>

struct reed_room *reed_irc_find_room(struct irc_conn *c, struct reed_slice name)
{
	struct reed_room *room = reed_room_find(c->server->hub, name);

	if (room && reed_room_visible(room, irc_user(c)))
		return room;
	reed_irc_tell1(c, REED_IRC_ERR_NOSUCHCHANNEL, name);
	return NULL;
}

struct reed_user *reed_irc_find_user(struct irc_conn *c, struct reed_slice nick)
{
	struct reed_user *user = reed_user_find(c->server->hub, nick);

	if (!user)
		reed_irc_tell1(c, REED_IRC_ERR_NOSUCHNICK, nick);
	return user;
}

/* ---- topic ---- */

static void send_topic_time(struct irc_conn *c, const struct reed_room *room)
{
	struct irc_line l;

	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_TOPICWHOTIME);
	reed_irc_build_param(&l.b, reed_slice_of(room->name));
	reed_irc_build_param(&l.b,
	                     room->topic_by ? reed_slice_of(room->topic_by) : c->server->name);
	reed_irc_build_u64(&l.b, (uint64_t)(room->topic_at / 1000000000));
	reed_irc_end(c, &l);
}

void reed_irc_send_topic(struct irc_conn *c, struct reed_room *room)
{
	if (!room->topic)
		return;
	reed_irc_tell_text(c, REED_IRC_RPL_TOPIC, reed_slice_of(room->name), "%s", room->topic);
	send_topic_time(c, room);
}

void reed_irc_cmd_topic(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_room *room = reed_irc_find_room(c, m->params[0]);
	enum reed_refusal why;

	if (!room)
		return;
	if (m->count == 1) {
		if (room->topic)
			reed_irc_send_topic(c, room);
		else
			reed_irc_tell1(c, REED_IRC_RPL_NOTOPIC, reed_slice_of(room->name));
		return;
	}
	if (m->params[1].n > c->server->lengths.topic) {
		reed_irc_too_long(c, "TOPIC", "topic", c->server->lengths.topic);
		return;
	}
	why = reed_room_set_topic(&c->session, room, m->params[1]);
	if (why)
		reed_irc_refuse(c, why, "TOPIC", m->params[0]);
}

/* ---- JOIN ---- */

void reed_irc_show_room(struct irc_conn *c, struct reed_room *room)
{
	reed_irc_send_topic(c, room);
	reed_irc_send_names(c, room);
}

static const char *name_wrong(struct irc_conn *c, struct reed_slice name)
{
	struct reed_irc_name_rules rules = {
		.channel_max = c->server->lengths.channel,
		.utf8 = true,
	};

	return reed_irc_channel_wrong(name, &rules);
}

static void join_one(struct irc_conn *c, struct reed_slice name, struct reed_slice key)
{
	struct reed_member *member;
	const char *wrong = name_wrong(c, name);
	enum reed_refusal why;

	if (wrong) {
		reed_irc_tell_text(c, REED_IRC_ERR_BADCHANMASK, name.n ? name : REED_STR("*"), "%s",
		                   wrong);
		return;
	}
	why = reed_room_join(&c->session, name, key, &member);
	if (why && why != REED_REFUSAL_MEMBER_ALREADY)
		reed_irc_refuse(c, why, "JOIN", name);
}

/* RFC 2812 3.2.1: JOIN 0 leaves all of them. */
static void leave_all(struct irc_conn *c)
{
	struct reed_user *user = irc_user(c);

	while (!reed_list_empty(&user->memberships)) {
		struct reed_list *link = user->memberships.next;

		reed_room_part(&c->session, reed_container_of(link, struct reed_member, link)->room,
		               REED_STR("Left all rooms"));
	}
}

void reed_irc_cmd_join(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice names = m->params[0], keys = reed_irc_param(m, 1), name;
	unsigned left = c->server->options.limits.rooms_at_once;

	if (reed_slice_is(names, "0"))
		leave_all(c);
	else
		while (reed_irc_next_target(c, &names, &left, &name))
			join_one(c, name, reed_slice_cut(&keys, ','));
}

/* ---- PART, KICK ---- */

void reed_irc_cmd_part(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice names = m->params[0], name;
	unsigned left = c->server->options.limits.rooms_at_once;

	while (reed_irc_next_target(c, &names, &left, &name)) {
		struct reed_room *room = reed_irc_find_room(c, name);
		enum reed_refusal why = REED_REFUSAL_NONE;

		if (room)
			why = reed_room_part(&c->session, room, reed_irc_param(m, 1));
		if (why)
			reed_irc_refuse(c, why, "PART", name);
	}
}

static void kick_one(struct irc_conn *c, struct reed_room *room, struct reed_slice nick,
                     struct reed_slice reason)
{
	struct reed_user *user = reed_irc_find_user(c, nick);
	enum reed_refusal why;

	if (!user)
		return;
	why = reed_room_kick(&c->session, room, user, reason);
	if (why == REED_REFUSAL_NOT_THERE)
		reed_irc_tell2(c, REED_IRC_ERR_USERNOTINCHANNEL, nick, reed_slice_of(room->name));
	else if (why)
		reed_irc_refuse(c, why, "KICK", reed_slice_of(room->name));
}

void reed_irc_cmd_kick(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice nicks = m->params[1], reason = reed_irc_param(m, 2), nick;
	unsigned left = c->server->options.limits.targets;

	if (reason.n == 0)
		reason = reed_irc_client_name(c);
	reason = reed_slice_first(reason, reed_slice_utf8_border(reason, c->server->lengths.kick));
	while (reed_irc_next_target(c, &nicks, &left, &nick)) {
		/* the last one out takes the room along */
		struct reed_room *room = reed_irc_find_room(c, m->params[0]);

		if (!room)
			return;
		kick_one(c, room, nick, reason);
	}
}

/* ---- INVITE, KNOCK ---- */

static void list_invitations(struct irc_conn *c)
{
	struct reed_room *room = NULL;

	while ((room = reed_room_next(c->server->hub, room))) {
		struct irc_line l;

		if (!reed_room_invited(room, irc_user(c)))
			continue;
		reed_irc_begin_numeric(c, &l, REED_IRC_RPL_INVITELIST);
		reed_irc_build_param(&l.b, reed_slice_of(room->name));
		reed_irc_end(c, &l);
	}
	reed_irc_tell(c, REED_IRC_RPL_ENDOFINVITELIST);
}

void reed_irc_cmd_invite(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_room *room;
	struct reed_user *user;
	struct irc_line l;
	enum reed_refusal why;

	if (m->count < 2) {
		list_invitations(c);
		return;
	}
	user = reed_irc_find_user(c, m->params[0]);
	room = user ? reed_irc_find_room(c, m->params[1]) : NULL;
	if (!room)
		return;
	why = reed_room_invite(&c->session, room, user);
	if (why == REED_REFUSAL_MEMBER_ALREADY) {
		reed_irc_tell2(c, REED_IRC_ERR_USERONCHANNEL, m->params[0], m->params[1]);
		return;
	}
	if (why) {
		reed_irc_refuse(c, why, "INVITE", m->params[1]);
		return;
	}
	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_INVITING);
	reed_irc_build_param(&l.b, reed_slice_of(user->nick));
	reed_irc_build_param(&l.b, reed_slice_of(room->name));
	reed_irc_end(c, &l);
	if (user->away)
		reed_irc_tell_text(c, REED_IRC_RPL_AWAY, reed_slice_of(user->nick), "%s",
		                   user->away);
}

void reed_irc_cmd_knock(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_room *room = reed_irc_find_room(c, m->params[0]);
	enum reed_refusal why;

	if (!room)
		return;
	why = reed_room_knock(&c->session, room, reed_irc_param(m, 1));
	if (why == REED_REFUSAL_NONE)
		reed_irc_tell1(c, REED_IRC_RPL_KNOCKDLVR, m->params[0]);
	else if (why == REED_REFUSAL_MEMBER_ALREADY)
		reed_irc_tell1(c, REED_IRC_ERR_KNOCKONCHAN, m->params[0]);
	else if (why == REED_REFUSAL_ALREADY)
		reed_irc_tell1(c, REED_IRC_ERR_CHANOPEN, m->params[0]);
	else
		reed_irc_refuse(c, why, "KNOCK", m->params[0]);
}
