/* What core/tls*.c share. */

#ifndef REED_TLS_PRIVATE_H
#define REED_TLS_PRIVATE_H

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "private.h"
#include "reed/base64.h"
#include "reed/tls.h"
#include "x509.h"

enum {
	REED_TLS_RECORD = 16384,               /* what one record takes of a buffer, at the most */
	REED_TLS_PIECE = REED_TLS_RECORD - 32, /* so that four of them fill a buffer */
	REED_TLS_ALPN = 255,
	REED_TLS_PINS = 8,
	REED_TLS_RECORDS = 32,  /* TLSA */
	REED_TLS_TLSA = 2048,   /* bytes of one */
	REED_TLS_SESSIONS = 64, /* of a client context */
	REED_TLS_GREETING = 48, /* bytes kept of what may turn out not to be TLS */
	REED_TLS_FLOOD = 64,    /* handshake messages without data between them */
};

/* ---- OCSP ---- */

enum reed_ocsp_verdict {
	REED_OCSP_GOOD,
	REED_OCSP_MALFORMED,
	REED_OCSP_OF_ANOTHER,
	REED_OCSP_UNSIGNED,
	REED_OCSP_REVOKED,
	REED_OCSP_UNKNOWN,
};

/* Times of it; 0: it does not say. */
struct reed_ocsp {
	int64_t from, until, revoked;
};

/*
 * Of leaf, whose issuer is first in chain; without a chain its signature is not
 * looked at.  wall 0: nor are dates of who has signed.  Whether it is out of date is
 * for the caller to see.
 */
enum reed_ocsp_verdict reed_ocsp_judge(struct reed_slice der, const struct reed_identity *of,
                                       int64_t wall, struct reed_ocsp *told);

/* ---- what a server shows, by name ---- */

/* An OCSP response of a file; path NULL: there is none. */
struct reed_staple {
	char *path;
	struct reed_buf der;
	int64_t from, until;
	_Atomic bool told; /* that it is out of date */
};

/* REED_ENOENT: no such file.  It may be out of date; anything else wrong with it is an error. */
enum reed_err reed_staple_read(struct reed_staple *staple, const char *path,
                               const struct reed_identity *of, int64_t wall,
                               struct reed_fault **fault);
void reed_staple_finish(struct reed_staple *staple);

/* Logs once that it is out of date, if it is. */
void reed_staple_tell(struct reed_staple *staple, struct reed_loop *loop);

/* For SSL_CTX_set_tlsext_status_cb(). */
int reed_tls_staple(SSL *ssl, void *arg);

struct reed_tls_named {
	const char *name; /* in lower case */
	size_t id;
	int64_t expires;
};

/* Names are sorted, and equal ones by expiry. */
struct reed_tls_shelf {
	struct reed_identity *ids;
	struct reed_staple *staples; /* one to each */
	size_t count;
	size_t fallback;
	struct reed_tls_named *names;
	size_t name_count;
	struct reed_pool pool;
};

/* What is loaded; on error the shelf is empty. */
enum reed_err reed_tls_shelf_load(struct reed_tls_shelf *shelf,
                                  const struct reed_tls_server_ctx_options *o,
                                  struct reed_fault **fault);
void reed_tls_shelf_finish(struct reed_tls_shelf *shelf);
int64_t reed_tls_shelf_expires(const struct reed_tls_shelf *shelf);

/* Logs which of its OCSP responses are out of date. */
void reed_tls_ctx_tell(struct reed_tls_ctx *ctx, struct reed_loop *loop);

/* Puts what is there for a name, which may be NULL, into ssl. */
bool reed_tls_shelf_use(const struct reed_tls_shelf *shelf, const char *name, SSL *ssl);

/* One certificate, from memory, or from files whose names are not NULL; says what is wrong. */
enum reed_err reed_tls_load_identity(struct reed_identity *id, const char *cert, const char *key,
                                     struct reed_slice cert_pem, struct reed_slice key_pem,
                                     int64_t wall, struct reed_fault **fault);

/* ---- sessions ---- */

struct reed_tls_ticket_key {
	uint8_t name[16], aes[32], hmac[32];
	int64_t born; /* reed_now(); 0: there is none */
};

struct reed_tls_sessions {
	pthread_mutex_t lock;
	struct {
		char *server;
		SSL_SESSION *session;
	} kept[REED_TLS_SESSIONS]; /* a client's */
	size_t next;
	struct reed_tls_ticket_key tickets[2]; /* a server's: the present one, the last one */
};

void reed_tls_sessions_init(struct reed_tls_sessions *s, SSL_CTX *ctx, bool is_server, bool none);
void reed_tls_sessions_finish(struct reed_tls_sessions *s);

/* Offers what there is from an earlier handshake with this server. */
void reed_tls_session_offer(struct reed_tls_sessions *s, SSL *ssl, const char *server);

/* The certificate that a server has shown to this client, now or long ago; NULL. */
X509 *reed_tls_shown(SSL *ssl);

/* ---- what streams are made of ---- */

/* Made once, never changed, held by the context and by every stream made from it. */
struct reed_tls_material {
	_Atomic size_t holders;
	SSL_CTX *ssl;
	BIO_METHOD *bio;
	bool is_server, insecure;
	enum reed_tls_client_cert client_cert;
	int64_t expires;
	struct reed_tls_shelf shelf; /* a server's */
	struct reed_tls_sessions sessions;
};

struct reed_tls_material *reed_tls_ctx_material(struct reed_tls_ctx *ctx);
void reed_tls_material_release(struct reed_tls_material *m);
/* Into zeroed material, which is to be released after an error too. */
enum reed_err reed_tls_client_material(struct reed_tls_material *m,
                                       const struct reed_tls_client_ctx_options *o,
                                       struct reed_fault **fault);
enum reed_err reed_tls_server_material(struct reed_tls_material *m,
                                       const struct reed_tls_server_ctx_options *o,
                                       struct reed_fault **fault);

/* ---- streams ---- */

/* Of the handshake only. */
struct reed_tls_setup {
	uint8_t alpn[REED_TLS_ALPN]; /* as on the wire: each with its length in front */
	uint8_t alpn_size;
	uint8_t pins[REED_TLS_PINS][32];
	uint8_t pin_count;
	uint8_t greeting_size;
	bool challenged; /* by a certificate authority: RFC 8737 */
	char greeting[REED_TLS_GREETING];
};

struct reed_tls {
	struct reed_stream stream;
	struct reed_stream *below;
	struct reed_tls_material *material;
	SSL *ssl; /* NULL: broken from the start */
	struct reed_last later;
	struct reed_list waiting;     /* for the handshake */
	struct reed_tls_setup *setup; /* NULL when the handshake is over */
	char *server;                 /* a client's: the name to verify, or address; may be NULL */
	char *why_not;                /* the peer is not verified; may be NULL */
	struct reed_fault *refusal;   /* what verification has to say to a handshake that failed */
	char *in, *out;               /* lent while there is something in them */
	uint32_t in_begin, in_end;
	uint32_t out_begin, out_end;
	size_t ahead;      /* bytes encrypted that the writer still has queued */
	enum reed_err err; /* broken */
	unsigned messages; /* of handshakes since the last data */
	unsigned top_wants : 3;
	unsigned started : 1, open : 1;
	unsigned ended : 1, clean_end : 1; /* the peer */
	unsigned said_goodbye : 1;         /* close_notify is in out, or gone */
	unsigned finishing : 1;            /* when out is empty below shall be shut down */
	unsigned goodbye_due : 1;          /* when the handshake is over */
	unsigned read_needs_write : 1;     /* to answer, and out is full: RFC 8446 4.6.3 */
	unsigned at_once : 1;              /* the record being made is the last of its write */
	unsigned below_broken : 1, strict_end : 1, pinned : 1;
	unsigned dane : 1; /* asked for its key each time, as one that is pinned */
	unsigned staple : 2,
		is_stapled : 1; /* enum reed_tls_staple; a response said that it is good */
	struct reed_tls_facts facts;
	struct reed_cert peer;
	struct reed_pool pool; /* of the facts */
};

static inline struct reed_tls *reed_tls_of(struct reed_stream *s)
{
	return reed_container_of(s, struct reed_tls, stream);
}

static inline struct reed_tls *reed_tls_of_ssl(const SSL *ssl)
{
	return SSL_get_app_data(ssl);
}

/* OpenSSL looks at the queue of errors after each call, whoever left them there. */
static inline void reed_tls_forget_errors(void)
{
	if (ERR_peek_error())
		ERR_clear_error();
}

/* transport */
BIO_METHOD *reed_tls_bio_method(void);
void reed_tls_bio_attach(struct reed_tls *self);
enum reed_err reed_tls_refill(struct reed_tls *self);
enum reed_err reed_tls_flush(struct reed_tls *self);
void reed_tls_lend_out(struct reed_tls *self);
void reed_tls_tidy(struct reed_tls *self);
void reed_tls_return_buffers(struct reed_tls *self);
void reed_tls_want_below(struct reed_tls *self);

static inline uint32_t reed_tls_in_held(const struct reed_tls *self)
{
	return self->in_end - self->in_begin;
}

static inline uint32_t reed_tls_out_held(const struct reed_tls *self)
{
	return self->out_end - self->out_begin;
}

/* handshake; advance: REED_OK when it is over, REED_EAGAIN, or how it failed */
enum reed_err reed_tls_advance(struct reed_tls *self);
enum reed_err reed_tls_fail(struct reed_tls *self, struct reed_fault *fault);
enum reed_err reed_tls_fail_below(struct reed_tls *self, enum reed_err err);
void reed_tls_tell_waiting(struct reed_tls *self, enum reed_err err);

/* challenges of certificate authorities; for SSL_CTX_set_client_hello_cb() */
int reed_tls_hear_hello(SSL *ssl, int *alert, void *arg);

/* Of a handshake that is one: what there is for its name into ssl, and its protocol. */
bool reed_tls_challenge_use(struct reed_tls *self);
void reed_tls_challenge_protocol(const unsigned char **out, unsigned char *n);

/* verification and its sentences */
int reed_tls_verify(X509_STORE_CTX *ctx, void *arg);
struct reed_fault *reed_tls_why(struct reed_tls *self);
void reed_tls_judge(struct reed_tls *self);

/* DANE; its server is set */
enum reed_err reed_tls_set_dane(struct reed_tls *self, const char *records);

/* the client's side of OCSP; for SSL_CTX_set_tlsext_status_cb() */
enum reed_err reed_tls_set_staple(struct reed_tls *self, enum reed_tls_staple how);
int reed_tls_check_staple(SSL *ssl, void *arg);

/* the kind */
struct reed_tls *reed_tls_new(struct reed_stream *below, struct reed_tls_ctx *ctx);
struct reed_tls *reed_tls_under(struct reed_stream *s);
void reed_tls_facts_fill(struct reed_stream *s, struct reed_stream_facts *facts);

#endif
