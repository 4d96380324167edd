/*
 * Who asks: Basic (RFC 7617), Bearer (RFC 6750) and, where it is wanted, Digest
 * (RFC 7616) through a portal.
 *
 *	guard = reed_http_guard_new(portal, "Reed", NULL);
 *	reed_http_around(router, reed_http_guarded, guard);
 *
 * What was right is remembered for a minute, so that a page of fifty pictures
 * derives a password once; a session that is revoked is forgotten at once.
 * Attempts count with those of all other doors.
 */

#ifndef REED_HTTP_AUTH_H
#define REED_HTTP_AUTH_H

#include "reed/auth.h"
#include "reed/http/request.h"

REED_BEGIN_DECLS

struct reed_http_guard;

/* realm is what clients show to people; role, which may be NULL, is what accounts must have. */
REED_API struct reed_http_guard *reed_http_guard_new(struct reed_portal *portal, const char *realm,
                                                     const char *role);

/* The same of a forward proxy: Proxy-Authorization, and 407 (RFC 9110 11.7). */
REED_API struct reed_http_guard *reed_http_proxy_guard_new(struct reed_portal *portal,
                                                           const char *realm, const char *role);

/*
 * Ask for Digest too, and for it first: SHA-256 and MD5, as far as all accounts
 * that can be asked so have both.  The portal has its checkers already.
 * REED_ENOTSUP: none of them can; it takes passwords in clear (secrets:) or what
 * htdigest(1) keeps of them, a SCRAM verifier or another hash will not do.
 *
 * A response is taken once, with a nonce of ours that is not older than five
 * minutes; a client whose nonce is too old is told so and asks nobody again.
 */
REED_API enum reed_err reed_http_guard_digest(struct reed_http_guard *guard);

/* No request is under way.  May be NULL. */
REED_API void reed_http_guard_free(struct reed_http_guard *guard);

/*
 * Settles when the request may go on: *allowed; else it has been answered, with
 * 401, 403, 429 or 503.  From then on the request has a user.
 */
REED_API struct reed_future *reed_http_admit(struct reed_http_guard *guard,
                                             struct reed_http_request *request, bool *allowed);

/* The same as a function around handlers; arg is the guard. */
REED_API struct reed_future *reed_http_guarded(void *guard, struct reed_http_request *request);

/* The account that asks; empty: nobody has asked who it is. */
REED_API struct reed_slice reed_http_user(const struct reed_http_request *request);

/* For whoever has found out in another way; copied, for the access log and those who ask. */
REED_API void reed_http_set_user(struct reed_http_request *request, struct reed_slice account);

/* ---- the parser (RFC 9110 11.4) ---- */

struct reed_http_authorization {
	enum { REED_HTTP_BASIC, REED_HTTP_BEARER } scheme;
	struct reed_slice user, secret; /* in room; a token has no user */
	char room[1536];
};

/* REED_ESYNTAX: of another scheme, or none; the caller wipes it. */
REED_API enum reed_err reed_http_authorization(struct reed_slice value,
                                               struct reed_http_authorization *out);

REED_END_DECLS

#endif
