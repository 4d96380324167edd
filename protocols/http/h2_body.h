/*
 * What of a body has yet to go into frames: bytes that were copied, and pieces
 * of blobs and files that are only held, in the order in which they were added.
 */

#ifndef REED_HTTP_H2_BODY_H
#define REED_HTTP_H2_BODY_H

#include "reed/blob.h"
#include "reed/buf.h"

struct reed_source;

/* A part of a blob, or of a file. */
struct h2_held {
	struct h2_held *next;
	struct reed_blob *blob;
	struct reed_source *source;
	uint64_t offset;
	size_t n;
	size_t behind; /* so many of the bytes */
};

/* Zeroed it is empty. */
struct h2_body {
	struct reed_buf bytes;
	struct h2_held *first, *last;
	struct h2_held only; /* the first, if nothing was held before it: most have but one */
	size_t loose;        /* bytes behind the last piece */
	size_t held;
};

/* What comes next in one piece: bytes, which are in memory; else of a source from offset on. */
struct h2_run {
	size_t n;
	struct reed_slice bytes;
	struct reed_blob *blob; /* that bytes are of; NULL */
	struct reed_source *source;
	uint64_t offset;
};

void h2_body_add(struct h2_body *body, struct reed_slice bytes);
/* One more holder; of an empty blob nothing is added. */
void h2_body_add_blob(struct h2_body *body, struct reed_blob *blob);
void h2_body_add_source(struct h2_body *body, struct reed_source *source, uint64_t offset,
                        size_t n);

/* At most `most` bytes, some unless nothing is held; good until the next call. */
struct h2_run h2_body_next(const struct h2_body *body, size_t most);
/* n bytes of what next() has shown have gone. */
void h2_body_went(struct h2_body *body, size_t n);

/* Empty again; the memory for bytes stays. */
void h2_body_clear(struct h2_body *body);
void h2_body_finish(struct h2_body *body);

#endif
