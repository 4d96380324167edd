/* What the files of the log share. */

#ifndef REED_LOG_PRIVATE_H
#define REED_LOG_PRIVATE_H

#include "reed/log.h"

/* ---- taking apart ---- */

/* A record; its slices lie in bytes, or outlive it. */
struct reed_log_text {
	struct reed_slice message;
	struct reed_log_field fields[REED_LOG_FIELDS];
	size_t count;
	size_t used;
	char bytes[REED_LOG_RECORD];
};

void reed_log_take_apart(struct reed_log_text *text, const char *format, va_list args);

/* ---- rendering ---- */

enum { REED_LOG_IDENTITY = 48 };

struct reed_log_style {
	bool json, local_time, colour;
	bool journal; /* a record of systemd's journal, which is no line */
	char identity[REED_LOG_IDENTITY];
};

/* RFC 5424 6.2.1, table 2 */
int reed_log_severity(enum reed_log_level level);

/* *stamp: how many of the line's bytes, its first, are the time. */
void reed_log_render_as(const struct reed_log_event *event, struct reed_log_style style,
                        struct reed_buf *out, size_t *stamp);

/* The bytes of the character at the front, and the character; 0 when it is not UTF-8. */
size_t reed_log_decode(struct reed_slice s, uint32_t *c);

/* What moves a cursor, ends a line or turns text around would let a peer forge records. */
bool reed_log_is_harmless(uint32_t c);

/* Text as in a line for people, and " key=value". */
void reed_log_render_escaped(struct reed_buf *out, struct reed_slice s);
void reed_log_render_field(struct reed_buf *out, const char *key, struct reed_slice value);

/* ---- levels of parts ---- */

struct reed_log_modules {
	struct reed_log_module items[REED_LOG_MODULES];
	size_t count;
	enum reed_log_level least; /* of them */
};

enum reed_err reed_log_modules_set(struct reed_log_modules *self,
                                   const struct reed_log_module *module);

/* Of what that file logs. */
enum reed_log_level reed_log_modules_level(const struct reed_log_modules *self, const char *file,
                                           enum reed_log_level otherwise);

/* ---- what has just happened ---- */

struct reed_log_history {
	struct reed_list kept; /* the oldest first */
	size_t held, room;     /* bytes */
	bool busy;             /* being told */
};

void reed_log_history_init(struct reed_log_history *self);

/* Forgets what has no room any more; 0: all. */
void reed_log_history_limit(struct reed_log_history *self, size_t room);
void reed_log_history_add(struct reed_log_history *self, const struct reed_log_event *event);

bool reed_log_tap_wants(struct reed_log_tap *tap, const struct reed_log_event *event);
void reed_log_history_tell(struct reed_log_history *self, struct reed_log_tap *tap, size_t most);

/* ---- folding ---- */

enum { REED_LOG_FOLDS = 16, REED_LOG_FOLD_LINE = 1024, REED_LOG_STAMP = 64 };

/* A line that was told, and how often it came again since. */
struct reed_log_told {
	uint64_t hash; /* 0: none */
	int64_t until; /* monotonic, ns */
	uint32_t again;
	uint16_t stamp_n, rest_n;
	char stamp[REED_LOG_STAMP]; /* of the last one */
	char rest[REED_LOG_FOLD_LINE];
};

struct reed_log_fold {
	struct reed_log_told told[REED_LOG_FOLDS];
	uint64_t folded;
	void (*emit)(struct reed_log_fold *self, struct reed_slice bytes);
	void (*end)(struct reed_log_fold *self); /* of what was one line */
};

/* Tells what is new, counts what is not. */
void reed_log_fold_line(struct reed_log_fold *self, int64_t now, struct reed_slice line,
                        size_t stamp);

/* Tells "and N more" of what is over by now; REED_NEVER: of all, and forgets them. */
void reed_log_fold_expire(struct reed_log_fold *self, int64_t now);

/* When the next of them is over; REED_NEVER. */
int64_t reed_log_fold_deadline(const struct reed_log_fold *self);

/* ---- writing ---- */

struct reed_log_writer;

/* synchronous: without a thread, for simulations. */
struct reed_log_writer *reed_log_writer_new(bool synchronous);

/* Calls moved, in the writer's thread, when files have other names; never while it is freed. */
typedef void reed_log_moved_fn(void *arg);
void reed_log_writer_tell(struct reed_log_writer *w, reed_log_moved_fn *moved, void *arg);

/* See reed_log_packed(). */
void reed_log_writer_packed(struct reed_log_writer *w, const char *packed, struct reed_log_file of);

/* Waits some seconds for what is queued. */
void reed_log_writer_free(struct reed_log_writer *w);

/* Copies the line. */
void reed_log_writer_line(struct reed_log_writer *w, int64_t now, struct reed_slice line,
                          size_t stamp);

/* The file is moved away before what follows. */
void reed_log_writer_rotate(struct reed_log_writer *w);

/* Where to, from the next line on. */
struct reed_log_target {
	int fd;     /* -1: nowhere */
	char *path; /* of a file that is ours, and so is fd; else NULL */
	size_t room;
	struct reed_log_style style; /* of what the writer says itself */
	uint64_t rotate;             /* the file is moved away at that size; 0: never */
	unsigned keep;               /* of those moved away; at least 1 */
	char *journal;               /* the journal's socket, to which fd is connected; else NULL */
};

/* Takes over path and the fd that goes with it. */
void reed_log_writer_switch(struct reed_log_writer *w, const struct reed_log_target *target);
void reed_log_writer_reopen(struct reed_log_writer *w);

bool reed_log_writer_flush(struct reed_log_writer *w, int64_t ms);
void reed_log_writer_stats(struct reed_log_writer *w, struct reed_log_stats *stats);

/* What the system knows of standard error or a file. */
uint64_t reed_log_os_size(int fd);

/* When something was last written to a file that holds something, ns of the wall clock; else 0. */
int64_t reed_log_os_written(int fd);

/* Another file has that name by now. */
bool reed_log_os_was_moved(int fd, const char *path);

/* path to path.1, that to path.2, and so on, packed ones too; the oldest goes. */
enum reed_err reed_log_os_rotate(const char *path, unsigned keep);

/* See reed_log_packed(); REED_ENOENT: what it was made from has gone.  path may be NULL. */
enum reed_err reed_log_os_put_packed(const char *path, unsigned keep, const char *packed,
                                     struct reed_log_file of);

/* ---- the journal ---- */

void reed_log_render_journal(const struct reed_log_event *event, const char *identity,
                             struct reed_buf *out);

/* Is that descriptor the journal's, as $JOURNAL_STREAM says? */
bool reed_log_os_is_journal(int fd);

/* -1: nobody is there. */
int reed_log_os_journal(const char *path);
bool reed_log_os_journal_send(int fd, struct reed_slice record);

int reed_log_os_open(const char *path);
bool reed_log_os_is_terminal(int fd);

#endif
