/* A validator from inside: anchors, zones that were judged, the way down to a zone. */

#ifndef REED_DNS_TRUST_H
#define REED_DNS_TRUST_H

#include "reply.h"

enum { TRUST_SLOTS = 256 };

struct dns_anchor {
	struct dns_anchor *next;
	struct reed_dns_name zone;
	uint16_t type; /* DS, DNSKEY; 0: nothing is trusted from here on down */
	size_t n;
	uint8_t rdata[];
};

struct reed_dns_validator {
	struct reed_loop *loop;
	struct reed_dns_validator_options options; /* with what 0 stands for */
	struct dns_anchor *anchors;
	struct dns_trusted *slots[TRUST_SLOTS];
	struct reed_list used;
	size_t count;
};

/* Seconds since 1970. */
int64_t dns_trust_now(const struct reed_dns_validator *self);

/* What is known of a zone; NULL: nothing, or not any more. */
struct dns_trusted *dns_trust_find(struct reed_dns_validator *self,
                                   const struct reed_dns_name *zone);

/* From now on known; t is shared. */
void dns_trust_keep(struct reed_dns_validator *self, struct dns_trusted *t);

/* The lowest anchor that is at or above the name; NULL: none is. */
const struct dns_anchor *dns_trust_anchor(const struct reed_dns_validator *self,
                                          const struct reed_dns_name *name);

/*
 * How far is it secure on the way down to the name: *out is the zone the name is in, or
 * would be, which the caller releases; an insecure one; or a bogus one, of which verdict
 * says why.
 */
struct reed_future *dns_trust_walk(struct reed_dns_validator *self,
                                   const struct reed_dns_name *name, struct dns_budget *budget,
                                   struct reed_dns_verdict *verdict, struct dns_trusted **out);

/* ---- keys.c: DNSKEY and DS ---- */

/*
 * The keys of an answer to DNSKEY, of which one is that of a DS, or of an anchor, and has
 * signed them all.  Insecure when no DS is of an algorithm and digest that is known.
 */
struct dns_trusted *dns_keys_judge(const struct dns_reply *reply, const struct reed_dns_name *zone,
                                   const struct reed_slice *ds, size_t ds_count, bool are_keys,
                                   struct dns_budget *budget, int64_t now,
                                   struct reed_dns_verdict *verdict);

/* Some DS is understood: else what it is of is insecure (RFC 4035 5.2). */
bool dns_ds_any_known(const struct reed_slice *ds, size_t n);

#endif
