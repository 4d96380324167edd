/* The manual pages of a program and of its settings file, in mdoc(7). */

#include "settings_private.h"

static void character(struct reed_buf *out, char c)
{
	if (c == '\\')
		reed_buf_add_str(out, "\\e");
	else if (c == '-')
		reed_buf_add_str(out, "\\-");
	else
		reed_buf_add_char(out, c == '\n' ? ' ' : c);
}

/* A text of one line; "." and "'" mean something where it begins. */
static void roff(struct reed_buf *out, struct reed_slice text)
{
	if (text.n > 0 && (text.p[0] == '.' || text.p[0] == '\''))
		reed_buf_add_str(out, "\\&");
	for (size_t i = 0; i < text.n; i++)
		character(out, text.p[i]);
}

/* An argument of a macro: in quotes, so that no word of it is a macro. */
static void argument(struct reed_buf *out, struct reed_slice text)
{
	reed_buf_add_str(out, " \"");
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"')
			reed_buf_add_str(out, "\\(dq");
		else
			character(out, text.p[i]);
	}
	reed_buf_add_char(out, '"');
}

static void macro(struct reed_buf *out, const char *name, const char *text)
{
	reed_buf_printf(out, ".%s", name);
	argument(out, reed_slice_of(text));
	reed_buf_add_char(out, '\n');
}

/* How much of it is a sentence with another one behind it; all of it when there is none. */
static size_t sentence_length(struct reed_slice text)
{
	for (size_t i = 0; i + 2 < text.n; i++)
		if (text.p[i] == '.' && text.p[i + 1] == ' ' && text.p[i + 2] >= 'A' &&
		    text.p[i + 2] <= 'Z')
			return i + 1;
	return text.n;
}

/* Each begins a line of its own, so that the space behind it is right. */
static void sentences(struct reed_buf *out, struct reed_slice text)
{
	while (text.n > 0) {
		size_t n = sentence_length(text);

		roff(out, reed_slice_first(text, n));
		reed_buf_add_char(out, '\n');
		text = reed_slice_from(text, n < text.n ? n + 1 : n);
	}
}

static void sentence(struct reed_buf *out, const char *text)
{
	sentences(out, reed_slice_of(text));
}

static void page_name(const struct reed_settings *self, const char *between, struct reed_buf *out)
{
	const struct reed_settings_program *p = self->program;

	reed_buf_printf(out, "%s%s%s", p->program, p->command ? between : "",
	                p->command ? p->command : "");
}

/* REED-CHAT, as titles are written */
static void title(const struct reed_settings *self, struct reed_buf *out)
{
	size_t begin = out->end;

	page_name(self, "-", out);
	for (size_t i = begin; i < out->end; i++)
		if (out->p[i] >= 'a' && out->p[i] <= 'z')
			out->p[i] = (char)(out->p[i] - 32);
}

static void places(const struct reed_settings *self, struct reed_buf *out)
{
	const struct slot *slot;
	struct reed_buf word = { 0 };

	for (unsigned place = 1; (slot = reed_slot_at(self, place)); place++) {
		reed_buf_clear(&word);
		reed_setting_write_placeholder(&slot->setting, &word);
		reed_buf_add_str(out, ".Op Ar");
		argument(out, reed_buf_slice(&word));
		reed_buf_add_char(out, '\n');
	}
	reed_buf_finish(&word);
}

/* .Nm reed cert, then what may follow */
static void usage(const struct reed_settings *self, const struct reed_settings_verb *verb,
                  const char *arguments, struct reed_buf *out)
{
	reed_buf_add_str(out, ".Nm ");
	page_name(self, " ", out);
	reed_buf_add_char(out, '\n');
	if (verb)
		macro(out, "Cm", verb->name);
	if (verb && arguments && *arguments)
		macro(out, "Ar", arguments);
	reed_buf_add_str(out, ".Op Ar flag ...\n");
	if (!verb && arguments)
		macro(out, "Ar", arguments);
	if (!verb)
		places(self, out);
}

static void synopsis(const struct reed_settings *self, struct reed_buf *out)
{
	const struct reed_settings_verb *verb = self->program->verbs;

	if (!verb)
		usage(self, NULL, self->program->arguments, out);
	for (; verb && verb->name; verb++)
		usage(self, verb, verb->arguments, out);
}

static void verbs(const struct reed_settings *self, struct reed_buf *out)
{
	const struct reed_settings_verb *verb = self->program->verbs;

	if (!verb)
		return;
	reed_buf_add_str(out, ".Bl -tag -width Ds\n");
	for (; verb->name; verb++) {
		reed_buf_add_str(out, ".It Cm");
		argument(out, reed_slice_of(verb->name));
		if (verb->arguments && *verb->arguments) {
			reed_buf_add_str(out, " Ar");
			argument(out, reed_slice_of(verb->arguments));
		}
		reed_buf_add_char(out, '\n');
		sentence(out, verb->help);
	}
	reed_buf_add_str(out, ".El\n");
}

static void top(const struct reed_settings *self, int section, const char *date,
                struct reed_buf *out)
{
	reed_buf_printf(out, ".Dd %s\n.Dt ", date ? date : "$Mdocdate$");
	title(self, out);
	reed_buf_printf(out, " %d\n.Os Reed %s\n.Sh NAME\n.Nm ", section, REED_VERSION);
	page_name(self, "-", out);
	reed_buf_add_str(out, "\n.Nd ");
}

static void reference(const struct reed_settings *self, int section, const char *after,
                      struct reed_buf *out)
{
	reed_buf_add_str(out, ".Xr ");
	page_name(self, "-", out);
	reed_buf_printf(out, " %d%s\n", section, after);
}

static void paragraphs(const char *text, struct reed_buf *out)
{
	struct reed_slice rest = reed_slice_of(text);

	while (rest.n > 0) {
		reed_buf_add_str(out, ".Pp\n");
		sentences(out, reed_slice_cut(&rest, '\n'));
	}
}

static void head(const struct reed_settings *self, const char *date, struct reed_buf *out)
{
	struct reed_slice about = reed_slice_of(self->program->about);

	if (reed_slice_ends(about, REED_STR(".")))
		about.n--;
	top(self, 1, date, out);
	roff(out, about);
	reed_buf_add_str(out, "\n.Sh SYNOPSIS\n");
	synopsis(self, out);
	reed_buf_add_str(out, ".Sh DESCRIPTION\n");
	sentence(out, self->program->about);
	paragraphs(self->program->more, out);
	verbs(self, out);
}

static bool is_flag_only(const struct slot *slot)
{
	return slot->setting.from && !reed_slot_from(slot, REED_FROM_FILE);
}

static bool has_no_value(const struct slot *slot)
{
	return slot->setting.type == REED_SETTING_BOOL && slot->setting.shape == REED_SETTING_ONE;
}

static void flag_label(const struct slot *slot, struct reed_buf *out)
{
	struct reed_buf placeholder = { 0 };

	reed_buf_add_str(out, ".It");
	if (slot->setting.letter)
		reed_buf_printf(out, " Fl %c ,", slot->setting.letter);
	reed_buf_add_str(out, " Fl \\-");
	roff(out, reed_slice_of(slot->flag));
	if (has_no_value(slot) && !is_flag_only(slot)) {
		reed_buf_add_str(out, " | Fl \\-no\\-");
		roff(out, reed_slice_of(slot->flag));
	} else if (!has_no_value(slot)) {
		reed_buf_add_str(out, " Ns = Ns Ar");
		if (slot->setting.shape == REED_SETTING_MAP)
			reed_buf_add_str(&placeholder, "NAME=");
		reed_setting_write_placeholder(&slot->setting, &placeholder);
		argument(out, reed_buf_slice(&placeholder));
	}
	reed_buf_add_char(out, '\n');
	reed_buf_finish(&placeholder);
}

static void flags(const struct reed_settings *self, struct reed_buf *out)
{
	reed_buf_add_str(out, ".Sh OPTIONS\n.Bl -tag -width Ds\n");
	for (size_t i = 0; i < self->table.count; i++) {
		const struct slot *slot = &self->table.slots[i];

		if (!slot->flag || slot->setting.hidden)
			continue;
		flag_label(slot, out);
		sentence(out, slot->setting.help);
		if (slot->setting.shape != REED_SETTING_ONE)
			sentence(out, "May be given many times.");
	}
	reed_buf_add_str(out, ".El\n");
}

/* "A size from 4K to 1G; by default 1M." */
static void describe(const struct reed_setting *s, struct reed_buf *out)
{
	struct reed_buf text = { 0 };

	reed_setting_describe(s, &text);
	if (s->preset && *s->preset) {
		reed_buf_add_str(&text, "; by default ");
		reed_setting_write_preset(s, &text);
	}
	if (s->required)
		reed_buf_add_str(&text, "; has to be given");
	reed_buf_add_char(&text, '.');
	if (text.p[text.begin] >= 'a' && text.p[text.begin] <= 'z')
		text.p[text.begin] = (char)(text.p[text.begin] - 32);
	roff(out, reed_buf_slice(&text));
	reed_buf_add_char(out, '\n');
	reed_buf_finish(&text);
}

static void setting(const struct slot *slot, bool top, struct reed_buf *out)
{
	macro(out, "It Ic", slot->key);
	sentence(out, slot->setting.help);
	describe(&slot->setting, out);
	if (top)
		sentence(out, slot->setting.reload == REED_SETTING_LIVE
		                      ? "A new value is taken over at a reload."
		                      : "A new value needs a restart.");
}

static void record(const struct reed_schema *schema, struct reed_buf *out)
{
	struct reed_pool pool = { 0 };
	const struct table *table = reed_settings_table_record(&pool, schema, NULL);

	reed_buf_add_str(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < table->count; i++)
		if (table->slots[i].setting.type != REED_SETTING_GROUP &&
		    !table->slots[i].setting.hidden)
			setting(&table->slots[i], false, out);
	reed_buf_add_str(out, ".El\n");
	reed_pool_finish(&pool);
}

static bool in_file(const struct slot *slot)
{
	return slot->setting.type != REED_SETTING_GROUP && !slot->setting.hidden &&
	       reed_slot_from(slot, REED_FROM_FILE);
}

static void settings_of(const struct reed_settings *self, const struct slot *group,
                        struct reed_buf *out)
{
	bool begun = false;

	for (size_t i = 0; i < self->table.count; i++) {
		const struct slot *slot = &self->table.slots[i];

		if (!in_file(slot) || reed_slot_group(&self->table, slot) != group)
			continue;
		if (!begun) {
			if (group) {
				macro(out, "Ss", group->key);
				sentence(out, group->setting.help);
			}
			reed_buf_add_str(out, ".Bl -tag -width Ds\n");
		}
		begun = true;
		setting(slot, true, out);
		if (slot->setting.type == REED_SETTING_RECORD)
			record(slot->setting.record, out);
	}
	if (begun)
		reed_buf_add_str(out, ".El\n");
}

static bool any_in_file(const struct reed_settings *self)
{
	for (size_t i = 0; i < self->table.count; i++)
		if (in_file(&self->table.slots[i]))
			return true;
	return false;
}

static bool any_in_environment(const struct reed_settings *self)
{
	for (size_t i = 0; i < self->table.count; i++)
		if (self->table.slots[i].variable && !self->table.slots[i].setting.hidden)
			return true;
	return false;
}

static void environment(const struct reed_settings *self, struct reed_buf *out)
{
	if (!any_in_environment(self))
		return;
	reed_buf_add_str(out, ".Sh ENVIRONMENT\n"
	                      "A variable goes before the settings file, a flag before both.\n"
	                      "Items of a list are separated by commas.\n"
	                      ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < self->table.count; i++) {
		const struct slot *slot = &self->table.slots[i];

		if (!slot->variable || slot->setting.hidden)
			continue;
		macro(out, "It Ev", slot->variable);
		if (slot->flag) {
			reed_buf_add_str(out, "The same as\n.Fl \\-");
			roff(out, reed_slice_of(slot->flag));
			reed_buf_add_str(out, " .\n");
		} else {
			sentence(out, slot->setting.help);
		}
	}
	reed_buf_add_str(out, ".El\n");
}

static void see_also(const struct reed_settings *self, struct reed_buf *out)
{
	bool has_file = any_in_file(self);

	if (!has_file && !self->program->command)
		return;
	reed_buf_add_str(out, ".Sh SEE ALSO\n");
	if (self->program->command)
		reed_buf_printf(out, ".Xr %s 1%s\n", self->program->program, has_file ? " ," : "");
	if (has_file)
		reference(self, 5, "", out);
}

void reed_settings_man(const struct reed_settings *self, const char *date, struct reed_buf *out)
{
	head(self, date, out);
	flags(self, out);
	environment(self, out);
	see_also(self, out);
}

void reed_settings_man_file(const struct reed_settings *self, const char *date,
                            struct reed_buf *out)
{
	top(self, 5, date, out);
	reed_buf_add_str(out, "settings file of ");
	page_name(self, " ", out);
	reed_buf_add_str(out, "\n.Sh DESCRIPTION\nThe file that the flag\n.Fl \\-config\nof\n");
	reference(self, 1, "", out);
	reed_buf_add_str(out, "names is YAML without anchors, aliases and tags.\n"
	                      "Keys with dots may be written nested.\n"
	                      "Relative paths begin at the folder of the file.\n"
	                      "The flag\n.Fl \\-print\\-example\n"
	                      "writes one with every setting, explained.\n");
	paragraphs(self->program->more, out);
	reed_buf_add_str(out, ".Sh SETTINGS\n");
	settings_of(self, NULL, out);
	for (size_t i = 0; i < self->table.count; i++)
		if (self->table.slots[i].setting.type == REED_SETTING_GROUP &&
		    !self->table.slots[i].setting.hidden)
			settings_of(self, &self->table.slots[i], out);
	reed_buf_add_str(out, ".Sh SEE ALSO\n");
	reference(self, 1, "", out);
}
