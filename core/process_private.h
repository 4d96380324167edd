/*
 * What the files of processes share.
 *
 * process.c        the life of a process, of whatever kind
 * os_process.c     those of the system: descriptors, signals, the end
 * os_spawn.c       the way from here to a running program
 * os_program.c     which program, with which environment
 * os_reap_*.c      how one hears of an end
 * sim_program.c    simulated ones
 * process_stream.c streams that own a process
 * run.c            all in one call
 */

#ifndef REED_PROCESS_PRIVATE_H
#define REED_PROCESS_PRIVATE_H

#include "private.h"
#include "reed/process.h"

/* What a kind of process brings along. */
struct reed_process_ops {
	enum reed_err (*signal)(struct reed_process *p, int signo);
	void (*stop)(struct reed_process *p); /* politely */
	void (*kill)(struct reed_process *p); /* rudely, it and what is left of its group */
	struct reed_stream *(*stream)(struct reed_process *p, int fd);
	struct reed_stream *(*dialogue)(struct reed_process *p);
	void (*hang_up)(struct reed_process *p); /* streams that nobody has asked for */
	void (*bury)(struct reed_process *p);    /* killed: waits for the end, not for long */
	void (*free)(struct reed_process *p);    /* the last call */
};

/* First member of every kind. */
struct reed_process {
	const struct reed_process_ops *ops;
	struct reed_loop *loop;
	struct reed_list link;  /* among all of the loop */
	struct reed_list waits; /* futures of reed_process_wait() */
	struct reed_timer killer;
	struct reed_exit exit;
	char *name;
	int pid;
	int64_t grace_ms;
	bool sweep;
	bool ended;
	bool unknown; /* how */
	bool closed;  /* the loop's */
	bool detached;
};

void reed_process_begin(struct reed_process *p, struct reed_loop *loop,
                        const struct reed_process_ops *ops,
                        const struct reed_process_options *options);

/* It has ended and is reaped; exit NULL: nobody knows how.  p may be gone after that. */
void reed_process_ended(struct reed_process *p, const struct reed_exit *exit);

/* Makes one; NULL and *fault when it cannot. */
struct reed_process *reed_os_spawn(struct reed_loop *loop,
                                   const struct reed_process_options *options,
                                   struct reed_fault **fault);
struct reed_process *reed_sim_spawn(struct reed_loop *loop,
                                    const struct reed_process_options *options,
                                    struct reed_fault **fault);

/* One stream of two, or of one, which it owns; and the process from then on. */
struct reed_stream *reed_process_join(struct reed_stream *reader, struct reed_stream *writer);
void reed_process_give(struct reed_process *p, struct reed_stream *joined);

#endif
