/*
 * Zones that are code: a function answers for every name, and the server for what makes it
 * a zone: SOA, NS, DNSKEY, CDS and CDNSKEY records, SOA records of negative answers, and
 * signatures.
 *
 * With keys answers are signed as they are given (RFC 4035 2.2), for those who ask for it
 * (DO).  What is not there is denied by one NSEC record for just that name (compact denial,
 * RFC 9824): one that the function says NXDOMAIN of has the type NXNAME, and its answer is
 * NOERROR unless who asks understands that (the flag CO).  As the function is asked for
 * one type at a time, the NSEC record of a name that has others lists every type known here
 * but that one.
 *
 * The parent delegates to it as to any zone, with DS records out of reed_dns_ds_make().  A
 * signature takes tens of microseconds of the loop's time, so limit rates (server.h).
 * Aliases may lead anywhere; delegations are for zones.
 */

#ifndef REED_DNS_DYNAMIC_H
#define REED_DNS_DYNAMIC_H

#include "reed/dns/server.h"
#include "reed/dns/sign.h"

REED_BEGIN_DECLS

enum { REED_DNS_DYNAMIC_SERVERS = 16, REED_DNS_DYNAMIC_KEYS = 16 };

/* All but keys and arg is copied; keys outlive the server, or until others take their place. */
struct reed_dns_dynamic {
	size_t size; /* of this struct */
	const struct reed_dns_name *name;
	const struct reed_dns_name
		*servers;                 /* for the NS records; the first is in the SOA record */
	size_t server_count;              /* one at least */
	const struct reed_dns_name *mail; /* of the SOA record; NULL: hostmaster of name */
	uint32_t serial;                  /* 0: 1 */
	uint32_t ttl;                     /* of what the server makes; 0: 1 h */
	uint32_t negative_ttl;            /* 0: 1 min */
	uint32_t lifetime;                /* s of signatures, beside their TTL; 0: 1 day */
	const struct reed_dns_signing_key *keys;
	size_t key_count; /* 0: it is not signed */
	reed_dns_answer_fn *fn;
	void *arg;
	void *reserved[4];
};

#define REED_DNS_DYNAMIC .size = sizeof(struct reed_dns_dynamic)

/*
 * In the place of one of that name; before a zone of that name or above, which answers
 * the rest.  REED_EINVAL: no server, too many, or keys of which none signs keys, or none
 * the rest.
 */
REED_API enum reed_err reed_dns_server_dynamic(struct reed_dns_server *self,
                                               const struct reed_dns_dynamic *zone);

REED_END_DECLS

#endif
