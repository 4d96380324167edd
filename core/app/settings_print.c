/* Printing: the values in force, and a file to begin with, both as settings files. */

#include "settings_private.h"

struct printer {
	const struct reed_settings *self;
	const struct table *table;
	struct reed_buf *out;
	int indent;
	void (*slot)(struct printer *printer, const struct slot *slot, struct reed_slice word);
	void (*group)(struct printer *printer, struct reed_slice key, struct reed_slice word);
};

static bool is_shown(const struct slot *slot)
{
	if (slot->setting.hidden && slot->origin.layer == LAYER_DEFAULT)
		return false;
	return reed_slot_from(slot, REED_FROM_FILE);
}

/* Settings of one group stand together in a file, wherever they are in the schema. */
static bool is_first_of(const struct table *table, size_t i, struct reed_slice group)
{
	for (size_t j = 0; j < i; j++)
		if (table->slots[j].setting.type != REED_SETTING_GROUP &&
		    is_shown(&table->slots[j]) && reed_key_in_group(table->slots[j].key, group))
			return false;
	return true;
}

static void walk(struct printer *printer, struct reed_slice group)
{
	for (size_t i = 0; i < printer->table->count; i++) {
		const struct slot *slot = &printer->table->slots[i];
		struct reed_slice word = reed_slot_word(slot, group), key;

		if (word.n == 0 || !is_shown(slot))
			continue;
		key = reed_slice(slot->key, (size_t)(word.p - slot->key) + word.n);
		if (slot->key[key.n] == '\0') {
			printer->slot(printer, slot, word);
		} else if (is_first_of(printer->table, i, key)) {
			printer->group(printer, key, word);
			printer->indent += 2;
			walk(printer, key);
			printer->indent -= 2;
		}
	}
}

static void print_group(struct printer *printer, struct reed_slice key, struct reed_slice word)
{
	(void)key;
	reed_buf_printf(printer->out, "%*s" REED_FMT ":\n", printer->indent, "", REED_ARG(word));
}

static void print_slot(struct printer *printer, const struct slot *slot, struct reed_slice word);

/* Its settings, and a dash in front of the first. */
static void print_record(const struct printer *outer, const struct slot *slot, size_t i)
{
	struct reed_buf lines = { 0 };
	struct printer printer = *outer;

	printer.table = slot->items[i].record;
	printer.out = &lines;
	printer.indent += 4;
	walk(&printer, REED_STR(""));
	if (reed_buf_held(&lines) == 0)
		reed_buf_printf(&lines, "%*s{}\n", printer.indent, "");
	lines.p[lines.begin + (size_t)outer->indent + 2] = '-';
	reed_buf_add(outer->out, reed_buf_slice(&lines));
	reed_buf_finish(&lines);
}

static void print_items(struct printer *printer, const struct slot *slot)
{
	bool map = slot->setting.shape == REED_SETTING_MAP;

	for (size_t i = 0; i < slot->count; i++) {
		if (slot->items[i].record) {
			print_record(printer, slot, i);
			continue;
		}
		reed_buf_printf(printer->out, "%*s%s", printer->indent, "", map ? "  " : "  - ");
		reed_slot_write_item(printer->self, slot, i, SECRETS_MASKED, printer->out);
		reed_buf_printf(printer->out, "  # %s\n", slot->items[i].origin);
	}
}

/* What nobody gave is shown, but a file that is made of this does not give it either. */
static void print_slot(struct printer *printer, const struct slot *slot, struct reed_slice word)
{
	if (reed_slot_is_unset(slot)) {
		if (*printer->table->name)
			return;
		reed_buf_printf(printer->out, "%*s#" REED_FMT ":  # not given\n", printer->indent,
		                "", REED_ARG(word));
		return;
	}
	reed_buf_printf(printer->out, "%*s" REED_FMT ":", printer->indent, "", REED_ARG(word));
	if (slot->setting.shape != REED_SETTING_ONE && slot->count > 0) {
		reed_buf_printf(printer->out, "  # %s\n", slot->origin.text);
		print_items(printer, slot);
		return;
	}
	reed_buf_add_char(printer->out, ' ');
	reed_slot_write(printer->self, slot, SECRETS_MASKED, printer->out);
	reed_buf_printf(printer->out, "  # %s\n", slot->origin.text);
}

void reed_settings_print(const struct reed_settings *self, struct reed_buf *out)
{
	struct printer printer = { .self = self,
		                   .table = &self->table,
		                   .out = out,
		                   .slot = print_slot,
		                   .group = print_group };

	walk(&printer, REED_STR(""));
}

static void comment(const struct printer *printer, struct reed_slice text)
{
	char begin[64];

	snprintf(begin, sizeof(begin), "%*s# ", printer->indent, "");
	reed_text_wrap(printer->out, begin, 0, text);
}

static void example_group(struct printer *printer, struct reed_slice key, struct reed_slice word)
{
	for (size_t i = 0; i < printer->table->count; i++)
		if (printer->table->slots[i].setting.type == REED_SETTING_GROUP &&
		    reed_slice_is(key, printer->table->slots[i].key))
			comment(printer, reed_slice_of(printer->table->slots[i].setting.help));
	print_group(printer, key, word);
}

static void write_example_value(const struct printer *printer, const struct slot *slot)
{
	const struct reed_setting *s = &slot->setting;
	bool one = s->shape == REED_SETTING_ONE, map = s->shape == REED_SETTING_MAP;

	if (s->preset && *s->preset) {
		reed_setting_write_preset(s, printer->out);
	} else if (one && !s->required && !reed_setting_is_text(s)) {
		reed_setting_format(s, 0, printer->out);
	} else {
		reed_buf_add_str(printer->out, one ? "" : map ? "{NAME: " : "[");
		reed_setting_write_placeholder(s, printer->out);
		reed_buf_add_str(printer->out, one ? "" : map ? "}" : "]");
	}
}

/* One record, a line for each of its settings. */
static void example_record(const struct printer *printer, const struct slot *slot)
{
	struct reed_pool pool = { 0 };
	const struct table *record = reed_settings_table_record(&pool, slot->setting.record, NULL);
	const char *dash = "-";

	for (size_t i = 0; i < record->count; i++) {
		const struct slot *field = &record->slots[i];

		if (field->setting.type == REED_SETTING_GROUP || field->setting.hidden)
			continue;
		reed_buf_printf(printer->out, "%*s#  %s %s: ", printer->indent, "", dash,
		                field->key);
		write_example_value(printer, field);
		reed_buf_printf(printer->out, "  # %s\n", field->setting.help);
		dash = " ";
	}
	reed_pool_finish(&pool);
}

static void example_slot(struct printer *printer, const struct slot *slot, struct reed_slice word)
{
	struct reed_buf text = { 0 };

	reed_buf_printf(&text, "%s (", slot->setting.help);
	reed_setting_describe(&slot->setting, &text);
	reed_buf_printf(&text, "%s%s)", slot->setting.required ? "; has to be given" : "",
	                slot->setting.reload == REED_SETTING_LIVE ? "; live" : "");
	comment(printer, reed_buf_slice(&text));
	reed_buf_finish(&text);
	reed_buf_printf(printer->out, "%*s#" REED_FMT ":", printer->indent, "", REED_ARG(word));
	if (slot->setting.type == REED_SETTING_RECORD) {
		reed_buf_add_char(printer->out, '\n');
		example_record(printer, slot);
	} else {
		reed_buf_add_char(printer->out, ' ');
		write_example_value(printer, slot);
		reed_buf_add_char(printer->out, '\n');
	}
	reed_buf_add_char(printer->out, '\n');
}

void reed_settings_example(const struct reed_settings *self, struct reed_buf *out)
{
	const struct reed_settings_program *p = self->program;
	struct printer printer = { .self = self,
		                   .table = &self->table,
		                   .out = out,
		                   .slot = example_slot,
		                   .group = example_group };
	struct reed_buf text = { 0 };

	reed_buf_printf(&text, "Settings of %s%s%s: %s", p->program, p->command ? " " : "",
	                p->command ? p->command : "", p->about);
	comment(&printer, reed_buf_slice(&text));
	comment(&printer, REED_STR("What is commented out shows the default or what to write. "
	                           "Live settings are taken over at a reload."));
	reed_buf_add_char(out, '\n');
	walk(&printer, REED_STR(""));
	reed_buf_finish(&text);
}
