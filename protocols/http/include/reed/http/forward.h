/*
 * A forward proxy: clients say where to, and it goes there for them, by CONNECT
 * (RFC 9110 9.3.6) or for a target in absolute form (RFC 9112 3.2.2).
 *
 *	options.allow = (const char *const[]){ "*.example.org", "*:443", NULL };
 *	reed_http_forward_new(loop, &options, &forward, &fault);
 *	server_options.handler = reed_http_forward_handler;
 *	server_options.arg = forward;
 *
 * Nothing is allowed that no rule allows, and only clients of this host may ask
 * unless others are named; so there is no way to have an open proxy by omission.
 * A rule is HOST or HOST:PORTS.
 *
 *	*                 any name, and any address of the Internet at large
 *	example.org       that name; *.example.org: what is below it
 *	192.0.2.0/24, [2001:db8::/32]
 *	:443, :8000-8100, :*; without ports: 80 and 443
 *
 * A name leads to addresses of the Internet at large (reed_address_is_global())
 * and nowhere else, whatever the DNS says: loopback, private networks, links and
 * the like have to be allowed as addresses.  What is judged is the address that
 * is then connected to, so a name that leads elsewhere the second time gains
 * nothing.  What deny says, of names or addresses, is denied whoever allows it.
 *
 * Not allowed: 403; who asks has to say who he is: 407; too many at a time: 503,
 * of one client: 429; no such name, or no connection: 502; not in time: 504.
 * Upstream connections serve one request each, so nobody has another's; who asks
 * is not told there.  A body streams both ways, an upgrade becomes a tunnel.
 */

#ifndef REED_HTTP_FORWARD_H
#define REED_HTTP_FORWARD_H

#include "reed/http/auth.h"
#include "reed/http/request.h"

REED_BEGIN_DECLS

struct reed_http_forward;

struct reed_http_forward_options {
	size_t size; /* of this struct */
	/* Rules, with NULL at the end; NULL: none. */
	const char *const *allow, *const *deny;
	const char *clients; /* who may ask: prefixes with commas, "unix"; NULL: this host's */
	struct reed_http_guard *guard; /* of reed_http_proxy_guard_new(), not ours; may be NULL */
	const char *name;              /* of this proxy, in Via; NULL: reed */
	uint64_t body;                 /* bytes of a request's; 0: 1 GiB */

	uint32_t most;       /* requests and tunnels at a time; 0: 256 */
	uint32_t of_client;  /* of one address, or one /64 of IPv6; 0: 64 */
	uint32_t connect_ms; /* for name and connection; 0: 10 s */
	uint32_t first_ms;   /* from the end of a request to the head of its answer; 0: 60 s */
	uint32_t silent_ms;  /* between pieces, and in which nothing is taken; 0: 60 s */
	uint32_t tunnel_ms;  /* that a tunnel may be silent; 0: 5 min */
	uint32_t total_ms;   /* of a request or tunnel as a whole; 0: no limit */

	struct reed_http_wire_limits wire; /* of answers */
};

#define REED_HTTP_FORWARD_OPTIONS                                \
	{                                                        \
		.size = sizeof(struct reed_http_forward_options) \
	}

/*
 * options are copied, with their strings, but the guard stays the caller's.
 * REED_ESYNTAX: a rule or prefix is none; *fault says which.
 */
REED_API enum reed_err reed_http_forward_new(struct reed_loop *loop,
                                             const struct reed_http_forward_options *options,
                                             struct reed_http_forward **forward,
                                             struct reed_fault **fault);

/* No request is under way.  May be NULL. */
REED_API void reed_http_forward_free(struct reed_http_forward *forward);

/* REED_ESYNTAX: why says what a rule would look like. */
REED_API enum reed_err reed_http_forward_rule(struct reed_slice rule, struct reed_buf *why);

/* It is for a proxy: CONNECT, or a target in absolute form. */
REED_API bool reed_http_wants_forward(const struct reed_http_request *request);

/* As handlers do; arg is the forward proxy.  What is not for a proxy: 404. */
REED_API struct reed_future *reed_http_forward_handler(void *forward,
                                                       struct reed_http_request *request);

REED_END_DECLS

#endif
