/* A line that came: what it changes, who waits for it, what is told of it. */

#include "client_private.h"

static void on_ping(struct reed_irc_client *c, struct irc_box *box)
{
	reed_irc_client_tell(c, REED_IRC_AT_ONCE, "PONG", reed_irc_text(&box->message));
}

/* Any PONG will do to know that the server is there; ours says how far it is. */
static void on_pong(struct reed_irc_client *c, struct irc_box *box)
{
	if (c->pinged_at && reed_slice_is(reed_irc_text(&box->message), "reed-lag"))
		c->lag_ns = reed_now(c->loop) - c->pinged_at;
	c->pinged_at = 0;
}

static void on_error(struct reed_irc_client *c, struct irc_box *box)
{
	box->event.kind = REED_IRC_EVENT_ERROR;
	box->event.text = reed_irc_text(&box->message);
	reed_irc_replace(&c->last_words, box->event.text);
}

static void on_standard(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_irc_event *e = &box->event;

	(void)c;
	e->kind = REED_IRC_EVENT_STANDARD;
	e->target = reed_irc_param(&box->message, 0);
	e->subject = reed_irc_param(&box->message, 1);
	e->text = reed_irc_text(&box->message);
}

static irc_handler_fn *const handlers[REED_IRC_COMMANDS_END] = {
	[REED_IRC_NUMERIC] = reed_irc_client_on_numeric,
	[REED_IRC_ACCOUNT] = reed_irc_client_on_account,
	[REED_IRC_AUTHENTICATE] = reed_irc_client_on_authenticate,
	[REED_IRC_AWAY] = reed_irc_client_on_away,
	[REED_IRC_BATCH] = reed_irc_client_on_batch,
	[REED_IRC_CAP] = reed_irc_client_on_cap,
	[REED_IRC_CHGHOST] = reed_irc_client_on_chghost,
	[REED_IRC_ERROR] = on_error,
	[REED_IRC_FAIL] = on_standard,
	[REED_IRC_INVITE] = reed_irc_client_on_invite,
	[REED_IRC_JOIN] = reed_irc_client_on_join,
	[REED_IRC_KICK] = reed_irc_client_on_kick,
	[REED_IRC_MODE] = reed_irc_client_on_mode,
	[REED_IRC_NICK] = reed_irc_client_on_nick,
	[REED_IRC_NOTE] = on_standard,
	[REED_IRC_NOTICE] = reed_irc_client_on_text,
	[REED_IRC_PART] = reed_irc_client_on_part,
	[REED_IRC_PING] = on_ping,
	[REED_IRC_PONG] = on_pong,
	[REED_IRC_PRIVMSG] = reed_irc_client_on_text,
	[REED_IRC_QUIT] = reed_irc_client_on_quit,
	[REED_IRC_RENAME] = reed_irc_client_on_rename,
	[REED_IRC_SETNAME] = reed_irc_client_on_setname,
	[REED_IRC_TAGMSG] = reed_irc_client_on_tagmsg,
	[REED_IRC_TOPIC] = reed_irc_client_on_topic,
	[REED_IRC_WARN] = on_standard,
};

/* What may be looked at without changing what is so now. */
static bool is_harmless(enum reed_irc_command command)
{
	return command == REED_IRC_PRIVMSG || command == REED_IRC_NOTICE ||
	       command == REED_IRC_TAGMSG || command == REED_IRC_BATCH ||
	       command == REED_IRC_FAIL || command == REED_IRC_WARN || command == REED_IRC_NOTE;
}

/* What is of no interest but to those who look at every message, or have asked for it. */
static bool is_machinery(const struct reed_irc_message *m)
{
	return m->command == REED_IRC_PING || m->command == REED_IRC_PONG ||
	       m->command == REED_IRC_AUTHENTICATE || m->command == REED_IRC_BATCH ||
	       m->command == REED_IRC_ACK;
}

static void handle(struct reed_irc_client *c, struct irc_box *box, struct irc_batch *batch)
{
	struct reed_irc_message *m = &box->message;
	struct reed_irc_event *e = &box->event;
	bool heard;

	reed_irc_client_describe(c, box);
	if (batch) {
		e->batch = reed_irc_box_copy(box, reed_slice_of(batch->type));
		e->is_past = batch->is_past;
		if (batch->start && reed_irc_client_collect(c, batch, box))
			return;
	}
	if (!e->is_past)
		reed_irc_client_saw_source(c, e);
	if (handlers[m->command] && (!e->is_past || is_harmless(m->command)))
		handlers[m->command](c, box);
	heard = reed_irc_client_hear(c, batch, m);
	if (box->is_silent || (e->kind == REED_IRC_EVENT_KINDS && (heard || is_machinery(m))))
		return;
	if (e->kind == REED_IRC_EVENT_KINDS)
		e->kind = m->command == REED_IRC_NUMERIC ? REED_IRC_EVENT_NUMERIC
		                                         : REED_IRC_EVENT_RAW;
	reed_irc_client_publish(c, box);
}

void reed_irc_client_receive(struct reed_irc_client *c, struct reed_slice line)
{
	struct irc_box *box;
	enum reed_err err;

	c->stats.lines_in++;
	c->progress.has_heard = true;
	c->heard_at = reed_now(c->loop);
	box = reed_irc_box_new(c, line);
	err = reed_irc_parse(reed_slice(box->line, line.n), NULL, &box->message);
	if (err == REED_ETOOBIG)
		c->stats.cut_lines++;
	else if (err)
		c->stats.broken_lines++;
	if ((err && err != REED_ETOOBIG) || box->message.command == REED_IRC_NOTHING)
		return;
	handle(c, box, reed_irc_client_batch_of(c, &box->message));
}
