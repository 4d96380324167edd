/*
 * Assigning: nodes are put into slots, and so into the structs of modules.
 *
 * A value is checked wherever it comes from, and stored unless something of
 * higher rank was stored before: what is read first does not matter.
 */

#include "settings_private.h"

/* What is being read. */
struct reading {
	struct reed_settings *self;
	const struct source *source;
	const struct slot *owner; /* of the program, in which all of this ends up */
	struct reed_pool *scratch;
};

/* For which value: operators[0] . password, irc[2], ... */
struct spot {
	const struct table *table;
	const struct slot *slot;
	ptrdiff_t index;
};

static void apply_table(const struct reading *reading, struct table *table, const struct node *map,
                        struct reed_slice group);

static const char *spot_key(const struct reading *reading, const struct spot *spot)
{
	return reed_slot_path(&reading->self->pool, spot->table, spot->slot, spot->index);
}

static const char *place_of(const struct reading *reading, const struct node *node)
{
	return reed_source_place(&reading->self->pool, reading->source, node->line, node->column);
}

static bool complain(const struct reading *reading, const struct spot *spot,
                     const struct node *node, const char *format, ...) REED_PRINTF(4, 5);

static bool complain(const struct reading *reading, const struct spot *spot,
                     const struct node *node, const char *format, ...)
{
	bool named = reed_layer_names(reading->source->layer, spot->table);
	va_list args;

	va_start(args, format);
	reed_settings_problem_add(reading->self, place_of(reading, node),
	                          named ? "" : spot_key(reading, spot), format, args);
	va_end(args);
	return false;
}

/* The sentence in why is used up. */
static bool complain_why(const struct reading *reading, const struct spot *spot,
                         const struct node *node, struct reed_buf *why)
{
	complain(reading, spot, node, REED_FMT, REED_ARG(reed_buf_slice(why)));
	reed_buf_finish(why);
	return false;
}

static bool refuse_kind(const struct reading *reading, const struct spot *spot,
                        const struct node *node)
{
	static const char *const kinds[] = { "has no value", "is a list here", "is a group here" };
	struct reed_buf why = { 0 };

	reed_buf_printf(&why, "%s; write ", kinds[node->kind]);
	reed_setting_wanted(&spot->slot->setting, &why);
	if (node->kind == NODE_SCALAR)
		reed_buf_add_str(&why, reed_setting_is_text(&spot->slot->setting)
		                               ? ", \"\" for none, or leave the line out"
		                               : " or leave the line out");
	return complain_why(reading, spot, node, &why);
}

/* A password in an endpoint is nobody's business. */
static void quote_value(const struct reed_setting *s, const char *text, struct reed_buf *line)
{
	char *shown =
		s->type == REED_SETTING_ENDPOINT ? reed_endpoint_shown(reed_slice_of(text)) : NULL;

	reed_settings_quote(line, reed_slice_of(shown ? shown : text));
	reed_free(shown);
}

static bool check_value(const struct reading *reading, const struct spot *spot,
                        const struct node *node, const char *text)
{
	const struct reed_setting *s = &spot->slot->setting;
	struct reed_buf why = { 0 }, line = { 0 };
	bool good = true;

	if (s->check)
		good = s->check(text, &why);
	else if (s->type == REED_SETTING_ENDPOINT)
		good = reed_setting_endpoint(text, REED_ENDPOINT_ANY, &why);
	if (!good) {
		struct reed_slice sentence = reed_buf_slice(&why);
		bool joins = sentence.n > 0 && strchr(",:", sentence.p[0]);

		quote_value(s, text, &line);
		reed_buf_printf(&line, "%s" REED_FMT, joins ? "" : " ", REED_ARG(sentence));
		complain_why(reading, spot, node, &line);
	}
	reed_buf_finish(&why);
	return good;
}

/* A path in a file begins where the file is, wherever the program was started. */
static const char *keep_value(const struct reading *reading, const struct reed_setting *s,
                              struct reed_slice text)
{
	struct reed_slice folder = reading->source->folder;

	if (s->type == REED_SETTING_PATH && text.p[0] != '/' && folder.n)
		return reed_settings_keepf(&reading->self->pool, REED_FMT REED_FMT,
		                           REED_ARG(folder), REED_ARG(text));
	return reed_settings_keep_text(&reading->self->pool, text);
}

static bool set_text(const struct reading *reading, const struct spot *spot,
                     const struct node *node, const char **at)
{
	const struct reed_setting *s = &spot->slot->setting;
	struct reed_buf why = { 0 };

	if (!reed_setting_text(s, node->text, &why))
		return complain_why(reading, spot, node, &why);
	*at = keep_value(reading, s, node->text);
	return check_value(reading, spot, node, *at);
}

static bool set_number(const struct reading *reading, const struct spot *spot,
                       const struct node *node, void *at)
{
	const struct reed_setting *s = &spot->slot->setting;
	struct reed_buf why = { 0 };
	int64_t value;

	if (!reed_setting_number(s, node->text, &value, &why))
		return complain_why(reading, spot, node, &why);
	reed_setting_put(s, at, value);
	return !s->check || check_value(reading, spot, node,
	                                reed_settings_keep_text(reading->scratch, node->text));
}

static bool set_value(const struct reading *reading, const struct spot *spot,
                      const struct node *node, void *at)
{
	const struct reed_setting *s = &spot->slot->setting;
	const char *wrong;

	if (s->type == REED_SETTING_SECRET && !reed_node_is_null(node)) {
		wrong = reed_secret_set(reading->self, reading->source, reading->owner, node,
		                        spot_key(reading, spot), at);
		return !wrong || complain(reading, spot, node, "%s", wrong);
	}
	if (node->kind != NODE_SCALAR || reed_node_is_null(node))
		return refuse_kind(reading, spot, node);
	return reed_setting_is_text(s) ? set_text(reading, spot, node, at)
	                               : set_number(reading, spot, node, at);
}

static bool may_store(const struct reading *reading, const struct slot *slot)
{
	return reading->source->layer >= slot->origin.layer;
}

static void stored(const struct reading *reading, struct slot *slot, const struct node *node)
{
	slot->origin.layer = reading->source->layer;
	slot->origin.source = reading->source->serial;
	slot->origin.text = place_of(reading, node);
}

static void assign_one(const struct reading *reading, const struct table *table, struct slot *slot,
                       const struct node *node)
{
	struct spot spot = { table, slot, NO_INDEX };
	union {
		int64_t number;
		const char *text;
	} nowhere;
	bool store = may_store(reading, slot);

	if (set_value(reading, &spot, node,
	              store ? (void *)(slot->values + slot->setting.offset) : &nowhere) &&
	    store)
		stored(reading, slot, node);
}

/* The items of a list become what the module sees at once, when all of them are right. */
static void store_items(const struct reading *reading, struct slot *slot, const struct node *node,
                        const void *values, struct item *items, size_t n)
{
	memcpy(slot->values + slot->setting.offset, &values, sizeof(values));
	memcpy(slot->values + slot->setting.count_offset, &n, sizeof(n));
	slot->items = items;
	slot->count = n;
	stored(reading, slot, node);
}

size_t reed_slot_item_size(const struct slot *slot)
{
	if (slot->setting.type == REED_SETTING_RECORD)
		return slot->setting.record->values_size;
	if (slot->setting.shape == REED_SETTING_MAP)
		return sizeof(struct reed_pair);
	return reed_setting_is_text(&slot->setting) ? sizeof(char *) : sizeof(int64_t);
}

static bool set_record(const struct reading *reading, const struct spot *spot,
                       const struct node *node, char *values, struct item *item)
{
	struct reed_settings *self = reading->self;
	size_t problems = self->problems.count;

	item->record = reed_settings_table_record(&self->pool, spot->slot->setting.record, values);
	if (node->kind != NODE_MAP)
		return complain(reading, spot, node, "is no group of settings; write %s: and so on",
		                item->record->slots[0].key);
	item->record->name = spot_key(reading, spot);
	for (size_t i = 0; i < item->record->count; i++)
		reed_settings_preset(self, item->record, &item->record->slots[i]);
	apply_table(reading, item->record, node, REED_STR(""));
	for (size_t i = 0; i < item->record->count; i++) {
		const struct slot *slot = &item->record->slots[i];
		struct spot missing = { item->record, slot, NO_INDEX };

		if (slot->setting.required && !slot->given)
			complain(reading, &missing, node, "has to be given");
	}
	return self->problems.count == problems;
}

/* YAML takes keys of 1024 characters, and one may be written with six: \u001b. */
static bool set_name(const struct reading *reading, const struct spot *spot, const struct node *key,
                     struct reed_pair *pair)
{
	struct reed_setting plain = { .type = REED_SETTING_STRING, .most = "128" };
	struct reed_buf why = { 0 };

	if (key->text.n == 0)
		return complain(reading, spot, key, "the name is empty");
	reed_buf_add_str(&why, "the name ");
	if (!reed_setting_text(&plain, key->text, &why))
		return complain_why(reading, spot, key, &why);
	reed_buf_finish(&why);
	pair->name = reed_settings_keep_text(&reading->self->pool, key->text);
	return true;
}

static bool set_item(const struct reading *reading, const struct spot *spot,
                     const struct node *node, char *at, struct item *item)
{
	struct reed_pair *pair = (struct reed_pair *)(void *)at;

	item->origin = place_of(reading, node);
	if (spot->slot->setting.type == REED_SETTING_RECORD)
		return set_record(reading, spot, node, at, item);
	if (spot->slot->setting.shape == REED_SETTING_LIST)
		return set_value(reading, spot, node, at);
	return set_name(reading, spot, node->key, pair) &&
	       set_value(reading, spot, node, &pair->value);
}

static void assign_items(const struct reading *reading, const struct table *table,
                         struct slot *slot, const struct node *list)
{
	size_t n = 0, size = reed_slot_item_size(slot);
	char *values = reed_settings_keep(&reading->self->pool, list->count * size);
	struct item *items = reed_settings_keep(&reading->self->pool, list->count * sizeof(*items));
	bool good = true;

	for (const struct node *node = list->first; node; node = node->next, n++) {
		struct spot spot = { table, slot, (ptrdiff_t)n };

		good = set_item(reading, &spot, node, values + n * size, &items[n]) && good;
	}
	if (good && may_store(reading, slot))
		store_items(reading, slot, list, values, items, n);
}

/* A text where a list is wanted is a list of one. */
static void assign_list(const struct reading *reading, const struct table *table, struct slot *slot,
                        const struct node *node)
{
	struct spot spot = { table, slot, NO_INDEX };
	struct node one = { .kind = NODE_LIST, .line = node->line, .column = node->column };
	struct node item = *node;

	if (reed_node_is_null(node)) {
		complain(reading, &spot, node, "has no value; write [] for an empty list");
	} else if (node->kind == NODE_LIST) {
		assign_items(reading, table, slot, node);
	} else if (node->kind == NODE_SCALAR && slot->setting.type != REED_SETTING_RECORD) {
		item.next = NULL;
		reed_node_add(&one, NULL, &item);
		assign_items(reading, table, slot, &one);
	} else {
		complain(reading, &spot, node, "is no list; begin each item with \"- \"");
	}
}

static void assign_map(const struct reading *reading, const struct table *table, struct slot *slot,
                       const struct node *node)
{
	struct spot spot = { table, slot, NO_INDEX };

	if (node->kind == NODE_MAP)
		assign_items(reading, table, slot, node);
	else
		complain(reading, &spot, node,
		         "is no group of names; write NAME: and a text "
		         "for each below it, or {}");
}

static void assign_slot(const struct reading *reading, const struct table *table, struct slot *slot,
                        const struct node *node)
{
	slot->given = true;
	if (slot->setting.shape == REED_SETTING_LIST)
		assign_list(reading, table, slot, node);
	else if (slot->setting.shape == REED_SETTING_MAP)
		assign_map(reading, table, slot, node);
	else
		assign_one(reading, table, slot, node);
}

/* A key may be written nested and dotted, and so twice without YAML seeing it. */
static void assign_key(const struct reading *outer, struct table *table, struct slot *slot,
                       const struct node *node)
{
	struct reading reading = *outer;
	struct spot spot = { table, slot, NO_INDEX };

	if (!reading.owner)
		reading.owner = slot;
	if (reading.source->layer == LAYER_FILE && !reed_slot_from(slot, REED_FROM_FILE))
		complain(&reading, &spot, node->key, "is not for the settings file%s%s",
		         slot->flag ? "; write --" : "", slot->flag ? slot->flag : "");
	else if (slot->seen_line)
		complain(&reading, &spot, node->key, "is here a second time; first in line %u",
		         slot->seen_line);
	else
		assign_slot(&reading, table, slot, node);
	slot->seen_line = node->key->line;
}

static void complain_key(const struct reading *reading, const struct table *table,
                         const struct node *key, struct reed_slice full, struct reed_buf *why)
{
	struct reed_buf name = { 0 };

	reed_buf_printf(&name, "%s%s", table->name, *table->name ? "." : "");
	reed_settings_show(&name, full);
	reed_settings_problem_at(reading->self, place_of(reading, key),
	                         reed_settings_keep_text(reading->scratch, reed_buf_slice(&name)),
	                         REED_FMT, REED_ARG(reed_buf_slice(why)));
	reed_buf_finish(&name);
	reed_buf_finish(why);
}

static void apply_unknown(const struct reading *reading, const struct table *table,
                          const struct node *key, struct reed_slice group, struct reed_slice full)
{
	struct reed_buf why = { 0 };

	reed_buf_add_str(&why, "no such setting");
	reed_settings_table_suggest(table, group, key->text, &why);
	complain_key(reading, table, key, full, &why);
}

static void apply_group(const struct reading *reading, struct table *table, const struct node *node,
                        struct reed_slice full)
{
	struct reed_buf why = { 0 };

	if (node->kind == NODE_MAP) {
		apply_table(reading, table, node, full);
	} else if (!reed_node_is_null(node)) {
		reed_buf_add_str(&why, "is a group of settings; write them below it");
		complain_key(reading, table, node->key, full, &why);
	}
}

static struct slot *find_old(const struct reading *reading, const struct table *table,
                             const struct node *key, struct reed_slice full)
{
	struct slot *slot = reed_settings_table_find_old(table, full);

	if (slot)
		reed_settings_warn_renamed(reading->self, place_of(reading, key), slot->old_key,
		                           slot->key);
	return slot;
}

static void apply_table(const struct reading *reading, struct table *table, const struct node *map,
                        struct reed_slice group)
{
	for (const struct node *node = map->first; node; node = node->next) {
		struct reed_slice full =
			reed_settings_table_join(reading->scratch, group, node->key->text);
		struct slot *slot = reed_settings_table_find(table, full);

		if (node->key->again)
			continue;
		if (!slot)
			slot = find_old(reading, table, node->key, full);
		if (slot)
			assign_key(reading, table, slot, node);
		else if (reed_settings_table_has_group(table, full))
			apply_group(reading, table, node, full);
		else
			apply_unknown(reading, table, node->key, group, full);
	}
}

void reed_settings_apply(struct reed_settings *self, const struct source *source,
                         struct reed_pool *scratch, const struct node *map)
{
	struct reading reading = { self, source, NULL, scratch };

	for (size_t i = 0; i < self->table.count; i++)
		self->table.slots[i].seen_line = 0;
	if (map->kind == NODE_MAP)
		apply_table(&reading, &self->table, map, REED_STR(""));
	else if (!reed_node_is_null(map))
		reed_settings_problem_at(self, place_of(&reading, map), "",
		                         "a settings file is a group of keys; write key: value");
	for (size_t i = 0; i < self->table.count; i++)
		reed_secrets_forget(self, &self->table.slots[i]);
}

void reed_settings_assign(struct reed_settings *self, const struct source *source,
                          struct reed_pool *scratch, struct slot *slot, const struct node *node)
{
	struct reading reading = { self, source, slot, scratch };

	assign_slot(&reading, &self->table, slot, node);
	reed_secrets_forget(self, slot);
}

void reed_settings_preset(struct reed_settings *self, const struct table *table, struct slot *slot)
{
	struct source source = { .layer = LAYER_DEFAULT, .name = "default" };
	struct reed_pool scratch = { 0 };
	struct reading reading = { self, &source, slot, &scratch };
	struct node *node;

	if (!slot->setting.preset)
		return;
	node = reed_node_of_text(self, &source, &scratch, &slot->setting,
	                         reed_slice_of(slot->setting.preset));
	if (node)
		assign_slot(&reading, table, slot, node);
	reed_pool_finish(&scratch);
}
