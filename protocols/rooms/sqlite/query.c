/*
 * Asking the history.
 *
 * Points are made into bounds of ids first: [begin, end) in the order of the
 * primary key, so that one statement for each direction does.
 */

#include "private.h"

#include "reed/alloc.h"

/* Sorts after every id. */
#define END "~"

struct bound {
	char s[REED_ID_LENGTH + 2];
};

struct querying {
	struct reed_job job;
	struct reed_sqlite *db;
	struct reed_history_query query;
	struct reed_pool pool; /* what the query's slices lie in */
	struct reed_history_page found, *out;
	unsigned limit;
	int64_t talk;
};

static void bound_set(struct bound *bound, struct reed_slice id, const char *behind)
{
	snprintf(bound->s, sizeof(bound->s), REED_FMT "%s",
	         REED_ARG(reed_slice_first(id, REED_ID_LENGTH)), behind);
}

static bool is_point(const struct reed_history_point *point)
{
	return point->id.n > 0 || point->time != 0;
}

/* ---- places ---- */

static int64_t find_talk(struct reed_sqlite_work *w, struct reed_slice where)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(w, "SELECT n FROM talk WHERE name = ?");

	reed_sqlite_bind_text(s, 1, where);
	return reed_sqlite_row(w, s) ? reed_sqlite_int(s, 0) : 0;
}

static bool is_known(struct querying *self, struct reed_sqlite_work *w, struct reed_slice id)
{
	struct sqlite3_stmt *s =
		reed_sqlite_sql(w, "SELECT 1 FROM message WHERE talk = ? AND id = ?");

	reed_sqlite_bind_int(s, 1, self->talk);
	reed_sqlite_bind_text(s, 2, id);
	return reed_sqlite_row(w, s);
}

static void place_of_time(struct querying *self, struct reed_sqlite_work *w, int64_t time,
                          struct bound *bound)
{
	struct sqlite3_stmt *s = reed_sqlite_sql(
		w, "SELECT id FROM message WHERE talk = ? AND time >= ? ORDER BY time, id LIMIT 1");

	reed_sqlite_bind_int(s, 1, self->talk);
	reed_sqlite_bind_int(s, 2, time);
	if (reed_sqlite_row(w, s))
		bound_set(bound, reed_sqlite_text(s, 0), "");
	else
		bound_set(bound, REED_STR(END), "");
}

/* The first message not before the point, and the first after it. */
static void place_of(struct querying *self, struct reed_sqlite_work *w,
                     const struct reed_history_point *point, struct bound *bound)
{
	if (point->id.n)
		bound_set(bound, point->id, "");
	else
		place_of_time(self, w, point->time, bound);
}

static void place_after(struct querying *self, struct reed_sqlite_work *w,
                        const struct reed_history_point *point, struct bound *bound)
{
	if (point->id.n)
		bound_set(bound, point->id, " ");
	else
		place_of_time(self, w, point->time + 1, bound);
}

/* ---- rows ---- */

static void take_row(struct querying *self, struct sqlite3_stmt *s, struct reed_message *m)
{
	struct reed_pool *pool = &self->found.pool;

	reed_slice_copy(m->id.s, sizeof(m->id.s), reed_sqlite_text(s, 0));
	m->time = reed_sqlite_int(s, 1);
	m->kind = (enum reed_event_kind)reed_sqlite_int(s, 2);
	m->manner = (enum reed_manner)reed_sqlite_int(s, 3);
	m->flags = (unsigned)reed_sqlite_int(s, 4);
	m->nick = reed_pool_copy(pool, reed_sqlite_text(s, 5));
	m->username = reed_pool_copy(pool, reed_sqlite_text(s, 6));
	m->host = reed_pool_copy(pool, reed_sqlite_text(s, 7));
	m->account = reed_pool_copy(pool, reed_sqlite_text(s, 8));
	m->text = reed_pool_copy(pool, reed_sqlite_text(s, 9));
	m->ref = reed_pool_copy(pool, reed_sqlite_text(s, 10));
	m->target = reed_pool_copy(pool, reed_sqlite_text(s, 11));
	m->tags = reed_tags_unpack(pool, reed_sqlite_text(s, 12), &m->tag_count);
}

#define COLUMNS                                                                                        \
	"SELECT id, time, kind, manner, flags, nick, username, host, account, text, ref, target, tags" \
	" FROM message WHERE talk = ?1 AND id >= ?2 AND id < ?3 AND (?4 OR kind IN (0, 1, 2))"

_Static_assert(REED_EVENT_MESSAGE == 0 && REED_EVENT_EDIT == 1 && REED_EVENT_REDACT == 2,
               "those are said");

/* One row more than asked for tells whether there are more. */
static unsigned take_rows(struct querying *self, struct reed_sqlite_work *w, const char *sql,
                          const struct bound *begin, const struct bound *end, unsigned limit)
{
	struct reed_history_page *page = &self->found;
	struct sqlite3_stmt *s = reed_sqlite_sql(w, sql);
	unsigned n = 0;

	reed_sqlite_bind_int(s, 1, self->talk);
	reed_sqlite_bind_text(s, 2, reed_slice_of(begin->s));
	reed_sqlite_bind_text(s, 3, reed_slice_of(end->s));
	reed_sqlite_bind_int(s, 4, self->query.all);
	reed_sqlite_bind_int(s, 5, (int64_t)limit + 1);
	while (reed_sqlite_row(w, s)) {
		if (n == limit)
			page->more = true;
		else
			take_row(self, s, &page->messages[page->count + n++]);
	}
	page->count += n;
	return n;
}

static void take_first(struct querying *self, struct reed_sqlite_work *w, const struct bound *begin,
                       const struct bound *end, unsigned limit)
{
	take_rows(self, w, COLUMNS " ORDER BY id LIMIT ?5", begin, end, limit);
}

static void take_last(struct querying *self, struct reed_sqlite_work *w, const struct bound *begin,
                      const struct bound *end, unsigned limit)
{
	struct reed_message *m = self->found.messages;
	unsigned n = take_rows(self, w, COLUMNS " ORDER BY id DESC LIMIT ?5", begin, end, limit);

	for (unsigned i = 0; i < n / 2; i++) {
		struct reed_message swap = m[i];

		m[i] = m[n - 1 - i];
		m[n - 1 - i] = swap;
	}
}

/* ---- ways ---- */

static void answer_back(struct querying *self, struct reed_sqlite_work *w)
{
	const struct reed_history_query *q = &self->query;
	struct bound begin = { "" }, end = { END };

	if (is_point(&q->from))
		place_of(self, w, &q->from, &end);
	if (is_point(&q->until))
		place_after(self, w, &q->until, &begin);
	take_last(self, w, &begin, &end, self->limit);
}

static void answer_on(struct querying *self, struct reed_sqlite_work *w)
{
	const struct reed_history_query *q = &self->query;
	struct bound begin = { "" }, end = { END };

	if (is_point(&q->from))
		place_after(self, w, &q->from, &begin);
	if (is_point(&q->until))
		place_of(self, w, &q->until, &end);
	take_first(self, w, &begin, &end, self->limit);
}

static void answer_around(struct querying *self, struct reed_sqlite_work *w)
{
	struct bound begin = { "" }, middle = { "" }, end = { END };

	place_of(self, w, &self->query.from, &middle);
	take_last(self, w, &begin, &middle, self->limit / 2);
	take_first(self, w, &middle, &end, self->limit - (unsigned)self->found.count);
}

static void answer_one(struct querying *self, struct reed_sqlite_work *w)
{
	struct bound begin = { "" }, end = { END };

	self->query.all = true;
	place_of(self, w, &self->query.from, &begin);
	place_after(self, w, &self->query.from, &end);
	take_first(self, w, &begin, &end, 1);
}

static void answer(struct querying *self, struct reed_sqlite_work *w)
{
	struct reed_slice id = self->query.from.id;

	self->talk = find_talk(w, self->query.where);
	self->found.unknown = id.n > 0 && !(self->talk && is_known(self, w, id));
	if (!self->talk || self->found.unknown)
		return;
	switch (self->query.way) {
	case REED_HISTORY_BACK:
		answer_back(self, w);
		return;
	case REED_HISTORY_ON:
		answer_on(self, w);
		return;
	case REED_HISTORY_AROUND:
		answer_around(self, w);
		return;
	case REED_HISTORY_ONE:
		break;
	}
	answer_one(self, w);
}

static enum reed_err querying_run(struct reed_job *job)
{
	struct querying *self = reed_job_frame(job, struct querying);
	struct reed_sqlite_work w = reed_sqlite_read(self->db, job);

	self->found.messages =
		reed_pool_alloc(&self->found.pool, self->limit * sizeof(struct reed_message));
	answer(self, &w);
	return reed_sqlite_end(&w);
}

static void querying_deliver(struct reed_job *job)
{
	struct querying *self = reed_job_frame(job, struct querying);

	*self->out = self->found;
	self->found = (struct reed_history_page){ 0 };
}

static void querying_end(struct reed_job *job)
{
	struct querying *self = reed_job_frame(job, struct querying);

	reed_history_page_finish(&self->found);
	reed_pool_finish(&self->pool);
}

static const struct reed_job_kind querying_kind = {
	.name = "query history",
	.size = sizeof(struct querying),
	.run = querying_run,
	.deliver = querying_deliver,
	.end = querying_end,
};

static unsigned limit_of(unsigned limit)
{
	return limit && limit < REED_HISTORY_PAGE ? limit : REED_HISTORY_PAGE;
}

struct reed_future *reed_rooms_sqlite_query(struct reed_history *h,
                                            const struct reed_history_query *q,
                                            struct reed_history_page *page)
{
	struct querying *self = reed_job_new(of_history(h)->loop, &querying_kind);

	memcpy(&self->query, q, q->size < sizeof(*q) ? q->size : sizeof(*q));
	self->query.where = reed_pool_copy(&self->pool, q->where);
	self->query.from.id = reed_pool_copy(&self->pool, q->from.id);
	self->query.until.id = reed_pool_copy(&self->pool, q->until.id);
	self->limit = limit_of(q->limit);
	self->db = of_history(h)->db;
	self->out = page;
	reed_rooms_sqlite_hurry(of_history(h));
	return reed_sqlite_run_job(self->db, &self->job);
}

/* ---- talks ---- */

struct listing {
	struct reed_job job;
	struct reed_sqlite *db;
	struct reed_id account;
	int64_t from, to;
	unsigned limit;
	struct reed_talks found, *out;
};

static void take_talk(struct listing *self, struct sqlite3_stmt *s)
{
	struct reed_pool *pool = &self->found.pool;
	struct reed_talk *talk = &self->found.talks[self->found.count++];

	talk->where = reed_pool_copy(pool, reed_sqlite_text(s, 0));
	talk->with = reed_pool_copy(pool, reed_sqlite_text(s, 1));
	reed_slice_copy(talk->last.s, sizeof(talk->last.s), reed_sqlite_text(s, 2));
	talk->time = reed_sqlite_int(s, 3);
}

static enum reed_err listing_run(struct reed_job *job)
{
	struct listing *self = reed_job_frame(job, struct listing);
	struct reed_sqlite_work w = reed_sqlite_read(self->db, job);
	struct sqlite3_stmt *s =
		reed_sqlite_sql(&w, "SELECT name, b, last, last_time FROM talk"
	                            " WHERE a = ?1 AND last_time > ?2 AND last_time < ?3 UNION ALL "
	                            "SELECT name, a, last, last_time FROM talk"
	                            " WHERE b = ?1 AND last_time > ?2 AND last_time < ?3"
	                            " ORDER BY last_time DESC LIMIT ?4");

	self->found.talks =
		reed_pool_alloc(&self->found.pool, self->limit * sizeof(struct reed_talk));
	reed_sqlite_bind_text(s, 1, reed_slice_of(self->account.s));
	reed_sqlite_bind_int(s, 2, self->from ? self->from : INT64_MIN);
	reed_sqlite_bind_int(s, 3, self->to ? self->to : INT64_MAX);
	reed_sqlite_bind_int(s, 4, self->limit);
	while (reed_sqlite_row(&w, s))
		take_talk(self, s);
	return reed_sqlite_end(&w);
}

static void listing_deliver(struct reed_job *job)
{
	struct listing *self = reed_job_frame(job, struct listing);

	*self->out = self->found;
	self->found = (struct reed_talks){ 0 };
}

static void listing_end(struct reed_job *job)
{
	reed_talks_finish(&reed_job_frame(job, struct listing)->found);
}

static const struct reed_job_kind listing_kind = {
	.name = "list talks",
	.size = sizeof(struct listing),
	.run = listing_run,
	.deliver = listing_deliver,
	.end = listing_end,
};

struct reed_future *reed_rooms_sqlite_talks(struct reed_history *h, struct reed_slice account,
                                            int64_t from, int64_t to, unsigned limit,
                                            struct reed_talks *talks)
{
	struct listing *self = reed_job_new(of_history(h)->loop, &listing_kind);

	reed_slice_copy(self->account.s, sizeof(self->account.s), account);
	self->from = from;
	self->to = to;
	self->limit = limit_of(limit);
	self->db = of_history(h)->db;
	self->out = talks;
	reed_rooms_sqlite_hurry(of_history(h));
	return reed_sqlite_run_job(self->db, &self->job);
}
