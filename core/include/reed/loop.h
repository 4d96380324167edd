/*
 * The loop: one per thread, any number per process, restartable.
 *
 * A turn is: wait for the system, read the clock once, fire what is due, note
 * which descriptors are ready, wake the ready queue in FIFO order, run what
 * waits for the end of the turn.  Timers, posts and wakes are a bounded number,
 * so that nobody starves the descriptors, or a host.  Everything is called
 * from the loop's own stack.
 *
 * Times are nanoseconds of a monotonic clock, read once a turn.  Only
 * reed_post() and reed_loop_call() may be called by another thread.
 *
 * Signal masks, SIGPIPE, SIGCHLD and the locale are left as found; a signal is
 * blocked in the loop's thread only while somebody here watches it.
 */

#ifndef REED_LOOP_H
#define REED_LOOP_H

#include "reed/future.h"

REED_BEGIN_DECLS

#define REED_NEVER  INT64_MAX
#define REED_US(us) ((int64_t)(us)*1000)
#define REED_MS(ms) ((int64_t)(ms)*1000000)
#define REED_S(s)   ((int64_t)(s)*1000000000)

struct reed_loop;

struct reed_loop_options {
	size_t size;        /* of this struct */
	const char *driver; /* "auto", "epoll", "poll", "uring"; NULL: $REED_DRIVER, else auto */
	/* A failure that nobody heard of.  NULL: an error in the log. */
	void (*unheard)(void *arg, struct reed_loop *loop, const char *what, enum reed_err err,
	                const char *why);
	void *arg;
	uint64_t shuffle; /* not 0: the ready queue is shuffled by this seed */
};

#define REED_LOOP_OPTIONS                                \
	{                                                \
		.size = sizeof(struct reed_loop_options) \
	}

/*
 * options may be NULL.  REED_ENOTSUP: no such driver here; REED_EMFILE.  Where the
 * system refuses io_uring, "uring" is what "auto" is, and the log says so.
 */
REED_API enum reed_err reed_loop_new(const struct reed_loop_options *options,
                                     struct reed_loop **loop);

/* Nothing of the caller's may wait in it any more.  May be NULL. */
REED_API void reed_loop_free(struct reed_loop *loop);

/* Turns until nothing is left to wait for, or reed_loop_stop(). */
REED_API void reed_loop_run(struct reed_loop *loop);
REED_API void reed_loop_stop(struct reed_loop *loop);

/* Turns until f has ended, and says how.  fault may be NULL; else it is the caller's. */
REED_API enum reed_err reed_loop_run_until(struct reed_loop *loop, struct reed_future *f,
                                           struct reed_fault **fault);

/* One turn, which waits for longest_ns at the most.  Not from inside a turn. */
REED_API void reed_loop_turn(struct reed_loop *loop, int64_t longest_ns);

/*
 * For a host with a loop of its own: poll the descriptor for reading, and call
 * reed_loop_turn(loop, 0) whenever it is.  It covers timers, the ready queue
 * and posts.  REED_ENOTSUP with a driver that has none (poll); REED_EMFILE.
 * reed/embed.h has more for hosts, and their end.
 */
REED_API enum reed_err reed_loop_fd(struct reed_loop *loop, int *fd);

/* When the next timer is due, perhaps too early; 0 when there is work now; REED_NEVER. */
REED_API int64_t reed_loop_deadline(struct reed_loop *loop);

/* The clock as of this turn.  Never goes back. */
REED_API int64_t reed_now(const struct reed_loop *loop);

/* "epoll", "poll", "uring", "sim"; or of the loop that this one is over, as "libuv". */
REED_API const char *reed_loop_driver(const struct reed_loop *loop);

/* Clock, network and threads are make-believe: everything happens in the loop's thread. */
REED_API bool reed_loop_simulated(const struct reed_loop *loop);

struct reed_loop_stats {
	size_t size; /* set by the caller */
	uint64_t turns, wakes, events, timers_fired, posts;
	size_t watches, tasks;            /* now */
	uint64_t bytes_in, bytes_out;     /* of all streams */
	size_t input_held, output_held;   /* memory of their buffers, now */
	uint64_t input_full, output_full; /* how often they met the limit of those */
};

REED_API void reed_loop_stats(const struct reed_loop *loop, struct reed_loop_stats *stats);

/* ---- timers ---- */

/*
 * Fires in the order of deadlines, then of starts, never in the turn it was
 * started in.  Embedded; zeroed but for fire is a stopped one.
 */
struct reed_timer {
	struct reed_list link;
	int64_t at; /* reed_now() when it is due */
	void (*fire)(struct reed_timer *t);
};

/* Starts anew if it was running. */
REED_API void reed_timer_start(struct reed_loop *loop, struct reed_timer *t, int64_t ns);

/* Does nothing if it was not running. */
REED_API void reed_timer_stop(struct reed_timer *t);

static inline bool reed_timer_running(const struct reed_timer *t)
{
	return reed_linked(&t->link);
}

/* ---- descriptors ---- */

enum reed_events {
	REED_READ = 1,
	REED_WRITE = 4,
};

/*
 * Level-triggered interest in a descriptor.  Embedded; zeroed but for loop, fd
 * and ready.  Interest is added at once and taken back lazily, when an event
 * came that nobody wanted.  An error or hang-up counts as whatever is wanted.
 * One watch to a descriptor.
 */
struct reed_fd_watch {
	struct reed_loop *loop;
	void (*ready)(struct reed_fd_watch *w, unsigned events);
	int fd;   /* of the caller, who closes it after reed_fd_unwatch() */
	int slot; /* of the driver */
	unsigned char wanted, armed;
	bool idle;             /* does not keep reed_loop_run() running */
	bool always;           /* a file, which the system says is always ready */
	bool exclusive;        /* others watch it too, and it is enough that one is told (epoll) */
	struct reed_list link; /* of the loop */
};

REED_API void reed_fd_watch(struct reed_fd_watch *w, unsigned events);
REED_API void reed_fd_unwatch(struct reed_fd_watch *w);

/* ---- the end of the turn ---- */

/* Something to run once when this turn ends, such as a flush.  Embedded. */
struct reed_last {
	struct reed_list link;
	void (*run)(struct reed_last *last);
};

REED_API void reed_at_turn_end(struct reed_loop *loop, struct reed_last *last);

/* ---- other threads ---- */

/* What another thread leaves; the memory belongs to run() from then on. */
struct reed_post {
	struct reed_post *next;
	void (*run)(struct reed_post *post);
};

/* The only call that signal handlers may make; other threads may make the next as well. */
REED_API void reed_post(struct reed_loop *loop, struct reed_post *post);

/* In the loop's thread. */
typedef struct reed_future *reed_call_fn(void *arg, struct reed_loop *loop);

/*
 * For another thread, which waits for it: calls fn in the loop's thread, and returns how its
 * future ended.  *fault is the caller's; fault may be NULL.  REED_ECANCELED: the loop was freed
 * before; it has to be there when this is called, and nobody may free it from inside fn.  In the
 * loop's own thread, and under simulation, it would wait for ever.
 */
REED_API enum reed_err reed_loop_call(struct reed_loop *loop, reed_call_fn *fn, void *arg,
                                      struct reed_fault **fault);

/* ---- signals and children ---- */

/* Settles when the signal comes.  It is blocked in this thread from the call on. */
REED_API struct reed_future *reed_signal(struct reed_loop *loop, int signo);

/*
 * Settles when the child has ended, and reaps it: *status as of waitpid().
 * REED_ENOENT: no child of this process, or reaped already.  Dropping it
 * reaps nothing.
 */
REED_API struct reed_future *reed_child(struct reed_loop *loop, int pid, int *status);

/* ---- what is waited for ---- */

/* Prints what f waits for, as a tree of coroutines and combinators, with file:line and age. */
REED_API void reed_trace(FILE *out, struct reed_future *f);

/* The same for every task of the loop. */
REED_API void reed_trace_all(FILE *out, struct reed_loop *loop);

/*
 * The same for programs, a tree on each line: {"task":NAME,"file":FILE,"line":N,
 * "age":SECONDS,"waits":[...]}, without place and age before it has started; what
 * is no coroutine is {"wait":NAME}, with waits of its own if it combines.
 */
REED_API void reed_trace_all_json(FILE *out, struct reed_loop *loop);

REED_END_DECLS

#endif
