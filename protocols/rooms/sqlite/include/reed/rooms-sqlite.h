/*
 * Rooms on disk: a store and a history in one SQLite file.
 *
 * What the store was asked to save is on the disk when the future settles.
 * Messages are gathered until the turn ends, and again while the disk is busy,
 * and written together; reed_history_flush() waits for them.  What cannot be
 * written is kept, up to a limit, and tried again.
 */

#ifndef REED_ROOMS_SQLITE_H
#define REED_ROOMS_SQLITE_H

#include "reed/rooms.h"

REED_BEGIN_DECLS

struct reed_rooms_sqlite;

struct reed_rooms_sqlite_options {
	size_t size;          /* of this struct */
	bool check;           /* look for damage first: reads all of the file */
	uint32_t messages;    /* kept of each conversation, roughly; 0: 100,000 */
	size_t unsaved_bytes; /* of messages that wait for the disk; 0: 16 MiB */
	uint64_t bytes;       /* the file grows no larger: REED_ENOSPC; 0: no limit */

	/* The disk took no messages; it is tried again.  NULL: the log is told. */
	void (*trouble)(void *arg, enum reed_err err, const char *why);
	void *arg;
};

#define REED_ROOMS_SQLITE_OPTIONS                                \
	{                                                        \
		.size = sizeof(struct reed_rooms_sqlite_options) \
	}

/* Errors are those of reed_sqlite_open().  options may be NULL. */
REED_API struct reed_future *reed_rooms_sqlite_open(struct reed_loop *loop, const char *path,
                                                    const struct reed_rooms_sqlite_options *options,
                                                    struct reed_rooms_sqlite **db);

/*
 * Writes what is left and closes the file.  The hub that uses it is gone by
 * then.  Fails if messages were lost.
 */
REED_API struct reed_future *reed_rooms_sqlite_close(struct reed_rooms_sqlite *db);

/* Both live as long as db; to free them does nothing. */
REED_API struct reed_rooms_store *reed_rooms_sqlite_store(struct reed_rooms_sqlite *db);
REED_API struct reed_history *reed_rooms_sqlite_history(struct reed_rooms_sqlite *db);

struct reed_rooms_sqlite_stats {
	size_t size;            /* set by the caller */
	uint64_t written, lost; /* messages */
	size_t waiting_bytes;
};

REED_API void reed_rooms_sqlite_stats(const struct reed_rooms_sqlite *db,
                                      struct reed_rooms_sqlite_stats *stats);

REED_END_DECLS

#endif
