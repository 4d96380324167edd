/*
 * Drivers: what waits for the system on behalf of a loop.
 *
 * A driver that tells of readiness (epoll, poll, a foreign loop) answers for
 * watches.  One that tells of completions, or simulates, brings sockets of its
 * own through net.  The rest of the kernel sees no difference.
 */

#ifndef REED_DRIVER_H
#define REED_DRIVER_H

#include <sys/types.h>
#include <sys/uio.h>

#include "reed/loop.h"
#include "reed/slice.h"

REED_BEGIN_DECLS

struct reed_driver;

struct reed_event {
	struct reed_fd_watch *watch; /* NULL: unwatched in the meantime */
	unsigned events;             /* REED_READ, REED_WRITE; both for an error */
};

/*
 * Eight functions, all called in the loop's thread but wake().  A driver tells
 * what is ready again in each wait, until nobody wants it or it is used up; the
 * kernel takes care of who was unwatched in the same turn.
 */
struct reed_driver_ops {
	const char *name; /* of reed_loop_driver() */

	/* The last call: gives back all it holds.  No watch is armed any more. */
	void (*close)(struct reed_driver *d);

	/*
	 * From w->armed (0: new to the driver) to events (0: forget it at once,
	 * as its number may be somebody else's soon).  w->slot is the driver's.
	 * REED_ENOTSUP for what is always ready, such as a file: the loop takes
	 * care of it then.  Any other error is one of the caller's, who watches
	 * what is no descriptor, and ends the program.
	 */
	enum reed_err (*arm)(struct reed_driver *d, struct reed_fd_watch *w, unsigned events);

	/*
	 * Waits for at most ns (REED_NEVER: for as long as it takes; 0: not at
	 * all) and fills events, of which there is room for at least 64;
	 * returns how many.  It may return early, and with none.  An error or
	 * hang-up counts as both events.  A foreign loop may call its own people
	 * meanwhile, who may call Reed, but not for a turn.
	 */
	int (*wait)(struct reed_driver *d, int64_t ns, struct reed_event *events, int room);

	/* From any thread, and signal handlers: ends the wait, or the next one. */
	void (*wake)(struct reed_driver *d);

	/*
	 * For a host: the descriptor that is readable while there is something
	 * to wait() for, and from `at` on (REED_NEVER: not because of time).
	 * Called whenever that changes.  Negative: an error; NULL: REED_ENOTSUP.
	 */
	int (*host)(struct reed_driver *d, int64_t at);

	/* The monotonic and the wall clock, nanoseconds; entropy. */
	int64_t (*now)(struct reed_driver *d);
	int64_t (*wall)(struct reed_driver *d);
	void (*random)(struct reed_driver *d, void *into, size_t n);
};

struct reed_address;
struct reed_dgram;
struct reed_dgram_options;
struct reed_listener;
struct reed_stream;

/* Sockets of the driver's own: a simulated network, or completions. */
struct reed_net_ops {
	/* fault is set with the error. */
	enum reed_err (*listen)(struct reed_driver *d, struct reed_loop *loop,
	                        const struct reed_address *at, struct reed_listener **listener,
	                        struct reed_fault **fault);

	/* from may be NULL. */
	struct reed_future *(*connect)(struct reed_driver *d, struct reed_loop *loop,
	                               const struct reed_address *to,
	                               const struct reed_address *from,
	                               struct reed_stream **stream);

	/*
	 * The addresses of a host name, in place of hosts file and DNS, in
	 * *count at most; REED_ENAME.  NULL: the resolver asks the system's.
	 */
	enum reed_err (*lookup)(struct reed_driver *d, struct reed_slice name,
	                        struct reed_address *addresses, size_t *count);

	/*
	 * A datagram socket, bound to at, connected to to; one of the two may be
	 * NULL.  fault is set with the error.  NULL: REED_ENOTSUP.
	 */
	enum reed_err (*dgram)(struct reed_driver *d, struct reed_loop *loop,
	                       const struct reed_address *at, const struct reed_address *to,
	                       const struct reed_dgram_options *options, struct reed_dgram **dgram,
	                       struct reed_fault **fault);
};

/*
 * A driver that moves the bytes of the system's TCP sockets itself, and tells of
 * readiness when there is something to take from it, or room.  Sockets are made,
 * bound, connected and named by the loop as ever; w is its watch of one.
 */
struct reed_socket_ops {
	/* Before w is watched.  From then on w->slot is the driver's until close(). */
	void (*adopt)(struct reed_driver *d, struct reed_fd_watch *w, bool listens);

	/* As read() and write() of struct reed_stream_ops. */
	ssize_t (*receive)(struct reed_driver *d, struct reed_fd_watch *w, char *into, size_t room);

	/*
	 * more: something follows at once.  The bytes may be used again when it
	 * returns.  count 0: REED_EAGAIN while something that was taken is still
	 * to go, as one who writes to the socket himself has to know.
	 */
	ssize_t (*send)(struct reed_driver *d, struct reed_fd_watch *w, const struct iovec *iov,
	                int count, bool more);

	/* After what was taken. */
	void (*shutdown)(struct reed_driver *d, struct reed_fd_watch *w);

	/*
	 * w is unwatched.  Closes the descriptor of a socket, at the latest when
	 * what was taken is sent, or has found no taker in time; abort: at once.
	 * That of a listener is the caller's.
	 */
	void (*close)(struct reed_driver *d, struct reed_fd_watch *w, bool abort);

	/* A descriptor, non-blocking and closed on exec; -1 and errno. */
	int (*accept)(struct reed_driver *d, struct reed_fd_watch *w);

	/* Others accept from that socket, or will: take nothing in advance from now on. */
	void (*share)(struct reed_driver *d, struct reed_fd_watch *w);

	/* Hand to the system what waits for wait(), as there may be none. */
	void (*flush)(struct reed_driver *d);
};

struct reed_driver {
	const struct reed_driver_ops *ops;
	const struct reed_net_ops *net;        /* NULL: the sockets of the system */
	const struct reed_socket_ops *sockets; /* NULL: their bytes are moved by system calls */
};

/* A loop over a driver of the caller's; the loop closes it in the end. */
REED_API enum reed_err reed_loop_new_on(const struct reed_loop_options *options,
                                        struct reed_driver *driver, struct reed_loop **loop);

/* What a readiness driver of the caller's may use: the clocks and entropy of the system. */
REED_API int64_t reed_system_now(struct reed_driver *d);
REED_API int64_t reed_system_wall(struct reed_driver *d);
REED_API void reed_system_random(struct reed_driver *d, void *into, size_t n);

REED_END_DECLS

#endif
