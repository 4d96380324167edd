/*
 * What a form or a JSON object may say: a table of its fields, checked the same
 * for both.
 *
 *	static const struct reed_form_schema_field fields[] = {
 *		{ .name = "name", .required = true, .most = 40 },
 *		{ .name = "age", .type = REED_FORM_SCHEMA_INTEGER, .least = 18, .most = 120 },
 *	};
 *	static const struct reed_form_schema schema = { fields, REED_COUNT(fields) };
 *
 *	if (!reed_form_schema_form(&schema, form, pool, &self->checked))
 *		...reed_checked_error(&self->checked, "age") says "must be at least 18"
 *
 * An empty value of a form, an empty text and null are the same: not given.  A
 * flag that is not given is false.
 */

#ifndef REED_FORM_SCHEMA_H
#define REED_FORM_SCHEMA_H

#include "reed/form.h"
#include "reed/json.h"

REED_BEGIN_DECLS

enum reed_form_schema_type {
	REED_FORM_SCHEMA_TEXT,    /* UTF-8, without control characters */
	REED_FORM_SCHEMA_LINES,   /* the same, of several lines */
	REED_FORM_SCHEMA_INTEGER, /* of 64 bits */
	REED_FORM_SCHEMA_NUMBER,  /* a double, finite */
	REED_FORM_SCHEMA_FLAG,    /* a checkbox; true and false */
};

struct reed_form_schema_field {
	const char *name;
	enum reed_form_schema_type type;
	bool required;
	/* Of a number, or the characters of a text; both 0: any; a most below least: none. */
	int64_t least, most;
	const char *const *choices; /* up to a NULL; may be NULL */
	/* Does a text look right?  Asked when all else does.  May be NULL. */
	bool (*fits)(struct reed_slice text);
	const char *message; /* in place of any sentence of ours; may be NULL */
	uint32_t many;       /* values at most, of a list; 0: it is no list */
};

struct reed_form_schema {
	const struct reed_form_schema_field *fields;
	size_t count;
	bool closed; /* names that are not in the table are refused */
};

struct reed_form_schema_value {
	bool given, flag;
	struct reed_slice text; /* as it was sent; of JSON, of a text only */
	int64_t integer;
	double number;
	const struct reed_form_schema_value *items; /* of a list */
	size_t count;
	const char *error; /* NULL: it is right */
};

/* All of it goes with the pool. */
struct reed_checked {
	const struct reed_form_schema *schema;
	struct reed_form_schema_value *values; /* in the order of the fields */
	size_t wrong;                          /* how many are */
	const char *error; /* of the whole: no object, or a name too much; or NULL */
};

/* False: something is wrong.  Texts stay those of the form or the object. */
REED_API bool reed_form_schema_form(const struct reed_form_schema *schema,
                                    const struct reed_form *form, struct reed_pool *pool,
                                    struct reed_checked *checked);
REED_API bool reed_form_schema_json(const struct reed_form_schema *schema,
                                    const struct json_t *object, struct reed_pool *pool,
                                    struct reed_checked *checked);

/*
 * Whichever the request has.  A body that is neither, or none that can be read,
 * has been answered as of reed_form_take() and reed_json_take(); what is checked
 * and wrong has not.
 */
REED_API struct reed_future *reed_form_schema_take(struct reed_http_request *request,
                                                   const struct reed_form_schema *schema,
                                                   const struct reed_form_options *options,
                                                   struct reed_checked *checked);

/* The value of that name, of the table: NULL when it has none such. */
REED_API const struct reed_form_schema_value *reed_checked_value(const struct reed_checked *checked,
                                                                 const char *name);
/* NULL: it is right. */
REED_API const char *reed_checked_error(const struct reed_checked *checked, const char *name);

/* Something only the program can tell, such as a name that is taken. */
REED_API void reed_checked_fail(struct reed_checked *checked, const char *name, const char *error);

/* 422 {"errors": {"age": "must be at least 18"}}; the whole's error has the name "". */
REED_API void reed_checked_refuse(const struct reed_checked *checked,
                                  struct reed_http_request *request);

REED_END_DECLS

#endif
