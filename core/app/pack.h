/* Packing log files that were moved away. */

#ifndef REED_PACK_H
#define REED_PACK_H

#include "reed/log.h"

struct packing {
	char *path, *into; /* of the log; of what it is packed into */
	unsigned keep;
	bool found;              /* there was one to be packed, */
	struct reed_log_file of; /* which is this, */
	unsigned mode;           /* and may be read by those */
};

/*
 * Packs the oldest that is not packed yet.  Blocks, for a worker.  With an error
 * nothing of it is left, and the file is as it was.
 */
enum reed_err reed_pack_run(struct packing *p);

/* What was made is not wanted. */
void reed_pack_forget(const struct packing *p);

#endif
