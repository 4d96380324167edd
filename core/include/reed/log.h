/*
 * The log: what happened, as a sentence and keys with values.
 *
 *	reed_log(loop, REED_LOG_INFO, "client has left nick=%s after=%d", nick, seconds);
 *
 * The text is a sentence that is the same each time, then `key=%conversion` for
 * whatever differs, as many as REED_LOG_FIELDS.  The compiler checks it as it
 * checks printf's; the values are kept apart from each other, so that one with
 * a space, a quote or a newline in it is not mistaken for more.  A value may be
 * put together, as in peer=%s:%d; a key whose text is NULL is left out.  Width
 * and flags of conversions are not honoured, precision is.  Keys are of
 * [a-z0-9_]; time, level, message, at and repeated are taken.
 *
 * No call waits: the record is copied into bounded memory, which a thread
 * writes out.  When that is full, records are dropped and counted, and the log
 * says how many.  What repeats itself within some seconds is told once, then
 * "and N more".  A disk that is full is told once, on standard error; when there
 * is room again, the log says how many records it lacks.  The flags of standard error are never changed.
 *
 * Every loop has a log of its own, which is for its thread only; until told
 * otherwise it goes to standard error, from REED_LOG_INFO on.  Under simulation
 * there is no thread: a record is out when the call returns.
 *
 * Limits: a record has REED_LOG_RECORD bytes; values are cut at that.
 */

#ifndef REED_LOG_H
#define REED_LOG_H

#include "reed/buf.h"
#include "reed/loop.h"

REED_BEGIN_DECLS

struct reed_cell;
struct reed_pool;

enum { REED_LOG_FIELDS = 24, REED_LOG_RECORD = 8192 };

enum reed_log_level {
	REED_LOG_DEBUG,
	REED_LOG_INFO,
	REED_LOG_WARN,     /* somebody should look at it some day */
	REED_LOG_ERROR,    /* something did not get done */
	REED_LOG_CRITICAL, /* the program cannot go on */
};

/* "debug" and the like; never NULL. */
REED_API const char *reed_log_level_name(enum reed_log_level level);

/* REED_ESYNTAX: no such level. */
REED_API enum reed_err reed_log_level_parse(struct reed_slice name, enum reed_log_level *level);

/* Arguments are evaluated only if somebody wants to hear of this level. */
#define reed_log(loop, level, ...)                                               \
	(reed_log_wants((loop), (level))                                         \
	         ? reed_log_at((loop), (level), __FILE__, __LINE__, __VA_ARGS__) \
	         : (void)0)

REED_API bool reed_log_wants(struct reed_loop *loop, enum reed_log_level level);
REED_API void reed_log_at(struct reed_loop *loop, enum reed_log_level level, const char *file,
                          int line, const char *format, ...) REED_PRINTF(5, 6);

/*
 * Puts "key=%s ..." in front of the fields of every record of this task and of
 * what it starts from now on.  A key of the same name that was set before is
 * hidden.
 */
REED_API void reed_log_with(struct reed_loop *loop, const char *format, ...) REED_PRINTF(2, 3);

/* ---- where it goes ---- */

enum reed_log_to {
	REED_LOG_TO_STDERR,
	REED_LOG_TO_FILE,
	REED_LOG_TO_NOBODY, /* only to taps */
};

enum reed_log_format {
	/* Text on a terminal, records on the journal of systemd ($JOURNAL_STREAM), else JSON. */
	REED_LOG_AUTO,
	REED_LOG_TEXT,
	REED_LOG_JSON,     /* one object a line, time in UTC (RFC 8259, RFC 3339) */
	REED_LOG_COLOURED, /* text with colours, whatever it goes to */
};

enum { REED_LOG_MODULES = 32, REED_LOG_MODULE = 64 };

/*
 * The level of a part of the program.  A part is named as its sources are: by a folder or a
 * file without its ending, "http", "protocols/irc", "h1"; the longest name that fits a
 * record is meant.
 */
struct reed_log_module {
	char name[REED_LOG_MODULE];
	enum reed_log_level level;
};

struct reed_log_options {
	size_t size; /* of this struct */
	enum reed_log_to to;
	const char *path;          /* of a file, which is added to (0640) */
	enum reed_log_level level; /* the least that is written */
	enum reed_log_format format;
	bool local_time; /* in text; else UTC */
	size_t room;     /* bytes that may wait for the writer; 0: 256 KiB */
	uint64_t rotate; /* bytes: a file that long is moved to PATH.1, ...; 0: never */
	unsigned keep;   /* how many of those stay; 0: 5 */
	/* What the journal calls the program; NULL: by its process. */
	const char *identity;
	/* With REED_LOG_AUTO, where the journal is spoken to; NULL: where systemd has it. */
	const char *journal;
	/* The file is moved away, if there is anything in it, before the first record of another day. */
	bool daily;
	const struct reed_log_module *modules; /* levels of theirs, in place of level; copied */
	size_t module_count;                   /* REED_LOG_MODULES at most */
	size_t history; /* bytes of records that stay in memory, for reed_log_replay(); 0: none do */
};

#define REED_LOG_OPTIONS                                                        \
	{                                                                       \
		.size = sizeof(struct reed_log_options), .level = REED_LOG_INFO \
	}

struct reed_log;

/* The log of the loop, for the calls below. */
REED_API struct reed_log *reed_log_of(struct reed_loop *loop);

/* From now on.  When the file cannot be opened all stays as it was; *fault is the caller's. */
REED_API enum reed_err reed_log_open(struct reed_log *log, const struct reed_log_options *options,
                                     struct reed_fault **fault);

/* Opens the file anew by its name, when it is one, and after what has been said before. */
REED_API void reed_log_reopen(struct reed_log *log);

REED_API void reed_log_set_level(struct reed_log *log, enum reed_log_level level);
REED_API enum reed_log_level reed_log_get_level(const struct reed_log *log);

/* "http=debug".  *fault, which is the caller's, says what would be right: REED_ESYNTAX. */
REED_API enum reed_err reed_log_module_parse(struct reed_slice text, struct reed_log_module *module,
                                             struct reed_fault **fault);

/* REED_ETOOBIG: there are REED_LOG_MODULES already. */
REED_API enum reed_err reed_log_set_module(struct reed_log *log,
                                           const struct reed_log_module *module);

/* NULL: there are no more.  Good until one is set. */
REED_API const struct reed_log_module *reed_log_module_at(const struct reed_log *log, size_t n);

/* Does a part of that name have the file, which may be NULL? */
REED_API bool reed_log_module_has(const char *name, const char *file);

/*
 * Waits until all is written, for ms at most; false when that was not enough.
 * Blocks: for the end of a program.  The end of the loop does it too.
 */
REED_API bool reed_log_flush(struct reed_log *log, int64_t ms);

/* ---- files that were moved away ---- */

/* Which file, whatever its name is by now: st_dev and st_ino. */
struct reed_log_file {
	uint64_t device, inode;
};

/*
 * Touched when the log has moved its file away, and when reed_log_packed() has put
 * another in its place.
 * The last one is PATH.1, or PATH.1.gz once it was packed; they go up together.
 */
REED_API struct reed_cell *reed_log_moved(struct reed_log *log);

/*
 * packed, which is complete and on the disk, takes the place of the file it was made
 * from, under the name and number that this one has by then; when that is gone packed
 * is deleted.  Who moves files away does it, so that no two do it at once.
 */
REED_API void reed_log_packed(struct reed_log *log, const char *packed, struct reed_log_file of);

/* ---- listening in ---- */

struct reed_log_field {
	const char *key;
	struct reed_slice value;
	bool number; /* the value is one, as JSON writes it */
};

/* Borrowed for the call. */
struct reed_log_event {
	enum reed_log_level level;
	int64_t wall; /* reed_wall() */
	struct reed_slice message;
	const struct reed_log_field *fields; /* those of the task first */
	size_t count;
	const char *file;
	int line;
};

/* Embedded; hears every record from its level on, unfolded.  What it logs itself it does not hear. */
struct reed_log_tap {
	void (*hear)(struct reed_log_tap *self, const struct reed_log_event *event);
	/* NULL: of each record from that level on. */
	bool (*wants)(struct reed_log_tap *self, const struct reed_log_event *event);
	enum reed_log_level level;
	struct reed_list link;
};

REED_API void reed_log_tap(struct reed_log *log, struct reed_log_tap *tap);

/* Does nothing to one that listens to nobody. */
REED_API void reed_log_untap(struct reed_log *log, struct reed_log_tap *tap);

/*
 * Tells tap, which need not listen, what has happened before: of the records in memory
 * the last `most` that it wants, the oldest first.  In memory is what the log's own levels
 * let through, wherever it goes; of what is logged meanwhile nothing is kept.
 */
REED_API void reed_log_replay(struct reed_log *log, struct reed_log_tap *tap, size_t most);

/*
 * A record that was heard elsewhere, as of the log of another loop: it is written
 * and told here too, and counted there.  All of it is borrowed for the call.
 */
REED_API void reed_log_pass(struct reed_log *log, const struct reed_log_event *event);

/* The bytes of a copy with all that it points to, and that copy in a block of so many. */
REED_API size_t reed_log_size(const struct reed_log_event *event);
REED_API struct reed_log_event *reed_log_copy(const struct reed_log_event *event, void *block);

/* The value of a key; empty when there is none. */
REED_API struct reed_slice reed_log_value(const struct reed_log_event *event, const char *key);

/* One line with its newline.  REED_LOG_AUTO is text. */
REED_API void reed_log_render(const struct reed_log_event *event, enum reed_log_format format,
                              bool local_time, struct reed_buf *out);

/*
 * Of a line of REED_LOG_JSON, with its newline or without: the record it was made of.  All
 * that *event points to is of the pool.  REED_ESYNTAX: the line is none; REED_ETOOBIG: the
 * pool has no room; *why, which may not be NULL, is what is wrong with it.  "repeated" is a
 * field as others are.
 */
REED_API enum reed_err reed_log_parse(struct reed_slice line, struct reed_pool *pool,
                                      struct reed_log_event *event, const char **why);

struct reed_log_stats {
	size_t size; /* set by the caller */
	uint64_t records[REED_LOG_CRITICAL + 1];
	uint64_t dropped; /* there was no room, or it could not be written */
	uint64_t folded;  /* told as "and N more" */
	size_t failing;   /* 1 while it cannot be written, as on a full disk */
};

REED_API void reed_log_stats(const struct reed_log *log, struct reed_log_stats *stats);

REED_END_DECLS

#endif
