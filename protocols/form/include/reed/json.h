/*
 * JSON (RFC 8259) in and out of requests, by jansson, whose values these are.
 *
 *	reed_try(co, reed_json_take(self->request, NULL, &self->json));
 *	reed_json_respondf(self->request, 200, "{s:s}", "name", name);
 *
 * What is too deep, too large, says a name twice or is not well-formed is
 * refused, with line and column.
 */

#ifndef REED_JSON_H
#define REED_JSON_H

#include "reed/http/request.h"

REED_BEGIN_DECLS

struct json_t; /* of jansson.h, which calls it json_t */

/* Zero is the default. */
#define REED_JSON_LIMITS(X)                              \
	X(bytes, 1048576, "bytes of the text")           \
	X(depth, 32, "arrays and objects in each other") \
	X(values, 100000, "values, names too")

struct reed_json_limits {
#define X(name, value, text) uint32_t name;
	REED_JSON_LIMITS(X)
#undef X
	uint32_t reserved[3];
};

/*
 * The value is the caller's, for json_decref().  REED_ESYNTAX, REED_ETOOBIG with
 * a sentence that begins with "line 3, column 7: ", counted from 1 in characters.
 * limits and fault may be NULL; the fault is the caller's.
 */
REED_API enum reed_err reed_json_parse(struct reed_slice text,
                                       const struct reed_json_limits *limits, struct json_t **out,
                                       struct reed_fault **fault);

/* Adds the text of a value, in one line; REED_EINVAL: it cannot be written. */
REED_API enum reed_err reed_json_write(const struct json_t *value, struct reed_buf *out);

/*
 * The body of the request, which is application/json or ends in +json; it goes
 * with the request.  One that is refused has been answered with 400, 413 or 415
 * and the sentence, and the future fails (REED_ESYNTAX, REED_ETOOBIG,
 * REED_ENOTSUP).
 */
REED_API struct reed_future *reed_json_take(struct reed_http_request *request,
                                            const struct reed_json_limits *limits,
                                            struct json_t **out);

/* Is there a body, and is it JSON? */
REED_API bool reed_json_is_there(const struct reed_http_request *request);

/* The answer; takes over the value.  One that is NULL, or cannot be written, is 500. */
REED_API void reed_json_respond(struct reed_http_request *request, unsigned status,
                                struct json_t *value);

/* The same with json_pack()'s format: "{s:s, s:i}". */
REED_API void reed_json_respondf(struct reed_http_request *request, unsigned status,
                                 const char *format, ...);

REED_END_DECLS

#endif
