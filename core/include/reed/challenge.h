/*
 * Challenges: what a certificate authority looks for before it believes that a
 * name is ours (RFC 8555 8).  Whoever asks for a certificate publishes one; the
 * servers of the same loop show it:
 *
 *	REED_CHALLENGE_HTTP  a token; every HTTP server answers
 *			     /.well-known/acme-challenge/TOKEN with the value
 *	REED_CHALLENGE_TLS   a host name; every TLS listener shows the value, a
 *			     certificate and its key in PEM, to who asks for that
 *			     name and the protocol "acme-tls/1" alone (RFC 8737)
 *	REED_CHALLENGE_DNS   a host name; a name server of ours has the value as a
 *			     TXT record there
 *
 * Nothing here suspends or fails.  Everything belongs to one loop.
 */

#ifndef REED_CHALLENGE_H
#define REED_CHALLENGE_H

#include "reed/loop.h"
#include "reed/slice.h"

REED_BEGIN_DECLS

struct reed_challenge;

enum reed_challenge_kind {
	REED_CHALLENGE_HTTP,
	REED_CHALLENGE_TLS,
	REED_CHALLENGE_DNS,
};

/* Copied; of equal keys the latest counts, but for DNS, where all do.  Shown until it is freed. */
REED_API struct reed_challenge *reed_challenge_new(struct reed_loop *loop,
                                                   enum reed_challenge_kind kind, const char *key,
                                                   struct reed_slice value);

/* Before the loop is.  May be NULL. */
REED_API void reed_challenge_free(struct reed_challenge *self);

/*
 * The n-th value for a key, the latest first; p is NULL past the end.  Tokens are
 * compared to the letter, names in any case.  Borrowed until somebody frees one.
 */
REED_API struct reed_slice reed_challenge_find(const struct reed_loop *loop,
                                               enum reed_challenge_kind kind, struct reed_slice key,
                                               size_t n);

/* Cheap: there is none. */
REED_API bool reed_challenge_none(const struct reed_loop *loop);

REED_END_DECLS

#endif
