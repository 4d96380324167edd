/* Saving and deleting: one job, one transaction. */

#include "private.h"

#include "reed/alloc.h"

static void run_text(struct reed_sqlite_work *w, const char *sql, struct reed_slice text)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(w, sql);

	reed_sqlite_bind_text(s, 1, text);
	reed_sqlite_run(w, s);
}

/* ---- what belongs to something: it goes, and comes anew ---- */

static void put_masks(struct reed_sqlite_work *w, const char *sql, struct reed_slice of,
                      const struct reed_mask_record *masks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct sqlite3_stmt *s = reed_sqlite_sql(w, sql);

		reed_sqlite_bind_text(s, 1, of);
		reed_sqlite_bind_int(s, 2, (int64_t)i);
		reed_sqlite_bind_text(s, 3, masks[i].mask);
		reed_sqlite_bind_text(s, 4, masks[i].by);
		reed_sqlite_bind_int(s, 5, masks[i].at);
		reed_sqlite_bind_int(s, 6, masks[i].list);
		reed_sqlite_run(w, s);
	}
}

static void put_values(struct reed_sqlite_work *w, const char *sql, struct reed_slice of,
                       const struct reed_value_record *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct sqlite3_stmt *s = reed_sqlite_sql(w, sql);

		reed_sqlite_bind_text(s, 1, of);
		reed_sqlite_bind_int(s, 2, (int64_t)i);
		reed_sqlite_bind_text(s, 3, values[i].key);
		reed_sqlite_bind_text(s, 4, values[i].text);
		reed_sqlite_run(w, s);
	}
}

/* ---- rooms ---- */

static void put_room(struct reed_sqlite_work *w, const struct reed_room_record *r)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(
		w, "INSERT INTO room VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		   " ON CONFLICT (id) DO UPDATE SET name = excluded.name, topic = excluded.topic,"
		   " topic_by = excluded.topic_by, topic_at = excluded.topic_at,"
		   " key = excluded.key, founder = excluded.founder, created = excluded.created,"
		   " flags = excluded.flags, member_limit = excluded.member_limit,"
		   " slow = excluded.slow");

	reed_sqlite_bind_text(s, 1, r->id);
	reed_sqlite_bind_text(s, 2, r->name);
	reed_sqlite_bind_text(s, 3, r->topic);
	reed_sqlite_bind_text(s, 4, r->topic_by);
	reed_sqlite_bind_int(s, 5, r->topic_at);
	reed_sqlite_bind_text(s, 6, r->key);
	if (r->founder.n)
		reed_sqlite_bind_text(s, 7, r->founder);
	reed_sqlite_bind_int(s, 8, r->created);
	reed_sqlite_bind_int(s, 9, (int64_t)r->flags);
	reed_sqlite_bind_int(s, 10, r->limit);
	reed_sqlite_bind_int(s, 11, r->slow);
	reed_sqlite_run(w, s);
}

static void put_roles(struct reed_sqlite_work *w, const struct reed_room_record *r)
{
	for (size_t i = 0; i < r->role_count; i++) {
		struct sqlite3_stmt *s =
			reed_sqlite_sql(w, "INSERT INTO room_role VALUES (?, ?, ?, ?)");

		reed_sqlite_bind_text(s, 1, r->id);
		reed_sqlite_bind_int(s, 2, (int64_t)i);
		reed_sqlite_bind_text(s, 3, r->roles[i].account);
		reed_sqlite_bind_int(s, 4, r->roles[i].roles);
		reed_sqlite_run(w, s);
	}
}

static void save_room(struct reed_sqlite_work *w, const struct reed_room_record *r)
{
	put_room(w, r);
	run_text(w, "DELETE FROM room_mask WHERE room = ?", r->id);
	run_text(w, "DELETE FROM room_role WHERE room = ?", r->id);
	run_text(w, "DELETE FROM room_value WHERE room = ?", r->id);
	put_masks(w,
	          "INSERT INTO room_mask (room, n, mask, by, at, list) VALUES (?, ?, ?, ?, ?, ?)",
	          r->id, r->masks, r->mask_count);
	put_roles(w, r);
	put_values(w, "INSERT INTO room_value VALUES (?, ?, ?, ?)", r->id, r->values,
	           r->value_count);
}

/* ---- accounts ---- */

static void put_account(struct reed_sqlite_work *w, const struct reed_account_record *r)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(
		w, "INSERT INTO account VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
		   " name = excluded.name, created = excluded.created, seen = excluded.seen,"
		   " flags = excluded.flags");

	reed_sqlite_bind_text(s, 1, r->id);
	reed_sqlite_bind_text(s, 2, r->name);
	reed_sqlite_bind_int(s, 3, r->created);
	reed_sqlite_bind_int(s, 4, r->seen);
	reed_sqlite_bind_int(s, 5, (int64_t)r->flags);
	reed_sqlite_run(w, s);
}

static void put_nicks(struct reed_sqlite_work *w, const struct reed_account_record *r)
{
	for (size_t i = 0; i < r->nick_count; i++) {
		struct sqlite3_stmt *s =
			reed_sqlite_sql(w, "INSERT INTO account_nick VALUES (?, ?, ?)");

		reed_sqlite_bind_text(s, 1, r->id);
		reed_sqlite_bind_int(s, 2, (int64_t)i);
		reed_sqlite_bind_text(s, 3, r->nicks[i]);
		reed_sqlite_run(w, s);
	}
}

static void save_account(struct reed_sqlite_work *w, const struct reed_account_record *r)
{
	put_account(w, r);
	run_text(w, "DELETE FROM account_nick WHERE account = ?", r->id);
	run_text(w, "DELETE FROM account_block WHERE account = ?", r->id);
	run_text(w, "DELETE FROM account_setting WHERE account = ?", r->id);
	put_nicks(w, r);
	put_masks(w, "INSERT INTO account_block (account, n, mask, by, at) VALUES (?, ?, ?, ?, ?)",
	          r->id, r->blocks, r->block_count);
	put_values(w, "INSERT INTO account_setting VALUES (?, ?, ?, ?)", r->id, r->settings,
	           r->setting_count);
}

/* ---- bans ---- */

static void save_ban(struct reed_sqlite_work *w, const struct reed_ban_record *r)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(
		w, "INSERT INTO ban (mask, by, reason, at, expires) VALUES (?, ?, ?, ?, ?)"
		   " ON CONFLICT (mask) DO UPDATE SET by = excluded.by,"
		   " reason = excluded.reason, at = excluded.at, expires = excluded.expires");

	reed_sqlite_bind_text(s, 1, r->mask);
	reed_sqlite_bind_text(s, 2, r->by);
	reed_sqlite_bind_text(s, 3, r->reason);
	reed_sqlite_bind_int(s, 4, r->at);
	reed_sqlite_bind_int(s, 5, r->expires);
	reed_sqlite_run(w, s);
}

/* ---- one job for all of them ---- */

struct saving {
	struct reed_job job;
	struct reed_rooms_sqlite *rooms;
	struct reed_sqlite *db;
	struct reed_pool pool;
	const char *delete; /* SQL; NULL: save what is set below */
	struct reed_slice id;
	struct reed_room_record *room;
	struct reed_account_record *account;
	struct reed_ban_record *ban;
};

static enum reed_err saving_run(struct reed_job *job)
{
	struct saving *self = reed_job_frame(job, struct saving);
	struct reed_sqlite_work w = reed_sqlite_begin(self->db, job);

	if (self->delete)
		run_text(&w, self->delete, self->id);
	else if (self->room)
		save_room(&w, self->room);
	else if (self->account)
		save_account(&w, self->account);
	else
		save_ban(&w, self->ban);
	return reed_sqlite_end(&w);
}

static void saving_end(struct reed_job *job)
{
	reed_pool_finish(&reed_job_frame(job, struct saving)->pool);
}

static const struct reed_job_kind saving_kind = { .name = "save",
	                                          .size = sizeof(struct saving),
	                                          .run = saving_run,
	                                          .end = saving_end };

static struct saving *saving_new(struct reed_rooms_store *s)
{
	struct saving *self = reed_job_new(of_store(s)->loop, &saving_kind);

	self->db = of_store(s)->db;
	return self;
}

static struct reed_future *go(struct saving *self)
{
	return reed_sqlite_run_job(self->db, &self->job);
}

static struct reed_future *store_room(struct reed_rooms_store *s, const struct reed_room_record *r)
{
	struct saving *self = saving_new(s);

	self->room = reed_pool_alloc(&self->pool, sizeof(*self->room));
	reed_room_record_copy(&self->pool, self->room, r);
	return go(self);
}

static struct reed_future *store_account(struct reed_rooms_store *s,
                                         const struct reed_account_record *r)
{
	struct saving *self = saving_new(s);

	self->account = reed_pool_alloc(&self->pool, sizeof(*self->account));
	reed_account_record_copy(&self->pool, self->account, r);
	return go(self);
}

static struct reed_future *store_ban(struct reed_rooms_store *s, const struct reed_ban_record *r)
{
	struct saving *self = saving_new(s);

	self->ban = reed_pool_alloc(&self->pool, sizeof(*self->ban));
	reed_ban_record_copy(&self->pool, self->ban, r);
	return go(self);
}

static struct reed_future *delete_with(struct reed_rooms_store *s, const char *sql,
                                       struct reed_slice id)
{
	struct saving *self = saving_new(s);

	self->delete = sql;
	self->id = reed_pool_copy(&self->pool, id);
	return go(self);
}

static struct reed_future *delete_room(struct reed_rooms_store *s, struct reed_slice id)
{
	return delete_with(s, "DELETE FROM room WHERE id = ?", id);
}

static struct reed_future *delete_account(struct reed_rooms_store *s, struct reed_slice id)
{
	return delete_with(s, "DELETE FROM account WHERE id = ?", id);
}

static struct reed_future *delete_ban(struct reed_rooms_store *s, struct reed_slice mask)
{
	return delete_with(s, "DELETE FROM ban WHERE mask = ?", mask);
}

/* See reed_rooms_sqlite_close(). */
static void store_free(struct reed_rooms_store *s)
{
	(void)s;
}

const struct reed_rooms_store_ops reed_rooms_sqlite_store_ops = {
	.name = "sqlite",
	.load = reed_rooms_sqlite_load,
	.save_room = store_room,
	.save_account = store_account,
	.save_ban = store_ban,
	.delete_room = delete_room,
	.delete_account = delete_account,
	.delete_ban = delete_ban,
	.free = store_free,
};
