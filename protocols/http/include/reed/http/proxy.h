/*
 * A reverse proxy: requests go on to other servers, over any endpoint.
 *
 *	options.upstreams = (const char *const[]){ "tcp:127.0.0.1:3000", "unix:/run/app", NULL };
 *	reed_http_proxy_new(loop, &options, &proxy, &fault);
 *	reed_http_route(router, "*", "/{rest:path}", reed_http_proxy_handler, proxy);
 *
 * Upstreams speak HTTP/1.1, on connections that are kept; or HTTP/2, many requests
 * on one: those over tls: that agree on it (ALPN), and those of whom version says so
 * (RFC 9113 3.3).  Bodies stream both ways with back-pressure; nothing is held back
 * for more, so server-sent events pass as they come, and WebSockets and other
 * upgrades become tunnels, each on a connection of HTTP/1.1.
 *
 * What belongs to one connection only is removed (RFC 9110 7.6.1); Forwarded
 * (RFC 7239), X-Forwarded-For, -Proto and -Host are ours unless the peer is
 * trusted, in which case they go on with a further member; Via is added both
 * ways.  A field of the answer that was added here and that the upstream sends
 * too is the upstream's.  Trailers of answers go to who takes them (TE: trailers), as
 * gRPC wants it; those of requests are left out.
 *
 * An upstream of the form haproxy:[...] is told first whose connection it is, by
 * the PROXY protocol, version 2; such a connection serves one request.
 *
 * A request that cannot have been heard is sent to the next upstream: of any
 * method when there was no connection, of those that may be sent twice (RFC 9110
 * 9.2.2) when none of its body had been read, or when an upstream of HTTP/2 says that
 * it has not looked at it (REFUSED_STREAM, GOAWAY).  No upstream: 503; it failed or
 * spoke something else: 502; it said nothing in time: 504.  The client is told
 * no more than that, the log everything.  One that fails in the midst of its
 * answer breaks the client's connection.
 */

#ifndef REED_HTTP_PROXY_H
#define REED_HTTP_PROXY_H

#include "reed/http/client.h"
#include "reed/http/request.h"

REED_BEGIN_DECLS

enum { REED_HTTP_UPSTREAMS = 64 };

struct reed_http_proxy;

enum reed_http_balance {
	REED_HTTP_ROUND_ROBIN,
	REED_HTTP_LEAST,  /* requests under way */
	REED_HTTP_HASH,   /* a client's address leads to the same one, as long as that is well */
	REED_HTTP_STICKY, /* the same by a cookie */
};

struct reed_http_proxy_options {
	size_t size;                  /* of this struct */
	const char *const *upstreams; /* endpoints, with NULL at the end */
	enum reed_http_balance balance;
	const char *cookie; /* of REED_HTTP_STICKY; NULL: reed-upstream */
	const char *host;   /* told to upstreams in place of the client's; NULL: that */
	const char *name;   /* of this proxy, in Via; NULL: reed */
	const char *trust;  /* whose Forwarded is believed: prefixes with commas; NULL: nobody's */
	uint64_t body;      /* bytes of a request's; 0: 1 GiB */

	uint32_t connect_ms; /* 0: 5 s */
	uint32_t first_ms;   /* from the end of a request to the head of its answer; 0: 60 s */
	uint32_t silent_ms;  /* between pieces, and in which nothing is taken; 0: 60 s */
	uint32_t tunnel_ms;  /* that upgraded connections and events may be silent; 0: 1 h */
	uint32_t idle_ms;    /* that a connection is kept; 0: 30 s */
	uint32_t kept;       /* connections without work, of each upstream; 0: 256 */
	uint32_t tries;      /* of one request, all in all; 0: 3 */

	uint32_t failures; /* in a row, then it rests; 0: 5 */
	uint32_t rest_ms;  /* then one request tries it; 0: 5 s */

	const char *check;  /* the path that is asked for to see if it is well; NULL: none */
	uint32_t check_ms;  /* between two such requests, and for its answer; 0: 5 s */
	uint32_t check_bad; /* of them that fail in a row: it is ill; 0: 2 */

	struct reed_http_wire_limits wire;

	/* In place of reed_dial(); NULL: that. */
	struct reed_future *(*dial)(void *arg, struct reed_loop *loop, const char *endpoint,
	                            struct reed_stream **stream);
	void *dial_arg;

	int version; /* enum reed_http_version */
};

#define REED_HTTP_PROXY_OPTIONS                                \
	{                                                      \
		.size = sizeof(struct reed_http_proxy_options) \
	}

/*
 * options are copied, with their strings.  REED_EINVAL: no upstreams, or more
 * than REED_HTTP_UPSTREAMS, or haproxy:[...] over HTTP/2; REED_ESYNTAX: an
 * endpoint or a prefix is none; *fault says which, and is the caller's.
 */
REED_API enum reed_err reed_http_proxy_new(struct reed_loop *loop,
                                           const struct reed_http_proxy_options *options,
                                           struct reed_http_proxy **proxy,
                                           struct reed_fault **fault);

/* No request is under way.  May be NULL. */
REED_API void reed_http_proxy_free(struct reed_http_proxy *proxy);

/*
 * Answers by what an upstream says.  target, which is copied, is asked for
 * there; empty: what the client has asked for.  May return NULL, as handlers do.
 */
REED_API struct reed_future *reed_http_proxy_answer(struct reed_http_proxy *proxy,
                                                    struct reed_http_request *request,
                                                    struct reed_slice target);

/* The same as a handler; arg is the proxy. */
REED_API struct reed_future *reed_http_proxy_handler(void *proxy,
                                                     struct reed_http_request *request);

struct reed_http_upstream_stats {
	size_t size;          /* set by the caller */
	const char *endpoint; /* without passwords; lives as long as the proxy */
	unsigned active, idle;
	uint64_t requests, failures, connections;
	bool ill;     /* checks say so */
	bool resting; /* it has failed too often of late */
};

/* REED_ENOENT: there are not so many. */
REED_API enum reed_err reed_http_proxy_stats(const struct reed_http_proxy *proxy, unsigned n,
                                             struct reed_http_upstream_stats *stats);

REED_END_DECLS

#endif
