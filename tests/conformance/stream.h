/*
 * What every kind of stream is put through.
 *
 * A test is a function over two connected ends, us and them, which it may close
 * and set to NULL; it is run over each kind of the table in stream_kinds.c,
 * which grows by a line.  The driver "sim" has
 * kinds of its own.
 */

#ifndef REED_TESTS_STREAM_H
#define REED_TESTS_STREAM_H

#include "core/os.h"
#include "reed/scope.h"
#include "reed/sim.h"
#include "tests/conformance/suites.h"
#include "tests/core/tools.h"

struct kind {
	const char *name;

	/* Two ends of one; false, having said why, where the system has no such thing. */
	bool (*make)(struct reed_loop *on, struct reed_stream **one, struct reed_stream **other);

	/* The world it is of; NULL: the system's. */
	const struct reed_sim_options *world;

	bool resets; /* who aborts is heard: TCP, and what lies over it and passes an abort on */
};

extern const struct kind kinds[];
extern const size_t kind_count;
extern const size_t few_kind_count; /* the first of them, when few will do */

/* For the driver "sim"; see stream_sim.c. */
extern const struct kind simulated_kinds[];
extern const size_t simulated_kind_count;

extern const struct kind *kind; /* the present one */
extern struct reed_stream *them, *us;

/* One more pair of the present kind. */
void make_pair(struct reed_stream **one, struct reed_stream **other);

/* The loop, and the world it is in; for a test that looks what they let go of. */
void free_loop(void);

/* What the driver may allocate for n descriptors more. */
size_t for_watches(size_t n);
void over_each_kind(void (*test)(void), const char *name);
#define RUN_OVER_EACH(test) over_each_kind(test, #test)

/* ---- short words ---- */

extern struct reed_slice got; /* of the last read */

void say(struct reed_stream *s, const char *text);
void shut(struct reed_stream **s); /* reed_close(), and forgets it */
void cut(struct reed_stream **s);  /* reed_abort(), and forgets it */

/* Turns until f has ended. */
enum reed_err ends_as(struct reed_future *f);

/* The next line, or the next bytes, are these. */
void hears_line(struct reed_stream *s, const char *line);
void hears(struct reed_stream *s, const char *bytes);
void hears_end(struct reed_stream *s);

/* Reads what comes until there are n more, and checks that it is the pattern from *at on. */
void hears_pattern(struct reed_stream *s, size_t n, size_t *at);
/* n bytes of a pattern that does not repeat soon, from at on; good until the next call. */
struct reed_slice pattern(size_t at, size_t n);

/* Writes that pattern from *at on until more than high is queued. */
void fill_up(struct reed_stream *s, size_t *at);

/* Small numbers for tests of limits. */
extern const struct reed_stream_limits small_limits;

/*
 * The kind's write() of one stream, counted; and how many bytes it may take
 * from now on before it says that it takes no more.
 */
void count_writes(struct reed_stream *s);
int writes_counted(void);
extern size_t ration;

/* A stream made from one of any kind; see scramble.c. */
struct reed_stream *scramble(struct reed_stream *below);
/* The same, in records that end and hold bytes back in both directions; see records.c. */
struct reed_stream *in_records(struct reed_stream *below);

/* A TLS client and server over a pair, when they have shaken hands; see tls_kinds.c. */
void over_tls(struct reed_stream **one, struct reed_stream **other);

/* Both ends logged, or throttled; connected through a proxy, or behind one; see wrap_kinds.c. */
void over_log(struct reed_stream **one, struct reed_stream **other);
void over_throttle(struct reed_stream **one, struct reed_stream **other);
void through_socks(struct reed_stream **one, struct reed_stream **other);
void through_connect(struct reed_stream **one, struct reed_stream **other);
void behind_proxy(struct reed_stream **one, struct reed_stream **other);

#endif
