/*
 * Names: hosts file and DNS, without a thread.
 *
 * The resolver of a loop answers from the hosts file (RFC 6761: localhost is
 * this host, always) and then from the DNS (c-ares).  A name may be
 * international; it is asked for in its A-label form (RFC 5891).
 */

#ifndef REED_RESOLVE_H
#define REED_RESOLVE_H

#include "reed/address.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

struct reed_addresses {
	struct reed_address *list;
	size_t count;
};

/* Releases what a resolve delivered. */
REED_API void reed_addresses_finish(struct reed_addresses *a);

/*
 * The addresses of a host, best first (RFC 6724); one of digits is itself.
 * The port is in each.  REED_ENAME: no such name, or one without addresses.
 */
REED_API struct reed_future *reed_resolve(struct reed_loop *loop, struct reed_slice host,
                                          uint16_t port, struct reed_addresses *out);

struct reed_connect_options {
	size_t size;                    /* of this struct */
	const struct reed_address *from;        /* bound to; NULL: as the system has it */
	int64_t attempt_delay_ms;       /* RFC 8305 5: 250 by default */
};

#define REED_CONNECT_OPTIONS \
	{ .size = sizeof(struct reed_connect_options), .attempt_delay_ms = 250 }

/* Happy eyeballs (RFC 8305): addresses are tried one after another, overlapping. */
REED_API struct reed_future *reed_connect(struct reed_loop *loop, struct reed_slice host,
                                          uint16_t port, const struct reed_connect_options *options,
                                          struct reed_stream **stream);

REED_END_DECLS

#endif
