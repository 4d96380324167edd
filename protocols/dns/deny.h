/*
 * What NSEC and NSEC3 records, which are verified already, prove of a name: RFC 4035 5.4,
 * RFC 5155 8, RFC 6840 4.  Pure.
 */

#ifndef REED_DNS_DENY_H
#define REED_DNS_DENY_H

#include "store.h"

#include "reed/dns/rdata.h"

enum { DNS_PROOFS_MOST = 32 };

struct dns_proof {
	struct reed_dns_name owner;
	uint16_t type; /* NSEC or NSEC3 */
	struct reed_slice rdata;
};

struct dns_proofs {
	struct reed_dns_name zone; /* that has signed them */
	struct dns_proof all[DNS_PROOFS_MOST];
	size_t n;
	unsigned hashes;     /* that may still be made */
	unsigned iterations; /* at most */
	bool too_many;       /* iterations: it says nothing, and is insecure */
};

enum dns_denial {
	DNS_DENY_NOTHING,
	DNS_DENY_TYPE, /* the name is there, without the type */
	DNS_DENY_NAME, /* the name is not there */
};

struct dns_denied {
	enum dns_denial denial;
	bool opt_out;    /* an unsigned delegation may be there all the same */
	bool delegation; /* the name is one, without DS */
};

void dns_deny(struct dns_proofs *proofs, const struct reed_dns_name *name, uint16_t type,
              struct dns_denied *denied);

/* The name is not there itself: what came is of the wildcard of the last `labels` labels. */
bool dns_deny_wild(struct dns_proofs *proofs, const struct reed_dns_name *name, unsigned labels,
                   bool *opt_out);

#endif
