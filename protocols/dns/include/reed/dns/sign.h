/*
 * Keys of zones, signatures and zones signed with them: RFC 4034, 4035, 5155, 5702,
 * 6605, 8080, 9276.
 *
 * Made are keys and signatures of ECDSA P-256 and Ed25519; looked at also those of
 * RSA with SHA-1, SHA-256 and SHA-512 and of ECDSA P-384.  Nothing here suspends:
 * a signature takes tens of microseconds and a zone as many as it has RRsets, so
 * that zones are for threads (offload.h).  No function asks for time or entropy.
 *
 * REED_ENOTSUP: no such algorithm here.  REED_EPROTO: bytes that are no such
 * record.  REED_EAUTH: a signature that is not of this key and these records.
 */

#ifndef REED_DNS_SIGN_H
#define REED_DNS_SIGN_H

#include "reed/dns/store.h"

REED_BEGIN_DECLS

enum reed_dns_algorithm {
	REED_DNS_RSASHA1 = 5,
	REED_DNS_RSASHA1_NSEC3 = 7,
	REED_DNS_RSASHA256 = 8,
	REED_DNS_RSASHA512 = 10,
	REED_DNS_ECDSAP256 = 13,
	REED_DNS_ECDSAP384 = 14,
	REED_DNS_ED25519 = 15,
};

enum reed_dns_digest {
	REED_DNS_DIGEST_SHA1 = 1,
	REED_DNS_DIGEST_SHA256 = 2,
	REED_DNS_DIGEST_SHA384 = 4,
};

/* Flags of a DNSKEY: RFC 4034 2.1.1, RFC 5011 7. */
enum {
	REED_DNS_KEY_ZONE = 0x0100,
	REED_DNS_KEY_REVOKED = 0x0080,
	REED_DNS_KEY_SEP = 0x0001, /* a key-signing one, or one that is both */
};

enum {
	REED_DNS_SEED_SIZE = 32,
	REED_DNS_SIGNATURE_MAX = 512, /* RSA of 4096 bits */
	REED_DNS_DS_MAX = 4 + 48,
	REED_DNS_RRSIG_MAX = 18 + REED_DNS_NAME_MAX + REED_DNS_SIGNATURE_MAX,
	REED_DNS_RRSET_MOST = 4096, /* records that are signed or looked at as one */
};

/* ---- keys ---- */

struct reed_dns_zone_key;

/* Is it one whose signatures are understood here; one that signatures are made with? */
REED_API bool reed_dns_algorithm_known(unsigned algorithm);
REED_API bool reed_dns_algorithm_makes(unsigned algorithm);

/*
 * The pair that 32 random bytes make: those of Ed25519 are the private key, those of
 * P-256 its number; flags are of the DNSKEY.  REED_ERANGE: these bytes make none, which
 * happens once in 2^32 times with P-256: try others.
 */
REED_API enum reed_err reed_dns_zone_key_make(unsigned algorithm, unsigned flags,
                                              const uint8_t seed[REED_DNS_SEED_SIZE],
                                              struct reed_dns_zone_key **key);

/* The public key of a DNSKEY. */
REED_API enum reed_err reed_dns_zone_key_read(struct reed_slice rdata,
                                              struct reed_dns_zone_key **key);
REED_API void reed_dns_zone_key_free(struct reed_dns_zone_key *key); /* may be NULL */

/* Its DNSKEY, as long as the key. */
REED_API struct reed_slice reed_dns_zone_key_rdata(const struct reed_dns_zone_key *key);
REED_API uint16_t reed_dns_zone_key_tag(const struct reed_dns_zone_key *key);
REED_API unsigned reed_dns_zone_key_algorithm(const struct reed_dns_zone_key *key);
REED_API unsigned reed_dns_zone_key_flags(const struct reed_dns_zone_key *key);

/* The rdata of the DS of a DNSKEY of that owner: RFC 4034 5.1.4. */
REED_API enum reed_err reed_dns_ds_make(const struct reed_dns_name *owner, struct reed_slice dnskey,
                                        enum reed_dns_digest digest, uint8_t into[REED_DNS_DS_MAX],
                                        struct reed_slice *ds);

/* Whether the DS is of that DNSKEY; false with a digest that is not known. */
REED_API bool reed_dns_ds_is_of(struct reed_slice ds, const struct reed_dns_name *owner,
                                struct reed_slice dnskey);

/* ---- signatures ---- */

/* Rdata is uncompressed; the same record twice counts once (RFC 4034 6.3). */
struct reed_dns_rrset {
	const struct reed_dns_name *owner;
	uint16_t type;
	uint32_t ttl;
	const struct reed_slice *rdata;
	size_t count;
};

struct reed_dns_rrsig {
	uint16_t type, tag;
	uint8_t algorithm, labels;
	uint32_t ttl, expiration, inception; /* seconds since 1970 modulo 2^32 */
	struct reed_dns_name signer;
	struct reed_slice signature; /* of the rdata */
};

REED_API enum reed_err reed_dns_rrsig_read(struct reed_slice rdata, struct reed_dns_rrsig *sig);

/* Is it in its time: RFC 4034 3.1.5, serial arithmetic. */
REED_API bool reed_dns_rrsig_in_time(const struct reed_dns_rrsig *sig, uint32_t now);

/* The rdata of an RRSIG of the zone that `signer` is the name of. */
REED_API enum reed_err reed_dns_rrset_sign(const struct reed_dns_rrset *set,
                                           const struct reed_dns_zone_key *key,
                                           const struct reed_dns_name *signer, uint32_t inception,
                                           uint32_t expiration, uint8_t into[REED_DNS_RRSIG_MAX],
                                           struct reed_slice *rrsig);

/*
 * The signature alone: whether it is in time, and whose the key is, the caller looks
 * at.  REED_EAUTH: it is none; REED_ETOOBIG: more records than are looked at.
 */
REED_API enum reed_err reed_dns_rrset_verify(const struct reed_dns_rrset *set,
                                             const struct reed_dns_rrsig *sig,
                                             const struct reed_dns_zone_key *key);

/* ---- zones ---- */

struct reed_dns_signing_key {
	const struct reed_dns_zone_key *key;
	bool published;  /* in the DNSKEY RRset; who signs has to be */
	bool signs_keys; /* DNSKEY, CDS and CDNSKEY */
	bool signs_zone; /* all else */
	bool submitted;  /* in CDS and CDNSKEY: RFC 7344 */
	bool ahead;      /* signs the zone though it is not published: RFC 6781 4.1.4 */
};

struct reed_dns_signing {
	size_t size; /* of this struct */
	const struct reed_dns_signing_key *keys;
	size_t count;
	uint32_t serial;     /* the zone gets */
	uint32_t now;        /* seconds since 1970 */
	uint32_t lifetime;   /* s a signature is good for; 0: 14 days */
	uint32_t refresh;    /* one is made anew when it has as much left; 0: 7 days */
	uint32_t jitter;     /* a lifetime is up to that much shorter; 0: none */
	uint32_t backdate;   /* it was good before it was made; 0: 1 hour */
	uint32_t dnskey_ttl; /* 0: 1 hour */
	uint64_t seed;       /* of jitter */
	bool nsec3, opt_out; /* RFC 5155 6: unsigned delegations are left out */
	uint16_t iterations; /* more than 0 is no use: RFC 9276 3.1 */
	struct reed_slice salt;
	bool unsign; /* CDS and CDNSKEY ask the parent for no DS any more: RFC 8078 4 */
};

#define REED_DNS_SIGNING .size = sizeof(struct reed_dns_signing)

struct reed_dns_signed {
	size_t size;       /* set by the caller */
	size_t made, kept; /* signatures */
	uint32_t refresh;  /* seconds since 1970 when the first has to be made anew */
	uint32_t ttl_most; /* the highest TTL in the zone */
};

/*
 * The zone as it is signed.  What is in it of DNSSEC counts for nothing, DNSKEY, CDS and
 * CDNSKEY of its own name included.  Signatures of `before`, which may be NULL or the
 * zone itself, are kept if they are of the same records and a key that signs, and have
 * more left than refresh.  Blocks.  REED_EINVAL: no key signs, or one that is not published.
 */
REED_API enum reed_err reed_dns_zone_sign(const struct reed_dns_zone *zone,
                                          const struct reed_dns_zone *before,
                                          const struct reed_dns_signing *how,
                                          struct reed_dns_zone **out, struct reed_dns_signed *facts,
                                          struct reed_fault **fault);

REED_END_DECLS

#endif
