/*
 * The suites of a program, and whose loops they are put through.
 *
 * suites.c is main() of one that takes the name of a suite and that of a driver of
 * libreed's.  suites_kit.c is in its place where the loop is tied to a foreign one,
 * as an adapter of contrib/adapter-kit describes it: all suites of the program
 * run over the arrangement that is its argument.
 */

#ifndef REED_TESTS_SUITES_H
#define REED_TESTS_SUITES_H

#include "reed/loop.h"

struct suite {
	const char *name;
	void (*run)(void);
};

/* Those of the program; ends with an entry of nothing. */
extern const struct suite suites[];

void driver(void);
void driver_host(void);
void stream_end(void);
void stream_frame(void);
void stream_pull(void);
void stream_push(void);
void stream_session(void);
void stream_source(void);
void stream_write(void);
void dgram_pull(void);
void dgram_push(void);

/*
 * Most of the time of a suite is waiting, for silence above all.  So a program that
 * is called without REED_SHARE calls itself several times at once, with arguments as
 * for execv() and REED_SHARE=0, 1, ...: each does what is_mine() deals out to it, and
 * names that.  Returns the exit status of main().
 */
int in_shares(char *const *again, void (*work)(void));
bool is_mine(const char *of, const char *test);

/* A driver's name, also "sim"; or that of an arrangement, such as "libuv.guest". */
extern const char *loops_of;

/* REED_KINDS=few: what knows nothing of loops need not be asked again; campaigns do. */
bool of_few_kinds(void);

/* A loop such as the suites are put through, and its end; any number of them. */
struct reed_loop *open_loop(void);
enum reed_err try_open_loop(struct reed_loop **made);
void close_loop(struct reed_loop *of);

/*
 * Takes out a foreign loop that lives inside this one: it would keep it running, and
 * belongs to the thread it was made in.
 */
void leave_alone(struct reed_loop *of);

/* What a host hears that asks such a loop for its descriptor. */
enum reed_err hosting(void);

/* Whether libreed knows the loops by that name. */
bool is_driver(void);

/* libuv 1.44 leaks when it cannot begin; GLib and libevent end the program. */
bool survives_without_descriptors(void);

/* How many allocations a descriptor that is watched may cost the driver. */
size_t watch_cost(void);

#endif
