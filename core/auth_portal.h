/* What the files of the portal share. */

#ifndef REED_AUTH_PORTAL_H
#define REED_AUTH_PORTAL_H

#include "auth_throttle.h"
#include "reed/alloc.h"
#include "reed/checker.h"
#include "reed/co.h"
#include "reed/offload.h"
#include "reed/random.h"

struct reed_portal {
	struct reed_loop *loop;
	struct reed_portal_options options; /* with the defaults filled in */
	struct reed_realm plain;            /* the realm of those who bring none */
	struct reed_checker **checkers;
	size_t checker_count;
	struct reed_lane **lanes; /* for derivations, in turn */
	uint32_t next_lane;
	struct throttle *throttle;
	uint8_t key[REED_KEY_BYTES]; /* of what does not exist */
	bool has_key;
	struct reed_list sessions;
	struct reed_list watches;
	uint64_t last_session;
	struct reed_portal_stats stats;
};

/* What SCRAM began with. */
struct reed_exchange {
	char name[REED_ACCOUNT_ROOM]; /* in normal form; "" when it has none */
	bool known;
	struct reed_principal account;
	struct reed_checker *checker;
	struct reed_verifier verifier; /* the account's, or nobody's */
};

/* ---- auth_search.c: asking the checkers ---- */

struct found {
	struct reed_principal account;
	struct reed_token token;      /* REED_BY_TOKEN */
	struct reed_checker *checker; /* NULL: nobody knows it */
	bool verified;                /* by the checker, which keeps no record */
	bool refused;                 /* by it */
};

enum { REED_LOOKUPS = 2 };

/* One question in several forms; the first form any checker answers decides. */
struct query {
	struct reed_lookup by[REED_LOOKUPS];
	size_t count;
	unsigned takes;                           /* of checkers that take one of these */
	const struct reed_credential *credential; /* for verify(); NULL: look up only */
	const struct reed_peer *from;
};

/* query is copied; what it points to must outlive the future. */
struct reed_future *reed_portal_search(struct reed_portal *portal, const struct query *query,
                                       struct found *out);

/* The same for a name in normal form. */
struct reed_future *reed_portal_find(struct reed_portal *portal, const char *name,
                                     struct found *out);

/* ---- auth_derive.c: work for other threads ---- */

/* *v has salt and iterations, and gets its keys.  REED_ETOOBIG: too much to do already. */
struct reed_future *reed_portal_derive(struct reed_portal *portal, struct reed_verifier *v,
                                       const char *password);

/* A verifier to be derived: the iterations of the portal, a new salt. */
void reed_portal_salt(struct reed_portal *portal, struct reed_verifier *v);

/* That of nobody. */
void reed_portal_fake(struct reed_portal *portal, struct reed_slice name, struct reed_verifier *v);

/* ---- auth_portal.c ---- */

struct reed_audit reed_audit_of(enum reed_audit_what what, enum reed_err outcome,
                                const char *account);
void reed_portal_tell(struct reed_portal *portal, const struct reed_audit *event);

/* Tells who watches. */
void reed_portal_forget(struct reed_portal *portal, const char *account);

/* ---- auth_login.c ---- */

/* Has failed with REED_ETHROTTLED: so many ns to wait. */
struct reed_future *reed_portal_throttled(struct reed_portal *portal, int64_t wait);

/* ---- auth_session.c ---- */

/* Takes over the avatar; the rest is copied. */
void reed_portal_enter(struct reed_portal *portal, struct reed_avatar *avatar,
                       const struct reed_principal *account, const struct reed_avatar *facts);

/* What was never a session goes. */
void reed_avatar_discard(struct reed_avatar *avatar);

size_t reed_portal_revoke_token(struct reed_portal *portal, const char *account, const char *id);

/* ---- auth_token.c ---- */

/* Its form is that of a token; it may be a password all the same. */
bool reed_token_looks_like(struct reed_slice text);
void reed_token_hash(struct reed_slice text, uint8_t hash[REED_KEY_BYTES]);

/* A new one: all but account, door, label and end. */
void reed_token_make(struct reed_loop *loop, struct reed_token *token,
                     char text[REED_TOKEN_TEXT_ROOM]);

/* Is it good now, and at this door? */
bool reed_token_opens(const struct reed_token *token, const char *door, int64_t wall);

#endif
