/*
 * A log of traffic: what goes over a stream, both ways, as numbers and text.
 *
 *	2026-01-02T03:04:05.678901Z 3 127.0.0.1:6667 > 12 bytes from 0
 *	  0000  4e 49 43 4b 20 61 6c 69  63 65 0d 0a              NICK alice..
 *
 * ">" went out, "<" came in; "+" the connection begins, "." that way has ended,
 * "!" it broke.  3 is the number of the connection in this log.  Times are of
 * the loop.
 *
 * No call waits: records are copied into bounded memory, which a thread writes
 * out; what does not fit is dropped, and the log says how many records were.
 * Of one piece the first REED_TRAFFIC_PIECE bytes are shown.
 *
 * Passwords go over streams: such a log is for finding faults, and is made
 * readable by nobody but its owner and group (0640).
 */

#ifndef REED_TRAFFIC_H
#define REED_TRAFFIC_H

#include "reed/listener.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

enum { REED_TRAFFIC_PIECE = 4096 };

struct reed_traffic_options {
	size_t size;      /* of this struct */
	const char *path; /* is added to; NULL: standard error */
	size_t room;      /* bytes that may wait for the writer; 0: 256 KiB */
	void *reserved[2];
};

#define REED_TRAFFIC_OPTIONS                                \
	{                                                   \
		.size = sizeof(struct reed_traffic_options) \
	}

struct reed_traffic;

/*
 * The loop owns it, until its own end; who asks for the same file again gets
 * the same log, as it is.  options may be NULL.  REED_ENOENT, REED_EACCES, ...:
 * of the file, with a fault that is the caller's.  Opens a file, so: for starts.
 */
REED_API enum reed_err reed_traffic_open(struct reed_loop *loop,
                                         const struct reed_traffic_options *options,
                                         struct reed_traffic **traffic, struct reed_fault **fault);

/* Opens the files of all of them anew by their names, when they have been moved away. */
REED_API void reed_traffic_reopen(struct reed_loop *loop);

/* Waits for what is queued, for ms at most; false when that was not enough.  Blocks. */
REED_API bool reed_traffic_flush(struct reed_traffic *traffic, int64_t ms);

/* A stream made from a stream, which it owns: the same, with all of it in the log. */
REED_API struct reed_stream *reed_traffic_stream(struct reed_stream *below,
                                                 struct reed_traffic *traffic);

/* Yields the streams of below, logged.  Owns below. */
REED_API struct reed_listener *reed_traffic_listener(struct reed_listener *below,
                                                     struct reed_traffic *traffic);

REED_END_DECLS

#endif
