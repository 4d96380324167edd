/* WHOIS, WHOWAS: all that is known of somebody. */

#include "irc_server.h"

#include <stdio.h>

/* ---- WHOIS ---- */

static void whois_rooms(struct irc_conn *c, const struct reed_user *user)
{
	struct reed_slice nick = reed_slice_of(user->nick);
	bool hides = user->flags & REED_USER_HIDES_ROOMS && !reed_irc_may_see_address(c, user);
	char names[350], prefixes[8];
	size_t used = 0;

	reed_list_each (link, &user->memberships) {
		struct reed_member *member = reed_container_of(link, struct reed_member, link);
		struct reed_room *room = member->room;
		size_t room_left = sizeof(names) - used;
		int n;

		if (!reed_room_visible(room, irc_user(c)) ||
		    (hides && !reed_member_find(room, irc_user(c))))
			continue;
		reed_irc_prefixes(member->roles, irc_has(c, IRC_CAP_MULTI_PREFIX), prefixes);
		n = snprintf(names + used, room_left, "%s%s ", prefixes, room->name);
		if ((size_t)n >= room_left) {
			reed_irc_tell_text(c, REED_IRC_RPL_WHOISCHANNELS, nick, "%.*s", (int)used,
			                   names);
			used = (size_t)snprintf(names, sizeof(names), "%s%s ", prefixes,
			                        room->name);
		} else {
			used += (size_t)n;
		}
	}
	if (used > 0)
		reed_irc_tell_text(c, REED_IRC_RPL_WHOISCHANNELS, nick, "%.*s", (int)used - 1,
		                   names);
}

static void whois_idle(struct irc_conn *c, const struct reed_user *user)
{
	struct irc_line l;

	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_WHOISIDLE);
	reed_irc_build_param(&l.b, reed_slice_of(user->nick));
	reed_irc_build_u64(&l.b, reed_irc_idle_of(c, user));
	reed_irc_build_u64(&l.b, (uint64_t)(user->came / 1000000000));
	reed_irc_build_usual_text(&l.b);
	reed_irc_end(c, &l);
}

static void whois_hidden(struct irc_conn *c, const struct reed_user *user)
{
	struct reed_slice nick = reed_slice_of(user->nick);
	char modes[32];

	if (!reed_irc_may_see_address(c, user))
		return;
	for (const struct reed_session *s = user->sessions; s; s = s->sibling)
		reed_irc_tell_text(c, REED_IRC_RPL_WHOISHOST, nick, "is connecting from %s@%s %s",
		                   user->username, s->address, s->address);
	reed_irc_user_modes_text(user, modes);
	reed_irc_tell_text(c, REED_IRC_RPL_WHOISMODES, nick, "is using modes %s", modes);
}

static void whois_user(struct irc_conn *c, const struct reed_user *user)
{
	struct reed_slice nick = reed_slice_of(user->nick);
	struct irc_line l;

	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_WHOISUSER);
	reed_irc_build_param(&l.b, nick);
	reed_irc_build_param(&l.b, reed_slice_of(user->username));
	reed_irc_build_param(&l.b, reed_slice_of(user->host));
	reed_irc_build_param(&l.b, REED_STR("*"));
	reed_irc_build_text_cut(&l.b, reed_slice_of(user->realname));
	reed_irc_end(c, &l);
	whois_rooms(c, user);
	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_WHOISSERVER);
	reed_irc_build_param(&l.b, nick);
	reed_irc_build_param(&l.b, c->server->name);
	reed_irc_build_text_cut(&l.b, c->server->network);
	reed_irc_end(c, &l);
	if (user->away)
		reed_irc_tell_text(c, REED_IRC_RPL_AWAY, nick, "%s", user->away);
	if (user->operator_class)
		reed_irc_tell_text(c, REED_IRC_RPL_WHOISOPERATOR, nick, "is an IRC operator (%s)",
		                   user->operator_class);
	if (user->account)
		reed_irc_tell2(c, REED_IRC_RPL_WHOISACCOUNT, nick,
		               reed_slice_of(user->account->name));
	if (user->flags & REED_USER_BOT)
		reed_irc_tell1(c, REED_IRC_RPL_WHOISBOT, nick);
	if (user->flags & REED_USER_SECURE)
		reed_irc_tell1(c, REED_IRC_RPL_WHOISSECURE, nick);
	whois_hidden(c, user);
	whois_idle(c, user);
}

/* WHOIS [server] nick[,nick...] */
void reed_irc_cmd_whois(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice nicks = m->params[m->count > 1 ? 1 : 0], nick;
	unsigned left = c->server->options.limits.targets;

	if (nicks.n == 0)
		reed_irc_tell(c, REED_IRC_ERR_NONICKNAMEGIVEN);
	while (reed_irc_next_target(c, &nicks, &left, &nick)) {
		struct reed_user *user = reed_irc_find_user(c, nick);

		if (user)
			whois_user(c, user);
		reed_irc_tell1(c, REED_IRC_RPL_ENDOFWHOIS, nick);
	}
}

/* ---- WHOWAS ---- */

static void whowas_one(struct irc_conn *c, const struct reed_whowas *was)
{
	char when[REED_IRC_TIME_SIZE];
	struct irc_line l;

	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_WHOWASUSER);
	reed_irc_build_param(&l.b, reed_slice_of(was->nick));
	reed_irc_build_param(&l.b, reed_slice_of(was->username));
	reed_irc_build_param(&l.b, reed_slice_of(was->host));
	reed_irc_build_param(&l.b, REED_STR("*"));
	reed_irc_build_text_cut(&l.b, reed_slice_of(was->realname));
	reed_irc_end(c, &l);
	reed_irc_time_format(was->left / 1000000, when);
	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_WHOISSERVER);
	reed_irc_build_param(&l.b, reed_slice_of(was->nick));
	reed_irc_build_param(&l.b, c->server->name);
	reed_irc_build_text(&l.b, reed_slice_of(when));
	reed_irc_end(c, &l);
}

void reed_irc_cmd_whowas(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_whowas found[20];
	uint64_t most = REED_COUNT(found);
	struct reed_slice nick = m->params[0];
	size_t n;

	if (m->count > 1 && !reed_slice_u64(m->params[1], 1000, &most) && most == 0)
		most = REED_COUNT(found);
	n = reed_whowas_find(c->server->hub, nick, found,
	                     most < REED_COUNT(found) ? (size_t)most : REED_COUNT(found));
	for (size_t i = 0; i < n; i++)
		whowas_one(c, &found[i]);
	if (n == 0)
		reed_irc_tell1(c, REED_IRC_ERR_WASNOSUCHNICK, nick);
	reed_irc_tell1(c, REED_IRC_RPL_ENDOFWHOWAS, nick);
}
