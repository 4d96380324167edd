/* A protocol to try the push face with: each of its functions is checked, and does what a test says. */

#ifndef REED_TESTS_TALKER_H
#define REED_TESTS_TALKER_H

#include "tests/conformance/stream.h"

struct talker {
	struct reed_protocol protocol;
	size_t (*on_data)(struct talker *self, struct reed_slice in);
	void (*on_end)(struct talker *self);
	void (*on_interrupt)(struct talker *self);
	bool inside; /* one of its functions runs */
	int shown, ended, interrupted, freed;
	enum reed_err end;
	size_t at;                 /* how much it has seen, or where in the pattern it is */
	struct owner *owner;       /* of the session */
	struct reed_stream *fresh; /* to go on over */
};

typedef size_t talker_data_fn(struct talker *self, struct reed_slice in);

/* All functions; and data() and free() only. */
extern const struct reed_protocol_ops polite_ops, plain_ops;

extern struct talker t;
extern struct owner session;

/* A session of t over `us`, which is the session's then. */
struct reed_future *begin(const struct reed_protocol_ops *ops, talker_data_fn *on_data);

/* The same, owned by `session`. */
void attach(const struct reed_protocol_ops *ops, talker_data_fn *on_data);

/* Turns until the session has ended. */
void ends(enum reed_err err);

/* ---- what data() may do ---- */

talker_data_fn take_all;
talker_data_fn echo_line; /* answers one line with itself, or none */
talker_data_fn echo_lines;

#endif
