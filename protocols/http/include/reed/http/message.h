/*
 * HTTP/1.0 and 1.1 on the wire: heads, chunks, dates, names.  Bytes to structs
 * and back, no I/O, nothing allocated.
 *
 * A head is parsed in place: its slices point into what was parsed.  What two
 * readers could take for two different messages is refused, not repaired
 * (RFC 9112 11.2): see the module's page for the list.
 *
 * Sources: RFC 9110 (meaning), RFC 9112 (wire).
 */

#ifndef REED_HTTP_MESSAGE_H
#define REED_HTTP_MESSAGE_H

#include "reed/buf.h"

REED_BEGIN_DECLS

#define REED_HTTP_METHODS(X) \
	X(GET)               \
	X(HEAD)              \
	X(POST)              \
	X(PUT)               \
	X(DELETE)            \
	X(CONNECT)           \
	X(OPTIONS)           \
	X(TRACE)             \
	X(PATCH)

enum reed_http_method {
	REED_HTTP_OTHER, /* a token that stands in method_name */
#define X(name) REED_HTTP_##name,
	REED_HTTP_METHODS(X)
#undef X
};

/* "GET"; "" for REED_HTTP_OTHER and for what is none. */
REED_API const char *reed_http_method_name(enum reed_http_method method);

/* Case matters (RFC 9110 9.1). */
REED_API enum reed_http_method reed_http_method_of(struct reed_slice name);

/* "Not Found"; "" for a number without a name. */
REED_API const char *reed_http_reason(unsigned status);

struct reed_http_field {
	struct reed_slice name, value; /* the value without spaces around it */
};

/* Limits of one head or trailer.  Zero is the default. */
#define REED_HTTP_WIRE_LIMITS(X)                                                \
	X(line, 8192, "bytes of a request line")                                \
	X(head, 32768, "bytes of a head, all of it")                            \
	X(fields, 100, "header fields of a head")                               \
	X(chunk_line, 1024, "bytes of the line before a chunk, extensions too") \
	X(trailer, 8192, "bytes of the trailer section behind the last chunk")

struct reed_http_wire_limits {
#define X(name, value, text) uint32_t name;
	REED_HTTP_WIRE_LIMITS(X)
#undef X
	uint32_t reserved[3];
};

/* The same with the defaults in place of zeros. */
REED_API struct reed_http_wire_limits reed_http_wire_limits(
	const struct reed_http_wire_limits *limits);

/* How the end of a body is known (RFC 9112 6.3). */
enum reed_http_framing {
	REED_HTTP_NO_BODY,
	REED_HTTP_LENGTH,
	REED_HTTP_CHUNKED,     /* of HTTP/2: in frames, of which the last one says so */
	REED_HTTP_UNTIL_CLOSE, /* of responses only */
};

enum reed_http_form {
	REED_HTTP_ORIGIN,    /* /path?query */
	REED_HTTP_ABSOLUTE,  /* http://host/path?query */
	REED_HTTP_AUTHORITY, /* host:port, of CONNECT */
	REED_HTTP_ASTERISK,  /* *, of OPTIONS */
};

/* fields and room are the caller's, the rest is what was found. */
struct reed_http_head {
	struct reed_http_field *fields;
	unsigned room, count;

	enum reed_http_method method; /* of a request: */
	enum reed_http_form form;
	struct reed_slice method_name, target;
	struct reed_slice path;   /* as it was sent, from its slash; "*" or empty without one */
	struct reed_slice query;  /* behind the '?' */
	struct reed_slice scheme; /* of the absolute form, else empty */
	struct reed_slice host;   /* with its port; of the target when that has one (9112 3.2.2) */

	unsigned status; /* of a response; of a head that is refused: to be answered */
	struct reed_slice reason;
	const char *why; /* it is refused, for people; else NULL */

	unsigned major, minor; /* HTTP/1.0, 1.1 or 2.0 */
	enum reed_http_framing framing;
	uint64_t length; /* of REED_HTTP_LENGTH */
	struct reed_slice upgrade;
	bool close, keep_alive, has_upgrade; /* what Connection lists */
	bool expects_continue, expects_other;
};

/*
 * in begins with a head.  REED_OK: *used bytes of it are one.  REED_EAGAIN: call
 * again with more behind it; *scanned, 0 at first, saves looking twice.
 * REED_EPROTO, REED_ETOOBIG, REED_ENOTSUP: refused, see status and why; the
 * connection is worth nothing then.
 */
REED_API enum reed_err reed_http_parse_request(struct reed_slice in,
                                               const struct reed_http_wire_limits *limits,
                                               struct reed_http_head *head, size_t *scanned,
                                               size_t *used);

/* The same; method is that of the request, on which the framing depends. */
REED_API enum reed_err reed_http_parse_response(struct reed_slice in, enum reed_http_method method,
                                                const struct reed_http_wire_limits *limits,
                                                struct reed_http_head *head, size_t *scanned,
                                                size_t *used);

/* The head has been copied to p: its slices point there from now on. */
REED_API void reed_http_head_move(struct reed_http_head *head, const char *from, size_t n,
                                  const char *p);

/* The n-th field of that name, whose case does not matter; p is NULL when there is none. */
REED_API struct reed_slice reed_http_field(const struct reed_http_field *fields, size_t count,
                                           const char *name, unsigned n);

/* The next member of a list of values, trimmed; false at the end (RFC 9110 5.6.1). */
REED_API bool reed_http_list_next(struct reed_slice *list, struct reed_slice *member);
REED_API bool reed_http_list_has(struct reed_slice list, const char *member);

REED_API bool reed_http_is_token(struct reed_slice s);
/* May be sent as a value: no CR, LF, NUL or other control, no space around it. */
REED_API bool reed_http_is_value(struct reed_slice s);

/* ---- chunks (RFC 9112 7.1) ---- */

/* Zeroed but for limits, which may be NULL. */
struct reed_http_chunks {
	const struct reed_http_wire_limits *limits;
	uint64_t left; /* of the chunk */
	size_t scanned;
	enum {
		REED_HTTP_CHUNK_LINE,
		REED_HTTP_CHUNK_DATA,
		REED_HTTP_CHUNK_END,
		REED_HTTP_CHUNK_TRAILER,
		REED_HTTP_CHUNK_OVER
	} state;
	const char *why;           /* it is refused */
	struct reed_slice trailer; /* field lines, in the input of the call that ended it */
};

/*
 * Takes from *in.  REED_OK: *piece is part of the body, in there; REED_EAGAIN:
 * what is left of *in has to be shown again with more behind it; REED_EEOF: the
 * body is whole, and *in is what follows it; REED_EPROTO, REED_ETOOBIG: refused.
 */
REED_API enum reed_err reed_http_chunk(struct reed_http_chunks *self, struct reed_slice *in,
                                       struct reed_slice *piece);

/* Lines of fields without the empty one, as of a trailer; *count is set. */
REED_API enum reed_err reed_http_parse_fields(struct reed_slice lines,
                                              struct reed_http_field *fields, unsigned room,
                                              unsigned *count);

/* ---- dates (RFC 9110 5.6.7) ---- */

enum { REED_HTTP_DATE = 29 };

/* "Sun, 06 Nov 1994 08:49:37 GMT", no NUL; seconds since 1970, years 1970 to 9999. */
REED_API void reed_http_date(int64_t seconds, char into[REED_HTTP_DATE]);

/* All three forms; REED_ESYNTAX.  now decides the century of a year of two digits. */
REED_API enum reed_err reed_http_parse_date(struct reed_slice s, int64_t now, int64_t *seconds);

/* ---- targets ---- */

/*
 * Percent-decoded; into has room for s.n bytes and may be where s is.
 * REED_ESYNTAX: a '%' without two digits, or one of a NUL.
 */
REED_API enum reed_err reed_http_decode(struct reed_slice s, char *into, size_t *n);

/* What is not unreserved (RFC 3986 2.3) or in keep, as %XX. */
REED_API void reed_http_encode(struct reed_slice s, const char *keep, struct reed_buf *out);

REED_END_DECLS

#endif
