/* AWAY, SETNAME, ISON, USERHOST, USERIP, MONITOR, SILENCE: about users. */

#include "irc_server.h"

#include <stdio.h>
#include <string.h>

void reed_irc_cmd_away(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice text = reed_irc_param(m, 0);
	enum reed_refusal why = reed_session_away(&c->session, text);

	if (why && why != REED_REFUSAL_ALREADY)
		reed_irc_refuse(c, why, "AWAY", REED_STR(""));
	else
		reed_irc_tell(c, text.n > 0 ? REED_IRC_RPL_NOWAWAY : REED_IRC_RPL_UNAWAY);
}

void reed_irc_cmd_setname(struct irc_conn *c, const struct reed_irc_message *m)
{
	enum reed_refusal why = reed_user_set_realname(irc_user(c), &c->session, m->params[0]);

	if (why && why != REED_REFUSAL_ALREADY)
		reed_irc_standard(c, "FAIL", "SETNAME", "INVALID_REALNAME", REED_STR(""),
		                  reed_refusal_text(why));
}

/* ---- ISON, USERHOST, USERIP ---- */

static void add_word(char *line, size_t room, size_t *used, const char *word)
{
	size_t n = strlen(word);

	if (*used + n + 1 > room)
		return;
	if (*used > 0)
		line[(*used)++] = ' ';
	memcpy(line + *used, word, n);
	*used += n;
}

void reed_irc_cmd_ison(struct irc_conn *c, const struct reed_irc_message *m)
{
	char line[400];
	size_t used = 0;

	for (size_t i = 0; i < m->count; i++) {
		struct reed_slice rest = m->params[i];

		while (rest.n > 0) {
			struct reed_user *user =
				reed_user_find(c->server->hub, reed_slice_cut(&rest, ' '));

			if (user)
				add_word(line, sizeof(line), &used, user->nick);
		}
	}
	reed_irc_tell_text(c, REED_IRC_RPL_ISON, REED_STR(""), "%.*s", (int)used, line);
}

/* "nick*=-user@host": an operator has a star, '-' is away (RFC 2812 4.8). */
static void tell_hosts(struct irc_conn *c, const struct reed_irc_message *m, unsigned numeric,
                       bool address)
{
	char line[400], word[REED_NAME_MAX * 3];
	size_t used = 0;

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
		add_word(line, sizeof(line), &used, word);
	}
	reed_irc_tell_text(c, numeric, REED_STR(""), "%.*s", (int)used, line);
}

void reed_irc_cmd_userhost(struct irc_conn *c, const struct reed_irc_message *m)
{
	tell_hosts(c, m, REED_IRC_RPL_USERHOST, false);
}

void reed_irc_cmd_userip(struct irc_conn *c, const struct reed_irc_message *m)
{
	tell_hosts(c, m, REED_IRC_RPL_USERIP, true);
}

/* ---- MONITOR (IRCv3 monitor) ---- */

static void tell_one(struct irc_conn *c, struct reed_slice nick)
{
	struct reed_user *user = reed_user_find(c->server->hub, nick);

	if (user)
		reed_irc_tell_text(c, REED_IRC_RPL_MONONLINE, REED_STR(""), "%s", user->full);
	else
		reed_irc_tell_text(c, REED_IRC_RPL_MONOFFLINE, REED_STR(""), REED_FMT,
		                   REED_ARG(nick));
}

static void monitor_add(struct irc_conn *c, struct reed_slice nicks)
{
	while (nicks.n > 0) {
		struct reed_slice all = nicks, nick = reed_slice_cut(&nicks, ',');
		enum reed_refusal why;

		if (nick.n == 0)
			continue;
		why = reed_monitor_add(&c->session, nick);
		if (why == REED_REFUSAL_LIST_FULL) {
			char most[16];
			struct irc_line l;

			snprintf(most, sizeof(most), "%u",
			         reed_hub_options(c->server->hub)->limits.monitor_entries);
			reed_irc_begin_numeric(c, &l, REED_IRC_ERR_MONLISTFULL);
			reed_irc_build_param(&l.b, reed_slice_of(most));
			reed_irc_build_param(&l.b, all);
			reed_irc_build_usual_text(&l.b);
			reed_irc_end(c, &l);
			return;
		}
		if (why != REED_REFUSAL_NICK_INVALID)
			tell_one(c, nick);
	}
}

static void monitor_list(struct irc_conn *c)
{
	reed_list_each (link, &c->session.watches) {
		struct reed_monitor *m = reed_container_of(link, struct reed_monitor, of_session);
		struct reed_slice nick = reed_monitor_nick(m);

		reed_irc_tell_text(c, REED_IRC_RPL_MONLIST, REED_STR(""), REED_FMT, REED_ARG(nick));
	}
	reed_irc_tell(c, REED_IRC_RPL_ENDOFMONLIST);
}

static void monitor_status(struct irc_conn *c)
{
	reed_list_each (link, &c->session.watches)
		tell_one(c, reed_monitor_nick(
				    reed_container_of(link, struct reed_monitor, of_session)));
}

void reed_irc_cmd_monitor(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice what = m->params[0], nicks = reed_irc_param(m, 1);

	if (reed_slice_is(what, "+")) {
		monitor_add(c, nicks);
	} else if (reed_slice_is(what, "-")) {
		while (nicks.n > 0)
			reed_monitor_remove(&c->session, reed_slice_cut(&nicks, ','));
	} else if (reed_slice_is_nocase(what, "C")) {
		reed_monitor_clear(&c->session);
	} else if (reed_slice_is_nocase(what, "L")) {
		monitor_list(c);
	} else if (reed_slice_is_nocase(what, "S")) {
		monitor_status(c);
	}
}

/* ---- SILENCE ---- */

static void silence_list(struct irc_conn *c)
{
	const struct reed_masks *masks = reed_user_blocks(irc_user(c));

	for (uint32_t i = 0; masks && i < masks->n; i++) {
		struct irc_line l;

		reed_irc_begin_numeric(c, &l, REED_IRC_RPL_SILELIST);
		reed_irc_build_param(&l.b, reed_slice_of(irc_user(c)->nick));
		reed_irc_build_param(&l.b, reed_slice_of(masks->p[i].mask));
		reed_irc_end(c, &l);
	}
	reed_irc_tell(c, REED_IRC_RPL_ENDOFSILELIST);
}

void reed_irc_cmd_silence(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice mask = reed_irc_param(m, 0), whole;
	bool off = mask.n > 0 && mask.p[0] == '-';
	char text[REED_IRC_LINE_MAX];
	enum reed_refusal why;

	if (mask.n == 0) {
		silence_list(c);
		return;
	}
	if (off || mask.p[0] == '+')
		mask = reed_slice_from(mask, 1);
	if (reed_irc_mask(mask, text, sizeof(text), &whole))
		return;
	why = reed_user_block(irc_user(c), whole, !off);
	if (why == REED_REFUSAL_LIST_FULL) {
		reed_irc_tell1(c, REED_IRC_ERR_SILELISTFULL, whole);
	} else if (!why) {
		struct irc_line l;

		reed_irc_begin(&l, reed_slice_of(irc_user(c)->full), "SILENCE");
		reed_irc_build_textf(&l.b, "%c" REED_FMT, off ? '-' : '+', REED_ARG(whole));
		reed_irc_end(c, &l);
	}
}
