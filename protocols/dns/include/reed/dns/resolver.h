/*
 * A caching resolver: it asks the name servers of the world from the root on, or
 * others that do, and keeps what they say.
 *
 *	resolver = reed_dns_resolver_new(loop, &options);
 *	reed_dns_server_resolver(server, resolver, &access);   for clients of a server
 *	reed_try(co, reed_dns_resolve(resolver, &name, type, 0, &reply));
 *
 * From the root: names are asked for label by label (RFC 9156), servers are chosen
 * by how fast they answer, and nothing is believed that is not of the zone its
 * server was asked about.  Each question has a budget of queries, so that no zone
 * can make it ask others for ever.  Forwarded: the fastest of those given is asked,
 * others when it fails.
 *
 * The cache is bounded by bytes.  What is not is kept as RFC 2308 says, failures
 * for some seconds (RFC 9520).  What has expired is renewed when it was asked for
 * shortly before, and said once more when nobody else can say (RFC 8767).  Who asks
 * the same at the same time shares the asking.
 *
 * Whatever comes of a question is an answer; SERVFAIL when nothing did.  Names of
 * this machine and those that are nobody's are answered here (RFC 6761, 7686, and
 * for resolvers from the root RFC 6303).
 *
 * With `validate` everything is asked for with signatures and goes through a
 * validator; what is secure says so by AD, what is bogus is SERVFAIL with the reason
 * (RFC 8914), unless who asks has set CD.  Else what has signatures is handed on with
 * them to who wants them, without AD.
 *
 * Everything belongs to one loop.
 */

#ifndef REED_DNS_RESOLVER_H
#define REED_DNS_RESOLVER_H

#include "reed/dns/client.h"

REED_BEGIN_DECLS

struct reed_dns_filter;
struct reed_dns_resolver;
struct reed_dns_server;
struct reed_dns_prefix;

struct reed_dns_resolver_options {
	size_t size;                  /* of this struct */
	const char *const *forward;   /* "udp:192.0.2.53:53", "tls:dns.example:853"; copied */
	size_t forward_count;         /* 0: from the root */
	const char *const *roots;     /* addresses of servers of the root; copied */
	size_t root_count;            /* 0: those of the Internet */
	size_t cache;                 /* bytes; 0: 64 MiB */
	uint32_t ttl_most, ttl_least; /* seconds; most 0: a day */
	uint32_t negative_most;       /* seconds for what is not; 0: an hour */
	uint32_t stale; /* seconds that what has expired may be said still; 0: a day */
	bool no_stale, no_prefetch, no_minimising;
	bool only_ipv4;         /* servers are asked at these addresses only */
	bool rebinding;         /* private addresses may stand for any name */
	const char *const *own; /* names that may have private addresses; copied */
	size_t own_count;
	uint32_t under_way; /* questions that are being asked at a time; 0: 2048 */
	uint32_t budget;    /* queries for one question; 0: 100 */
	int64_t patience;   /* ns for one question; 0: 10 s */
	bool validate;      /* what is signed has to be right: reed/dns/validate.h */
	const char
		*anchors; /* DS and DNSKEY records as in a zone file; NULL: of the root; copied */
	const char *const *distrusted; /* names nothing is proven of (RFC 7646); copied */
	size_t distrusted_count;
	reed_dns_carry_fn
		*carry; /* to forward to "https://...", as of struct reed_dns_asker_options */
	void *carry_arg;
	struct reed_dns_tap *tap; /* as there; stays what it was when it was made */
};

#define REED_DNS_RESOLVER_OPTIONS                                \
	{                                                        \
		.size = sizeof(struct reed_dns_resolver_options) \
	}

/* options may be NULL.  What cannot be read of it is left out: see the check below. */
REED_API struct reed_dns_resolver *reed_dns_resolver_new(
	struct reed_loop *loop, const struct reed_dns_resolver_options *options);

/* What was kept stays; with others to forward to, questions under way fail. */
REED_API void reed_dns_resolver_update(struct reed_dns_resolver *self,
                                       const struct reed_dns_resolver_options *options);

/* Once no question is under way, and no server has it.  May be NULL. */
REED_API void reed_dns_resolver_free(struct reed_dns_resolver *self);

/* Forgets what was kept. */
REED_API void reed_dns_resolver_flush(struct reed_dns_resolver *self);

/* Will it do to forward to?  *why is a sentence that goes on after the text. */
REED_API bool reed_dns_forward_check(const char *text, const char **why);

enum {
	REED_DNS_RESOLVE_DNSSEC = 1,   /* with signatures */
	REED_DNS_RESOLVE_CHECKING = 2, /* CD */
};

/* *reply is written at delivery.  REED_ETOOBIG: too many are under way; REED_ETIMEDOUT. */
REED_API struct reed_future *reed_dns_resolve(struct reed_dns_resolver *self,
                                              const struct reed_dns_name *name, uint16_t type,
                                              unsigned flags, struct reed_dns_reply *reply);

/*
 * What the server has no zone for is answered by the resolver, to those addresses
 * that are listed, and refused to others.  The filter goes first; it may be NULL and
 * is borrowed, as the resolver.  resolver NULL: nobody is served.
 */
struct reed_dns_recursion {
	size_t size;                           /* of this struct */
	const struct reed_dns_prefix *allowed; /* copied */
	size_t allowed_count;
	struct reed_dns_filter *filter;
};

#define REED_DNS_RECURSION                                \
	{                                                 \
		.size = sizeof(struct reed_dns_recursion) \
	}

REED_API void reed_dns_server_resolver(struct reed_dns_server *server,
                                       struct reed_dns_resolver *resolver,
                                       const struct reed_dns_recursion *clients);

struct reed_dns_resolver_stats {
	size_t size; /* set by the caller */
	uint64_t hits, misses, shared, stale, prefetched, failed;
	uint64_t asked;     /* queries to servers */
	uint64_t blocked;   /* by the filter */
	uint64_t withheld;  /* private addresses that were taken out of answers */
	size_t kept, bytes; /* of the cache */
	size_t under_way;
	uint64_t secure, bogus; /* answers that were validated */
};

REED_API void reed_dns_resolver_stats(const struct reed_dns_resolver *self,
                                      struct reed_dns_resolver_stats *stats);

REED_END_DECLS

#endif
