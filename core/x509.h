/* What certificates and TLS share: reading PEM and X.509, and words for them. */

#ifndef REED_X509_H
#define REED_X509_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "reed/cert.h"
#include "reed/pool.h"

enum {
	REED_X509_CHAIN = 64,        /* certificates in a file */
	REED_X509_FILE = 1 << 20,    /* bytes of a file with certificates */
	REED_X509_ROOTS = 16 << 20,  /* bytes of a file with roots */
	REED_X509_WORDS = 512 << 10, /* what one certificate may take in words */
	REED_X509_DATE = 40,
	REED_X509_NAME = 512, /* text for one sentence */
	REED_X509_HEX = 65,   /* a SHA-256 as text */
};

/* ---- a key and its certificates ---- */

/* Zeroed is empty.  chain is what follows leaf in the file. */
struct reed_identity {
	X509 *leaf;
	STACK_OF(X509) * chain;
	EVP_PKEY *key;
};

void reed_identity_finish(struct reed_identity *id);

/*
 * Certificates and a private key that belong together.  The names are for
 * sentences; key_name NULL: the key is in the file of the certificates.
 */
enum reed_err reed_identity_read(struct reed_identity *id, const char *name, struct reed_slice pem,
                                 const char *key_name, struct reed_slice key,
                                 struct reed_fault **fault);

/* At least one certificate: REED_ENOENT; the stack is the caller's. */
enum reed_err reed_x509_read_all(const char *name, struct reed_slice pem, STACK_OF(X509) * *out,
                                 struct reed_fault **fault);

/* REED_ENOENT: there is none; REED_EAUTH: it is encrypted; REED_ESYNTAX. */
enum reed_err reed_x509_read_key(const char *name, struct reed_slice pem, EVP_PKEY **out,
                                 struct reed_fault **fault);

/* Hands what to *fault unless fault is NULL; returns its number. */
enum reed_err reed_x509_fail(struct reed_fault **fault, struct reed_fault *what);

/* The reason of the first error in OpenSSL's queue, which is empty then; never NULL. */
const char *reed_x509_reason(void);

/* ---- words ---- */

/* into lies in pool, or outlives it: REED_ETOOBIG. */
enum reed_err reed_x509_describe(X509 *x, struct reed_pool *pool, struct reed_cert *into);

/* The subject's common name, or its first name, or all of the subject.  Returns text. */
const char *reed_x509_who(X509 *x, char text[REED_X509_NAME]);
const char *reed_x509_issuer(X509 *x, char text[REED_X509_NAME]);

/* "a.example, b.example and 7 more", or "no name".  Returns text. */
const char *reed_x509_names(X509 *x, char text[REED_X509_NAME]);

/* Letters, digits, hyphens, underscores; labels of 1 to 63, with dots between, 253 in all. */
bool reed_x509_is_host(struct reed_slice name);

int64_t reed_x509_ns(const ASN1_TIME *t);

/* "2026-01-02".  Returns text. */
const char *reed_x509_date(int64_t ns, char text[REED_X509_DATE]);

bool reed_x509_spki(X509 *x, uint8_t hash[32]);
const char *reed_x509_hex(const uint8_t hash[32], char text[REED_X509_HEX]);

/* "ECDSA P-256".  Returns text. */
const char *reed_x509_key_words(const EVP_PKEY *key, char text[64]);

#endif
