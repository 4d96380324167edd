/*
 * Checkers: where accounts are kept, and who says whether a credential is right.
 *
 * Most keep records, and the portal does the checking: find() yields what is
 * known of an account, and passwords are derived by the portal, off the loop.
 * A checker that asks somebody else (PAM, a directory) has verify() instead.
 *
 * A checker is made from a string, KIND:ARGUMENT, such as sqlite:accounts.db.
 * Kinds are registered, see struct reed_checker_scheme.
 */

#ifndef REED_CHECKER_H
#define REED_CHECKER_H

#include "reed/auth.h"

REED_BEGIN_DECLS

enum reed_lookup_by {
	REED_BY_NAME,
	REED_BY_FINGERPRINT, /* of a certificate or of its key */
	REED_BY_TOKEN,
};

struct reed_lookup {
	enum reed_lookup_by by;
	char name[REED_ACCOUNT_ROOM]; /* in normal form */
	uint8_t hash[REED_KEY_BYTES]; /* of certificate, key or token */
	struct reed_token *token;     /* REED_BY_TOKEN: what is known of it goes here too */
};

enum reed_change_what {
	REED_CHANGE_PASSWORD,
	REED_CHANGE_ROLES,
	REED_ADD_FINGERPRINT,
	REED_REMOVE_FINGERPRINT,
	REED_ADD_TOKEN,
	REED_REMOVE_TOKEN,
};

/* One change to one account: done or not done, never by half. */
struct reed_change {
	enum reed_change_what what;
	char name[REED_ACCOUNT_ROOM];
	struct reed_verifier verifier;
	bool only_instead; /* of this one; REED_EBUSY: it is another by now */
	struct reed_verifier before;
	char roles[REED_ROLES_ROOM];
	uint8_t fingerprint[REED_FINGERPRINT_BYTES];
	struct reed_token token; /* to remove one: its id */
};

/*
 * What a checker does.  Arguments are copied before the call returns, but for
 * places where results go; those are written at delivery only.  After a drop
 * of add, change or remove it is open whether that was done.
 *
 * Those that may be NULL: everything but name and free.
 */
struct reed_checker_ops {
	const char *name; /* "sqlite" */
	unsigned takes;   /* REED_CREDENTIAL_BIT()s, or'ed */

	/* REED_ENOENT.  *out is all of what is known. */
	struct reed_future *(*find)(struct reed_checker *self, const struct reed_lookup *what,
	                            struct reed_principal *out);

	/* For those that keep no records.  REED_EAUTH: wrong; REED_ENOENT: ask the next one. */
	struct reed_future *(*verify)(struct reed_checker *self,
	                              const struct reed_credential *credential,
	                              const struct reed_peer *from, struct reed_principal *out);

	/* REED_EEXIST: the name or one of the fingerprints. */
	struct reed_future *(*add)(struct reed_checker *self, const struct reed_principal *account);

	/* REED_ENOENT: no such account, fingerprint, token; REED_EEXIST; REED_ETOOBIG; REED_ENOTSUP. */
	struct reed_future *(*change)(struct reed_checker *self, const struct reed_change *change);

	/* With its tokens.  REED_ENOENT. */
	struct reed_future *(*remove)(struct reed_checker *self, const char *name);

	/* At most max of them, by name, beginning after that name ("": with the first). */
	struct reed_future *(*list)(struct reed_checker *self, const char *after, size_t max,
	                            struct reed_principal_list *out);

	/* REED_ENOENT.  The caller frees *out with reed_free(). */
	struct reed_future *(*tokens)(struct reed_checker *self, const char *name,
	                              struct reed_token **out, size_t *n);

	/* The last call; nothing is under way. */
	void (*free)(struct reed_checker *self);
};

/* First member of every checker. */
struct reed_checker {
	const struct reed_checker_ops *ops;
	struct reed_loop *loop;
	bool has_key;
	uint8_t key[REED_KEY_BYTES]; /* kept with the accounts; for reed_portal_options.fake_key */
	void *reserved[4];
};

/* Of those no portal has taken.  May be NULL. */
REED_API void reed_checker_free(struct reed_checker *checker);

/*
 * Does to account what change says, but for tokens: for checkers that hold
 * records in memory.  REED_ENOENT, REED_EEXIST (this account has it already),
 * REED_ETOOBIG.
 */
REED_API enum reed_err reed_principal_apply(struct reed_principal *account,
                                            const struct reed_change *change);

/* ---- kinds of checkers ---- */

struct reed_checker_options {
	size_t size;
	const struct reed_auth_rules *rules; /* NULL: reed_auth_rules_ascii; the portal's */
	uint32_t iterations;                 /* for passwords in the argument; 0: 10,000 */
};

#define REED_CHECKER_OPTIONS                                \
	{                                                   \
		.size = sizeof(struct reed_checker_options) \
	}

struct reed_file_checker_kind;

struct reed_checker_scheme {
	const char *name; /* "sqlite" */
	const char *form; /* "sqlite:PATH" */
	const char *help; /* a few lines, each ending in a newline */

	/* argument is what follows the colon, borrowed for the call; so are the options. */
	struct reed_future *(*open)(struct reed_loop *loop, struct reed_slice argument,
	                            const struct reed_checker_options *options,
	                            struct reed_checker **out);
	/*
	 * What can be wrong with an argument, and with the file it names, which is not
	 * made: asked before a program runs.  Blocks; any thread.  May be NULL.
	 */
	enum reed_err (*probe)(struct reed_slice argument,
	                       const struct reed_checker_options *options,
	                       struct reed_fault **fault);
	/* In place of open() and probe(): somebody else's file, only read (file_checker.h). */
	const struct reed_file_checker_kind *file;
	const char *folder; /* read besides what the argument names, for sandboxes; may be NULL */
	struct reed_checker_scheme *next; /* of the registry */
};

/*
 * From then on the scheme may be opened by its name.  For a module's start,
 * before loops of other threads run.  A second one of that name is ignored.
 */
REED_API void reed_checker_register(struct reed_checker_scheme *scheme);

/*
 * Opens "memory:alice:secret", "file:PATH", "anonymous:" and what has been
 * registered.  options may be NULL.  REED_EINVAL with a sentence that says what
 * would have been right.
 */
REED_API struct reed_future *reed_checker_new(struct reed_loop *loop, const char *text,
                                              const struct reed_checker_options *options,
                                              struct reed_checker **out);

/* Is there such a kind?  REED_EINVAL with a fault, as reed_checker_new() has it. */
REED_API enum reed_err reed_checker_check(const char *text, struct reed_fault **fault);

/* Would that be opened?  Nothing is made; it blocks.  options may be NULL. */
REED_API enum reed_err reed_checker_probe(const char *text,
                                          const struct reed_checker_options *options,
                                          struct reed_fault **fault);

/* For sandboxes: is that of a kind which only reads the file its argument names? */
REED_API bool reed_checker_reads(const char *text);
/* The folder such a kind reads besides; may be NULL. */
REED_API const char *reed_checker_folder(const char *text);

/* For --help-auth: all kinds, by name. */
REED_API void reed_auth_help(FILE *out);

REED_END_DECLS

#endif
