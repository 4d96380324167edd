/* The keys of a zone and what becomes of them: RFC 7583.  Pure, but for the last two. */

#ifndef REED_DNS_RING_H
#define REED_DNS_RING_H

#include "reed/dns/policy.h"
#include "reed/file.h"

enum { RING_KEYS = 16, RING_ENTROPY = 16 * REED_DNS_SEED_SIZE };

struct dns_ring_key {
	struct reed_dns_zone_key *key;
	uint8_t seed[REED_DNS_SEED_SIZE];
	unsigned algorithm, roles;
	enum reed_dns_key_state state;
	enum reed_dns_ds_state ds;
	int64_t made, since, ds_since; /* s since 1970 */
	bool roll;                     /* somebody wants a successor now */
};

struct dns_ring {
	struct dns_ring_key keys[RING_KEYS];
	size_t n;
	uint32_t ttl_most; /* the highest TTL that caches may have of the zone */
	uint64_t seed;     /* of jitter */
	struct reed_file_stamp source;
};

/* With what 0 stands for. */
struct reed_dns_policy dns_policy_of(const struct reed_dns_policy *policy);

/* Bytes for new keys. */
struct dns_entropy {
	uint8_t bytes[RING_ENTROPY];
	size_t used;
};

/* Does what is due; true: something has changed.  policy is whole. */
bool dns_ring_step(struct dns_ring *ring, const struct reed_dns_policy *policy, int64_t now,
                   struct dns_entropy *entropy);

/* When something is due next. */
int64_t dns_ring_due(const struct dns_ring *ring, const struct reed_dns_policy *policy);

/* The keys as they sign now; into has room for RING_KEYS. */
size_t dns_ring_signing(const struct dns_ring *ring, struct reed_dns_signing_key *into);

/*
 * What the zone has may be less than the ring says, when a crash came in between: times
 * count from when it has it.
 */
void dns_ring_reconcile(struct dns_ring *ring, const struct reed_dns_zone *zone, int64_t now);

void dns_ring_roll(struct dns_ring *ring, unsigned roles);
bool dns_ring_seen(struct dns_ring *ring, int64_t now);
void dns_ring_finish(struct dns_ring *ring);

/* As text, which has the private keys; REED_ECORRUPT. */
void dns_ring_print(const struct dns_ring *ring, struct reed_buf *out);
enum reed_err dns_ring_parse(struct dns_ring *ring, struct reed_slice text);

#endif
