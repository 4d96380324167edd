/*
 * Files of a folder, served: conditional requests, ranges, compressed siblings,
 * listings.
 *
 *	files = reed_http_files_new(loop, &options, &fault);
 *	reed_http_route(router, "GET", "/{rest:path}", reed_http_files_handler, files);
 *
 * Nothing outside of the folder is reached, whatever the path says: the system
 * resolves it beneath the folder (openat2), and where it cannot, each part is
 * opened on its own without following links.  Files are opened and read in the
 * offload pool.  Small ones are kept in memory, some larger ones open, and
 * looked at again when options.fresh_ms have passed.  Large ones are sent by the
 * system (reed/source.h) when they are at hand.
 */

#ifndef REED_HTTP_FILES_H
#define REED_HTTP_FILES_H

#include "reed/http/request.h"

REED_BEGIN_DECLS

struct reed_http_files;

struct reed_http_files_options {
	size_t size;               /* of this struct */
	const char *root;          /* a folder */
	const char *index;         /* of a folder; NULL: index.html */
	const char *cache_control; /* of all answers; NULL: none is sent */
	bool listing;              /* a folder without an index is shown */
	bool precompressed;        /* NAME.br, NAME.zst, NAME.gz are sent to who takes them */
	bool symlinks;             /* such as stay beneath the root are followed */
	bool hidden;               /* names that begin with a dot, which .well-known always may */
	uint32_t kept;             /* bytes of files in memory; 0: 32 MiB */
	uint32_t kept_each;        /* no file larger than this; 0: 32 KiB */
	uint32_t fresh_ms;         /* 0: 1000 */
	/* What names may be asked for without, "html, htm": /about is about.html; NULL: nothing. */
	const char *endings;
};

#define REED_HTTP_FILES_OPTIONS                                \
	{                                                      \
		.size = sizeof(struct reed_http_files_options) \
	}

/* options are copied.  REED_ENOENT, REED_ENOTDIR, REED_EACCES; *fault is the caller's. */
REED_API enum reed_err reed_http_files_new(struct reed_loop *loop,
                                           const struct reed_http_files_options *options,
                                           struct reed_http_files **files,
                                           struct reed_fault **fault);

/* No request is under way.  May be NULL. */
REED_API void reed_http_files_free(struct reed_http_files *files);

/* arg is the files; the path is the parameter {rest:path}, or all of it without one. */
REED_API struct reed_future *reed_http_files_handler(void *arg, struct reed_http_request *request);

/* The same for a path of the caller's choice: relative to the folder, decoded, borrowed. */
REED_API struct reed_future *reed_http_files_answer(struct reed_http_files *files,
                                                    struct reed_http_request *request,
                                                    struct reed_slice path);

/* "text/html; charset=utf-8" of a name; application/octet-stream when it is not known. */
REED_API const char *reed_http_mime(struct reed_slice name);

/* ---- for those who send things of their own ---- */

/*
 * What the conditions of a request come to (RFC 9110 13.2.2): 0, 304 or 412.
 * etag is with its quotes, modified in seconds.
 */
REED_API unsigned reed_http_condition(const struct reed_http_request *request,
                                      struct reed_slice etag, int64_t modified);

struct reed_http_range {
	uint64_t first, last; /* both are within */
};

enum { REED_HTTP_RANGES = 16 };

/*
 * Range of a request (RFC 9110 14.2).  REED_OK: *count of them; REED_ENOENT: there
 * is none that counts, send all; REED_ERANGE: none can be satisfied, answer 416.
 */
REED_API enum reed_err reed_http_ranges(struct reed_slice value, uint64_t size,
                                        struct reed_http_range *ranges, size_t *count);

/* Whether a content coding is accepted (RFC 9110 12.5.3). */
REED_API bool reed_http_accepts_coding(struct reed_slice accept_encoding, const char *coding);

REED_END_DECLS

#endif
