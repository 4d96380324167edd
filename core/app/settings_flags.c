/*
 * Flags: the command line becomes nodes, one for each setting that was named.
 *
 * Everything is gathered before anything is assigned, so that the flags of one
 * list make one list, which takes the place of that of the file.
 */

#include "settings_private.h"

struct parser {
	struct reed_settings *self;
	struct reed_pool scratch;
	struct node **given; /* by the index of the slot; NULL: not named */
	char *const *argv;
	int argc, at; /* argv[at] is being read */
	const char **arguments;
	size_t argument_count;
	unsigned places; /* that are taken */
};

static struct slot *by_old_flag(const struct parser *parser, struct reed_slice name)
{
	const struct table *table = &parser->self->table;

	for (size_t i = 0; i < table->count; i++) {
		struct slot *slot = &table->slots[i];

		if (!slot->old_flag || !reed_slice_is(name, slot->old_flag))
			continue;
		reed_settings_warn_renamed(parser->self, "",
		                           reed_settings_keepf(&parser->self->pool, "--%s",
		                                               slot->old_flag),
		                           reed_settings_keepf(&parser->self->pool, "--%s",
		                                               slot->flag));
		return slot;
	}
	return NULL;
}

static struct slot *by_flag(const struct parser *parser, struct reed_slice name)
{
	const struct table *table = &parser->self->table;

	for (size_t i = 0; i < table->count; i++)
		if (table->slots[i].flag && reed_slice_is(name, table->slots[i].flag))
			return &table->slots[i];
	return by_old_flag(parser, name);
}

static struct slot *by_letter(const struct parser *parser, char letter)
{
	const struct table *table = &parser->self->table;

	for (size_t i = 0; i < table->count; i++)
		if (table->slots[i].flag && table->slots[i].setting.letter == letter)
			return &table->slots[i];
	return NULL;
}

/* A flag with a name of its own is found by its key too. */
static const struct slot *nearest(const struct table *table, struct reed_slice name)
{
	const struct slot *found = NULL;
	struct likeness like;

	reed_likeness_init(&like, name);
	for (size_t i = 0; i < table->count; i++) {
		const struct slot *slot = &table->slots[i];
		size_t before = like.distance;

		if (!slot->flag || slot->setting.hidden)
			continue;
		reed_likeness_try(&like, reed_slice_of(slot->flag));
		reed_likeness_try(&like, reed_slice_of(slot->key));
		if (like.distance < before)
			found = slot;
	}
	return found;
}

static void unknown_flag(struct parser *parser, struct reed_slice name)
{
	const struct slot *near = nearest(&parser->self->table, name);
	struct reed_buf shown = { 0 };

	reed_buf_add_str(&shown, "--");
	reed_settings_show(&shown, name);
	reed_settings_problem_at(parser->self,
	                         reed_settings_keep_text(&parser->scratch, reed_buf_slice(&shown)),
	                         "", "no such flag; %s%s%s",
	                         near ? "did you mean --" : "see --help", near ? near->flag : "",
	                         near ? "?" : "");
	reed_buf_finish(&shown);
}

static const char *slot_name(struct parser *parser, const struct slot *slot)
{
	return reed_settings_keepf(&parser->self->pool, "--%s", slot->flag);
}

static struct node **given(struct parser *parser, const struct slot *slot)
{
	return &parser->given[slot - parser->self->table.slots];
}

/* One value, or one item more. */
static void take(struct parser *parser, const struct slot *slot, struct reed_slice text)
{
	struct source source = { .layer = LAYER_FLAG, .name = slot_name(parser, slot) };
	struct node **node = given(parser, slot);

	if (slot->setting.shape == REED_SETTING_ONE) {
		*node = reed_node_of_text(parser->self, &source, &parser->scratch, &slot->setting,
		                          text);
		return;
	}
	if (!*node)
		*node = reed_node_container(&parser->scratch, &slot->setting);
	reed_node_add_text(parser->self, &source, &parser->scratch, &slot->setting, *node, text);
}

static bool takes_no_value(const struct slot *slot)
{
	return slot->setting.type == REED_SETTING_BOOL && slot->setting.shape == REED_SETTING_ONE;
}

static void complain_value(struct parser *parser, const struct slot *slot)
{
	struct reed_buf wanted = { 0 };

	reed_setting_write_placeholder(&slot->setting, &wanted);
	reed_settings_problem_at(parser->self, slot_name(parser, slot), "",
	                         "needs a value; write --%s=" REED_FMT, slot->flag,
	                         REED_ARG(reed_buf_slice(&wanted)));
	reed_buf_finish(&wanted);
}

static void take_next(struct parser *parser, const struct slot *slot)
{
	if (takes_no_value(slot))
		take(parser, slot, REED_STR("true"));
	else if (parser->at + 1 < parser->argc)
		take(parser, slot, reed_slice_of(parser->argv[++parser->at]));
	else
		complain_value(parser, slot);
}

/* The slot of no-tls or no-irc; NULL when it has no "no". */
static struct slot *by_negative(const struct parser *parser, struct reed_slice name)
{
	struct slot *slot = reed_slice_starts(name, REED_STR("no-"))
	                            ? by_flag(parser, reed_slice_from(name, 3))
	                            : NULL;

	return slot && (slot->setting.shape != REED_SETTING_ONE || takes_no_value(slot)) ? slot
	                                                                                 : NULL;
}

/* --no-tls is false; --no-irc is an empty list. */
static void negate(struct parser *parser, const struct slot *slot)
{
	if (takes_no_value(slot))
		take(parser, slot, REED_STR("false"));
	else
		*given(parser, slot) = reed_node_container(&parser->scratch, &slot->setting);
}

static void long_flag(struct parser *parser, struct reed_slice text)
{
	size_t n = reed_slice_find(text, '=');
	struct reed_slice name = reed_slice_first(text, n);
	struct slot *slot = by_flag(parser, name), *negative = by_negative(parser, name);

	if (slot && n < text.n)
		take(parser, slot, reed_slice_from(text, n + 1));
	else if (slot)
		take_next(parser, slot);
	else if (negative && n < text.n)
		reed_settings_problem_at(parser->self, "", "", "--no-%s: takes no value",
		                         negative->flag);
	else if (negative)
		negate(parser, negative);
	else
		unknown_flag(parser, name);
}

/* -v, -vx, -c FILE, -cFILE */
static void short_flags(struct parser *parser, struct reed_slice letters)
{
	while (letters.n > 0) {
		struct slot *slot = by_letter(parser, letters.p[0]);

		if (!slot) {
			struct reed_buf shown = { 0 };

			reed_settings_show(&shown, reed_slice_first(letters, 1));
			reed_settings_problem_at(parser->self, "", "",
			                         "-" REED_FMT ": no such flag; see --help",
			                         REED_ARG(reed_buf_slice(&shown)));
			reed_buf_finish(&shown);
			return;
		}
		letters = reed_slice_from(letters, 1);
		if (letters.n > 0 && !takes_no_value(slot)) {
			take(parser, slot, letters);
			return;
		}
		take_next(parser, slot);
	}
}

static void argument(struct parser *parser, const char *text)
{
	const struct slot *slot = reed_slot_at(parser->self, parser->places + 1);
	struct reed_buf shown = { 0 };

	if (slot) {
		parser->places++;
		take(parser, slot, reed_slice_of(text));
		return;
	}
	if (parser->self->program->arguments || parser->self->program->verbs) {
		parser->arguments[parser->argument_count++] =
			reed_settings_keep_text(&parser->self->pool, reed_slice_of(text));
		return;
	}
	reed_settings_quote(&shown, reed_slice_of(text));
	reed_settings_problem_at(parser->self, "", "",
	                         REED_FMT ": nothing is taken but flags; see --help",
	                         REED_ARG(reed_buf_slice(&shown)));
	reed_buf_finish(&shown);
}

static void parse(struct parser *parser)
{
	bool ended = false;

	for (parser->at = 1; parser->at < parser->argc; parser->at++) {
		struct reed_slice text = reed_slice_of(parser->argv[parser->at]);

		if (!ended && reed_slice_is(text, "--"))
			ended = true;
		else if (!ended && reed_slice_starts(text, REED_STR("--")))
			long_flag(parser, reed_slice_from(text, 2));
		else if (!ended && text.n > 1 && text.p[0] == '-')
			short_flags(parser, reed_slice_from(text, 1));
		else
			argument(parser, parser->argv[parser->at]);
	}
}

static void assign(struct parser *parser)
{
	struct table *table = &parser->self->table;

	for (size_t i = 0; i < table->count; i++) {
		struct slot *slot = &table->slots[i];
		struct source source = { .layer = LAYER_FLAG, .serial = ++parser->self->sources };

		if (!parser->given[i])
			continue;
		source.name = slot_name(parser, slot);
		reed_settings_assign(parser->self, &source, &parser->scratch, slot,
		                     parser->given[i]);
	}
}

enum reed_err reed_settings_flags(struct reed_settings *self, int argc, char *const *argv)
{
	struct parser parser = { .self = self, .argc = argc, .argv = argv };

	parser.given = reed_alloc((self->table.count + 1) * sizeof(struct node *));
	parser.arguments = reed_settings_keep(&self->pool, (size_t)(argc + 1) * sizeof(char *));
	parse(&parser);
	assign(&parser);
	self->arguments = (struct reed_texts){ parser.arguments, parser.argument_count };
	reed_pool_finish(&parser.scratch);
	reed_free(parser.given);
	return reed_settings_state(self);
}
