/* What the files of the module share. */

#ifndef REED_ACME_PRIVATE_H
#define REED_ACME_PRIVATE_H

#include <jansson.h>
#include <openssl/evp.h>

#include "reed/acme.h"
#include "reed/alloc.h"
#include "reed/base64.h"
#include "reed/co.h"
#include "reed/http/client.h"
#include "reed/pool.h"

enum {
	ACME_BODY = 256 << 10, /* bytes of an answer; a chain is the longest of them */
	ACME_POOL = 64 << 10,  /* what an answer is parsed into */
	ACME_NAMES = 100,      /* in an order */
	ACME_OFFERS = 16,      /* challenges of an authorization */
	ACME_URL = 1024,
	ACME_TOKEN = 256,
	ACME_WORDS = 400, /* of the authority's, in a sentence of ours */
	ACME_DIGEST = 43, /* a SHA-256 in base64url */
};

/* ---- signatures (RFC 7515, 7517, 7638) ---- */

struct acme_key {
	EVP_PKEY *pkey;
	char x[ACME_DIGEST + 1], y[ACME_DIGEST + 1];
	char print[ACME_DIGEST + 1]; /* RFC 7638 */
};

/* RFC 4648 5, without padding. */
bool acme_is_base64url(struct reed_slice text);

/* Of the SHA-256 of text. */
void acme_digest(struct reed_slice text, char into[ACME_DIGEST + 1]);

enum reed_err acme_key_read(struct acme_key *key, struct reed_slice pem, struct reed_fault **fault);
void acme_key_finish(struct acme_key *key);

/* {"kty":"EC",...}; the caller's. */
json_t *acme_key_json(const struct acme_key *key);

/* A flattened JWS by the key, or by a shared secret; consumes head.  REED_EIO. */
enum reed_err acme_sign(const struct acme_key *key, json_t *head, struct reed_slice payload,
                        struct reed_buf *out);
enum reed_err acme_sign_shared(struct reed_slice secret, json_t *head, struct reed_slice payload,
                               struct reed_buf *out);

/* ---- JSON ---- */

/* Compact; consumes what, which may be NULL: out stays as it is. */
void acme_json_write(json_t *what, struct reed_buf *out);

/* An object, or NULL: *why says what else it is. */
json_t *acme_json_read(struct reed_slice text, char why[ACME_WORDS]);

/* NULL: it is no string, or over the limit. */
const char *acme_json_text(const json_t *object, const char *key, size_t limit);

/* ---- what an authority says ---- */

enum acme_status {
	ACME_UNKNOWN,
	ACME_PENDING,
	ACME_READY,
	ACME_PROCESSING,
	ACME_VALID,
	ACME_INVALID, /* expired, deactivated and revoked too */
};

struct acme_problem {
	char type[64];          /* "badNonce", without urn:ietf:params:acme:error: */
	char words[ACME_WORDS]; /* for people; never empty */
};

struct acme_directory {
	const char *nonce, *account, *order;
	const char *renewal; /* NULL: there is none */
	bool binding;        /* wants an account of its own kind */
};

struct acme_order {
	enum acme_status status;
	const char *authorizations[ACME_NAMES];
	size_t count;
	const char *finalize, *certificate; /* certificate NULL: it is not there yet */
	const char *error;                  /* words; NULL: none */
};

struct acme_offer {
	const char *kind, *url, *token;
	enum acme_status status;
	const char *error; /* words; NULL: none */
};

struct acme_authorization {
	enum acme_status status;
	const char *name;
	bool wildcard;
	struct acme_offer offers[ACME_OFFERS];
	size_t count;
};

/*
 * Pure.  What they point to is in the pool, which has been initialised.  The
 * URLs have to be of the scheme of base, for nobody is to be led from TLS to plain
 * text.  REED_EPROTO, and why.
 */
enum reed_err acme_read_directory(struct reed_slice text, const char *base, struct reed_pool *pool,
                                  struct acme_directory *out, char why[ACME_WORDS]);
enum reed_err acme_read_order(struct reed_slice text, const char *base, struct reed_pool *pool,
                              struct acme_order *out, char why[ACME_WORDS]);
enum reed_err acme_read_authorization(struct reed_slice text, const char *base,
                                      struct reed_pool *pool, struct acme_authorization *out,
                                      char why[ACME_WORDS]);

/* RFC 9773 4.2: ns since 1970. */
enum reed_err acme_read_window(struct reed_slice text, int64_t *from, int64_t *to,
                               char why[ACME_WORDS]);

/* Whatever it is: the words are those of the status then. */
void acme_read_problem(struct reed_slice text, unsigned status, struct acme_problem *out);
void acme_problem_of(const json_t *problem, unsigned status, struct acme_problem *out);
bool acme_problem_is(const struct acme_problem *p, const char *type);
enum reed_err acme_problem_err(const struct acme_problem *p, unsigned status);

bool acme_is_url(const char *text, const char *base);

/* ---- an account ---- */

struct reed_acme {
	struct reed_loop *loop;
	struct reed_http_client *client;
	struct acme_key key;
	char *url, *contact, *ca, *binding;
	struct reed_slice binding_key; /* decoded; owned */
	struct reed_pool pool;         /* of the directory */
	struct acme_directory directory;
	bool has_directory, busy;
	char *account; /* its URL, once it is known */
	char *nonce;   /* for the next request */
	int64_t rest, patience;
};

/* Directory and account are known when it settles. */
struct reed_future *acme_register(struct reed_acme *self);

/* As reed_acme_renewal(), of what acme_renewal_id() has made. */
struct reed_future *acme_ask_renewal(struct reed_acme *self, const char *id, int64_t *when);

/* GET, which nobody has to sign. */
struct reed_future *acme_get(struct reed_acme *self, const char *url,
                             struct reed_http_response **response);

enum acme_signer { ACME_BY_ACCOUNT, ACME_BY_KEY };

/* A signed request; payload is copied, p NULL is POST-as-GET.  Settles with an answer of 2xx. */
struct reed_future *acme_ask(struct reed_acme *self, const char *url, struct reed_slice payload,
                             enum acme_signer signer, struct reed_http_response **response);

/* Retry-After in ms, within least and most; least when it says none. */
int64_t acme_retry_after(struct reed_acme *self, const struct reed_http_response *response,
                         int64_t least, int64_t most);

/* ---- an order ---- */

/* One name of it; settles when the authority believes it. */
struct reed_future *acme_authorize(struct reed_acme *self, const char *url,
                                   const struct reed_acme_wish *wish);

/* The certificate that is shown for tls-alpn-01, with its key: RFC 8737 3. */
enum reed_err acme_proof_certificate(const char *name, const char *answer, int64_t wall,
                                     struct reed_buf *pem);

/* Of the first certificate. */
bool acme_is_key_of(struct reed_slice chain, struct reed_slice key);

/* Is this a chain whose first certificate belongs to the key and has all the names? */
enum reed_err acme_judge_chain(struct reed_slice chain, struct reed_slice key,
                               const char *const *names, int64_t wall, struct reed_fault **fault);

#endif
