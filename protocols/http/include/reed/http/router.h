/*
 * Routes: which handler answers what.
 *
 *	router = reed_http_router_new();
 *	reed_http_route(router, "GET", "/users/{id:int}", show_user, app);
 *	reed_http_route(router, "GET", "/files/{rest:path}", reed_http_files_handler, files);
 *	options.handler = reed_http_routed;
 *	options.arg = router;
 *
 * A pattern is segments: text, {name} or {name:type}.  Types: str (one segment
 * that is not empty, the default), int (of 64 bits), uint, hex, word
 * (letters, digits, '_' and '-'), path (all that is left, may be empty).  Text
 * goes before parameters, and of these the narrower type first; what leads
 * nowhere is tried the next way.  Percent-encoding is decoded after the path
 * was split, so that %2F is part of a segment.
 *
 * A path that has routes, but not of this method, is answered 405 with Allow;
 * HEAD is answered by the handler of GET, and OPTIONS with Allow, where there
 * is no route of their own.  A method that no route of the router knows, and
 * RFC 9110 does not, is 501.
 */

#ifndef REED_HTTP_ROUTER_H
#define REED_HTTP_ROUTER_H

#include "reed/http/request.h"

REED_BEGIN_DECLS

enum { REED_HTTP_PARAMS = 16, REED_HTTP_SEGMENTS = 64 };

struct reed_http_router;

struct reed_http_param {
	struct reed_slice name, value;
};

REED_API struct reed_http_router *reed_http_router_new(void);

/* Its sub-routers are freed with it.  May be NULL. */
REED_API void reed_http_router_free(struct reed_http_router *router);

/*
 * method may be "*": any that has no route of its own.  REED_ESYNTAX: the
 * pattern is not one; REED_EEXIST: there is such a route; *fault says more, is
 * the caller's and may be NULL.
 */
REED_API enum reed_err reed_http_try_route(struct reed_http_router *router, const char *method,
                                           const char *pattern, const char *name,
                                           reed_http_handler_fn *handler, void *arg,
                                           struct reed_fault **fault);

/* The same for patterns that stand in the program: a mistake ends it. */
REED_API void reed_http_route(struct reed_http_router *router, const char *method,
                              const char *pattern, reed_http_handler_fn *handler, void *arg);
/* One that reed_http_url() can make the path of. */
REED_API void reed_http_route_named(struct reed_http_router *router, const char *method,
                                    const char *pattern, const char *name,
                                    reed_http_handler_fn *handler, void *arg);

/* Everything under prefix, which has no parameters, is sub's, which is router's from now on. */
REED_API void reed_http_mount(struct reed_http_router *router, const char *prefix,
                              struct reed_http_router *sub);

/*
 * Around every handler of the router, and of those mounted in it: the first
 * that was added is outermost.  fn calls reed_http_next(), or answers itself.
 */
REED_API void reed_http_around(struct reed_http_router *router, reed_http_handler_fn *fn,
                               void *arg);

/* What comes next around the handler, or the handler; as that does it may return NULL. */
REED_API struct reed_future *reed_http_next(struct reed_http_request *request);

/* The same for coroutines: never NULL. */
REED_API struct reed_future *reed_http_next_future(struct reed_http_request *request);

/* Answers errors below this router, those of reed_http_fail() and of handlers. */
typedef void reed_http_error_fn(void *arg, struct reed_http_request *request, unsigned status,
                                const char *why);
REED_API void reed_http_on_error(struct reed_http_router *router, reed_http_error_fn *fn,
                                 void *arg);

/* As the handler of a server: arg is the router. */
REED_API struct reed_future *reed_http_routed(void *arg, struct reed_http_request *request);

/* ---- what was matched ---- */

/* The value, decoded; p is NULL when there is no such parameter. */
REED_API struct reed_slice reed_http_param(const struct reed_http_request *request,
                                           const char *name);

/* Of int and uint; 0 when there is no such parameter. */
REED_API int64_t reed_http_param_int(const struct reed_http_request *request, const char *name);
REED_API uint64_t reed_http_param_uint(const struct reed_http_request *request, const char *name);

/*
 * Adds the path of a named route, of the router or one mounted in it, from the
 * root.  REED_ENOENT: no such route; REED_EINVAL: a parameter is missing or not
 * of its type.
 */
REED_API enum reed_err reed_http_url(const struct reed_http_router *router, const char *name,
                                     const struct reed_http_param *params, size_t count,
                                     struct reed_buf *out);

REED_END_DECLS

#endif
