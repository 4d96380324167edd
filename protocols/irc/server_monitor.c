/* MONITOR (IRCv3) and SILENCE: whom a client wants to hear of, and whom not. */

#include "irc_server.h"

#include <stdio.h>

/* ---- MONITOR ---- */

/* Who is here and who is not, in as few lines as they fit. */
struct presence {
	struct irc_words here, gone;
};

static void presence_begin(struct presence *p, struct irc_conn *c)
{
	reed_irc_words(&p->here, c, REED_IRC_RPL_MONONLINE, ',');
	reed_irc_words(&p->gone, c, REED_IRC_RPL_MONOFFLINE, ',');
}

static void presence_add(struct presence *p, struct irc_conn *c, struct reed_slice nick)
{
	struct reed_user *user = reed_user_find(c->server->hub, nick);

	if (user)
		reed_irc_words_add(&p->here, reed_slice_of(user->full));
	else
		reed_irc_words_add(&p->gone, nick);
}

static void presence_end(struct presence *p)
{
	reed_irc_words_end(&p->here, false);
	reed_irc_words_end(&p->gone, false);
}

/* "<limit> <targets>": those that were not taken, as the client sent them. */
static void list_is_full(struct irc_conn *c, struct reed_slice nicks)
{
	const struct reed_rooms_limits *limits = &reed_hub_options(c->server->hub)->limits;
	struct reed_slice rest = nicks;
	struct irc_line l;

	while (nicks.n > 0) {
		while (rest.n > 0 && nicks.n - rest.n < 300)
			reed_slice_cut(&rest, ',');
		reed_irc_begin_numeric(c, &l, REED_IRC_ERR_MONLISTFULL);
		reed_irc_build_u64(&l.b, limits->monitor_entries);
		reed_irc_build_param(&l.b,
		                     reed_slice_first(nicks, nicks.n - rest.n - (rest.n > 0)));
		reed_irc_build_usual_text(&l.b);
		reed_irc_end(c, &l);
		nicks = rest;
	}
}

static void monitor_add(struct irc_conn *c, struct reed_slice nicks)
{
	struct presence p;

	presence_begin(&p, c);
	while (nicks.n > 0) {
		struct reed_slice all = nicks, nick = reed_slice_cut(&nicks, ',');
		enum reed_refusal why;

		if (nick.n == 0)
			continue;
		why = reed_monitor_add(&c->session, nick);
		if (why == REED_REFUSAL_LIST_FULL) {
			presence_end(&p);
			list_is_full(c, all);
			return;
		}
		if (why != REED_REFUSAL_NICK_INVALID)
			presence_add(&p, c, nick);
	}
	presence_end(&p);
}

static struct reed_slice watched(struct reed_list *link)
{
	return reed_monitor_nick(reed_container_of(link, struct reed_monitor, of_session));
}

static void monitor_list(struct irc_conn *c)
{
	struct irc_words words;

	reed_irc_words(&words, c, REED_IRC_RPL_MONLIST, ',');
	reed_list_each (link, &c->session.watches)
		reed_irc_words_add(&words, watched(link));
	reed_irc_words_end(&words, false);
	reed_irc_tell(c, REED_IRC_RPL_ENDOFMONLIST);
}

static void monitor_status(struct irc_conn *c)
{
	struct presence p;

	presence_begin(&p, c);
	reed_list_each (link, &c->session.watches)
		presence_add(&p, c, watched(link));
	presence_end(&p);
}

void reed_irc_cmd_monitor(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice what = m->params[0], nicks = reed_irc_param(m, 1);

	bool wants_nicks = reed_slice_is(what, "+") || reed_slice_is(what, "-");

	if (wants_nicks && nicks.n == 0) {
		reed_irc_tell1(c, REED_IRC_ERR_NEEDMOREPARAMS, REED_STR("MONITOR"));
	} else if (reed_slice_is(what, "+")) {
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
	} else {
		reed_irc_standard(c, "FAIL", "MONITOR", "INVALID_PARAMS", what,
		                  "After MONITOR comes + or - and nicks, or C, L or S");
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
	if (reed_irc_mask(mask, text, sizeof(text), &whole)) {
		reed_irc_standard(c, "FAIL", "SILENCE", "INVALID_MASK", REED_STR("*"),
		                  "A mask is nick!user@host with * and ?; it has no space");
		return;
	}
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
