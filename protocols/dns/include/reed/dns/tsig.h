/*
 * TSIG: messages signed with a secret that two know (RFC 8945).
 *
 * Who asks:	reed_dns_tsig_begin(&t, key), then reed_dns_tsig_sign() for the query
 *		and reed_dns_tsig_check() for each message of the answer.
 * Who answers:	reed_dns_tsig_take() for the query, reed_dns_tsig_sign() for each
 *		message of the answer.
 *
 * One struct reed_dns_tsig is one exchange; it holds a copy of the key, and
 * nothing that must be released but what reed_dns_tsig_finish() does.
 *
 * HMAC with SHA-256, SHA-384 and SHA-512; with SHA-1 only for keys that say so,
 * which reed_dns_keys_add() refuses unless it is told otherwise.  MACs that were
 * cut are BADTRUNC unless the key takes them.
 *
 * Times are seconds since 1970 by the caller's clock.
 */

#ifndef REED_DNS_TSIG_H
#define REED_DNS_TSIG_H

#include "reed/dns/message.h"

REED_BEGIN_DECLS

enum reed_dns_hmac {
	REED_DNS_HMAC_SHA256,
	REED_DNS_HMAC_SHA384,
	REED_DNS_HMAC_SHA512,
	REED_DNS_HMAC_SHA1,
};

enum {
	REED_DNS_SECRET_MAX = 256,
	REED_DNS_MAC_MAX = 64,
	REED_DNS_FUDGE = 300,       /* seconds two clocks may differ (RFC 8945 10) */
	REED_DNS_UNSIGNED_MAX = 99, /* messages of a transfer in a row (RFC 8945 5.3.1) */
};

struct reed_dns_key {
	struct reed_dns_name name;
	enum reed_dns_hmac hmac;
	uint16_t mac_least; /* bytes of a MAC that do; 0: all of them */
	uint16_t n;
	uint8_t secret[REED_DNS_SECRET_MAX];
};

/* "hmac-sha256"; case does not matter.  REED_ESYNTAX. */
REED_API enum reed_err reed_dns_hmac_parse(struct reed_slice text, enum reed_dns_hmac *hmac);
REED_API const char *reed_dns_hmac_name(enum reed_dns_hmac hmac);

/*
 * name and secret as text, the latter in base64.  REED_ESYNTAX: one of them is none,
 * or the secret is empty; REED_ETOOBIG.  Nothing of the secret is in the fault.
 */
REED_API enum reed_err reed_dns_key_parse(const char *name, enum reed_dns_hmac hmac,
                                          struct reed_slice secret, struct reed_dns_key *key,
                                          struct reed_fault **fault);

/* ---- keys somebody knows ---- */

struct reed_dns_keys;

REED_API struct reed_dns_keys *reed_dns_keys_new(void);

/* Forgets the secrets too.  May be NULL. */
REED_API void reed_dns_keys_free(struct reed_dns_keys *self);

/* Copied.  REED_EEXIST: there is one of that name; REED_ENOTSUP: SHA-1, and sha1 is false. */
REED_API enum reed_err reed_dns_keys_add(struct reed_dns_keys *self, const struct reed_dns_key *key,
                                         bool sha1);

/* NULL: there is none of that name. */
REED_API const struct reed_dns_key *reed_dns_keys_find(const struct reed_dns_keys *self,
                                                       const struct reed_dns_name *name);

/* ---- an exchange ---- */

/* Zeroed: nothing is signed. */
struct reed_dns_tsig {
	bool present; /* a TSIG record has to be in what is sent */
	bool good;    /* of the query: somebody who knows the key has sent it */
	bool answering;
	struct reed_dns_key key; /* its secret is empty when it is not known */
	struct reed_dns_name algorithm;
	uint64_t when; /* of the query */
	uint16_t fudge;
	uint16_t error; /* enum reed_dns_rcode: BADKEY, BADSIG, BADTIME, BADTRUNC */
	unsigned count; /* messages signed or checked, of the answer */
	unsigned unsigned_count;
	uint16_t mac_size; /* of the message before */
	uint8_t mac[REED_DNS_MAC_MAX];
	struct reed_buf pending; /* unsigned messages of the answer */
};

REED_API void reed_dns_tsig_begin(struct reed_dns_tsig *self, const struct reed_dns_key *key);
REED_API void reed_dns_tsig_finish(struct reed_dns_tsig *self);

/*
 * A query that has a TSIG record: 0, or what is to be answered, NOTAUTH or FORMERR;
 * with NOTAUTH self->error says why, and the answer is to be signed all the same.
 * keys may be NULL.
 */
REED_API unsigned reed_dns_tsig_take(struct reed_dns_tsig *self, const struct reed_dns_keys *keys,
                                     const struct reed_dns_message *m, uint64_t now);

/* How many bytes the record takes at most; 0: none is wanted. */
REED_API size_t reed_dns_tsig_size(const struct reed_dns_tsig *self);

/*
 * Adds the record to the n bytes of the message at p, which is complete otherwise;
 * *n is its size then.  REED_ETOOBIG: the room is less.
 */
REED_API enum reed_err reed_dns_tsig_sign(struct reed_dns_tsig *self, uint8_t *p, size_t *n,
                                          size_t room, uint64_t now);

/*
 * A message of the answer.  REED_EAUTH: it is not from who has the key, or says that
 * it does not take ours, and self->error why; also for the 100th message in a row
 * that is not signed.  self->unsigned_count is 0 when this one was.  REED_EPROTO.
 */
REED_API enum reed_err reed_dns_tsig_check(struct reed_dns_tsig *self,
                                           const struct reed_dns_message *m, uint64_t now);

REED_END_DECLS

#endif
