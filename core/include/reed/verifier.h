/*
 * Verifiers: what is kept of a password.
 *
 * One SCRAM-SHA-256 verifier (RFC 5802, RFC 7677) serves every mechanism: SCRAM
 * checks a proof against it, and a password that comes in clear is put through
 * the same derivation.  It tells whether somebody knows the password, not what
 * the password is; but whoever has it can try passwords, so keep it closely.
 *
 * Its text is that of RFC 5803 and of PostgreSQL:
 *
 *	SCRAM-SHA-256$10000:SALT$STOREDKEY:SERVERKEY    (the three in base64)
 *
 * Passwords are taken as they are: prepare them first, see struct
 * reed_auth_rules.  What derives blocks for as long as iterations say (10,000:
 * some milliseconds) and belongs on another thread; the rest is quick.
 */

#ifndef REED_VERIFIER_H
#define REED_VERIFIER_H

#include "reed/slice.h"

REED_BEGIN_DECLS

enum {
	REED_KEY_BYTES = 32,        /* of SHA-256 */
	REED_SALT_BYTES = 16,       /* of those made here */
	REED_SALT_MAX = 64,         /* of those made elsewhere */
	REED_ITERATIONS = 10000,    /* unless told otherwise */
	REED_ITERATIONS_MIN = 4096, /* of those made elsewhere (RFC 7677 4) */
	REED_ITERATIONS_MAX = 10000000,
	REED_VERIFIER_ROOM = 256, /* for the text of any, with a NUL */
};

struct reed_verifier {
	uint32_t iterations;
	uint32_t salt_length;
	uint8_t salt[REED_SALT_MAX];
	uint8_t stored_key[REED_KEY_BYTES];
	uint8_t server_key[REED_KEY_BYTES];
};

/* Blocks.  Fills in the keys; iterations and salt are set. */
REED_API void reed_verifier_derive(struct reed_verifier *v, struct reed_slice password);

/* Blocks. */
REED_API bool reed_verifier_matches(const struct reed_verifier *v, struct reed_slice password);

/* In all that they are made of. */
REED_API bool reed_verifier_eq(const struct reed_verifier *a, const struct reed_verifier *b);

/*
 * What somebody might have whom nobody knows: always the same for one key, name
 * and number of iterations, and matched by no password.
 */
REED_API void reed_verifier_fake(const uint8_t key[REED_KEY_BYTES], struct reed_slice name,
                                 uint32_t iterations, struct reed_verifier *v);

/* REED_ESYNTAX: not of this form; REED_ERANGE: too few or too many iterations, too long a salt. */
REED_API enum reed_err reed_verifier_parse(struct reed_slice text, struct reed_verifier *v);

/* Writes the text and a NUL; returns the length without it. */
REED_API size_t reed_verifier_print(const struct reed_verifier *v, char into[REED_VERIFIER_ROOM]);

/* The proof a client gives for this AuthMessage (RFC 5802 3) comes from one who knows the password. */
REED_API bool reed_verifier_proves(const struct reed_verifier *v, struct reed_slice message,
                                   struct reed_slice proof);

/* The signature by which a server shows that it has the verifier. */
REED_API void reed_verifier_sign(const struct reed_verifier *v, struct reed_slice message,
                                 uint8_t signature[REED_KEY_BYTES]);

REED_END_DECLS

#endif
