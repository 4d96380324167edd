/*
 * Cookies (RFC 6265bis): what a server sets and reads, and a client's jar of them.
 *
 *	struct reed_http_new_cookie cookie = REED_HTTP_NEW_COOKIE;
 *
 *	cookie.name = "colour";
 *	cookie.value = REED_STR("green");
 *	reed_http_set_cookie(request, &cookie);
 *	...
 *	reed_http_cookie(request, "colour")
 *
 * The jar (RFC 6265bis 5) is in memory, and can be written and read as text.  A
 * domain that is a public suffix, such as co.uk, gets none.
 *
 * At most 4096 bytes of name and value, 180 cookies of a domain, 3000 in all:
 * the ones that were used least recently go first.
 */

#ifndef REED_HTTP_COOKIES_H
#define REED_HTTP_COOKIES_H

#include "reed/buf.h"
#include "reed/http/request.h"

REED_BEGIN_DECLS

/* ---- a server's side ---- */

/* SameSite: with which requests of other sites' pages it comes. */
enum reed_http_same_site {
	REED_HTTP_SAME_SITE_LAX,    /* when somebody follows a link to here */
	REED_HTTP_SAME_SITE_STRICT, /* with none */
	REED_HTTP_SAME_SITE_NONE,   /* with all; over TLS only */
};

/* What is zero is what is safe. */
struct reed_http_new_cookie {
	size_t size;             /* of this struct */
	const char *name;        /* "__Host-..." and "__Secure-..." are Secure, and hold to it */
	struct reed_slice value; /* no spaces, quotes, commas, semicolons, backslashes */
	const char *path;        /* NULL: "/" */
	const char *domain;      /* for those below it too; NULL: this host only */
	int64_t max_age;         /* seconds; 0: as long as the browser runs; negative: remove it */
	enum reed_http_same_site same_site;
	bool script; /* pages may read it: not HttpOnly */
	bool secure; /* over TLS only; without it when the request came over TLS */
};

#define REED_HTTP_NEW_COOKIE                                \
	{                                                   \
		.size = sizeof(struct reed_http_new_cookie) \
	}

/*
 * A field of the answer, before it begins.  REED_EINVAL: no name or value of a
 * cookie, or not what its prefix promises; REED_ETOOBIG: over 4096 bytes.
 */
REED_API enum reed_err reed_http_set_cookie(struct reed_http_request *request,
                                            const struct reed_http_new_cookie *cookie);

/* The first of that name that came with the request; p is NULL when there is none. */
REED_API struct reed_slice reed_http_cookie(const struct reed_http_request *request,
                                            const char *name);

/* The next of a Cookie field: "a=1; b=2"; false at its end. */
REED_API bool reed_http_cookie_next(struct reed_slice *field, struct reed_slice *name,
                                    struct reed_slice *value);

/* ---- a client's jar ---- */

struct reed_http_jar;

REED_API struct reed_http_jar *reed_http_jar_new(void);
REED_API void reed_http_jar_free(struct reed_http_jar *jar);

/* Whom a request goes to. */
struct reed_http_cookie_place {
	struct reed_slice host; /* without port and brackets */
	struct reed_slice path; /* from its slash; a query behind it does no harm */
	bool secure;            /* over TLS, or to this machine */
	/* On behalf of a page of another site: what is SameSite stays here (5.8.3). */
	enum { REED_HTTP_OWN_SITE, REED_HTTP_LINK_FOLLOWED, REED_HTTP_OTHER_SITE } from;
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

/*
 * As a file of Netscape's, which curl, wget and browsers' exporters read and write:
 * a line for each cookie.  It holds no SameSite, so that is forgotten; the time of
 * those that end with the session is 0.  What expires is left out.
 */
REED_API void reed_http_jar_write(const struct reed_http_jar *jar, int64_t wall,
                                  struct reed_buf *text);

/*
 * Adds what is in such a text to the jar, which has the last word: what has expired,
 * or what a server could not have set, is left out.  REED_ESYNTAX: *line, from 1
 * on, is none.
 */
REED_API enum reed_err reed_http_jar_read(struct reed_http_jar *jar, struct reed_slice text,
                                          int64_t wall, unsigned *line);

/* RFC 6265bis 5.1.1; seconds since 1970.  REED_ESYNTAX. */
REED_API enum reed_err reed_http_cookie_date(struct reed_slice text, int64_t *wall);

REED_END_DECLS

#endif
