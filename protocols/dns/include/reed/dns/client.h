/*
 * Asking name servers: one question, one answer, by UDP, TCP or TLS.
 *
 *	client = reed_dns_asker_new(loop, NULL);
 *	ask.server = "udp:192.0.2.53:53";
 *	reed_try(co, reed_dns_query(client, &ask, &reply));
 *	...
 *	reed_dns_reply_finish(&reply);
 *
 * Over UDP each try has a socket of its own at a port by chance, an id by chance,
 * letters of the name in upper and lower case by chance, and a cookie (RFC 5452,
 * RFC 7873).  What comes back and is no answer to that is ignored and counted; a
 * truncated answer is asked for again over TCP (RFC 7766 5).  Queries over TCP
 * and TLS share a connection to each server, many under way at a time, answered
 * in any order (RFC 7766 6.2, RFC 7858); over TLS they are padded (RFC 8467).
 *
 * Whatever a server says is an answer: NXDOMAIN and SERVFAIL are no errors.
 * REED_ETIMEDOUT: nobody answered; REED_EREFUSED and others: the server cannot be
 * reached; REED_ESYNTAX: no such endpoint; REED_EPROTO: over a stream came what
 * is no DNS; REED_ETOOBIG: too many under way on a connection.
 *
 * Futures may be dropped at any time.  Everything belongs to one loop.
 */

#ifndef REED_DNS_CLIENT_H
#define REED_DNS_CLIENT_H

#include "reed/address.h"
#include "reed/dns/message.h"
#include "reed/dns/tap.h"
#include "reed/loop.h"

REED_BEGIN_DECLS

struct reed_dns_asker;

typedef struct reed_future *reed_dns_carry_fn(void *arg, const char *url, struct reed_slice query,
                                              struct reed_buf *answer);

struct reed_dns_asker_options {
	size_t size;          /* of this struct */
	int64_t timeout;      /* ns for the first try over UDP, twice that for the next; 0: 1 s */
	uint32_t tries;       /* over UDP; 0: 3 */
	int64_t patience;     /* ns for a query in all; 0: 8 s */
	int64_t idle;         /* ns that a connection without queries stays; 0: 10 s */
	uint16_t udp_size;    /* what may come in a datagram; 0: 1232 */
	uint32_t connections; /* at a time, to all servers; 0: 64 */
	bool plain_names;     /* letters are sent as they are given */

	/*
	 * Carries messages to servers that are "https://...", as reed/doh.h does: the answer
	 * is added to *answer at delivery.  NULL: there are no such servers.
	 */
	reed_dns_carry_fn *carry;
	void *carry_arg;
	struct reed_dns_tap *tap; /* what is asked and answered goes there too; outlives it; NULL */
	bool forwards;            /* as which it is told: of who forwards, not of who iterates */
};

#define REED_DNS_ASKER_OPTIONS                                \
	{                                                     \
		.size = sizeof(struct reed_dns_asker_options) \
	}

/* options may be NULL. */
REED_API struct reed_dns_asker *reed_dns_asker_new(struct reed_loop *loop,
                                                   const struct reed_dns_asker_options *options);

/* Once no query is under way.  May be NULL. */
REED_API void reed_dns_asker_free(struct reed_dns_asker *self);

struct reed_dns_ask {
	size_t size;        /* of this struct */
	const char *server; /* "udp:HOST:53", "tcp:HOST:53", "tls:HOST:853", "https://..."; NULL: */
	struct reed_address address; /* by UDP */
	struct reed_dns_name name;
	uint16_t type, klass; /* klass 0: IN */
	bool no_recursion;    /* RD is not set */
	bool dnssec;          /* DO: with signatures */
	bool checking;        /* CD: not to be validated there */
	bool no_edns;
	bool only_udp;    /* a truncated answer is the answer */
	uint32_t tries;   /* 0: as the client has it */
	int64_t timeout;  /* 0: the same */
	int64_t patience; /* 0: the same */
};

#define REED_DNS_ASK                                \
	{                                           \
		.size = sizeof(struct reed_dns_ask) \
	}

/* Zeroed is none. */
struct reed_dns_reply {
	struct reed_dns_message message; /* of bytes */
	char *bytes;                     /* owned */
	int64_t took;                    /* ns from the try that was answered */
	uint32_t tries;
	bool by_stream;          /* TCP or TLS */
	uint16_t extended_error; /* RFC 8914, of a resolver of ours; 0: none */
};

/* May be zeroed. */
REED_API void reed_dns_reply_finish(struct reed_dns_reply *reply);

/* All that ask points to is copied.  *reply is written at delivery. */
REED_API struct reed_future *reed_dns_query(struct reed_dns_asker *self,
                                            const struct reed_dns_ask *ask,
                                            struct reed_dns_reply *reply);

struct reed_dns_asker_stats {
	size_t size;            /* set by the caller */
	uint64_t sent;          /* datagrams */
	uint64_t answered;      /* queries */
	uint64_t timeouts;      /* of tries */
	uint64_t strays;        /* answers to what was not asked */
	uint64_t folded;        /* of them: right but for upper and lower case */
	uint64_t truncated;     /* asked for again over TCP */
	uint64_t dialled;       /* connections */
	uint64_t by_stream;     /* queries over them */
	size_t under_way, open; /* queries; connections */
};

REED_API void reed_dns_asker_stats(const struct reed_dns_asker *self,
                                   struct reed_dns_asker_stats *stats);

REED_END_DECLS

#endif
