/* A store and a history, of a kind that the program was linked with. */

#ifndef REED_TESTS_ROOMS_RIG_H
#define REED_TESTS_ROOMS_RIG_H

#include "reed/rooms.h"

struct rig {
	struct reed_loop *loop;
	struct reed_rooms_store *store;
	struct reed_history *history;
	void *own;
};

/* Empty. */
void rig_open(struct rig *rig, struct reed_loop *loop);

/* As after a restart, if there is anything to be restarted. */
void rig_reopen(struct rig *rig);

/* Nothing is left. */
void rig_close(struct rig *rig);

#endif
