#include "rig.h"

void rig_open(struct rig *rig, struct reed_loop *loop)
{
	rig->loop = loop;
	rig->store = reed_rooms_store_memory_new(loop);
	rig->history = reed_history_ring_new(loop, NULL);
}

void rig_reopen(struct rig *rig)
{
	(void)rig;
}

void rig_close(struct rig *rig)
{
	reed_rooms_store_free(rig->store);
	reed_history_free(rig->history);
}
