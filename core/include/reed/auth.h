/*
 * Who may come in: one set of accounts behind every door.
 *
 * A door (IRC, XMPP, web, SSH, ...) hands a *credential* to the *portal* and
 * says which interface it serves.  The portal asks its *checkers* (checker.h)
 * whose it is, counts attempts over all doors, and has the *realm* make the
 * *avatar*: the account as seen through that interface.
 *
 *	reed_try(co, reed_portal_login(portal, &credential, "chat", &from, &self->avatar));
 *	...
 *	reed_avatar_logout(self->avatar);
 *
 * What can go wrong is one of three things:
 *
 *	REED_EAUTH       not authenticated.  The sentence is fit for peers: it is the same for
 *	                 an unknown account and a wrong password, and takes the same work.
 *	REED_ETHROTTLED  too many attempts.  The sentence is fit for peers and says how long
 *	                 to wait; reed_portal_wait() says it in numbers.
 *	anything else    trouble of our own (a store, the realm).  The sentence is for the
 *	                 log; a peer is told "try again later".
 *
 * Everything belongs to one loop.  Passwords are derived on other threads.
 */

#ifndef REED_AUTH_H
#define REED_AUTH_H

#include "reed/cell.h"
#include "reed/verifier.h"

REED_BEGIN_DECLS

struct reed_auth_rules;
struct reed_avatar;
struct reed_cert;
struct reed_checker;
struct reed_exchange;
struct reed_portal;

enum {
	REED_ACCOUNT_ROOM = 128, /* bytes of a name, with its NUL */
	REED_ROLES_ROOM = 128,
	REED_PASSWORD_ROOM = 1024,
	REED_FINGERPRINTS = 8, /* certificates of one account */
	REED_FINGERPRINT_BYTES = 32,
	REED_SUBJECT_ROOM = 256,
};

/* ---- names and passwords ---- */

/*
 * How names and passwords are brought to the form in which they are compared.
 * A copy with another `allowed` is a good set of rules.  All of them are pure,
 * and are called in other threads too.
 */
struct reed_auth_rules {
	const char *name;

	/* REED_EINVAL: no name for an account, *why says what would be right. */
	enum reed_err (*account)(const struct reed_auth_rules *self, struct reed_slice name,
	                         char into[REED_ACCOUNT_ROOM], const char **why);

	/* REED_EINVAL as well.  To be kept is stricter than to be tried. */
	enum reed_err (*password)(const struct reed_auth_rules *self, struct reed_slice password,
	                          bool kept, char into[REED_PASSWORD_ROOM], const char **why);

	/* May c stand in a name?  Asked after the rest of the rules. */
	bool (*allowed)(uint32_t c, bool first);
	void *reserved[4];
};

/* ASCII only: letters are made lower case.  reed-sasl has rules for Unicode. */
REED_API extern const struct reed_auth_rules reed_auth_rules_ascii;

/*
 * Letters, digits and '_'; '-' and '.' but not first; beyond ASCII all that the
 * rules let through.  Such a name serves as IRC account, JID, mailbox, file name.
 */
REED_API bool reed_auth_name_char(uint32_t c, bool first);

/* For rules: is what they made a name?  REED_EINVAL. */
REED_API enum reed_err reed_auth_name_check(const struct reed_auth_rules *rules, const char *normal,
                                            const char **why);

/* ---- accounts ---- */

/* What a checker knows of an account.  By value. */
struct reed_principal {
	char name[REED_ACCOUNT_ROOM]; /* in normal form */
	char roles[REED_ROLES_ROOM];  /* "admin,operator" */
	bool anonymous;               /* nobody in particular; the name is "" */
	bool has_password;
	struct reed_verifier verifier;
	uint32_t fingerprints;
	uint8_t fingerprint[REED_FINGERPRINTS][REED_FINGERPRINT_BYTES];
	uint64_t reserved[8];
};

struct reed_principal_list {
	struct reed_principal *accounts; /* by name; free with reed_free() */
	size_t n;
};

enum { REED_FINGERPRINT_ROOM = 2 * REED_FINGERPRINT_BYTES + 1 };

/* 64 hexadecimal digits, either case, colons between bytes or none: REED_ESYNTAX. */
REED_API enum reed_err reed_fingerprint_parse(struct reed_slice text,
                                              uint8_t into[REED_FINGERPRINT_BYTES]);
REED_API void reed_fingerprint_print(const uint8_t fingerprint[REED_FINGERPRINT_BYTES],
                                     char into[REED_FINGERPRINT_ROOM]);

/* Is role one of these, which are separated by commas? */
REED_API bool reed_roles_have(const char *roles, const char *role);

/* REED_EINVAL: a role is of [a-z0-9-], and all of them have to fit. */
REED_API enum reed_err reed_roles_check(struct reed_slice roles);

/* ---- credentials ---- */

enum reed_credential_kind {
	REED_CREDENTIAL_ANONYMOUS,
	REED_CREDENTIAL_PASSWORD,
	REED_CREDENTIAL_SCRAM,
	REED_CREDENTIAL_CERTIFICATE,
	REED_CREDENTIAL_TOKEN,
	REED_CREDENTIAL_PUBLIC_KEY,
	REED_CREDENTIAL_DIGEST,     /* of HTTP, with SHA-256 (RFC 7616) */
	REED_CREDENTIAL_DIGEST_MD5, /* the same with MD5 (RFC 2617) */
	REED_CREDENTIAL_CRAM_MD5,   /* RFC 2195 */
	REED_CREDENTIAL_APOP,       /* RFC 1939 7 */
};

#define REED_CREDENTIAL_BIT(kind) (1u << (kind))

/* "password" and the like; never NULL. */
REED_API const char *reed_credential_name(enum reed_credential_kind kind);

/* What is known of a certificate whose private key the peer has shown to have. */
struct reed_certificate {
	uint8_t sha256[REED_FINGERPRINT_BYTES];      /* of all of it, in DER */
	uint8_t spki_sha256[REED_FINGERPRINT_BYTES]; /* of its public key: outlives a renewal */
	char subject[REED_SUBJECT_ROOM];             /* RFC 4514, perhaps cut; for the audit */
};

/* What is needed of one that reed_cert_read(), or a TLS handshake, has yielded. */
REED_API void reed_certificate_of(const struct reed_cert *cert,
                                  struct reed_certificate *certificate);

/* What goes with a digest of HTTP; see proof.h. */
struct reed_digest {
	struct reed_slice realm;
	uint8_t key[REED_KEY_BYTES]; /* H(user:realm:password), once the login has succeeded */
};

/*
 * Borrowed for the call, but exchange and digest until the login ends.  Copies
 * are wiped.  What the peer was asked to prove itself with (a challenge, data to
 * be signed) is the door's to make, and to take once only.
 */
struct reed_credential {
	enum reed_credential_kind kind;
	struct reed_slice authzid; /* whom to act as; empty: oneself */
	struct reed_slice user;    /* a name; with a token or a certificate none is needed */
	struct reed_slice secret;  /* password, token, proof in bytes, key blob (RFC 4253 6.6) */
	/*
	 * SCRAM: AuthMessage (RFC 5802 3); digest: what is hashed behind the key and
	 * a colon (RFC 7616 3.4.1); CRAM-MD5, APOP: the challenge; public key: what
	 * was signed.
	 */
	struct reed_slice message;
	const struct reed_certificate *certificate;
	const struct reed_exchange *exchange; /* SCRAM */
	struct reed_digest *digest;
	struct reed_slice signature; /* public key: RFC 4253 6.6, as in SSH */
	void *reserved[1];
};

/* ---- avatars, which are sessions ---- */

struct reed_avatar_ops {
	/* The last call: release all of it.  NULL: reed_free(). */
	void (*logout)(struct reed_avatar *self);
};

/* First member of what a realm makes of an account.  The portal fills in the rest of it. */
struct reed_avatar {
	const struct reed_avatar_ops *ops;
	struct reed_portal *portal;
	struct reed_list link; /* in reed_portal_sessions() */
	uint64_t id;           /* among the sessions */
	int64_t since;         /* reed_wall() */
	const char *account;   /* "" when anonymous */
	const char *roles;
	const char *interface;
	const char *door;
	const char *address;
	const char *how;          /* reed_credential_name() */
	const char *token;        /* the id of the one it came in with, else "" */
	struct reed_cell revoked; /* 1: say goodbye, log out */
	bool anonymous;
	char *text; /* what these strings lie in */
	void *reserved[4];
};

/* The session is over; avatar is gone.  May be NULL. */
REED_API void reed_avatar_logout(struct reed_avatar *avatar);

static inline bool reed_avatar_is(const struct reed_avatar *avatar, const char *role)
{
	return reed_roles_have(avatar->roles, role);
}

/* ---- the realm ---- */

struct reed_realm;

struct reed_realm_ops {
	/*
	 * The account seen through that interface; *out is from reed_alloc(), or
	 * what ops->logout() releases.  account is good until the future is
	 * delivered or dropped.  REED_EACCES: this account may not; REED_ENOTSUP:
	 * there is no such interface.
	 */
	struct reed_future *(*avatar)(struct reed_realm *self, const struct reed_principal *account,
	                              const char *interface, struct reed_avatar **out);

	/*
	 * Whom account becomes when it asks to act as authzid: writes the name of
	 * an account.  REED_EAUTH: it may not.  NULL: everybody is oneself only.
	 */
	enum reed_err (*act_as)(struct reed_realm *self, const struct reed_principal *account,
	                        struct reed_slice authzid, char into[REED_ACCOUNT_ROOM]);
};

/* Embedded by whoever has one. */
struct reed_realm {
	const struct reed_realm_ops *ops;
};

/* ---- audit ---- */

enum reed_audit_what {
	REED_AUDIT_LOGIN, /* came in, or did not */
	REED_AUDIT_LOGOUT,
	REED_AUDIT_REVOKED,     /* a session, by us */
	REED_AUDIT_ACCOUNT,     /* created */
	REED_AUDIT_PASSWORD,    /* changed, or derived anew */
	REED_AUDIT_CERTIFICATE, /* added or taken away */
	REED_AUDIT_ROLES,
	REED_AUDIT_TOKEN,   /* created or taken away */
	REED_AUDIT_REMOVED, /* an account */
};

/* "login" and the like; never NULL. */
REED_API const char *reed_audit_name(enum reed_audit_what what);

struct reed_audit {
	enum reed_audit_what what;
	enum reed_err outcome;
	const char *account;   /* as it was given, when there is no such; cut to its room */
	const char *how;       /* reed_credential_name(); may be NULL */
	const char *interface; /* may be NULL */
	const char *door;      /* may be NULL: done here */
	const char *address;   /* may be NULL */
	const char *why;       /* for the operator's eyes; never NULL */
};

/*
 * Embedded by whoever keeps the record.  All is good for the call only, and the
 * portal must not be called from it.
 */
struct reed_auditor {
	void (*hear)(struct reed_auditor *self, const struct reed_audit *event);
};

/* ---- the portal ---- */

/* Where somebody comes from. */
struct reed_peer {
	const char *address; /* numeric, with or without port; or any name; NULL: local */
	const char *door;    /* "irc", "web", ...; NULL: "" */
};

/*
 * Attempts, counted by account and by address (IPv6: by /64) over all doors.
 * Each has a bucket of attempts that refills; who empties it is locked out, and
 * each further attempt locks for twice as long.  An address the account has
 * come in from before has a bucket of its own, so that strangers cannot lock
 * the owner out.  Zero is the default.
 */
struct reed_limits {
	uint32_t account_attempts; /* 5 */
	uint32_t address_attempts; /* 20 */
	int64_t account_refill;    /* ns for one attempt to come back; one minute */
	int64_t address_refill;    /* ns; 10 seconds */
	int64_t lock_first;        /* ns; 15 seconds */
	int64_t lock_longest;      /* ns; one hour */
	uint32_t remembered;       /* accounts and addresses at once; 16,384, the oldest go */
	bool spare_loopback;       /* 127.0.0.0/8, ::1 and local peers are not counted by address */
	bool none;                 /* nothing is counted */
	uint64_t reserved[6];
};

struct reed_portal_options {
	size_t size;
	struct reed_realm *realm;            /* NULL: avatars that know the account only */
	struct reed_auditor *auditor;        /* may be NULL */
	const struct reed_auth_rules *rules; /* NULL: reed_auth_rules_ascii */
	struct reed_limits limits;
	uint32_t iterations;        /* for new passwords; 0: 10,000, which is the least */
	uint32_t derivations;       /* at once; 0: 2 */
	uint32_t waiting;           /* for derivation, beyond that REED_ETHROTTLED; 0: 256 */
	uint32_t shortest_password; /* characters; 0: 8 */
	/*
	 * Salts of accounts that do not exist are made with it; they should be
	 * the same tomorrow.  NULL: that of the first checker that keeps one,
	 * else a new one each time.
	 */
	const uint8_t *fake_key; /* REED_KEY_BYTES of them */
};

#define REED_PORTAL_OPTIONS                                \
	{                                                  \
		.size = sizeof(struct reed_portal_options) \
	}

/* options may be NULL; what they point to must outlive the portal. */
REED_API struct reed_portal *reed_portal_new(struct reed_loop *loop,
                                             const struct reed_portal_options *options);

/* Nothing of it may be under way.  Avatars stay good, but are no longer listed.  May be NULL. */
REED_API void reed_portal_free(struct reed_portal *portal);

REED_API struct reed_loop *reed_portal_loop(const struct reed_portal *portal);

/* Asked after those before it; the portal owns it from here on. */
REED_API void reed_portal_add(struct reed_portal *portal, struct reed_checker *checker);

/* REED_CREDENTIAL_BIT() of what any checker takes. */
REED_API unsigned reed_portal_takes(const struct reed_portal *portal);

/*
 * Of these kinds those that every checker takes which takes one of them: what to
 * offer to a peer who will choose before it is known whose account it is.
 */
REED_API unsigned reed_portal_shares(const struct reed_portal *portal, unsigned kinds);

/*
 * from and interface are copied.  The avatar is the caller's, who logs it out.
 * The first checker that knows the account decides.
 */
REED_API struct reed_future *reed_portal_login(struct reed_portal *portal,
                                               const struct reed_credential *credential,
                                               const char *interface, const struct reed_peer *from,
                                               struct reed_avatar **out);

/* How many ns to wait before an attempt is taken, as of now; 0: none.  user may be empty. */
REED_API int64_t reed_portal_wait(struct reed_portal *portal, struct reed_slice user,
                                  const struct reed_peer *from);

/*
 * SCRAM begins: what a client must know to prove that it knows user's password.
 * An account that does not exist has a salt too.  REED_ETHROTTLED.
 */
REED_API struct reed_future *reed_portal_begin(struct reed_portal *portal, struct reed_slice user,
                                               const struct reed_peer *from,
                                               struct reed_exchange **out);
REED_API void reed_exchange_free(struct reed_exchange *exchange);

/* Its salt and iterations; the keys are of use to the portal only. */
REED_API const struct reed_verifier *reed_exchange_verifier(const struct reed_exchange *exchange);

/*
 * An attempt that somebody else judges, such as at an operator's password.  It
 * is counted by address with those at accounts, before any work is done, and
 * told to the auditor: what ("oper") is how, name the account.  All is copied.
 * REED_ETHROTTLED: too many of them; reed_portal_wait() for nobody says how long.
 */
struct reed_attempt;
REED_API enum reed_err reed_attempt_begin(struct reed_portal *portal, const char *what,
                                          struct reed_slice name, const struct reed_peer *from,
                                          struct reed_attempt **out);
/* REED_OK: it was right, and is given back.  attempt may be NULL. */
REED_API void reed_attempt_end(struct reed_attempt *attempt, enum reed_err outcome);

/* ---- sessions ---- */

/* The link of struct reed_avatar, oldest first.  Good until the loop's next turn. */
REED_API const struct reed_list *reed_portal_sessions(const struct reed_portal *portal);

/* Sets the avatar's cell; the door does the rest.  REED_ENOENT. */
REED_API enum reed_err reed_portal_revoke(struct reed_portal *portal, uint64_t id);

/* The same for all of an account; returns how many. */
REED_API size_t reed_portal_revoke_all(struct reed_portal *portal, const char *account);

/* ---- accounts, from the side of those who run it ---- */

/*
 * All but the first go to the checker that knows the account (REED_ENOENT), and
 * the first to the first that can create (REED_ENOTSUP).  REED_EINVAL: a name or
 * password against the rules, with a sentence that may be shown.  A drop leaves
 * open whether it was done, but never does half of it.
 */
REED_API struct reed_future *reed_portal_create(struct reed_portal *portal, struct reed_slice name,
                                                struct reed_slice password);
/* The same rules in advance.  REED_EINVAL: *why says what would be right. */
REED_API enum reed_err reed_portal_check_name(const struct reed_portal *portal,
                                              struct reed_slice name, const char **why);
/* Characters. */
REED_API uint32_t reed_portal_shortest_password(const struct reed_portal *portal);
/* Sessions go on; revoke them if they should not. */
REED_API struct reed_future *reed_portal_set_password(struct reed_portal *portal,
                                                      struct reed_slice name,
                                                      struct reed_slice password);
/* Revokes the account's sessions too. */
REED_API struct reed_future *reed_portal_remove(struct reed_portal *portal, struct reed_slice name);
REED_API struct reed_future *reed_portal_set_roles(struct reed_portal *portal,
                                                   struct reed_slice name, struct reed_slice roles);
/* REED_EEXIST: it is an account's already; REED_ETOOBIG: more than REED_FINGERPRINTS. */
REED_API struct reed_future *reed_portal_add_fingerprint(
	struct reed_portal *portal, struct reed_slice name,
	const uint8_t fingerprint[REED_FINGERPRINT_BYTES]);
REED_API struct reed_future *reed_portal_remove_fingerprint(
	struct reed_portal *portal, struct reed_slice name,
	const uint8_t fingerprint[REED_FINGERPRINT_BYTES]);
/*
 * At most max of them, by name, beginning after that one ("": with the first);
 * of an account that several checkers know what the first one does.  Those that
 * keep no list (PAM, ...) are passed over.
 */
REED_API struct reed_future *reed_portal_list(struct reed_portal *portal, const char *after,
                                              size_t max, struct reed_principal_list *out);
/* REED_ENOENT. */
REED_API struct reed_future *reed_portal_account(struct reed_portal *portal, struct reed_slice name,
                                                 struct reed_principal *out);

/*
 * For whoever keeps something by the names of accounts: what is kept under this
 * one is nobody's now.  The account was removed, and its sessions are revoked
 * next; or one of that name has just been made and must not inherit from
 * another.  The portal must not be called from it.
 */
struct reed_account_watch {
	void (*forget)(struct reed_account_watch *self, const char *account);
	struct reed_list link;
};
REED_API void reed_portal_watch(struct reed_portal *portal, struct reed_account_watch *watch);
/* Before either of the two is freed; one that does not watch may be given. */
REED_API void reed_portal_unwatch(struct reed_account_watch *watch);

/* ---- app tokens ---- */

enum {
	REED_TOKEN_ID = 8,
	REED_TOKEN_TEXT_ROOM = 64,
	REED_DOOR_ROOM = 32,
	REED_LABEL_ROOM = 64,
	REED_TOKENS_MAX = 64, /* of one account */
};

/*
 * A second way into an account, for one program: long, random, good for one
 * door if it says so, taken back without a change of password.  It goes
 * wherever a password goes in clear.  Only its hash is kept.
 */
struct reed_token {
	char account[REED_ACCOUNT_ROOM];
	char id[REED_TOKEN_ID + 1];  /* no secret; names it */
	char door[REED_DOOR_ROOM];   /* "": any */
	char label[REED_LABEL_ROOM]; /* for people: "phone" */
	uint8_t hash[REED_KEY_BYTES];
	int64_t created; /* reed_wall() */
	int64_t expires; /* reed_wall(); 0: never */
	uint64_t reserved[4];
};

/*
 * Writes the token's text, which is shown once and never again.  door and label
 * may be NULL.  REED_ENOTSUP: the account's checker keeps none.
 */
REED_API struct reed_future *reed_portal_create_token(struct reed_portal *portal,
                                                      struct reed_slice name, const char *door,
                                                      const char *label, int64_t expires,
                                                      char out[REED_TOKEN_TEXT_ROOM]);
/* Revokes the sessions that came in with it. */
REED_API struct reed_future *reed_portal_remove_token(struct reed_portal *portal,
                                                      struct reed_slice name, const char *id);
/* The caller frees *out with reed_free(). */
REED_API struct reed_future *reed_portal_tokens(struct reed_portal *portal, struct reed_slice name,
                                                struct reed_token **out, size_t *n);

/* ---- work done, for metrics and tests ---- */

struct reed_portal_stats {
	size_t size; /* set by the caller */
	uint64_t logins, refused, throttled;
	uint64_t derivations;        /* of keys from passwords */
	uint64_t iterations;         /* of all those together */
	uint64_t lookups;            /* in checkers */
	size_t sessions, remembered; /* now */
};

REED_API void reed_portal_stats(const struct reed_portal *portal, struct reed_portal_stats *stats);

REED_END_DECLS

#endif
