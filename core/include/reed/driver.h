/*
 * Drivers: what waits for the system on behalf of a loop.
 *
 * A driver that tells of readiness (epoll, poll, a foreign loop) answers for
 * watches.  One that tells of completions, or simulates, brings sockets of its
 * own through net.  The rest of the kernel sees no difference.
 */

#ifndef REED_DRIVER_H
#define REED_DRIVER_H

#include "reed/loop.h"
#include "reed/slice.h"

REED_BEGIN_DECLS

struct reed_driver;

struct reed_event {
	struct reed_fd_watch *watch; /* NULL: unwatched in the meantime */
	unsigned events;             /* REED_READ, REED_WRITE; both for an error */
};

struct reed_driver_ops {
	const char *name;

	/* The last call. */
	void (*close)(struct reed_driver *d);

	/*
	 * From w->armed to events; 0 forgets the watch.  REED_ENOTSUP for what
	 * is always ready, such as a file: the loop takes care of it then.
	 */
	enum reed_err (*arm)(struct reed_driver *d, struct reed_fd_watch *w, unsigned events);

	/* Waits for at most ns (REED_NEVER: for as long as it takes); returns how many events. */
	int (*wait)(struct reed_driver *d, int64_t ns, struct reed_event *events, int room);

	/* From any thread: ends the wait, or the next one. */
	void (*wake)(struct reed_driver *d);

	/* The descriptor for a host, or -1; and when it shall be readable because of time. */
	int (*host_fd)(struct reed_driver *d);
	void (*host_deadline)(struct reed_driver *d, int64_t at);

	/* Monotonic and wall clock, nanoseconds; entropy. */
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

struct reed_driver {
	const struct reed_driver_ops *ops;
	const struct reed_net_ops *net; /* NULL: the sockets of the system */
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
