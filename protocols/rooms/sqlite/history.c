/* Taking back and forgetting, and what makes it a history. */

#include "private.h"

#include "reed/alloc.h"

struct removing {
	struct reed_job job;
	struct reed_sqlite *db;
	struct reed_pool pool;
	struct reed_slice where, id;
	bool all; /* of the conversation, not one message */
};

static void redact(struct reed_sqlite_work *w, const struct removing *self)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(
		w, "UPDATE message SET text = '', tags = x'', flags = flags | ?4"
		   " WHERE talk = (SELECT n FROM talk WHERE name = ?1)"
		   " AND (id = ?2 OR (ref = ?2 AND ref <> '' AND kind = ?3))"
		   " AND EXISTS (SELECT 1 FROM message AS m WHERE m.talk = message.talk"
		   " AND m.id = ?2)");

	reed_sqlite_bind_text(s, 1, self->where);
	reed_sqlite_bind_text(s, 2, self->id);
	reed_sqlite_bind_int(s, 3, REED_EVENT_EDIT);
	reed_sqlite_bind_int(s, 4, REED_MESSAGE_REDACTED);
	reed_sqlite_run(w, s);
	if (!w->err && reed_sqlite_changes(w) == 0)
		reed_sqlite_fail(w, REED_ENOENT, "no message " REED_FMT, REED_ARG(self->id));
}

static void forget(struct reed_sqlite_work *w, const struct removing *self)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(w, "DELETE FROM talk WHERE name = ?");

	reed_sqlite_bind_text(s, 1, self->where);
	reed_sqlite_run(w, s);
}

static enum reed_err removing_run(struct reed_job *job)
{
	struct removing *self = reed_job_frame(job, struct removing);
	struct reed_sqlite_work w = reed_sqlite_begin(self->db, job);

	if (self->all)
		forget(&w, self);
	else
		redact(&w, self);
	return reed_sqlite_end(&w);
}

static void removing_end(struct reed_job *job)
{
	reed_pool_finish(&reed_job_frame(job, struct removing)->pool);
}

static const struct reed_job_kind removing_kind = {
	.name = "remove messages",
	.size = sizeof(struct removing),
	.run = removing_run,
	.end = removing_end,
};

static struct reed_future *start(struct reed_history *h, struct reed_slice where,
                                 struct reed_slice id, bool all)
{
	struct removing *self = reed_job_new(of_history(h)->loop, &removing_kind);

	self->db = of_history(h)->db;
	self->where = reed_pool_copy(&self->pool, where);
	self->id = reed_pool_copy(&self->pool, id);
	self->all = all;
	reed_rooms_sqlite_hurry(of_history(h));
	return reed_sqlite_run_job(self->db, &self->job);
}

static struct reed_future *history_redact(struct reed_history *h, struct reed_slice where,
                                          struct reed_slice id)
{
	return start(h, where, id, false);
}

static struct reed_future *history_forget(struct reed_history *h, struct reed_slice where)
{
	return start(h, where, reed_slice_of(NULL), true);
}

/* See reed_rooms_sqlite_close(). */
static void history_free(struct reed_history *h)
{
	(void)h;
}

const struct reed_history_ops reed_rooms_sqlite_history_ops = {
	.name = "sqlite",
	.append = reed_rooms_sqlite_append,
	.query = reed_rooms_sqlite_query,
	.redact = history_redact,
	.forget = history_forget,
	.talks = reed_rooms_sqlite_talks,
	.flush = reed_rooms_sqlite_flush,
	.free = history_free,
};
