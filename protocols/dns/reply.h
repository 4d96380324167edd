/* An answer that is being validated, and keys it is validated with. */

#ifndef REED_DNS_REPLY_H
#define REED_DNS_REPLY_H

#include "reed/dns/validate.h"
#include "reed/list.h"
#include "reed/pool.h"

#include "deny.h"

/* A zone that was judged: with its keys, or as insecure.  Holders are counted. */
struct dns_trusted {
	struct reed_list link;    /* of the validator, the one used last in front */
	struct dns_trusted *next; /* of the same hash */
	unsigned holders;
	struct reed_dns_name zone;
	enum reed_dns_security security;
	int64_t expires; /* s since 1970 */
	struct reed_dns_zone_key **keys;
	size_t count;
};

struct dns_trusted *dns_trusted_new(const struct reed_dns_name *zone,
                                    enum reed_dns_security security, int64_t expires);
void dns_trusted_release(struct dns_trusted *t); /* may be NULL */

/* ---- an answer ---- */

struct dns_reply_set {
	struct dns_reply_set *next;
	struct reed_dns_name owner, signer; /* signer.n 0: nobody has signed it */
	enum reed_dns_section section;
	struct reed_dns_rrset set;       /* of the pool */
	struct reed_slice *rdata, *sigs; /* set.rdata is rdata */
	size_t sig_count, room, sig_room;
	enum reed_dns_security security;
	unsigned labels; /* of the signature: fewer than the owner's, it is of a wildcard */
	bool is_wild;
};

struct dns_reply {
	struct reed_pool pool;
	struct reed_dns_name name;
	uint16_t type;
	unsigned rcode;
	struct dns_reply_set *sets;
};

/* Reads a message; REED_EPROTO, REED_ETOOBIG.  To be finished whatever comes of it. */
enum reed_err dns_reply_read(struct dns_reply *reply, struct reed_slice message);
void dns_reply_finish(struct dns_reply *reply);

struct dns_reply_set *dns_reply_find(const struct dns_reply *reply, enum reed_dns_section section,
                                     const struct reed_dns_name *owner, uint16_t type);

/* What is left of what an answer may cost. */
struct dns_budget {
	unsigned verifies, failures, questions, hashes, same_tag, iterations;
};

/*
 * Sets its security, and what is wrong with it.  zone is the one that has signed it, or
 * the insecure one it is in.
 */
void dns_set_judge(struct dns_reply_set *set, const struct dns_trusted *zone,
                   struct dns_budget *budget, uint32_t now, struct reed_dns_verdict *verdict);

/* The first reason counts. */
void dns_verdict_blame(struct reed_dns_verdict *v, uint16_t extended_error,
                       const struct reed_dns_name *name, const char *why);

/* What of it one zone has signed about what is not there. */
void dns_reply_proofs(const struct dns_reply *reply, const struct reed_dns_name *zone,
                      const struct dns_budget *budget, struct dns_proofs *proofs);

#endif
