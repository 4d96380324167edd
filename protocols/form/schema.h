/* What checking a form and checking JSON have in common. */

#ifndef REED_FORM_SCHEMA_PRIVATE_H
#define REED_FORM_SCHEMA_PRIVATE_H

#include "reed/form/schema.h"

/* Where a value is checked, and errors come from. */
struct check {
	const struct reed_form_schema_field *field;
	struct reed_pool *pool;
	struct reed_form_schema_value *value;
};

/* With a sentence, unless the field has one of its own, and unless it is wrong already. */
void check_fail(struct check *check, const char *format, ...) REED_PRINTF(2, 3);

/* Each is of the right type; is it within its bounds, and fits? */
void check_text(struct check *check, struct reed_slice text);
void check_integer(struct check *check, int64_t integer);
void check_number(struct check *check, double number);
void check_flag(struct check *check, bool flag);

/* A value as text, of a form. */
void check_written(struct check *check, struct reed_slice text);

/* All were seen: what is required but not there, and how many are wrong. */
bool checked_end(struct reed_checked *checked, struct reed_pool *pool);
void checked_begin(struct reed_checked *checked, const struct reed_form_schema *schema,
                   struct reed_pool *pool);

#endif
