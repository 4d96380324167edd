/*
 * For tests of TLS: a loop, a small CA, and a wire between two streams whose
 * speed, depth and cutting are the test's to choose.
 */

#ifndef REED_TESTS_TLS_KIT_H
#define REED_TESTS_TLS_KIT_H

#include "core/private.h"
#include "reed/buf.h"
#include "reed/cert.h"
#include "reed/co.h"
#include "reed/random.h"
#include "reed/tls.h"
#include "tests/check.h"

extern struct reed_loop *loop;

/* A loop and a CA; kit_end() checks that nothing is left in it. */
void kit_begin(void);
void kit_end(void);

/* What reed_wall() says; 0: the truth. */
extern int64_t kit_clock;
static const int64_t KIT_2026 = 1767312000 * REED_S(1); /* 2026-01-02 */
int64_t kit_wall(void);

/* ---- certificates ---- */

extern struct reed_slice kit_ca, kit_ca_key;

/* A chain and its key for names, which end with NULL, by the kit's CA; freed by kit_end(). */
struct reed_slice kit_issue(enum reed_cert_key kind, int64_t wall, int days,
                            const char *const *names);
struct reed_slice kit_issue_for(const char *name);
struct reed_slice kit_self_signed(const char *name);
struct reed_slice kit_key(enum reed_cert_key kind);

/*
 * What signer, whose key that is, says of a certificate of the kit's CA, in DER, from that
 * moment on; an V_OCSP_CERTSTATUS_.  days 0: without an end.  Freed by kit_end().
 */
struct reed_slice kit_ocsp(struct reed_slice of, int status, int64_t wall, int days,
                           struct reed_slice signer, struct reed_slice signers_key);

/* The same chain and key, but its own certificate is not to be used without a staple. */
struct reed_slice kit_must_staple(struct reed_slice pem);

/* The lower-case hex of the SHA-256 of the first certificate's key. */
const char *kit_pin(struct reed_slice pem);

/* A context of a server with that certificate; of a client that trusts the kit's CA. */
struct reed_tls_ctx *kit_server_ctx(struct reed_slice pem);
struct reed_tls_ctx *kit_client_ctx(void);

/* ---- the wire ---- */

struct wire {
	struct reed_stream stream;
	struct wire *other; /* NULL: gone */
	char *bytes;        /* that came and have not been read */
	size_t held, room;
	size_t read_most, write_most; /* in one call; 0: whatever fits */
	size_t left;                  /* may be written until the wire is cut; SIZE_MAX: never */
	bool ended, reset;            /* the other end has */
	unsigned wants;
	struct reed_last ready;
	uint64_t written;
};

/* room: bytes on their way at a time; 0: many. */
void wire_pair(size_t room, struct wire **a, struct wire **b);

/* ---- both ends of a connection ---- */

extern struct reed_stream *client, *server;
extern struct wire *client_wire, *server_wire;

/* Over a wire, with contexts that are released by kit_end(). */
void kit_connect(struct reed_tls_ctx *client_ctx, const struct reed_tls_client_options *co,
                 struct reed_tls_ctx *server_ctx, const struct reed_tls_server_options *so);

/* As client of "server.example", everything in order. */
void kit_connect_well(void);
void kit_disconnect(void);

/* Turns until f has ended. */
enum reed_err kit_await(struct reed_future *f);
const char *kit_why(void); /* of the last kit_await() */

/* Turns until nothing more happens by itself. */
void kit_settle(void);

/* Sends text and takes it at the other end. */
void kit_says(struct reed_stream *from, struct reed_stream *to, const char *text);

const struct reed_tls_facts *kit_facts(struct reed_stream *s);

/* Both handshakes; how the client's ended. */
enum reed_err kit_shake_hands(void);

#endif
