/*
 * How a zone that a keeper signs (keeper.h) has its keys made and rolled: RFC 7583, 6781,
 * 7344, 8078.
 *
 * Zone-signing keys are published before they sign (pre-publish); key-signing ones have
 * their DS at the parent before they are used (double-DS); one that is both is published,
 * then has its DS, then signs.  What waits for the parent waits until the keeper is told
 * that the parent has what CDS and CDNSKEY say: reed_dns_keeper_ds_seen().
 *
 * A zone whose keys are of another algorithm than the policy's is rolled to that one as soon
 * as nothing else is under way, in the conservative way of RFC 6781 4.1.4: signatures first,
 * then keys, then the DS, which takes the place of the old; then the old keys go, and last
 * their signatures.
 */

#ifndef REED_DNS_POLICY_H
#define REED_DNS_POLICY_H

#include "reed/dns/sign.h"

REED_BEGIN_DECLS

/* Spans are in seconds. */
struct reed_dns_policy {
	size_t size;           /* of this struct */
	unsigned algorithm;    /* of keys that are made; 0: ECDSA P-256 */
	bool split;            /* a key for the keys and one for the rest; else one for both */
	uint32_t zsk_lifetime; /* 0: 90 days; UINT32_MAX: for ever */
	uint32_t ksk_lifetime; /* of the other, or of the only one; 0: for ever */
	uint32_t dnskey_ttl;   /* 0: 1 hour */
	uint32_t propagation;  /* until all secondaries have a change; 0: 1 hour */
	uint32_t ds_ttl;       /* of the DS records at the parent; 0: 1 day */
	uint32_t lifetime;     /* of signatures; 0: 14 days */
	uint32_t refresh;      /* ahead of their end they are made anew; 0: 7 days */
	uint32_t jitter;       /* by which lifetimes differ; 0: 1 day */
	bool nsec3, opt_out;
	bool unsign; /* CDS and CDNSKEY ask the parent for no DS any more: RFC 8078 4 */
};

#define REED_DNS_POLICY .size = sizeof(struct reed_dns_policy)

enum reed_dns_key_role { REED_DNS_ROLE_KSK = 1, REED_DNS_ROLE_ZSK = 2 }; /* CSK: both */

enum reed_dns_key_state {
	REED_DNS_KEY_WAITING,   /* for its DS; not published */
	REED_DNS_KEY_PUBLISHED, /* signs nothing yet, but keys if it is a CSK */
	REED_DNS_KEY_ACTIVE,
	REED_DNS_KEY_RETIRED, /* caches may still need it */
	/* When another algorithm takes over, its keys sign before they are published, and those
	   of the old one still when they are not any more. */
	REED_DNS_KEY_SIGNING,
	REED_DNS_KEY_LEAVING,
};

enum reed_dns_ds_state {
	REED_DNS_DS_NONE,
	REED_DNS_DS_WANTED, /* in CDS and CDNSKEY */
	REED_DNS_DS_SEEN,   /* the parent has it */
};

struct reed_dns_key_facts {
	size_t size; /* set by the caller */
	uint16_t tag;
	unsigned algorithm, roles;
	enum reed_dns_key_state state;
	enum reed_dns_ds_state ds;
	int64_t made, since;      /* s since 1970; since: in this state */
	struct reed_slice dnskey; /* rdata, until the keeper has something else to do */
};

REED_API const char *reed_dns_key_state_name(enum reed_dns_key_state state);

REED_END_DECLS

#endif
