/*
 * dnstap: every message of a server and of a resolver, as it was, for programs that watch
 * (dnstap.info): Frame Streams over a UNIX or TCP stream, or in a file.
 *
 *	o.endpoint = "unix:/run/dnstap.sock";
 *	tap = reed_dns_tap_new(loop, &o);
 *	reed_scope_add(&scope, reed_dns_tap_run(tap));
 *	reed_dns_server_tap(server, tap);
 *
 * Nobody waits for who reads: what there is no room for, and what comes while nobody is
 * connected, is dropped and counted.  It is dialled again and again, at most a minute
 * apart.  A file begins anew each time.
 */

#ifndef REED_DNS_TAP_H
#define REED_DNS_TAP_H

#include "reed/address.h"
#include "reed/loop.h"

REED_BEGIN_DECLS

struct reed_dns_tap;

struct reed_dns_tap_options {
	size_t size;          /* of this struct */
	const char *endpoint; /* who reads; NULL: */
	const char *file;
	const char *identity, *version; /* of who writes, 255 bytes at most; NULL: not told */
	size_t most;                    /* bytes that wait; 0: 4 MiB */
};

#define REED_DNS_TAP_OPTIONS                                \
	{                                                   \
		.size = sizeof(struct reed_dns_tap_options) \
	}

/* All that options point to is copied. */
REED_API struct reed_dns_tap *reed_dns_tap_new(struct reed_loop *loop,
                                               const struct reed_dns_tap_options *options);

/* Once nobody adds to it, and it does not run.  May be NULL. */
REED_API void reed_dns_tap_free(struct reed_dns_tap *self);

/* Writes until it is interrupted, then what is there still, for a second at most. */
REED_API struct reed_future *reed_dns_tap_run(struct reed_dns_tap *self);

/* As dnstap.proto numbers them; an answer is one more than its query. */
enum reed_dns_tap_kind {
	REED_DNS_TAP_AUTH = 1,
	REED_DNS_TAP_RESOLVER = 3,
	REED_DNS_TAP_CLIENT = 5,
	REED_DNS_TAP_FORWARDER = 7,
	REED_DNS_TAP_UPDATE = 13,
};

enum reed_dns_tap_protocol {
	REED_DNS_TAP_UDP = 1,
	REED_DNS_TAP_TCP,
	REED_DNS_TAP_DOT,
	REED_DNS_TAP_DOH,
};

struct reed_dns_tap_event {
	enum reed_dns_tap_kind kind;
	enum reed_dns_tap_protocol protocol;
	bool is_answer;
	const struct reed_address *asks, *answers; /* NULL: not known */
	struct reed_slice message;
};

REED_API void reed_dns_tap_add(struct reed_dns_tap *self, const struct reed_dns_tap_event *event);

struct reed_dns_tap_stats {
	size_t size; /* set by the caller */
	uint64_t taken, dropped;
	size_t waiting; /* bytes */
	bool open;      /* somebody reads */
};

REED_API void reed_dns_tap_stats(const struct reed_dns_tap *self, struct reed_dns_tap_stats *stats);

REED_END_DECLS

#endif
