/*
 * Scopes: what is started in one ends before it does.
 *
 * A scope owns the futures given to it.  It has one deadline, one cancel, one
 * byte budget and one name for logs and traces.  Scopes nest: what ends the
 * outer one ends the inner ones, and what is charged to an inner one is
 * charged to the outer ones too.
 */

#ifndef REED_SCOPE_H
#define REED_SCOPE_H

#include "reed/loop.h"

REED_BEGIN_DECLS

enum reed_scope_policy {
	REED_SCOPE_REPORT, /* a failed child is reported as unheard; others go on */
	REED_SCOPE_FAIL,   /* the first failure interrupts the rest, ends the wait */
	REED_SCOPE_IGNORE, /* somebody else has told of it already */
};

/* Embedded. */
struct reed_scope {
	struct reed_loop *loop;
	const char *name;               /* must outlive it; may be NULL */
	struct reed_scope *outer;       /* may be NULL */
	struct reed_list inners, inner; /* scopes in it; itself in outer */
	struct reed_list children;
	size_t count; /* of children */
	enum reed_scope_policy policy;
	bool interrupted;     /* children given to it from now on are interrupted too */
	size_t bytes, budget; /* charged; at most (0: no limit) */
	struct reed_timer deadline;
	struct reed_fault *fault; /* of the first child that failed; may be NULL */
	enum reed_err err;
	struct reed_future fewer; /* reed_scope_wait(), reed_scope_below() */
	size_t below;             /* children it waits for to be fewer than */
	bool waited;
	void *reserved[2];
};

REED_API void reed_scope_init(struct reed_scope *scope, struct reed_loop *loop,
                              struct reed_scope *outer, const char *name);

/* The scope owns child from here on; its results are delivered as it ends. */
REED_API void reed_scope_add(struct reed_scope *scope, struct reed_future *child);

/*
 * Settles when the last child has ended: with success, or with REED_SCOPE_FAIL
 * as the first failed child did.  One wait at a time.
 */
REED_API struct reed_future *reed_scope_wait(struct reed_scope *scope);

/* Settles when there are fewer than n children.  One wait at a time, of either kind. */
REED_API struct reed_future *reed_scope_below(struct reed_scope *scope, size_t n);

/* Interrupts all children, the youngest first, and the inner scopes' too. */
REED_API void reed_scope_interrupt(struct reed_scope *scope);

/* Interrupts; what is still there after ms is dropped.  Settles when nothing is left. */
REED_API struct reed_future *reed_scope_stop(struct reed_scope *scope, int64_t ms);

/* Drops all children, the youngest first; may be used again after that. */
REED_API void reed_scope_drop(struct reed_scope *scope);

/* Drops all children and forgets the scope. */
REED_API void reed_scope_finish(struct reed_scope *scope);

/* All children are interrupted ns from now; REED_NEVER takes it back. */
REED_API void reed_scope_deadline(struct reed_scope *scope, int64_t ns);

/* Charges n bytes to the scope and those around it, or to none: REED_ETOOBIG. */
REED_API enum reed_err reed_scope_charge(struct reed_scope *scope, size_t n);
REED_API void reed_scope_refund(struct reed_scope *scope, size_t n);

REED_END_DECLS

#endif
