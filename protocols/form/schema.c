/* Forms and objects against a table of fields. */

#include "schema.h"

#include <jansson.h>

#include "reed/co.h"

void checked_begin(struct reed_checked *checked, const struct reed_form_schema *schema,
                   struct reed_pool *pool)
{
	*checked = (struct reed_checked){ .schema = schema };
	checked->values = reed_pool_alloc(pool, (schema->count + 1) * sizeof(*checked->values));
	for (size_t i = 0; i < schema->count; i++)
		checked->values[i] = (struct reed_form_schema_value){ .text = REED_STR("") };
}

bool checked_end(struct reed_checked *checked, struct reed_pool *pool)
{
	checked->wrong = checked->error != NULL;
	for (size_t i = 0; i < checked->schema->count; i++) {
		struct check check = { &checked->schema->fields[i], pool, &checked->values[i] };

		if (check.field->required && !check.value->given)
			check_fail(&check, "is required");
		checked->wrong += check.value->error != NULL;
	}
	return checked->wrong == 0;
}

static bool is_known(const struct reed_form_schema *schema, struct reed_slice name)
{
	for (size_t i = 0; i < schema->count; i++)
		if (reed_slice_is(name, schema->fields[i].name))
			return true;
	return false;
}

static void refuse_name(struct reed_checked *checked, struct reed_slice name,
                        struct reed_pool *pool)
{
	char text[128];

	if (!checked->schema->closed || checked->error || is_known(checked->schema, name))
		return;
	name = reed_slice_first(name, reed_slice_utf8_border(name, 64));
	snprintf(text, sizeof(text), "there is no field \"" REED_FMT "\"", REED_ARG(name));
	checked->error = reed_pool_strdup(pool, reed_slice_of(text));
}

/* ---- lists ---- */

/* Room for count values, of which each is checked on its own; false: too many. */
static struct reed_form_schema_value *list_begin(struct check *check, size_t count)
{
	struct reed_form_schema_value *items =
		reed_pool_alloc(check->pool, (count + 1) * sizeof(*items));

	check->value->given = true;
	check->value->items = items;
	check->value->count = count;
	return items;
}

static bool list_fits(struct check *check, size_t count)
{
	if (count > check->field->many)
		check_fail(check, "must be at most %u values", check->field->many);
	return count <= check->field->many;
}

static struct check item_of(struct check *check, struct reed_form_schema_value *item)
{
	return (struct check){ check->field, check->pool, item };
}

/* What is wrong with one is wrong with the list. */
static void list_take_error(struct check *check, const struct reed_form_schema_value *item)
{
	if (item->error && !check->value->error)
		check->value->error = item->error;
}

/* ---- forms ---- */

/* Fields of that name that say anything. */
static size_t count_of(const struct reed_form *form, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < form->count; i++)
		n += reed_slice_is(form->fields[i].name, name) && form->fields[i].value.n > 0;
	return n;
}

static struct reed_slice nth_of(const struct reed_form *form, const char *name, size_t n)
{
	for (size_t i = 0; i < form->count; i++)
		if (reed_slice_is(form->fields[i].name, name) && form->fields[i].value.n > 0 &&
		    n-- == 0)
			return form->fields[i].value;
	return REED_STR("");
}

static void form_list(struct check *check, const struct reed_form *form, size_t count)
{
	struct reed_form_schema_value *items;

	if (!list_fits(check, count))
		return;
	items = list_begin(check, count);
	for (size_t i = 0; i < count; i++) {
		struct check item = item_of(check, &items[i]);

		check_written(&item, nth_of(form, check->field->name, i));
		list_take_error(check, &items[i]);
	}
}

bool reed_form_schema_form(const struct reed_form_schema *schema, const struct reed_form *form,
                           struct reed_pool *pool, struct reed_checked *checked)
{
	checked_begin(checked, schema, pool);
	for (size_t i = 0; i < schema->count; i++) {
		struct check check = { &schema->fields[i], pool, &checked->values[i] };
		size_t count = count_of(form, check.field->name);

		if (count > 0 && check.field->many)
			form_list(&check, form, count);
		else if (count == 1)
			check_written(&check, nth_of(form, check.field->name, 0));
		else if (count > 1)
			check_fail(&check, "must be given once");
	}
	for (size_t i = 0; i < form->count; i++)
		refuse_name(checked, form->fields[i].name, pool);
	return checked_end(checked, pool);
}

/* ---- JSON ---- */

static void json_text(struct check *check, const struct json_t *value)
{
	struct reed_slice text = reed_slice(json_string_value(value), json_string_length(value));

	if (!json_is_string(value))
		check_fail(check, "must be a text");
	else if (text.n > 0)
		check_text(check, text);
}

static void json_one(struct check *check, const struct json_t *value)
{
	switch (check->field->type) {
	case REED_FORM_SCHEMA_TEXT:
	case REED_FORM_SCHEMA_LINES:
		json_text(check, value);
		break;
	case REED_FORM_SCHEMA_INTEGER:
		if (json_is_integer(value))
			check_integer(check, json_integer_value(value));
		else
			check_fail(check, "must be a whole number");
		break;
	case REED_FORM_SCHEMA_NUMBER:
		if (json_is_number(value))
			check_number(check, json_number_value(value));
		else
			check_fail(check, "must be a number");
		break;
	case REED_FORM_SCHEMA_FLAG:
		if (json_is_boolean(value))
			check_flag(check, json_is_true(value));
		else
			check_fail(check, "must be true or false");
		break;
	}
}

static void json_list(struct check *check, const struct json_t *array)
{
	struct reed_form_schema_value *items;
	size_t count = json_array_size(array);

	if (!json_is_array(array)) {
		check_fail(check, "must be a list");
		return;
	}
	if (count == 0 || !list_fits(check, count))
		return;
	items = list_begin(check, count);
	for (size_t i = 0; i < count; i++) {
		struct check item = item_of(check, &items[i]);

		items[i].text = REED_STR("");
		json_one(&item, json_array_get(array, i));
		list_take_error(check, &items[i]);
	}
}

static void refuse_names(struct reed_checked *checked, const struct json_t *object,
                         struct reed_pool *pool)
{
	struct json_t *all = json_incref((struct json_t *)(uintptr_t)object);

	for (void *at = json_object_iter(all); at; at = json_object_iter_next(all, at))
		refuse_name(checked, reed_slice_of(json_object_iter_key(at)), pool);
	json_decref(all);
}

bool reed_form_schema_json(const struct reed_form_schema *schema, const struct json_t *object,
                           struct reed_pool *pool, struct reed_checked *checked)
{
	checked_begin(checked, schema, pool);
	if (!json_is_object(object)) {
		checked->error = "must be an object";
		checked->wrong = 1;
		return false;
	}
	for (size_t i = 0; i < schema->count; i++) {
		struct check check = { &schema->fields[i], pool, &checked->values[i] };
		const struct json_t *value = json_object_get(object, check.field->name);

		if (!value || json_is_null(value))
			continue;
		if (check.field->many)
			json_list(&check, value);
		else
			json_one(&check, value);
	}
	refuse_names(checked, object, pool);
	return checked_end(checked, pool);
}
