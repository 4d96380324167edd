/* A client: made, asked what it knows, freed. */

#include "client_private.h"
#include "dcc_private.h"

#include <string.h>

/* ---- options ---- */

static const char *copy_text(struct reed_irc_client *c, const char *text)
{
	return text ? reed_pool_strdup(&c->strings, reed_slice_of(text)) : NULL;
}

static const char **copy_texts(struct reed_irc_client *c, const char *const *texts,
                               const char *first, size_t *count)
{
	size_t n = 0, at = 0;
	const char **copies;

	while (texts && texts[n])
		n++;
	copies = reed_pool_alloc(&c->strings, (n + 2) * sizeof(*copies));
	if (first)
		copies[at++] = copy_text(c, first);
	for (size_t i = 0; i < n; i++)
		copies[at++] = copy_text(c, texts[i]);
	*count = at;
	return copies;
}

static void copy_options(struct reed_irc_client *c, const struct reed_irc_client_options *given)
{
	struct reed_irc_client_options *o = &c->options;
	size_t n = 0;

	*o = (struct reed_irc_client_options)REED_IRC_CLIENT_OPTIONS;
	if (given)
		memcpy(o, given, given->size < sizeof(*o) ? given->size : sizeof(*o));
	c->endpoints = copy_texts(c, o->endpoints, o->endpoint, &c->endpoint_count);
	o->alternates = copy_texts(c, o->alternates, NULL, &n);
	o->nick = copy_text(c, o->nick && *o->nick ? o->nick : "reed");
	o->username = copy_text(c, o->username);
	o->realname = copy_text(c, o->realname);
	o->password = copy_text(c, o->password);
	o->sasl_user = copy_text(c, o->sasl_user);
	o->sasl_password = copy_text(c, o->sasl_password);
	o->sasl_mechanism = copy_text(c, o->sasl_mechanism);
	o->channels = copy_text(c, o->channels);
	o->capabilities = copy_text(c, o->capabilities);
	o->not_capabilities = copy_text(c, o->not_capabilities);
	o->ctcp_version = copy_text(c, o->ctcp_version);
	o->ctcp_source = copy_text(c, o->ctcp_source);
	o->ctcp_finger = copy_text(c, o->ctcp_finger);
	o->ctcp_userinfo = copy_text(c, o->ctcp_userinfo);
}

/* "#one,#two key" */
static void add_homes(struct reed_irc_client *c)
{
	struct reed_slice list = reed_slice_of(c->options.channels);

	while (list.n > 0) {
		struct reed_slice one = reed_slice_trim(reed_slice_cut(&list, ','));
		struct reed_slice name = reed_slice_cut(&one, ' ');

		if (name.n > 0)
			reed_irc_client_add_home(c, name, reed_slice_trim(one));
	}
}

/* ---- life ---- */

static void init_lists(struct reed_irc_client *c)
{
	reed_list_init(&c->channel_list);
	reed_list_init(&c->homes);
	reed_list_init(&c->monitored);
	reed_list_init(&c->caps);
	reed_list_init(&c->batches);
	reed_list_init(&c->asks);
	reed_list_init(&c->dccs);
	for (size_t i = 0; i < REED_IRC_PRIORITIES; i++)
		reed_list_init(&c->outs[i]);
}

struct reed_irc_client *reed_irc_client_new(struct reed_loop *loop,
                                            const struct reed_irc_client_options *options)
{
	struct reed_irc_client *c = reed_alloc(sizeof(*c));

	c->loop = loop;
	init_lists(c);
	copy_options(c, options);
	reed_channel_init(&c->events, loop, &reed_irc_event_items);
	reed_irc_isupport_init(&c->isupport);
	c->users = c->channels =
		(struct irc_table){ .seed = reed_random(loop), .casemap = c->isupport.casemap };
	c->sts = c->options.sts;
	if (!c->sts) {
		c->sts = reed_irc_sts_memory();
		c->sts_is_mine = true;
	}
	c->nick = reed_strdup(c->options.nick);
	c->wanted_nick = reed_strdup(c->options.nick);
	c->account = reed_strdup("");
	c->userhost = reed_strdup("");
	c->lag_ns = -1;
	reed_irc_pace_init(&c->ctcp_pace, c->options.ctcp_burst, c->options.ctcp_ms);
	add_homes(c);
	return c;
}

static void wipe(const char *secret)
{
	if (secret)
		reed_wipe((void *)(uintptr_t)secret, strlen(secret));
}

static void free_texts(struct reed_irc_client *c)
{
	wipe(c->options.password);
	wipe(c->options.sasl_password);
	reed_pool_finish(&c->strings);
	reed_free(c->nick);
	reed_free(c->asked_nick);
	reed_free(c->wanted_nick);
	reed_free(c->account);
	reed_free(c->userhost);
	reed_free(c->quit_reason);
	reed_free(c->endpoint_text);
	reed_free(c->host);
	reed_free(c->last_words);
}

void reed_irc_client_free(struct reed_irc_client *c)
{
	if (!c)
		return;
	reed_irc_client_drop_asks(c, REED_ECANCELED);
	reed_irc_client_drop_outs(c, REED_ECANCELED);
	reed_irc_dcc_forget(c);
	reed_irc_client_forget_state(c);
	reed_irc_client_forget_caps(c);
	reed_irc_client_forget_batches(c);
	reed_irc_client_forget_homes(c);
	reed_irc_client_forget_monitored(c, REED_STR(""));
	reed_irc_table_finish(&c->users);
	reed_irc_table_finish(&c->channels);
	reed_irc_isupport_finish(&c->isupport);
	reed_channel_finish(&c->events);
	reed_irc_box_release(c->scratch);
	if (c->sts_is_mine)
		reed_irc_sts_free(c->sts);
	free_texts(c);
	reed_free(c);
}

/* ---- what is known ---- */

bool reed_irc_replace(char **text, struct reed_slice by)
{
	char *old = *text;

	if (old && reed_slice_is(by, old))
		return false;
	*text = reed_slice_dup(by);
	reed_free(old);
	return true;
}

void reed_irc_client_set_nick(struct reed_irc_client *c, struct reed_slice nick)
{
	reed_irc_replace(&c->nick, nick);
}

void reed_irc_client_set_account(struct reed_irc_client *c, struct reed_slice account)
{
	reed_irc_replace(&c->account, account);
}

void reed_irc_client_set_userhost(struct reed_irc_client *c, struct reed_slice user,
                                  struct reed_slice host)
{
	char *old = c->userhost;

	c->userhost = reed_sprintf(REED_FMT "@" REED_FMT, REED_ARG(user), REED_ARG(host));
	reed_free(old);
}

struct reed_cell *reed_irc_client_state(struct reed_irc_client *client)
{
	return &client->state;
}

struct reed_loop *reed_irc_client_loop(const struct reed_irc_client *client)
{
	return client->loop;
}

struct reed_slice reed_irc_client_nick(const struct reed_irc_client *client)
{
	return reed_slice_of(client->nick);
}

struct reed_slice reed_irc_client_account(const struct reed_irc_client *client)
{
	return reed_slice_of(client->account);
}

bool reed_irc_client_is_me(const struct reed_irc_client *client, struct reed_slice nick)
{
	return reed_irc_client_same(client, nick, reed_slice_of(client->nick));
}

const struct reed_irc_isupport *reed_irc_client_isupport(const struct reed_irc_client *client)
{
	return &client->isupport;
}

bool reed_irc_client_has(const struct reed_irc_client *client, const char *capability)
{
	const struct irc_cap *cap = reed_irc_client_cap(client, reed_slice_of(capability));

	return cap && cap->is_on;
}

const char *reed_irc_client_offers(const struct reed_irc_client *client, const char *capability)
{
	const struct irc_cap *cap = reed_irc_client_cap(client, reed_slice_of(capability));

	return cap ? cap->value : NULL;
}

int64_t reed_irc_client_lag_ms(const struct reed_irc_client *client)
{
	return client->lag_ns < 0 ? -1 : client->lag_ns / 1000000;
}

struct reed_stream *reed_irc_client_stream(const struct reed_irc_client *client)
{
	return client->stream;
}

void reed_irc_client_stats(const struct reed_irc_client *client,
                           struct reed_irc_client_stats *stats)
{
	struct reed_irc_client_stats now = client->stats;

	now.size = stats->size;
	now.waiting_lines = client->out_lines;
	now.waiting_bytes = client->out_bytes;
	now.asks = client->ask_count;
	if (client->stream) {
		now.bytes_in += client->stream->bytes_in;
		now.bytes_out += client->stream->bytes_out;
	}
	memcpy(stats, &now, stats->size < sizeof(now) ? stats->size : sizeof(now));
}
