/* Calls about people: WHO, NAMES, MONITOR. */

#include "client_private.h"

#include <string.h>

static struct reed_slice param(const struct reed_irc_message *m, size_t i)
{
	return reed_irc_param(m, i);
}

struct ask_people {
	struct irc_ask ask;
	struct reed_irc_people *out;
	void *rows;
};

static struct ask_people *people_of(struct irc_ask *ask)
{
	return reed_container_of(ask, struct ask_people, ask);
}

static struct reed_irc_person *new_person(struct irc_ask *ask)
{
	struct reed_irc_person *person;

	person = reed_irc_ask_row(ask, &people_of(ask)->rows, sizeof(*person));
	if (person)
		*person = (struct reed_irc_person){ .idle = -1 };
	return person;
}

static void people_deliver(struct irc_ask *ask)
{
	struct ask_people *self = people_of(ask);

	self->out->people = self->rows;
	self->out->count = ask->rows;
	reed_irc_ask_move(ask, &self->out->pool);
}

void reed_irc_people_finish(struct reed_irc_people *people)
{
	reed_pool_finish(&people->pool);
	people->people = NULL;
	people->count = 0;
}

/* Several copies; the first error counts. */
struct copy {
	struct reed_slice from, *to;
};

static enum reed_err copy_all(struct irc_ask *ask, const struct copy *copies, size_t n)
{
	enum reed_err err = REED_OK;

	for (size_t i = 0; i < n && !err; i++)
		err = reed_irc_ask_copy(ask, copies[i].from, copies[i].to);
	return err;
}

/* ---- WHO ---- */

/* WHOX: what is asked for, and where it is in the answer. */
#define WHOX_FIELDS "tcuihsnfdlaor"

enum whox {
	WHOX_CHANNEL = 2,
	WHOX_USER,
	WHOX_IP,
	WHOX_HOST,
	WHOX_SERVER,
	WHOX_NICK,
	WHOX_FLAGS,
	WHOX_HOPS,
	WHOX_IDLE,
	WHOX_ACCOUNT,
	WHOX_OPLEVEL,
	WHOX_REALNAME,
};

static const struct irc_clue who_clues[] = {
	{ 352, 0, IRC_MINE },    { 354, 0, IRC_MINE },    { 315, 0, IRC_DONE },
	{ 402, 1, IRC_REFUSED }, { 403, 1, IRC_REFUSED }, { 0 },
};

/* "G*@": away or not, operator, prefixes; the letter of bots is the server's. */
static enum reed_err read_flags(struct irc_ask *ask, struct reed_slice flags,
                                struct reed_irc_person *person)
{
	const struct reed_irc_isupport *is = &ask->client->isupport;
	char prefixes[REED_IRC_PREFIXES_MAX];
	size_t n = 0;

	person->is_away = reed_slice_starts(flags, REED_STR("G"));
	person->is_operator = reed_slice_find(flags, '*') < flags.n;
	person->is_bot = is->bot && reed_slice_find(flags, is->bot) < flags.n;
	for (size_t i = 0; i < flags.n && n < sizeof(prefixes); i++)
		if (flags.p[i] && strchr(is->modes.prefixes, flags.p[i]))
			prefixes[n++] = flags.p[i];
	return reed_irc_ask_copy(ask, reed_slice(prefixes, n), &person->prefixes);
}

/* client channel user host server nick flags :hops realname */
static enum reed_err take_who(struct irc_ask *ask, const struct reed_irc_message *m,
                              struct reed_irc_person *p)
{
	struct reed_slice text = reed_irc_text(m), hops = reed_slice_cut(&text, ' ');
	const struct copy copies[] = {
		{ param(m, 1), &p->channel }, { param(m, 2), &p->user }, { param(m, 3), &p->host },
		{ param(m, 4), &p->server },  { param(m, 5), &p->nick }, { text, &p->realname },
	};
	enum reed_err err = copy_all(ask, copies, REED_COUNT(copies));
	uint64_t n;

	if (reed_slice_u64(hops, UINT32_MAX, &n) == REED_OK)
		p->hops = (unsigned)n;
	return err ? err : read_flags(ask, param(m, 6), p);
}

static void note_account(struct reed_irc_client *c, const struct reed_irc_person *p)
{
	struct irc_user *user = reed_irc_client_user(c, p->nick);

	if (!user)
		return;
	reed_irc_client_saw(c, user, p->user, p->host);
	reed_irc_client_set_user_account(user, p->account);
	reed_irc_client_set_user_realname(user, p->realname);
	user->is.is_away = p->is_away;
	user->is.is_bot = p->is_bot;
}

static enum reed_err take_whox(struct irc_ask *ask, const struct reed_irc_message *m,
                               struct reed_irc_person *p)
{
	/* IRCv3 whox: "0" is who is not logged in; no real account is called so */
	struct reed_slice account = param(m, WHOX_ACCOUNT);
	bool none = reed_slice_is(account, "0") || reed_slice_is(account, "*");
	const struct copy copies[] = {
		{ param(m, WHOX_CHANNEL), &p->channel },
		{ param(m, WHOX_USER), &p->user },
		{ param(m, WHOX_IP), &p->ip },
		{ param(m, WHOX_HOST), &p->host },
		{ param(m, WHOX_SERVER), &p->server },
		{ param(m, WHOX_NICK), &p->nick },
		{ none ? REED_STR("") : account, &p->account },
		{ param(m, WHOX_REALNAME), &p->realname },
	};
	enum reed_err err = copy_all(ask, copies, REED_COUNT(copies));

	p->hops = (unsigned)reed_irc_number(m, WHOX_HOPS);
	p->idle = reed_irc_number(m, WHOX_IDLE);
	if (!err)
		err = read_flags(ask, param(m, WHOX_FLAGS), p);
	if (!err)
		note_account(ask->client, p);
	return err;
}

static enum reed_err who_take(struct irc_ask *ask, const struct reed_irc_message *m)
{
	bool is_whox = m->numeric == REED_IRC_RPL_WHOSPCRPL && m->count > WHOX_REALNAME;
	struct reed_irc_person *person;

	if (m->numeric != REED_IRC_RPL_WHOREPLY && !is_whox)
		return REED_OK;
	person = new_person(ask);
	if (!person)
		return REED_ETOOBIG;
	return is_whox ? take_whox(ask, m, person) : take_who(ask, m, person);
}

static const struct irc_ask_kind who_kind = { .size = sizeof(struct ask_people),
	                                      .verb = "WHO",
	                                      .clues = who_clues,
	                                      .take = who_take,
	                                      .deliver = people_deliver };

struct reed_future *reed_irc_ask_who(struct reed_irc_client *client, struct reed_slice mask,
                                     struct reed_irc_people *people,
                                     struct reed_irc_refusal *refusal)
{
	struct ask_people *self = reed_irc_ask_new(client, &who_kind, mask, refusal);
	char fields[32];

	self->out = people;
	*people = (struct reed_irc_people){ .count = 0 };
	snprintf(fields, sizeof(fields), "%%" WHOX_FIELDS ",%u",
	         (unsigned)(client->last_label % 1000));
	return reed_irc_ask_say(&self->ask, mask,
	                        client->isupport.whox ? reed_slice_of(fields) : REED_STR(""));
}

/* ---- NAMES ---- */

static const struct irc_clue names_clues[] = { { 353, 2, IRC_MINE }, { 366, 1, IRC_DONE }, { 0 } };

static enum reed_err take_name(struct irc_ask *ask, struct reed_slice name,
                               struct reed_slice channel)
{
	const struct reed_irc_modes *modes = &ask->client->isupport.modes;
	struct reed_irc_person *p = new_person(ask);
	struct reed_irc_source who;
	size_t n = 0;

	while (n < name.n && reed_irc_mode_of_prefix(modes, name.p[n]))
		n++;
	who = reed_irc_source(reed_slice_from(name, n));
	if (!p)
		return REED_ETOOBIG;
	const struct copy copies[] = {
		{ who.nick, &p->nick },
		{ who.user, &p->user },
		{ who.host, &p->host },
		{ channel, &p->channel },
		{ reed_slice_first(name, n), &p->prefixes },
	};
	return copy_all(ask, copies, REED_COUNT(copies));
}

static enum reed_err names_take(struct irc_ask *ask, const struct reed_irc_message *m)
{
	struct reed_slice rest = param(m, 3);
	enum reed_err err = REED_OK;

	if (m->numeric != REED_IRC_RPL_NAMREPLY)
		return REED_OK;
	while (rest.n > 0 && !err) {
		struct reed_slice name = reed_slice_cut(&rest, ' ');

		if (name.n > 0)
			err = take_name(ask, name, param(m, 2));
	}
	return err;
}

static const struct irc_ask_kind names_kind = { .size = sizeof(struct ask_people),
	                                        .verb = "NAMES",
	                                        .clues = names_clues,
	                                        .any_error = true,
	                                        .one_name = true,
	                                        .take = names_take,
	                                        .deliver = people_deliver };

struct reed_future *reed_irc_ask_names(struct reed_irc_client *client, struct reed_slice channel,
                                       struct reed_irc_people *people,
                                       struct reed_irc_refusal *refusal)
{
	struct ask_people *self = reed_irc_ask_new(client, &names_kind, channel, refusal);

	self->out = people;
	*people = (struct reed_irc_people){ .count = 0 };
	return reed_irc_ask_say(&self->ask, channel);
}

/* ---- MONITOR ---- */

struct ask_monitor {
	struct irc_ask ask;
	struct reed_irc_monitor monitor, *out;
	size_t most;
};

static struct ask_monitor *monitor_of(struct irc_ask *ask)
{
	return reed_container_of(ask, struct ask_monitor, ask);
}

static const struct irc_clue monitor_clues[] = { { 730, 0, IRC_MINE },
	                                         { 731, 0, IRC_MINE },
	                                         { 734, 0, IRC_REFUSED },
	                                         { 0 } };

static bool is_asked_for(const struct irc_ask *ask, struct reed_slice nick)
{
	struct reed_slice rest = reed_slice_of(ask->subject);

	while (rest.n > 0)
		if (reed_irc_client_same(ask->client, reed_slice_cut(&rest, ','), nick))
			return true;
	return false;
}

static enum reed_err take_one(struct irc_ask *ask, struct reed_slice who, bool online)
{
	struct ask_monitor *self = monitor_of(ask);
	struct reed_irc_monitor *mon = &self->monitor;
	struct reed_slice nick = reed_irc_source(who).nick;

	if (!is_asked_for(ask, nick) || mon->online_count + mon->offline_count == self->most)
		return REED_OK;
	return reed_irc_ask_copy(ask, nick,
	                         online ? &mon->online[mon->online_count++]
	                                : &mon->offline[mon->offline_count++]);
}

static enum reed_err monitor_take(struct irc_ask *ask, const struct reed_irc_message *m)
{
	struct reed_slice rest = reed_irc_text(m);
	enum reed_err err = REED_OK;

	if (m->numeric != REED_IRC_RPL_MONONLINE && m->numeric != REED_IRC_RPL_MONOFFLINE)
		return REED_OK;
	while (rest.n > 0 && !err)
		err = take_one(ask, reed_slice_cut(&rest, ','),
		               m->numeric == REED_IRC_RPL_MONONLINE);
	return err;
}

static void monitor_deliver(struct irc_ask *ask)
{
	*monitor_of(ask)->out = monitor_of(ask)->monitor;
	reed_irc_ask_move(ask, &monitor_of(ask)->out->pool);
}

static const struct irc_ask_kind monitor_kind = { .size = sizeof(struct ask_monitor),
	                                          .verb = "MONITOR",
	                                          .clues = monitor_clues,
	                                          .fenced = true,
	                                          .take = monitor_take,
	                                          .deliver = monitor_deliver };

static void make_room(struct ask_monitor *self, struct reed_slice nicks)
{
	self->most = 1;
	for (size_t i = 0; i < nicks.n; i++)
		self->most += nicks.p[i] == ',';
	self->monitor.online =
		reed_pool_alloc(&self->ask.pool, 2 * self->most * sizeof(struct reed_slice));
	if (!self->monitor.online)
		self->most = 0;
	else
		self->monitor.offline = self->monitor.online + self->most;
}

struct reed_future *reed_irc_monitor_add(struct reed_irc_client *client, struct reed_slice nicks,
                                         struct reed_irc_monitor *monitor,
                                         struct reed_irc_refusal *refusal)
{
	struct ask_monitor *self;

	*monitor = (struct reed_irc_monitor){ .online_count = 0 };
	if (reed_irc_client_is_online(client) && !client->isupport.has_monitor)
		return reed_failed(client->loop, REED_ENOTSUP, "the server has no MONITOR");
	self = reed_irc_ask_new(client, &monitor_kind, nicks, refusal);
	self->out = monitor;
	make_room(self, nicks);
	reed_irc_client_remember_monitored(client, nicks);
	return reed_irc_ask_say(&self->ask, REED_STR("+"), nicks);
}

void reed_irc_monitor_finish(struct reed_irc_monitor *monitor)
{
	reed_pool_finish(&monitor->pool);
	*monitor = (struct reed_irc_monitor){ .online_count = 0 };
}

enum reed_err reed_irc_monitor_remove(struct reed_irc_client *client, struct reed_slice nicks)
{
	if (nicks.n == 0)
		return REED_EINVAL;
	reed_irc_client_forget_monitored(client, nicks);
	if (!reed_irc_client_is_online(client))
		return REED_ECLOSED;
	reed_irc_client_tell(client, REED_IRC_SOON, "MONITOR", REED_STR("-"), nicks);
	return REED_OK;
}
