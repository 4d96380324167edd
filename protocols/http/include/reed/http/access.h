/*
 * An access log: a line for each request, to a file or to somebody who wants it.
 *
 *	options.access = reed_http_access_tell;
 *	options.access_arg = log;
 *
 * Lines are gathered in memory and written by a thread, so no request waits for
 * a disk; what does not fit is dropped and counted.
 */

#ifndef REED_HTTP_ACCESS_H
#define REED_HTTP_ACCESS_H

#include "reed/http/server.h"

REED_BEGIN_DECLS

enum reed_http_access_format {
	REED_HTTP_COMBINED, /* as Apache's and nginx's, times in UTC */
	REED_HTTP_JSON,     /* one object a line (RFC 8259) */
};

/*
 * Adds a line with its newline.  What a client sent is escaped: it cannot end
 * the line, nor a quoted part of it, nor speak to a terminal.
 */
REED_API void reed_http_access_line(const struct reed_http_access *access,
                                    enum reed_http_access_format format, struct reed_buf *out);

struct reed_http_access_log;

/* path is added to (0640).  REED_EACCES, REED_ENOENT, ...; *fault is the caller's. */
REED_API enum reed_err reed_http_access_open(struct reed_loop *loop, const char *path,
                                             enum reed_http_access_format format,
                                             struct reed_http_access_log **log,
                                             struct reed_fault **fault);

/* For struct reed_http_server_options; arg is the log. */
REED_API void reed_http_access_tell(void *arg, const struct reed_http_access *access);

/* Opens the file anew by its name: it has been rotated. */
REED_API void reed_http_access_reopen(struct reed_http_access_log *log);

/* Lines for which there was no room, or that could not be written. */
REED_API uint64_t reed_http_access_dropped(const struct reed_http_access_log *log);

/* What has been told is still written.  May be NULL. */
REED_API void reed_http_access_close(struct reed_http_access_log *log);

REED_END_DECLS

#endif
