/*
 * The files of a log: the one that is written, and those that were moved away before it,
 * packed or not.  All of it blocks, for a worker.
 */

#ifndef REED_LOG_FILES_H
#define REED_LOG_FILES_H

#include "reed/log.h"

enum { REED_LOG_LINE = 256 << 10 }; /* the longest line that is looked at */

struct log_file {
	char *name;
	void *gz; /* of zlib, which reads what is not packed too */
	int fd;   /* the one below it, which is owned by gz */
	struct reed_log_file is;
	int64_t begin; /* when its first record was logged; INT64_MAX: that cannot be told */
};

struct log_files {
	struct log_file *items; /* the oldest first */
	size_t n;
};

/*
 * All of them are held open, so that none is missed or read twice when they are moved
 * meanwhile.  With since, which may be NULL, only those that have begun after that, if any.  "-" is
 * standard input.  *fault is the caller's.
 */
enum reed_err reed_log_files_open(const char *path, const int64_t *since, struct log_files *files,
                                  struct reed_fault **fault);
void reed_log_files_close(struct log_files *files);

/* *n is 0 at the end, behind which there may be more later.  REED_ESYNTAX: it is packed, and broken. */
enum reed_err reed_log_file_read(struct log_file *file, char *into, size_t room, size_t *n);

/* Is something else read under that name by now: another file that somebody has begun, or less? */
bool reed_log_file_was_replaced(const struct log_file *file, const char *path);

#endif
