/*
 * ACME (RFC 8555): certificates from an authority that looks for itself whether
 * the names are ours.
 *
 *	options.directory = "https://acme-v02.api.letsencrypt.org/directory";
 *	options.key = account_key;                    (reed_cert_make_key())
 *	reed_acme_new(loop, &options, &acme, &fault);
 *	wish.names = names;
 *	wish.key = key;                               (of the certificate)
 *	wish.solvers = solvers;                       (what can be proven, and how)
 *	reed_try(co, reed_acme_obtain(acme, &wish, &chain));
 *
 * A nonce that is refused is replaced, and a connection that breaks is made
 * anew, a few times.  What the authority says no to fails with its own words:
 * REED_ETHROTTLED, it has been asked too often, and reed_acme_rest() says until
 * when it wants to be left alone; REED_EACCES, it does not believe, or does not
 * let us; REED_ENOENT, it knows nothing of that order; REED_EPROTO, anything
 * else it says, and what is not understood; and whatever dialling fails with.
 *
 * An account is used by one reed_acme_obtain() at a time: REED_EBUSY.
 * Everything belongs to one loop.
 */

#ifndef REED_ACME_H
#define REED_ACME_H

#include "reed/buf.h"
#include "reed/loop.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

/* ---- how a name is proven to be ours ---- */

/* Borrowed as long as it is shown. */
struct reed_acme_proof {
	const char *kind;   /* "http-01", "tls-alpn-01", "dns-01" */
	const char *name;   /* without an asterisk */
	const char *token;  /* letters of base64url */
	const char *answer; /* the token and the print of the account's key */
	const char *digest; /* of that, SHA-256 in base64url: the text of a TXT record */
};

/*
 * show() settles when the authority may look; *held is handed to hide(), which is
 * called once for whatever was shown, or was about to be, also after a failure.
 */
struct reed_acme_solver {
	const char *kind;
	struct reed_future *(*show)(void *arg, const struct reed_acme_proof *proof, void **held);
	struct reed_future *(*hide)(void *arg, const struct reed_acme_proof *proof, void *held);
	void *arg;
};

/* By the HTTP servers of the loop; by its TLS listeners (reed/challenge.h); by its name server. */
REED_API struct reed_acme_solver reed_acme_http(struct reed_loop *loop);
REED_API struct reed_acme_solver reed_acme_tls(struct reed_loop *loop);
REED_API struct reed_acme_solver reed_acme_dns(struct reed_loop *loop);

/*
 * By a program: `PROGRAM show _acme-challenge.NAME DIGEST` puts a TXT record there,
 * and ends when all name servers have it; `PROGRAM hide ...` takes it away.  It has
 * five minutes.  The words outlive their use, and so does the struct.
 */
struct reed_acme_command {
	struct reed_loop *loop;
	const char *program;
};

REED_API struct reed_acme_solver reed_acme_by_command(const struct reed_acme_command *command);

/* ---- an account ---- */

struct reed_acme;

struct reed_acme_options {
	size_t size;           /* of this struct */
	const char *directory; /* its URL */
	struct reed_slice key; /* PEM, ECDSA P-256 */
	const char *contact;   /* "mailto:admin@example.org", or without mailto:; NULL: nobody */
	const char *ca;        /* a file with the roots of its server; NULL: the system's */
	const char *binding, *binding_key; /* of an account there already: its id, base64url */
	int64_t patience;                  /* ns for a certificate in all; 0: 15 min */
	void *reserved[4];
};

#define REED_ACME_OPTIONS                                \
	{                                                \
		.size = sizeof(struct reed_acme_options) \
	}

/* All is copied.  Nothing is asked yet.  REED_EINVAL, REED_ESYNTAX: of the key or an option. */
REED_API enum reed_err reed_acme_new(struct reed_loop *loop,
                                     const struct reed_acme_options *options,
                                     struct reed_acme **acme, struct reed_fault **fault);

/* Nothing is under way.  May be NULL. */
REED_API void reed_acme_free(struct reed_acme *self);

/* reed_wall() before which the authority does not want to be asked; 0: at any time. */
REED_API int64_t reed_acme_rest(const struct reed_acme *self);

/* ---- certificates ---- */

/* Borrowed until the certificate is there. */
struct reed_acme_wish {
	size_t size;              /* of this struct */
	const char *const *names; /* host names, "*.example.org" too, then NULL; 100 at most */
	struct reed_slice key;    /* PEM, of the certificate */
	const struct reed_acme_solver *solvers; /* the first that the authority takes is tried */
	size_t solver_count;
	/* An order to go on with, from placed(), for the same key; NULL: a new one. */
	const char *order;
	/* There is an order: keep its URL until it has ended.  May be NULL. */
	struct reed_future *(*placed)(void *arg, const char *order);
	void *arg;
};

#define REED_ACME_WISH                                \
	{                                             \
		.size = sizeof(struct reed_acme_wish) \
	}

/*
 * chain is in PEM, the certificate first, and belongs to the key.  An order to go
 * on with that will not do any more is REED_ENOENT: ask again without.
 */
REED_API struct reed_future *reed_acme_obtain(struct reed_acme *self,
                                              const struct reed_acme_wish *wish,
                                              struct reed_buf *chain);

/*
 * When the authority would like that a certificate be renewed (RFC 9773), reed_wall(),
 * by chance within its window; 0: it does not say.  chain is PEM.
 */
REED_API struct reed_future *reed_acme_renewal(struct reed_acme *self, struct reed_slice chain,
                                               int64_t *when);

REED_END_DECLS

#endif
