/* Help: what --help says, in 80 columns. */

#include "settings_private.h"

enum { WIDTH = 80, COLUMN = 30 };

static size_t columns(struct reed_slice text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return n;
}

void reed_text_wrap(struct reed_buf *out, const char *begin, size_t column, struct reed_slice text)
{
	bool fresh = column > 0; /* there is something before the first word already */

	while (text.n > 0) {
		struct reed_slice word = reed_slice_cut(&text, ' ');
		size_t n = columns(word);

		if (n == 0)
			continue;
		if (column > 0 && !fresh && column + 1 + n > WIDTH) {
			reed_buf_add_char(out, '\n');
			column = 0;
		}
		if (column == 0) {
			reed_buf_add_str(out, begin);
			column = columns(reed_slice_of(begin));
		} else if (!fresh) {
			reed_buf_add_char(out, ' ');
			column++;
		}
		fresh = false;
		reed_buf_add(out, word);
		column += n;
	}
	reed_buf_add_char(out, '\n');
}

/* "  -c, --config FILE" */
static void write_label(const struct slot *slot, struct reed_buf *out)
{
	bool one = slot->setting.shape == REED_SETTING_ONE;
	bool flag = one && slot->setting.type == REED_SETTING_BOOL;

	if (slot->setting.letter)
		reed_buf_printf(out, "  -%c, ", slot->setting.letter);
	else
		reed_buf_add_str(out, "      ");
	reed_buf_printf(out, "--%s%s", flag && slot->setting.from != REED_FROM_FLAG ? "[no-]" : "",
	                slot->flag);
	if (flag)
		return;
	reed_buf_add_str(out, slot->setting.shape == REED_SETTING_MAP ? " NAME=" : " ");
	reed_setting_write_placeholder(&slot->setting, out);
}

/* "[default 1M, from 4K to 1G, many times]" */
static void write_extras(const struct reed_setting *s, struct reed_buf *out)
{
	struct reed_buf extras = { 0 };

	if (s->preset && *s->preset && s->type != REED_SETTING_BOOL) {
		reed_buf_printf(&extras, "default %s", s->preset);
	} else if (s->type == REED_SETTING_BOOL &&
	           reed_slice_is_nocase(reed_slice_of(s->preset), "true")) {
		reed_buf_add_str(&extras, "on by default");
	} else if (s->required) {
		reed_buf_add_str(&extras, "has to be given");
	}
	if (s->least || s->most) {
		reed_buf_add_str(&extras, reed_buf_held(&extras) ? ", " : "");
		reed_setting_range(s, "", &extras);
	}
	if (s->shape != REED_SETTING_ONE)
		reed_buf_printf(&extras, "%smany times", reed_buf_held(&extras) ? ", " : "");
	if (reed_buf_held(&extras))
		reed_buf_printf(out, " [" REED_FMT "]", REED_ARG(reed_buf_slice(&extras)));
	reed_buf_finish(&extras);
}

static void write_flag(const struct slot *slot, struct reed_buf *out)
{
	char begin[COLUMN + 1];
	struct reed_buf label = { 0 }, text = { 0 };
	size_t n;

	write_label(slot, &label);
	reed_buf_add_str(&text, slot->setting.help);
	write_extras(&slot->setting, &text);
	n = columns(reed_buf_slice(&label));
	reed_buf_add(out, reed_buf_slice(&label));
	if (n + 2 > COLUMN) {
		reed_buf_add_char(out, '\n');
		n = 0;
	} else {
		reed_buf_printf(out, "%*s", (int)(COLUMN - n), "");
		n = COLUMN;
	}
	snprintf(begin, sizeof(begin), "%*s", COLUMN, "");
	reed_text_wrap(out, begin, n, reed_buf_slice(&text));
	reed_buf_finish(&label);
	reed_buf_finish(&text);
}

/* Stands for the block of those that no file can hold. */
static const struct slot general;

static const struct slot *block_of(const struct table *table, const struct slot *slot)
{
	return slot->setting.from && !reed_slot_from(slot, REED_FROM_FILE)
	               ? &general
	               : reed_slot_group(table, slot);
}

static bool has_rare(const struct reed_settings *self)
{
	for (size_t i = 0; i < self->table.count; i++)
		if (self->table.slots[i].setting.rare && self->table.slots[i].flag &&
		    !self->table.slots[i].setting.hidden)
			return true;
	return false;
}

static void write_block(const struct reed_settings *self, const struct slot *block,
                        const char *heading, bool all, struct reed_buf *out)
{
	bool begun = false;

	for (size_t i = 0; i < self->table.count; i++) {
		const struct slot *slot = &self->table.slots[i];

		if (!slot->flag || slot->setting.hidden || (slot->setting.rare && !all) ||
		    block_of(&self->table, slot) != block)
			continue;
		if (!begun) {
			reed_buf_add_char(out, '\n');
			if (*heading)
				reed_text_wrap(out, "", 0, reed_slice_of(heading));
		}
		begun = true;
		write_flag(slot, out);
	}
}

/* An example from the program itself says more than a rule. */
static void write_end(const struct reed_settings *self, bool all, struct reed_buf *out)
{
	const struct slot *example = NULL;
	struct reed_buf text = { 0 };

	for (size_t i = 0; i < self->table.count; i++) {
		const struct slot *slot = &self->table.slots[i];

		if (slot->flag && slot->variable && !slot->setting.hidden &&
		    reed_slot_from(slot, REED_FROM_FILE))
			example = slot;
	}
	if (example)
		reed_buf_printf(
			&text,
			"Every flag is a setting too: --%s is %s in the settings file and %s "
			"in the environment. Flags go before the environment, that before the file. ",
			example->flag, example->key, example->variable);
	if (!all && has_rare(self))
		reed_buf_add_str(&text, "There are more flags: see --help-all.");
	if (reed_buf_held(&text)) {
		reed_buf_add_char(out, '\n');
		reed_text_wrap(out, "", 0, reed_buf_slice(&text));
	}
	reed_buf_finish(&text);
}

static bool has_arguments(const struct reed_settings_verb *verb)
{
	return verb->arguments && *verb->arguments;
}

static void write_places(const struct reed_settings *self, struct reed_buf *out)
{
	const struct slot *slot;

	for (unsigned place = 1; (slot = reed_slot_at(self, place)); place++) {
		reed_buf_add_str(out, " [");
		reed_setting_write_placeholder(&slot->setting, out);
		reed_buf_add_char(out, ']');
	}
}

static void write_usage(const struct reed_settings *self, struct reed_buf *out)
{
	const struct reed_settings_program *p = self->program;
	const struct reed_settings_verb *verb = p->verbs;
	const char *begin = "Usage:", *command = p->command ? p->command : "";

	if (!verb) {
		reed_buf_printf(out, "%s %s%s%s [FLAG]...%s%s", begin, p->program,
		                *command ? " " : "", command, p->arguments ? " " : "",
		                p->arguments ? p->arguments : "");
		write_places(self, out);
		reed_buf_add_char(out, '\n');
	}
	for (; verb && verb->name; verb++, begin = "      ")
		reed_buf_printf(out, "%s %s%s%s %s%s%s [FLAG]...\n", begin, p->program,
		                *command ? " " : "", command, verb->name,
		                has_arguments(verb) ? " " : "",
		                has_arguments(verb) ? verb->arguments : "");
	reed_buf_add_char(out, '\n');
	reed_text_wrap(out, "", 0, reed_slice_of(p->about));
}

static void write_verbs(const struct reed_settings_verb *verb, struct reed_buf *out)
{
	size_t longest = 0;
	char begin[COLUMN + 1];
	bool first = true;

	for (const struct reed_settings_verb *v = verb; v && v->name; v++)
		longest = strlen(v->name) > longest ? strlen(v->name) : longest;
	longest = longest + 4 < COLUMN ? longest + 4 : COLUMN;
	snprintf(begin, sizeof(begin), "%*s", (int)longest, "");
	for (; verb && verb->name; verb++) {
		size_t n = strlen(verb->name) + 2;

		reed_buf_printf(out, "%s  %s%*s", first ? "\n" : "", verb->name,
		                n < longest ? (int)(longest - n) : 1, "");
		first = false;
		reed_text_wrap(out, begin, n < longest ? longest : n + 1,
		               reed_slice_of(verb->help));
	}
}

static void write_more(const char *more, struct reed_buf *out)
{
	struct reed_slice rest = reed_slice_of(more);

	while (rest.n > 0) {
		reed_buf_add_char(out, '\n');
		reed_text_wrap(out, "", 0, reed_slice_cut(&rest, '\n'));
	}
}

void reed_settings_help(const struct reed_settings *self, bool all, struct reed_buf *out)
{
	const struct reed_settings_program *p = self->program;

	write_usage(self, out);
	write_verbs(p->verbs, out);
	write_block(self, &general, "", all, out);
	write_block(self, NULL, "", all, out);
	for (size_t i = 0; i < self->table.count; i++) {
		const struct slot *group = &self->table.slots[i];

		if (group->setting.type == REED_SETTING_GROUP && !group->setting.hidden)
			write_block(self, group, group->setting.help, all, out);
	}
	write_more(p->more, out);
	write_end(self, all, out);
}
