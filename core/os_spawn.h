/* From here to a running program. */

#ifndef REED_OS_SPAWN_H
#define REED_OS_SPAWN_H

#include "process_private.h"

struct rusage;

/* A descriptor of ours, and which one of the child's it becomes. */
struct reed_spawn_map {
	int from, to;
};

enum reed_spawn_step {
	REED_SPAWN_CLONE,
	REED_SPAWN_GROUP,
	REED_SPAWN_TERMINAL,
	REED_SPAWN_MAP,   /* `which` is the place in the map */
	REED_SPAWN_LIMIT, /* in the limits */
	REED_SPAWN_GROUPS,
	REED_SPAWN_GID,
	REED_SPAWN_UID,
	REED_SPAWN_DIRECTORY,
	REED_SPAWN_EXEC, /* in the programs */
};

/* Everything the child needs, made before there is one: it must not allocate. */
struct reed_spawn_plan {
	const struct reed_process_options *options;
	char *const *env;
	char **programs;            /* to be tried in this order */
	struct reed_spawn_map *map; /* sorted by `to`; the child writes into it */
	size_t map_count;
	int terminal; /* our descriptor of it, or -1 */
	bool session, group;

	/* What became of it, written by the child. */
	enum reed_spawn_step step;
	size_t which;
	int err; /* errno; 0: the program runs */
};

/* pidfd may come out as -1 where there is no such thing.  False: the plan says why. */
bool reed_spawn_go(struct reed_spawn_plan *plan, int *pid, int *pidfd);

/* ---- descriptors (os_child_fds.c) ---- */

/* Our end of a descriptor of the child. */
struct reed_child_end {
	int fd;   /* the child's */
	int ours; /* -1: somebody has it */
};

struct reed_child_fds {
	struct reed_spawn_map *map;
	struct reed_child_end *ends;
	int *theirs; /* closed here once the child has them */
	size_t map_count, end_count, their_count;
	int null, master, slave; /* -1 when not needed */
};

/* NULL when all are open.  Close in any case; ends taken over are counted out before. */
struct reed_fault *reed_child_fds_open(struct reed_child_fds *fds,
                                       const struct reed_process_options *options);
void reed_child_fds_close(struct reed_child_fds *fds);

/* ---- program and environment (os_program.c) ---- */

/* The lists end with NULL; free them by the second. */
void reed_spawn_program(struct reed_spawn_plan *plan);
void reed_spawn_program_finish(struct reed_spawn_plan *plan);

/* Why the program does not run, in a sentence. */
struct reed_fault *reed_spawn_fault(const struct reed_spawn_plan *plan);

/* ---- terminals (os_terminal.c) ---- */

/* Both ends; neither is inherited, and neither becomes ours. */
enum reed_err reed_terminal_open(struct reed_terminal_size size, int *master, int *slave);

/* ---- the end (os_reap_*.c) ---- */

/* Embedded; ended() is called once, from the loop. */
struct reed_reap {
	struct reed_loop *loop;
	struct reed_fd_watch watch;
	struct reed_list link;
	int pid;
	bool (*try)(struct reed_reap *r); /* reaps if it has ended; r may be gone then */
};

/* Before the spawn, so that no end is missed. */
enum reed_err reed_reap_prepare(struct reed_loop *loop);
/* Owns pidfd. */
void reed_reap_start(struct reed_reap *r, int pidfd);
void reed_reap_stop(struct reed_reap *r);

#endif
