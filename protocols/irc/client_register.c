/*
 * Registration, from the first line to the end of the MOTD; and the nick, which
 * somebody else may have.
 */

#include "client_private.h"

#include "reed/log.h"

#include <string.h>

enum { NICK_ATTEMPTS = 12, MOTD_MS = 10000 };

/* ---- nicks ---- */

/*
 * First the alternates, then the nick with more and more underscores, and at
 * last with digits that nobody else is likely to have.
 */
static char *other_nick(struct reed_irc_client *c, unsigned attempt)
{
	const char *const *alternates = c->options.alternates;
	unsigned n = 0;
	size_t room = c->isupport.nicklen ? c->isupport.nicklen : 30;
	char *nick;

	while (alternates[n])
		n++;
	if (attempt < n)
		return reed_strdup(alternates[attempt]);
	attempt -= n;
	if (attempt < 3)
		nick = reed_sprintf("%s%.*s", c->wanted_nick, (int)attempt + 1, "___");
	else
		nick = reed_sprintf("%.4s%05u", c->wanted_nick,
		                    (unsigned)reed_random_below(c->loop, 100000));
	if (strlen(nick) > room)
		nick[room] = '\0';
	return nick;
}

void reed_irc_client_on_nick_refused(struct reed_irc_client *c, struct irc_box *box)
{
	char *nick;

	if (c->progress.has_welcomed || c->state.value != REED_IRC_REGISTERING)
		return;
	if (c->progress.nicks_tried >= NICK_ATTEMPTS) {
		c->progress.refused = box->message.numeric;
		reed_slice_copy(c->progress.refused_text, sizeof(c->progress.refused_text),
		                reed_irc_text(&box->message));
		reed_irc_client_progress(c);
		return;
	}
	nick = other_nick(c, c->progress.nicks_tried++);
	reed_irc_client_set_nick(c, reed_slice_of(nick));
	reed_irc_client_tell(c, REED_IRC_AT_ONCE, "NICK", reed_slice_of(nick));
	reed_free(nick);
}

static bool wants_nick(const struct reed_irc_client *c)
{
	return !c->options.no_regain && reed_irc_client_is_online(c) &&
	       !reed_irc_client_is_me(c, reed_slice_of(c->wanted_nick));
}

void reed_irc_client_regain(struct reed_irc_client *c)
{
	if (wants_nick(c))
		reed_irc_client_tell(c, REED_IRC_AT_LEISURE, "NICK", reed_slice_of(c->wanted_nick));
}

void reed_irc_client_nick_is_free(struct reed_irc_client *c, struct reed_slice nick)
{
	if (wants_nick(c) && reed_irc_client_same(c, nick, reed_slice_of(c->wanted_nick)))
		reed_irc_client_tell(c, REED_IRC_SOON, "NICK", reed_slice_of(c->wanted_nick));
}

/* ---- what the reader hears ---- */

static void enter(struct reed_irc_client *c)
{
	struct reed_slice network = reed_slice_of(c->isupport.network);

	c->registered_at = reed_now(c->loop);
	reed_irc_pace_init(&c->pace, c->options.flood_burst, c->options.flood_ms);
	reed_cell_set(&c->state, REED_IRC_ONLINE);
	reed_log(c->loop, REED_LOG_INFO, "on IRC endpoint=%s nick=%s account=%s", c->endpoint_text,
	         c->nick, *c->account ? c->account : NULL);
	reed_irc_client_happen(c, REED_IRC_EVENT_READY, reed_irc_client_nick(c), network, REED_OK);
	reed_irc_client_go_home(c);
	reed_irc_client_monitor_again(c);
	reed_cell_touch(&c->out_cell);
}

void reed_irc_client_on_welcome(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_slice text = reed_irc_text(&box->message);
	struct reed_irc_source who;

	if (reed_irc_param(&box->message, 0).n > 0)
		reed_irc_client_set_nick(c, reed_irc_param(&box->message, 0));
	/* RFC 2812 5.1: the last word is nick!user@host; modern servers may say less */
	while (reed_slice_find(text, ' ') < text.n)
		reed_slice_cut(&text, ' ');
	who = reed_irc_source(text);
	if (who.user.n > 0 && who.host.n > 0 && reed_irc_client_is_me(c, who.nick))
		reed_irc_client_set_userhost(c, who.user, who.host);
	c->progress.has_welcomed = true;
	reed_irc_client_progress(c);
}

void reed_irc_client_on_motd_end(struct reed_irc_client *c, struct irc_box *box)
{
	(void)box;
	if (!c->progress.has_welcomed || c->progress.has_ended)
		return;
	c->progress.has_ended = true;
	/* at once, so that what stands in the same packet is heard by somebody who is in */
	if (c->progress.may_enter)
		enter(c);
	reed_irc_client_progress(c);
}

void reed_irc_client_on_shut_out(struct reed_irc_client *c, struct irc_box *box)
{
	if (c->progress.has_welcomed)
		return;
	c->progress.refused = box->message.numeric;
	reed_slice_copy(c->progress.refused_text, sizeof(c->progress.refused_text),
	                reed_irc_text(&box->message));
	reed_irc_client_progress(c);
}

/* ---- the dialogue ---- */

struct registration {
	struct reed_co co;
	struct reed_irc_client *client;
};

static struct reed_future *news(struct reed_irc_client *c)
{
	return reed_cell_changed(c->loop, &c->progress.cell, c->progress.cell.count);
}

static void introduce(struct reed_irc_client *c)
{
	const struct reed_irc_client_options *o = &c->options;
	const char *user = o->username ? o->username : o->nick;

	reed_irc_client_tell(c, REED_IRC_AT_ONCE, "CAP", REED_STR("LS"), REED_STR("302"));
	if (o->password)
		reed_irc_client_tell(c, REED_IRC_AT_ONCE, "PASS", reed_slice_of(o->password));
	reed_irc_client_tell(c, REED_IRC_AT_ONCE, "NICK", reed_slice_of(c->nick));
	reed_irc_client_tell(c, REED_IRC_AT_ONCE, "USER", reed_slice_of(user), REED_STR("0"),
	                     REED_STR("*"), reed_slice_of(o->realname ? o->realname : o->nick));
}

static struct reed_future *refused(struct reed_irc_client *c)
{
	const struct irc_progress *p = &c->progress;
	enum reed_err err = REED_EEXIST; /* a nick may be free some day */

	if (p->refused == REED_IRC_ERR_PASSWDMISMATCH)
		err = REED_EAUTH;
	else if (p->refused == REED_IRC_ERR_YOUREBANNEDCREEP || p->refused == 463)
		err = REED_EPERM;
	return reed_failed(c->loop, err, "%s (%u)", p->refused_text, p->refused);
}

static bool is_settled(const struct reed_irc_client *c)
{
	return c->progress.has_welcomed || c->progress.refused;
}

static bool must_log_in(const struct reed_irc_client *c)
{
	return reed_irc_client_wants_sasl(c) && !c->options.sasl_optional;
}

static struct reed_future *no_sasl(struct reed_irc_client *c)
{
	return reed_failed(c->loop, REED_ENOTSUP, "the server has no SASL at the moment");
}

static void go_on_without(struct reed_co *co)
{
	reed_log(co->loop, REED_LOG_WARN, "going on without IRC login why=%s", reed_co_why(co));
}

static void registration_run(struct reed_co *co)
{
	struct reed_irc_client *c = reed_frame(co, struct registration)->client;

	reed_coroutine (co) {
		introduce(c);
		while (!c->progress.has_listed && !is_settled(c))
			reed_try(co, news(c));
		if (reed_irc_client_heed_sts(c))
			reed_try(co, reed_failed(co->loop, REED_EPROTO, "the server wants TLS"));
		reed_irc_client_ask_caps(c);
		while (c->progress.unanswered > 0 && !is_settled(c))
			reed_try(co, news(c));
		if (irc_is_on(c, IRC_CAP_SASL)) {
			reed_await(co, reed_irc_client_authenticate(c));
			if (co->err && (co->err == REED_ECANCELED || must_log_in(c)))
				reed_return(co, co->err);
			if (co->err)
				go_on_without(co);
		} else if (must_log_in(c)) {
			reed_try(co, no_sasl(c));
		}
		if (c->progress.has_caps)
			reed_irc_client_tell(c, REED_IRC_AT_ONCE, "CAP", REED_STR("END"));
		c->progress.may_enter = true;
		while (!is_settled(c))
			reed_try(co, news(c));
		if (c->progress.refused)
			reed_try(co, refused(c));
	}
}

static const struct reed_co_kind registration_kind = { .name = "IRC registration",
	                                               .size = sizeof(struct registration),
	                                               .run = registration_run };

static struct reed_future *registration(struct reed_irc_client *c)
{
	struct registration *self = reed_co_new(c->loop, &registration_kind);

	self->client = c;
	return reed_start(&self->co);
}

/* ---- the same with its deadlines ---- */

struct arrival {
	struct reed_co co;
	struct reed_irc_client *client;
};

static void arrival_run(struct reed_co *co)
{
	struct reed_irc_client *c = reed_frame(co, struct arrival)->client;

	reed_coroutine (co) {
		reed_await(co, irc_within(c->options.register_ms, registration(c)));
		if (co->err == REED_ETIMEDOUT)
			reed_return(co, reed_because(co, co->err, "the server does not let us in"));
		if (co->err)
			reed_return(co, co->err);
		/* a server that forgets to say that this was all shall not keep us waiting */
		while (!c->progress.has_ended && !co->err)
			reed_await(co, reed_within(MOTD_MS, news(c)));
		if (co->err && co->err != REED_ETIMEDOUT)
			reed_return(co, co->err);
		if (!reed_irc_client_is_online(c))
			enter(c);
	}
}

static const struct reed_co_kind arrival_kind = { .name = "IRC arrival",
	                                          .size = sizeof(struct arrival),
	                                          .run = arrival_run };

struct reed_future *reed_irc_client_register(struct reed_irc_client *c)
{
	struct arrival *self = reed_co_new(c->loop, &arrival_kind);

	self->client = c;
	return reed_start(&self->co);
}
