/* What a process takes over from the one it replaces. */

#ifndef REED_APP_HANDOVER_H
#define REED_APP_HANDOVER_H

#include "reed/err.h"
#include "reed/loop.h"

enum { HANDOVER_SOCKETS = 253 }; /* as many as one message can carry (SCM_MAX_FD) */

/* In systemd's store. */
#define HANDOVER_NAME "reed-listen"

struct handover {
	int connection; /* to the process that is replaced; -1: none */
	int fds[HANDOVER_SOCKETS];
	size_t count;
};

/* The sockets of the process that has the state directory now; from here on it stops. */
enum reed_err reed_handover_ask(const char *state, struct handover *h, struct reed_fault **fault);

/* Until that process has let go of the directory, for longest ns. */
enum reed_err reed_handover_wait(const char *state, int *lock, int64_t longest,
                                 struct reed_fault **fault);

/* Those that systemd has kept for us. */
void reed_handover_stored(struct handover *h);

/* They are the loop's from here on; for good when this process could not bind some of them. */
void reed_handover_inherit(struct handover *h, struct reed_loop *loop, bool for_good);

void reed_handover_end(struct handover *h);

#endif
