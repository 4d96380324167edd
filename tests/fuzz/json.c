/*
 * JSON, parsed, checked against a schema and written again; or behind a line's end a form, which is
 * checked against the same.
 */

#include <jansson.h>

#include "check.h"
#include "reed/form/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool fits(struct reed_slice text)
{
	check(reed_slice_is_utf8(text));
	return reed_slice_find(text, 'x') < text.n;
}

static const char *const choices[] = { "a", "b", NULL };
static const struct reed_form_schema_field fields[] = {
	{ .name = "name", .required = true, .least = 1, .most = 5, .fits = fits },
	{ .name = "age", .type = REED_FORM_SCHEMA_INTEGER, .least = 18, .most = 120 },
	{ .name = "score", .type = REED_FORM_SCHEMA_NUMBER, .least = -1, .most = 1 },
	{ .name = "yes", .type = REED_FORM_SCHEMA_FLAG },
	{ .name = "tags", .choices = choices, .many = 3 },
};
static const struct reed_form_schema schema = { fields, REED_COUNT(fields), true };

static void check_all(const struct reed_checked *c, bool right)
{
	size_t wrong = c->error != NULL;

	for (size_t i = 0; i < REED_COUNT(fields); i++)
		wrong += c->values[i].error != NULL;
	check_int(c->wrong, wrong);
	check(right == (wrong == 0));
	if (!right)
		return;
	check(c->values[0].text.n > 0);
	check(!c->values[1].given || (c->values[1].integer >= 18 && c->values[1].integer <= 120));
	check(!c->values[2].given || (c->values[2].number >= -1 && c->values[2].number <= 1));
	check(c->values[4].count <= 3);
}

static void try_json(struct reed_slice text, struct reed_pool *pool)
{
	struct reed_json_limits limits = { .depth = 10, .values = 100 };
	struct reed_fault *fault = NULL;
	struct reed_buf first = { .limit = 0 }, second = { .limit = 0 };
	struct reed_checked checked;
	struct json_t *value = NULL, *again = NULL;

	if (reed_json_parse(text, &limits, &value, &fault)) {
		check(reed_slice_starts(reed_slice_of(fault->sentence), REED_STR("line ")));
		reed_fault_free(fault);
		return;
	}
	check_all(&checked, reed_form_schema_json(&schema, value, pool, &checked));
	check_int(reed_json_write(value, &first), REED_OK);
	check_int(reed_json_parse(reed_buf_slice(&first), NULL, &again, NULL), REED_OK);
	check_int(reed_json_write(again, &second), REED_OK);
	check(reed_slice_eq(reed_buf_slice(&first), reed_buf_slice(&second)));
	json_decref(value);
	json_decref(again);
	reed_buf_finish(&first);
	reed_buf_finish(&second);
}

static void try_form(struct reed_slice text, struct reed_pool *pool)
{
	struct reed_form_field found[20];
	struct reed_form form = { found, 0 };
	struct reed_checked checked;

	while (text.n > 0 && form.count < 20) {
		struct reed_slice value = reed_slice_cut(&text, '&');

		found[form.count].name = reed_slice_cut(&value, '=');
		found[form.count++].value = value;
	}
	check_all(&checked, reed_form_schema_form(&schema, &form, pool, &checked));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_pool pool = { .limit = 0 };

	if (size > 0 && data[0] == '\n')
		try_form(reed_slice(data + 1, size - 1), &pool);
	else
		try_json(reed_slice(data, size), &pool);
	reed_pool_finish(&pool);
	return 0;
}
