/* Numbers that tell something of the state of things, asked for or not. */

#include "client_private.h"

static struct reed_slice param(const struct irc_box *box, size_t i)
{
	return reed_irc_param(&box->message, i);
}

static struct irc_channel *channel_in(struct reed_irc_client *c, const struct irc_box *box,
                                      size_t i)
{
	return reed_irc_client_channel(c, param(box, i));
}

static int64_t number_in(const struct irc_box *box, size_t i)
{
	uint64_t n;

	return reed_slice_u64(param(box, i), INT64_MAX, &n) ? 0 : (int64_t)n;
}

/* ---- the server ---- */

static void on_isupport(struct reed_irc_client *c, struct irc_box *box)
{
	reed_irc_isupport_add(&c->isupport, &box->message);
	if (c->isupport.casemap == c->users.casemap)
		return;
	reed_irc_table_set_casemap(&c->users, c->isupport.casemap);
	reed_irc_table_set_casemap(&c->channels, c->isupport.casemap);
}

/* InspIRCd and others write user@host. */
static void on_visible_host(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_slice host = param(box, 1), user = reed_slice_of(c->userhost);

	if (reed_slice_find(host, '@') < host.n)
		user = reed_slice_cut(&host, '@');
	else
		user = reed_slice_cut(&user, '@');
	reed_irc_client_set_userhost(c, user, host);
}

/* ---- channels ---- */

static void on_channel_modes(struct reed_irc_client *c, struct irc_box *box)
{
	struct irc_channel *channel = channel_in(c, box, 1);

	if (!channel || box->message.count < 3)
		return;
	reed_irc_client_clear_modes(channel);
	reed_irc_client_change_modes(c, channel, box->message.params + 2, box->message.count - 2u);
	channel->is.has_modes = true;
}

static void on_created(struct reed_irc_client *c, struct irc_box *box)
{
	struct irc_channel *channel = channel_in(c, box, 1);

	if (channel)
		channel->is.created = number_in(box, 2);
}

static void on_topic(struct reed_irc_client *c, struct irc_box *box)
{
	struct irc_channel *channel = channel_in(c, box, 1);
	bool none = box->message.numeric == REED_IRC_RPL_NOTOPIC;

	if (channel)
		reed_irc_client_set_topic(channel, none ? REED_STR("") : param(box, 2),
		                          REED_STR(""), 0);
}

static void on_topic_by(struct reed_irc_client *c, struct irc_box *box)
{
	struct irc_channel *channel = channel_in(c, box, 1);

	if (channel)
		reed_irc_client_set_topic(channel, reed_slice_of(channel->is.topic), param(box, 2),
		                          number_in(box, 3));
}

/* "@+nick", or "@nick!user@host" with userhost-in-names. */
static void add_name(struct reed_irc_client *c, struct irc_channel *channel, struct reed_slice name)
{
	struct reed_slice whole = name;
	struct reed_irc_source who;
	struct irc_member *member;
	size_t prefixes = 0;

	while (name.n > 0 && reed_irc_mode_of_prefix(&c->isupport.modes, *name.p)) {
		name = reed_slice_from(name, 1);
		prefixes++;
	}
	who = reed_irc_source(name);
	member = reed_irc_client_add_member(c, channel, who.nick);
	if (!member)
		return;
	reed_irc_client_saw(c, member->user, who.user, who.host);
	for (size_t i = 0; i < prefixes; i++)
		reed_irc_client_set_member_mode(
			c, member, reed_irc_mode_of_prefix(&c->isupport.modes, whole.p[i]), true);
}

static void on_names(struct reed_irc_client *c, struct irc_box *box)
{
	struct irc_channel *channel = channel_in(c, box, 2);
	struct reed_slice names = param(box, 3);

	while (channel && names.n > 0) {
		struct reed_slice name = reed_slice_cut(&names, ' ');

		if (name.n > 0)
			add_name(c, channel, name);
	}
}

static void on_names_end(struct reed_irc_client *c, struct irc_box *box)
{
	struct irc_channel *channel = channel_in(c, box, 1);

	if (!channel)
		return;
	if (!channel->is.has_names) {
		box->event.kind = REED_IRC_EVENT_NAMES;
		box->event.text = REED_STR("");
	}
	channel->is.has_names = true;
}

/* ---- people ---- */

/* client channel user host server nick flags :hops realname */
static void on_who(struct reed_irc_client *c, struct irc_box *box)
{
	struct irc_user *user = reed_irc_client_user(c, param(box, 5));
	struct reed_slice text = reed_irc_text(&box->message);

	if (!user || box->message.count < 8)
		return;
	reed_irc_client_saw(c, user, param(box, 2), param(box, 3));
	user->is.is_away = reed_slice_starts(param(box, 6), REED_STR("G"));
	user->is.is_bot = c->isupport.bot &&
	                  reed_slice_find(param(box, 6), c->isupport.bot) < param(box, 6).n;
	reed_slice_cut(&text, ' ');
	reed_irc_client_set_user_realname(user, text);
}

static void on_whois_user(struct reed_irc_client *c, struct irc_box *box)
{
	struct irc_user *user = reed_irc_client_user(c, param(box, 1));

	if (!user)
		return;
	reed_irc_client_saw(c, user, param(box, 2), param(box, 3));
	reed_irc_client_set_user_realname(user, reed_irc_text(&box->message));
}

static void on_whois_account(struct reed_irc_client *c, struct irc_box *box)
{
	struct irc_user *user = reed_irc_client_user(c, param(box, 1));

	if (user)
		reed_irc_client_set_user_account(user, param(box, 2));
}

static void on_my_away(struct reed_irc_client *c, struct irc_box *box)
{
	struct irc_user *user = reed_irc_client_user(c, reed_irc_client_nick(c));

	if (user)
		user->is.is_away = box->message.numeric == REED_IRC_RPL_NOWAWAY;
}

static void on_login(struct reed_irc_client *c, struct irc_box *box)
{
	bool in = box->message.numeric == REED_IRC_RPL_LOGGEDIN;
	struct irc_user *user = reed_irc_client_user(c, reed_irc_client_nick(c));

	box->event.kind = in ? REED_IRC_EVENT_LOGGED_IN : REED_IRC_EVENT_LOGGED_OUT;
	box->event.account = in ? param(box, 2) : REED_STR("");
	box->event.text = reed_irc_text(&box->message);
	reed_irc_client_set_account(c, box->event.account);
	if (user)
		reed_irc_client_set_user_account(user, box->event.account);
}

/* ---- monitored ---- */

struct monitored {
	struct reed_list link;
	char *nick;
};

static struct monitored *monitored_at(struct reed_list *link)
{
	return reed_container_of(link, struct monitored, link);
}

static struct monitored *find_monitored(struct reed_irc_client *c, struct reed_slice nick)
{
	reed_list_each (link, &c->monitored) {
		if (reed_irc_client_same(c, reed_slice_of(monitored_at(link)->nick), nick))
			return monitored_at(link);
	}
	return NULL;
}

void reed_irc_client_remember_monitored(struct reed_irc_client *c, struct reed_slice nicks)
{
	while (nicks.n > 0) {
		struct reed_slice nick = reed_slice_cut(&nicks, ',');
		struct monitored *one;

		if (nick.n == 0 || find_monitored(c, nick))
			continue;
		one = reed_alloc(sizeof(*one));
		one->nick = reed_slice_dup(nick);
		reed_list_append(&c->monitored, &one->link);
	}
}

static void free_monitored(struct monitored *one)
{
	reed_list_remove(&one->link);
	reed_free(one->nick);
	reed_free(one);
}

/* Empty: all of them. */
void reed_irc_client_forget_monitored(struct reed_irc_client *c, struct reed_slice nicks)
{
	while (nicks.n == 0 && !reed_list_empty(&c->monitored))
		free_monitored(monitored_at(c->monitored.next));
	while (nicks.n > 0) {
		struct monitored *one = find_monitored(c, reed_slice_cut(&nicks, ','));

		if (one)
			free_monitored(one);
	}
}

void reed_irc_client_monitor_again(struct reed_irc_client *c)
{
	struct irc_lines lines = { .client = c,
		                   .priority = REED_IRC_AT_LEISURE,
		                   .verb = "MONITOR",
		                   .first = REED_STR("+") };

	if (!c->isupport.has_monitor)
		return;
	reed_list_each (link, &c->monitored)
		reed_irc_lines_add(&lines, reed_slice_of(monitored_at(link)->nick));
	reed_irc_lines_end(&lines);
}

/* One message may tell of many; each is an event of its own. */
static void on_monitor(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_slice list = reed_irc_text(&box->message);
	bool online = box->message.numeric == REED_IRC_RPL_MONONLINE;

	box->is_silent = true;
	while (list.n > 0) {
		struct reed_slice one = reed_slice_cut(&list, ',');

		if (one.n == 0)
			continue;
		reed_irc_client_happen_to(c,
		                          online ? REED_IRC_EVENT_ONLINE : REED_IRC_EVENT_OFFLINE,
		                          one);
		if (!online)
			reed_irc_client_nick_is_free(c, reed_irc_source(one).nick);
	}
}

/* ---- all of them ---- */

static irc_handler_fn *const handlers[] = {
	[REED_IRC_RPL_WELCOME] = reed_irc_client_on_welcome,
	[REED_IRC_RPL_ISUPPORT] = on_isupport,
	[REED_IRC_RPL_ENDOFMOTD] = reed_irc_client_on_motd_end,
	[REED_IRC_ERR_NOMOTD] = reed_irc_client_on_motd_end,
	[REED_IRC_RPL_UNAWAY] = on_my_away,
	[REED_IRC_RPL_NOWAWAY] = on_my_away,
	[REED_IRC_RPL_WHOISUSER] = on_whois_user,
	[REED_IRC_RPL_WHOISACCOUNT] = on_whois_account,
	[REED_IRC_RPL_CHANNELMODEIS] = on_channel_modes,
	[REED_IRC_RPL_CREATIONTIME] = on_created,
	[REED_IRC_RPL_NOTOPIC] = on_topic,
	[REED_IRC_RPL_TOPIC] = on_topic,
	[REED_IRC_RPL_TOPICWHOTIME] = on_topic_by,
	[REED_IRC_RPL_WHOREPLY] = on_who,
	[REED_IRC_RPL_NAMREPLY] = on_names,
	[REED_IRC_RPL_ENDOFNAMES] = on_names_end,
	[REED_IRC_RPL_VISIBLEHOST] = on_visible_host,
	[REED_IRC_ERR_UNKNOWNCOMMAND] = reed_irc_client_on_no_cap,
	[REED_IRC_ERR_NOTREGISTERED] = reed_irc_client_on_no_cap,
	[REED_IRC_ERR_NONICKNAMEGIVEN] = reed_irc_client_on_nick_refused,
	[REED_IRC_ERR_ERRONEUSNICKNAME] = reed_irc_client_on_nick_refused,
	[REED_IRC_ERR_NICKNAMEINUSE] = reed_irc_client_on_nick_refused,
	[REED_IRC_ERR_NICKCOLLISION] = reed_irc_client_on_nick_refused,
	[REED_IRC_ERR_UNAVAILRESOURCE] = reed_irc_client_on_nick_refused,
	[REED_IRC_ERR_RESTRICTED] = reed_irc_client_on_nick_refused,
	[463] = reed_irc_client_on_shut_out, /* ERR_NOPERMFORHOST */
	[REED_IRC_ERR_PASSWDMISMATCH] = reed_irc_client_on_shut_out,
	[REED_IRC_ERR_YOUREBANNEDCREEP] = reed_irc_client_on_shut_out,
	[REED_IRC_RPL_MONONLINE] = on_monitor,
	[REED_IRC_RPL_MONOFFLINE] = on_monitor,
	[REED_IRC_RPL_LOGGEDIN] = on_login,
	[REED_IRC_RPL_LOGGEDOUT] = on_login,
	[REED_IRC_ERR_NICKLOCKED] = reed_irc_client_on_sasl_outcome,
	[REED_IRC_RPL_SASLSUCCESS] = reed_irc_client_on_sasl_outcome,
	[REED_IRC_ERR_SASLFAIL] = reed_irc_client_on_sasl_outcome,
	[REED_IRC_ERR_SASLTOOLONG] = reed_irc_client_on_sasl_outcome,
	[REED_IRC_ERR_SASLABORTED] = reed_irc_client_on_sasl_outcome,
	[REED_IRC_ERR_SASLALREADY] = reed_irc_client_on_sasl_outcome,
	[REED_IRC_RPL_SASLMECHS] = reed_irc_client_on_sasl_mechanisms,
};

static irc_handler_fn *handler_of(unsigned numeric)
{
	return numeric < REED_COUNT(handlers) ? handlers[numeric] : NULL;
}

/* What may be said of a channel that one is not in, but that somebody wrote or asked to. */
static bool is_error_of_join(unsigned numeric)
{
	return numeric >= 400 && numeric < 600 && numeric != REED_IRC_ERR_CANNOTSENDTOCHAN &&
	       numeric != REED_IRC_ERR_NOTONCHANNEL && numeric != REED_IRC_ERR_CHANOPRIVSNEEDED;
}

void reed_irc_client_on_numeric(struct reed_irc_client *c, struct irc_box *box)
{
	irc_handler_fn *handler = handler_of(box->message.numeric);

	box->event.target = param(box, 1);
	box->event.text = reed_irc_text(&box->message);
	if (handler)
		handler(c, box);
	if (is_error_of_join(box->message.numeric))
		reed_irc_client_on_join_refused(c, box);
}
