/*
 * Datagrams: messages that arrive whole, in any order, twice or not at all.
 *
 * A socket is UDP, a UNIX datagram socket, or simulated.  One that is connected
 * has one peer; the others hear and answer anybody.  Datagrams come and go in
 * batches, with one system call for many.
 *
 * A socket has one reader at a time.  Either a coroutine pulls, or a handler is
 * attached and pushed to, from the ready queue.  What was shown stays as it is
 * until the reader waits again, or returns, or the socket is closed.  Buffers
 * belong to the loop and are lent: receiving allocates nothing, and an idle
 * socket holds none.  A turn brings one batch of one socket, so that a flood
 * leaves room for others.
 *
 * Sending queues and never suspends.  What was queued leaves at the end of the
 * turn, in one call, and runs of equal datagrams to one place as one (UDP_SEGMENT)
 * where the system can.  The queue is bounded: a datagram that does not fit is
 * dropped and counted, and reed_dgram_drain() waits for room.
 *
 * What goes wrong with a datagram is a value, not the end of the socket: a port
 * that nobody listens on (ICMP, RFC 1122 4.1.3.3; of sockets that are not
 * connected Linux tells it, others need not), no route, an interface that is
 * gone, one that is too long.  The futures live in the socket: one of reading
 * and one of draining may be outstanding at a time, and dropping one loses
 * nothing.
 */

#ifndef REED_DGRAM_H
#define REED_DGRAM_H

#include "reed/address.h"
#include "reed/loop.h"

REED_BEGIN_DECLS

enum {
	REED_DGRAM_BATCH = 64, /* at most so many are shown at once */
	REED_DGRAM_LARGEST = 65535,
	REED_DGRAM_ERRORS = 16, /* kept until taken; the oldest go first */
};

struct reed_dgram;
struct reed_dgram_batch;
struct reed_dgram_chunk;

/* One that came.  What it points to stays until the reader waits again. */
struct reed_datagram {
	struct reed_slice data; /* may be empty */
	const struct reed_address *from;
	const struct reed_address *to; /* as the sender wrote it, where that is known */
	uint32_t interface;            /* it came in by; 0: not known */
	int16_t ttl;                   /* when it came, see options.want_ttl; -1: not known */
	bool truncated;                /* it was longer than options.largest */
	bool to_many;                  /* to is a group's or everybody's address, not ours */
};

/* What befell one that was sent. */
struct reed_dgram_error {
	enum reed_err
		err; /* REED_EREFUSED: nobody listens there; REED_ETOOBIG: over the MTU; ... */
	struct reed_address to; /* whereto it was sent */
	uint32_t mtu;           /* with REED_ETOOBIG, where it is known */
	bool from_network;      /* a router or the peer says so (ICMP), not this host */
};

/* One on its way out, for those who make sockets. */
struct reed_dgram_out {
	struct reed_slice data;
	struct reed_address to; /* REED_FAMILY_NONE: the peer */
	unsigned char from[16]; /* the source to be told, when has_from */
	uint32_t interface;
	bool has_from;
};

struct reed_dgram_options {
	size_t size;             /* of this struct */
	uint32_t largest;        /* longer ones come truncated; 0: REED_DGRAM_LARGEST */
	uint32_t queue;          /* bytes that may wait to leave; 0: 1 MiB */
	uint32_t receive_buffer; /* of the system, bytes; 0: as it has it */
	uint32_t send_buffer;
	int ttl;            /* hop limit of what is sent to one host; 0: as the system has it */
	bool want_ttl;      /* tell it of those that come */
	bool want_to;       /* tell to and interface; on by itself when bound to every address */
	bool broadcast;     /* may be sent */
	bool reuse_port;    /* several sockets share the port: the system spreads peers over them */
	bool reuse_address; /* several sockets share the port: each hears groups and broadcasts */
	bool only_ipv6;     /* "::" does not serve IPv4 too */
	int mode;           /* of a UNIX socket file; 0: as the umask has it */
	const char *user, *group; /* of a UNIX socket file: names or numbers; NULL: ours */
};

#define REED_DGRAM_OPTIONS                                \
	{                                                 \
		.size = sizeof(struct reed_dgram_options) \
	}

/* How datagrams to groups leave. */
struct reed_dgram_multicast {
	size_t size;
	uint32_t interface; /* 0: as the system routes it */
	int ttl;            /* 1: this network only */
	bool no_loop;       /* sockets of this host do not hear it */
};

#define REED_DGRAM_MULTICAST                                          \
	{                                                             \
		.size = sizeof(struct reed_dgram_multicast), .ttl = 1 \
	}

/* A group to hear (RFC 3678). */
struct reed_dgram_group {
	struct reed_address group;  /* its port does not matter */
	struct reed_address source; /* REED_FAMILY_NONE: from anybody */
	uint32_t interface;         /* 0: as the system routes it */
};

struct reed_dgram_stats {
	size_t size; /* set by the caller */
	uint64_t received, sent, bytes_in, bytes_out;
	uint64_t truncated;           /* of those received */
	uint64_t dropped;             /* the queue was full */
	uint64_t failed;              /* the system would not send them */
	uint64_t errors;              /* all that were told, or could have been */
	uint64_t calls_in, calls_out; /* that brought or took something */
};

/* What a kind of socket brings along; everything else is done for it.  None may block. */
struct reed_dgram_ops {
	const char *name;

	/*
	 * Fills in up to room, the bytes into the batch, and returns how many, or
	 * enum reed_err: REED_EAGAIN; what is wrong with the socket itself.
	 * *more: another call brings more at once.  Errors that it comes upon
	 * go to reed_dgram_note().
	 */
	int (*receive)(struct reed_dgram *d, struct reed_dgram_batch *batch,
	               struct reed_datagram *in, int room, bool *more);

	/*
	 * Sends the first of count, as many as it can, and returns how many; or an
	 * error, which befell the first.  REED_EAGAIN: it takes none now.
	 */
	int (*send)(struct reed_dgram *d, struct reed_dgram_out *const *out, int count);

	/* Of which events to tell reed_dgram_ready() from now on, in each turn while they last. */
	void (*want)(struct reed_dgram *d, unsigned events);

	/* The last call.  Frees what the kind owns, not the memory of the socket. */
	void (*close)(struct reed_dgram *d);

	/* REED_ENOTSUP: NULL. */
	enum reed_err (*group)(struct reed_dgram *d, const struct reed_dgram_group *group,
	                       bool join);
	enum reed_err (*multicast)(struct reed_dgram *d, const struct reed_dgram_multicast *how);
};

/* ---- push ---- */

/*
 * A session is the future that reed_dgram_attach() returns: it owns handler
 * and socket, ends by reed_dgram_finish(), or when the socket breaks, and may
 * be dropped at any time.  Then what is queued is sent, and free() is the last
 * call, never from inside another.
 */
struct reed_dgram_handler {
	const struct reed_dgram_handler_ops *ops;
	struct reed_dgram *dgram;
	struct reed_binding *locals;
	struct reed_future session;
	bool held_back;
};

struct reed_dgram_handler_ops {
	/* 1 <= n <= REED_DGRAM_BATCH.  Not called while more than half of the queue is full. */
	void (*datagrams)(struct reed_dgram_handler *self, const struct reed_datagram *in,
	                  size_t n);

	/* May be NULL. */
	void (*error)(struct reed_dgram_handler *self, const struct reed_dgram_error *error);

	/* An interrupt: say goodbye and call reed_dgram_finish(), soon.  NULL: it ends at once. */
	void (*interrupted)(struct reed_dgram_handler *self);

	/* NULL: reed_free(self). */
	void (*free)(struct reed_dgram_handler *self);
};

/* ---- the socket ---- */

/* First member of every kind of socket; its members are for those who make sockets. */
struct reed_dgram {
	const struct reed_dgram_ops *ops;
	struct reed_loop *loop;
	struct reed_address local;          /* where it is bound */
	struct reed_address peer;           /* REED_FAMILY_NONE: not connected */
	struct reed_dgram_handler *handler; /* NULL: pulled from */
	struct reed_waiter pusher;
	struct reed_future waiting, draining;
	struct reed_datagram *out;             /* where the reader wants it; may be NULL */
	struct reed_dgram_batch *batch;        /* lent; NULL when nothing is here */
	struct reed_dgram_error *errors;       /* NULL: there are none */
	struct reed_dgram_chunk *first, *last; /* to be sent */
	uint32_t queued, limit, largest;
	uint16_t error_count, error_first;
	enum reed_err err; /* it is broken */
	unsigned wanted : 3;
	unsigned is_waiting : 1, is_draining : 1;
	unsigned more : 1;    /* receive() has more at once */
	unsigned news : 1;    /* an error since the last wait */
	unsigned blocked : 1; /* the system takes no more */
	unsigned paused : 1;  /* push waits for the queue */
	unsigned goodbye : 1; /* an interrupt is on its way to the handler */
	unsigned closed : 1;
	unsigned reserved : 20;
	struct reed_dgram_stats stats;
	struct reed_last flush;
	void *spare[2];
};

/*
 * Bound to an address (port 0: any; family UNIX: a path, or @NAME), or connected
 * to one; from may be NULL, as may options.  REED_EADDRINUSE, REED_EACCES,
 * REED_EADDRNOTAVAIL, REED_EMFILE, ...; *fault, the caller's, says it in words.
 * A UNIX socket that nobody listens on any more is replaced; a file that is
 * none never is.  To be answered, who sends by UNIX must be bound itself.
 */
REED_API enum reed_err reed_dgram_bind(struct reed_loop *loop, const struct reed_address *at,
                                       const struct reed_dgram_options *options,
                                       struct reed_dgram **d, struct reed_fault **fault);
REED_API enum reed_err reed_dgram_connect(struct reed_loop *loop, const struct reed_address *to,
                                          const struct reed_address *from,
                                          const struct reed_dgram_options *options,
                                          struct reed_dgram **d, struct reed_fault **fault);

/*
 * An inherited one, owned from here on.  REED_EINVAL: no datagram socket; REED_EBUSY: the
 * loop has it already.
 */
REED_API enum reed_err reed_dgram_of_fd(struct reed_loop *loop, int fd,
                                        const struct reed_dgram_options *options,
                                        struct reed_dgram **d);

/*
 * By endpoint: "udp:53:interface=192.0.2.1", "unix:/run/log", "systemd:name=dns",
 * "fd:3"; to dial "udp:host:53" and "unix:/run/log".  The socket is the caller's
 * when the future has been delivered.  Errors as for reed_listen() and reed_dial().
 */
REED_API struct reed_future *reed_dgram_listen(struct reed_loop *loop, const char *endpoint,
                                               struct reed_dgram **d);
REED_API struct reed_future *reed_dgram_dial(struct reed_loop *loop, const char *endpoint,
                                             struct reed_dgram **d);

/*
 * Consumes it; who waits for it gets REED_ECANCELED.  What is queued is given to
 * the system once more; what it does not take is lost.  May be NULL.
 */
REED_API void reed_dgram_close(struct reed_dgram *d);

/*
 * The socket itself, for another process, with whatever waits in it: *fd is the
 * caller's, and blocks.  Before the first wait; from then on d only keeps it bound.
 * REED_ENOTSUP: no socket of the system; REED_EMFILE.
 */
REED_API enum reed_err reed_dgram_take_socket(struct reed_dgram *d, int *fd);

/* ---- pull ---- */

/* Takes the next of those that are here; false when there is none. */
REED_API bool reed_dgram_next(struct reed_dgram *d, struct reed_datagram *in);

/* Settles when there is one to be taken, or an error; with an error when the socket is broken. */
REED_API struct reed_future *reed_dgram_wait(struct reed_dgram *d);

/* The next one, when it is here.  On a connected socket an error ends it, as the error. */
REED_API struct reed_future *reed_dgram_receive(struct reed_dgram *d, struct reed_datagram *in);

/* The oldest error that was not taken; false when there is none. */
REED_API bool reed_dgram_take_error(struct reed_dgram *d, struct reed_dgram_error *error);

/* ---- push ---- */

REED_API struct reed_future *reed_dgram_attach(struct reed_dgram *d,
                                               struct reed_dgram_handler *handler);
REED_API void reed_dgram_finish(struct reed_dgram_handler *handler, enum reed_err err);

/* Between the two datagrams() is not called; the system drops what it cannot hold. */
REED_API void reed_dgram_hold_back(struct reed_dgram_handler *handler);
REED_API void reed_dgram_go_on(struct reed_dgram_handler *handler);

/* ---- send ---- */

/*
 * Queued; never suspends; data may go when it returns.  to is NULL for the peer
 * of a connected socket.  REED_EOVERFLOW: the queue is full, it was dropped and
 * counted.  REED_ETOOBIG: longer than any datagram may be.  REED_EINVAL: there
 * is no peer, or an address of another family.
 */
REED_API enum reed_err reed_dgram_send(struct reed_dgram *d, const struct reed_address *to,
                                       struct reed_slice data);

/* To where in came from, and from where it was sent to, if that is known. */
REED_API enum reed_err reed_dgram_reply(struct reed_dgram *d, const struct reed_datagram *in,
                                        struct reed_slice data);

/* Settles when at most a quarter of the queue is full. */
REED_API struct reed_future *reed_dgram_drain(struct reed_dgram *d);

/* ---- groups ---- */

/* REED_EADDRINUSE: joined already; REED_EADDRNOTAVAIL; REED_ENOTSUP of a UNIX socket. */
REED_API enum reed_err reed_dgram_join(struct reed_dgram *d, const struct reed_dgram_group *group);
REED_API enum reed_err reed_dgram_leave(struct reed_dgram *d, const struct reed_dgram_group *group);
REED_API enum reed_err reed_dgram_set_multicast(struct reed_dgram *d,
                                                const struct reed_dgram_multicast *how);

/* The number of an interface of this host, by its name; 0: there is none. */
REED_API uint32_t reed_interface(const char *name);

/* 224.0.0.0/4 (RFC 5771), ff00::/8 (RFC 4291 2.7) */
REED_API bool reed_address_is_multicast(const struct reed_address *address);

/* ---- what is known ---- */

REED_API void reed_dgram_stats(const struct reed_dgram *d, struct reed_dgram_stats *stats);

/* ---- for those who make sockets ---- */

/* d is allocated with reed_alloc(), as the first member of its kind.  options may be NULL. */
REED_API void reed_dgram_init(struct reed_dgram *d, struct reed_loop *loop,
                              const struct reed_dgram_ops *ops,
                              const struct reed_dgram_options *options);
REED_API void reed_dgram_ready(struct reed_dgram *d, unsigned events);
REED_API void reed_dgram_note(struct reed_dgram *d, const struct reed_dgram_error *error);

/* Where the n-th of a batch has room for its bytes, d->largest of them, and its sender. */
REED_API char *reed_dgram_room(struct reed_dgram_batch *batch, int n);
REED_API struct reed_address *reed_dgram_from(struct reed_dgram_batch *batch, int n);
REED_API struct reed_address *reed_dgram_to(struct reed_dgram_batch *batch, int n);

REED_END_DECLS

#endif
