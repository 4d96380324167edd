/*
 * Ways through a proxy: a stream to the proxy becomes one to whom the proxy
 * connects it with.
 *
 *	SOCKS5        RFC 1928, with a user and password by RFC 1929
 *	SOCKS4a       a user's name, no password
 *	HTTP CONNECT  RFC 9110 9.3.6, with Basic authentication (RFC 7617)
 *
 * The stream stays the caller's and stays what it is: when the future has
 * settled the proxy has stepped aside, and nothing is in the way of what
 * follows.  What the other side has said already is there to be read.  When it
 * fails the stream is of no more use.  Nobody else may read or write until then.
 *
 * Names are resolved by the proxy, never here.  An address of digits is told
 * as such.
 *
 * A proxy's answer has REED_TUNNEL_ANSWER bytes at the most.  No password
 * stands in any error; both protocols send it in clear, so a proxy that is not
 * on this machine is better dialled by TLS.
 *
 * Errors: REED_EAUTH, the proxy wants another user or password; REED_EREFUSED,
 * REED_EHOSTUNREACH, REED_ENETUNREACH, REED_EACCES, REED_ETIMEDOUT, what it
 * says of the way on; REED_EPROTO, it does not speak this protocol;
 * REED_ETOOBIG; REED_EEOF, it went; REED_EINVAL and REED_ESYNTAX, what it was
 * to be told cannot be said.  The sentence names proxy and host.
 */

#ifndef REED_TUNNEL_H
#define REED_TUNNEL_H

#include "reed/stream.h"

REED_BEGIN_DECLS

enum { REED_TUNNEL_ANSWER = 16384 };

struct reed_tunnel_options {
	size_t size;      /* of this struct */
	const char *host; /* in any script, or an IP address */
	uint16_t port;
	const char *user, *password; /* NULL: none; are copied */
	int64_t timeout_ms;          /* for the proxy to connect us; 0: no limit */
	void *reserved[4];
};

#define REED_TUNNEL_OPTIONS                                                      \
	{                                                                        \
		.size = sizeof(struct reed_tunnel_options), .timeout_ms = 60000, \
	}

REED_API struct reed_future *reed_socks5(struct reed_stream *s,
                                         const struct reed_tunnel_options *options);
REED_API struct reed_future *reed_socks4a(struct reed_stream *s,
                                          const struct reed_tunnel_options *options);
REED_API struct reed_future *reed_http_connect(struct reed_stream *s,
                                               const struct reed_tunnel_options *options);

REED_END_DECLS

#endif
