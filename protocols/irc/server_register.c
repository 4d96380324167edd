/* Coming in: CAP, PASS, NICK, USER, and what a new client is told first. */

#include "irc_server.h"

#include <stdio.h>
#include <string.h>

void reed_irc_newcomer_free(struct irc_newcomer *n)
{
	if (!n)
		return;
	reed_free(n->nick);
	reed_free(n->username);
	reed_free(n->realname);
	reed_free(n->password);
	reed_free(n->account);
	reed_free(n);
}

static void keep(char **field, struct reed_slice text)
{
	reed_free(*field);
	*field = reed_slice_dup(text);
}

/* ---- CAP (IRCv3 capability-negotiation) ---- */

static const char *const cap_names[] = {
#define X(id, name) [IRC_CAP_INDEX_##id] = name,
	IRC_CAPS(X)
#undef X
};

/* What can be had here and now. */
static uint64_t caps_offered(struct irc_conn *c)
{
	uint64_t caps = (UINT64_C(1) << IRC_CAP_COUNT) - 1;

	if (!c->server->portal)
		caps &= ~(uint64_t)(IRC_CAP_SASL | IRC_CAP_REGISTRATION);
	if (!c->server->options.registration)
		caps &= ~(uint64_t)IRC_CAP_REGISTRATION;
	return caps;
}

static void add_value(struct irc_conn *c, int i, struct reed_buf *out)
{
	if (i == IRC_CAP_INDEX_SASL) {
		reed_buf_add_char(out, '=');
		reed_irc_sasl_mechanisms(c, out);
	} else if (i == IRC_CAP_INDEX_REGISTRATION) {
		reed_buf_add_str(out, "=before-connect,custom-account-name");
	}
}

/* In lines that fit; with version 302 all but the last are marked with a star. */
static void send_caps(struct irc_conn *c, const char *sub, uint64_t caps, bool values)
{
	struct reed_buf line = { .limit = 0 }, word = { .limit = 0 };
	struct irc_line l;

	for (int i = 0; i <= IRC_CAP_COUNT; i++) {
		bool last = i == IRC_CAP_COUNT;

		reed_buf_clear(&word);
		if (!last && !(caps >> i & 1))
			continue;
		if (!last) {
			reed_buf_add_str(&word, cap_names[i]);
			if (values)
				add_value(c, i, &word);
		}
		if (last || reed_buf_held(&line) + reed_buf_held(&word) > 380) {
			reed_irc_begin(&l, c->server->name, "CAP");
			reed_irc_build_param(&l.b, reed_irc_client_name(c));
			reed_irc_build_param(&l.b, reed_slice_of(sub));
			if (!last && c->cap_version >= 2)
				reed_irc_build_param(&l.b, REED_STR("*"));
			reed_irc_build_text(&l.b, reed_slice_trim(reed_buf_slice(&line)));
			reed_irc_end(c, &l);
			reed_buf_clear(&line);
		}
		reed_buf_add(&line, reed_buf_slice(&word));
		reed_buf_add_char(&line, ' ');
	}
	reed_buf_finish(&line);
	reed_buf_finish(&word);
}

static int cap_index(struct reed_slice name)
{
	for (int i = 0; i < IRC_CAP_COUNT; i++)
		if (reed_slice_is(name, cap_names[i]))
			return i;
	return -1;
}

/* All of the list or nothing of it. */
static bool parse_request(struct irc_conn *c, struct reed_slice list, uint64_t *set,
                          uint64_t *clear)
{
	uint64_t offered = caps_offered(c);

	while (list.n > 0) {
		struct reed_slice word = reed_slice_cut(&list, ' ');
		bool off = word.n > 0 && word.p[0] == '-';
		int i;

		if (word.n == 0)
			continue;
		i = cap_index(reed_slice_from(word, off));
		if (i < 0 || !(offered >> i & 1))
			return false;
		/* a client of CAP 302 cannot do without being told of changes */
		if (off && i == IRC_CAP_INDEX_CAP_NOTIFY && c->cap_version >= 2)
			return false;
		*(off ? clear : set) |= UINT64_C(1) << i;
	}
	return true;
}

static void cap_request(struct irc_conn *c, struct reed_slice list)
{
	uint64_t set = 0, clear = 0;
	struct irc_line l;
	bool granted = parse_request(c, list, &set, &clear);

	c->negotiating |= !c->registered;
	if (granted)
		c->caps = (c->caps | set) & ~clear;
	reed_irc_begin(&l, c->server->name, "CAP");
	reed_irc_build_param(&l.b, reed_irc_client_name(c));
	reed_irc_build_param(&l.b, granted ? REED_STR("ACK") : REED_STR("NAK"));
	reed_irc_build_text_cut(&l.b, list);
	reed_irc_end(c, &l);
}

static void cap_list(struct irc_conn *c, const struct reed_irc_message *m)
{
	uint64_t version = 0;

	reed_slice_u64(reed_irc_param(m, 1), 1000, &version);
	if (version >= 302) {
		c->cap_version = 2;
		c->caps |= IRC_CAP_CAP_NOTIFY;
	} else if (c->cap_version == 0) {
		c->cap_version = 1;
	}
	c->negotiating |= !c->registered;
	send_caps(c, "LS", caps_offered(c), c->cap_version >= 2);
}

void reed_irc_cmd_cap(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice sub = m->params[0];

	if (reed_slice_is_nocase(sub, "LS")) {
		cap_list(c, m);
	} else if (reed_slice_is_nocase(sub, "LIST")) {
		send_caps(c, "LIST", c->caps, false);
	} else if (reed_slice_is_nocase(sub, "REQ")) {
		cap_request(c, reed_irc_param(m, 1));
	} else if (reed_slice_is_nocase(sub, "END")) {
		c->negotiating = false;
		reed_irc_login_abort(c);
		reed_irc_try_register(c);
	} else {
		reed_irc_tell1(c, REED_IRC_ERR_INVALIDCAPCMD, sub);
	}
}

/* ---- PASS, NICK, USER ---- */

void reed_irc_cmd_pass(struct irc_conn *c, const struct reed_irc_message *m)
{
	if (c->registered)
		reed_irc_tell(c, REED_IRC_ERR_ALREADYREGISTERED);
	else
		keep(&c->newcomer->password, m->params[0]);
}

void reed_irc_cmd_user(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice name = m->params[0];
	size_t most;

	if (c->registered || c->newcomer->username) {
		reed_irc_tell(c, REED_IRC_ERR_ALREADYREGISTERED);
		return;
	}
	most = reed_hub_options(c->server->hub)->limits.username_bytes;
	name = reed_slice_first(name, reed_slice_utf8_border(name, most));
	if (reed_irc_user_wrong(name, NULL))
		name = REED_STR("user");
	keep(&c->newcomer->username, name);
	most = reed_hub_options(c->server->hub)->limits.realname_bytes;
	keep(&c->newcomer->realname,
	     reed_slice_first(m->params[3], reed_slice_utf8_border(m->params[3], most)));
	reed_irc_try_register(c);
}

static void wrong_nick(struct irc_conn *c, struct reed_slice nick, const char *why)
{
	reed_irc_tell_text(c, REED_IRC_ERR_ERRONEUSNICKNAME, nick.n ? nick : REED_STR("*"), "%s",
	                   why);
}

static const char *nick_wrong(struct irc_conn *c, struct reed_slice nick)
{
	struct reed_irc_name_rules rules = {
		.nick_max = reed_hub_options(c->server->hub)->limits.nick_bytes,
		.utf8 = true,
	};

	if (reed_irc_is_service(nick))
		return "That is the name of a service of this server";
	return reed_irc_nick_wrong(nick, &rules);
}

static void first_nick(struct irc_conn *c, struct reed_slice nick)
{
	struct reed_user *other = reed_user_find(c->server->hub, nick);

	/* whoever logs in to the account of that user may be that user */
	if (other && !c->newcomer->account && !c->negotiating) {
		reed_irc_tell1(c, REED_IRC_ERR_NICKNAMEINUSE, nick);
		return;
	}
	keep(&c->newcomer->nick, nick);
	reed_irc_try_register(c);
}

void reed_irc_cmd_nick(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice nick = reed_irc_param(m, 0);
	enum reed_refusal why;
	const char *wrong;

	if (nick.n == 0) {
		reed_irc_tell(c, REED_IRC_ERR_NONICKNAMEGIVEN);
		return;
	}
	wrong = nick_wrong(c, nick);
	if (wrong) {
		wrong_nick(c, nick, wrong);
	} else if (!c->registered) {
		first_nick(c, nick);
	} else {
		why = reed_user_rename(irc_user(c), &c->session, nick);
		if (why && why != REED_REFUSAL_ALREADY)
			reed_irc_refuse(c, why, "NICK", nick);
	}
}

/* ---- all there? ---- */

/* The nick is taken by somebody else: the client is asked for another one. */
static void ask_for_another(struct irc_conn *c, enum reed_refusal why)
{
	struct reed_slice nick = reed_slice_of(c->newcomer->nick);
	char *taken = c->newcomer->nick;

	c->newcomer->nick = NULL;
	if (why == REED_REFUSAL_NICK_INVALID)
		wrong_nick(c, nick, reed_refusal_text(why));
	else if (why == REED_REFUSAL_NICK_RESERVED)
		reed_irc_tell_text(c, REED_IRC_ERR_NICKNAMEINUSE, nick,
		                   "Nickname is reserved: log in to its account "
		                   "(SASL), or take another one");
	else
		reed_irc_tell1(c, REED_IRC_ERR_NICKNAMEINUSE, nick);
	reed_free(taken);
}

static bool may_enter(struct irc_conn *c)
{
	const struct reed_irc_server_options *o = &c->server->options;

	if (o->password &&
	    (!c->newcomer->password || strcmp(c->newcomer->password, o->password) != 0)) {
		reed_irc_tell(c, REED_IRC_ERR_PASSWDMISMATCH);
		reed_irc_close(c, "Bad password: send PASS before NICK and USER");
		return false;
	}
	if (o->account_required && !c->newcomer->account) {
		reed_irc_standard(c, "FAIL", "*", "ACCOUNT_REQUIRED", REED_STR(""),
		                  "You must log in to an account (SASL) to come in");
		reed_irc_close(c, "An account is required here");
		return false;
	}
	return true;
}

static enum reed_refusal attach(struct irc_conn *c)
{
	char host[REED_ADDRESS_TEXT], address[REED_ADDRESS_TEXT];
	struct reed_address peer = reed_irc_peer_address(c);
	struct reed_newcomer who = REED_NEWCOMER;

	reed_irc_shown_host(c->server, &peer, host);
	reed_address_host(&peer, address);
	who.nick = reed_slice_of(c->newcomer->nick);
	who.username = reed_slice_of(c->newcomer->username);
	who.realname = reed_slice_of(c->newcomer->realname);
	who.host = reed_slice_of(host);
	who.address = reed_slice_of(address);
	who.account = reed_slice_of(c->newcomer->account);
	who.secure = c->secure;
	return reed_session_attach(c->server->hub, &c->session, &who);
}

static void not_attached(struct irc_conn *c, enum reed_refusal why)
{
	if (why == REED_REFUSAL_NICK_IN_USE || why == REED_REFUSAL_NICK_RESERVED ||
	    why == REED_REFUSAL_NICK_INVALID) {
		ask_for_another(c, why);
		return;
	}
	if (why == REED_REFUSAL_SERVER_BANNED)
		reed_irc_tell(c, REED_IRC_ERR_YOUREBANNEDCREEP);
	reed_irc_close(c, "%s", reed_refusal_text(why));
}

void reed_irc_try_register(struct irc_conn *c)
{
	struct irc_newcomer *n = c->newcomer;
	enum reed_refusal why;

	if (c->registered || c->closing || c->negotiating || c->login || !n->nick || !n->username ||
	    !may_enter(c))
		return;
	why = attach(c);
	if (why) {
		not_attached(c, why);
		return;
	}
	c->registered = true;
	c->server->stats.registered++;
	c->newcomer = NULL;
	reed_irc_welcome(c);
	reed_irc_newcomer_free(n);
	reed_irc_become_operator(c);
	reed_irc_start_pings(c);
}

/* ---- welcome ---- */

static void send_myinfo(struct irc_conn *c)
{
	struct irc_line l;

	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_MYINFO);
	reed_irc_build_param(&l.b, c->server->name);
	reed_irc_build_param(&l.b, REED_STR("reed-" REED_VERSION));
	reed_irc_build_param(&l.b, REED_STR("BRZioswx"));
	reed_irc_build_param(&l.b, REED_STR("CIMNPQRSTabeghiklmnopqstvz"));
	reed_irc_build_param(&l.b, REED_STR("IQabehkloqv"));
	reed_irc_end(c, &l);
}

void reed_irc_send_isupport(struct irc_conn *c)
{
	struct irc_line l;

	for (size_t at = 0; at < c->server->isupport.count;) {
		reed_irc_begin_numeric(c, &l, REED_IRC_RPL_ISUPPORT);
		reed_irc_build_isupport(&l.b, &c->server->isupport, &at);
		reed_irc_end(c, &l);
	}
}

static void send_own_modes(struct irc_conn *c)
{
	char modes[32];
	struct irc_line l;

	if (reed_irc_user_modes_text(irc_user(c), modes) < 2)
		return;
	reed_irc_begin(&l, reed_slice_of(irc_user(c)->nick), "MODE");
	reed_irc_build_param(&l.b, reed_slice_of(irc_user(c)->nick));
	reed_irc_build_param(&l.b, reed_slice_of(modes));
	reed_irc_end(c, &l);
}

/* A client that joins a user who is here already is shown where that user is. */
static void show_where(struct irc_conn *c)
{
	struct reed_user *user = irc_user(c);
	struct irc_line l;

	reed_list_each (link, &user->memberships) {
		struct reed_room *room = reed_container_of(link, struct reed_member, link)->room;

		reed_irc_begin(&l, reed_slice_of(user->full), "JOIN");
		reed_irc_build_param(&l.b, reed_slice_of(room->name));
		if (irc_has(c, IRC_CAP_EXTENDED_JOIN)) {
			reed_irc_build_param(&l.b, user->account
			                                   ? reed_slice_of(user->account->name)
			                                   : REED_STR("*"));
			reed_irc_build_text_cut(&l.b, reed_slice_of(user->realname));
		}
		reed_irc_end(c, &l);
		reed_irc_show_room(c, room);
	}
}

void reed_irc_welcome(struct irc_conn *c)
{
	struct reed_user *user = irc_user(c);
	struct reed_slice none = REED_STR("");

	reed_irc_tell_text(c, REED_IRC_RPL_WELCOME, none, "Welcome to the " REED_FMT " Network, %s",
	                   REED_ARG(c->server->network), user->full);
	reed_irc_tell_text(c, REED_IRC_RPL_YOURHOST, none,
	                   "Your host is " REED_FMT ", running version reed-" REED_VERSION,
	                   REED_ARG(c->server->name));
	reed_irc_tell_text(c, REED_IRC_RPL_CREATED, none, "This server was created %s",
	                   c->server->created);
	send_myinfo(c);
	reed_irc_send_isupport(c);
	reed_irc_send_lusers(c);
	reed_irc_send_motd(c);
	send_own_modes(c);
	if (user->session_count > 1)
		reed_irc_notice(c, "You are %s here, together with your other clients", user->nick);
	show_where(c);
}

/* ---- 005 ---- */

static void set(struct reed_irc_server *server, const char *name, const char *value)
{
	reed_irc_isupport_set(&server->isupport, reed_slice_of(name), reed_slice_of(value));
}

static void set_number(struct reed_irc_server *server, const char *name, const char *before,
                       uint32_t number)
{
	char text[96];

	snprintf(text, sizeof(text), "%s%u", before, number);
	set(server, name, text);
}

static void set_targmax(struct reed_irc_server *server)
{
	unsigned n = server->options.limits.targets, rooms = server->options.limits.rooms_at_once;
	unsigned monitor = reed_hub_options(server->hub)->limits.monitor_entries;
	char text[200];

	snprintf(text, sizeof(text),
	         "JOIN:%u,KICK:%u,LIST:%d,MONITOR:%u,NAMES:%u,NOTICE:%u,PART:%u,PRIVMSG:%u,"
	         "TAGMSG:%u,WHOIS:%u",
	         rooms, n, REED_IRC_LIST_MASKS, monitor, n, n, rooms, n, n, n);
	set(server, "TARGMAX", text);
}

void reed_irc_make_isupport(struct reed_irc_server *server)
{
	const struct reed_rooms_limits *limits = &reed_hub_options(server->hub)->limits;
	char network[64];

	reed_irc_isupport_init(&server->isupport);
	reed_slice_copy(network, sizeof(network), server->network);
	set(server, "NETWORK", network);
	set(server, "CASEMAPPING", "ascii");
	set(server, "CHANTYPES", "#");
	set(server, "PREFIX", "(qaohv)~&@%+");
	set(server, "CHANMODES", "bQeI,k,l,CMNPRSTgimnpstz");
	set_number(server, "MODES", "", server->options.limits.modes);
	set_number(server, "MAXLIST", "bQeI:", limits->list_entries);
	set_number(server, "CHANLIMIT", "#:", limits->rooms_per_user);
	set_number(server, "NICKLEN", "", limits->nick_bytes);
	set_number(server, "USERLEN", "", limits->username_bytes);
	set_number(server, "HOSTLEN", "", limits->host_bytes);
	set_number(server, "NAMELEN", "", limits->realname_bytes);
	set_number(server, "CHANNELLEN", "", limits->room_name_bytes);
	set_number(server, "TOPICLEN", "", limits->topic_bytes);
	set_number(server, "KICKLEN", "", limits->reason_bytes);
	set_number(server, "AWAYLEN", "", limits->away_bytes);
	set_number(server, "KEYLEN", "", limits->key_bytes);
	set_number(server, "MONITOR", "", limits->monitor_entries);
	set_number(server, "SILENCE", "", limits->list_entries);
	set_targmax(server);
	set(server, "STATUSMSG", "~&@%+");
	set(server, "ELIST", "CMNTU");
	set(server, "EXCEPTS", "e");
	set(server, "INVEX", "I");
	set(server, "EXTBAN", "$,a");
	set(server, "ACCOUNTEXTBAN", "a");
	set(server, "BOT", "B");
	set(server, "KNOCK", "");
	set(server, "SAFELIST", "");
	set(server, "USERIP", "");
	set(server, "UTF8ONLY", "");
	set(server, "WHOX", "");
}
