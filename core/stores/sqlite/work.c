/* What a job does with a database: transactions, statements, rows. */

#include "private.h"

#include <string.h>

static void blame(struct reed_sqlite_work *w)
{
	if (!w->err)
		w->err = reed_sqlite_blame(w->db, w->job, sqlite3_extended_errcode(w->db->handle));
}

void reed_sqlite_fail(struct reed_sqlite_work *w, enum reed_err err, const char *format, ...)
{
	char sentence[512];
	va_list args;

	if (w->err)
		return;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	w->err = reed_job_fail(w->job, err, "%s: %s", w->db->path, sentence);
}

/* ---- transactions ---- */

static struct reed_sqlite_work begin(struct reed_sqlite *db, struct reed_job *job, bool writing)
{
	struct reed_sqlite_work w = { .db = db, .job = job, .writing = writing };

	reed_sqlite_run(&w, reed_sqlite_sql(&w, writing ? "BEGIN IMMEDIATE" : "BEGIN"));
	return w;
}

struct reed_sqlite_work reed_sqlite_begin(struct reed_sqlite *db, struct reed_job *job)
{
	return begin(db, job, true);
}

struct reed_sqlite_work reed_sqlite_read(struct reed_sqlite *db, struct reed_job *job)
{
	return begin(db, job, false);
}

/* A cursor left open would keep the transaction, and a commit would fail. */
static void reset_all(struct reed_sqlite *db)
{
	for (int i = 0; i < db->statement_count; i++)
		sqlite3_reset(db->statements[i].stmt);
}

/* SQLite itself has rolled back after some errors, such as a full disk. */
enum reed_err reed_sqlite_end(struct reed_sqlite_work *w)
{
	reset_all(w->db);
	if (!w->err)
		reed_sqlite_run(w, reed_sqlite_sql(w, "COMMIT"));
	if (w->err && !sqlite3_get_autocommit(w->db->handle))
		sqlite3_exec(w->db->handle, "ROLLBACK", NULL, NULL, NULL);
	return w->err;
}

/* ---- statements ---- */

static struct reed_sqlite_statement *find(struct reed_sqlite *db, const char *sql)
{
	for (int i = 0; i < db->statement_count; i++)
		if (db->statements[i].sql == sql || strcmp(db->statements[i].sql, sql) == 0)
			return &db->statements[i];
	return NULL;
}

/* A statement in use must stay, so the cache only grows: it is for literals. */
static struct reed_sqlite_statement *compile(struct reed_sqlite_work *w, const char *sql)
{
	struct reed_sqlite *db = w->db;
	struct reed_sqlite_statement *cached = &db->statements[db->statement_count];
	sqlite3_stmt *s = NULL;

	if (db->statement_count == REED_SQLITE_STATEMENTS) {
		reed_sqlite_fail(w, REED_ETOOBIG, "more than %d different statements",
		                 REED_SQLITE_STATEMENTS);
		return NULL;
	}
	if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL)) {
		blame(w);
		return NULL;
	}
	db->statement_count++;
	*cached = (struct reed_sqlite_statement){ sql, s };
	return cached;
}

struct sqlite3_stmt *reed_sqlite_sql(struct reed_sqlite_work *w, const char *sql)
{
	struct reed_sqlite_statement *cached = w->err ? NULL : find(w->db, sql);

	if (!w->err && !cached)
		cached = compile(w, sql);
	if (!cached)
		return NULL;
	sqlite3_reset(cached->stmt);
	sqlite3_clear_bindings(cached->stmt);
	return cached->stmt;
}

void reed_sqlite_bind_text(struct sqlite3_stmt *s, int i, struct reed_slice text)
{
	if (s)
		sqlite3_bind_text64(s, i, text.p ? text.p : "", text.n, SQLITE_STATIC, SQLITE_UTF8);
}

void reed_sqlite_bind_blob(struct sqlite3_stmt *s, int i, struct reed_slice bytes)
{
	if (s)
		sqlite3_bind_blob64(s, i, bytes.p ? bytes.p : "", bytes.n, SQLITE_STATIC);
}

void reed_sqlite_bind_int(struct sqlite3_stmt *s, int i, int64_t value)
{
	if (s)
		sqlite3_bind_int64(s, i, value);
}

void reed_sqlite_bind_null(struct sqlite3_stmt *s, int i)
{
	if (s)
		sqlite3_bind_null(s, i);
}

bool reed_sqlite_row(struct reed_sqlite_work *w, struct sqlite3_stmt *s)
{
	int code = w->err || !s ? SQLITE_DONE : sqlite3_step(s);

	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		blame(w);
	if (s)
		sqlite3_reset(s);
	return false;
}

void reed_sqlite_run(struct reed_sqlite_work *w, struct sqlite3_stmt *s)
{
	while (reed_sqlite_row(w, s))
		continue;
}

struct reed_slice reed_sqlite_text(struct sqlite3_stmt *s, int i)
{
	const void *p = sqlite3_column_blob(s, i);

	return reed_slice(p ? p : "", (size_t)sqlite3_column_bytes(s, i));
}

int64_t reed_sqlite_int(struct sqlite3_stmt *s, int i)
{
	return sqlite3_column_int64(s, i);
}

bool reed_sqlite_is_null(struct sqlite3_stmt *s, int i)
{
	return sqlite3_column_type(s, i) == SQLITE_NULL;
}

int64_t reed_sqlite_changes(const struct reed_sqlite_work *w)
{
	return sqlite3_changes64(w->db->handle);
}

int64_t reed_sqlite_rowid(const struct reed_sqlite_work *w)
{
	return sqlite3_last_insert_rowid(w->db->handle);
}
