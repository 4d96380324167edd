/* Coming in: PASS, NICK, USER. */

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
		reed_irc_send_away(c, IRC_PARTING_PASSWORD,
		                   "Bad password: send PASS before NICK and USER");
		return false;
	}
	if (o->account_required && !c->newcomer->account) {
		reed_irc_standard(c, "FAIL", "*", "ACCOUNT_REQUIRED", REED_STR(""),
		                  "You must log in to an account (SASL) to come in");
		reed_irc_send_away(c, IRC_PARTING_NO_ACCOUNT, "An account is required here");
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
	reed_irc_count_refusal(c->server, why);
	if (why == REED_REFUSAL_SERVER_BANNED)
		reed_irc_tell(c, REED_IRC_ERR_YOUREBANNEDCREEP);
	reed_irc_send_away(c, IRC_PARTING_REFUSAL, "%s", reed_refusal_text(why));
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
