/*
 * What browsers send of a form: read piece by piece, or as a whole with its
 * files on disk.
 *
 *	reed_try(co, reed_form_take(request, &options, &self->form));
 *	name = reed_form_get(self->form, "name");
 *	photo = reed_form_file(self->form, "photo");
 *
 * or, where nothing is to be kept but what one keeps oneself:
 *
 *	self->reader = reed_form_reader(request, &options);
 *	for (;;) {
 *		reed_try(co, reed_form_next(self->reader, &self->part));
 *		if (!self->part)
 *			break;
 *		...reed_form_piece(), reed_form_value() or reed_form_store()...
 *	}
 *
 * Whatever is not read of a part is passed over.  Readers, forms and files go
 * with the request.
 *
 * A body that is refused has been answered with 400, 413 or 415 and a sentence,
 * and the future fails: a handler that says reed_try() has nothing left to do
 * (REED_ESYNTAX, REED_ETOOBIG, REED_ENOTSUP).  A disk that is full is
 * REED_ENOSPC, which the server answers with 507 and the log tells.
 */

#ifndef REED_FORM_H
#define REED_FORM_H

#include "reed/form/parse.h"
#include "reed/http/request.h"

REED_BEGIN_DECLS

struct reed_form_reader;
struct reed_form_file;

struct reed_form_options {
	size_t size;                    /* of this struct */
	struct reed_form_limits limits; /* zero is the default */
	uint64_t body;                  /* bytes of all of it; 0: the server's limit */
	/* On whose disk files are kept for the time; outlives the request.  NULL: none are taken. */
	const char *folder;
	bool quiet; /* a body that is refused is not answered */
};

#define REED_FORM_OPTIONS                                \
	{                                                \
		.size = sizeof(struct reed_form_options) \
	}

/* ---- piece by piece ---- */

struct reed_form_part {
	struct reed_slice name, filename, type; /* as long as the request */
	bool file;                              /* has a file's name, if an empty one */
};

/* One for a request, whose body nobody has read of; options are copied and may be NULL. */
REED_API struct reed_form_reader *reed_form_reader(struct reed_http_request *request,
                                                   const struct reed_form_options *options);

/* The next part; *part is NULL at the end.  One call of a reader at a time. */
REED_API struct reed_future *reed_form_next(struct reed_form_reader *reader,
                                            const struct reed_form_part **part);

/* The next piece of it, which stays until the next call; an empty one is the end. */
REED_API struct reed_future *reed_form_piece(struct reed_form_reader *reader,
                                             struct reed_slice *piece);

/* What is left of it, of a file no more than limits.value; as long as the request. */
REED_API struct reed_future *reed_form_value(struct reed_form_reader *reader,
                                             struct reed_slice *value);

/* The same, written to a file without a name on the disk of that folder, as it comes. */
REED_API struct reed_future *reed_form_store(struct reed_form_reader *reader, const char *folder,
                                             struct reed_form_file **file);

/* ---- files ---- */

REED_API uint64_t reed_form_file_size(const struct reed_form_file *file);

/* Open for reading at any place, for threads of the offload pool (reed/folder.h). */
REED_API int reed_form_file_fd(const struct reed_form_file *file);

/*
 * It stays under that path, which is not the client's choice.  REED_EEXIST: it is
 * taken.  One call at a time.
 */
REED_API struct reed_future *reed_form_file_keep(struct reed_form_file *file, const char *path);

/* ---- as a whole ---- */

struct reed_form_field {
	struct reed_slice name, value, filename, type;
	struct reed_form_file *file; /* NULL: none was chosen, or it is no field for files */
};

struct reed_form {
	const struct reed_form_field *fields;
	size_t count;
};

/* Whoever asks again for the same request gets the same form. */
REED_API struct reed_future *reed_form_take(struct reed_http_request *request,
                                            const struct reed_form_options *options,
                                            const struct reed_form **form);

/* Is there a body of a kind that is a form? */
REED_API bool reed_form_is_there(const struct reed_http_request *request);

/* The n-th field of that name; NULL when there is none. */
REED_API const struct reed_form_field *reed_form_nth(const struct reed_form *form, const char *name,
                                                     size_t n);
/* Its value, of the first; p is NULL when there is none. */
REED_API struct reed_slice reed_form_get(const struct reed_form *form, const char *name);
REED_API struct reed_form_file *reed_form_file(const struct reed_form *form, const char *name);

REED_END_DECLS

#endif
