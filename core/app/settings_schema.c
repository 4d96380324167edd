/*
 * Schemas: what their authors wrote, which may be wrong too.  It comes out in
 * the first test that makes settings of it.
 */

#include "settings_private.h"

/* A schema compiled against an older or newer header has settings of another size. */
struct reed_setting reed_schema_at(const struct reed_schema *schema, size_t i)
{
	static const char *const none[] = { NULL };
	struct reed_setting setting = { 0 };
	size_t n = schema->setting_size;

	memcpy(&setting, (const char *)schema->settings + i * n,
	       n < sizeof(setting) ? n : sizeof(setting));
	if (!setting.words)
		setting.words = none;
	return setting;
}

static void complain(struct reed_settings *self, const struct table *table, const struct slot *slot,
                     const char *wrong)
{
	reed_settings_problem_at(self, "schema", reed_slot_path(&self->pool, table, slot, NO_INDEX),
	                         "%s", wrong);
}

static void check_record(struct reed_settings *self, const struct slot *slot);

static void check_slot(struct reed_settings *self, const struct table *table,
                       const struct slot *slot)
{
	const struct reed_setting *s = &slot->setting;

	if (!s->help)
		complain(self, table, slot, "has no help");
	if (s->type == REED_SETTING_ENUM && !s->words[0])
		complain(self, table, slot, "has no words");
	if (!reed_setting_limits_are_good(s))
		complain(self, table, slot, "has a limit that is no value of its type");
	if (s->type == REED_SETTING_RECORD)
		check_record(self, slot);
}

static void check_record(struct reed_settings *self, const struct slot *slot)
{
	struct table *record = reed_settings_table_record(&self->pool, slot->setting.record, NULL);

	record->name = slot->key;
	if (record->count == 0)
		reed_settings_problem_at(self, "schema", slot->key, "has a record of nothing");
	for (size_t i = 0; i < record->count; i++)
		check_slot(self, record, &record->slots[i]);
}

static void check_pair(struct reed_settings *self, const struct slot *a, const struct slot *b)
{
	if (!strcmp(a->key, b->key))
		reed_settings_problem_at(self, "schema", a->key, "is there twice");
	else if (a->flag && b->flag && !strcmp(a->flag, b->flag))
		reed_settings_problem_at(self, "schema", a->key, "has the flag of %s", b->key);
	else if (a->setting.letter && a->setting.letter == b->setting.letter)
		reed_settings_problem_at(self, "schema", a->key, "has the letter of %s", b->key);
}

void reed_schema_check(struct reed_settings *self)
{
	for (size_t i = 0; i < self->table.count; i++) {
		check_slot(self, &self->table, &self->table.slots[i]);
		for (size_t j = 0; j < i; j++)
			check_pair(self, &self->table.slots[i], &self->table.slots[j]);
	}
}
