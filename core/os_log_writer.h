/* The writer of the log, as the thread and the side of the loop see it. */

#ifndef REED_OS_LOG_WRITER_H
#define REED_OS_LOG_WRITER_H

#include <pthread.h>

#include "log_private.h"

enum { REED_LOG_GATHER = 16 << 10 };

enum reed_log_entry_kind {
	REED_LOG_ENTRY_LINE,
	REED_LOG_ENTRY_SWITCH,
	REED_LOG_ENTRY_REOPEN,
	REED_LOG_ENTRY_ROTATE,
	REED_LOG_ENTRY_PACKED
};

struct reed_log_entry {
	enum reed_log_entry_kind kind;
	uint32_t n; /* bytes that follow: a line, a struct reed_log_target, or a path */
	size_t stamp;
	int64_t now;
	struct reed_log_file of; /* what a packed one was made from */
};

struct reed_log_queue {
	char *p;
	size_t n, size;
};

struct reed_log_writer {
	pthread_mutex_t lock;
	pthread_cond_t more, idle;

	/* under the lock */
	struct reed_log_queue in;
	size_t room;
	uint64_t dropped, folded, failed;
	bool started, waiting, stopping, ended, abandoned, flushing;
	bool is_failing; /* as the thread says */
	reed_log_moved_fn *moved;
	void *moved_arg;
	struct reed_log_style style;

	/* of the thread */
	pthread_t thread;
	bool synchronous;
	struct reed_log_queue out;
	struct reed_log_target target;
	struct reed_log_fold fold;
	uint64_t told_dropped, lost; /* lost: could not be written */
	uint64_t told_lost, size;    /* size: of the file */
	bool failing, well, torn;    /* well: it is over, which has to be told */
	bool has_moved;              /* a file, which is to be told */
	bool led;                    /* what is gathered begins with the end of a torn line */
	int why;                     /* errno of what fails */
	char gathered[REED_LOG_GATHER];
	size_t gathered_n;
};

/* ---- os_log_lines.c ---- */

/* What fold is given to do with lines. */
void reed_log_lines_gather(struct reed_log_fold *fold, struct reed_slice bytes);
void reed_log_lines_end(struct reed_log_fold *fold);

/* Writes all that is queued.  The lock is held, but not while writing. */
void reed_log_lines_write(struct reed_log_writer *w);

void reed_log_lines_close(struct reed_log_writer *w);

#endif
