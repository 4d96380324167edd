/*
 * The index of a module: what it brings, a line each, with tabs between the
 * fields.
 *
 *	abi	1
 *	module	A chat server.
 *	command	chat	Servers	service	a chat server: IRC, one set of rooms
 *	command	cert	Tools	tool	Make certificates, sign them, look at them.
 *	scheme	onion
 *	checker	sqlite
 *
 * What a later version adds begins with another word, and is passed over.
 */

#include "catalog_private.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/checker.h"
#include "reed/endpoint.h"

static const char *const words[] = {
	[REED_MODULE_COMMAND] = "command",
	[REED_MODULE_SCHEME] = "scheme",
	[REED_MODULE_CHECKER] = "checker",
};

const char *reed_command_group(const struct reed_command *command)
{
	if (command->group)
		return command->group;
	return command->service ? "Servers" : "Tools";
}

static struct brought *add(struct module_index *index, enum reed_module_part part, char *name)
{
	struct brought *item;

	index->items = reed_realloc(index->items, (index->count + 1) * sizeof(*index->items));
	item = &index->items[index->count++];
	*item = (struct brought){ .part = part, .name = name };
	return item;
}

void reed_index_of(const struct reed_module *module, struct module_index *index)
{
	*index = (struct module_index){ .abi = module->abi };
	index->summary = reed_strdup(module->summary ? module->summary : "");
	for (const struct reed_command *c = module->commands; c && c->name; c++) {
		struct brought *item = add(index, REED_MODULE_COMMAND, reed_strdup(c->name));

		item->group = reed_strdup(reed_command_group(c));
		item->summary = reed_strdup(c->summary ? c->summary : "");
		item->is_service = c->service != NULL;
	}
	for (size_t i = 0; module->schemes && module->schemes[i]; i++)
		add(index, REED_MODULE_SCHEME, reed_strdup(module->schemes[i]->name));
	for (size_t i = 0; module->checkers && module->checkers[i]; i++)
		add(index, REED_MODULE_CHECKER, reed_strdup(module->checkers[i]->name));
}

void reed_index_finish(struct module_index *index)
{
	for (size_t i = 0; i < index->count; i++) {
		reed_free(index->items[i].name);
		reed_free(index->items[i].group);
		reed_free(index->items[i].summary);
	}
	reed_free(index->items);
	reed_free(index->summary);
	*index = (struct module_index){ 0 };
}

const struct brought *reed_index_find(const struct module_index *index, enum reed_module_part part,
                                      const char *name)
{
	for (size_t i = 0; i < index->count; i++)
		if (index->items[i].part == part && strcmp(index->items[i].name, name) == 0)
			return &index->items[i];
	return NULL;
}

/* ---- as text ---- */

/* A field may hold anything but what ends it. */
static void print_field(struct reed_buf *out, const char *text, char end)
{
	for (; *text; text++)
		reed_buf_add_char(out, (unsigned char)*text < ' ' ? ' ' : *text);
	reed_buf_add_char(out, end);
}

void reed_index_print(const struct module_index *index, struct reed_buf *out)
{
	reed_buf_printf(out, "abi\t%u\nmodule\t", index->abi);
	print_field(out, index->summary, '\n');
	for (size_t i = 0; i < index->count; i++) {
		const struct brought *item = &index->items[i];
		bool is_command = item->part == REED_MODULE_COMMAND;

		reed_buf_printf(out, "%s\t", words[item->part]);
		print_field(out, item->name, is_command ? '\t' : '\n');
		if (!is_command)
			continue;
		print_field(out, item->group, '\t');
		reed_buf_printf(out, "%s\t", item->is_service ? "service" : "tool");
		print_field(out, item->summary, '\n');
	}
}

static bool parse_command(struct module_index *index, struct reed_slice name,
                          struct reed_slice rest)
{
	struct reed_slice group = reed_slice_cut(&rest, '\t');
	struct reed_slice kind = reed_slice_cut(&rest, '\t');
	struct brought *item;

	if (group.n == 0 || !(reed_slice_is(kind, "service") || reed_slice_is(kind, "tool")))
		return false;
	item = add(index, REED_MODULE_COMMAND, reed_slice_dup(name));
	item->group = reed_slice_dup(group);
	item->summary = reed_slice_dup(rest);
	item->is_service = reed_slice_is(kind, "service");
	return true;
}

static bool parse_line(struct module_index *index, struct reed_slice line)
{
	struct reed_slice word = reed_slice_cut(&line, '\t'), name;
	uint64_t number;

	if (reed_slice_is(word, "abi")) {
		index->abi = !reed_slice_u64(line, UINT32_MAX, &number) ? (unsigned)number : 0;
		return index->abi > 0;
	}
	if (reed_slice_is(word, "module")) {
		reed_free(index->summary);
		index->summary = reed_slice_dup(line);
		return true;
	}
	for (size_t i = 0; i < REED_COUNT(words); i++) {
		if (!reed_slice_is(word, words[i]))
			continue;
		name = reed_slice_cut(&line, '\t');
		if (name.n == 0 || index->count == INDEX_ITEMS)
			return false;
		if (i == REED_MODULE_COMMAND)
			return parse_command(index, name, line);
		add(index, (enum reed_module_part)i, reed_slice_dup(name));
	}
	return true;
}

/* It will be shown on terminals. */
static bool is_plain(struct reed_slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if ((c < ' ' && c != '\t' && c != '\n') || c == 0x7f)
			return false;
	}
	return reed_slice_is_utf8(text);
}

enum reed_err reed_index_parse(struct reed_slice text, struct module_index *index)
{
	bool good = is_plain(text);

	*index = (struct module_index){ 0 };
	while (good && text.n > 0)
		good = parse_line(index, reed_slice_cut(&text, '\n'));
	if (good && index->abi && index->summary)
		return REED_OK;
	reed_index_finish(index);
	return REED_ESYNTAX;
}
