/*
 * A jar of cookies: what servers set, and what is sent to them (RFC 6265bis 5).
 * In memory.  A domain that is a public suffix, such as co.uk, gets none.
 *
 * At most 4096 bytes of name and value, 180 cookies of a domain, 3000 in all:
 * the ones that were used least recently go first.
 */

#ifndef REED_HTTP_COOKIES_H
#define REED_HTTP_COOKIES_H

#include "reed/buf.h"

REED_BEGIN_DECLS

struct reed_http_jar;

REED_API struct reed_http_jar *reed_http_jar_new(void);
REED_API void reed_http_jar_free(struct reed_http_jar *jar);

/* Whom a request goes to. */
struct reed_http_cookie_place {
	struct reed_slice host; /* without port and brackets */
	struct reed_slice path; /* from its slash; a query behind it does no harm */
	bool secure;            /* over TLS, or to this machine */
};

/*
 * The value of one Set-Cookie field; wall is seconds since 1970.  REED_ESYNTAX,
 * REED_ETOOBIG: it is none; REED_EACCES: the server may not set that.
 */
REED_API enum reed_err reed_http_jar_set(struct reed_http_jar *jar,
                                         const struct reed_http_cookie_place *place,
                                         struct reed_slice field, int64_t wall);

/* Adds "a=1; b=2", or nothing, as the value of Cookie. */
REED_API void reed_http_jar_get(struct reed_http_jar *jar,
                                const struct reed_http_cookie_place *place, int64_t wall,
                                struct reed_buf *out);

REED_API size_t reed_http_jar_count(const struct reed_http_jar *jar);

/* Nothing lasts over this: those that were set for the session only. */
REED_API void reed_http_jar_end_session(struct reed_http_jar *jar);

/* RFC 6265bis 5.1.1; seconds since 1970.  REED_ESYNTAX. */
REED_API enum reed_err reed_http_cookie_date(struct reed_slice text, int64_t *wall);

REED_END_DECLS

#endif
