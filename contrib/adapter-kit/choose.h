/* main() of a program with several arrangements: its argument names one. */

#ifndef KIT_CHOOSE_H
#define KIT_CHOOSE_H

#include <string.h>

#include "kit.h"

static inline int kit_choose(int argc, char **argv, const struct kit_adapter *const *adapters,
                             size_t count)
{
	for (size_t i = 0; argc == 2 && i < count; i++)
		if (strcmp(strrchr(adapters[i]->name, '.') + 1, argv[1]) == 0)
			return kit_run(adapters[i]);
	fprintf(stderr, "which one?\n");
	return 2;
}

/* The outer loop is Reed's. */
static inline void kit_turn_reed(struct reed_loop *loop, void *foreign)
{
	(void)foreign;
	reed_loop_turn(loop, REED_NEVER);
}

#endif
