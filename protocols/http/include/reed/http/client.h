/*
 * An HTTP client: HTTP/1.1 and HTTP/2 over any endpoint.
 *
 *	reed_try(co, reed_http_get(co->loop, "http://example.org/", &self->response));
 *	printf("%u, %zu bytes\n", self->response->status, self->response->body.n);
 *
 * A status is a value, not an error: 404 is a response.  A client keeps
 * connections for the next request to the same host; one that turns out to
 * have been closed meanwhile is replaced, once, for methods that may be sent
 * twice (RFC 9110 9.2.2).
 *
 * What goes beyond one request and its answer is asked for in the options:
 * redirects, retries, decoding, proxies, cookies, HSTS.
 */

#ifndef REED_HTTP_CLIENT_H
#define REED_HTTP_CLIENT_H

#include "reed/http/cookies.h"
#include "reed/http/message.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

struct reed_http_client;

enum reed_http_version {
	REED_HTTP_VERSION_ANY, /* HTTP/2 where TLS agrees on it (ALPN), else HTTP/1.1 */
	REED_HTTP_VERSION_1,
	REED_HTTP_VERSION_2, /* and no other; without TLS the server has to know (RFC 9113 3.3) */
};

struct reed_http_client_options {
	size_t size;         /* of this struct */
	uint64_t body;       /* bytes of a body that is read as a whole; 0: 16 MiB */
	uint32_t connect_ms; /* 0: 30 s */
	uint32_t silent_ms;  /* that a server may say nothing; 0: 60 s */
	uint32_t idle_ms;    /* that a connection is kept; 0: 30 s */
	uint32_t kept;       /* connections, of all hosts; 0: 32 */
	const char *agent;   /* User-Agent; NULL: none is sent */
	struct reed_http_wire_limits wire;

	uint32_t first_ms;  /* for the first byte of an answer; 0: silent_ms */
	uint32_t total_ms;  /* until the response is delivered, whatever it takes; 0: any time */
	uint32_t redirects; /* followed in one fetch; 0: a redirect is a response */
	/*
	 * Times that a request which may be sent twice is sent again when there was no
	 * answer, or 429, 502, 503 or 504; each wait is twice the one before, or what
	 * Retry-After says if that is no more than a minute.
	 */
	uint32_t retries;
	/*
	 * Fetches under way, up to the end of a streamed body; others wait for their
	 * turn, the first first.  0: any number.
	 */
	uint32_t at_once;
	bool decode; /* gzip, br and zstd are asked for and undone; body counts what comes out */
	bool hsts;   /* hosts that want TLS are remembered (RFC 6797) */
	struct reed_http_jar *jar; /* of cookies; not owned; NULL: none are kept */
	/* http://[USER:PASSWORD@]HOST[:PORT], socks5://... or socks4a://...; NULL: none. */
	const char *http_proxy, *https_proxy;
	const char *no_proxy; /* "localhost, .example.org, 10.0.0.1", or "*" */
	const char *netrc;    /* the text of such a file: who to be at which host */

	/* In place of reed_dial(), as reed_http_fake_dial() does; NULL: that. */
	struct reed_future *(*dial)(void *arg, struct reed_loop *loop, const char *endpoint,
	                            struct reed_stream **stream);
	void *dial_arg;

	int version; /* enum reed_http_version */
};

#define REED_HTTP_CLIENT_OPTIONS                                \
	{                                                       \
		.size = sizeof(struct reed_http_client_options) \
	}

/* options are copied, with their strings, and may be NULL. */
REED_API struct reed_http_client *reed_http_client_new(
	struct reed_loop *loop, const struct reed_http_client_options *options);

/* No fetch is under way, and no response is being read.  May be NULL. */
REED_API void reed_http_client_free(struct reed_http_client *client);

REED_API struct reed_loop *reed_http_client_loop(const struct reed_http_client *client);

struct reed_http_fetch {
	size_t size;        /* of this struct */
	const char *url;    /* http://host:port/path?query, https://... */
	const char *method; /* NULL: GET */
	const struct reed_http_field *fields;
	size_t field_count;
	struct reed_slice body;
	const char *endpoint; /* to dial in place of the URL's host; may be NULL */
	bool stream;          /* the body is read with reed_http_response_read() */
	/*
	 * In place of body: all that comes out of it up to its end, as it comes, also
	 * while the answer does.  Not owned: it stays until the fetch has ended, and if
	 * that is streamed until the response has been read to its end, or freed.  A
	 * request with such a body is sent once.
	 */
	struct reed_stream *upload;
	int64_t upload_size; /* negative: not known */

	const struct reed_http_field *params; /* put behind the URL's '?', and encoded */
	size_t param_count;
	const char *login; /* "NAME:PASSWORD", for the URL's origin only (RFC 7617); NULL: nobody */
	/*
	 * The login, or that of options.netrc, answers a challenge of HTTP Digest (RFC 7616) of
	 * the URL's origin, and is not sent; without such a challenge 401 is the response.
	 */
	bool digest;
};

#define REED_HTTP_FETCH                                                   \
	{                                                                 \
		.size = sizeof(struct reed_http_fetch), .upload_size = -1 \
	}

/* The URL with its parameters, which the caller frees. */
REED_API char *reed_http_fetch_url(const struct reed_http_fetch *fetch);

struct reed_http_response {
	unsigned status;
	struct reed_slice reason;
	const struct reed_http_field *fields;
	unsigned field_count;
	struct reed_slice body; /* all of it, unless it is streamed */
	const char *url;        /* what answered, after redirects */
	unsigned redirects;     /* that were followed */
	bool decoded;           /* Content-Encoding has been undone; Content-Length is of before */
	unsigned version;       /* 1 or 2 */
};

/*
 * What fetch points to is copied.  An answer is heard while the request is being
 * sent (RFC 9112 9.5): one of 300 or more is the end of that, and of the connection,
 * which others of HTTP/2 keep.  The response is the caller's when it has been
 * delivered.  REED_ESYNTAX: the URL, the method or a field is none; REED_EPROTO:
 * the server does not speak HTTP/1; REED_ETOOBIG; REED_ETIMEDOUT; REED_EEOF: it
 * closed before its answer was whole; and whatever dialling fails with.
 */
REED_API struct reed_future *reed_http_fetch(struct reed_http_client *client,
                                             const struct reed_http_fetch *fetch,
                                             struct reed_http_response **response);

/* One request on a connection of its own. */
REED_API struct reed_future *reed_http_get(struct reed_loop *loop, const char *url,
                                           struct reed_http_response **response);

/* The first field of that name; p is NULL when there is none. */
REED_API struct reed_slice reed_http_response_field(const struct reed_http_response *response,
                                                    const char *name);

/* The same of those behind the body (RFC 9110 6.5), once all of that has been read. */
REED_API struct reed_slice reed_http_response_trailer(const struct reed_http_response *response,
                                                      const char *name);

/* Settles with the next piece, which stays until the next read; an empty one is the end. */
REED_API struct reed_future *reed_http_response_read(struct reed_http_response *response,
                                                     struct reed_slice *piece);

/* How many bytes of the body have come, as they were sent. */
REED_API uint64_t reed_http_response_progress(const struct reed_http_response *response);

/* One that was not read to its end takes its connection along.  May be NULL. */
REED_API void reed_http_response_free(struct reed_http_response *response);

/* ---- for tests ---- */

struct reed_http_server;

/*
 * For options.dial, with a server of the same loop as dial_arg: whatever endpoint
 * is dialled, that server answers, in memory.
 */
REED_API struct reed_future *reed_http_fake_dial(void *server, struct reed_loop *loop,
                                                 const char *endpoint, struct reed_stream **stream);

REED_END_DECLS

#endif
