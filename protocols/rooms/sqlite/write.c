/*
 * Writing messages: gathered in batches, one transaction each.
 *
 * A batch is open until it is given to the lane: when the turn ends and no
 * other is under way, when that one comes home, or when somebody asks for what
 * is in it.  One that fails is given again after a pause.  As messages are
 * ordered by id, it does no harm that a later batch was faster.
 */

#include "private.h"

#include "reed/alloc.h"
#include "reed/log.h"
#include "reed/rooms/flush.h"

enum { PAUSE_MS = 1000 };

struct entry {
	struct entry *next;
	struct reed_slice where;
	struct reed_slice tags; /* packed */
	struct reed_message message;
};

struct batch {
	struct reed_list link;
	struct reed_rooms_sqlite *rooms;
	struct reed_waiter waiter; /* of the job; without one it is open, or has failed */
	uint64_t serial;
	struct entry *first, **end;
	struct reed_pool pool;
	size_t count, bytes;
	bool failed;
	bool orphan; /* the writer is gone, the job frees it */
};

static struct batch *batch_of(struct reed_list *link)
{
	return reed_container_of(link, struct batch, link);
}

static void batch_free(struct batch *batch)
{
	reed_pool_finish(&batch->pool);
	reed_free(batch);
}

static void batch_remove(struct batch *batch)
{
	batch->rooms->waiting_bytes -= batch->bytes;
	reed_list_remove(&batch->link);
	batch_free(batch);
}

/* ---- those who wait until it is done ---- */

static void settle(struct reed_rooms_sqlite *self, struct reed_rooms_flush *flush)
{
	uint64_t lost = self->lost - self->lost_told;

	self->lost_told = self->lost;
	if (lost)
		reed_fail(&flush->future, REED_ENOSPC,
		          "%llu messages were lost: the disk could not keep up",
		          (unsigned long long)lost);
	else
		reed_settle(&flush->future, REED_OK);
}

static void tell_done(struct reed_rooms_sqlite *self)
{
	uint64_t next =
		reed_list_empty(&self->batches) ? UINT64_MAX : batch_of(self->batches.next)->serial;
	struct reed_rooms_flush *flush;

	while ((flush = reed_rooms_flush_take(&self->flushes, next)))
		settle(self, flush);
}

/* ---- in the thread ---- */

static int64_t touch_talk(struct reed_sqlite_work *w, const struct entry *e, int64_t *count)
{
	bool of_two = e->where.n == (size_t)2 * REED_ID_LENGTH;
	struct sqlite3_stmt *s = reed_sqlite_sql(
		w, "INSERT INTO talk (name, a, b, count, last, last_time) VALUES (?, ?, ?, 1, ?, ?)"
		   " ON CONFLICT (name) DO UPDATE SET count = count + 1,"
		   " last = max(last, excluded.last), last_time = excluded.last_time"
		   " RETURNING n, count");
	int64_t n = 0;

	reed_sqlite_bind_text(s, 1, e->where);
	reed_sqlite_bind_text(s, 2, reed_slice_first(e->where, of_two ? REED_ID_LENGTH : 0));
	reed_sqlite_bind_text(s, 3,
	                      reed_slice_from(e->where, of_two ? REED_ID_LENGTH : e->where.n));
	reed_sqlite_bind_text(s, 4, reed_slice_of(e->message.id.s));
	reed_sqlite_bind_int(s, 5, e->message.time);
	if (reed_sqlite_row(w, s)) {
		n = reed_sqlite_int(s, 0);
		*count = reed_sqlite_int(s, 1);
	}
	reed_sqlite_run(w, s);
	return n;
}

/* Ignored when it is there: a commit that failed may have come through. */
static void insert(struct reed_sqlite_work *w, int64_t talk, const struct entry *e)
{
	const struct reed_message *m = &e->message;
	struct sqlite3_stmt *s = reed_sqlite_sql(
		w,
		"INSERT OR IGNORE INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

	reed_sqlite_bind_int(s, 1, talk);
	reed_sqlite_bind_text(s, 2, reed_slice_of(m->id.s));
	reed_sqlite_bind_int(s, 3, m->time);
	reed_sqlite_bind_int(s, 4, (int64_t)m->kind);
	reed_sqlite_bind_int(s, 5, (int64_t)m->manner);
	reed_sqlite_bind_int(s, 6, m->flags);
	reed_sqlite_bind_text(s, 7, m->nick);
	reed_sqlite_bind_text(s, 8, m->username);
	reed_sqlite_bind_text(s, 9, m->host);
	reed_sqlite_bind_text(s, 10, m->account);
	reed_sqlite_bind_text(s, 11, m->text);
	reed_sqlite_bind_text(s, 12, m->ref);
	reed_sqlite_bind_text(s, 13, m->target);
	reed_sqlite_bind_blob(s, 14, e->tags);
	reed_sqlite_run(w, s);
}

static void prune(struct reed_sqlite_work *w, int64_t talk, int64_t keep)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(
		w, "DELETE FROM message WHERE talk = ?1 AND id <"
		   " (SELECT id FROM message WHERE talk = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)");

	reed_sqlite_bind_int(s, 1, talk);
	reed_sqlite_bind_int(s, 2, keep - 1);
	reed_sqlite_run(w, s);
	s = reed_sqlite_sql(w, "UPDATE talk SET count = (SELECT count(*) FROM message"
	                       " WHERE talk = ?1) WHERE n = ?1");
	reed_sqlite_bind_int(s, 1, talk);
	reed_sqlite_run(w, s);
}

struct writing {
	struct reed_job job;
	struct reed_sqlite *db;
	struct batch *batch;
	int64_t keep;
};

static void write_entry(struct writing *self, struct reed_sqlite_work *w, const struct entry *e)
{
	int64_t count = 0, talk = touch_talk(w, e, &count);

	insert(w, talk, e);
	if (count > self->keep + self->keep / 8 + 16)
		prune(w, talk, self->keep);
}

static enum reed_err writing_run(struct reed_job *job)
{
	struct writing *self = reed_job_frame(job, struct writing);
	struct reed_sqlite_work w = reed_sqlite_begin(self->db, job);

	for (const struct entry *e = self->batch->first; e && !w.err; e = e->next)
		write_entry(self, &w, e);
	return reed_sqlite_end(&w);
}

static void writing_end(struct reed_job *job)
{
	struct writing *self = reed_job_frame(job, struct writing);

	if (self->batch->orphan)
		batch_free(self->batch);
}

static const struct reed_job_kind writing_kind = {
	.name = "write messages",
	.size = sizeof(struct writing),
	.run = writing_run,
	.end = writing_end,
};

/* ---- batches ---- */

static void give(struct batch *batch)
{
	struct reed_rooms_sqlite *rooms = batch->rooms;
	struct writing *job = reed_job_new(rooms->loop, &writing_kind);

	job->db = rooms->db;
	job->batch = batch;
	job->keep = rooms->options.messages;
	batch->failed = false;
	reed_wait(reed_sqlite_run_job(rooms->db, &job->job), &batch->waiter);
}

static bool is_under_way(const struct reed_rooms_sqlite *self)
{
	reed_list_each (link, &self->batches)
		if (batch_of(link)->waiter.future)
			return true;
	return false;
}

/* The open one, if any, is the last. */
static struct batch *open_batch(const struct reed_rooms_sqlite *self)
{
	struct batch *last = batch_of(self->batches.prev);

	if (reed_list_empty(&self->batches) || last->waiter.future || last->failed)
		return NULL;
	return last;
}

void reed_rooms_sqlite_hurry(struct reed_rooms_sqlite *self)
{
	struct batch *open = open_batch(self);

	if (open)
		give(open);
}

static void turn_ends(struct reed_last *last)
{
	struct reed_rooms_sqlite *self =
		reed_container_of(last, struct reed_rooms_sqlite, turn_end);

	if (!is_under_way(self) && !reed_timer_running(&self->pause))
		reed_rooms_sqlite_hurry(self);
}

static void try_again(struct reed_timer *pause)
{
	struct reed_rooms_sqlite *self = reed_container_of(pause, struct reed_rooms_sqlite, pause);

	reed_list_each (link, &self->batches)
		if (!batch_of(link)->waiter.future)
			give(batch_of(link));
}

static void batch_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct batch *batch = reed_container_of(w, struct batch, waiter);
	struct reed_rooms_sqlite *self = batch->rooms;
	const char *why = reed_fault_why(fault, err);

	if (err) {
		batch->failed = true;
		reed_rooms_flush_fail(&self->flushes, batch->serial, err,
		                      "messages were not written", why);
		if (!reed_timer_running(&self->pause))
			reed_timer_start(self->loop, &self->pause, REED_MS(PAUSE_MS));
		if (self->options.trouble)
			self->options.trouble(self->options.arg, err, why);
		else
			reed_log(self->loop, REED_LOG_ERROR, "messages are not saved yet why=%s",
			         why);
	} else {
		self->written += batch->count;
		batch_remove(batch);
		tell_done(self);
		turn_ends(&self->turn_end);
	}
	reed_fault_free(fault);
}

static struct batch *batch_new(struct reed_rooms_sqlite *self)
{
	struct batch *batch = reed_alloc(sizeof(*batch));

	batch->rooms = self;
	batch->waiter.wake = batch_wake;
	batch->serial = ++self->batch_serial;
	batch->end = &batch->first;
	reed_list_append(&self->batches, &batch->link);
	return batch;
}

/* Room for one more message: the oldest of those that failed give way. */
static bool make_room(struct reed_rooms_sqlite *self, size_t size)
{
	reed_list_each_safe (link, &self->batches) {
		if (self->waiting_bytes + size <= self->options.unsaved_bytes)
			break;
		if (!batch_of(link)->failed)
			continue;
		self->lost += batch_of(link)->count;
		batch_remove(batch_of(link));
	}
	return self->waiting_bytes + size <= self->options.unsaved_bytes;
}

static struct reed_slice pack(struct reed_pool *pool, const struct reed_message *m)
{
	size_t size = reed_tags_packed_size(m->tags, m->tag_count);
	char *bytes = reed_pool_alloc(pool, size ? size : 1);

	reed_tags_pack(bytes, m->tags, m->tag_count);
	return reed_slice(bytes, size);
}

static size_t size_of(const struct reed_message *m)
{
	return sizeof(struct entry) + m->nick.n + m->username.n + m->host.n + m->text.n + m->ref.n +
	       m->target.n + m->account.n + reed_tags_packed_size(m->tags, m->tag_count) + 16 * 8;
}

void reed_rooms_sqlite_append(struct reed_history *h, struct reed_slice where,
                              const struct reed_message *m)
{
	struct reed_rooms_sqlite *self = of_history(h);
	size_t size = size_of(m) + where.n;
	struct batch *batch;
	struct entry *entry;

	if (!make_room(self, size)) {
		self->lost++;
		return;
	}
	batch = open_batch(self);
	if (!batch)
		batch = batch_new(self);
	entry = reed_pool_alloc(&batch->pool, sizeof(*entry));
	entry->where = reed_pool_copy(&batch->pool, where);
	entry->tags = pack(&batch->pool, m);
	entry->message = *m;
	entry->message.tag_count = 0;
	reed_message_copy(&batch->pool, &entry->message, &entry->message);
	*batch->end = entry;
	batch->end = &entry->next;
	batch->count++;
	batch->bytes += size;
	self->waiting_bytes += size;
	reed_at_turn_end(self->loop, &self->turn_end);
}

struct reed_future *reed_rooms_sqlite_flush(struct reed_history *h)
{
	struct reed_rooms_sqlite *self = of_history(h);
	struct reed_future *f;

	reed_rooms_sqlite_hurry(self);
	f = reed_rooms_flush_add(&self->flushes, self->loop, self->batch_serial);
	tell_done(self);
	return f;
}

/* ---- the writer ---- */

void reed_rooms_sqlite_writer_init(struct reed_rooms_sqlite *self)
{
	reed_list_init(&self->batches);
	reed_list_init(&self->flushes);
	self->turn_end.run = turn_ends;
	self->pause.fire = try_again;
}

/* A batch that a thread is busy with goes when its job comes home. */
static void abandon(struct batch *batch)
{
	reed_list_remove(&batch->link);
	if (!batch->waiter.future) {
		batch_free(batch);
		return;
	}
	batch->orphan = true;
	reed_unwait(batch->rooms->loop, &batch->waiter);
}

void reed_rooms_sqlite_writer_finish(struct reed_rooms_sqlite *self)
{
	while (!reed_list_empty(&self->batches))
		abandon(batch_of(self->batches.next));
	reed_rooms_flush_fail(&self->flushes, 0, REED_ECANCELED, "messages were not written",
	                      "the file was closed");
	reed_list_unlink(&self->turn_end.link);
	reed_timer_stop(&self->pause);
}
