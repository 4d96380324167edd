/* The store of sessions in a database. */

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/random.h"
#include "reed/session-sqlite.h"
#include "reed/sqlite.h"

enum { SWEEP_EVERY = 256 };

/* Once released, none of these is changed. */
static const char *const migrations[] = {
	"CREATE TABLE session ("
	"  id BLOB PRIMARY KEY," /* SHA-256 of what the browser has */
	"  account TEXT NOT NULL,"
	"  made INTEGER NOT NULL," /* ns since 1970, as used and expires */
	"  used INTEGER NOT NULL,"
	"  expires INTEGER NOT NULL,"
	"  secret BLOB NOT NULL,"
	"  data BLOB NOT NULL"
	") WITHOUT ROWID;"
	"CREATE INDEX session_of ON session (account) WHERE account <> '';"
	"CREATE INDEX session_expires ON session (expires);",
	NULL,
};

static const struct reed_sqlite_schema schema = { "sessions", migrations };

struct disk {
	struct reed_web_session_store store;
	struct reed_sqlite *db;
	unsigned saves;
	bool tells; /* of what is over: it stays until it is taken */
};

struct errand {
	struct reed_job job;
	struct reed_sqlite *db;
	uint8_t id[REED_WEB_SESSION_ID], *id_out;
	struct reed_web_session_row row, *out;
	int64_t now; /* what is over by then goes; 0: not now */
};

static struct errand *errand_of(struct reed_job *job)
{
	return reed_job_frame(job, struct errand);
}

static struct reed_slice id_of(const struct errand *self)
{
	return reed_slice(self->id, sizeof(self->id));
}

static void errand_end(struct reed_job *job)
{
	reed_wipe(&errand_of(job)->row, sizeof(struct reed_web_session_row));
}

static struct errand *errand(struct reed_web_session_store *store, const struct reed_job_kind *kind,
                             const uint8_t *id)
{
	struct disk *disk = reed_container_of(store, struct disk, store);
	struct errand *self = reed_job_new(reed_sqlite_loop(disk->db), kind);

	self->db = disk->db;
	if (id)
		memcpy(self->id, id, sizeof(self->id));
	return self;
}

/* ---- load ---- */

static void take_row(struct reed_sqlite_work *w, struct sqlite3_stmt *s,
                     struct reed_web_session_row *row)
{
	struct reed_slice secret = reed_sqlite_text(s, 4), data = reed_sqlite_text(s, 5);

	if (secret.n != sizeof(row->secret) || data.n > sizeof(row->data)) {
		reed_sqlite_fail(w, REED_ECORRUPT, "a session is none");
		return;
	}
	reed_slice_copy(row->account, sizeof(row->account), reed_sqlite_text(s, 0));
	row->made = reed_sqlite_int(s, 1);
	row->used = reed_sqlite_int(s, 2);
	row->expires = reed_sqlite_int(s, 3);
	memcpy(row->secret, secret.p, secret.n);
	row->data_n = (uint32_t)data.n;
	if (data.n > 0)
		memcpy(row->data, data.p, data.n);
}

static enum reed_err load_run(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	struct reed_sqlite_work w = reed_sqlite_read(self->db, job);
	struct sqlite3_stmt *s = reed_sqlite_sql(
		&w, "SELECT account, made, used, expires, secret, data FROM session WHERE id = ?");
	bool found;

	reed_sqlite_bind_blob(s, 1, id_of(self));
	found = reed_sqlite_row(&w, s);
	if (found)
		take_row(&w, s, &self->row);
	else
		reed_sqlite_fail(&w, REED_ENOENT, "there is no such session");
	return reed_sqlite_end(&w);
}

static void load_deliver(struct reed_job *job)
{
	struct errand *self = errand_of(job);

	*self->out = self->row;
}

static const struct reed_job_kind load_kind = {
	.name = "load a session",
	.size = sizeof(struct errand),
	.run = load_run,
	.deliver = load_deliver,
	.end = errand_end,
};

static struct reed_future *load(struct reed_web_session_store *store,
                                const uint8_t id[REED_WEB_SESSION_ID],
                                struct reed_web_session_row *row)
{
	struct errand *self = errand(store, &load_kind, id);

	self->out = row;
	return reed_sqlite_run_job(self->db, &self->job);
}

/* ---- save ---- */

static void sweep(struct reed_sqlite_work *w, int64_t now)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(w, "DELETE FROM session WHERE expires < ?");

	reed_sqlite_bind_int(s, 1, now);
	reed_sqlite_run(w, s);
}

static enum reed_err save_run(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	const struct reed_web_session_row *row = &self->row;
	struct reed_sqlite_work w = reed_sqlite_begin(self->db, job);
	struct sqlite3_stmt *s;

	if (self->now)
		sweep(&w, self->now);
	s = reed_sqlite_sql(&w, "INSERT OR REPLACE INTO session"
	                        " (id, account, made, used, expires, secret, data)"
	                        " VALUES (?, ?, ?, ?, ?, ?, ?)");
	reed_sqlite_bind_blob(s, 1, id_of(self));
	reed_sqlite_bind_text(s, 2, reed_slice_of(row->account));
	reed_sqlite_bind_int(s, 3, row->made);
	reed_sqlite_bind_int(s, 4, row->used);
	reed_sqlite_bind_int(s, 5, row->expires);
	reed_sqlite_bind_blob(s, 6, reed_slice(row->secret, sizeof(row->secret)));
	reed_sqlite_bind_blob(s, 7, reed_slice(row->data, row->data_n));
	reed_sqlite_run(&w, s);
	return reed_sqlite_end(&w);
}

static const struct reed_job_kind save_kind = {
	.name = "save a session",
	.size = sizeof(struct errand),
	.run = save_run,
	.end = errand_end,
	.always = true,
};

static struct reed_future *save(struct reed_web_session_store *store,
                                const uint8_t id[REED_WEB_SESSION_ID],
                                const struct reed_web_session_row *row)
{
	struct disk *disk = reed_container_of(store, struct disk, store);
	struct errand *self = errand(store, &save_kind, id);

	self->row = *row;
	if (!disk->tells && disk->saves++ % SWEEP_EVERY == 0)
		self->now = reed_wall(reed_sqlite_loop(disk->db));
	return reed_sqlite_run_job(self->db, &self->job);
}

/* ---- remove ---- */

static void remove_it(struct reed_sqlite_work *w, const struct errand *self)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(w, "DELETE FROM session WHERE id = ?");

	reed_sqlite_bind_blob(s, 1, id_of(self));
	reed_sqlite_run(w, s);
}

static enum reed_err remove_run(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	struct reed_sqlite_work w = reed_sqlite_begin(self->db, job);

	remove_it(&w, self);
	return reed_sqlite_end(&w);
}

static enum reed_err forget_run(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	struct reed_sqlite_work w = reed_sqlite_begin(self->db, job);
	struct sqlite3_stmt *s =
		reed_sqlite_sql(&w, "DELETE FROM session WHERE account = ? AND account <> ''");

	reed_sqlite_bind_text(s, 1, reed_slice_of(self->row.account));
	reed_sqlite_run(&w, s);
	return reed_sqlite_end(&w);
}

static const struct reed_job_kind remove_kind = {
	.name = "remove a session",
	.size = sizeof(struct errand),
	.run = remove_run,
	.end = errand_end,
	.always = true,
};

static const struct reed_job_kind forget_kind = {
	.name = "forget an account's sessions",
	.size = sizeof(struct errand),
	.run = forget_run,
	.end = errand_end,
	.always = true,
};

static struct reed_future *forget_one(struct reed_web_session_store *store,
                                      const uint8_t id[REED_WEB_SESSION_ID])
{
	struct errand *self = errand(store, &remove_kind, id);

	return reed_sqlite_run_job(self->db, &self->job);
}

static struct reed_future *forget_account(struct reed_web_session_store *store, const char *account)
{
	struct errand *self = errand(store, &forget_kind, NULL);

	snprintf(self->row.account, sizeof(self->row.account), "%s", account);
	return reed_sqlite_run_job(self->db, &self->job);
}

/* ---- what is over ---- */

static enum reed_err take_run(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	struct reed_sqlite_work w = reed_sqlite_begin(self->db, job);
	struct sqlite3_stmt *s =
		reed_sqlite_sql(&w, "SELECT account, made, used, expires, secret, data, id"
	                            " FROM session WHERE expires <= ? ORDER BY expires LIMIT 1");
	struct reed_slice id;

	reed_sqlite_bind_int(s, 1, self->now);
	if (!reed_sqlite_row(&w, s)) {
		reed_sqlite_fail(&w, REED_ENOENT, "no session is over");
		return reed_sqlite_end(&w);
	}
	take_row(&w, s, &self->row);
	id = reed_sqlite_text(s, 6);
	memcpy(self->id, id.p, id.n < sizeof(self->id) ? id.n : sizeof(self->id));
	remove_it(&w, self);
	return reed_sqlite_end(&w);
}

static void take_deliver(struct reed_job *job)
{
	struct errand *self = errand_of(job);

	memcpy(self->id_out, self->id, sizeof(self->id));
	*self->out = self->row;
}

static const struct reed_job_kind take_kind = {
	.name = "take a session that is over",
	.size = sizeof(struct errand),
	.run = take_run,
	.deliver = take_deliver,
	.end = errand_end,
};

static struct reed_future *take_expired(struct reed_web_session_store *store, int64_t now,
                                        uint8_t id[REED_WEB_SESSION_ID],
                                        struct reed_web_session_row *row)
{
	struct errand *self = errand(store, &take_kind, NULL);

	reed_container_of(store, struct disk, store)->tells = true;
	self->now = now;
	self->id_out = id;
	self->out = row;
	return reed_sqlite_run_job(self->db, &self->job);
}

/* ---- open and close ---- */

static void disk_free(struct reed_web_session_store *store)
{
	struct disk *disk = reed_container_of(store, struct disk, store);

	reed_background(reed_sqlite_close(disk->db), NULL, NULL);
	reed_free(disk);
}

static const struct reed_web_session_store_ops disk_ops = {
	.load = load,
	.save = save,
	.remove = forget_one,
	.forget = forget_account,
	.free = disk_free,
	.take_expired = take_expired,
};

struct opening {
	struct reed_co co;
	char *path;
	struct reed_sqlite *db; /* until it is delivered */
	struct reed_web_session_store **out;
};

static void opening_run(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);
	struct reed_sqlite_options options = REED_SQLITE_OPTIONS;

	options.relaxed = true; /* a crash of the machine costs somebody a login */
	reed_coroutine (co) {
		reed_try(co, reed_sqlite_open(co->loop, self->path, &schema, &options, &self->db));
	}
}

static void opening_deliver(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);
	struct disk *disk = reed_alloc(sizeof(*disk));

	disk->store.ops = &disk_ops;
	disk->db = self->db;
	self->db = NULL;
	*self->out = &disk->store;
}

static void opening_end(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);

	if (self->db)
		reed_background(reed_sqlite_close(self->db), NULL, NULL);
	reed_free(self->path);
}

static const struct reed_co_kind opening_kind = { "open sessions", sizeof(struct opening),
	                                          opening_run, opening_deliver, opening_end };

struct reed_future *reed_web_session_sqlite_open(struct reed_loop *loop, const char *path,
                                                 struct reed_web_session_store **store)
{
	struct opening *self = reed_co_new(loop, &opening_kind);

	self->path = reed_strdup(path);
	self->out = store;
	return reed_start(&self->co);
}
