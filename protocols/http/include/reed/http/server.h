/*
 * An HTTP server: a handler (reed/http/request.h) for every request of every
 * connection.  HTTP/1.1 and 1.0, where requests of a connection are answered in
 * order; HTTP/2 (RFC 9113) for clients that begin with its preface, over TLS by
 * ALPN ("tls:8443:...:alpn=h2,http/1.1") or because they know, where each is
 * answered when it is ready, the most urgent first (RFC 9218).
 *
 *	options.handler = reed_http_route;   (reed/http/router.h)
 *	options.arg = router;
 *	server = reed_http_server_new(loop, &options);
 *	reed_try(co, reed_http_serve(server, "tcp:8080"));
 *
 * The server must outlive the sessions that it serves.
 */

#ifndef REED_HTTP_SERVER_H
#define REED_HTTP_SERVER_H

#include "reed/endpoint.h"
#include "reed/http/request.h"

REED_BEGIN_DECLS

struct reed_http_server;

/* Whatever a client can make grow or wait for has a limit.  Zero is the default. */
#define REED_HTTP_LIMITS(X)                                                           \
	X(connections, 0, "clients at once; 0: as many as there are descriptors")     \
	X(requests, 0, "requests of one connection; 0: any number")                   \
	X(body, 1048576, "bytes of a request's body, where its handler says nothing") \
	X(window, 65536, "bytes of a body that wait for its handler")                 \
	X(ahead, 16384, "bytes of further requests that wait for an answer")          \
	X(head_ms, 20000, "for a head, from its first byte")                          \
	X(body_ms, 30000, "for the next bytes of a body")                             \
	X(idle_ms, 60000, "between two requests")                                     \
	X(write_ms, 60000, "in which a client takes nothing of its answer")           \
	X(total_ms, 0, "from a head to the end of its answer; 0: any time")           \
	X(streams, 100, "requests at a time of one connection of HTTP/2")             \
	X(noise, 500, "frames of HTTP/2 without a purpose, of each kind in 10 s")

struct reed_http_limits {
#define X(name, value, text) uint32_t name;
	REED_HTTP_LIMITS(X)
#undef X
	uint32_t reserved[4];
};

/* A request that was answered.  Borrowed for the call. */
struct reed_http_access {
	const struct reed_http_head *head; /* NULL: there was no request to be understood */
	struct reed_address peer;
	struct reed_address client; /* for whom peer asks; without a family: not known */
	bool secure;
	unsigned status;
	uint64_t bytes;   /* of the body */
	int64_t wall;     /* when it began, ns since 1970 */
	int64_t duration; /* ns */
	struct reed_slice user;
};

struct reed_http_server_options {
	size_t size; /* of this struct */
	reed_http_handler_fn *handler;
	void *arg;
	const char *name; /* of the Server field; NULL: none is sent */
	struct reed_http_wire_limits wire;
	struct reed_http_limits limits;
	const struct reed_stream_limits *stream; /* of each connection; NULL: the default */
	/* Every request that was answered, or refused.  May be NULL. */
	void (*access)(void *arg, const struct reed_http_access *access);
	void *access_arg;
	/* An answer for an error; status and why are what reed_http_fail() was given.  May be NULL. */
	void (*error)(void *arg, struct reed_http_request *request, unsigned status,
	              const char *why);
	void *error_arg;
	bool only_1;     /* no HTTP/2, whatever clients ask for */
	bool decompress; /* bodies of requests; see reed_http_decompress() */
};

#define REED_HTTP_SERVER_OPTIONS                                \
	{                                                       \
		.size = sizeof(struct reed_http_server_options) \
	}

/* options are copied, with their strings. */
REED_API struct reed_http_server *reed_http_server_new(
	struct reed_loop *loop, const struct reed_http_server_options *options);

/* No session is left.  May be NULL. */
REED_API void reed_http_server_free(struct reed_http_server *server);

/*
 * Listens and serves until dropped or interrupted.  An interrupt is a graceful
 * stop: nothing more is accepted, idle connections end, requests under way are
 * answered with Connection: close, and then it settles.
 */
REED_API struct reed_future *reed_http_serve(struct reed_http_server *server, const char *endpoint);

/* The same for a listener that is there; consumes it. */
REED_API struct reed_future *reed_http_serve_on(struct reed_http_server *server,
                                                struct reed_listener *listener);

/*
 * Connections of HTTP/2 are told to go when what they asked for is answered
 * (GOAWAY), so that clients come again to what is new: settings, certificates.
 * Nothing that is under way is lost.
 */
REED_API void reed_http_server_renew(struct reed_http_server *server);

/* One connection, as a reed_session_fn whose arg is the server. */
REED_API struct reed_future *reed_http_session(void *server, struct reed_stream *stream);

/* A connection.  Borrowed for the call. */
struct reed_http_conn {
	struct reed_stream *stream; /* NULL: it was given away by an upgrade, and has gone */
	uint64_t requests;          /* begun so far */
	unsigned active;            /* under way */
	bool second;                /* HTTP/2 */
	bool upgraded;              /* what goes over it is no HTTP any more */
	int64_t since;              /* reed_now() */
};

/* Each of them, the oldest first, until it returns false. */
typedef bool reed_http_conn_fn(void *arg, const struct reed_http_conn *conn);
REED_API void reed_http_server_each(const struct reed_http_server *server, reed_http_conn_fn *each,
                                    void *arg);

struct reed_http_server_stats {
	size_t size; /* set by the caller */
	size_t connections, active;
	uint64_t accepted, requests, refused, timeouts, bytes_in, bytes_out;
};

REED_API void reed_http_server_stats(const struct reed_http_server *server,
                                     struct reed_http_server_stats *stats);

REED_END_DECLS

#endif
