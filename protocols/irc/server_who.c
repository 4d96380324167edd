/* WHO (with WHOX), WHOIS, WHOWAS. */

#include "irc_server.h"

#include <stdio.h>
#include <string.h>

/* ---- WHO ---- */

struct who {
	struct irc_conn *c;
	struct reed_slice fields; /* of WHOX, after the '%'; empty: a plain WHO */
	struct reed_slice token;
	bool operators; /* only those */
	uint32_t left;  /* replies that may still be given */
};

static void flags_of(const struct who *w, const struct reed_user *user,
                     const struct reed_member *member, char into[16])
{
	char prefixes[8] = "";

	if (member)
		reed_irc_prefixes(member->roles, irc_has(w->c, IRC_CAP_MULTI_PREFIX), prefixes);
	snprintf(into, 16, "%c%s%s%s", user->away ? 'G' : 'H',
	         user->flags & REED_USER_OPERATOR ? "*" : "",
	         user->flags & REED_USER_BOT ? "B" : "", prefixes);
}

static struct reed_slice room_name(const struct reed_member *member)
{
	return member ? reed_slice_of(member->room->name) : REED_STR("*");
}

static void who_plain(struct who *w, const struct reed_user *user, const struct reed_member *member)
{
	char flags[16];
	struct irc_line l;

	flags_of(w, user, member, flags);
	reed_irc_begin_numeric(w->c, &l, REED_IRC_RPL_WHOREPLY);
	reed_irc_build_param(&l.b, room_name(member));
	reed_irc_build_param(&l.b, reed_slice_of(user->username));
	reed_irc_build_param(&l.b, reed_slice_of(user->host));
	reed_irc_build_param(&l.b, w->c->server->name);
	reed_irc_build_param(&l.b, reed_slice_of(user->nick));
	reed_irc_build_param(&l.b, reed_slice_of(flags));
	reed_irc_build_textf(&l.b, "0 %s", user->realname);
	reed_irc_end(w->c, &l);
}

static bool may_see_address(const struct irc_conn *c, const struct reed_user *user)
{
	return user == irc_user(c) || irc_user(c)->privileges & REED_MAY_SEE;
}

static const char *address_of(const struct who *w, const struct reed_user *user)
{
	if (!may_see_address(w->c, user) || !user->sessions || !user->sessions->address[0])
		return "255.255.255.255"; /* as others do where they do not tell */
	return user->sessions->address;
}

static uint64_t idle_of(struct irc_conn *c, const struct reed_user *user)
{
	int64_t last = user->came;

	for (const struct reed_session *s = user->sessions; s; s = s->sibling)
		last = s->active > last ? s->active : last;
	return (uint64_t)((reed_wall(c->server->loop) - last) / 1000000000);
}

static void who_field(struct who *w, struct reed_irc_builder *b, char field,
                      const struct reed_user *user, const struct reed_member *member)
{
	char flags[16];

	switch (field) {
	case 't':
		reed_irc_build_param(b, w->token.n ? w->token : REED_STR("0"));
		break;
	case 'c':
		reed_irc_build_param(b, room_name(member));
		break;
	case 'u':
		reed_irc_build_param(b, reed_slice_of(user->username));
		break;
	case 'i':
		reed_irc_build_param(b, reed_slice_of(address_of(w, user)));
		break;
	case 'h':
		reed_irc_build_param(b, reed_slice_of(user->host));
		break;
	case 's':
		reed_irc_build_param(b, w->c->server->name);
		break;
	case 'n':
		reed_irc_build_param(b, reed_slice_of(user->nick));
		break;
	case 'f':
		flags_of(w, user, member, flags);
		reed_irc_build_param(b, reed_slice_of(flags));
		break;
	case 'd':
		reed_irc_build_param(b, REED_STR("0"));
		break;
	case 'l':
		reed_irc_build_u64(b, idle_of(w->c, user));
		break;
	case 'a':
		reed_irc_build_param(b, user->account ? reed_slice_of(user->account->name)
		                                      : REED_STR("0"));
		break;
	case 'o':
		reed_irc_build_param(b, REED_STR("n/a"));
		break;
	case 'r':
		reed_irc_build_text_cut(b, reed_slice_of(user->realname));
		break;
	}
}

/* WHOX: the fields that were asked for, in this order whatever the order asked. */
static void who_special(struct who *w, const struct reed_user *user,
                        const struct reed_member *member)
{
	struct irc_line l;

	reed_irc_begin_numeric(w->c, &l, REED_IRC_RPL_WHOSPCRPL);
	for (const char *field = "tcuihsnfdlaor"; *field; field++)
		if (reed_slice_find(w->fields, *field) < w->fields.n)
			who_field(w, &l.b, *field, user, member);
	reed_irc_end(w->c, &l);
}

static void who_one(struct who *w, const struct reed_user *user, const struct reed_member *member)
{
	if (w->left == 0 || (w->operators && !(user->flags & REED_USER_OPERATOR)))
		return;
	w->left--;
	if (w->fields.n > 0)
		who_special(w, user, member);
	else
		who_plain(w, user, member);
}

static void who_room(struct who *w, struct reed_room *room)
{
	if (!reed_room_visible(room, irc_user(w->c)))
		return;
	for (uint32_t i = 0; i < room->count; i++)
		if (reed_user_visible(room->seats[i].member->user, irc_user(w->c)))
			who_one(w, room->seats[i].member->user, room->seats[i].member);
}

static bool matches(const struct reed_user *user, struct reed_slice mask)
{
	return reed_irc_match(REED_IRC_CASEMAP_ASCII, mask, reed_slice_of(user->nick)) ||
	       reed_irc_match(REED_IRC_CASEMAP_ASCII, mask, reed_slice_of(user->full)) ||
	       reed_irc_match(REED_IRC_CASEMAP_ASCII, mask, reed_slice_of(user->host)) ||
	       reed_irc_match(REED_IRC_CASEMAP_ASCII, mask, reed_slice_of(user->realname));
}

static void who_mask(struct who *w, struct reed_slice mask)
{
	struct reed_user *user = reed_user_find(w->c->server->hub, mask);

	if (user) {
		who_one(w, user, NULL);
		return;
	}
	while (w->left > 0 && (user = reed_user_next(w->c->server->hub, user)))
		if (reed_user_visible(user, irc_user(w->c)) && matches(user, mask))
			who_one(w, user, NULL);
}

void reed_irc_cmd_who(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice mask = reed_irc_param(m, 0), options = reed_irc_param(m, 1);
	struct who w = { .c = c, .left = c->server->options.limits.list_replies };
	struct reed_room *room;
	struct reed_slice flags;
	uint64_t token;

	flags = reed_slice_cut(&options, '%');
	w.operators = reed_slice_find(flags, 'o') < flags.n;
	w.fields = reed_slice_cut(&options, ',');
	/* "at most three digits"; what is none must not spoil the answer */
	if (options.n <= 3 && !reed_slice_u64(options, 999, &token))
		w.token = options;
	if (mask.n == 0)
		mask = REED_STR("*");
	room = reed_irc_is_channel(&c->server->isupport, mask)
	               ? reed_room_find(c->server->hub, mask)
	               : NULL;
	if (room)
		who_room(&w, room);
	else if (!reed_irc_is_channel(&c->server->isupport, mask))
		who_mask(&w, mask);
	if (w.left == 0)
		reed_irc_tell1(c, REED_IRC_ERR_TOOMANYMATCHES, REED_STR("WHO"));
	reed_irc_tell1(c, REED_IRC_RPL_ENDOFWHO, mask);
}

/* ---- WHOIS ---- */

static void whois_rooms(struct irc_conn *c, const struct reed_user *user)
{
	struct reed_slice nick = reed_slice_of(user->nick);
	bool hides = user->flags & REED_USER_HIDES_ROOMS && !may_see_address(c, user);
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
	reed_irc_build_u64(&l.b, idle_of(c, user));
	reed_irc_build_u64(&l.b, (uint64_t)(user->came / 1000000000));
	reed_irc_build_usual_text(&l.b);
	reed_irc_end(c, &l);
}

static void whois_hidden(struct irc_conn *c, const struct reed_user *user)
{
	struct reed_slice nick = reed_slice_of(user->nick);
	char modes[32];

	if (!may_see_address(c, user))
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
	struct reed_slice nicks = m->params[m->count > 1 ? 1 : 0];
	unsigned left = c->server->options.limits.targets;

	if (nicks.n == 0)
		reed_irc_tell(c, REED_IRC_ERR_NONICKNAMEGIVEN);
	while (nicks.n > 0 && left-- > 0) {
		struct reed_slice nick = reed_slice_cut(&nicks, ',');
		struct reed_user *user;

		if (nick.n == 0)
			continue;
		user = reed_irc_find_user(c, nick);
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
