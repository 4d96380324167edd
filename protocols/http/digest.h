/*
 * HTTP Digest (RFC 7616): its fields, for both sides, and the nonces of a server.
 */

#ifndef REED_HTTP_DIGEST_H
#define REED_HTTP_DIGEST_H

#include "private.h"
#include "reed/auth.h"
#include "reed/proof.h"

/* ---- digest.c: one challenge, or the answer to one ---- */

#define DIGEST_TEXTS(X) \
	X(algorithm)    \
	X(cnonce)       \
	X(nc)           \
	X(nonce)        \
	X(opaque)       \
	X(qop)          \
	X(realm)        \
	X(response)     \
	X(stale)        \
	X(uri)          \
	X(userhash)     \
	X(username)

enum { DIGEST_MOST = 2048 };

/* p is NULL where nothing was said; what was quoted is not any more.  They lie in room. */
struct digest {
#define X(name) struct reed_slice name;
	DIGEST_TEXTS(X)
#undef X
	size_t used;
	char room[DIGEST_MOST];
};

/* All that follows the word "Digest", up to the end.  REED_ESYNTAX; REED_ETOOBIG. */
enum reed_err digest_parse(struct reed_slice params, struct digest *out);

/*
 * The next challenge of that scheme in a field that may have several, *value
 * being what is left of it.  false: there is no more that is well-formed.
 */
bool digest_challenge_next(struct reed_slice *value, struct digest *out);

/* "SHA-256-sess" too, which a server here never asks for.  REED_ENOENT. */
enum reed_err digest_algorithm(const struct digest *d, enum reed_digest_hash *hash, bool *session);

/* What is hashed behind the key and a colon (RFC 7616 3.4.1, 3.4.3); without qop RFC 2069's. */
enum reed_err digest_message(const struct digest *d, enum reed_digest_hash hash,
                             struct reed_slice method, struct reed_buf *out);

/* name="value" with what has to be escaped, and a comma before all but the first. */
void digest_add_quoted(struct reed_buf *out, const char *name, struct reed_slice value);

/* ---- digest_journey.c: the answer of a client ---- */

struct digest_question {
	const char *login, *method, *cnonce; /* the login is NAME:PASSWORD */
	struct reed_slice uri;
	uint32_t count; /* how often the nonce has been used, with this time */
};

/* Adds the field's value.  REED_ENOTSUP: there is no such hash here. */
enum reed_err digest_answer(const struct digest *challenge, const struct digest_question *q,
                            struct reed_buf *out);

/* ---- digest_nonce.c ---- */

struct nonces;

enum { NONCE_ROOM = 48, NONCE_S = 300 };

struct nonce {
	uint64_t id;
	int64_t issued;
};

struct nonces *nonces_new(struct reed_loop *loop);
void nonces_free(struct nonces *self);
void nonces_issue(struct nonces *self, char into[NONCE_ROOM]);

/* Ours, and not too old?  Else the client is told that it is stale, and takes another. */
bool nonces_know(struct nonces *self, struct reed_slice text, struct nonce *out);

/*
 * Once for each count of a nonce, and only when the response was right.  false: it
 * has been used with that count, or so long ago that nobody remembers.
 */
bool nonces_use(struct nonces *self, const struct nonce *nonce, uint32_t count);

/* ---- digest_guard.c: the part of a guard ---- */

struct digest_guard {
	struct nonces *nonces; /* NULL: Digest is not asked for */
	unsigned kinds;        /* REED_CREDENTIAL_BIT()s that are offered */
};

struct digest_attempt {
	struct digest said;
	enum reed_digest_hash hash;
	struct nonce nonce;
	uint32_t count;
	uint8_t response[REED_DIGEST_MOST];
	struct reed_buf message;
	struct reed_digest digest;
	bool stale; /* not wrong, but with another nonce, please */
};

/* REED_EAUTH: it is to be asked for again, as a->stale says.  The realm is what we ask for. */
enum reed_err digest_attempt_read(struct digest_attempt *a, const struct digest_guard *guard,
                                  const char *realm, const struct reed_http_request *r,
                                  struct reed_slice params);
void digest_attempt_finish(struct digest_attempt *a);

/* Whose key is at hand. */
bool digest_attempt_is_right(const struct digest_attempt *a, const uint8_t key[REED_KEY_BYTES]);

void digest_attempt_fill(struct digest_attempt *a, struct reed_credential *c);

/* Adds the fields that ask for it, the better one first. */
void digest_ask(const struct digest_guard *guard, struct reed_http_request *r, const char *field,
                const char *realm, bool stale);

#endif
