/*
 * From an offer to a connection.  Who offers listens, tells where, and accepts;
 * passive, it tells a token and dials what comes back with that.  A file may
 * begin behind what is there: who gets it says RESUME before anything else, and
 * who sends it ACCEPT.
 */

#include "dcc_private.h"

#include <string.h>

#include "reed/endpoint.h"
#include "reed/listener.h"

enum { ANSWER_MS = 30000 }; /* to RESUME: not all clients know it */

/* ---- answers ---- */

static bool is_about(const struct irc_dcc_wait *w, const struct reed_irc_dcc *d)
{
	const struct reed_irc_dcc *mine = &w->mine;
	bool is_position = d->kind == REED_IRC_DCC_RESUME || d->kind == REED_IRC_DCC_ACCEPT;

	if (is_position && mine->kind != REED_IRC_DCC_SEND)
		return false;
	if (is_position && w->offers != (d->kind == REED_IRC_DCC_RESUME))
		return false;
	if (!is_position && (!w->offers || d->kind != mine->kind || d->address.port == 0))
		return false;
	if (w->passive)
		return reed_slice_eq(d->token, mine->token);
	return is_position && d->address.port == mine->address.port;
}

void reed_irc_dcc_heard(struct reed_irc_client *c, const struct reed_irc_event *event)
{
	struct reed_irc_dcc d;

	if (reed_list_empty(&c->dccs) || reed_irc_dcc_of(event, &d))
		return;
	reed_list_each (link, &c->dccs) {
		struct irc_dcc_wait *w = reed_container_of(link, struct irc_dcc_wait, link);

		if (!reed_irc_client_same(c, event->who.nick, reed_slice_of(w->nick)) ||
		    !is_about(w, &d))
			continue;
		w->heard = d;
		w->heard.name = w->heard.token = REED_STR("");
		reed_cell_touch(&w->cell);
	}
}

void reed_irc_dcc_tie(struct irc_dcc_wait *w, struct reed_irc_client *c, struct reed_slice nick)
{
	w->client = c;
	w->nick = reed_slice_dup(nick);
	reed_list_append(&c->dccs, &w->link);
}

void reed_irc_dcc_untie(struct irc_dcc_wait *w)
{
	reed_list_unlink(&w->link);
	reed_free(w->nick);
	*w = (struct irc_dcc_wait){ .client = NULL };
}

void reed_irc_dcc_forget(struct reed_irc_client *c)
{
	while (!reed_list_empty(&c->dccs)) {
		struct irc_dcc_wait *w = reed_container_of(c->dccs.next, struct irc_dcc_wait, link);

		reed_list_remove(&w->link);
		w->client = NULL;
		reed_cell_touch(&w->cell);
	}
}

/* ---- options ---- */

static char *copy(const char *text)
{
	return text ? reed_strdup(text) : NULL;
}

struct reed_irc_dcc_options reed_irc_dcc_options_of(const struct reed_irc_dcc_options *given)
{
	struct reed_irc_dcc_options all = REED_IRC_DCC_OPTIONS;

	if (given)
		memcpy(&all, given, given->size < sizeof(all) ? given->size : sizeof(all));
	all.size = sizeof(all);
	all.listen = copy(all.listen);
	all.host = copy(all.host);
	return all;
}

void reed_irc_dcc_options_finish(struct reed_irc_dcc_options *options)
{
	char *listen = (char *)(uintptr_t)options->listen, *host = (char *)(uintptr_t)options->host;

	reed_free(listen);
	reed_free(host);
	options->listen = options->host = NULL;
}

/* ---- meeting ---- */

struct meeting {
	struct reed_co co;
	struct irc_dcc_wait wait;
	struct reed_irc_dcc_options options;
	char *name, *token;
	uint64_t have, from, *from_out;
	uint64_t seen; /* of the changes of wait.cell */
	int64_t until;
	struct reed_listener *listener;
	struct reed_stream *stream, **out;
	enum reed_err err; /* of the answer to RESUME */
	int which;
};

/* ---- where ---- */

/* An endpoint at the address that the server sees. */
static struct reed_future *listen_here(struct meeting *self)
{
	struct reed_stream *server = reed_irc_client_stream(self->wait.client);
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	char endpoint[REED_ADDRESS_TEXT + 40], host[REED_ADDRESS_TEXT];
	bool is_v6;

	if (self->options.listen)
		return reed_listen(self->co.loop, self->options.listen, &self->listener);
	if (!server)
		return reed_irc_client_no_connection(self->wait.client);
	reed_stream_facts(server, &facts);
	reed_address_unmap(&facts.local);
	is_v6 = facts.local.family == REED_FAMILY_IPV6;
	if (!is_v6 && facts.local.family != REED_FAMILY_IPV4)
		return reed_failed(self->co.loop, REED_EINVAL,
		                   "the server is reached over %s, so options.listen and "
		                   "options.host have to say where DCC is to listen",
		                   reed_address_text(&facts.local, host));
	snprintf(endpoint, sizeof(endpoint), "tcp:0:interface=%s%s%s", is_v6 ? "[" : "",
	         reed_address_host(&facts.local, host), is_v6 ? "]" : "");
	return reed_listen(self->co.loop, endpoint, &self->listener);
}

/* What is told of the listener: its port, at the address that was set or its own. */
static enum reed_err tell_where(struct meeting *self)
{
	struct reed_address at, *told = &self->wait.mine.address;

	if (!reed_listener_address(self->listener, 0, &at))
		return REED_EINVAL;
	if (self->options.host &&
	    reed_address_parse(reed_slice_of(self->options.host), at.port, told))
		return REED_EINVAL;
	if (!self->options.host)
		*told = at;
	reed_address_unmap(told);
	return told->family == REED_FAMILY_IPV4 || told->family == REED_FAMILY_IPV6 ? REED_OK
	                                                                            : REED_EINVAL;
}

static bool is_one_of_ours(const unsigned char *ip, enum reed_family family)
{
	static const unsigned char nowhere[16] = { 0 };

	if (family == REED_FAMILY_IPV4) /* RFC 6890: this host, loopback, link-local, multicast */
		return ip[0] == 0 || ip[0] == 127 || (ip[0] == 169 && ip[1] == 254) || ip[0] >= 224;
	return memcmp(ip, nowhere, 15) == 0 || ip[0] == 0xff ||
	       (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80);
}

static struct reed_future *dial(struct meeting *self, const struct reed_address *to)
{
	struct reed_address at = *to;
	char endpoint[REED_ADDRESS_TEXT + 8], text[REED_ADDRESS_TEXT];

	reed_address_unmap(&at);
	reed_address_text(&at, text);
	if (!self->options.anywhere && (at.port < 1024 || is_one_of_ours(at.ip, at.family)))
		return reed_failed(self->co.loop, REED_EPERM,
		                   "%s is not dialled only because somebody says so; set "
		                   "options.anywhere if it may be",
		                   text);
	snprintf(endpoint, sizeof(endpoint), "tcp:%s", text);
	return reed_within(self->options.accept_ms,
	                   reed_dial(self->co.loop, endpoint, &self->stream));
}

/* ---- what is said ---- */

static struct reed_future *say(struct meeting *self, enum reed_irc_dcc_kind kind, uint64_t position)
{
	struct irc_dcc_wait *w = &self->wait;
	struct reed_irc_dcc said = w->mine;
	char room[REED_IRC_LINE_MAX];
	struct reed_slice text;
	enum reed_err err;

	if (!w->client)
		return reed_ready(self->co.loop, REED_ECANCELED);
	said.kind = kind;
	if (kind == REED_IRC_DCC_RESUME || kind == REED_IRC_DCC_ACCEPT) {
		said.has_size = true;
		said.size = position;
	}
	err = reed_irc_dcc_format(&said, room, sizeof(room), &text);
	if (err)
		return reed_failed(self->co.loop, err,
		                   "%s cannot be offered: its name has quotes "
		                   "or is too long",
		                   self->name);
	return reed_irc_ctcp_ask(w->client, reed_slice_of(w->nick), REED_STR("DCC"), text);
}

static struct reed_future *say_offer(struct meeting *self)
{
	if (self->listener && tell_where(self))
		return reed_failed(self->co.loop, REED_EINVAL,
		                   "options.host has to be the IP address that is told to the "
		                   "other side");
	return say(self, self->wait.mine.kind, 0);
}

static struct reed_future *hear(struct meeting *self)
{
	struct irc_dcc_wait *w = &self->wait;

	if (!w->client)
		return reed_ready(self->co.loop, REED_ECANCELED);
	return reed_cell_changed(self->co.loop, &w->cell, self->seen);
}

static int64_t ms_left(const struct meeting *self)
{
	int64_t ns = self->until - reed_now(self->co.loop);

	return ns > 0 ? ns / REED_MS(1) + 1 : 1;
}

static struct reed_future *hear_or_accept(struct meeting *self)
{
	if (!self->listener)
		return reed_within(ms_left(self), hear(self));
	return reed_within(ms_left(self), reed_any(&self->which, hear(self),
	                                           reed_accept(self->listener, &self->stream)));
}

/* ---- the dialogue ---- */

/* Something was heard: does it begin elsewhere then? */
static bool asks_for_position(struct meeting *self)
{
	self->seen = self->wait.cell.count;
	return self->wait.heard.kind == REED_IRC_DCC_RESUME;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The first answer says from where the file goes on; without one it begins anew. */
static enum reed_err heard_position(struct meeting *self)
{
	enum reed_err err = self->co.err;

	if (!err && self->wait.client)
		self->from = lesser(self->have, self->wait.heard.size);
	self->seen = self->wait.cell.count;
	return err == REED_ETIMEDOUT ? REED_OK : err || self->wait.client ? err : REED_ECANCELED;
}

static void meeting_run(struct reed_co *co)
{
	struct meeting *self = reed_frame(co, struct meeting);
	struct irc_dcc_wait *w = &self->wait;

	reed_coroutine (co) {
		if (self->have > 0) {
			reed_try(co, say(self, REED_IRC_DCC_RESUME, self->have));
			reed_await(co, reed_within(ANSWER_MS, hear(self)));
			self->err = heard_position(self);
			if (self->err)
				reed_return(co, self->err);
		}
		self->until = reed_now(co->loop) + REED_MS(self->options.accept_ms);
		if (w->offers != w->passive) /* else the other listens */
			reed_try(co, listen_here(self));
		if (self->listener || w->offers)
			reed_try(co, say_offer(self));
		while ((self->listener || w->offers) && !self->stream) {
			reed_try(co, hear_or_accept(self));
			if (self->stream)
				break;
			if (!w->client)
				reed_return(co, REED_ECANCELED);
			if (!asks_for_position(self) && !self->listener)
				break;
			if (w->heard.kind != REED_IRC_DCC_RESUME)
				continue;
			self->from = lesser(w->mine.size, w->heard.size);
			reed_try(co, say(self, REED_IRC_DCC_ACCEPT, self->from));
		}
		if (!self->stream)
			reed_try(co, dial(self, w->offers ? &w->heard.address : &w->mine.address));
	}
}

static void meeting_deliver(struct reed_co *co)
{
	struct meeting *self = reed_frame(co, struct meeting);

	*self->out = self->stream;
	self->stream = NULL;
	if (self->from_out)
		*self->from_out = self->from;
}

static void meeting_end(struct reed_co *co)
{
	struct meeting *self = reed_frame(co, struct meeting);

	reed_irc_dcc_untie(&self->wait);
	reed_listener_close(self->listener);
	reed_close(self->stream);
	reed_irc_dcc_options_finish(&self->options);
	reed_free(self->name);
	reed_free(self->token);
}

static const struct reed_co_kind meeting_kind = {
	.name = "DCC",
	.size = sizeof(struct meeting),
	.run = meeting_run,
	.deliver = meeting_deliver,
	.end = meeting_end,
};

struct reed_future *reed_irc_dcc_meet(const struct irc_dcc_call *call, struct reed_stream **stream,
                                      uint64_t *from)
{
	struct meeting *self = reed_co_new(call->client->loop, &meeting_kind);
	struct irc_dcc_wait *w = &self->wait;

	reed_irc_dcc_tie(w, call->client, call->nick);
	w->offers = call->offers;
	w->passive = call->dcc.address.port == 0 && call->dcc.token.n > 0;
	w->mine = call->dcc;
	self->name = reed_slice_dup(call->dcc.name);
	self->token = reed_slice_dup(call->dcc.token);
	w->mine.name = reed_slice_of(self->name);
	w->mine.token = reed_slice_of(self->token);
	self->options = reed_irc_dcc_options_of(call->options);
	self->have = call->have;
	self->out = stream;
	self->from_out = from;
	return reed_start(&self->co);
}

/* ---- conversations ---- */

void reed_irc_dcc_make_passive(struct reed_irc_client *c, struct reed_irc_dcc *dcc,
                               char token[REED_IRC_DCC_TOKEN])
{
	dcc->address.family = REED_FAMILY_IPV4;
	snprintf(token, REED_IRC_DCC_TOKEN, "%u",
	         (unsigned)reed_random_below(c->loop, 1000000000) + 1);
	dcc->token = reed_slice_of(token);
}

struct reed_future *reed_irc_dcc_chat(struct reed_irc_client *client, struct reed_slice nick,
                                      const struct reed_irc_dcc_options *options,
                                      struct reed_stream **stream)
{
	struct irc_dcc_call call = {
		.client = client,
		.nick = nick,
		.offers = true,
		.options = options,
	};
	char token[REED_IRC_DCC_TOKEN];

	call.dcc.kind = REED_IRC_DCC_CHAT;
	call.dcc.name = REED_STR("chat");
	if (options && options->passive)
		reed_irc_dcc_make_passive(client, &call.dcc, token);
	return reed_irc_dcc_meet(&call, stream, NULL);
}

struct reed_future *reed_irc_dcc_join(struct reed_irc_client *client,
                                      const struct reed_irc_event *event,
                                      const struct reed_irc_dcc_options *options,
                                      struct reed_stream **stream)
{
	struct irc_dcc_call call = {
		.client = client,
		.nick = event->who.nick,
		.options = options,
	};

	if (reed_irc_dcc_of(event, &call.dcc) || call.dcc.kind != REED_IRC_DCC_CHAT)
		return reed_failed(client->loop, REED_ESYNTAX, "this offers no DCC CHAT");
	return reed_irc_dcc_meet(&call, stream, NULL);
}
