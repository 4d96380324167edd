/* What the files of the resolver share. */

#ifndef REED_DNS_RESOLVE_H
#define REED_DNS_RESOLVE_H

#include "reed/cell.h"
#include "reed/co.h"
#include "reed/dns/resolver.h"
#include "reed/dns/validate.h"
#include "reed/metric.h"
#include "reed/scope.h"

#include "cache.h"
#include "reading.h"

enum {
	STATIONS = 4096, /* servers whose manners are known */
	ROOTS_MOST = 32,
	SERVERS_MOST = 16,   /* addresses tried for one zone */
	LOOKUPS_MOST = 5,    /* names of servers looked up for one zone, see NXNSAttack */
	DEPTH_MOST = 4,      /* names of servers of names of servers of ... */
	TABLE = 1024,        /* of questions under way */
	STALE_TTL = 30,      /* RFC 8767 4 */
	FAILURE_SECONDS = 5, /* RFC 9520 3.2 */
	BOGUS_SECONDS = 30,
	KEYS_SECONDS = 30, /* what is good of them the validator keeps */
};

/* What is known of a server. */
struct dns_station {
	struct reed_address address;
	int64_t rtt;      /* smoothed; 0: not known */
	int64_t bad_till; /* it did not answer several times */
	uint32_t failures;
	uint64_t lame; /* a zone it does not know, by its hash */
	int64_t lame_till;
};

/* One that is forwarded to. */
struct dns_upstream {
	char *endpoint;
	struct dns_station station;
};

struct dns_walk;

struct reed_dns_resolver {
	struct reed_loop *loop;
	struct reed_dns_resolver_options options;
	struct reed_dns_asker *client;
	struct dns_cache *cache;
	struct reed_dns_validator *validator; /* NULL: nothing is validated */
	char *anchors;                        /* what it was made with */
	char *rolled;                         /* keys of the root since then (RFC 5011); NULL */
	struct reed_dns_name *distrusted;
	size_t distrusted_count;
	struct dns_upstream *upstreams; /* NULL: from the root */
	size_t upstream_count;
	struct reed_address roots[ROOTS_MOST];
	size_t root_count;
	struct reed_dns_name *own;
	size_t own_count;
	struct dns_station *stations;
	struct reed_scope scope; /* questions under way */
	struct reed_list table[TABLE];
	uint64_t seed;
	struct reed_dns_resolver_stats stats;
	struct reed_counter *hits, *misses, *stale, *asked, *failed, *blocked;
	struct reed_counter *secure, *bogus;
	int64_t tell_at; /* of what is bogus, not before */
	uint8_t scratch[REED_DNS_RDATA_MAX];
	uint8_t message[REED_DNS_MESSAGE_MAX];
};

/* ---- resolver.c ---- */

/* Somebody who waits for an answer; embedded. */
struct dns_waiter {
	struct reed_list list;   /* of a question under way */
	struct dns_entry *entry; /* held, when done; NULL: there is none */
	struct reed_cell done;
};

/* Asks, or joins those who do.  REED_ETOOBIG. */
enum reed_err dns_ask_for(struct reed_dns_resolver *self, const struct dns_key *key,
                          struct dns_waiter *waiter);
void dns_waiter_finish(struct dns_waiter *waiter);

/*
 * What may be said at once, however it is come by; *fresh: it need not be waited
 * for anything better.  Starts to renew what is worth it.  Borrowed; NULL.
 */
struct dns_entry *dns_resolver_look(struct reed_dns_resolver *self, const struct dns_key *key,
                                    bool *fresh);

/* ---- proof.c: the validator of a resolver ---- */

/* As the options have it; true: what was judged before counts for nothing any more. */
bool dns_proof_update(struct reed_dns_resolver *self,
                      const struct reed_dns_resolver_options *options);
void dns_proof_finish(struct reed_dns_resolver *self);

/* What it was told to trust; the keys of the root are these instead from now on; what it asks. */
struct reed_slice dns_proof_anchors(const struct reed_dns_resolver *self);
void dns_proof_roll(struct reed_dns_resolver *self, struct reed_slice keys);
struct reed_future *dns_proof_ask(struct reed_dns_resolver *self, const struct reed_dns_name *name,
                                  uint16_t type, struct reed_buf *message);

/* ---- walk.c ---- */

/* Queries that one question may cost, with all it needs to know. */
struct dns_budget {
	uint32_t left;
	int64_t until;
};

/* *entry is held, at delivery. */
struct reed_future *dns_walk_new(struct reed_dns_resolver *self, const struct dns_key *key,
                                 struct dns_budget *budget, unsigned depth,
                                 struct dns_entry **entry);

/* ---- walk_end.c ---- */

struct dns_outcome {
	const struct dns_key *key;
	struct reed_buf *pile;
	unsigned rcode;
	uint32_t ttl; /* of what is not */
	bool has_ttl;
	bool failed; /* nobody could say, or it was */
	bool bogus;
	bool secure;       /* it was validated */
	uint16_t error;    /* RFC 8914, of what has failed; 0: none */
	uint32_t ttl_most; /* 0: whatever the records have */
	bool here;         /* it was made here: nothing is withheld */
};

/* Into the cache.  Held; NULL: it is too big. */
struct dns_entry *dns_outcome_keep(struct reed_dns_resolver *self,
                                   const struct dns_outcome *outcome);

/* The servers of a zone, and their addresses, from a referral. */
void dns_cut_keep(struct reed_dns_resolver *self, const struct reed_dns_name *zone,
                  struct reed_slice pile, uint32_t ttl);

/* ---- station.c ---- */

struct dns_station *dns_station_of(struct reed_dns_resolver *self,
                                   const struct reed_address *address);
void dns_station_heard(struct dns_station *station, int64_t took);
void dns_station_missed(struct dns_station *station, int64_t now);

/* It knows nothing of a zone that it should know, and will not soon. */
void dns_station_lame(struct dns_station *station, uint64_t zone, int64_t till);

/* The less the better; some of it by chance, so that others are tried at times. */
int64_t dns_station_score(const struct dns_station *station, uint64_t zone, struct reed_loop *loop);

/* How long to wait for it. */
int64_t dns_station_patience(const struct dns_station *station);

/* ---- special.c ---- */

/*
 * Names that are answered here: the pile has what there is, and *rcode says the rest.
 * false: it is not such a name.
 */
bool dns_special(const struct reed_dns_resolver *self, const struct dns_key *key,
                 struct reed_buf *pile, unsigned *rcode);

/* An address that only this network can mean: RFC 1918, 4193, loopback, link-local, ... */
bool dns_is_private(uint16_t type, struct reed_slice rdata);

/* The servers of the root, by address. */
size_t dns_root_hints(struct reed_address *into, size_t room);

#endif
