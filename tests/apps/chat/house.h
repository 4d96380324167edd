/*
 * The chat daemon on a simulated host: its settings as an operator writes them,
 * its stores in files that outlive a crash, its doors.  What a process does
 * around it (signals, the lock, the control socket) is not here.
 */

#ifndef REED_TESTS_CHAT_HOUSE_H
#define REED_TESTS_CHAT_HOUSE_H

#include <stddef.h>

#include "reed/sim.h"

struct house {
	const char *host; /* what it is called; a host of that name */
	const char *settings;
	char state[32];           /* the directory */
	struct reed_scope *scope; /* of what runs; NULL: nothing does */
	unsigned lives;
};

/* An empty directory; settings are YAML. */
void house_init(struct house *self, const char *host, const char *settings);

/* A reed_sim_boot_fn: the daemon, from its start to its end. */
struct reed_future *house_boot(void *self, struct reed_loop *loop);

/* In good order: it has ended when there is no scope any more. */
void house_stop(struct house *self);

/* Removes the directory with all that is in it; the host is down. */
void house_finish(struct house *self);

#endif
