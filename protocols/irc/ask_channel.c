/* Calls about channels: topics, modes, lists. */

#include "client_private.h"

#include <string.h>

static struct reed_slice param(const struct reed_irc_message *m, size_t i)
{
	return reed_irc_param(m, i);
}

/* ---- topics ---- */

struct ask_topic {
	struct irc_ask ask;
	struct reed_irc_topic topic, *out;
};

static struct ask_topic *topic_of(struct irc_ask *ask)
{
	return reed_container_of(ask, struct ask_topic, ask);
}

static const struct irc_clue topic_clues[] = {
	{ 331, 1, IRC_MINE },    { 332, 1, IRC_MINE },    { 333, 1, IRC_MINE },
	{ 403, 1, IRC_REFUSED }, { 442, 1, IRC_REFUSED }, { 0 },
};

static enum reed_err topic_take(struct irc_ask *ask, const struct reed_irc_message *m)
{
	struct reed_irc_topic *topic = &topic_of(ask)->topic;

	if (m->numeric == REED_IRC_RPL_TOPIC)
		return reed_irc_ask_copy(ask, param(m, 2), &topic->topic);
	if (m->numeric != REED_IRC_RPL_TOPICWHOTIME)
		return REED_OK;
	topic->time = reed_irc_number(m, 3);
	return reed_irc_ask_copy(ask, param(m, 2), &topic->by);
}

static void topic_deliver(struct irc_ask *ask)
{
	*topic_of(ask)->out = topic_of(ask)->topic;
	reed_irc_ask_move(ask, &topic_of(ask)->out->pool);
}

static const struct irc_ask_kind ask_topic_kind = { .size = sizeof(struct ask_topic),
	                                            .verb = "TOPIC",
	                                            .clues = topic_clues,
	                                            .any_error = true,
	                                            .fenced = true,
	                                            .one_name = true,
	                                            .take = topic_take,
	                                            .deliver = topic_deliver };

struct reed_future *reed_irc_ask_topic(struct reed_irc_client *client, struct reed_slice channel,
                                       struct reed_irc_topic *topic,
                                       struct reed_irc_refusal *refusal)
{
	struct ask_topic *self = reed_irc_ask_new(client, &ask_topic_kind, channel, refusal);

	self->out = topic;
	*topic = (struct reed_irc_topic){ .time = 0 };
	return reed_irc_ask_say(&self->ask, channel);
}

void reed_irc_topic_finish(struct reed_irc_topic *topic)
{
	reed_pool_finish(&topic->pool);
	*topic = (struct reed_irc_topic){ .time = 0 };
}

static enum irc_verdict set_topic_judge(struct irc_ask *ask, const struct reed_irc_message *m)
{
	return m->command == REED_IRC_TOPIC &&
	                       reed_irc_client_is_me(ask->client,
	                                             reed_irc_source(m->source).nick) &&
	                       reed_irc_client_same(ask->client, param(m, 0),
	                                            reed_slice_of(ask->subject))
	               ? IRC_DONE
	               : IRC_NOT_MINE;
}

static const struct irc_ask_kind set_topic_kind = { .size = sizeof(struct irc_ask),
	                                            .verb = "TOPIC",
	                                            .any_error = true,
	                                            .fenced = true,
	                                            .keeps_empty = true,
	                                            .one_name = true,
	                                            .judge = set_topic_judge };

struct reed_future *reed_irc_set_topic(struct reed_irc_client *client, struct reed_slice channel,
                                       struct reed_slice topic, struct reed_irc_refusal *refusal)
{
	struct irc_ask *ask = reed_irc_ask_new(client, &set_topic_kind, channel, refusal);

	return reed_irc_ask_say(ask, channel, topic.p ? topic : REED_STR(""));
}

/* ---- modes ---- */

static const struct irc_clue set_modes_clues[] = {
	{ 401, 0, IRC_REFUSED }, { 403, 0, IRC_REFUSED },
	{ 441, 0, IRC_REFUSED }, { 442, 0, IRC_REFUSED },
	{ 467, 0, IRC_REFUSED }, { 472, 0, IRC_REFUSED },
	{ 477, 0, IRC_REFUSED }, { 478, 0, IRC_REFUSED },
	{ 481, 0, IRC_REFUSED }, { 482, 0, IRC_REFUSED },
	{ 485, 0, IRC_REFUSED }, { 499, 0, IRC_REFUSED },
	{ 501, 0, IRC_REFUSED }, { 502, 0, IRC_REFUSED },
	{ 525, 0, IRC_REFUSED }, { 696, 0, IRC_REFUSED },
	{ 697, 0, IRC_REFUSED }, { 698, 0, IRC_REFUSED },
	{ 742, 0, IRC_REFUSED }, { 0 },
};

static const struct irc_ask_kind set_modes_kind = { .size = sizeof(struct irc_ask),
	                                            .verb = "MODE",
	                                            .clues = set_modes_clues,
	                                            .fenced = true,
	                                            .one_name = true,
	                                            .no_label = true };

static size_t split_words(struct reed_slice text, struct reed_slice *words, size_t most)
{
	size_t n = 0;

	while (text.n > 0 && n < most) {
		words[n] = reed_slice_cut(&text, ' ');
		if (words[n].n > 0)
			n++;
	}
	return n;
}

/* As many lines as it takes, each with as many parameters as the server wants. */
static enum reed_err add_mode_lines(struct irc_ask *ask, struct reed_slice target,
                                    struct reed_slice text)
{
	const struct reed_irc_isupport *is = &ask->client->isupport;
	struct reed_slice words[REED_IRC_CHANGES_MAX + 1], line;
	struct reed_irc_mode_changes changes;
	struct reed_irc_builder b;
	char p[REED_IRC_LINE_MAX];
	enum reed_err err;

	err = reed_irc_modes_parse(&is->modes, words, split_words(text, words, REED_COUNT(words)),
	                           &changes);
	for (size_t at = 0; !err && at < changes.count;) {
		reed_irc_build(&b, p, sizeof(p));
		reed_irc_build_command(&b, REED_STR(""), REED_STR("MODE"));
		reed_irc_build_param(&b, target);
		reed_irc_build_modes(&b, &changes, &at, is->modes_max);
		err = reed_irc_build_end(&b, &line);
		if (b.params > 1)
			reed_buf_add(&ask->out.lines, line);
	}
	if (!err && reed_buf_held(&ask->out.lines) == 0)
		err = REED_EINVAL;
	return err;
}

static void add_mode_line(struct irc_ask *ask, struct reed_slice target, struct reed_slice text)
{
	reed_buf_printf(&ask->out.lines, "MODE " REED_FMT " " REED_FMT "\r\n", REED_ARG(target),
	                REED_ARG(text));
}

static bool is_one_line(struct reed_slice text)
{
	return text.n > 0 && reed_slice_find(text, '\n') == text.n &&
	       reed_slice_find(text, '\r') == text.n && reed_slice_find(text, '\0') == text.n;
}

struct reed_future *reed_irc_set_modes(struct reed_irc_client *client, struct reed_slice target,
                                       struct reed_slice changes, struct reed_irc_refusal *refusal)
{
	struct irc_ask *ask = reed_irc_ask_new(client, &set_modes_kind, target, refusal);
	enum reed_err err = REED_OK;

	if (!is_one_line(target) || !is_one_line(changes) ||
	    reed_slice_find(target, ' ') < target.n || target.n + changes.n > 480)
		err = REED_EINVAL;
	else if (reed_irc_is_channel(&client->isupport, target))
		err = add_mode_lines(ask, target, changes);
	else
		add_mode_line(ask, target, changes);
	if (err)
		ask->out.lines.err = REED_EINVAL;
	return reed_irc_ask_send_lines(ask);
}

struct ask_modes {
	struct irc_ask ask;
	struct reed_irc_modes_answer answer, *out;
};

static struct ask_modes *modes_of(struct irc_ask *ask)
{
	return reed_container_of(ask, struct ask_modes, ask);
}

static const struct irc_clue ask_modes_clues[] = {
	{ 221, 0, IRC_MINE },
	{ 324, 1, IRC_MINE },
	{ 329, 1, IRC_MINE },
	{ 401, 1, IRC_REFUSED },
	{ 403, 1, IRC_REFUSED },
	{ 502, 0, IRC_REFUSED },
	{ 0 },
};

/* Letters and their parameters, as they came. */
static enum reed_err modes_take(struct irc_ask *ask, const struct reed_irc_message *m)
{
	size_t first = m->numeric == REED_IRC_RPL_UMODEIS ? 1 : 2;
	struct reed_buf b = { 0 };
	enum reed_err err;

	if (m->numeric != REED_IRC_RPL_UMODEIS && m->numeric != REED_IRC_RPL_CHANNELMODEIS)
		return REED_OK;
	for (size_t i = first; i < m->count; i++) {
		if (i > first)
			reed_buf_add_char(&b, ' ');
		reed_buf_add(&b, reed_slice_trim(m->params[i]));
	}
	err = reed_irc_ask_copy(ask, reed_buf_slice(&b), &modes_of(ask)->answer.modes);
	reed_buf_finish(&b);
	return err;
}

static void modes_deliver(struct irc_ask *ask)
{
	*modes_of(ask)->out = modes_of(ask)->answer;
	reed_irc_ask_move(ask, &modes_of(ask)->out->pool);
}

static const struct irc_ask_kind ask_modes_kind = { .size = sizeof(struct ask_modes),
	                                            .verb = "MODE",
	                                            .clues = ask_modes_clues,
	                                            .any_error = true,
	                                            .fenced = true,
	                                            .one_name = true,
	                                            .take = modes_take,
	                                            .deliver = modes_deliver };

struct reed_future *reed_irc_ask_modes(struct reed_irc_client *client, struct reed_slice target,
                                       struct reed_irc_modes_answer *modes,
                                       struct reed_irc_refusal *refusal)
{
	struct ask_modes *self = reed_irc_ask_new(client, &ask_modes_kind, target, refusal);

	self->out = modes;
	*modes = (struct reed_irc_modes_answer){ .modes = REED_STR("") };
	return reed_irc_ask_say(&self->ask, target);
}

void reed_irc_modes_finish(struct reed_irc_modes_answer *modes)
{
	reed_pool_finish(&modes->pool);
	modes->modes = REED_STR("");
}

/* ---- lists of masks ---- */

struct ask_list {
	struct irc_ask ask;
	struct reed_irc_list_answer *out;
	void *rows;
	uint16_t row;   /* its number */
	size_t mask_at; /* which parameter of it */
};

static const struct irc_clue ban_clues[] = { { 367, 1, IRC_MINE }, { 368, 1, IRC_DONE }, { 0 } };
static const struct irc_clue except_clues[] = { { 348, 1, IRC_MINE }, { 349, 1, IRC_DONE }, { 0 } };
static const struct irc_clue invex_clues[] = { { 346, 1, IRC_MINE }, { 347, 1, IRC_DONE }, { 0 } };
static const struct irc_clue quiet_clues[] = { { 728, 1, IRC_MINE }, { 729, 1, IRC_DONE }, { 0 } };

static struct ask_list *list_of(struct irc_ask *ask)
{
	return reed_container_of(ask, struct ask_list, ask);
}

static enum reed_err list_take(struct irc_ask *ask, const struct reed_irc_message *m)
{
	struct ask_list *self = list_of(ask);
	struct reed_irc_list_entry *row;
	enum reed_err err;

	if (m->numeric != self->row)
		return REED_OK;
	row = reed_irc_ask_row(ask, &self->rows, sizeof(*row));
	if (!row)
		return REED_ETOOBIG;
	row->time = reed_irc_number(m, self->mask_at + 2);
	err = reed_irc_ask_copy(ask, param(m, self->mask_at), &row->mask);
	return err ? err : reed_irc_ask_copy(ask, param(m, self->mask_at + 1), &row->by);
}

static void list_deliver(struct irc_ask *ask)
{
	struct ask_list *self = list_of(ask);

	self->out->entries = self->rows;
	self->out->count = ask->rows;
	reed_irc_ask_move(ask, &self->out->pool);
}

#define LIST_KIND(its_clues)                                                                    \
	{                                                                                       \
		.size = sizeof(struct ask_list), .verb = "MODE", .clues = its_clues,            \
		.any_error = true, .one_name = true, .take = list_take, .deliver = list_deliver \
	}

static const struct {
	char letter;
	uint16_t row;
	size_t mask_at;
	struct irc_ask_kind kind;
} lists[] = {
	{ 'b', 367, 2, LIST_KIND(ban_clues) },
	{ 'e', 348, 2, LIST_KIND(except_clues) },
	{ 'I', 346, 2, LIST_KIND(invex_clues) },
	{ 'q', 728, 3, LIST_KIND(quiet_clues) },
};

struct reed_future *reed_irc_ask_list(struct reed_irc_client *client, struct reed_slice channel,
                                      char letter, struct reed_irc_list_answer *list,
                                      struct reed_irc_refusal *refusal)
{
	*list = (struct reed_irc_list_answer){ .count = 0 };
	for (size_t i = 0; i < REED_COUNT(lists); i++) {
		struct ask_list *self;

		if (lists[i].letter != letter)
			continue;
		self = reed_irc_ask_new(client, &lists[i].kind, channel, refusal);
		self->row = lists[i].row;
		self->mask_at = lists[i].mask_at;
		self->out = list;
		return reed_irc_ask_say(&self->ask, channel, reed_slice(&lists[i].letter, 1));
	}
	return reed_failed(client->loop, REED_EINVAL,
	                   "there is no list '%c'; there are b, e, I and q", letter);
}

void reed_irc_list_finish(struct reed_irc_list_answer *list)
{
	reed_pool_finish(&list->pool);
	list->entries = NULL;
	list->count = 0;
}

/* ---- which channels there are ---- */

struct ask_rooms {
	struct irc_ask ask;
	struct reed_irc_rooms *out;
	void *rows;
};

static const struct irc_clue rooms_clues[] = { { 321, 0, IRC_MINE },
	                                       { 322, 0, IRC_MINE },
	                                       { 323, 0, IRC_DONE },
	                                       { 0 } };

static struct ask_rooms *rooms_of(struct irc_ask *ask)
{
	return reed_container_of(ask, struct ask_rooms, ask);
}

static enum reed_err rooms_take(struct irc_ask *ask, const struct reed_irc_message *m)
{
	struct reed_irc_room *row;
	enum reed_err err;

	if (m->numeric != REED_IRC_RPL_LIST)
		return REED_OK;
	row = reed_irc_ask_row(ask, &rooms_of(ask)->rows, sizeof(*row));
	if (!row)
		return REED_ETOOBIG;
	row->users = (unsigned)reed_irc_number(m, 2);
	err = reed_irc_ask_copy(ask, param(m, 1), &row->name);
	return err ? err : reed_irc_ask_copy(ask, param(m, 3), &row->topic);
}

static void rooms_deliver(struct irc_ask *ask)
{
	struct ask_rooms *self = rooms_of(ask);

	self->out->rooms = self->rows;
	self->out->count = ask->rows;
	reed_irc_ask_move(ask, &self->out->pool);
}

static const struct irc_ask_kind rooms_kind = { .size = sizeof(struct ask_rooms),
	                                        .verb = "LIST",
	                                        .clues = rooms_clues,
	                                        .take = rooms_take,
	                                        .deliver = rooms_deliver };

struct reed_future *reed_irc_ask_rooms(struct reed_irc_client *client, struct reed_slice which,
                                       struct reed_irc_rooms *rooms,
                                       struct reed_irc_refusal *refusal)
{
	struct ask_rooms *self = reed_irc_ask_new(client, &rooms_kind, REED_STR(""), refusal);

	self->out = rooms;
	*rooms = (struct reed_irc_rooms){ .count = 0 };
	return reed_irc_ask_say(&self->ask, which);
}

void reed_irc_rooms_finish(struct reed_irc_rooms *rooms)
{
	reed_pool_finish(&rooms->pool);
	rooms->rooms = NULL;
	rooms->count = 0;
}
