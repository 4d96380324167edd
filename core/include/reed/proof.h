/*
 * Proofs that somebody knows a secret which the other side has, or could have,
 * in clear: HTTP Digest (RFC 7616, and RFC 2617 with MD5), CRAM-MD5 (RFC 2195)
 * and APOP (RFC 1939 7).
 *
 * All of them are weaker than SCRAM: who keeps accounts must keep what is as good
 * as the password (Digest: for one realm), and who overhears an exchange can try
 * passwords at the speed of one hash.  They are for clients that know no better.
 *
 * All are quick.  REED_ENOTSUP: the cryptography of this system has no such hash,
 * as with MD5 where FIPS rules.
 */

#ifndef REED_PROOF_H
#define REED_PROOF_H

#include "reed/slice.h"

REED_BEGIN_DECLS

struct reed_loop;

enum reed_digest_hash {
	REED_DIGEST_SHA256,
	REED_DIGEST_SHA512_256,
	REED_DIGEST_MD5,
};

enum {
	REED_DIGEST_MOST = 32, /* bytes of any */
	REED_MD5_BYTES = 16,
	REED_CHALLENGE_ROOM = 256,
};

/* "SHA-256" and the like, as HTTP has them; never NULL. */
REED_API const char *reed_digest_name(enum reed_digest_hash hash);
/* REED_ENOENT: none of these. */
REED_API enum reed_err reed_digest_hash_of(struct reed_slice name, enum reed_digest_hash *hash);
REED_API size_t reed_digest_bytes(enum reed_digest_hash hash);

/* Of all parts, one behind the other with a colon between two. */
REED_API enum reed_err reed_digest_join(enum reed_digest_hash hash, const struct reed_slice *parts,
                                        size_t count, uint8_t into[REED_DIGEST_MOST]);

/* What is kept of a password for one realm: H(user:realm:password). */
REED_API enum reed_err reed_digest_key(enum reed_digest_hash hash, struct reed_slice user,
                                       struct reed_slice realm, struct reed_slice password,
                                       uint8_t key[REED_DIGEST_MOST]);

/* H(key:message), the key in hexadecimal (RFC 7616 3.4.1). */
REED_API enum reed_err reed_digest_response(enum reed_digest_hash hash,
                                            const uint8_t key[REED_DIGEST_MOST],
                                            struct reed_slice message,
                                            uint8_t response[REED_DIGEST_MOST]);

/* HMAC-MD5 of the challenge with the secret. */
REED_API enum reed_err reed_cram_md5(struct reed_slice secret, struct reed_slice challenge,
                                     uint8_t response[REED_MD5_BYTES]);

/* MD5 of the greeting's timestamp, with its angle brackets, and the secret. */
REED_API enum reed_err reed_apop(struct reed_slice secret, struct reed_slice timestamp,
                                 uint8_t response[REED_MD5_BYTES]);

/*
 * A challenge of either: "<RANDOM.SECONDS@host>", which never comes twice.  host
 * is cut to fit.  Returns the length without the NUL.
 */
REED_API size_t reed_proof_challenge(struct reed_loop *loop, const char *host,
                                     char into[REED_CHALLENGE_ROOM]);

REED_END_DECLS

#endif
