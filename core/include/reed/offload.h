/*
 * Offload: what can only block (SQLite, key derivation, file reads) runs in
 * threads, and its result comes home as a future.
 *
 * A job is a frame and three functions.  run() is called in a thread and may
 * touch the frame, what it alone points to, and nothing else of Reed but
 * memory and faults: no loop, no future, no log.  deliver() and end() are
 * called in the loop's thread.
 *
 * A job that is dropped or interrupted while it is queued never runs, unless
 * its kind says so.  One that is running already runs to its end; end() is
 * called when it has come home, and nothing is delivered.  A loop with jobs under way does not end
 * reed_loop_run().
 *
 * The pool of a loop starts up to four threads, when they are needed.  A lane
 * has one thread, which runs its jobs one after another in the order they came:
 * for a store that must not be used by two at once.  All signals are blocked
 * in these threads.  Queues are bounded: a job too many fails with
 * REED_ETOOBIG.
 *
 * Under simulation there are no threads: a job runs in the loop's thread, when
 * the ready queue gets to it, the jobs of a lane in their order, in no time or
 * after as much as the options of the simulation say.  A host that crashes does
 * not run those that are queued, but for kinds with always.
 */

#ifndef REED_OFFLOAD_H
#define REED_OFFLOAD_H

#include "reed/loop.h"

REED_BEGIN_DECLS

struct reed_job;
struct reed_lane;

struct reed_job_kind {
	const char *name;
	size_t size;                                /* of the frame */
	enum reed_err (*run)(struct reed_job *job); /* in a thread; see reed_job_fail() */
	void (*deliver)(struct reed_job *job); /* succeeded: give the caller what it asked for */
	void (*end)(struct reed_job *job);     /* once, last: release what the frame owns */
	bool always;                           /* a drop does not take it out of the queue */
};                                             /* deliver and end may be NULL */

/* First member of every frame. */
struct reed_job {
	struct reed_future future;
	struct reed_post post;
	struct reed_list link;      /* in the queue, or among those that run */
	struct reed_list under_way; /* among all of its lane that have not come home */
	const struct reed_job_kind *kind;
	struct reed_lane *lane;
	struct reed_fault *fault; /* of run(); owned */
	enum reed_err result;
	bool queued;          /* under the lock of the queue */
	bool away, abandoned; /* not home; nobody waits for it */
	void *reserved[2];
};

#define reed_job_frame(job_, type) reed_container_of((job_), type, job)

/* A zeroed frame.  Fill it in, then hand it to one of the next two. */
REED_API void *reed_job_new(struct reed_loop *loop, const struct reed_job_kind *kind);

/* Runs in the pool of the loop, at the same time as others. */
REED_API struct reed_future *reed_offload(struct reed_job *job);

/* Runs when what was given to the lane before has run. */
REED_API struct reed_future *reed_lane_run(struct reed_lane *lane, struct reed_job *job);

/* Fails with a sentence: return reed_job_fail(job, REED_EIO, "%s: no such key", name). */
#define reed_job_fail(job, err, ...) reed_job_fail_at((job), (err), __FILE__, __LINE__, __VA_ARGS__)
REED_API enum reed_err reed_job_fail_at(struct reed_job *job, enum reed_err err, const char *file,
                                        int line, const char *format, ...) REED_PRINTF(5, 6);

/* limit is of jobs queued at once; 0: 1024.  name is for debuggers and must outlive the lane. */
REED_API struct reed_lane *reed_lane_new(struct reed_loop *loop, const char *name, size_t limit);

/* What was given to it still runs; nothing may be given to it any more.  May be NULL. */
REED_API void reed_lane_close(struct reed_lane *lane);

/* The same after a last job, which is not refused even when the queue is full. */
REED_API struct reed_future *reed_lane_close_with(struct reed_lane *lane, struct reed_job *last);

/* For the pool, before its first job; 0 is the default: 4 threads, 1024 jobs queued. */
REED_API void reed_offload_limits(struct reed_loop *loop, unsigned threads, size_t limit);

struct reed_offload_stats {
	size_t size;      /* set by the caller */
	size_t threads;   /* started; in the pool and in lanes */
	size_t under_way; /* jobs queued or running */
	uint64_t jobs;    /* given so far */
};

REED_API void reed_offload_stats(const struct reed_loop *loop, struct reed_offload_stats *stats);

REED_END_DECLS

#endif
