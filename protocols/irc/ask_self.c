/* Calls about anything, about ourselves, and about coming and going. */

#include "client_private.h"

#include <string.h>

static bool is_from_me(const struct irc_ask *ask, const struct reed_irc_message *m)
{
	return reed_irc_client_is_me(ask->client, reed_irc_source(m->source).nick);
}

static bool names(const struct irc_ask *ask, const struct reed_irc_message *m, size_t i)
{
	return reed_irc_client_same(ask->client, reed_irc_param(m, i), reed_slice_of(ask->subject));
}

/* ---- anything ---- */

struct request {
	struct irc_ask ask;
	struct reed_irc_answer answer, *out;
	void *rows;
	const struct irc_end *end; /* NULL: the fence is */
};

/* Commands whose answers may take longer than that to a PING behind them. */
struct irc_end {
	const char *verb;
	uint16_t first, last, ends[3]; /* numbers that belong to it; those at its end */
};

static const struct irc_end long_answers[] = {
	{ "INFO", 371, 374, { 374 } },   { "LINKS", 364, 365, { 365 } },
	{ "LIST", 321, 323, { 323 } },   { "MOTD", 372, 376, { 376, 422 } },
	{ "NAMES", 353, 366, { 366 } },  { "STATS", 210, 250, { 219 } },
	{ "WHO", 352, 354, { 315 } },    { "WHOIS", 301, 338, { 318 } },
	{ "WHOWAS", 312, 314, { 369 } },
};

static struct request *request_of(struct irc_ask *ask)
{
	return reed_container_of(ask, struct request, ask);
}

static enum irc_verdict judge_ended(const struct irc_end *end, const struct reed_irc_message *m)
{
	for (size_t i = 0; i < REED_COUNT(end->ends); i++)
		if (m->numeric == end->ends[i])
			return IRC_DONE;
	if (m->numeric >= end->first && m->numeric <= end->last)
		return IRC_MINE;
	return reed_irc_numeric_is_error(m->numeric) ? IRC_DOUBTED : IRC_NOT_MINE;
}

static enum irc_verdict request_judge(struct irc_ask *ask, const struct reed_irc_message *m)
{
	const struct irc_end *end = request_of(ask)->end;

	if (m->command != REED_IRC_NUMERIC)
		return reed_slice_is_nocase(m->verb, ask->verb) && is_from_me(ask, m)
		               ? IRC_MINE
		               : IRC_NOT_MINE;
	if (end)
		return judge_ended(end, m);
	return reed_irc_numeric_is_error(m->numeric) ? IRC_REFUSED : IRC_MINE;
}

static enum reed_err copy_message(struct irc_ask *ask, const struct reed_irc_message *m,
                                  struct reed_irc_message *out)
{
	struct reed_slice line;
	enum reed_err err = reed_irc_ask_copy(ask, m->line, &line);

	if (!err)
		reed_irc_parse(line, NULL, out);
	return err;
}

static enum reed_err request_take(struct irc_ask *ask, const struct reed_irc_message *m)
{
	struct reed_irc_message *row;

	if (m->command == REED_IRC_ACK)
		return REED_OK;
	row = reed_irc_ask_row(ask, &request_of(ask)->rows, sizeof(*row));
	return row ? copy_message(ask, m, row) : REED_ETOOBIG;
}

static void request_deliver(struct irc_ask *ask)
{
	struct request *self = request_of(ask);

	self->out->messages = self->rows;
	self->out->count = ask->rows;
	self->out->refusal = ask->refusal;
	reed_irc_ask_move(ask, &self->out->pool);
}

static const struct irc_ask_kind fenced_kind = { .size = sizeof(struct request),
	                                         .fenced = true,
	                                         .judge = request_judge,
	                                         .take = request_take,
	                                         .deliver = request_deliver };

static const struct irc_ask_kind ended_kind = { .size = sizeof(struct request),
	                                        .judge = request_judge,
	                                        .take = request_take,
	                                        .deliver = request_deliver };

static const struct irc_end *find_end(struct reed_slice line)
{
	struct reed_slice verb = reed_slice_cut(&line, ' ');

	for (size_t i = 0; i < REED_COUNT(long_answers); i++)
		if (reed_slice_is_nocase(verb, long_answers[i].verb))
			return &long_answers[i];
	return NULL;
}

struct reed_future *reed_irc_request(struct reed_irc_client *client, struct reed_slice line,
                                     struct reed_irc_answer *answer)
{
	const struct irc_end *end = find_end(line);
	struct request *self;

	self = reed_irc_ask_new(client, end ? &ended_kind : &fenced_kind, REED_STR(""), NULL);
	self->end = end;
	self->out = answer;
	*answer = (struct reed_irc_answer){ .count = 0 };
	return reed_irc_ask_send_line(&self->ask, line);
}

void reed_irc_answer_finish(struct reed_irc_answer *answer)
{
	reed_pool_finish(&answer->pool);
	answer->messages = NULL;
	answer->count = 0;
}

/* ---- how far it is ---- */

struct ping {
	struct irc_ask ask;
	int64_t since, *ms;
	int64_t took;
};

static enum irc_verdict ping_judge(struct irc_ask *ask, const struct reed_irc_message *m)
{
	struct ping *self = reed_container_of(ask, struct ping, ask);

	if (m->command != REED_IRC_PONG ||
	    !(ask->is_labeled || reed_slice_is(reed_irc_text(m), ask->subject)))
		return IRC_NOT_MINE;
	self->took = reed_now(ask->client->loop) - self->since;
	ask->client->lag_ns = self->took;
	return IRC_DONE;
}

static void ping_deliver(struct irc_ask *ask)
{
	struct ping *self = reed_container_of(ask, struct ping, ask);

	if (self->ms)
		*self->ms = self->took / 1000000;
}

static const struct irc_ask_kind ping_kind = { .size = sizeof(struct ping),
	                                       .verb = "PING",
	                                       .judge = ping_judge,
	                                       .deliver = ping_deliver };

struct reed_future *reed_irc_ping(struct reed_irc_client *client, int64_t *ms)
{
	char token[17];
	struct ping *self;

	reed_random_word(client->loop, token, sizeof(token) - 1);
	self = reed_irc_ask_new(client, &ping_kind, reed_slice_of(token), NULL);
	self->since = reed_now(client->loop);
	self->ms = ms;
	self->ask.out.priority = REED_IRC_AT_ONCE;
	return reed_irc_ask_say(&self->ask, reed_slice_of(token));
}

/* ---- ourselves ---- */

/* By now it is our nick. */
static enum irc_verdict nick_judge(struct irc_ask *ask, const struct reed_irc_message *m)
{
	return m->command == REED_IRC_NICK && names(ask, m, 0) &&
	                       reed_irc_client_is_me(ask->client, reed_slice_of(ask->subject))
	               ? IRC_DONE
	               : IRC_NOT_MINE;
}

static const struct irc_clue nick_clues[] = {
	{ 431, 0, IRC_REFUSED }, { 432, 1, IRC_REFUSED },
	{ 433, 1, IRC_REFUSED }, { 435, 0, IRC_REFUSED },
	{ 436, 1, IRC_REFUSED }, { 437, 1, IRC_REFUSED },
	{ 438, 0, IRC_REFUSED }, { 447, 0, IRC_REFUSED },
	{ 484, 0, IRC_REFUSED }, { 0 },
};

static const struct irc_ask_kind nick_kind = { .size = sizeof(struct irc_ask),
	                                       .verb = "NICK",
	                                       .one_name = true,
	                                       .clues = nick_clues,
	                                       .judge = nick_judge };

struct reed_future *reed_irc_set_nick(struct reed_irc_client *client, struct reed_slice nick,
                                      struct reed_irc_refusal *refusal)
{
	struct irc_ask *ask = reed_irc_ask_new(client, &nick_kind, nick, refusal);

	reed_irc_replace(&client->asked_nick, nick);
	return reed_irc_ask_say(ask, nick);
}

static const struct irc_clue away_clues[] = { { 305, 0, IRC_DONE }, { 306, 0, IRC_DONE }, { 0 } };

static const struct irc_ask_kind away_kind = { .size = sizeof(struct irc_ask),
	                                       .verb = "AWAY",
	                                       .clues = away_clues };

struct reed_future *reed_irc_set_away(struct reed_irc_client *client, struct reed_slice reason,
                                      struct reed_irc_refusal *refusal)
{
	struct irc_ask *ask = reed_irc_ask_new(client, &away_kind, REED_STR(""), refusal);

	return reed_irc_ask_say(ask, reason);
}

static const struct irc_clue oper_clues[] = { { 381, 0, IRC_DONE },
	                                      { 464, 0, IRC_REFUSED },
	                                      { 491, 0, IRC_REFUSED },
	                                      { 0 } };

static const struct irc_ask_kind oper_kind = { .size = sizeof(struct irc_ask),
	                                       .verb = "OPER",
	                                       .clues = oper_clues };

struct reed_future *reed_irc_oper(struct reed_irc_client *client, struct reed_slice name,
                                  struct reed_slice password, struct reed_irc_refusal *refusal)
{
	struct irc_ask *ask = reed_irc_ask_new(client, &oper_kind, REED_STR(""), refusal);

	return reed_irc_ask_say(ask, name, password);
}

/* ---- coming ---- */

struct join {
	struct irc_ask ask;
	char *key;
};

static const struct irc_clue join_clues[] = {
	{ 353, 2, IRC_MINE },     { 366, 1, IRC_DONE },     { 332, 1, IRC_MINE },
	{ 333, 1, IRC_MINE },     { 404, 1, IRC_NOT_MINE }, { 442, 1, IRC_NOT_MINE },
	{ 482, 1, IRC_NOT_MINE }, { 470, 1, IRC_REFUSED },  { 0 },
};

static enum irc_verdict join_judge(struct irc_ask *ask, const struct reed_irc_message *m)
{
	return m->command == REED_IRC_JOIN && is_from_me(ask, m) && names(ask, m, 0) ? IRC_MINE
	                                                                             : IRC_NOT_MINE;
}

/* Whoever waits for it or not: we are there, and want to be there again. */
static enum irc_verdict join_judge_and_stay(struct irc_ask *ask, const struct reed_irc_message *m)
{
	struct join *self = reed_container_of(ask, struct join, ask);
	enum irc_verdict verdict = join_judge(ask, m);

	if (verdict == IRC_MINE && !ask->client->options.no_rejoin)
		reed_irc_client_add_home(ask->client, reed_slice_of(ask->subject),
		                         reed_slice_of(self->key));
	return verdict;
}

static void join_free(struct irc_ask *ask)
{
	reed_free(reed_container_of(ask, struct join, ask)->key);
}

static const struct irc_ask_kind join_kind = { .size = sizeof(struct join),
	                                       .verb = "JOIN",
	                                       .one_name = true,
	                                       .clues = join_clues,
	                                       .any_error = true,
	                                       .judge = join_judge_and_stay,
	                                       .free = join_free };

struct reed_future *reed_irc_join(struct reed_irc_client *client, struct reed_slice channel,
                                  struct reed_slice key, struct reed_irc_refusal *refusal)
{
	struct join *self = reed_irc_ask_new(client, &join_kind, channel, refusal);

	self->key = reed_slice_dup(key);
	return reed_irc_ask_say(&self->ask, channel, key);
}

/* ---- going ---- */

static enum irc_verdict part_judge(struct irc_ask *ask, const struct reed_irc_message *m)
{
	return m->command == REED_IRC_PART && is_from_me(ask, m) && names(ask, m, 0) ? IRC_DONE
	                                                                             : IRC_NOT_MINE;
}

static const struct irc_clue part_clues[] = { { 403, 1, IRC_REFUSED },
	                                      { 442, 1, IRC_REFUSED },
	                                      { 0 } };

static const struct irc_ask_kind part_kind = { .size = sizeof(struct irc_ask),
	                                       .verb = "PART",
	                                       .one_name = true,
	                                       .clues = part_clues,
	                                       .judge = part_judge };

struct reed_future *reed_irc_part(struct reed_irc_client *client, struct reed_slice channel,
                                  struct reed_slice reason, struct reed_irc_refusal *refusal)
{
	struct irc_ask *ask = reed_irc_ask_new(client, &part_kind, channel, refusal);

	reed_irc_client_remove_home(client, channel);
	return reed_irc_ask_say(ask, channel, reason);
}

static enum irc_verdict kick_judge(struct irc_ask *ask, const struct reed_irc_message *m)
{
	return m->command == REED_IRC_KICK && is_from_me(ask, m) && names(ask, m, 1) ? IRC_DONE
	                                                                             : IRC_NOT_MINE;
}

static const struct irc_clue kick_clues[] = {
	{ 401, 1, IRC_REFUSED },
	{ 403, 0, IRC_REFUSED },
	{ 441, 1, IRC_REFUSED },
	{ 442, 0, IRC_REFUSED },
	{ 482, 0, IRC_REFUSED },
	{ 972, 0, IRC_REFUSED },
	{ 0 },
};

static const struct irc_ask_kind kick_kind = { .size = sizeof(struct irc_ask),
	                                       .verb = "KICK",
	                                       .one_name = true,
	                                       .clues = kick_clues,
	                                       .fenced = true,
	                                       .judge = kick_judge };

struct reed_future *reed_irc_kick(struct reed_irc_client *client, struct reed_slice channel,
                                  struct reed_slice nick, struct reed_slice reason,
                                  struct reed_irc_refusal *refusal)
{
	struct irc_ask *ask = reed_irc_ask_new(client, &kick_kind, nick, refusal);

	return reed_irc_ask_say(ask, channel, nick, reason);
}

static const struct irc_clue invite_clues[] = {
	{ 341, 0, IRC_DONE },    { 301, 1, IRC_MINE },    { 401, 1, IRC_REFUSED },
	{ 403, 0, IRC_REFUSED }, { 442, 0, IRC_REFUSED }, { 443, 0, IRC_REFUSED },
	{ 482, 0, IRC_REFUSED }, { 518, 0, IRC_REFUSED }, { 0 },
};

static const struct irc_ask_kind invite_kind = { .size = sizeof(struct irc_ask),
	                                         .verb = "INVITE",
	                                         .one_name = true,
	                                         .clues = invite_clues,
	                                         .fenced = true };

struct reed_future *reed_irc_invite(struct reed_irc_client *client, struct reed_slice nick,
                                    struct reed_slice channel, struct reed_irc_refusal *refusal)
{
	struct irc_ask *ask = reed_irc_ask_new(client, &invite_kind, nick, refusal);

	return reed_irc_ask_say(ask, nick, channel);
}
