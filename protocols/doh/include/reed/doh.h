/*
 * DNS over HTTPS (RFC 8484), both sides.
 *
 * A handler of an HTTP server answers by a name server, over whatever version of HTTP:
 *
 *	options.handler = reed_doh_handler;
 *	options.arg = dns_server;
 *
 * GET with ?dns= in base64url and POST of application/dns-message, at any path that leads
 * to it.  An answer may be kept as long as the lowest of its TTLs says (RFC 8484 5.1).
 *
 * A client carries the queries of a struct reed_dns_asker:
 *
 *	doh = reed_doh_client_new(loop, NULL);
 *	options.carry = reed_doh_carry;
 *	options.carry_arg = doh;
 *
 * Servers are "https://dns.example/dns-query".  The host's name is looked up as all names
 * are; who has no other name server says where it is: "https://dns.example/dns-query#192.0.2.53",
 * or an endpoint to be dialled, "...#tls:192.0.2.53:443:name=dns.example:ca=FILE".  Connections
 * stay, and are shared.
 *
 * REED_ESYNTAX: no such URL; REED_EPROTO: what came is no DNS, or not 200; and what
 * reed_http_fetch() fails with.
 */

#ifndef REED_DOH_H
#define REED_DOH_H

#include "reed/dns/client.h"
#include "reed/http/client.h"
#include "reed/http/request.h"

REED_BEGIN_DECLS

/* arg is a struct reed_dns_server. */
REED_API struct reed_future *reed_doh_handler(void *dns_server, struct reed_http_request *request);

struct reed_doh_client;

/* options may be NULL; what they say of bodies and redirects does not count. */
REED_API struct reed_doh_client *reed_doh_client_new(
	struct reed_loop *loop, const struct reed_http_client_options *options);

/* Nothing is under way.  May be NULL. */
REED_API void reed_doh_client_free(struct reed_doh_client *client);

/* A reed_dns_carry_fn; arg is the client. */
REED_API struct reed_future *reed_doh_carry(void *client, const char *url, struct reed_slice query,
                                            struct reed_buf *answer);

/* ---- pure ---- */

/* base64url without padding (RFC 4648 5) to bytes, added to out.  REED_ESYNTAX, REED_ETOOBIG. */
REED_API enum reed_err reed_doh_decode(struct reed_slice text, struct reed_buf *out);

/* How long an answer may be kept, s: the lowest TTL of its records (RFC 8484 5.1); 0: not at all. */
REED_API uint32_t reed_doh_fresh(struct reed_slice message);

/* An answer that has been in a cache for so long, s: its TTLs are less. */
REED_API void reed_doh_age(void *message, size_t n, uint32_t age);

REED_END_DECLS

#endif
