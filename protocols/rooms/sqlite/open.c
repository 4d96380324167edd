/* Opening and closing. */

#include "private.h"

#include "reed/alloc.h"
#include "reed/co.h"

enum { MESSAGES = 100000, UNSAVED_BYTES = 16 << 20 };

/* ---- open ---- */

struct opening {
	struct reed_co co;
	char *path;
	struct reed_rooms_sqlite_options options;
	struct reed_sqlite *db; /* until it is delivered */
	struct reed_rooms_sqlite **out;
};

static struct reed_future *open_file(struct opening *self)
{
	struct reed_sqlite_options options = REED_SQLITE_OPTIONS;

	options.check = self->options.check;
	options.bytes = self->options.bytes;
	return reed_sqlite_open(self->co.loop, self->path, &reed_rooms_sqlite_schema, &options,
	                        &self->db);
}

static void opening_run(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);

	reed_coroutine (co) {
		reed_try(co, open_file(self));
	}
}

static void opening_deliver(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);
	struct reed_rooms_sqlite *rooms = reed_alloc(sizeof(*rooms));

	rooms->store.ops = &reed_rooms_sqlite_store_ops;
	rooms->history.ops = &reed_rooms_sqlite_history_ops;
	rooms->loop = co->loop;
	rooms->db = self->db;
	rooms->options = self->options;
	reed_rooms_sqlite_writer_init(rooms);
	self->db = NULL;
	*self->out = rooms;
}

static void opening_end(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);

	if (self->db)
		reed_background(reed_sqlite_close(self->db), NULL, NULL);
	reed_free(self->path);
}

static const struct reed_co_kind opening_kind = {
	.name = "open rooms",
	.size = sizeof(struct opening),
	.run = opening_run,
	.deliver = opening_deliver,
	.end = opening_end,
};

struct reed_future *reed_rooms_sqlite_open(struct reed_loop *loop, const char *path,
                                           const struct reed_rooms_sqlite_options *options,
                                           struct reed_rooms_sqlite **db)
{
	struct opening *self = reed_co_new(loop, &opening_kind);
	struct reed_rooms_sqlite_options *o = &self->options;

	if (options)
		memcpy(o, options, options->size < sizeof(*o) ? options->size : sizeof(*o));
	o->messages = o->messages ? o->messages : MESSAGES;
	o->unsaved_bytes = o->unsaved_bytes ? o->unsaved_bytes : UNSAVED_BYTES;
	self->path = reed_strdup(path);
	self->out = db;
	return reed_start(&self->co);
}

/* ---- close ---- */

struct closing {
	struct reed_co co;
	struct reed_rooms_sqlite *rooms; /* NULL when its file is on the way to be closed */
};

static void rooms_free(struct reed_rooms_sqlite *rooms)
{
	reed_rooms_sqlite_writer_finish(rooms);
	reed_free(rooms);
}

static struct reed_future *close_file(struct closing *self)
{
	struct reed_future *f = reed_sqlite_close(self->rooms->db);

	rooms_free(self->rooms);
	self->rooms = NULL;
	return f;
}

static void closing_run(struct reed_co *co)
{
	struct closing *self = reed_frame(co, struct closing);

	reed_coroutine (co) {
		reed_try(co, reed_history_flush(&self->rooms->history));
		reed_try(co, close_file(self));
	}
}

/* What could not be written is lost; the file is closed all the same. */
static void closing_end(struct reed_co *co)
{
	struct closing *self = reed_frame(co, struct closing);

	if (self->rooms)
		reed_background(close_file(self), NULL, NULL);
}

static const struct reed_co_kind closing_kind = {
	.name = "close rooms",
	.size = sizeof(struct closing),
	.run = closing_run,
	.end = closing_end,
};

struct reed_future *reed_rooms_sqlite_close(struct reed_rooms_sqlite *db)
{
	struct closing *self = reed_co_new(db->loop, &closing_kind);

	self->rooms = db;
	return reed_start(&self->co);
}

/* ---- the rest ---- */

struct reed_rooms_store *reed_rooms_sqlite_store(struct reed_rooms_sqlite *db)
{
	return &db->store;
}

struct reed_history *reed_rooms_sqlite_history(struct reed_rooms_sqlite *db)
{
	return &db->history;
}

void reed_rooms_sqlite_stats(const struct reed_rooms_sqlite *db,
                             struct reed_rooms_sqlite_stats *stats)
{
	struct reed_rooms_sqlite_stats all = {
		.size = stats->size,
		.written = db->written,
		.lost = db->lost,
		.waiting_bytes = db->waiting_bytes,
	};

	memcpy(stats, &all, stats->size < sizeof(all) ? stats->size : sizeof(all));
}
