/* A reader, as its files see it. */

#ifndef REED_FORM_READER_H
#define REED_FORM_READER_H

#include "reed/co.h"
#include "reed/form.h"

struct reed_form_reader {
	struct reed_http_request *request;
	struct reed_form_options options;
	struct reed_form_parser parser;
	enum reed_err err;     /* of its beginning */
	struct reed_buf kept;  /* what the parser has left of pieces */
	struct reed_slice raw; /* of the body, until the next read */
	struct reed_slice in;  /* in kept or raw: what the parser has not seen */
	bool in_kept, over;
	bool inside; /* of a part */
	struct reed_form_event event;
	struct reed_form_part part;
};

/* The next event, once it is there; REED_EEOF at the end.  Refusals have been answered. */
struct reed_future *form_advance(struct reed_form_reader *self);

/* It is no form that is taken here: answered, unless it is to be quiet. */
enum reed_err form_reject(struct reed_form_reader *self, struct reed_co *co, enum reed_err err,
                          const char *why);

/* file.c: no more than an open file; REED_OK with its fault not set. */
struct reed_future *form_file_open(struct reed_loop *loop, const char *folder,
                                   struct reed_form_file **file);
/* Takes what is in bytes, whose memory it frees. */
struct reed_future *form_file_add(struct reed_form_file *file, struct reed_buf *bytes);
/* May be NULL, and may be busy. */
void form_file_free(struct reed_form_file *file);
/* It goes with the request. */
void form_file_attach(struct reed_http_request *request, struct reed_form_file *file);

#endif
