/*
 * Loops both ways: this loop inside a host's, and other loops inside this one.
 *
 * A host polls one descriptor for reading and calls reed_loop_turn(loop, 0)
 * whenever it is readable.  A turn is bounded: it wakes, fires and takes in so
 * many at the most, and ends early when it has lasted for the host's budget.
 * What is left comes in the next turn, for which the descriptor is readable at
 * once.  Nothing happens while there is nothing to do: an idle loop does not
 * wake its host.
 *
 * An inner loop is somebody else's, with a descriptor to poll and a time by
 * which it wants a turn.  It gets its turns from this loop's own stack, after
 * the descriptors.
 *
 * Both sides may come and go at any time in the loop's thread, from inside
 * turns and callbacks too; only freeing a loop in its own turn is not allowed.
 * Neither touches signal masks, dispositions or children.
 */

#ifndef REED_EMBED_H
#define REED_EMBED_H

#include "reed/loop.h"

REED_BEGIN_DECLS

/* ---- inside a host ---- */

/*
 * What a host wants to be told.  Embedded, and its own until detached; zeroed
 * is a host that wants to know nothing.  What it is told comes from inside any
 * call to the loop, and at the end of a turn; it must not call the loop back.
 */
struct reed_host {
	/*
	 * The next turn is due at another time now: of reed_now(), 0 for at
	 * once, REED_NEVER.  Who has this keeps the time; the descriptor then
	 * tells of descriptors and posts only.  NULL: it tells the time too.
	 */
	void (*deadline)(struct reed_host *self, int64_t at);

	/* Whether the loop has something to wait for, when that changes; told once at first. */
	void (*busy)(struct reed_host *self, bool busy);

	int64_t budget; /* ns after which a turn wakes nobody more; 0: 4 ms */
	void *reserved[2];
};

/*
 * host may be NULL.  fd may be NULL for a host that keeps the time and only
 * makes turns.  REED_EBUSY: has a host already; REED_ENOTSUP: a driver without
 * a descriptor (poll, a simulation); REED_EMFILE.  After an error all is as before.
 */
REED_API enum reed_err reed_loop_attach(struct reed_loop *loop, struct reed_host *host, int *fd);

/* The loop is its own again.  Does nothing without a host. */
REED_API void reed_loop_detach(struct reed_loop *loop);

/* ---- other loops inside this one ---- */

struct reed_inner;

struct reed_inner_ops {
	/*
	 * Before each wait, and whenever somebody asks for the loop's deadline:
	 * brings the descriptor up to date, and says when a turn is due though
	 * it is not ready: of reed_system_now(), 0 for at once, REED_NEVER.
	 * It must not detach itself.
	 */
	int64_t (*prepare)(struct reed_inner *self);

	/* What is due, without waiting, and not for long.  It may detach and free self. */
	void (*turn)(struct reed_inner *self);

	/*
	 * Whether it waits for anything.  If so reed_loop_run() goes on; if not
	 * it is left alone.
	 */
	bool (*busy)(struct reed_inner *self);
};

/* Embedded; zeroed but for ops and fd. */
struct reed_inner {
	const struct reed_inner_ops *ops;
	int fd; /* level-triggered readable when there is work; -1: none */
	/* of the loop */
	bool ready;
	int64_t due;
	struct reed_fd_watch watch;
	struct reed_list link;
	void *reserved[2];
};

/* REED_ENOTSUP: a simulated loop; REED_EBUSY: is in a loop already. */
REED_API enum reed_err reed_inner_attach(struct reed_loop *loop, struct reed_inner *inner);

/* Does nothing if it was not attached. */
REED_API void reed_inner_detach(struct reed_inner *inner);

/*
 * Something was started in the inner loop from outside of the outer one's
 * turns.  Only where the outer one has a host itself does this matter.
 */
REED_API void reed_inner_changed(struct reed_inner *inner);

REED_END_DECLS

#endif
