/*
 * NickServ: accounts in words, for clients that know nothing else.  It offers
 * only what would be done for who asks.
 */

#include <stdio.h>

#include "irc_login.h"

/* ---- coming and going ---- */

static void identify(struct irc_conn *c, struct reed_slice rest)
{
	struct reed_slice first = reed_slice_cut(&rest, ' '), account = first;

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

static void register_account(struct irc_conn *c, struct reed_slice rest)
{
	struct reed_slice password = reed_slice_cut(&rest, ' ');

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
static void regain(struct irc_conn *c, struct reed_slice rest)
{
	struct reed_slice nick = reed_slice_cut(&rest, ' ');
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

static void logout(struct irc_conn *c, struct reed_slice rest)
{
	enum reed_refusal why = reed_user_login(irc_user(c), &c->session, REED_STR(""));

	(void)rest;
	if (why)
		reed_irc_service_notice(c, "NickServ", "%s", reed_refusal_text(why));
	else
		reed_irc_logged_out(c);
}

/* ---- what may be said ---- */

static bool may_register(const struct irc_conn *c)
{
	return c->server->portal && c->server->options.registration && !c->avatar &&
	       reed_irc_may_tell_password(c);
}

static bool may_identify(const struct irc_conn *c)
{
	return c->server->portal && !c->avatar && reed_irc_may_tell_password(c);
}

static bool is_in(const struct irc_conn *c)
{
	return c->avatar != NULL;
}

static bool may_change_password(const struct irc_conn *c)
{
	return c->avatar && reed_irc_may_tell_password(c);
}

static bool always(const struct irc_conn *c)
{
	return c->server->portal != NULL;
}

static void help(struct irc_conn *c, struct reed_slice rest);

/* Those without words of their own are other names for the one before. */
static const struct {
	const char *verb;
	const char *args, *text;
	bool (*offered)(const struct irc_conn *c);
	void (*run)(struct irc_conn *c, struct reed_slice rest);
} words[] = {
	{ "REGISTER", "<password>", "makes an account of your nick", may_register,
	  register_account },
	{ "IDENTIFY", "[account] <password>", "logs you in", may_identify, identify },
	{ "LOGIN", NULL, NULL, NULL, identify },
	{ "REGAIN", "<nick>", "takes a nick of yours back from who has it", is_in, regain },
	{ "GHOST", NULL, NULL, NULL, regain },
	{ "RECOVER", NULL, NULL, NULL, regain },
	{ "PASSWORD", "<new password>", "changes it", may_change_password,
	  reed_irc_change_password },
	{ "PASSWD", NULL, NULL, NULL, reed_irc_change_password },
	{ "SET", NULL, NULL, NULL, reed_irc_set_something },
	{ "CERT", "ADD|DEL|LIST [fingerprint]",
	  "certificates that log you in without a password (SASL EXTERNAL)", is_in,
	  reed_irc_certificates },
	{ "DROP", "", "removes your account", is_in, reed_irc_drop_account },
	{ "LOGOUT", "", "makes you a guest", is_in, logout },
	{ "HELP", "", "this", always, help },
};

static void help(struct irc_conn *c, struct reed_slice rest)
{
	(void)rest;
	if (!c->server->portal) {
		reed_irc_service_notice(c, "NickServ", "There are no accounts here");
		return;
	}
	for (size_t i = 0; i < REED_COUNT(words); i++)
		if (words[i].offered && words[i].offered(c))
			reed_irc_service_notice(c, "NickServ", "%s%s%s: %s", words[i].verb,
			                        *words[i].args ? " " : "", words[i].args,
			                        words[i].text);
	if (!c->avatar && !reed_irc_may_tell_password(c))
		reed_irc_service_notice(c, "NickServ",
		                        "Passwords are taken over TLS only: connect to the port "
		                        "for that to log in");
}

void reed_irc_nickserv(struct irc_conn *c, struct reed_slice verb, struct reed_slice rest)
{
	for (size_t i = 0; i < REED_COUNT(words); i++)
		if (reed_slice_is_nocase(verb, words[i].verb)) {
			words[i].run(c, rest);
			return;
		}
	if (verb.n > 0)
		reed_irc_service_notice(
			c, "NickServ", REED_FMT " is no command of mine; there is",
			REED_ARG(reed_slice_first(verb, reed_slice_utf8_border(verb, 32))));
	help(c, verb);
}
