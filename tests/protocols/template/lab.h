/* What tests of templates are made with: a loop, and text in and out. */

#ifndef REED_TESTS_TEMPLATE_LAB_H
#define REED_TESTS_TEMPLATE_LAB_H

#include "reed/alloc.h"
#include "reed/loop.h"
#include "reed/template.h"
#include "tests/check.h"

#define TEXT(s)                                                          \
	{                                                                \
		.kind = REED_TEMPLATE_TEXT, .text = { s, sizeof(s) - 1 } \
	}
#define FLAG(b)                                         \
	{                                               \
		.kind = REED_TEMPLATE_FLAG, .flag = (b) \
	}

/* A list of tables. */
struct lab_list {
	struct reed_template_list list;
	const struct reed_template_pairs *items;
	size_t count, at;
	int ended;
};

struct reed_template_list *lab_list(struct lab_list *self, const struct reed_template_pairs *items,
                                    size_t count);

/* What the parser says about it; "" when nothing. Until the next call. */
const char *lab_refused(const char *text, enum reed_template_form form, enum reed_err *err);

/* As it is written with this data; or "! " and why not.  Until the next call. */
const char *lab_written(const char *text, enum reed_template_form form,
                        const struct reed_template_pair *pairs, size_t count);

#define writes(text, pairs, wanted)                                \
	check_str(lab_written((text), REED_TEMPLATE_HTML, (pairs), \
	                      sizeof(pairs) / sizeof((pairs)[0])), \
	          (wanted))

#endif
