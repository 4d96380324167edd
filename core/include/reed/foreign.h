/*
 * A foreign loop below Reed's: the driver of a loop made of three functions.
 *
 * Reed's loop over a foreign one waits by giving that a turn, so both make
 * progress in reed_loop_run(), and callbacks of both are called in one thread.
 * A loop that can watch descriptors and make one turn of limited length can be
 * used so; one that has a descriptor and tells its deadline may rather be an
 * inner loop (reed/embed.h).
 *
 * The adapter embeds struct reed_foreign, and for each descriptor keeps its own
 * handle in struct reed_foreign_watch.
 */

#ifndef REED_FOREIGN_H
#define REED_FOREIGN_H

#include "reed/driver.h"

REED_BEGIN_DECLS

struct reed_foreign;

struct reed_foreign_watch {
	struct reed_foreign *foreign;
	void *handle; /* the adapter's; NULL at first */
	int fd;
	/* of the kernel */
	unsigned got;
	struct reed_fd_watch *watch;
	struct reed_list link;
};

struct reed_foreign_ops {
	const char *name;

	/*
	 * Watches w->fd for these events, level-triggered, instead of those
	 * before; 0 ends it and frees the handle, and the foreign loop must
	 * have forgotten the number when this returns.  Never called for files.
	 * What is ready is told with reed_foreign_tell().
	 */
	enum reed_err (*watch)(struct reed_foreign *self, struct reed_foreign_watch *w,
	                       unsigned events);

	/*
	 * One turn of the foreign loop, which waits for at most ns (REED_NEVER,
	 * 0: not at all) and returns when anything was called.
	 */
	void (*turn)(struct reed_foreign *self, int64_t ns);

	/* The last call; nothing is watched any more. */
	void (*close)(struct reed_foreign *self);
};

/* Embedded; zeroed but for ops. */
struct reed_foreign {
	const struct reed_foreign_ops *ops;
	/* of the kernel */
	struct reed_driver driver;
	struct reed_driver_ops driver_ops;
	struct reed_foreign_watch wakeup;
	struct reed_foreign_watch **slots;
	int *unused; /* numbers of slots */
	int slot_count, unused_count;
	int wakeup_fds[2];
	struct reed_list ready;
	void *reserved[2];
};

/* A loop over it, which closes it in the end.  After an error close() has been called. */
REED_API enum reed_err reed_foreign_loop_new(const struct reed_loop_options *options,
                                             struct reed_foreign *foreign, struct reed_loop **loop);

/* From inside turn(): w is ready.  An error or hang-up: both events. */
REED_API void reed_foreign_tell(struct reed_foreign_watch *w, unsigned events);

REED_END_DECLS

#endif
