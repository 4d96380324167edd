/* Settings: what they own, and what a program asks them for. */

#include "settings_private.h"

#include <stdlib.h>

static void judge_reject(struct reed_setting_judge *judge, const void *member, const char *format,
                         ...) REED_PRINTF(3, 4);

/* The pool has no limit, so it gives nothing only where reed_alloc() would end the program too. */
void *reed_settings_keep(struct reed_pool *pool, size_t size)
{
	void *p = reed_pool_alloc(pool, size ? size : 1);

	if (!p)
		abort();
	return p;
}

char *reed_settings_keep_text(struct reed_pool *pool, struct reed_slice s)
{
	char *copy = reed_settings_keep(pool, s.n + 1);

	if (s.n)
		memcpy(copy, s.p, s.n);
	return copy;
}

const char *reed_settings_concat(struct reed_pool *pool, struct reed_slice a, struct reed_slice b)
{
	char *text = reed_settings_keep(pool, a.n + b.n + 1);

	if (a.n)
		memcpy(text, a.p, a.n);
	if (b.n)
		memcpy(text + a.n, b.p, b.n);
	return text;
}

char *reed_settings_keepf(struct reed_pool *pool, const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = reed_settings_keep(pool, (size_t)(n > 0 ? n : 0) + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)(n > 0 ? n : 0) + 1, format, args);
	va_end(args);
	return text;
}

struct reed_settings *reed_settings_new(const struct reed_settings_program *program)
{
	struct reed_settings *self = reed_alloc(sizeof(*self));

	self->judge.reject = judge_reject;
	self->program = program;
	reed_pool_init(&self->pool, 0);
	reed_list_init(&self->secrets);
	reed_settings_table_build(self);
	return self;
}

void reed_settings_free(struct reed_settings *self)
{
	if (!self)
		return;
	reed_secrets_finish(self);
	reed_pool_finish(&self->pool);
	reed_free(self);
}

const void *reed_settings_part(const struct reed_settings *self, size_t part)
{
	return part < self->program->part_count ? self->parts[part] : NULL;
}

const void *reed_settings_of(const struct reed_settings *self, const struct reed_schema *schema)
{
	for (size_t i = 0; i < self->program->part_count; i++)
		if (self->program->parts[i].schema == schema)
			return self->parts[i];
	return NULL;
}

struct reed_texts reed_settings_arguments(const struct reed_settings *self)
{
	return self->arguments;
}

void reed_settings_read_with(struct reed_settings *self, struct reed_settings_reader *reader)
{
	self->reader = reader;
}

/* Required settings of records are asked for when the record is read. */
static void ask_for_required(struct reed_settings *self)
{
	for (size_t i = 0; i < self->table.count; i++) {
		const struct slot *slot = &self->table.slots[i];

		if (slot->setting.required && !slot->given)
			reed_settings_problem_missing(self, slot, self->file);
	}
}

static void check_schemas(struct reed_settings *self)
{
	for (size_t i = 0; i < self->program->part_count; i++) {
		const struct reed_schema *schema = self->program->parts[i].schema;

		if (schema->check)
			schema->check(self->parts[i], &self->judge);
	}
}

enum reed_err reed_settings_finish(struct reed_settings *self)
{
	reed_secrets_get(self);
	ask_for_required(self);
	/* values that are wrong for themselves would make a check say things that are not so */
	if (self->problems.count == 0)
		check_schemas(self);
	return reed_settings_state(self);
}

static void reject(struct reed_settings *self, const void *member, const char *format, va_list args)
	REED_PRINTF(3, 0);

/* A default was written by nobody who could look there. */
static bool is_given(const struct found *found)
{
	return found->slot && found->slot->origin.layer != LAYER_DEFAULT;
}

static void reject(struct reed_settings *self, const void *member, const char *format, va_list args)
{
	struct found found = reed_settings_find_member(self, member);
	const char *key = "";

	if (found.slot && !reed_layer_names(found.slot->origin.layer, found.table))
		key = reed_slot_path(&self->pool, found.table, found.slot, found.index);
	reed_settings_problem_add(self, is_given(&found) ? found.origin : "", key, format, args);
}

void reed_settings_reject(struct reed_settings *self, const void *member, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	reject(self, member, format, args);
	va_end(args);
}

static void judge_reject(struct reed_setting_judge *judge, const void *member, const char *format,
                         ...)
{
	va_list args;

	va_start(args, format);
	reject(reed_container_of(judge, struct reed_settings, judge), member, format, args);
	va_end(args);
}
