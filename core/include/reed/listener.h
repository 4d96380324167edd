/* Listeners, and servers made of them: a session for every connection, in a scope. */

#ifndef REED_LISTENER_H
#define REED_LISTENER_H

#include "reed/scope.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

struct reed_listener;

/* What a kind of listener brings along. */
struct reed_listener_ops {
	const char *name;

	/* A connection that is there: REED_EAGAIN: none yet; REED_EEOF: none will come any more. */
	enum reed_err (*accept)(struct reed_listener *l, struct reed_stream **stream);

	/* Whether to tell reed_listener_ready() from now on. */
	void (*want)(struct reed_listener *l, bool wanted);

	/* The last call.  Frees what the kind owns, not the memory of the listener. */
	void (*close)(struct reed_listener *l);
};

/* First member of every kind of listener; its members are for those who make listeners. */
struct reed_listener {
	const struct reed_listener_ops *ops;
	struct reed_loop *loop;
	struct reed_future accepting;
	struct reed_stream **out;
	struct reed_stream *stream;  /* accepted, not yet delivered */
	struct reed_address address; /* where it listens; of the first, when several */
	struct reed_fault *fault;
	struct reed_timer rest;
	bool is_accepting, more, wanted, closed;
	uint64_t accepted, rests;
	struct reed_listener *above; /* made from this one, and told instead of it */
	struct reed_listener *below; /* that it was made from; NULL: none, or several */
};

/*
 * Settles with the next connection, which is the caller's.  What befalls one
 * peer only is not told.  Out of descriptors or memory the listener rests a
 * while, and says so in the log; connections wait in the system's queue.
 */
REED_API struct reed_future *reed_accept(struct reed_listener *l, struct reed_stream **stream);

/*
 * One listener of n, which it owns; it accepts from them in turn.  What breaks
 * one of them breaks it; it ends (REED_EEOF) when all have.  Its address is
 * that of the first.
 */
REED_API struct reed_listener *reed_listener_join(struct reed_listener *const *listeners, size_t n);

/* Where it listens, one address after the other; false past the last. */
REED_API bool reed_listener_address(const struct reed_listener *l, size_t n,
                                    struct reed_address *address);

/* Consumes it; somebody who accepts gets REED_ECANCELED.  May be NULL. */
REED_API void reed_listener_close(struct reed_listener *l);

/*
 * Makes a session of every connection, in a scope that ends with the future
 * returned.  That is when somebody drops or interrupts it, or when the
 * listener, which it owns, is broken.  An interrupt closes the listener and
 * interrupts the sessions; the future settles when they have ended.  So it does
 * when a listener says REED_EEOF, because no more connections will come.
 *
 * A session is a coroutine or an attached protocol; it owns its stream.  NULL
 * from the function refuses the connection: the stream is still ours then and
 * is closed.
 */
typedef struct reed_future *reed_session_fn(void *arg, struct reed_stream *stream);

struct reed_serve_options {
	size_t size;              /* of this struct */
	struct reed_scope *scope; /* the sessions' outer scope; may be NULL */
	const char *name;         /* for traces and logs */
	size_t sessions;          /* at a time; 0: no limit; beyond it nothing is accepted */
	const struct reed_stream_limits *limits; /* of each stream; NULL: the default */
};

#define REED_SERVE_OPTIONS                                \
	{                                                 \
		.size = sizeof(struct reed_serve_options) \
	}

/* options may be NULL. */
REED_API struct reed_future *reed_serve(struct reed_listener *l, reed_session_fn *session,
                                        void *arg, const struct reed_serve_options *options);

/* ---- for those who make listeners ---- */

/* l is allocated with reed_alloc(), as the first member of its kind. */
REED_API void reed_listener_init(struct reed_listener *l, struct reed_loop *loop,
                                 const struct reed_listener_ops *ops);
REED_API void reed_listener_ready(struct reed_listener *l);

/* What a listener made from another makes of each stream. */
struct reed_map_ops {
	const char *name;

	/* Owns below.  NULL: it is refused, and gone. */
	struct reed_stream *(*map)(void *arg, struct reed_stream *below);

	/* The last call. */
	void (*free)(void *arg);
};

/* Owns below, and arg. */
REED_API struct reed_listener *reed_listener_map(struct reed_listener *below,
                                                 const struct reed_map_ops *ops, void *arg);

REED_END_DECLS

#endif
