/* What the schemes that are put around another endpoint share. */

#ifndef REED_ENDPOINT_WRAP_H
#define REED_ENDPOINT_WRAP_H

#include "endpoint_private.h"
#include "reed/co.h"

/* Listens on, or dials, what stands in brackets, and makes something of it. */
struct reed_wrap_ops {
	/* Replaces *listener, or says why not. */
	enum reed_err (*listening)(void *arg, struct reed_listener **listener,
	                           struct reed_fault **fault);

	/* What is still to be done with *stream, which may be replaced; NULL: nothing. */
	struct reed_future *(*dialled)(void *arg, struct reed_stream **stream);

	/* Releases arg, which is of reed_alloc(). */
	void (*end)(void *arg);
};

/* For the check() of the scheme: the first argument has to be an endpoint in brackets. */
enum reed_err reed_wrap_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                              struct reed_fault **fault);

/* Both own arg.  e has passed that check. */
struct reed_future *reed_wrap_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                     const struct reed_wrap_ops *ops, void *arg,
                                     struct reed_listener **out);
struct reed_future *reed_wrap_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                   const struct reed_wrap_ops *ops, void *arg,
                                   struct reed_stream **out);

#endif
