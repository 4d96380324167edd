/* Coming in: CAP, PASS, NICK, USER. */

#include <string.h>

#include "irc_login.h"

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

/*
 * The password of the server, or account:password, as clients send it who know
 * neither SASL nor NickServ.  Both may be sent, one after the other.
 */
void reed_irc_cmd_pass(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice secret = m->params[0], account;
	const char *password = c->server->options.password;

	if (c->registered) {
		reed_irc_tell(c, REED_IRC_ERR_ALREADYREGISTERED);
		return;
	}
	account = reed_slice_cut(&secret, ':');
	if (account.n > 0 && secret.n > 0 && !(password && reed_slice_is(m->params[0], password)))
		reed_irc_login_password(c, NULL, account, secret);
	else
		keep(&c->newcomer->password, m->params[0]);
}

void reed_irc_cmd_user(struct irc_conn *c, const struct reed_irc_message *m)
{
	const struct irc_lengths *most = &c->server->lengths;
	struct reed_slice name = m->params[0], realname = m->params[3];

	if (c->registered || c->newcomer->username) {
		reed_irc_tell(c, REED_IRC_ERR_ALREADYREGISTERED);
		return;
	}
	name = reed_slice_first(name, reed_slice_utf8_border(name, most->user));
	if (reed_irc_user_wrong(name, NULL))
		name = REED_STR("user");
	keep(&c->newcomer->username, name);
	keep(&c->newcomer->realname,
	     reed_slice_first(realname, reed_slice_utf8_border(realname, most->realname)));
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
		.nick_max = c->server->lengths.nick,
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
