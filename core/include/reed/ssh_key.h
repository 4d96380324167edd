/*
 * Public keys as SSH has them: lines of authorized_keys (sshd(8)), and signatures
 * (RFC 4253 6.6, RFC 5656, RFC 8332, RFC 8709).
 *
 * Ed25519, ECDSA with the three curves of NIST, and RSA of 2048 to 16384 bits with
 * SHA-256 or SHA-512.  Not DSA, not RSA with SHA-1, neither certificates nor keys
 * on tokens (sk-...).  Nothing here waits; an RSA signature takes some 50 us.
 */

#ifndef REED_SSH_KEY_H
#define REED_SSH_KEY_H

#include "reed/slice.h"

REED_BEGIN_DECLS

enum { REED_SSH_KEY_ROOM = 2112 }; /* bytes of a key blob: RSA of 16384 bits */

/* One key of authorized_keys.  The slices lie in the line. */
struct reed_ssh_line {
	struct reed_slice options, kind, comment; /* kind: "ssh-ed25519" */
	size_t n;
	uint8_t blob[REED_SSH_KEY_ROOM];
	/*
	 * An option asks for what whoever takes keys from here would have to do and
	 * does not (command=, from=, expiry-time=, cert-authority, ...): with that
	 * key nobody may come in.  Those that forbid what is not there anyway
	 * (restrict, no-pty, ...) are no such.
	 */
	bool conditional;
};

/*
 * Leaves empty lines and comments to the caller.  *why is a constant, set with both errors:
 * REED_ESYNTAX; REED_ENOTSUP: another kind of key.
 */
REED_API enum reed_err reed_ssh_line_parse(struct reed_slice line, struct reed_ssh_line *out,
                                           const char **why);

/*
 * Is that the signature of the key over data?  Both are blobs of SSH.  REED_EAUTH:
 * no; REED_ESYNTAX: one is not well-formed, or they do not go together;
 * REED_ENOTSUP: another kind, or a weak one.
 */
REED_API enum reed_err reed_ssh_key_verify(struct reed_slice key, struct reed_slice data,
                                           struct reed_slice signature);

REED_END_DECLS

#endif
