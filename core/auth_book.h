/*
 * What the file checker holds of its file.  It belongs to whatever runs in the
 * checker's lane, one at a time; all of it blocks.
 */

#ifndef REED_AUTH_BOOK_H
#define REED_AUTH_BOOK_H

#include "auth_table.h"
#include "reed/file.h"

struct reed_book {
	char *path;
	struct reed_auth_rules rules;
	struct reed_principal_table table;
	struct reed_file_stamp seen; /* of the file last read, well or not */
	bool loaded;
	size_t users; /* jobs and the checker, counted in the loop's thread */
};

void reed_book_free(struct reed_book *book);

/* The first reading; a file that is not there is an empty one.  NULL, or why not. */
struct reed_fault *reed_book_open(struct reed_book *book);

/*
 * Reads the file again if it is another one.  If it cannot be read, what was
 * there before stays; the fault is returned once.
 */
struct reed_fault *reed_book_refresh(struct reed_book *book);

/*
 * Writes the file with one account more, another or less; edit does it to the
 * table.  An error without a fault is edit's own.
 */
typedef enum reed_err reed_book_edit(struct reed_principal_table *table, const void *what);
enum reed_err reed_book_change(struct reed_book *book, const char *name, reed_book_edit *edit,
                               const void *what, struct reed_fault **fault);

#endif
