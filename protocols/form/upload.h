/* A form on its way: entries, and the files among them. */

#ifndef REED_FORM_UPLOAD_H
#define REED_FORM_UPLOAD_H

#include "reed/co.h"
#include "reed/form/client.h"

enum { UPLOAD_BOUNDARY = 32 };

struct upload_entry {
	struct reed_slice head, value; /* head of the part, with its empty line */
	char *path;
	int fd; /* -1: none */
	uint64_t size;
};

/* Freed when the last thread that works for it is home. */
struct upload {
	struct reed_loop *loop;
	struct upload_entry *entries;
	size_t count;
	struct reed_pool pool;
	char boundary[UPLOAD_BOUNDARY + 1];
	uint64_t all, sent;
	void (*progress)(void *arg, uint64_t sent, uint64_t all);
	void *arg;
	bool busy, unwanted;
};

struct upload *upload_new(struct reed_loop *loop, const struct reed_form_entry *entries,
                          size_t count);
void upload_free(struct upload *upload);

/* Files are open, and all is known. */
struct reed_future *upload_open(struct upload *upload);
/* Writes all of it, and closes the stream; one that breaks off is aborted. */
struct reed_future *upload_write(struct upload *upload, struct reed_stream *stream);

#endif
