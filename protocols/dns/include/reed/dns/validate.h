/*
 * A validator: whether an answer is what the owner of the name has said, by the chain of
 * signatures from a trust anchor down (RFC 4035 5, 5155 8, 6840, 9276).
 *
 * It asks for DNSKEY and DS records by a function of the caller's, such as a resolver,
 * with the flags DO and CD, and says what an answer is worth:
 *
 *	secure		signed all the way down, or proven not to be there
 *	insecure	proven to be in a part of the tree that is not signed, or signed
 *			only by what is not understood
 *	bogus		signatures are missing or wrong
 *	indeterminate	no anchor is above it, or what was needed could not be had: then
 *			there is an extended error
 *
 * What a hostile answer may cost is bounded (KeyTrap, CVE-2023-50387, 50868): keys of one
 * tag, signatures that are tried, hashes, questions.  Over a bound an answer is bogus.
 * Verified keys are kept as long as their TTL and their signatures say.
 *
 * Verifying is a matter of some 100 us a signature in the loop's thread; an answer has
 * few, which the bounds see to.
 */

#ifndef REED_DNS_VALIDATE_H
#define REED_DNS_VALIDATE_H

#include "reed/dns/message.h"
#include "reed/dns/sign.h"
#include "reed/future.h"

REED_BEGIN_DECLS

enum reed_dns_security {
	REED_DNS_INDETERMINATE,
	REED_DNS_SECURE,
	REED_DNS_INSECURE,
	REED_DNS_BOGUS,
};

REED_API const char *reed_dns_security_name(enum reed_dns_security security);

struct reed_dns_verdict {
	enum reed_dns_security security;
	uint32_t ttl_most;       /* s it is good for: RFC 4035 5.3.3 */
	uint16_t extended_error; /* RFC 8914; 0: none */
	char why[160];           /* a sentence, unless it is secure */
};

/*
 * Asks for all of an answer, which is added to *message; a failing future means that it
 * could not be had.  The future may be dropped.
 */
typedef struct reed_future *reed_dns_ask_fn(void *arg, const struct reed_dns_name *name,
                                            uint16_t type, struct reed_buf *message);

struct reed_dns_validator_options {
	size_t size;
	reed_dns_ask_fn *ask;
	void *arg;
	size_t zones;                /* whose keys are kept; 0: 1024 */
	unsigned verifies;           /* signatures tried for one answer; 0: 64 */
	unsigned questions;          /* asked for one answer; 0: 64 */
	unsigned same_tag;           /* keys of one tag tried; 0: 4 */
	unsigned iterations;         /* of NSEC3; above it is insecure: RFC 9276 3.2; 0: 100 */
	unsigned hashes;             /* of names for one answer; 0: 256 */
	int64_t (*clock)(void *arg); /* ns since 1970; NULL: that of the loop */
	unsigned failures;           /* signatures that may be wrong in one answer; 0: 16 */
};

#define REED_DNS_VALIDATOR_OPTIONS .size = sizeof(struct reed_dns_validator_options)

struct reed_dns_validator;

REED_API struct reed_dns_validator *reed_dns_validator_new(
	struct reed_loop *loop, const struct reed_dns_validator_options *options);

/* Nothing may be under way in it.  May be NULL. */
REED_API void reed_dns_validator_free(struct reed_dns_validator *self);

/* The rdata of a DS or DNSKEY of a zone that is trusted; REED_EPROTO, REED_ENOTSUP. */
REED_API enum reed_err reed_dns_validator_trust(struct reed_dns_validator *self,
                                                const struct reed_dns_name *zone, uint16_t type,
                                                struct reed_slice rdata);

/*
 * All DS and DNSKEY records of a text that is written as a zone file; what is of no known
 * algorithm is left out.  self NULL: only looks.  REED_ESYNTAX, REED_ENOENT: there is none;
 * *fault, the caller's, says where; it may be NULL.
 */
REED_API enum reed_err reed_dns_validator_trust_text(struct reed_dns_validator *self,
                                                     struct reed_slice text,
                                                     struct reed_fault **fault);

/* The keys of the root of the Internet (IANA), as such a text. */
REED_API struct reed_slice reed_dns_root_anchors(void);

/* Nothing is said of names from there on down: a negative anchor, RFC 7646. */
REED_API void reed_dns_validator_distrust(struct reed_dns_validator *self,
                                          const struct reed_dns_name *zone);

/* Verified keys are forgotten. */
REED_API void reed_dns_validator_flush(struct reed_dns_validator *self);

/* Judges an answer, whose bytes have to stay; *verdict is written when the future settles. */
REED_API struct reed_future *reed_dns_validate(struct reed_dns_validator *self,
                                               struct reed_slice message,
                                               struct reed_dns_verdict *verdict);

REED_END_DECLS

#endif
