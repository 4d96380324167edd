/*
 * A request and the answer to it, as a handler sees them: whatever wire they
 * came over.
 *
 * A handler is called once for every request.  It answers at once and returns
 * NULL, or returns a future, such as a coroutine that it started, which answers
 * later: the server owns that and drops it when the client goes away.  So a
 * coroutine needs no code for that case but its end().
 *
 * The request lives until it is answered and that future has ended, and
 * everything read from it, or allocated in its pool, as long.
 *
 * A handler that ends without an answer makes one: 500, or what its error
 * means (REED_ENOENT 404, REED_EACCES and REED_EPERM 403, REED_ETOOBIG 413,
 * REED_ESYNTAX 400, REED_EPROTO 400, REED_ETIMEDOUT 504, REED_ENOSPC 507).  When
 * it fails halfway through an answer the connection is broken, so that the
 * client can tell.
 */

#ifndef REED_HTTP_REQUEST_H
#define REED_HTTP_REQUEST_H

#include "reed/http/message.h"
#include "reed/pool.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

struct reed_http_request;

typedef struct reed_future *reed_http_handler_fn(void *arg, struct reed_http_request *request);

/* ---- what was asked ---- */

REED_API const struct reed_http_head *reed_http_head(const struct reed_http_request *request);

/* The first field of that name; p is NULL when there is none. */
REED_API struct reed_slice reed_http_header(const struct reed_http_request *request,
                                            const char *name);

/* The path, percent-decoded; p is NULL when that cannot be done. */
REED_API struct reed_slice reed_http_path(struct reed_http_request *request);

/* The value of the first key of that name in the query, decoded; p is NULL when there is none. */
REED_API struct reed_slice reed_http_query(struct reed_http_request *request, const char *key);

REED_API struct reed_loop *reed_http_loop(const struct reed_http_request *request);

/* Goes with the request. */
REED_API struct reed_pool *reed_http_pool(struct reed_http_request *request);

/* See reed_stream_facts(). */
REED_API void reed_http_facts(struct reed_http_request *request, struct reed_stream_facts *facts);

/*
 * Something of one's own that goes with the request: a key is an object of the
 * program.  The last that was attached counts; each is freed with the request.
 */
struct reed_http_key {
	const char *name;
	void (*free)(void *value); /* may be NULL */
};

REED_API void reed_http_attach(struct reed_http_request *request, const struct reed_http_key *key,
                               void *value);
/* NULL: nothing was. */
REED_API void *reed_http_attached(const struct reed_http_request *request,
                                  const struct reed_http_key *key);

/* ---- its body ---- */

/* From now on; instead of the server's limit.  Before the first read. */
REED_API void reed_http_body_limit(struct reed_http_request *request, uint64_t bytes);

/*
 * Settles with the next piece, which stays until the next read; an empty one is
 * the end.  REED_ETOOBIG: over the limit; REED_ETIMEDOUT: the client sends
 * nothing; REED_EPROTO: it is not well-formed.  One read at a time.  A client
 * that waits to be told to go on (Expect: 100-continue) is told by the first.
 */
REED_API struct reed_future *reed_http_read(struct reed_http_request *request,
                                            struct reed_slice *piece);

/* All of what is left; stays as long as the request. */
REED_API struct reed_future *reed_http_read_all(struct reed_http_request *request,
                                                struct reed_slice *body);

/* The field behind a chunked body; after its end. */
REED_API struct reed_slice reed_http_trailer(const struct reed_http_request *request,
                                             const char *name);

/* ---- the answer ---- */

/*
 * A field of the answer, copied; before it begins.  Content-Length, Date,
 * Connection, Transfer-Encoding are the server's.  REED_EINVAL: no token, or a
 * value with a line end in it: nothing is added then.
 */
REED_API enum reed_err reed_http_add(struct reed_http_request *request, const char *name,
                                     struct reed_slice value);
REED_API void reed_http_addf(struct reed_http_request *request, const char *name,
                             const char *format, ...) REED_PRINTF(3, 4);

/* All of it.  type may be NULL: no Content-Type, or one that was added. */
REED_API void reed_http_respond(struct reed_http_request *request, unsigned status,
                                const char *type, struct reed_slice body);
REED_API void reed_http_respondf(struct reed_http_request *request, unsigned status,
                                 const char *type, const char *format, ...) REED_PRINTF(4, 5);

/* "404 Not Found: WHY" as plain text, or as the error handler of the server has it. */
REED_API void reed_http_fail(struct reed_http_request *request, unsigned status, const char *why);

/* 301, 302, 303, 307 or 308. */
REED_API void reed_http_redirect(struct reed_http_request *request, unsigned status,
                                 const char *location);

/*
 * Piece by piece: begin, write, end.  length is that of the body; a negative one
 * is not known yet.  What is written of a HEAD request's, or of 204 and 304, is
 * not sent.
 */
REED_API void reed_http_begin(struct reed_http_request *request, unsigned status, const char *type,
                              int64_t length);
REED_API void reed_http_write(struct reed_http_request *request, struct reed_slice bytes);
REED_API void reed_http_write_blob(struct reed_http_request *request, struct reed_blob *blob);
REED_API bool reed_http_must_drain(const struct reed_http_request *request);
REED_API struct reed_future *reed_http_drain(struct reed_http_request *request);
/* Behind the body, of a length that was not known; before the end.  As reed_http_add(). */
REED_API enum reed_err reed_http_add_trailer(struct reed_http_request *request, const char *name,
                                             struct reed_slice value);
REED_API void reed_http_end(struct reed_http_request *request);

/* An interim answer with the fields added so far: 103 (RFC 8297).  Nothing to HTTP/1.0. */
REED_API void reed_http_early(struct reed_http_request *request, unsigned status);

/* The connection ends after this answer. */
REED_API void reed_http_close(struct reed_http_request *request);

REED_API bool reed_http_begun(const struct reed_http_request *request);
REED_API unsigned reed_http_status(const struct reed_http_request *request);

/*
 * The answer is 101 with the fields added so far (200 to CONNECT), and the
 * stream is the caller's from there on, until whose future ends the server
 * keeps the request.  Over HTTP/2 the stream is in frames of the connection
 * (RFC 9113 8.5), and CONNECT with :protocol (RFC 8441) is shown to handlers as
 * the GET with an upgrade that it stands for; a client that goes drops its
 * handler.  REED_EINVAL: the client did not ask for protocol, which
 * is ignored for CONNECT; REED_EBUSY: the answer has begun, the body has not
 * ended, or the handler has not returned yet: it is for coroutines.
 */
REED_API enum reed_err reed_http_upgrade(struct reed_http_request *request, const char *protocol,
                                         struct reed_stream **stream);

REED_END_DECLS

#endif
