/*
 * SQLite: a database file with a lane of its own, a versioned schema, and what
 * a job needs to work with it.
 *
 * The loop's thread never calls SQLite.  Work is a job (offload.h) given to
 * the database, whose run() gets a struct reed_sqlite_work: everything done
 * through it goes through one check at the end, because after the first
 * failure the rest does nothing.
 *
 *	static enum reed_err rename_run(struct reed_job *job)
 *	{
 *		struct rename *self = reed_job_frame(job, struct rename);
 *		struct reed_sqlite_work w = reed_sqlite_begin(self->db, job);
 *		struct sqlite3_stmt *s = reed_sqlite_sql(&w, "UPDATE pet SET name = ? WHERE id = ?");
 *
 *		reed_sqlite_bind_text(s, 1, self->name);
 *		reed_sqlite_bind_int(s, 2, self->id);
 *		reed_sqlite_run(&w, s);
 *		return reed_sqlite_end(&w);
 *	}
 *
 * Files are made with mode 0600, in WAL mode, and every transaction that has
 * ended well survives a crash of the machine (synchronous = FULL) unless the
 * options are relaxed.
 *
 * Errors: REED_ECORRUPT with a sentence that says what to do, REED_ENOSPC when
 * the disk is full (nothing has changed then), REED_EBUSY when another process
 * writes for longer than busy_ms, REED_EEXIST when something unique is there
 * already, REED_ENOTSUP for a file of a newer program, REED_EIO and those of
 * opening files.
 */

#ifndef REED_SQLITE_H
#define REED_SQLITE_H

#include "reed/offload.h"
#include "reed/slice.h"

REED_BEGIN_DECLS

struct reed_sqlite;
struct sqlite3;
struct sqlite3_stmt;

/*
 * One part of a program, which may share its file with others.  migrations[n]
 * is the SQL that makes schema n + 1 of schema n (0 is nothing); NULL ends it.
 * Once released a migration is never changed.  Each runs in a transaction of
 * its own, without checks of foreign keys, which are made when all have run.
 */
struct reed_sqlite_schema {
	const char *part; /* "rooms" */
	const char *const *migrations;
};

struct reed_sqlite_options {
	size_t size;      /* of this struct */
	bool check;       /* look for damage first: reads all of the file */
	bool relaxed;     /* synchronous = NORMAL: a crash may lose what came last */
	uint32_t busy_ms; /* 0: 5000 */
	uint64_t bytes;   /* the file grows no larger: REED_ENOSPC; 0: no limit */
	size_t jobs;      /* that wait at once; 0: 4096 */
};

#define REED_SQLITE_OPTIONS                                \
	{                                                  \
		.size = sizeof(struct reed_sqlite_options) \
	}

/* Opens or makes the file and brings its schema up to date.  options may be NULL. */
REED_API struct reed_future *reed_sqlite_open(struct reed_loop *loop, const char *path,
                                              const struct reed_sqlite_schema *schema,
                                              const struct reed_sqlite_options *options,
                                              struct reed_sqlite **db);

/* Settles when what was given to it is done and the file is closed.  Not for NULL. */
REED_API struct reed_future *reed_sqlite_close(struct reed_sqlite *db);

/* The job runs when those given before have. */
REED_API struct reed_future *reed_sqlite_run_job(struct reed_sqlite *db, struct reed_job *job);

REED_API struct reed_loop *reed_sqlite_loop(const struct reed_sqlite *db);

/* ---- in run(), in the database's thread ---- */

struct reed_sqlite_work {
	struct reed_sqlite *db;
	struct reed_job *job;
	enum reed_err err; /* the first; with a sentence in the job */
	bool writing;
};

/* Begins a transaction that will write, or one that only reads. */
REED_API struct reed_sqlite_work reed_sqlite_begin(struct reed_sqlite *db, struct reed_job *job);
REED_API struct reed_sqlite_work reed_sqlite_read(struct reed_sqlite *db, struct reed_job *job);

/* Commits, or undoes everything when something failed; returns what did. */
REED_API enum reed_err reed_sqlite_end(struct reed_sqlite_work *w);

/* For what SQLite does not object to: sets err and the sentence, unless one is set. */
REED_API void reed_sqlite_fail(struct reed_sqlite_work *w, enum reed_err err, const char *format,
                               ...) REED_PRINTF(3, 4);

/*
 * A statement, kept for the next time, reset and unbound.  sql is a literal.
 * NULL after a failure, which the functions below accept.
 */
REED_API struct sqlite3_stmt *reed_sqlite_sql(struct reed_sqlite_work *w, const char *sql);

/* Parameters from 1 on.  The bytes must stay until the statement is run. */
REED_API void reed_sqlite_bind_text(struct sqlite3_stmt *s, int i, struct reed_slice text);
REED_API void reed_sqlite_bind_blob(struct sqlite3_stmt *s, int i, struct reed_slice bytes);
REED_API void reed_sqlite_bind_int(struct sqlite3_stmt *s, int i, int64_t value);
REED_API void reed_sqlite_bind_null(struct sqlite3_stmt *s, int i);

/* Steps until done. */
REED_API void reed_sqlite_run(struct reed_sqlite_work *w, struct sqlite3_stmt *s);

/* The next row; false when there is none, or after a failure. */
REED_API bool reed_sqlite_row(struct reed_sqlite_work *w, struct sqlite3_stmt *s);

/* Columns from 0 on.  Good until the next row; NULL is empty and 0. */
REED_API struct reed_slice reed_sqlite_text(struct sqlite3_stmt *s, int i);
REED_API int64_t reed_sqlite_int(struct sqlite3_stmt *s, int i);
REED_API bool reed_sqlite_is_null(struct sqlite3_stmt *s, int i);

/* Rows changed by the last statement; the rowid of the last row inserted. */
REED_API int64_t reed_sqlite_changes(const struct reed_sqlite_work *w);
REED_API int64_t reed_sqlite_rowid(const struct reed_sqlite_work *w);

REED_END_DECLS

#endif
