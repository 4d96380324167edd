/* What the files of this library share.  All of it runs in the database's thread. */

#ifndef REED_SQLITE_PRIVATE_H
#define REED_SQLITE_PRIVATE_H

#include <sqlite3.h>

#include "reed/sqlite.h"

enum { REED_SQLITE_STATEMENTS = 96 };

struct reed_sqlite_statement {
	const char *sql;
	sqlite3_stmt *stmt;
};

struct reed_sqlite {
	struct reed_loop *loop;
	struct reed_lane *lane;
	char *path;
	struct reed_sqlite_options options;
	sqlite3 *handle;
	struct reed_sqlite_statement statements[REED_SQLITE_STATEMENTS];
	int statement_count;
};

/* What SQLite objected to last, with a sentence in the job. */
enum reed_err reed_sqlite_blame(struct reed_sqlite *db, struct reed_job *job, int code);

/* Settings that hold for the connection, the schema, and what is to be checked. */
enum reed_err reed_sqlite_prepare(struct reed_sqlite *db, struct reed_job *job,
                                  const struct reed_sqlite_schema *schema);

/* Makes an empty file that nobody else may read; REED_OK when there is one already. */
enum reed_err reed_os_make_private_file(const char *path);

void reed_sqlite_shut(struct reed_sqlite *db);

#endif
