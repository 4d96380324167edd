/*
 * A keeper of certificates: one for each name, asked for when there is none,
 * renewed ahead of time, and served without a restart.
 *
 *	reed_try(co, reed_acme_prepare(loop, &options));
 *	reed_listen(loop, "tls:6697:cert=FOLDER/certs", ...);
 *	reed_scope_add(&scope, reed_acme_keep(loop, &options));
 *
 * Until the first certificate is there a listener has one of our own making.  A
 * new one is read by every TLS listener of the loop (reed_tls_reload()).
 *
 * Renewal is due when the authority says so (RFC 9773), else after two thirds of
 * the lifetime, less up to a twentieth of it by chance, so that not everybody
 * comes at once.  After a failure it waits 2 minutes, twice that the next time,
 * up to 12 hours, or as long as the authority asks for; another kind of proof is
 * tried then, if there is one.
 *
 * Everything is kept in the folder (protocols/acme/keep.h), whose parent is
 * there, for the owner only; so a process may end at any moment.  One process
 * at a time uses a folder.
 */

#ifndef REED_ACME_KEEPER_H
#define REED_ACME_KEEPER_H

#include "reed/acme.h"

REED_BEGIN_DECLS

struct reed_acme_keeper_options {
	size_t size;        /* of this struct */
	const char *folder; /* "STATE/acme" */
	const char *const *names;
	size_t name_count; /* 100 at most; the first is for clients that ask for none */
	const struct reed_acme_solver *solvers;
	size_t solver_count;
	const struct reed_acme_options *account; /* but for its key */
	/* Around each attempt, e.g. to listen meanwhile.  Both may be NULL. */
	struct reed_future *(*begin)(void *arg);
	void (*end)(void *arg);
	void *arg;
};

#define REED_ACME_KEEPER_OPTIONS                                \
	{                                                       \
		.size = sizeof(struct reed_acme_keeper_options) \
	}

/* Settles when there is something to serve for each name.  All it points to outlives it. */
REED_API struct reed_future *reed_acme_prepare(struct reed_loop *loop,
                                               const struct reed_acme_keeper_options *options);

/*
 * Does that too, then goes on until it is interrupted or dropped; what fails is
 * logged and tried again.  Ends with an error only for what no wait mends: the
 * folder, the options.
 */
REED_API struct reed_future *reed_acme_keep(struct reed_loop *loop,
                                            const struct reed_acme_keeper_options *options);

REED_END_DECLS

#endif
