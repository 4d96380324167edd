/*
 * Templates by name, from the files of a folder, read once and kept.
 *
 *	reed_try(co, reed_template_load(self->pages, "room.html", &self->page));
 *	reed_try(co, reed_template_respond(self->page, self->request, &self->data));
 *
 * A name is a path beneath the folder, "room.html" or "mail/welcome.html", and
 * r:include takes such names too.  Nothing outside of the folder is read.
 *
 * With watch, a template is read again when its file changes, or one of those
 * that it includes, however deep.  One that is broken then stays as it was
 * before, and the log says where it is broken; it is tried again at the next
 * change.  Files are read and parsed in a thread.
 */

#ifndef REED_TEMPLATE_LOADER_H
#define REED_TEMPLATE_LOADER_H

#include "reed/template.h"

REED_BEGIN_DECLS

struct reed_template_loader;

/* See struct reed_template_options for the first three. */
struct reed_template_loader_options {
	size_t size; /* of this struct */
	enum reed_template_form form;
	const char *schemes;
	size_t limit;    /* bytes of one file */
	bool watch;      /* for those who write templates; see reed/watch.h for what it takes */
	int64_t poll_ms; /* of the watch, where the system does not tell; 0: 1 s */
};

#define REED_TEMPLATE_LOADER_OPTIONS                                \
	{                                                           \
		.size = sizeof(struct reed_template_loader_options) \
	}

/*
 * The options are copied, and may be NULL.  With watch errors are those of
 * reed_file_watch_new(); the fault is the caller's then.
 */
REED_API enum reed_err reed_template_loader_new(struct reed_loop *loop, const char *folder,
                                                const struct reed_template_loader_options *options,
                                                struct reed_template_loader **loader,
                                                struct reed_fault **fault);

/* Nobody waits for a template of it, or writes one.  May be NULL. */
REED_API void reed_template_loader_free(struct reed_template_loader *self);

/*
 * The template is the loader's.  It is good until the caller waits for something
 * else; while it is written, or answered with, it stays what it was.  Fails as
 * reed_template_parse() does, with a sentence that begins "room.html:12:3: ";
 * REED_ENOENT: no such file in the folder; REED_ETOOBIG: 64 files are included, or
 * 16 one by another.  What fails is tried again the next time.
 */
REED_API struct reed_future *reed_template_load(struct reed_template_loader *self, const char *name,
                                                const struct reed_template **out);

/* One that was loaded before: for parts.  NULL: it was not.  As long as above. */
REED_API const struct reed_template *reed_template_loaded(const struct reed_template_loader *self,
                                                          const char *name);

REED_END_DECLS

#endif
