/* Keys of zones from inside. */

#ifndef REED_DNS_ZONE_KEY_H
#define REED_DNS_ZONE_KEY_H

#include <openssl/evp.h>

#include "reed/buf.h"
#include "reed/dns/sign.h"

struct reed_dns_zone_key {
	EVP_PKEY *pkey;
	EVP_MD *md;
	bool is_private;
	uint8_t algorithm;
	uint16_t tag;
	size_t n;
	uint8_t rdata[]; /* of the DNSKEY */
};

enum reed_err dns_key_sign(const struct reed_dns_zone_key *key, struct reed_slice bytes,
                           uint8_t into[REED_DNS_SIGNATURE_MAX], size_t *n);
enum reed_err dns_key_verify(const struct reed_dns_zone_key *key, struct reed_slice bytes,
                             struct reed_slice signature);

/* ---- rrsig.c ---- */

/*
 * The records in canonical form and order, each once (RFC 4034 6), in memory of the
 * caller's to free; slices leads to them.
 */
struct dns_canonical {
	struct reed_slice *rdata;
	size_t count;
	char *memory;
};

enum reed_err dns_canonical(const struct reed_dns_rrset *set, struct dns_canonical *out);
void dns_canonical_finish(struct dns_canonical *c);

/* The same of a set that is canonical already; bytes is scratch. */
enum reed_err dns_sign_canonical(const struct reed_dns_rrset *set,
                                 const struct reed_dns_zone_key *key,
                                 const struct reed_dns_name *signer, uint32_t inception,
                                 uint32_t expiration, struct reed_buf *bytes,
                                 uint8_t into[REED_DNS_RRSIG_MAX], struct reed_slice *rrsig);

#endif
