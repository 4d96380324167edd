/*
 * Teams: several loops, each in a thread of its own, that share nothing.
 *
 * A team runs one function on each of its loops.  What that makes belongs to
 * its loop, and nothing else touches it, so that no protocol has a lock.  What
 * members have to tell one another goes through mailboxes (mailbox.h).
 *
 * The first member, number 0, is on the loop that made the team: a team of one
 * has no threads.  In a simulation every team is of one.
 *
 * Members that listen on the same address listen on the same socket, by
 * whatever endpoint: the first binds it, and port 0 is the same port for all.
 * One of them accepts and hands connections over in turn, so that each has as
 * many as the others, but for those that want none just now.  An endpoint that
 * says reuseport=1 is a socket of its own for each member, among which the
 * system spreads clients by their addresses; so are datagram sockets, which
 * have to say so: "udp:53:reuseport=1".  docs/guide/team.md compares the two.
 *
 * The log and the metrics of a loop are its own; reed_metrics_add() adds up.
 */

#ifndef REED_TEAM_H
#define REED_TEAM_H

#include "reed/loop.h"

REED_BEGIN_DECLS

enum { REED_TEAM_MOST = 64 };

struct reed_team_member {
	struct reed_loop *loop;
	unsigned number, count; /* from 0; of all */
};

struct reed_team_options {
	size_t size;    /* of this struct */
	unsigned loops; /* REED_TEAM_MOST at most; 0: one for each processor it may use */
	const struct reed_loop_options *loop; /* of those that are made; NULL: the default */
	const char *name;                     /* of the threads, for debuggers; NULL: "reed" */
};

#define REED_TEAM_OPTIONS                                \
	{                                                \
		.size = sizeof(struct reed_team_options) \
	}

/*
 * What a member does, called in its thread: a future that runs for its life.
 * self is good until that has ended.
 */
typedef struct reed_future *reed_team_fn(void *arg, const struct reed_team_member *self);

/* How many the process may use. */
REED_API unsigned reed_team_processors(void);

/*
 * Ends when all members have; the first that fails interrupts the others, and
 * says how it ends.  An interrupt is passed on to all.  A drop drops all, and
 * waits until their threads have come to that: for a turn.  arg is shared by all
 * threads.  options may be NULL.
 */
REED_API struct reed_future *reed_team(struct reed_loop *loop,
                                       const struct reed_team_options *options, reed_team_fn *fn,
                                       void *arg);

REED_END_DECLS

#endif
