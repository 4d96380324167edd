/*
 * What is done when a file is opened: pragmas, checks, migrations.
 *
 * The version of each part is a row of reed_schema, as parts share a file.
 * The application id tells our files from those of other programs.
 */

#include "private.h"

#define APPLICATION_ID 0x52656564 /* "Reed" */
#define MILLISECONDS   5000
#define PAGE           4096

struct opening {
	struct reed_sqlite *db;
	struct reed_job *job;
};

static enum reed_err exec(struct opening *o, const char *sql)
{
	int code = sqlite3_exec(o->db->handle, sql, NULL, NULL, NULL);

	if (code == SQLITE_OK)
		return REED_OK;
	return reed_sqlite_blame(o->db, o->job, sqlite3_extended_errcode(o->db->handle));
}

static enum reed_err step(struct opening *o, sqlite3_stmt *s, bool *row)
{
	int code = sqlite3_step(s);

	*row = code == SQLITE_ROW;
	if (code == SQLITE_ROW || code == SQLITE_DONE)
		return REED_OK;
	return reed_sqlite_blame(o->db, o->job, sqlite3_extended_errcode(o->db->handle));
}

static enum reed_err prepare(struct opening *o, const char *sql, sqlite3_stmt **s)
{
	if (sqlite3_prepare_v2(o->db->handle, sql, -1, s, NULL) == SQLITE_OK)
		return REED_OK;
	return reed_sqlite_blame(o->db, o->job, sqlite3_extended_errcode(o->db->handle));
}

/* The first column of the first row; *value stays as it was without one. */
static enum reed_err number(struct opening *o, const char *sql, const char *parameter,
                            int64_t *value)
{
	sqlite3_stmt *s = NULL;
	bool row = false;
	enum reed_err err = prepare(o, sql, &s);

	if (!err && parameter)
		sqlite3_bind_text(s, 1, parameter, -1, SQLITE_STATIC);
	if (!err)
		err = step(o, s, &row);
	if (row)
		*value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return err;
}

/* ---- whose file, and is it well ---- */

static enum reed_err check_owner(struct opening *o)
{
	int64_t id = 0, objects = 0;
	enum reed_err err = number(o, "PRAGMA application_id", NULL, &id);

	if (!err)
		err = number(o, "SELECT count(*) FROM sqlite_master", NULL, &objects);
	if (err || id == APPLICATION_ID)
		return err;
	if (id != 0 || objects > 0)
		return reed_job_fail(o->job, REED_ENOTSUP,
		                     "%s is a database of another program: name another file",
		                     o->db->path);
	return REED_OK;
}

static enum reed_err check_health(struct opening *o)
{
	sqlite3_stmt *s = NULL;
	bool row = false;
	enum reed_err err = prepare(o, "PRAGMA quick_check(1)", &s);

	if (!err)
		err = step(o, s, &row);
	if (row && sqlite3_stricmp((const char *)sqlite3_column_text(s, 0), "ok") != 0)
		err = reed_job_fail(o->job, REED_ECORRUPT,
		                    "%s is damaged (%s): stop the server, copy the file away, "
		                    "then restore a backup, or save what can be read with "
		                    "\"sqlite3 %s .recover\"",
		                    o->db->path, (const char *)sqlite3_column_text(s, 0),
		                    o->db->path);
	sqlite3_finalize(s);
	return err;
}

static enum reed_err check_references(struct opening *o)
{
	sqlite3_stmt *s = NULL;
	bool row = false;
	enum reed_err err = prepare(o, "PRAGMA foreign_key_check", &s);

	if (!err)
		err = step(o, s, &row);
	if (row)
		err = reed_job_fail(o->job, REED_ECORRUPT,
		                    "%s: a row of %s refers to one of %s that is not there: "
		                    "restore a backup",
		                    o->db->path, (const char *)sqlite3_column_text(s, 0),
		                    (const char *)sqlite3_column_text(s, 2));
	sqlite3_finalize(s);
	return err;
}

/* ---- pragmas ---- */

static enum reed_err set_limits(struct opening *o)
{
	const struct reed_sqlite_options *options = &o->db->options;
	char sql[64];

	sqlite3_busy_timeout(o->db->handle,
	                     options->busy_ms ? (int)options->busy_ms : MILLISECONDS);
	if (options->bytes == 0)
		return REED_OK;
	snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %llu",
	         (unsigned long long)((options->bytes + PAGE - 1) / PAGE));
	return exec(o, sql);
}

/* A file system without shared memory keeps the old journal, which is as safe. */
static enum reed_err set_journal(struct opening *o)
{
	enum reed_err err = exec(o, "PRAGMA journal_mode = WAL");

	if (!err)
		err = exec(o, o->db->options.relaxed ? "PRAGMA synchronous = NORMAL"
		                                     : "PRAGMA synchronous = FULL");
	return err;
}

/* ---- migrations ---- */

static enum reed_err undo(struct opening *o, enum reed_err err)
{
	sqlite3_exec(o->db->handle, "ROLLBACK", NULL, NULL, NULL);
	return err;
}

static enum reed_err set_version(struct opening *o, const char *part, int64_t version)
{
	sqlite3_stmt *s = NULL;
	bool row;
	enum reed_err err = prepare(o, "INSERT OR REPLACE INTO reed_schema VALUES (?, ?)", &s);

	if (!err) {
		sqlite3_bind_text(s, 1, part, -1, SQLITE_STATIC);
		sqlite3_bind_int64(s, 2, version);
		err = step(o, s, &row);
	}
	sqlite3_finalize(s);
	return err;
}

static enum reed_err version_of(struct opening *o, const char *part, int64_t *version)
{
	*version = 0;
	return number(o, "SELECT version FROM reed_schema WHERE part = ?", part, version);
}

/* Asks for the version again: another process may have been faster. */
static enum reed_err migrate_one(struct opening *o, const struct reed_sqlite_schema *schema,
                                 int64_t to)
{
	int64_t version;
	enum reed_err err = exec(o, "BEGIN IMMEDIATE");

	if (err)
		return err;
	err = version_of(o, schema->part, &version);
	if (!err && version < to) {
		err = exec(o, schema->migrations[to - 1]);
		if (!err)
			err = set_version(o, schema->part, to);
	}
	if (!err)
		err = exec(o, "COMMIT");
	return err ? undo(o, err) : REED_OK;
}

static enum reed_err migrate(struct opening *o, const struct reed_sqlite_schema *schema)
{
	int64_t version = 0, newest = 0;
	enum reed_err err = version_of(o, schema->part, &version);

	while (schema->migrations[newest])
		newest++;
	if (!err && version > newest)
		return reed_job_fail(o->job, REED_ENOTSUP,
		                     "%s was written by a newer program (%s has schema %lld, this "
		                     "one knows %lld): install that one, or restore a backup",
		                     o->db->path, schema->part, (long long)version,
		                     (long long)newest);
	if (err || version == newest)
		return err;
	for (; !err && version < newest; version++)
		err = migrate_one(o, schema, version + 1);
	return err ? err : check_references(o);
}

static enum reed_err make_ours(struct opening *o)
{
	char sql[64];
	int64_t id = 0;
	enum reed_err err = number(o, "PRAGMA application_id", NULL, &id);

	if (err || id == APPLICATION_ID)
		return err;
	err = exec(o, "CREATE TABLE IF NOT EXISTS reed_schema "
	              "(part TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID");
	snprintf(sql, sizeof(sql), "PRAGMA application_id = %d", APPLICATION_ID);
	return err ? err : exec(o, sql);
}

/* Foreign keys come last: a migration may rebuild tables that are referred to. */
enum reed_err reed_sqlite_prepare(struct reed_sqlite *db, struct reed_job *job,
                                  const struct reed_sqlite_schema *schema)
{
	struct opening o = { db, job };
	enum reed_err err = set_limits(&o);

	if (!err)
		err = check_owner(&o);
	if (!err && db->options.check)
		err = check_health(&o);
	if (!err)
		err = set_journal(&o);
	if (!err)
		err = make_ours(&o);
	if (!err)
		err = migrate(&o, schema);
	if (!err)
		err = exec(&o, "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF");
	return err;
}
