/*
 * Keepers: a connection that is dialled, used, and dialled again when it ends.
 *
 *	struct reed_keeper_options o = REED_KEEPER_OPTIONS;
 *
 *	o.endpoint = "tls:news.example.org:7777";
 *	o.session = listen_to_news;
 *	self->keeper = reed_keeper_new(co->loop, &o);
 *	reed_scope_add(&self->scope, reed_keeper_run(self->keeper));
 *
 * A connection counts when it has been dialled and, if there is such a step,
 * prepared: logged in, greeted, whatever can show that the other side is able to
 * serve.  Then the session begins, which owns the stream like that of a server
 * (listener.h).  However an attempt or a session ends, the next attempt follows
 * after a rest, which grows while nothing good comes of it (backoff.h).
 *
 * The log has a line for the first failure in a row, and one when the
 * connection is back.
 *
 * Only three things end it: an interrupt, a drop, and an endpoint that is none.
 * The keeper outlives whatever its functions have returned.
 */

#ifndef REED_KEEPER_H
#define REED_KEEPER_H

#include "reed/backoff.h"
#include "reed/cell.h"
#include "reed/listener.h"

REED_BEGIN_DECLS

struct reed_keeper;

enum reed_keeper_state {
	REED_KEEPER_STOPPED,
	REED_KEEPER_REACHING, /* dialling, and preparing */
	REED_KEEPER_CONNECTED,
	REED_KEEPER_RESTING,
};

struct reed_keeper_options {
	size_t size; /* of this struct */
	const char *endpoint;
	/* NULL from it: such a connection is of no use, and is closed. */
	reed_session_fn *session;
	/*
	 * Only when it ends well is there a connection.  The stream stays the
	 * keeper's, who closes it otherwise.  May be NULL.
	 */
	struct reed_future *(*prepare)(void *arg, struct reed_stream *stream);
	void *arg;
	const struct reed_backoff *backoff; /* NULL: the usual */
	int64_t reach_ms;   /* to dial and prepare; longer is a failure; 0: no limit */
	int64_t lasting_ms; /* a session that ends sooner counts as a failure too */
};

/* 30 s, 10 s */
#define REED_KEEPER_OPTIONS                                                                        \
	{                                                                                          \
		.size = sizeof(struct reed_keeper_options), .reach_ms = 30000, .lasting_ms = 10000 \
	}

/* Copies the options, not what arg points to. */
REED_API struct reed_keeper *reed_keeper_new(struct reed_loop *loop,
                                             const struct reed_keeper_options *options);

/* Nothing of it is running or waited for any more.  May be NULL. */
REED_API void reed_keeper_free(struct reed_keeper *keeper);

/*
 * Keeps the connection.  An interrupt is handed to the session, which may say
 * goodbye; the future ends well when that has.  A drop takes no time.
 * REED_ESYNTAX: that is no endpoint to dial; REED_EBUSY: it runs already.
 */
REED_API struct reed_future *reed_keeper_run(struct reed_keeper *keeper);

/*
 * Settles when there is a connection, at once if there is one.  After so many
 * failures from now on it fails as the last of them, with its sentence; 0: it
 * waits however many there are.  REED_ECANCELED: the run has ended.
 */
REED_API struct reed_future *reed_keeper_connected(struct reed_keeper *keeper, unsigned failures);

/* An enum reed_keeper_state that can be waited for (cell.h); read it only. */
REED_API struct reed_cell *reed_keeper_state(struct reed_keeper *keeper);

/* Failures since a connection lasted, and why the last one was; "" when there was none. */
REED_API uint64_t reed_keeper_failures(const struct reed_keeper *keeper);
REED_API const char *reed_keeper_why(const struct reed_keeper *keeper);

REED_END_DECLS

#endif
