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

/*
 * The same as a format of one's own says, in the manner of Apache's LogFormat:
 *
 *	%h client       %a the same       %{c}a who was connected   %l -
 *	%u account      %t [time]         %r the request's line     %m method
 *	%U path         %q ?query         %H HTTP/1.1               %v host
 *	%s, %>s status  %b bytes or -     %B bytes                  %D microseconds
 *	%T seconds      %{Name}i a field of the request             %% a percent sign
 *
 * format is one that reed_http_access_check() has found right.
 */
REED_API void reed_http_access_custom(const struct reed_http_access *access, const char *format,
                                      struct reed_buf *out);

/* REED_ESYNTAX: *why, a sentence to go on after the format, is what is wrong with it. */
REED_API enum reed_err reed_http_access_check(const char *format, struct reed_buf *why);

struct reed_http_access_options {
	size_t size; /* of this struct */
	enum reed_http_access_format format;
	const char *custom; /* in place of it; NULL: none */
	/*
	 * Which peers are believed when they say for whom they ask: prefixes with commas, and
	 * unix; NULL: nobody.  Then the client is the address furthest to the right that is
	 * none of theirs.  They say it in X-Forwarded-For, or in Forwarded (RFC 7239): only one
	 * of them is looked at, as what a proxy does not write itself is whatever was sent to it.
	 */
	const char *trust;
	bool forwarded;
};

#define REED_HTTP_ACCESS_OPTIONS                                \
	{                                                       \
		.size = sizeof(struct reed_http_access_options) \
	}

struct reed_http_access_log;

/*
 * path is added to (0640).  Options are copied, and may be NULL.  REED_EACCES, REED_ENOENT,
 * ...; REED_ESYNTAX of options; *fault is the caller's.
 */
REED_API enum reed_err reed_http_access_open(struct reed_loop *loop, const char *path,
                                             const struct reed_http_access_options *options,
                                             struct reed_http_access_log **log,
                                             struct reed_fault **fault);

/* For struct reed_http_server_options; arg is the log. */
REED_API void reed_http_access_tell(void *arg, const struct reed_http_access *access);

/* Opens the file anew by its name: it has been rotated. */
REED_API void reed_http_access_reopen(struct reed_http_access_log *log);

/* Lines for which there was no room, or that could not be written, which the loop's log tells. */
REED_API uint64_t reed_http_access_dropped(const struct reed_http_access_log *log);

/* What has been told is still written.  May be NULL. */
REED_API void reed_http_access_close(struct reed_http_access_log *log);

REED_END_DECLS

#endif
