/* What the files of this library share. */

#ifndef REED_ROOMS_SQLITE_PRIVATE_H
#define REED_ROOMS_SQLITE_PRIVATE_H

#include "reed/rooms-sqlite.h"
#include "reed/sqlite.h"

struct reed_rooms_sqlite {
	struct reed_rooms_store store;
	struct reed_history history;
	struct reed_loop *loop;
	struct reed_sqlite *db;
	struct reed_rooms_sqlite_options options;

	/* the writer of messages, see write.c */
	struct reed_list batches; /* that are not on the disk, in the order they began */
	uint64_t batch_serial;
	size_t waiting_bytes; /* in all of them */
	struct reed_last turn_end;
	struct reed_timer pause;
	uint64_t written, lost, lost_told;
	struct reed_list flushes;
};

static inline struct reed_rooms_sqlite *of_store(struct reed_rooms_store *s)
{
	return reed_container_of(s, struct reed_rooms_sqlite, store);
}

static inline struct reed_rooms_sqlite *of_history(struct reed_history *h)
{
	return reed_container_of(h, struct reed_rooms_sqlite, history);
}

extern const struct reed_sqlite_schema reed_rooms_sqlite_schema;
extern const struct reed_rooms_store_ops reed_rooms_sqlite_store_ops;
extern const struct reed_history_ops reed_rooms_sqlite_history_ops;

struct reed_future *reed_rooms_sqlite_load(struct reed_rooms_store *s,
                                           struct reed_rooms_snapshot *into);

/* ---- write.c ---- */

void reed_rooms_sqlite_writer_init(struct reed_rooms_sqlite *self);
void reed_rooms_sqlite_writer_finish(struct reed_rooms_sqlite *self);
void reed_rooms_sqlite_append(struct reed_history *h, struct reed_slice where,
                              const struct reed_message *m);

/* What waits goes to the lane now, so that the job given next sees it. */
void reed_rooms_sqlite_hurry(struct reed_rooms_sqlite *self);
struct reed_future *reed_rooms_sqlite_flush(struct reed_history *h);

/* ---- query.c ---- */

struct reed_future *reed_rooms_sqlite_query(struct reed_history *h,
                                            const struct reed_history_query *query,
                                            struct reed_history_page *page);
struct reed_future *reed_rooms_sqlite_talks(struct reed_history *h, struct reed_slice account,
                                            int64_t from, int64_t to, unsigned limit,
                                            struct reed_talks *talks);

#endif
