/* What people say, and what their programs ask with CTCP. */

#include "client_private.h"
#include "dcc_private.h"

#include "reed/irc/text.h"

/* Where it was said, and where an answer goes. */
static void locate(struct reed_irc_client *c, struct reed_irc_event *e, struct reed_slice target)
{
	struct reed_slice prefixes;

	e->target = reed_irc_without_statusmsg(&c->isupport, target, &prefixes);
	e->is_private = reed_irc_client_is_me(c, e->target);
	e->reply_to = reed_irc_is_channel(&c->isupport, e->target) ? e->target : e->who.nick;
	/* what we said to somebody is part of the conversation with that one */
	if (e->is_mine && !e->is_private)
		e->reply_to = e->target;
}

/* ---- answering ---- */

enum { ANSWER_ROOM = REED_IRC_LINE_MAX };

/* What the options say; NULL: that is not told. */
static const char *told(const struct reed_irc_client *c, struct reed_slice command)
{
	const struct reed_irc_client_options *o = &c->options;

	if (reed_slice_is_nocase(command, "VERSION"))
		return o->ctcp_version ? o->ctcp_version : "Reed " REED_VERSION;
	if (reed_slice_is_nocase(command, "SOURCE"))
		return o->ctcp_source;
	if (reed_slice_is_nocase(command, "FINGER"))
		return o->ctcp_finger;
	return reed_slice_is_nocase(command, "USERINFO") ? o->ctcp_userinfo : NULL;
}

static const char *what_is_answered(const struct reed_irc_client *c, char room[ANSWER_ROOM])
{
	const struct reed_irc_client_options *o = &c->options;

	snprintf(room, ANSWER_ROOM, "ACTION CLIENTINFO ERRMSG%s PING%s TIME%s VERSION",
	         o->ctcp_finger ? " FINGER" : "", o->ctcp_source ? " SOURCE" : "",
	         o->ctcp_userinfo ? " USERINFO" : "");
	return room;
}

/* NULL: it is not answered. */
static const char *find_answer(struct reed_irc_client *c, const struct reed_irc_event *e,
                               char room[ANSWER_ROOM])
{
	if (reed_slice_is_nocase(e->subject, "PING"))
		snprintf(room, ANSWER_ROOM, REED_FMT, REED_ARG(e->text));
	else if (reed_slice_is_nocase(e->subject, "TIME"))
		reed_irc_time_format(reed_wall(c->loop) / 1000000, room);
	else if (reed_slice_is_nocase(e->subject, "ERRMSG"))
		snprintf(room, ANSWER_ROOM, REED_FMT " :no error", REED_ARG(e->text));
	else if (reed_slice_is_nocase(e->subject, "CLIENTINFO"))
		return what_is_answered(c, room);
	else
		return told(c, e->subject);
	return room;
}

/* Whoever asks too often is not answered: others would make us flood. */
static void answer_ctcp(struct reed_irc_client *c, const struct reed_irc_event *e)
{
	char room[ANSWER_ROOM], text[REED_IRC_LINE_MAX];
	const char *answer = find_answer(c, e, room);
	struct reed_irc_ctcp ctcp = { .command = e->subject, .params = reed_slice_of(answer) };
	struct reed_slice out;

	if (c->options.no_ctcp || e->is_mine || e->is_past || e->who.host.n == 0 || !answer)
		return;
	if (reed_irc_pace_wait(&c->ctcp_pace, reed_now(c->loop)) > 0) {
		c->stats.ctcp_ignored++;
		return;
	}
	reed_irc_pace_spend(&c->ctcp_pace, reed_now(c->loop));
	if (reed_irc_ctcp_format(&ctcp, text, sizeof(text), &out) == REED_OK)
		reed_irc_client_tell(c, REED_IRC_AT_LEISURE, "NOTICE", e->who.nick, out);
}

/* ---- hearing ---- */

static void hear_ctcp(struct reed_irc_client *c, struct reed_irc_event *e,
                      const struct reed_irc_ctcp *ctcp, bool is_notice)
{
	e->text = ctcp->params;
	if (!is_notice && reed_slice_is_nocase(ctcp->command, "ACTION")) {
		e->kind = REED_IRC_EVENT_ACTION;
		return;
	}
	e->subject = ctcp->command;
	e->kind = is_notice ? REED_IRC_EVENT_CTCP_REPLY : REED_IRC_EVENT_CTCP;
	if (is_notice)
		return;
	reed_irc_dcc_heard(c, e);
	answer_ctcp(c, e);
}

void reed_irc_client_tell_text(struct reed_irc_client *c, struct irc_box *box,
                               struct reed_slice text)
{
	struct reed_irc_event *e = &box->event;
	bool is_notice = box->message.command == REED_IRC_NOTICE;
	struct reed_irc_ctcp ctcp;

	locate(c, e, reed_irc_param(&box->message, 0));
	e->text = text;
	if (reed_irc_ctcp(e->text, &ctcp))
		hear_ctcp(c, e, &ctcp, is_notice);
	else
		e->kind = is_notice ? REED_IRC_EVENT_NOTICE : REED_IRC_EVENT_MESSAGE;
}

void reed_irc_client_on_text(struct reed_irc_client *c, struct irc_box *box)
{
	reed_irc_client_tell_text(c, box, reed_irc_param(&box->message, 1));
}

void reed_irc_client_on_tagmsg(struct reed_irc_client *c, struct irc_box *box)
{
	box->event.kind = REED_IRC_EVENT_TAGS;
	locate(c, &box->event, reed_irc_param(&box->message, 0));
}
