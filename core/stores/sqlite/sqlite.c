/* Opening and closing: the connection lives in the lane. */

#include "private.h"

#include <string.h>

#include "reed/alloc.h"

enum { JOBS = 4096 };

static void db_free(struct reed_sqlite *db)
{
	reed_free(db->path);
	reed_free(db);
}

void reed_sqlite_shut(struct reed_sqlite *db)
{
	for (int i = 0; i < db->statement_count; i++)
		sqlite3_finalize(db->statements[i].stmt);
	db->statement_count = 0;
	sqlite3_close(db->handle);
	db->handle = NULL;
}

/* ---- open ---- */

struct open {
	struct reed_job job;
	struct reed_sqlite *db; /* NULL once delivered */
	const struct reed_sqlite_schema *schema;
	struct reed_sqlite **out;
};

static enum reed_err open_file(struct reed_sqlite *db, struct reed_job *job)
{
	enum reed_err err = REED_OK;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	int code;

	if (strcmp(db->path, ":memory:") != 0)
		err = reed_os_make_private_file(db->path);
	if (err)
		return reed_job_fail(job, err, "%s: %s", db->path, reed_strerror(err));
	code = sqlite3_open_v2(db->path, &db->handle, flags, NULL);
	if (code != SQLITE_OK)
		return reed_sqlite_blame(db, job, code);
	sqlite3_extended_result_codes(db->handle, 1);
	return REED_OK;
}

static enum reed_err open_run(struct reed_job *job)
{
	struct open *self = reed_job_frame(job, struct open);
	enum reed_err err = open_file(self->db, job);

	if (!err)
		err = reed_sqlite_prepare(self->db, job, self->schema);
	if (err)
		reed_sqlite_shut(self->db);
	return err;
}

static void open_deliver(struct reed_job *job)
{
	struct open *self = reed_job_frame(job, struct open);

	*self->out = self->db;
	self->db = NULL;
}

/* Nobody else has heard of this database, so its thread is not in it. */
static void open_end(struct reed_job *job)
{
	struct open *self = reed_job_frame(job, struct open);

	if (!self->db)
		return;
	reed_sqlite_shut(self->db);
	reed_lane_close(self->db->lane);
	db_free(self->db);
}

static const struct reed_job_kind open_kind = {
	.name = "open a database",
	.size = sizeof(struct open),
	.run = open_run,
	.deliver = open_deliver,
	.end = open_end,
};

struct reed_future *reed_sqlite_open(struct reed_loop *loop, const char *path,
                                     const struct reed_sqlite_schema *schema,
                                     const struct reed_sqlite_options *options,
                                     struct reed_sqlite **out)
{
	struct open *self = reed_job_new(loop, &open_kind);
	struct reed_sqlite *db = reed_alloc(sizeof(*db));

	if (options)
		memcpy(&db->options, options,
		       options->size < sizeof(*options) ? options->size : sizeof(*options));
	db->loop = loop;
	db->path = reed_strdup(path);
	db->lane = reed_lane_new(loop, "reed-sqlite", db->options.jobs ? db->options.jobs : JOBS);
	self->db = db;
	self->schema = schema;
	self->out = out;
	return reed_lane_run(db->lane, &self->job);
}

/* ---- close ---- */

struct closing {
	struct reed_job job;
	struct reed_sqlite *db;
};

static enum reed_err close_run(struct reed_job *job)
{
	reed_sqlite_shut(reed_job_frame(job, struct closing)->db);
	return REED_OK;
}

static void close_end(struct reed_job *job)
{
	db_free(reed_job_frame(job, struct closing)->db);
}

static const struct reed_job_kind close_kind = {
	.name = "close a database",
	.size = sizeof(struct closing),
	.run = close_run,
	.end = close_end,
	.always = true,
};

struct reed_future *reed_sqlite_close(struct reed_sqlite *db)
{
	struct closing *self = reed_job_new(db->loop, &close_kind);

	self->db = db;
	return reed_lane_close_with(db->lane, &self->job);
}

struct reed_future *reed_sqlite_run_job(struct reed_sqlite *db, struct reed_job *job)
{
	return reed_lane_run(db->lane, job);
}

struct reed_loop *reed_sqlite_loop(const struct reed_sqlite *db)
{
	return db->loop;
}
