/* Everything at once, in one transaction. */

#include "private.h"

#include "reed/alloc.h"

struct loading {
	struct reed_job job;
	struct reed_sqlite *db;
	struct reed_rooms_snapshot found, *out;
};

/* Rows are counted first, so that each kind is one array. */
static size_t count(struct reed_sqlite_work *w, const char *sql, struct reed_slice of)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(w, sql);
	size_t n = 0;

	if (of.n)
		reed_sqlite_bind_text(s, 1, of);
	if (reed_sqlite_row(w, s))
		n = (size_t)reed_sqlite_int(s, 0);
	return n;
}

static void *some(struct reed_pool *pool, size_t n, size_t size)
{
	return reed_pool_alloc(pool, n ? n * size : 1);
}

static struct sqlite3_stmt *of(struct reed_sqlite_work *w, const char *sql, struct reed_slice id)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(w, sql);

	reed_sqlite_bind_text(s, 1, id);
	return s;
}

static struct reed_slice text(struct reed_pool *pool, struct sqlite3_stmt *s, int i)
{
	return reed_pool_copy(pool, reed_sqlite_text(s, i));
}

/* ---- parts ---- */

static struct reed_mask_record *load_masks(struct reed_sqlite_work *w, struct reed_pool *pool,
                                           struct sqlite3_stmt *s, size_t n, size_t *count_out)
{
	struct reed_mask_record *masks = some(pool, n, sizeof(*masks));

	while (*count_out < n && reed_sqlite_row(w, s)) {
		struct reed_mask_record *m = &masks[(*count_out)++];

		m->mask = text(pool, s, 0);
		m->by = text(pool, s, 1);
		m->at = reed_sqlite_int(s, 2);
		m->list = (unsigned)reed_sqlite_int(s, 3);
	}
	return masks;
}

static struct reed_value_record *load_values(struct reed_sqlite_work *w, struct reed_pool *pool,
                                             struct sqlite3_stmt *s, size_t n, size_t *count_out)
{
	struct reed_value_record *values = some(pool, n, sizeof(*values));

	while (*count_out < n && reed_sqlite_row(w, s)) {
		struct reed_value_record *v = &values[(*count_out)++];

		v->key = text(pool, s, 0);
		v->text = text(pool, s, 1);
	}
	return values;
}

static void load_roles(struct reed_sqlite_work *w, struct reed_pool *pool,
                       struct reed_room_record *r)
{
	size_t n = count(w, "SELECT count(*) FROM room_role WHERE room = ?", r->id);
	struct sqlite3_stmt *s =
		of(w, "SELECT account, roles FROM room_role WHERE room = ? ORDER BY n", r->id);

	r->roles = some(pool, n, sizeof(*r->roles));
	while (r->role_count < n && reed_sqlite_row(w, s)) {
		r->roles[r->role_count].account = text(pool, s, 0);
		r->roles[r->role_count++].roles = (unsigned)reed_sqlite_int(s, 1);
	}
}

static void load_nicks(struct reed_sqlite_work *w, struct reed_pool *pool,
                       struct reed_account_record *r)
{
	size_t n = count(w, "SELECT count(*) FROM account_nick WHERE account = ?", r->id);
	struct sqlite3_stmt *s =
		of(w, "SELECT nick FROM account_nick WHERE account = ? ORDER BY n", r->id);

	r->nicks = some(pool, n, sizeof(*r->nicks));
	while (r->nick_count < n && reed_sqlite_row(w, s))
		r->nicks[r->nick_count++] = text(pool, s, 0);
}

/* ---- rooms ---- */

static void load_room_parts(struct reed_sqlite_work *w, struct reed_pool *pool,
                            struct reed_room_record *r)
{
	size_t n = count(w, "SELECT count(*) FROM room_mask WHERE room = ?", r->id);

	r->masks = load_masks(w, pool,
	                      of(w,
	                         "SELECT mask, by, at, list FROM room_mask WHERE room = ?"
	                         " ORDER BY n",
	                         r->id),
	                      n, &r->mask_count);
	n = count(w, "SELECT count(*) FROM room_value WHERE room = ?", r->id);
	r->values = load_values(w, pool,
	                        of(w,
	                           "SELECT key, text FROM room_value WHERE room = ?"
	                           " ORDER BY n",
	                           r->id),
	                        n, &r->value_count);
	load_roles(w, pool, r);
}

static void load_rooms(struct reed_sqlite_work *w, struct reed_rooms_snapshot *into)
{
	size_t n = count(w, "SELECT count(*) FROM room", reed_slice_of(NULL));
	struct sqlite3_stmt *s = reed_sqlite_sql(
		w, "SELECT id, name, topic, topic_by, topic_at, key, founder, created, flags,"
		   " member_limit, slow FROM room ORDER BY id");

	into->rooms = some(&into->pool, n, sizeof(*into->rooms));
	while (into->room_count < n && reed_sqlite_row(w, s)) {
		struct reed_room_record *r = &into->rooms[into->room_count++];

		r->id = text(&into->pool, s, 0);
		r->name = text(&into->pool, s, 1);
		r->topic = text(&into->pool, s, 2);
		r->topic_by = text(&into->pool, s, 3);
		r->topic_at = reed_sqlite_int(s, 4);
		r->key = text(&into->pool, s, 5);
		r->founder = text(&into->pool, s, 6);
		r->created = reed_sqlite_int(s, 7);
		r->flags = (uint64_t)reed_sqlite_int(s, 8);
		r->limit = (uint32_t)reed_sqlite_int(s, 9);
		r->slow = (uint32_t)reed_sqlite_int(s, 10);
		load_room_parts(w, &into->pool, r);
	}
}

/* ---- accounts ---- */

static void load_account_parts(struct reed_sqlite_work *w, struct reed_pool *pool,
                               struct reed_account_record *r)
{
	size_t n = count(w, "SELECT count(*) FROM account_block WHERE account = ?", r->id);

	r->blocks = load_masks(w, pool,
	                       of(w,
	                          "SELECT mask, by, at, 0 FROM account_block"
	                          " WHERE account = ? ORDER BY n",
	                          r->id),
	                       n, &r->block_count);
	n = count(w, "SELECT count(*) FROM account_setting WHERE account = ?", r->id);
	r->settings = load_values(w, pool,
	                          of(w,
	                             "SELECT key, text FROM account_setting"
	                             " WHERE account = ? ORDER BY n",
	                             r->id),
	                          n, &r->setting_count);
	load_nicks(w, pool, r);
}

static void load_accounts(struct reed_sqlite_work *w, struct reed_rooms_snapshot *into)
{
	size_t n = count(w, "SELECT count(*) FROM account", reed_slice_of(NULL));
	struct sqlite3_stmt *s =
		reed_sqlite_sql(w,
	                        "SELECT id, name, created, seen, flags FROM account ORDER BY id");

	into->accounts = some(&into->pool, n, sizeof(*into->accounts));
	while (into->account_count < n && reed_sqlite_row(w, s)) {
		struct reed_account_record *r = &into->accounts[into->account_count++];

		r->id = text(&into->pool, s, 0);
		r->name = text(&into->pool, s, 1);
		r->created = reed_sqlite_int(s, 2);
		r->seen = reed_sqlite_int(s, 3);
		r->flags = (uint64_t)reed_sqlite_int(s, 4);
		load_account_parts(w, &into->pool, r);
	}
}

/* ---- bans, the last id ---- */

static void load_bans(struct reed_sqlite_work *w, struct reed_rooms_snapshot *into)
{
	size_t n = count(w, "SELECT count(*) FROM ban", reed_slice_of(NULL));
	struct sqlite3_stmt *s =
		reed_sqlite_sql(w, "SELECT mask, by, reason, at, expires FROM ban ORDER BY n");

	into->bans = some(&into->pool, n, sizeof(*into->bans));
	while (into->ban_count < n && reed_sqlite_row(w, s)) {
		struct reed_ban_record *r = &into->bans[into->ban_count++];

		r->mask = text(&into->pool, s, 0);
		r->by = text(&into->pool, s, 1);
		r->reason = text(&into->pool, s, 2);
		r->at = reed_sqlite_int(s, 3);
		r->expires = reed_sqlite_int(s, 4);
	}
}

static void load_last(struct reed_sqlite_work *w, struct reed_rooms_snapshot *into)
{
	struct sqlite3_stmt *s =
		reed_sqlite_sql(w, "SELECT max(coalesce((SELECT max(last) FROM talk), ''),"
	                           " coalesce((SELECT max(id) FROM room), ''),"
	                           " coalesce((SELECT max(id) FROM account), ''))");

	if (reed_sqlite_row(w, s))
		reed_slice_copy(into->last.s, sizeof(into->last.s), reed_sqlite_text(s, 0));
}

/* ---- what a crash left ---- */

/*
 * Rooms that were not registered are gone, and so is what was said in them; a
 * talk goes when both accounts have.  If that fails, it will do another time.
 */
static void sweep(struct loading *self)
{
	struct reed_sqlite_work w = reed_sqlite_begin(self->db, &self->job);

	reed_sqlite_run(&w, reed_sqlite_sql(&w, "DELETE FROM talk WHERE a = ''"
	                                        " AND name NOT IN (SELECT id FROM room)"));
	reed_sqlite_run(&w, reed_sqlite_sql(&w, "DELETE FROM talk WHERE a <> ''"
	                                        " AND a NOT IN (SELECT id FROM account)"
	                                        " AND b NOT IN (SELECT id FROM account)"));
	reed_sqlite_end(&w);
}

/* ---- the job ---- */

static enum reed_err loading_run(struct reed_job *job)
{
	struct loading *self = reed_job_frame(job, struct loading);
	struct reed_sqlite_work w;

	sweep(self);
	w = reed_sqlite_read(self->db, job);
	load_accounts(&w, &self->found);
	load_rooms(&w, &self->found);
	load_bans(&w, &self->found);
	load_last(&w, &self->found);
	return reed_sqlite_end(&w);
}

static void loading_deliver(struct reed_job *job)
{
	struct loading *self = reed_job_frame(job, struct loading);

	*self->out = self->found;
	self->found = (struct reed_rooms_snapshot){ 0 };
}

static void loading_end(struct reed_job *job)
{
	reed_rooms_snapshot_finish(&reed_job_frame(job, struct loading)->found);
}

static const struct reed_job_kind loading_kind = {
	.name = "load rooms",
	.size = sizeof(struct loading),
	.run = loading_run,
	.deliver = loading_deliver,
	.end = loading_end,
};

struct reed_future *reed_rooms_sqlite_load(struct reed_rooms_store *s,
                                           struct reed_rooms_snapshot *into)
{
	struct loading *self = reed_job_new(of_store(s)->loop, &loading_kind);

	self->db = of_store(s)->db;
	self->out = into;
	return reed_sqlite_run_job(self->db, &self->job);
}
