/*
 * SCRAM's messages (RFC 5802 5 and 7) and the client's half of its keys.
 *
 * Parsing borrows from its input.  All messages are those of one exchange:
 *
 *	C: n,,n=user,r=NONCE            GS2 header, then the bare message
 *	S: r=NONCEMORE,s=SALT,i=10000
 *	C: c=BINDING,r=NONCEMORE,p=PROOF
 *	S: v=SIGNATURE  or  e=error
 */

#ifndef REED_SASL_SCRAM_H
#define REED_SASL_SCRAM_H

#include "reed/buf.h"
#include "reed/sasl.h"

enum { SCRAM_KEY = 32, SCRAM_NONCE = 24 };

struct scram_client_first {
	char flag;                 /* 'n', 'y' or 'p' */
	struct reed_slice binding; /* with 'p': its name */
	struct reed_slice authzid; /* both still encoded */
	struct reed_slice user;
	struct reed_slice nonce;
	struct reed_slice gs2, bare; /* the two parts of the message */
};

struct scram_server_first {
	struct reed_slice nonce;
	uint8_t salt[REED_SALT_MAX];
	size_t salt_length;
	uint32_t iterations;
};

struct scram_client_final {
	struct reed_slice binding; /* in base64 */
	struct reed_slice nonce;
	uint8_t proof[SCRAM_KEY];
	size_t proof_length;
	struct reed_slice without_proof;
};

struct scram_server_final {
	struct reed_slice error; /* empty: none */
	uint8_t signature[SCRAM_KEY];
	size_t signature_length;
};

/* All four: REED_EPROTO, and nothing of *out is of use. */
enum reed_err reed_scram_parse_client_first(struct reed_slice in, struct scram_client_first *out);
enum reed_err reed_scram_parse_server_first(struct reed_slice in, struct scram_server_first *out);
enum reed_err reed_scram_parse_client_final(struct reed_slice in, struct scram_client_final *out);
enum reed_err reed_scram_parse_server_final(struct reed_slice in, struct scram_server_final *out);

/* A name as it travels: ',' is =2C, '=' is =3D. */
void reed_scram_add_name(struct reed_buf *b, struct reed_slice name);
/* REED_EPROTO; at most room - 1 bytes and a NUL. */
enum reed_err reed_scram_name(struct reed_slice encoded, char *into, size_t room);

/* ---- the client's keys ---- */

struct scram_keys {
	bool sha1; /* else SHA-256 */
	uint8_t client_key[SCRAM_KEY], server_key[SCRAM_KEY];
};

/* 20 or 32 */
static inline size_t reed_scram_key_length(const struct scram_keys *k)
{
	return k->sha1 ? 20 : 32;
}

/* Blocks; first is what the server said. */
void reed_scram_derive(struct scram_keys *k, struct reed_slice password,
                       const struct scram_server_first *first);
void reed_scram_prove(const struct scram_keys *k, struct reed_slice message,
                      uint8_t proof[SCRAM_KEY]);
/* The signature is that of a server that has the verifier. */
bool reed_scram_proved(const struct scram_keys *k, struct reed_slice message,
                       const struct scram_server_final *final);

#endif
