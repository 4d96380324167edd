/*
 * Streams that let bytes pass as they are: made from a stream, which they own,
 * and looking at what goes, or letting it go at times of their choosing.
 */

#ifndef REED_PASS_H
#define REED_PASS_H

#include "private.h"

enum reed_way { REED_IN, REED_OUT };

struct reed_pass;

struct reed_pass_ops {
	/*
	 * How many of n bytes may go now.  0: none, and reed_pass_resume() will
	 * be called.  NULL: all.
	 */
	size_t (*may)(struct reed_pass *self, enum reed_way way, size_t n);

	/* These have gone.  May be NULL. */
	void (*went)(struct reed_pass *self, enum reed_way way, struct reed_slice bytes);

	/* That way has ended; err is REED_EEOF when it did as it should.  May be NULL. */
	void (*ended)(struct reed_pass *self, enum reed_way way, enum reed_err err);

	/* The last call.  Releases what the kind owns, not self. */
	void (*free)(struct reed_pass *self);
};

/* First member of every kind. */
struct reed_pass {
	struct reed_stream stream;
	struct reed_stream *below;
	const struct reed_pass_ops *ops;
	unsigned top_wants;
	bool held[2]; /* that way waits for reed_pass_resume() */
	bool over[2]; /* that way has ended, and that was told */
};

/* self is of reed_alloc(). */
struct reed_stream *reed_pass_init(struct reed_pass *self, struct reed_stream *below,
                                   const struct reed_pass_ops *ops);

/* Both ways are worth a try again. */
void reed_pass_resume(struct reed_pass *self);

#endif
