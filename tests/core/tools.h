/*
 * What the tests of the kernel are made with: a loop in a laboratory, an
 * owner, things to acquire, coroutines to torment.
 *
 * The laboratory's descriptors are real, but its clock moves only when the
 * loop waits: a sleep takes no time, and to the nanosecond what it should.
 */

#ifndef REED_TESTS_TOOLS_H
#define REED_TESTS_TOOLS_H

#include <stdatomic.h>

#include "core/private.h"
#include "reed/cell.h"
#include "reed/co.h"
#include "tests/check.h"

/* ---- the laboratory ---- */

extern struct reed_loop *loop;

struct memory {
	atomic_size_t live, total; /* allocations, also of threads */
	atomic_size_t bytes;       /* of those that live */
};

extern struct memory memory;

/* The last failure nobody heard of. */
struct unheard {
	int count;
	enum reed_err err;
	char what[64], why[128];
};

extern struct unheard unheard;

/* Counts allocations from here on; the one allocator hook of the process. */
void count_memory(void);

/* A loop of the laboratory; options may be NULL, its report of the unheard goes to `unheard`. */
struct reed_loop *lab_loop(const struct reed_loop_options *options);

/* Both ends of a test program: `loop` is made, and at the end nothing may be left. */
void lab_open(void);
void lab_close(void);

/* Moves the clock without a turn. */
void lab_pass(int64_t ns);

/* Nothing is ready, armed or watched. */
bool idle(void);

/* Turns until idle. */
void run(void);

/* Wakes one owner; or, when none is ready, lets events and time settle something. */
bool step(void);

void turns(int n);

/* ---- any loop ---- */

/* One turn, as reed_loop_turn(); of a loop inside another one of that, which gives it its own. */
extern void (*turn_loop)(struct reed_loop *loop, int64_t ns);

/* reed_loop_deadline(), but not of a foreign loop that lives inside this one. */
extern int64_t (*own_deadline)(struct reed_loop *loop);

/* Turns until so; one that waits for what does not come is a failure after ten seconds. */
#define until(so)                             \
	for (int turns_ = 0; !(so); turns_++) \
	patient_turn(turns_, __FILE__, __LINE__)
void patient_turn(int turns, const char *file, int line);

/*
 * Skips the whole test, with a word, where the system refuses io_uring.  Only the
 * first loop of a program tells that: a later one that does without is a failure.
 */
enum { SKIPPED = 77 }; /* ctest knows it */
void uring_or_skip(struct reed_loop *first);

/* Turns that wake nobody, until f has settled and its owner is about to be woken. */
void until_settled(const struct reed_future *f);

/*
 * Turns until nothing has happened for a few milliseconds.  Good for what must not
 * happen; what must is waited for by until(), as nobody knows how long it takes.
 */
void quiet(void);

/* Turns until nobody watches a descriptor, or waits for a time. */
void until_nothing_is_left(void);

uint64_t turns_so_far(void);

/* How many turns the loop makes in 200 ms. */
uint64_t turns_of_a_while(void);

/* ---- an owner ---- */

struct owner {
	struct reed_waiter waiter;
	int told;
	enum reed_err err;
	char why[256];
};

void own(struct owner *self, struct reed_future *f);
void disown(struct owner *self);

/* Turns until f has ended; then why_is() compares its sentence. */
enum reed_err outcome(struct reed_future *f);
bool why_is(const char *sentence);

/* ---- things to acquire ---- */

/* Adds one to *slot, ms from now.  Tokens are counted, wherever they are. */
struct reed_future *take(int64_t ms, int *slot);
extern int tokens;

/* What is tried when its owner wakes. */
struct flaky {
	int64_t ms;        /* until it is worth a try, and a try again */
	int not_yet;       /* tries that find nothing */
	bool at_once;      /* it is worth another one before they return */
	enum reed_err err; /* of the last one; a token is taken on success */
};

struct reed_future *flaky(struct flaky plan, int *slot);
extern int tries;

/* Has failed, saying "broken WHAT". */
struct reed_future *broken(const char *what);

/* ---- coroutines ---- */

/* Ends as f does. */
struct reed_future *await(struct reed_future *f);

/*
 * Takes two tokens in 11 ms and gives one to its caller.  When interrupted at
 * the second it says goodbye, which takes 5 ms.
 */
struct reed_future *fetch(int *out);
extern int goodbyes;

/* Fails, depth coroutines down; each may add a sentence. */
struct reed_future *layer(int depth, bool adds);

/* f inside combinators and coroutines, so that it ends as f does: 0 <= form < FORMS. */
enum { FORMS = 10 };
struct reed_future *wrapped(int form, struct reed_future *f);

/* ---- cells ---- */

struct pair {
	struct reed_cell a, b;
	struct reed_watch on_a, on_b;
	struct reed_union either;
};

void pair_init(struct pair *p);

#endif
