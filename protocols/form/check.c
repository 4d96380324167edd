/* One value, and what is wrong with it. */

#include <jansson.h>
#include <math.h>

#include "reed/alloc.h"
#include "schema.h"

void check_fail(struct check *check, const char *format, ...)
{
	char text[256];
	va_list args;

	if (check->value->error)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	check->value->error = check->field->message
	                              ? check->field->message
	                              : reed_pool_strdup(check->pool, reed_slice_of(text));
}

/* ---- bounds ---- */

static bool has_bounds(const struct reed_form_schema_field *f)
{
	return f->least != 0 || f->most != 0;
}

static bool has_most(const struct reed_form_schema_field *f)
{
	return has_bounds(f) && f->most >= f->least;
}

static void check_bounds(struct check *check, double number)
{
	const struct reed_form_schema_field *f = check->field;

	if (has_bounds(f) && number < (double)f->least)
		check_fail(check, "must be at least %lld", (long long)f->least);
	if (has_most(f) && number > (double)f->most)
		check_fail(check, "must be at most %lld", (long long)f->most);
}

static void check_length(struct check *check, struct reed_slice text)
{
	const struct reed_form_schema_field *f = check->field;
	int64_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	if (has_bounds(f) && n < f->least)
		check_fail(check, "must have at least %lld characters", (long long)f->least);
	if (has_most(f) && n > f->most)
		check_fail(check, "must have at most %lld characters", (long long)f->most);
}

static bool is_choice(const struct reed_form_schema_field *f, struct reed_slice text)
{
	for (size_t i = 0; f->choices[i]; i++)
		if (reed_slice_is(text, f->choices[i]))
			return true;
	return false;
}

static void check_choice(struct check *check, struct reed_slice text)
{
	struct reed_buf all = { .limit = 200 };

	if (is_choice(check->field, text))
		return;
	for (size_t i = 0; check->field->choices[i]; i++)
		reed_buf_printf(&all, "%s%s", i ? ", " : "", check->field->choices[i]);
	check_fail(check, "must be one of " REED_FMT, REED_ARG(reed_buf_slice(&all)));
	reed_buf_finish(&all);
}

/* ---- types ---- */

/* C1 is two bytes, of which the first is 0xc2. */
static bool is_printable(struct reed_slice s, bool lines)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (lines && (c == '\n' || c == '\r' || c == '\t'))
			continue;
		if (c < 0x20 || c == 0x7f ||
		    (c == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0))
			return false;
	}
	return true;
}

void check_text(struct check *check, struct reed_slice text)
{
	const struct reed_form_schema_field *f = check->field;

	check->value->given = true;
	check->value->text = text;
	if (!reed_slice_is_utf8(text) || !is_printable(text, f->type == REED_FORM_SCHEMA_LINES))
		check_fail(check, "has characters that are none");
	check_length(check, text);
	if (f->choices)
		check_choice(check, text);
	if (!check->value->error && f->fits && !f->fits(text))
		check_fail(check, "is not right");
}

void check_integer(struct check *check, int64_t integer)
{
	const struct reed_form_schema_field *f = check->field;

	check->value->given = true;
	check->value->integer = integer;
	check->value->number = (double)integer;
	if (has_bounds(f) && integer < f->least)
		check_fail(check, "must be at least %lld", (long long)f->least);
	if (has_most(f) && integer > f->most)
		check_fail(check, "must be at most %lld", (long long)f->most);
}

void check_number(struct check *check, double number)
{
	check->value->given = true;
	check->value->number = number;
	if (!isfinite(number))
		check_fail(check, "must be a number");
	check_bounds(check, number);
}

void check_flag(struct check *check, bool flag)
{
	check->value->given = true;
	check->value->flag = flag;
}

/* ---- values as text ---- */

static void written_integer(struct check *check, struct reed_slice text)
{
	bool negative = text.n > 0 && text.p[0] == '-';
	uint64_t n = 0, most = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;

	if (reed_slice_u64(reed_slice_from(text, negative), most, &n))
		check_fail(check, "must be a whole number");
	else
		check_integer(check, negative ? (int64_t)(0 - n) : (int64_t)n);
}

/* As JSON writes them, so that no locale has a say. */
static void written_number(struct check *check, struct reed_slice text)
{
	struct json_t *value = NULL;

	if (reed_json_parse(text, NULL, &value, NULL) || !json_is_number(value))
		check_fail(check, "must be a number");
	else
		check_number(check, json_number_value(value));
	json_decref(value);
}

static void written_flag(struct check *check, struct reed_slice text)
{
	bool no = reed_slice_is(text, "false") || reed_slice_is(text, "0") ||
	          reed_slice_is(text, "off");

	if (no || reed_slice_is(text, "true") || reed_slice_is(text, "1") ||
	    reed_slice_is(text, "on"))
		check_flag(check, !no);
	else
		check_fail(check, "must be true or false");
}

void check_written(struct check *check, struct reed_slice text)
{
	switch (check->field->type) {
	case REED_FORM_SCHEMA_TEXT:
	case REED_FORM_SCHEMA_LINES:
		check_text(check, text);
		return;
	case REED_FORM_SCHEMA_INTEGER:
		written_integer(check, reed_slice_trim(text));
		break;
	case REED_FORM_SCHEMA_NUMBER:
		written_number(check, reed_slice_trim(text));
		break;
	case REED_FORM_SCHEMA_FLAG:
		written_flag(check, text);
		break;
	}
	check->value->given = true;
	check->value->text = text; /* to be shown again */
}
