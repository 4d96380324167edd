/*
 * What every kind of datagram socket is put through.
 *
 * A test is a function over two sockets that reach each other, us and them; it
 * is run over each kind of the table in dgram_tools.c; the driver "sim" has kinds of
 * its own.
 */

#ifndef REED_TESTS_DGRAM_H
#define REED_TESTS_DGRAM_H

#include "core/dgram_private.h"
#include "reed/dgram.h"
#include "reed/sim.h"
#include "tests/conformance/suites.h"
#include "tests/core/tools.h"

struct kind {
	const char *name;
	enum reed_family family;
	bool they_connect, we_connect; /* to the other one */
	const char *at;                /* where we are bound */
};

extern const struct kind *kind;
extern struct reed_dgram *them, *us;
extern struct reed_sim *sim;              /* NULL: the loop is of the system */
extern struct reed_dgram_options options; /* of the pair; reset for each test */

extern const struct kind kinds[], simulated_kinds[];
extern const size_t kind_count, simulated_kind_count;

void over_each_kind(void (*test)(void), const char *name);
#define RUN_OVER_EACH(test) over_each_kind(test, #test)

/* us and them, anew, with the present options. */
void make_pair(void);
void close_pair(void);

/* A socket where us could be: port 0, or a fresh path. */
struct reed_address fresh_address(void);

/* ---- short words ---- */

extern struct reed_datagram got;

enum reed_err ends_as(struct reed_future *f);
/* From one to the other. */
enum reed_err send_slice(struct reed_dgram *from, struct reed_slice data);
void say(struct reed_dgram *from, const char *text);
/* The next one is this. */
void hears(struct reed_dgram *d, const char *text);
void hears_nothing(struct reed_dgram *d);
const struct reed_address *address_of(const struct reed_dgram *d);
struct reed_slice pattern(size_t n);

#endif
