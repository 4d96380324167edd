/*
 * Coroutines: straight-line code over futures, every suspension in sight.
 *
 * A coroutine is a frame and a function.  The frame is a struct whose first
 * member is `struct reed_co co`; what must survive an await lives in it.  The
 * function is entered anew at each step and resumes inside reed_coroutine():
 *
 *	static void greet_run(struct reed_co *co)
 *	{
 *		struct greet *self = reed_frame(co, struct greet);
 *
 *		reed_coroutine (co) {
 *			reed_try(co, reed_sleep(co->loop, 100));
 *			puts(self->name);
 *		}
 *	}
 *
 * Only reed_await() and reed_try() suspend, and they always do.  Reaching the
 * end of the block is success.
 *
 * Two rules, both checked by the compiler: a local initialised inside the
 * block must not be in scope at an await (-Wjump-misses-init), and there is at
 * most one await to a line (duplicate case).  And one checked at run time: no
 * await inside a switch of your own.
 *
 * C only: C++ forbids the jumps.
 */

#ifndef REED_CO_H
#define REED_CO_H

#include "reed/future.h"
#include "reed/loop.h"

struct reed_co;

struct reed_co_kind {
	const char *name;
	size_t size; /* of the frame */
	void (*run)(struct reed_co *co);
	void (*deliver)(struct reed_co *co); /* succeeded: give the caller what it asked for */
	void (*end)(struct reed_co *co);     /* once, last: release what the frame still owns */
};                                           /* deliver and end may be NULL */

struct reed_co {
	struct reed_future future; /* what the caller holds */
	struct reed_future now;    /* settled at once: the start, a canceled await */
	struct reed_waiter waiter; /* owns what is awaited */
	struct reed_loop *loop;
	const struct reed_co_kind *kind;
	struct reed_fault *fault; /* of the last await; may be NULL */
	enum reed_err err;        /* how the last await ended */
	enum reed_err result;     /* how the coroutine will end */
	const char *file;         /* where it waits */
	int line;                 /* 0 before the start */
	unsigned number;          /* of the task, for schedules of a simulation; else 0 */
	int64_t since;            /* reed_now() when it began to wait */
	struct reed_list task;    /* among all of the loop */
	struct reed_binding *locals;
};

#define reed_frame(co_, type) reed_container_of((co_), type, co)

/* A zeroed frame.  Fill it in, then start it. */
REED_API void *reed_co_new(struct reed_loop *loop, const struct reed_co_kind *kind);

/* Hands the coroutine to the loop; its first step runs when the queue gets there. */
REED_API struct reed_future *reed_start(struct reed_co *co);

/* Why the last await failed, in a sentence; never NULL, valid until the next await. */
REED_API const char *reed_co_why(const struct reed_co *co);

/* Puts a sentence of yours before it; returns err: reed_return(co, reed_because(co, err, ...)). */
#define reed_because(co, err, ...) reed_because_at((co), (err), __FILE__, __LINE__, __VA_ARGS__)
REED_API enum reed_err reed_because_at(struct reed_co *co, enum reed_err err, const char *file,
                                       int line, const char *format, ...) REED_PRINTF(5, 6);

/* Hands the fault of the last await to the caller, who frees it; may be NULL. */
REED_API struct reed_fault *reed_co_take_fault(struct reed_co *co);

REED_API void reed_co_wait(struct reed_co *co, struct reed_future *f, const char *file, int line);
REED_API REED_NORETURN void reed_co_lost(const struct reed_co *co);

/* A switch whose first leg is entered only by a resume nobody left a case for. */
#define reed_coroutine(co)                 \
	switch ((co)->line)                \
	default:                           \
		for (reed_co_lost(co); 0;) \
		case 0:

/* Suspend until future is delivered; co->err says how it ended. */
#define reed_await(co, future)                                    \
	do {                                                      \
		reed_co_wait((co), (future), __FILE__, __LINE__); \
		return;                                           \
	case __LINE__:;                                           \
	} while (0)

/* The same; an error ends the coroutine with that error and its fault. */
#define reed_try(co, future)                                      \
	do {                                                      \
		reed_co_wait((co), (future), __FILE__, __LINE__); \
		return;                                           \
	case __LINE__:                                            \
		if ((co)->err)                                    \
			reed_return((co), (co)->err);             \
	} while (0)

/* End here.  An error that is still co->err takes its fault along. */
#define reed_return(co, how)          \
	do {                          \
		(co)->result = (how); \
		return;               \
	} while (0)

/*
 * reed_no_await { ... }: a block in which an await does not compile, because
 * what it would call is a variable there.  As an await is never hidden in a
 * function, nothing else can run before the block ends.  A break leaves it.
 */
#define reed_no_await \
	for (const char *reed_co_wait = "no await in here"; reed_co_wait; reed_co_wait = NULL)

/*
 * Task-local values.  A key is an object of its own; a value set in a task is
 * seen by it and by what it starts from then on: coroutines, chains, sessions.
 * Values are not owned and must outlive those tasks.
 */
struct reed_local {
	const char *name;
};

REED_API void reed_local_set(struct reed_loop *loop, const struct reed_local *key, void *value);
/* A value from reed_alloc(), which is freed with the last of those tasks. */
REED_API void reed_local_give(struct reed_loop *loop, const struct reed_local *key, void *value);
/* NULL when never set on the way here. */
REED_API void *reed_local_get(const struct reed_loop *loop, const struct reed_local *key);

/*
 * A program of one coroutine, or of whatever future start() returns.  SIGINT
 * and SIGTERM interrupt it, a second one drops it; SIGPIPE is ignored.  A
 * failure is told on stderr.  Returns what main() should: 0, 1, or 128 + signal.
 */
typedef struct reed_future *reed_main_fn(struct reed_loop *loop, int argc, char **argv);
REED_API int reed_main(int argc, char **argv, reed_main_fn *start);

#endif
