/* AWAY, SETNAME, ISON, USERHOST, USERIP: about users. */

#include "irc_server.h"

#include <stdio.h>

void reed_irc_cmd_away(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice text = reed_irc_param(m, 0);
	enum reed_refusal why;

	text = reed_slice_first(text, reed_slice_utf8_border(text, c->server->lengths.away));
	why = reed_session_away(&c->session, text);
	if (why && why != REED_REFUSAL_ALREADY)
		reed_irc_refuse(c, why, "AWAY", REED_STR(""));
	else
		reed_irc_tell(c, text.n > 0 ? REED_IRC_RPL_NOWAWAY : REED_IRC_RPL_UNAWAY);
}

void reed_irc_cmd_setname(struct irc_conn *c, const struct reed_irc_message *m)
{
	enum reed_refusal why = REED_REFUSAL_TOO_LONG;

	if (m->params[0].n <= c->server->lengths.realname)
		why = reed_user_set_realname(irc_user(c), &c->session, m->params[0]);
	/* who does not know the answer is not given it, as it was before the specification */
	if (why && irc_has(c, IRC_CAP_SETNAME))
		reed_irc_standard(c, "FAIL", "SETNAME", "INVALID_REALNAME", REED_STR(""),
		                  reed_refusal_text(why));
}

/* ---- ISON, USERHOST, USERIP ---- */

void reed_irc_cmd_ison(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct irc_words words;

	reed_irc_words(&words, c, REED_IRC_RPL_ISON, ' ');
	for (size_t i = 0; i < m->count; i++) {
		struct reed_slice rest = m->params[i];

		while (rest.n > 0) {
			struct reed_user *user =
				reed_user_find(c->server->hub, reed_slice_cut(&rest, ' '));

			if (user)
				reed_irc_words_add(&words, reed_slice_of(user->nick));
		}
	}
	reed_irc_words_end(&words, true);
}

/* "nick*=-user@host": an operator has a star, '-' is away (RFC 2812 4.8). */
static void tell_hosts(struct irc_conn *c, const struct reed_irc_message *m, unsigned numeric,
                       bool address)
{
	char word[REED_NAME_MAX * 3];
	struct irc_words words;

	reed_irc_words(&words, c, numeric, ' ');
	for (size_t i = 0; i < m->count && i < 5; i++) {
		struct reed_user *user = reed_user_find(c->server->hub, m->params[i]);
		const char *host;

		if (!user)
			continue;
		host = user->host;
		if (address && user == irc_user(c))
			host = c->session.address;
		snprintf(word, sizeof(word), "%s%s=%c%s@%s", user->nick,
		         user->flags & REED_USER_OPERATOR ? "*" : "", user->away ? '-' : '+',
		         user->username, host);
		reed_irc_words_add(&words, reed_slice_of(word));
	}
	reed_irc_words_end(&words, true);
}

void reed_irc_cmd_userhost(struct irc_conn *c, const struct reed_irc_message *m)
{
	tell_hosts(c, m, REED_IRC_RPL_USERHOST, false);
}

void reed_irc_cmd_userip(struct irc_conn *c, const struct reed_irc_message *m)
{
	tell_hosts(c, m, REED_IRC_RPL_USERIP, true);
}
