/*
 * Certificates (RFC 5280): made, signed, read, and put into words.
 *
 * Keys and certificates are PEM in memory, so that all of this can be tested
 * and nothing here suspends or opens a file but reed_cert_write().  Making an
 * RSA key takes up to a second: for commands and worker threads, not for the
 * loop's.  Entropy is OpenSSL's own.  Times are nanoseconds since 1970, as of
 * reed_wall(); what lies beyond 2262 is INT64_MAX.
 *
 * What is added to a buffer is whole or, after an error, nothing.  A fault may
 * be NULL when the sentence is of no interest; else it is the caller's.
 * REED_EINVAL: an option is wrong; REED_ESYNTAX: what was given is no key,
 * certificate or request; REED_ECERT: key and certificate do not go together.
 */

#ifndef REED_CERT_H
#define REED_CERT_H

#include "reed/buf.h"

REED_BEGIN_DECLS

/* ---- making ---- */

enum reed_cert_key {
	REED_CERT_ECDSA, /* P-256: small, fast, understood by everybody */
	REED_CERT_ECDSA_384,
	REED_CERT_RSA,     /* 3072 bits, for old peers */
	REED_CERT_ED25519, /* not yet understood by browsers */
};

struct reed_cert_options {
	size_t size;              /* of this struct */
	int64_t wall;             /* now: reed_wall(loop) */
	const char *const *names; /* host names and IP addresses, then NULL */
	const char *common_name;  /* for people; NULL: the first name */
	int days;                 /* 0: 365, or 3650 for a CA */
	bool ca;                  /* may sign others, and is good for nothing else */
	void *reserved[4];
};

#define REED_CERT_OPTIONS                                \
	{                                                \
		.size = sizeof(struct reed_cert_options) \
	}

/* A private key, unencrypted, in PKCS #8. */
REED_API enum reed_err reed_cert_make_key(enum reed_cert_key kind, struct reed_buf *pem);

/* Signed by its own key; with .ca a small CA. */
REED_API enum reed_err reed_cert_self_sign(struct reed_slice key,
                                           const struct reed_cert_options *options,
                                           struct reed_buf *pem, struct reed_fault **fault);

/* Asks a CA for a certificate (RFC 2986). */
REED_API enum reed_err reed_cert_request(struct reed_slice key,
                                         const struct reed_cert_options *options,
                                         struct reed_buf *pem, struct reed_fault **fault);

/*
 * What the holder of ca and its key answers to a request.  The names are those
 * of the options, or without any those of the request; nothing else that the
 * request asks for is granted.
 */
REED_API enum reed_err reed_cert_sign(struct reed_slice ca, struct reed_slice ca_key,
                                      struct reed_slice request,
                                      const struct reed_cert_options *options, struct reed_buf *pem,
                                      struct reed_fault **fault);

/*
 * Writes a file whole or not at all, and keeps it from others: mode 0600 for
 * secrets, else 0644.  An existing file is replaced.
 */
REED_API enum reed_err reed_cert_write(const char *path, struct reed_slice pem, bool secret,
                                       struct reed_fault **fault);

/* ---- reading ---- */

/* A certificate in words.  Whatever could upset a terminal is escaped: "\x1b". */
struct reed_cert {
	size_t size;                  /* of this struct, in the library's version */
	const char *subject, *issuer; /* RFC 4514 */
	const char *const *names;     /* for hosts, IP addresses, mail boxes, URIs; then NULL */
	size_t name_count;
	const char *serial; /* hexadecimal */
	int64_t not_before, not_after;
	const char *key;         /* "ECDSA P-256" */
	const char *signature;   /* "ecdsa-with-SHA256" */
	uint8_t sha256[32];      /* the fingerprint */
	uint8_t spki_sha256[32]; /* of the public key: outlives a renewal; what is pinned */
	struct reed_slice der;
	bool is_ca, self_signed;
	const char *const *problems; /* what is wrong with it, a sentence each; then NULL */
	size_t problem_count;
	const struct reed_cert *next; /* that follows in the same file; NULL */
};

/*
 * All certificates of a PEM file, or one in DER, at most 64; a private key in
 * it, or the one given beside it (may be empty), is compared with the first.
 */
REED_API enum reed_err reed_cert_read(struct reed_slice file, struct reed_slice key, int64_t wall,
                                      struct reed_cert **first, struct reed_fault **fault);

/* The first of a list that reed_cert_read() returned.  May be NULL. */
REED_API void reed_cert_free(struct reed_cert *first);

/* For people, several lines. */
REED_API void reed_cert_print(const struct reed_cert *first, int64_t wall, struct reed_buf *out);

REED_END_DECLS

#endif
