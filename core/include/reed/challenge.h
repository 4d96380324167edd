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
 *
 * What is looked for in the DNS (dns-01) is a record of a zone, which may have to be
 * signed and told to others: a name server of the loop publishes it, and that takes
 * time and can fail.  Nothing else here suspends or fails.  Everything belongs to one
 * loop.
 */

#ifndef REED_CHALLENGE_H
#define REED_CHALLENGE_H

#include "reed/list.h"
#include "reed/loop.h"
#include "reed/slice.h"

REED_BEGIN_DECLS

struct reed_challenge;

enum reed_challenge_kind {
	REED_CHALLENGE_HTTP,
	REED_CHALLENGE_TLS,
};

/* Copied; of equal keys the latest counts.  Shown until it is freed. */
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

/* ---- dns-01 (RFC 8555 8.4) ---- */

/* First member of a name server of ours, which owns it. */
struct reed_challenge_publisher {
	struct reed_list link;
	/*
	 * Settles when whoever asks gets the digest as a TXT record of the domain's
	 * _acme-challenge, or does not any more.  REED_ENOENT: the domain is of no zone here;
	 * REED_EBUSY: not now.
	 */
	struct reed_future *(*publish)(struct reed_challenge_publisher *self, const char *domain,
	                               const char *digest, bool there);
};

/* From now on, in front of others, until it is removed. */
REED_API void reed_challenge_publisher_add(struct reed_loop *loop,
                                           struct reed_challenge_publisher *publisher);
REED_API void reed_challenge_publisher_remove(struct reed_challenge_publisher *publisher);

/* By the latest of the loop's.  REED_ENOENT: there is no name server on this loop; and as it fails. */
REED_API struct reed_future *reed_challenge_publish(struct reed_loop *loop, const char *domain,
                                                    const char *digest, bool there);

REED_END_DECLS

#endif
