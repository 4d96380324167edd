/* WHOIS: a dozen numbers, and those of which only people know the meaning. */

#include "client_private.h"

struct ask_whois {
	struct irc_ask ask;
	struct reed_irc_whois whois, *out;
	void *rows;
};

static struct ask_whois *whois_of(struct irc_ask *ask)
{
	return reed_container_of(ask, struct ask_whois, ask);
}

static struct reed_slice param(const struct reed_irc_message *m, size_t i)
{
	return reed_irc_param(m, i);
}

static const struct irc_clue whois_clues[] = { { 318, 1, IRC_DONE },
	                                       { 401, 1, IRC_DOUBTED },
	                                       { 402, 1, IRC_REFUSED },
	                                       { 0 } };

/* Servers have more numbers for it than anybody has listed; they all name the nick. */
static enum irc_verdict whois_judge(struct irc_ask *ask, const struct reed_irc_message *m)
{
	bool is_reply =
		m->command == REED_IRC_NUMERIC && ((m->numeric >= 200 && m->numeric < 400) ||
	                                           (m->numeric >= 600 && m->numeric < 800));

	return is_reply && m->count >= 3 &&
	                       reed_irc_client_same(ask->client, param(m, 1),
	                                            reed_slice_of(ask->subject))
	               ? IRC_MINE
	               : IRC_NOT_MINE;
}

static enum reed_err add_sentence(struct irc_ask *ask, struct reed_slice text)
{
	struct reed_slice *row = reed_irc_ask_row(ask, &whois_of(ask)->rows, sizeof(*row));

	return row ? reed_irc_ask_copy(ask, text, row) : REED_ETOOBIG;
}

static enum reed_err take_user(struct irc_ask *ask, const struct reed_irc_message *m)
{
	struct reed_irc_person *is = &whois_of(ask)->whois.is;
	enum reed_err err = reed_irc_ask_copy(ask, param(m, 1), &is->nick);

	if (!err)
		err = reed_irc_ask_copy(ask, param(m, 2), &is->user);
	if (!err)
		err = reed_irc_ask_copy(ask, param(m, 3), &is->host);
	return err ? err : reed_irc_ask_copy(ask, reed_irc_text(m), &is->realname);
}

static enum reed_err take_server(struct irc_ask *ask, const struct reed_irc_message *m)
{
	struct reed_irc_whois *w = &whois_of(ask)->whois;
	enum reed_err err = reed_irc_ask_copy(ask, param(m, 2), &w->is.server);

	return err ? err : reed_irc_ask_copy(ask, reed_irc_text(m), &w->server_info);
}

/* There may be several lines of them. */
static enum reed_err take_channels(struct irc_ask *ask, const struct reed_irc_message *m)
{
	struct reed_irc_whois *w = &whois_of(ask)->whois;
	struct reed_buf b = { 0 };
	enum reed_err err;

	reed_buf_add(&b, w->channels);
	if (w->channels.n > 0)
		reed_buf_add_char(&b, ' ');
	reed_buf_add(&b, reed_slice_trim(reed_irc_text(m)));
	err = reed_irc_ask_copy(ask, reed_buf_slice(&b), &w->channels);
	reed_buf_finish(&b);
	return err;
}

static struct reed_slice last_word(struct reed_slice text)
{
	while (reed_slice_find(text, ' ') < text.n)
		reed_slice_cut(&text, ' ');
	return text;
}

/* What is said by the line alone; NULL: it has more. */
static bool *sign_of(struct reed_irc_whois *w, unsigned numeric)
{
	switch (numeric) {
	case REED_IRC_RPL_WHOISOPERATOR:
		return &w->is.is_operator;
	case REED_IRC_RPL_WHOISBOT:
		return &w->is.is_bot;
	case REED_IRC_RPL_WHOISREGNICK:
		return &w->is_registered;
	case REED_IRC_RPL_WHOISSECURE:
		return &w->is_secure;
	default:
		return NULL;
	}
}

static enum reed_err whois_take(struct irc_ask *ask, const struct reed_irc_message *m)
{
	struct reed_irc_whois *w = &whois_of(ask)->whois;
	bool *sign = sign_of(w, m->numeric);

	if (sign) {
		*sign = true;
		return REED_OK;
	}
	switch (m->numeric) {
	case REED_IRC_RPL_WHOISUSER:
		return take_user(ask, m);
	case REED_IRC_RPL_WHOISSERVER:
		return take_server(ask, m);
	case REED_IRC_RPL_WHOISIDLE:
		w->is.idle = reed_irc_number(m, 2);
		w->signed_on = reed_irc_number(m, 3);
		return REED_OK;
	case REED_IRC_RPL_WHOISCHANNELS:
		return take_channels(ask, m);
	case REED_IRC_RPL_WHOISACCOUNT:
		return reed_irc_ask_copy(ask, param(m, 2), &w->is.account);
	case REED_IRC_RPL_AWAY:
		w->is.is_away = true;
		return reed_irc_ask_copy(ask, reed_irc_text(m), &w->away);
	case REED_IRC_RPL_WHOISCERTFP:
		return reed_irc_ask_copy(ask, last_word(reed_irc_text(m)), &w->fingerprint);
	case REED_IRC_RPL_WHOISMODES:
		return reed_irc_ask_copy(ask, reed_irc_text(m), &w->modes);
	case REED_IRC_RPL_WHOISHOST:
	case REED_IRC_RPL_WHOISACTUALLY:
		return reed_irc_ask_copy(ask, m->count > 3 ? param(m, 2) : reed_irc_text(m),
		                         &w->real_host);
	case REED_IRC_RPL_ENDOFWHOIS:
	case REED_IRC_ERR_NOSUCHNICK:
	case REED_IRC_ERR_NOSUCHSERVER:
		return REED_OK;
	default:
		return add_sentence(ask, reed_irc_text(m));
	}
}

static void whois_deliver(struct irc_ask *ask)
{
	struct ask_whois *self = whois_of(ask);

	*self->out = self->whois;
	self->out->more = self->rows;
	self->out->more_count = ask->rows;
	reed_irc_ask_move(ask, &self->out->pool);
}

static const struct irc_ask_kind whois_kind = { .size = sizeof(struct ask_whois),
	                                        .verb = "WHOIS",
	                                        .clues = whois_clues,
	                                        .one_name = true,
	                                        .judge = whois_judge,
	                                        .take = whois_take,
	                                        .deliver = whois_deliver };

struct reed_future *reed_irc_ask_whois(struct reed_irc_client *client, struct reed_slice nick,
                                       bool far, struct reed_irc_whois *whois,
                                       struct reed_irc_refusal *refusal)
{
	struct ask_whois *self = reed_irc_ask_new(client, &whois_kind, nick, refusal);

	self->out = whois;
	*whois = (struct reed_irc_whois){ .is.idle = -1 };
	self->whois.is.idle = -1;
	return reed_irc_ask_say(&self->ask, nick, far ? nick : REED_STR(""));
}

void reed_irc_whois_finish(struct reed_irc_whois *whois)
{
	reed_pool_finish(&whois->pool);
	*whois = (struct reed_irc_whois){ .is.idle = -1 };
}
