/*
 * Futures: one thing that will happen, later, once.
 *
 * A future says when, and whether it went well.  What it yields is written
 * where the caller asked: every asynchronous function takes the address of its
 * result as its last argument, and the place must outlive the future.
 *
 * A future has one owner.  Whoever is handed one must do exactly one of:
 * await it, pass it to a combinator (which then owns it), or drop it.
 *
 * Two moments, never one.  A future *settles* when its outcome is known, or
 * when it is worth a try.  That runs up through combinators at once and queues
 * the owner outside them all: a coroutine, a chain, a scope.  It is *delivered*
 * when the loop wakes that owner: what is left to do is attempted then, results
 * are written, and what lost is dropped.  Between the two nothing has happened
 * yet as far as anybody can tell, and a drop releases what had been acquired.
 *
 * Nothing runs under your feet: settling runs no code of yours, and the loop
 * wakes its queue in order, from its own stack.
 */

#ifndef REED_FUTURE_H
#define REED_FUTURE_H

#include "reed/err.h"
#include "reed/list.h"

REED_BEGIN_DECLS

struct reed_loop;
struct reed_future;
struct reed_binding;

/* What differs between one kind of future and another. */
struct reed_future_kind {
	const char *name; /* for traces */

	/* Let go of what would settle it.  May be NULL. */
	void (*cancel)(struct reed_future *f);

	/*
	 * Settled with success: do the work that is left, without handing
	 * anything over, and say how it ended.  REED_EAGAIN: not settled
	 * after all; whatever will settle it must be under way then.  Called
	 * once more after that only; a combinator's after success too, as its
	 * legs may have been closed since.  NULL: it ends as it was settled.
	 */
	enum reed_err (*attempt)(struct reed_future *f);

	/* Hand over what f->err allows.  Cannot fail.  May be NULL. */
	void (*deliver)(struct reed_future *f);

	/* The last call: release what was not handed over. */
	void (*free)(struct reed_future *f);

	/* What f waits for, counted from 0, NULL past the end.  NULL for a leaf. */
	struct reed_future *(*leg)(struct reed_future *f, int i);

	/* A leg has settled and f has not.  For combinators: it may only settle f. */
	void (*hear)(struct reed_future *f, struct reed_future *leg);

	/* A polite drop of its own making, once.  NULL: of a leaf, canceled at once. */
	void (*interrupt)(struct reed_future *f);
};

/*
 * Embedded by an owner.  The future is gone when wake() is called, from the
 * loop, and the fault, which may be NULL, belongs to whoever was woken.
 */
struct reed_waiter {
	void (*wake)(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault);
	struct reed_future *future; /* owned; NULL while not waiting */
};

/* Embedded by whatever will settle it. */
struct reed_future {
	const struct reed_future_kind *kind;
	struct reed_loop *loop;
	struct reed_future *parent; /* the combinator that owns it, or */
	struct reed_waiter *waiter; /* the owner to wake; both NULL: none yet */
	struct reed_list ready;     /* in the queue of the loop */
	struct reed_fault *fault;   /* owned; may be NULL */
	enum reed_err err;
	unsigned settled : 1;
	unsigned tried : 1; /* attempted; err is how it ends */
	unsigned interrupted : 1;
	unsigned shielded : 1;
	unsigned busy : 1;    /* its own code is running: */
	unsigned dropped : 1; /* a drop has to wait until that is over */
	unsigned reserved : 26;
};

/* ---- for those who hold one ---- */

/*
 * Cancels, at once: when this returns nothing more happens, nothing more is
 * written.  A future dropped by its own code goes when that code returns.
 * May be NULL.  Only the owner may drop.
 */
REED_API void reed_drop(struct reed_future *f);

/*
 * A polite drop: a leaf fails with REED_ECANCELED; a combinator passes it to
 * all legs and settles when all have; a coroutine sees the await it stands at
 * fail, and each later one too.  What has settled already is left as it is.
 */
REED_API void reed_interrupt(struct reed_future *f);

/*
 * What interrupts do not reach: reed_await(co, reed_shield(goodbye(self))).
 * Returns f.  Drops do reach it; give it a deadline.
 */
REED_API struct reed_future *reed_shield(struct reed_future *f);

/* From here on w owns f.  reed_unwait() takes it back and drops it. */
REED_API void reed_wait(struct reed_future *f, struct reed_waiter *w);
REED_API void reed_unwait(struct reed_loop *loop, struct reed_waiter *w);

/* ---- leaves ---- */

REED_API struct reed_future *reed_ready(struct reed_loop *loop, enum reed_err err);

/* Has failed with a sentence: return reed_failed(loop, REED_EINVAL, "no port in %s", text). */
#define reed_failed(loop, err, ...) \
	reed_failed_with((loop), reed_fault_new((err), NULL, __FILE__, __LINE__, __VA_ARGS__))
/* Takes over the fault, which is not NULL. */
REED_API struct reed_future *reed_failed_with(struct reed_loop *loop, struct reed_fault *fault);

/* Milliseconds; reed_sleep_ns() for the impatient. */
REED_API struct reed_future *reed_sleep(struct reed_loop *loop, int64_t ms);
REED_API struct reed_future *reed_sleep_ns(struct reed_loop *loop, int64_t ns);

/* Of a task that does the same again and again.  Zeroed but for every: begins when first asked. */
struct reed_beat {
	int64_t every;    /* ns, positive */
	int64_t next;     /* by reed_now() */
	uint64_t skipped; /* beats right before that one, as the task was not done by then */
};

/*
 * A sleep until the next beat: they do not drift, however long the task takes and the loop is
 * late.
 */
REED_API struct reed_future *reed_beat(struct reed_loop *loop, struct reed_beat *beat);

/* Settles when the turn after this one wakes its queue: lets others run. */
REED_API struct reed_future *reed_yield(struct reed_loop *loop);

/* Never settles; it can be dropped or interrupted. */
REED_API struct reed_future *reed_forever(struct reed_loop *loop);

/* ---- combinators: each owns the futures given to it ---- */

/* As f ends; REED_ETIMEDOUT when that takes longer than ms.  A timeout is a drop. */
REED_API struct reed_future *reed_within(int64_t ms, struct reed_future *f);

/* As the first leg ends, whose number is written to *which (which may be NULL). */
REED_API struct reed_future *reed_any_of(int *which, struct reed_future **fs);

/* When all legs are well, or one is not.  Delivers all results or none. */
REED_API struct reed_future *reed_all_of(struct reed_future **fs);

#ifndef __cplusplus
#define reed_any(which, ...) reed_any_of((which), (struct reed_future *[]){ __VA_ARGS__, NULL })
#define reed_all(...)        reed_all_of((struct reed_future *[]){ __VA_ARGS__, NULL })
#endif

/*
 * Chains, for code that is not a coroutine.  fn sees how f ended and returns
 * the future that comes next, or NULL to pass the outcome on unchanged.
 */
typedef struct reed_future *reed_then_fn(void *arg, enum reed_err err);
REED_API struct reed_future *reed_then(struct reed_future *f, reed_then_fn *fn, void *arg);

/*
 * The end of a chain: the loop owns f, and fn hears how it ended.  With fn
 * NULL a failure that is not REED_ECANCELED goes to the loop's report of
 * unheard failures.  What is in the background cannot be stopped; what must
 * stop lives in a scope.  When the loop is freed it is dropped, unheard.
 */
typedef void reed_done_fn(void *arg, enum reed_err err, const char *why);
REED_API void reed_background(struct reed_future *f, reed_done_fn *fn, void *arg);

/* ---- for those who make futures ---- */

REED_API void reed_future_init(struct reed_future *f, struct reed_loop *loop,
                               const struct reed_future_kind *kind);
/* Not with REED_EAGAIN, which is no outcome. */
REED_API void reed_settle(struct reed_future *f, enum reed_err err);

/* Settles f with an error and a sentence: reed_fail(f, REED_EPROTO, "the server said %s", s). */
#define reed_fail(f, err, ...) \
	reed_fail_with((f), reed_fault_new((err), NULL, __FILE__, __LINE__, __VA_ARGS__))
REED_API void reed_fail_with(struct reed_future *f, struct reed_fault *fault);

/* For combinators: own a leg; see what has become of it; end as it did; hand over. */
REED_API void reed_adopt(struct reed_future *f, struct reed_future *leg);
REED_API enum reed_err reed_attempt(struct reed_future *leg);
REED_API enum reed_err reed_end_as(struct reed_future *f, struct reed_future *leg);
REED_API void reed_deliver(struct reed_future *leg);

REED_END_DECLS

#ifdef __cplusplus
template <typename... Futures> inline reed_future *reed_any(int *which, Futures *...futures)
{
	reed_future *fs[] = { futures..., nullptr };
	return reed_any_of(which, fs);
}

template <typename... Futures> inline reed_future *reed_all(Futures *...futures)
{
	reed_future *fs[] = { futures..., nullptr };
	return reed_all_of(fs);
}
#endif

#endif
