/* What the parsers share. */

#ifndef REED_FORM_PRIVATE_H
#define REED_FORM_PRIVATE_H

#include "reed/form/parse.h"

/* With a sentence. */
enum reed_err form_refuse(struct reed_form_parser *self, enum reed_err err, const char *why);

/* One more field, or file; name is checked.  n bytes more of a value. */
enum reed_err form_count_field(struct reed_form_parser *self, const struct reed_form_event *event);
enum reed_err form_count_value(struct reed_form_parser *self, size_t n);

enum reed_err form_parse_urlencoded(struct reed_form_parser *self, struct reed_slice *in, bool over,
                                    struct reed_form_event *event);
enum reed_err form_parse_multipart(struct reed_form_parser *self, struct reed_slice *in, bool over,
                                   struct reed_form_event *event);

/* disposition.c: the head of a part, of n bytes. */
enum reed_err form_read_head(struct reed_form_parser *self, struct reed_slice lines,
                             struct reed_form_event *event);

#endif
