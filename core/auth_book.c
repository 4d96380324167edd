#include "auth_book.h"

#include "auth_file_text.h"
#include "reed/alloc.h"

enum { WORLD = 07, GROUP_WRITES = 020 };

void reed_book_free(struct reed_book *book)
{
	reed_table_finish(&book->table);
	reed_free(book->path);
	reed_free(book);
}

/* Whoever has the verifiers can try passwords; whoever can write gets in. */
static struct reed_fault *check_mode(const struct reed_book *book, uint32_t mode)
{
	if (!(mode & (WORLD | GROUP_WRITES)))
		return NULL;
	return reed_fault(REED_EACCES, NULL,
	                  "%s: others may read or write it (mode %03o); chmod 600 it", book->path,
	                  (unsigned)mode);
}

/* Reads and understands the file; table is the caller's to finish. */
static struct reed_fault *load(struct reed_book *book, struct reed_buf *text,
                               struct reed_principal_table *table)
{
	struct reed_account_file_fault bad;
	struct reed_fault *fault;
	enum reed_err err = reed_file_read(book->path, text, &book->seen);

	if (err == REED_ETOOBIG)
		return reed_fault(err, NULL, "%s: larger than 64 MiB; use a database", book->path);
	if (err)
		return reed_fault(err, NULL, "%s: %s", book->path,
		                  err == REED_EINVAL ? "not a file" : reed_strerror(err));
	fault = check_mode(book, book->seen.mode);
	if (fault)
		return fault;
	err = reed_account_file_parse(reed_buf_slice(text), &book->rules, table, &bad);
	if (err)
		return reed_fault(err, NULL, "%s:%zu: %s", book->path, bad.line, bad.why);
	return NULL;
}

/* The same, and takes it over when it is good. */
static struct reed_fault *reload(struct reed_book *book, struct reed_buf *text)
{
	struct reed_principal_table fresh = { 0 };
	struct reed_fault *fault = load(book, text, &fresh);

	if (!fault) {
		reed_table_finish(&book->table);
		book->table = fresh;
		book->loaded = true;
		return NULL;
	}
	reed_table_finish(&fresh);
	return fault;
}

struct reed_fault *reed_book_open(struct reed_book *book)
{
	struct reed_fault *fault;
	struct reed_buf text;
	int lock;

	reed_buf_init(&text, REED_ACCOUNT_FILE_MAX);
	fault = reload(book, &text);
	reed_buf_finish(&text);
	if (!fault || fault->err != REED_ENOENT)
		return fault;
	/* it will be made; but its folder is there? */
	if (reed_file_lock(book->path, &lock))
		return fault;
	reed_file_unlock(lock);
	reed_fault_free(fault);
	return NULL;
}

struct reed_fault *reed_book_refresh(struct reed_book *book)
{
	struct reed_file_stamp now;
	struct reed_fault *fault;
	struct reed_buf text;

	if (reed_file_look(book->path, &now) == REED_ENOENT && !book->loaded)
		return NULL;
	if (reed_file_same(&now, &book->seen))
		return NULL;
	reed_buf_init(&text, REED_ACCOUNT_FILE_MAX);
	fault = reload(book, &text);
	reed_buf_finish(&text);
	if (!fault)
		return NULL;
	book->seen = now;
	return reed_fault(fault->err, fault, "the accounts as they were stay in force");
}

/* What is on disk, not what was read some time ago, is what is changed. */
static enum reed_err edit_text(struct reed_book *book, const char *name, reed_book_edit *edit,
                               const void *what, struct reed_buf *fresh, struct reed_fault **fault)
{
	struct reed_buf text;
	enum reed_err err = REED_OK;

	reed_buf_init(&text, REED_ACCOUNT_FILE_MAX);
	*fault = reload(book, &text);
	if (*fault && (*fault)->err == REED_ENOENT && !book->loaded) {
		reed_fault_free(*fault);
		*fault = NULL;
	}
	if (*fault)
		*fault = reed_fault(REED_EIO, *fault, "the accounts cannot be changed");
	err = *fault ? REED_EIO : edit(&book->table, what);
	if (!err)
		reed_account_file_edit(reed_buf_slice(&text), name,
		                       reed_table_find(&book->table, name), fresh);
	reed_buf_finish(&text);
	return err;
}

static enum reed_err replace(struct reed_book *book, const struct reed_buf *fresh,
                             struct reed_fault **fault)
{
	enum reed_err err = fresh->err;

	if (!err)
		err = reed_file_replace(book->path, reed_buf_slice(fresh), &book->seen);
	if (!err) {
		book->loaded = true;
		return REED_OK;
	}
	/* the table is ahead of the file: read that again next time */
	book->seen = (struct reed_file_stamp){ 0 };
	if (!book->loaded)
		reed_table_finish(&book->table);
	*fault = reed_fault(err, NULL, "%s: not written: %s", book->path, reed_strerror(err));
	return err;
}

enum reed_err reed_book_change(struct reed_book *book, const char *name, reed_book_edit *edit,
                               const void *what, struct reed_fault **fault)
{
	struct reed_buf fresh;
	enum reed_err err;
	int lock;

	*fault = NULL;
	err = reed_file_lock(book->path, &lock);
	if (err) {
		*fault = reed_fault(err, NULL, "%s: its folder cannot be locked: %s", book->path,
		                    reed_strerror(err));
		return err;
	}
	reed_buf_init(&fresh, REED_ACCOUNT_FILE_MAX);
	err = edit_text(book, name, edit, what, &fresh, fault);
	if (!err)
		err = replace(book, &fresh, fault);
	reed_buf_finish(&fresh);
	reed_file_unlock(lock);
	return err;
}
