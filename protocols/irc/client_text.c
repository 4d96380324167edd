/* What people say, and what their programs ask with CTCP. */

#include "client_private.h"

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

static struct reed_slice version(const struct reed_irc_client *c)
{
	return c->options.ctcp_version ? reed_slice_of(c->options.ctcp_version)
	                               : REED_STR("Reed " REED_VERSION);
}

/* False: it is not answered. */
static bool find_answer(struct reed_irc_client *c, const struct reed_irc_event *e,
                        char room[REED_IRC_TIME_SIZE], struct reed_slice *answer)
{
	if (reed_slice_is_nocase(e->subject, "VERSION"))
		*answer = version(c);
	else if (reed_slice_is_nocase(e->subject, "PING"))
		*answer = e->text;
	else if (reed_slice_is_nocase(e->subject, "TIME"))
		*answer = reed_irc_time_format(reed_wall(c->loop) / 1000000, room);
	else if (reed_slice_is_nocase(e->subject, "SOURCE") && c->options.ctcp_source)
		*answer = reed_slice_of(c->options.ctcp_source);
	else if (reed_slice_is_nocase(e->subject, "CLIENTINFO"))
		*answer = c->options.ctcp_source
		                  ? REED_STR("ACTION CLIENTINFO PING SOURCE TIME VERSION")
		                  : REED_STR("ACTION CLIENTINFO PING TIME VERSION");
	else
		return false;
	return true;
}

/* Whoever asks too often is not answered: others would make us flood. */
static void answer_ctcp(struct reed_irc_client *c, const struct reed_irc_event *e)
{
	char room[REED_IRC_TIME_SIZE], text[REED_IRC_LINE_MAX];
	struct reed_irc_ctcp ctcp = { .command = e->subject };
	struct reed_slice out;

	if (c->options.no_ctcp || e->is_mine || e->is_past || e->who.host.n == 0 ||
	    !find_answer(c, e, room, &ctcp.params))
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
	if (!is_notice)
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
