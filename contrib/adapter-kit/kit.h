/*
 * What every adapter between Reed's loop and another must pass.
 *
 * An arrangement of two loops in one thread is one struct kit_adapter, and a
 * program: main() calls kit_run().  Build it with the address sanitizer; it
 * says what passed, what was measured, and what the arrangement leaves out.
 * README.md tells what each test wants and why.
 */

#ifndef KIT_H
#define KIT_H

#include <stdio.h>
#include <stdlib.h>

#include <reed/loop.h>

/* Told in the thread of both loops. */
typedef void kit_fn(void *arg);

struct kit_adapter {
	const char *name; /* such as "libuv.guest" */

	/* A foreign loop, and its end: nothing of it is left after that. */
	void *(*foreign_new)(void);
	void (*foreign_free)(void *foreign);

	/*
	 * Ties the two together, and parts them: at any time, from inside
	 * callbacks of either.  NULL for Reed over the foreign loop: such a loop
	 * is made by loop_new(), and parts only with reed_loop_free().
	 */
	enum reed_err (*attach)(struct reed_loop *loop, void *foreign, void **tie);
	void (*detach)(void *tie);
	enum reed_err (*loop_new)(void *foreign,
	                          struct reed_loop **loop); /* NULL: reed_loop_new() */

	/* One turn of the outer loop: waits until something happens, and does it. */
	void (*turn)(struct reed_loop *loop, void *foreign);

	/* One turn of the foreign loop by itself, when nothing is tied to it. */
	void (*foreign_turn)(void *foreign);

	/* A timer of the foreign loop, again and again until freed; it may be freed in its call. */
	void *(*timer_new)(void *foreign, int ms, kit_fn *fn, void *arg);
	void (*timer_free)(void *timer);

	/* Tells in every turn while fd is readable, until freed. */
	void *(*watch_new)(void *foreign, int fd, kit_fn *fn, void *arg);
	void (*watch_free)(void *watch);
};

/* The end of the program's main(): 0 when all tests passed; a test that fails aborts. */
int kit_run(const struct kit_adapter *adapter);

/* ---- for the tests ---- */

extern const struct kit_adapter *kit;
extern struct reed_loop *kit_loop;
extern void *kit_foreign;

#define require(so)                                                                              \
	do {                                                                                     \
		if (!(so)) {                                                                     \
			fprintf(stderr, "%s:%d: %s: not so: %s\n", __FILE__, __LINE__, __func__, \
			        #so);                                                            \
			abort();                                                                 \
		}                                                                                \
	} while (0)

/* Turns of the outer loop until so. */
#define kit_until(so) \
	while (!(so)) \
	kit->turn(kit_loop, kit_foreign)

/* Parts the two loops, and ties them again. */
void kit_part(void);
void kit_tie(void);

struct kit_test {
	const char *name;
	void (*run)(void);
	bool parts; /* is left out where the loops cannot be parted */
};

/* Each ends with an entry of nothing. */
extern const struct kit_test kit_time_tests[], kit_io_tests[], kit_life_tests[];

/* A timer of Reed's that calls fn once. */
struct kit_alarm {
	struct reed_timer timer;
	kit_fn *fn;
	void *arg;
};

void kit_alarm(struct kit_alarm *alarm, int ms, kit_fn *fn, void *arg);
void kit_count(void *arg); /* adds one to *(int *)arg */
int64_t kit_now(void);     /* monotonic, ns */

/* How many descriptors the process has open. */
int kit_descriptors(void);

#endif
