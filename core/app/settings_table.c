/* Tables: the schemas of a program become slots with full keys, flags and variables. */

#include "settings_private.h"

static const char *part_prefix(const struct reed_settings_part *part)
{
	return part->prefix ? part->prefix : "";
}

/* Joins with '.', and a member's '_' is written '-'. */
static const char *full_key(struct reed_pool *pool, const char *prefix,
                            const struct reed_setting *s)
{
	const char *dot = *prefix && (s->key ? *s->key : *s->member) ? "." : "";
	char *key = reed_settings_keepf(pool, "%s%s%s", prefix, dot, s->key ? s->key : s->member);

	for (char *c = key + strlen(prefix); *c && !s->key; c++)
		*c = *c == '_' ? '-' : *c;
	return key;
}

static const char *old_key(struct reed_pool *pool, const char *prefix, const struct reed_setting *s)
{
	return s->was ? reed_settings_keepf(pool, "%s%s%s", prefix, *prefix ? "." : "", s->was)
	              : NULL;
}

/* limits.sendq is --limits-sendq */
static const char *flag_of_key(struct reed_pool *pool, const char *key)
{
	char *flag = reed_settings_keepf(pool, "%s", key);

	for (char *c = flag; *c; c++)
		*c = *c == '.' ? '-' : *c;
	return flag;
}

static char upper(char c)
{
	if (c >= 'a' && c <= 'z')
		return (char)(c - 32);
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
}

static const char *variable_of_key(struct reed_settings *self, const char *key)
{
	char *name = reed_settings_keepf(&self->pool, "%s%s", self->variables, key);

	for (char *c = name + strlen(self->variables); *c; c++)
		*c = upper(*c);
	return name;
}

static const char *variables_of(struct reed_settings *self)
{
	const struct reed_settings_program *p = self->program;
	char *name;

	if (p->environment)
		return reed_settings_keepf(&self->pool, "%s_", p->environment);
	name = reed_settings_keepf(&self->pool, "%s%s%s_", p->program, p->command ? "_" : "",
	                           p->command ? p->command : "");
	for (char *c = name; *c; c++)
		*c = upper(*c);
	return name;
}

/* A flag that was given a name keeps only the prefix of its key. */
static void name_flag(struct reed_settings *self, struct slot *slot, const char *prefix)
{
	const char *own = slot->setting.flag;

	if (!reed_slot_from(slot, REED_FROM_FLAG))
		return;
	slot->flag =
		own ? reed_settings_keepf(&self->pool, "%s%s%s", prefix, *prefix ? "-" : "", own)
		    : flag_of_key(&self->pool, slot->key);
	if (slot->old_key)
		slot->old_flag = flag_of_key(&self->pool, slot->old_key);
}

static void name_variable(struct reed_settings *self, struct slot *slot)
{
	if (!reed_slot_from(slot, REED_FROM_ENVIRONMENT))
		return;
	slot->variable = variable_of_key(self, slot->key);
	if (slot->old_key)
		slot->old_variable = variable_of_key(self, slot->old_key);
}

static void fill_slot(struct reed_settings *self, struct slot *slot,
                      const struct reed_setting *setting, const char *prefix, void *values)
{
	slot->setting = *setting;
	slot->key = full_key(&self->pool, prefix, setting);
	slot->old_key = old_key(&self->pool, prefix, setting);
	slot->values = values;
	slot->origin = (struct origin){ .text = "default" };
	/* two services cannot both have -l */
	if (*prefix)
		slot->setting.letter = 0;
	if (setting->type == REED_SETTING_GROUP)
		return;
	name_flag(self, slot, prefix);
	name_variable(self, slot);
}

/* The prefix of a part is a heading of its own. */
static size_t fill_part(struct reed_settings *self, size_t part, struct slot *slots)
{
	const struct reed_schema *schema = self->program->parts[part].schema;
	const char *prefix = part_prefix(&self->program->parts[part]);
	size_t n = 0;

	if (*prefix) {
		struct reed_setting heading = REED_SETTING_GROUP("", .help = schema->about);

		fill_slot(self, &slots[n++], &heading, prefix, NULL);
	}
	self->parts[part] = reed_settings_keep(&self->pool, schema->values_size);
	for (size_t i = 0; i < schema->count; i++) {
		struct reed_setting setting = reed_schema_at(schema, i);

		fill_slot(self, &slots[n++], &setting, prefix, self->parts[part]);
	}
	return n;
}

void reed_settings_table_build(struct reed_settings *self)
{
	const struct reed_settings_program *p = self->program;
	size_t n = 0;

	for (size_t i = 0; i < p->part_count; i++)
		n += p->parts[i].schema->count + 1;
	self->variables = variables_of(self);
	self->parts = reed_settings_keep(&self->pool, p->part_count * sizeof(*self->parts));
	self->table.slots = reed_settings_keep(&self->pool, n * sizeof(*self->table.slots));
	self->table.name = "";
	for (size_t i = 0; i < p->part_count; i++)
		self->table.count += fill_part(self, i, self->table.slots + self->table.count);
	reed_schema_check(self);
	for (size_t i = 0; i < self->table.count; i++)
		reed_settings_preset(self, &self->table, &self->table.slots[i]);
}

struct table *reed_settings_table_record(struct reed_pool *pool, const struct reed_schema *schema,
                                         char *values)
{
	struct table *table = reed_settings_keep(pool, sizeof(*table));

	table->slots = reed_settings_keep(pool, schema->count * sizeof(*table->slots));
	table->count = schema->count;
	table->name = "";
	for (size_t i = 0; i < schema->count; i++) {
		struct slot *slot = &table->slots[i];

		slot->setting = reed_schema_at(schema, i);
		slot->key = full_key(pool, "", &slot->setting);
		slot->old_key = old_key(pool, "", &slot->setting);
		slot->values = values;
		slot->origin = (struct origin){ .text = "default" };
	}
	return table;
}

struct slot *reed_settings_table_find(const struct table *table, struct reed_slice key)
{
	for (size_t i = 0; i < table->count; i++)
		if (reed_slice_is(key, table->slots[i].key) &&
		    table->slots[i].setting.type != REED_SETTING_GROUP)
			return &table->slots[i];
	return NULL;
}

struct slot *reed_settings_table_find_old(const struct table *table, struct reed_slice key)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->slots[i].old_key && reed_slice_is(key, table->slots[i].old_key))
			return &table->slots[i];
	return NULL;
}

bool reed_key_in_group(const char *key, struct reed_slice group)
{
	struct reed_slice k = reed_slice_of(key);

	return reed_slice_starts(k, group) && k.n > group.n && k.p[group.n] == '.';
}

bool reed_settings_table_has_group(const struct table *table, struct reed_slice group)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct slot *slot = &table->slots[i];

		if (reed_key_in_group(slot->key, group) ||
		    (slot->old_key && reed_key_in_group(slot->old_key, group)))
			return true;
	}
	return false;
}

struct reed_slice reed_settings_table_join(struct reed_pool *pool, struct reed_slice group,
                                           struct reed_slice word)
{
	struct reed_slice full = { 0 };
	char *p;

	if (group.n == 0)
		return word;
	full.n = group.n + 1 + word.n;
	full.p = p = reed_settings_keep(pool, full.n);
	memcpy(p, group.p, group.n);
	p[group.n] = '.';
	if (word.n)
		memcpy(p + group.n + 1, word.p, word.n);
	return full;
}

/* Of limits.sendq in the group limits it is sendq, in no group limits. */
struct reed_slice reed_slot_word(const struct slot *slot, struct reed_slice group)
{
	struct reed_slice key = reed_slice_of(slot->key);

	if (slot->setting.type == REED_SETTING_GROUP)
		return REED_STR("");
	if (group.n > 0) {
		if (!reed_key_in_group(slot->key, group))
			return REED_STR("");
		key = reed_slice_from(key, group.n + 1);
	}
	return reed_slice_cut(&key, '.');
}

/* Of "tls" and "tls.acme" the heading of tls.acme.mail is the second. */
const struct slot *reed_slot_group(const struct table *table, const struct slot *slot)
{
	const struct slot *group = NULL;

	for (size_t i = 0; i < table->count; i++) {
		const struct slot *g = &table->slots[i];

		if (g->setting.type != REED_SETTING_GROUP ||
		    !reed_key_in_group(slot->key, reed_slice_of(g->key)))
			continue;
		if (!group || strlen(g->key) > strlen(group->key))
			group = g;
	}
	return group;
}

/* A program that takes words of its own, as `reed run FILE` does, has no room for those of a service. */
const struct slot *reed_slot_at(const struct reed_settings *self, unsigned place)
{
	if (self->program->arguments || self->program->verbs)
		return NULL;
	for (size_t i = 0; i < self->table.count; i++)
		if (self->table.slots[i].setting.place == place)
			return &self->table.slots[i];
	return NULL;
}
