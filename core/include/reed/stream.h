/*
 * Streams: bytes both ways, with back-pressure.
 *
 * A stream has one reader at a time.  Either a coroutine pulls: the functions
 * that return bool or a slice hand out what is here and never suspend, those
 * that return a future wait for more.  Or a protocol is attached and pushed to.
 *
 * A slice you were shown stays as it is until you wait for more of that stream
 * or close it.  An idle stream has no buffers: they are lent while there is
 * something in them.
 *
 * The futures live in the stream, so that waiting allocates nothing: one of
 * reading and one of draining may be outstanding at a time.  A read that is
 * dropped, or that any and within lose, has read nothing.
 *
 * Writing queues and never suspends.  What was written leaves with one system
 * call: when its stream waits for input again, or else at the end of the turn.
 * REED_WRITE_DIRECT bytes or more leave at once and need not be copied.  A
 * write that fails is silent: the next read or drain tells.
 */

#ifndef REED_STREAM_H
#define REED_STREAM_H

#include <sys/types.h>
#include <sys/uio.h>

#include "reed/address.h"
#include "reed/blob.h"
#include "reed/loop.h"

REED_BEGIN_DECLS

enum { REED_WRITE_DIRECT = 4096 };

struct reed_source;
struct reed_stream;
struct reed_tls_facts;
struct reed_proxy_facts;

/* What is known about the other side, through whatever the stream is stacked on. */
struct reed_stream_facts {
	size_t size; /* set by the caller */
	struct reed_address peer, local;
	bool secure;          /* nobody in between can read it */
	bool has_credentials; /* of a UNIX peer: */
	uint32_t uid, gid;
	int32_t pid;
	const struct reed_tls_facts *tls; /* NULL without TLS; lives as long as the stream */
	/* What a proxy told of its client; peer and local are those then.  NULL; lives as long. */
	const struct reed_proxy_facts *proxy;
};

/* What a kind of stream brings along; everything else is done for it.  None may block. */
struct reed_stream_ops {
	const char *name;

	/* Bytes got, or enum reed_err: REED_EAGAIN, REED_EEOF at the end, ... */
	ssize_t (*read)(struct reed_stream *s, char *into, size_t room);

	/* Bytes taken, or enum reed_err: REED_EAGAIN, ... */
	ssize_t (*write)(struct reed_stream *s, const struct iovec *iov, int count);

	/* Of which events to tell reed_stream_ready() from now on, in each turn while they last. */
	void (*want)(struct reed_stream *s, unsigned events);

	/*
	 * No more writes; everything written has been taken.  NULL: only the
	 * close can tell, so a closed stream does not hear its peer out.
	 */
	void (*shutdown)(struct reed_stream *s);

	/*
	 * The last call.  Frees what the kind owns, not the memory of the stream.
	 * With s->aborted and no shutdown before, the peer must not take it for an
	 * end in good order, where the kind can tell it so.
	 */
	void (*close)(struct reed_stream *s);

	/* Fills in what it knows; a stacked one asks below first.  May be NULL. */
	void (*facts)(struct reed_stream *s, struct reed_stream_facts *facts);

	/* Of a stacked one: what it means here that below is ready.  NULL: the same. */
	unsigned (*ready)(struct reed_stream *s, unsigned events);

	/* NULL: it carries bytes only. */
	const struct reed_stream_fd_ops *fds;

	/*
	 * As write(), with n bytes of a file from offset on.  0: the file ends
	 * there; REED_ENOTSUP: not from this file.  NULL: files are read, and
	 * written with write().
	 */
	ssize_t (*send)(struct reed_stream *s, int file, uint64_t offset, size_t n);

	/*
	 * Bytes that write() has taken, and the end, of which the peer's system
	 * has not said that they are there; a stacked one adds what is below.
	 * NULL: nobody knows.
	 */
	size_t (*on_the_way)(struct reed_stream *s);
};

/* Of a kind that carries descriptors. */
struct reed_stream_fd_ops {
	/* REED_ENOTSUP: this one does not. */
	enum reed_err (*accept)(struct reed_stream *s, size_t most);
	size_t (*take)(struct reed_stream *s, int *fds, size_t room);

	/* As write(); the descriptors go with the first byte, if any goes. */
	ssize_t (*write)(struct reed_stream *s, const struct iovec *iov, int count, const int *fds,
	                 size_t n);
};

/* Shared by many streams; good until they are closed. */
struct reed_stream_limits {
	size_t size;        /* of this struct */
	uint32_t input;     /* a message not taken after this many bytes: REED_ETOOBIG */
	uint32_t output;    /* queued beyond this: the stream fails with REED_ETOOBIG */
	uint32_t high, low; /* drain waits when above high, until at or below low */
	uint32_t linger_ms; /* how long a closed stream may take to say goodbye */
};

/* 1 MiB, 4 MiB, 64 KiB, 16 KiB, 5 s */
#define REED_STREAM_LIMITS                                                                      \
	{                                                                                       \
		.size = sizeof(struct reed_stream_limits), .input = 1 << 20, .output = 4 << 20, \
		.high = 64 << 10, .low = 16 << 10, .linger_ms = 5000                            \
	}

REED_API extern const struct reed_stream_limits reed_stream_default_limits;

/*
 * The push face.  A session is the future that reed_stream_attach() returns: it
 * owns the protocol and its stream, ends with the stream or by reed_finish(),
 * and may be dropped at any time.  However it ends, the stream is closed in
 * good order and free() is the last call, never from inside data().
 */
struct reed_protocol {
	const struct reed_protocol_ops *ops;
	struct reed_stream *stream;
	struct reed_binding *locals;
	struct reed_future session;
};

struct reed_protocol_ops {
	/*
	 * Returns how much of in it took; the rest is shown again, in front of
	 * what comes next.  While more than limits->high is queued for writing
	 * nothing is read, and nothing is shown.
	 */
	size_t (*data)(struct reed_protocol *self, struct reed_slice in);

	/* The peer has ended (REED_EEOF) or broken; it may still be written to.  May be NULL. */
	void (*ended)(struct reed_protocol *self, enum reed_err err);

	/* An interrupt: say goodbye and call reed_finish(), soon.  NULL: it ends at once. */
	void (*interrupted)(struct reed_protocol *self);

	/* NULL: reed_free(self). */
	void (*free)(struct reed_protocol *self);
};

/*
 * What goes along with a stream until it is gone: who its peer really is, how
 * long it may take, whose share it counts against.  Bytes pass it by, so that
 * it costs nothing.
 */
struct reed_rider {
	const struct reed_rider_ops *ops;
	struct reed_rider *next;
};

struct reed_rider_ops {
	const char *name;

	/* Corrects what the kind has filled in, and the riders before it.  May be NULL. */
	void (*facts)(struct reed_rider *self, struct reed_stream_facts *facts);

	/* The last call, when the stream has let go of everything; frees self. */
	void (*gone)(struct reed_rider *self);
};

/* First member of every kind of stream; its members are for those who make streams. */
struct reed_stream {
	const struct reed_stream_ops *ops;
	struct reed_loop *loop;
	struct reed_stream *above; /* made from this one, and told instead of it */
	const struct reed_stream_limits *limits;
	struct reed_protocol *protocol; /* NULL: pulled from */
	struct reed_waiter pusher;
	struct reed_future reading, draining;
	struct reed_slice *out;   /* where the reader wants it */
	struct reed_fault *fault; /* why it is broken; may be NULL */
	char *buf;                /* NULL when nothing is here */
	uint32_t size, begin, end;
	uint32_t need;                   /* bytes the reader waits for, or has scanned */
	struct reed_chunk *first, *last; /* to be written */
	uint32_t queued;
	enum reed_err read_err, write_err;
	unsigned wanted : 3;
	unsigned is_reading : 1, is_draining : 1;
	unsigned blocked : 1;               /* the system takes no more */
	unsigned paused : 1, held_back : 1; /* push waits for the queue; for its protocol */
	unsigned shown : 1;                 /* the protocol has seen all that is here */
	unsigned shutting : 1, shut : 1, closed : 1, gone : 1;
	unsigned to_empty : 1; /* the drain waits for all of it */
	unsigned pending : 1;  /* set by read(): it holds more already */
	unsigned goodbye : 1;  /* an interrupt is on its way to the protocol */
	unsigned aborted : 1;  /* closing is to take no more time */
	unsigned unseen : 1;   /* what is here counts as more, see reed_stream_hand_on() */
	unsigned more : 1;     /* of what write() is given: a file comes behind it at once */
	unsigned reserved : 1;
	unsigned fds_queued : 11; /* descriptors to be written, up to REED_FDS_QUEUED */
	uint64_t bytes_in, bytes_out;
	int64_t moved; /* reed_now() when bytes last went, either way */
	struct reed_rider *riders;
	struct reed_last flush;
	struct reed_timer linger;
	uint64_t number; /* of all that the loop had; none has it again */
};

/* ---- pull, what is here ---- */

/* All of it, not taken. */
REED_API struct reed_slice reed_peek(struct reed_stream *s);

/* Takes n bytes of that; n is at most what is here. */
REED_API void reed_skip(struct reed_stream *s, size_t n);

/* A line without its LF or CR LF; false when there is no whole one. */
REED_API bool reed_take_line(struct reed_stream *s, struct reed_slice *line);

/* n bytes; false when there are not so many. */
REED_API bool reed_take(struct reed_stream *s, size_t n, struct reed_slice *out);

/* ---- pull, what will be here ---- */

/* Settles when there is more than now; REED_EEOF, REED_ERESET; REED_ETOOBIG over the limit. */
REED_API struct reed_future *reed_more(struct reed_stream *s);
REED_API struct reed_future *reed_read_exactly(struct reed_stream *s, size_t n,
                                               struct reed_slice *out);
REED_API struct reed_future *reed_read_line(struct reed_stream *s, struct reed_slice *line);

/* ---- push ---- */

REED_API struct reed_future *reed_stream_attach(struct reed_stream *s,
                                                struct reed_protocol *protocol);

/*
 * A session without a memory, for reed_serve(): ops, a const struct
 * reed_protocol_ops *, is all there is to it.
 */
REED_API struct reed_future *reed_push(void *ops, struct reed_stream *stream);

/* Ends the session, as err; what is queued is still written. */
REED_API void reed_finish(struct reed_protocol *protocol, enum reed_err err);
#define reed_finish_because(protocol, err, ...) \
	reed_finish_with((protocol), reed_fault_new((err), NULL, __FILE__, __LINE__, __VA_ARGS__))
REED_API void reed_finish_with(struct reed_protocol *protocol, struct reed_fault *fault);

/* Between the two data() is not called: the protocol waits for something else. */
REED_API void reed_hold_back(struct reed_protocol *protocol);
REED_API void reed_go_on(struct reed_protocol *protocol);

/*
 * From now on the session is over s, a stream made from the one it was over.
 * It is held back still if it was, and hears of an interrupt that is on its way.
 */
REED_API void reed_restack(struct reed_protocol *protocol, struct reed_stream *s);

/* ---- write ---- */

/* Queued; never suspends.  bytes may go when it returns. */
REED_API void reed_write(struct reed_stream *s, struct reed_slice bytes);
REED_API void reed_write_str(struct reed_stream *s, const char *text);
REED_API void reed_printf(struct reed_stream *s, const char *format, ...) REED_PRINTF(2, 3);

/* Shared, not copied; the stream holds the blob until it is written. */
REED_API void reed_write_blob(struct reed_stream *s, struct reed_blob *blob);

/* The same for n bytes of it from offset on, which it has. */
REED_API void reed_write_blob_part(struct reed_stream *s, struct reed_blob *blob, size_t offset,
                                   size_t n);

/*
 * n bytes of a file from offset on (reed/source.h): sent by the system where the
 * kind can, else read and written.  They count as queued, so a large file goes in
 * pieces, each followed by a drain.  What is not at hand is waited for.  A file
 * that has become shorter breaks the stream, as REED_EIO.
 */
REED_API void reed_write_source(struct reed_stream *s, struct reed_source *source, uint64_t offset,
                                size_t n);

/*
 * What is queued leaves now, as far as the stream takes it: for who has more
 * to write this turn than may be queued, and else would wait for the next.
 */
REED_API void reed_hasten(struct reed_stream *s);

/* More than limits->high is queued. */
REED_API bool reed_must_drain(const struct reed_stream *s);

/* Settles when at most limits->low is queued (at once if not above high), or writing failed. */
REED_API struct reed_future *reed_drain(struct reed_stream *s);

/* The same for all of it: what was written has been taken by the system. */
REED_API struct reed_future *reed_flush(struct reed_stream *s);

/* Nothing more will be written; the peer sees the end after what is queued. */
REED_API void reed_shutdown(struct reed_stream *s);

/* ---- between two ---- */

/*
 * Hands on what comes from each to the other, and its end, until both have ended,
 * or one has broken: as that failed.  Nobody else reads them meanwhile; neither
 * is consumed.  Nothing either way for silent_ms: REED_ETIMEDOUT (0: no limit).
 */
REED_API struct reed_future *reed_stream_join(struct reed_stream *a, struct reed_stream *b,
                                              int64_t silent_ms);

/* ---- descriptors that travel ---- */

enum {
	REED_FDS = 253, /* that go with one write */
	REED_FDS_QUEUED = 1024,
};

/*
 * To a process at the other end of a UNIX stream.  The descriptors are duplicated
 * and go with the bytes, of which there is one at least: the peer has them when
 * it sees the first.  REED_ENOTSUP: of no UNIX socket, or of a stream made from
 * one; REED_EINVAL: not open; REED_EMFILE; REED_EOVERFLOW: more than
 * REED_FDS_QUEUED are waiting; nothing is written then.
 */
REED_API enum reed_err reed_write_fds(struct reed_stream *s, struct reed_slice bytes,
                                      const int *fds, size_t n);

/*
 * Until this is called, what the peer sends of the kind is closed unseen.  More
 * than most that are not taken yet break the stream, as REED_ETOOBIG, and so do
 * those the process has no number left for, as REED_EMFILE.
 */
REED_API enum reed_err reed_accept_fds(struct reed_stream *s, size_t most);

/*
 * Takes up to room of those that came with the bytes seen so far, in order; they
 * are the caller's, and closed on exec.  Those not taken are closed with the stream.
 */
REED_API size_t reed_take_fds(struct reed_stream *s, int *fds, size_t room);

/*
 * The socket itself, for another process: *fd is the caller's, and blocks.  The
 * stream is of no use any more but to be aborted, of which the connection hears
 * nothing.  REED_ENOTSUP: no socket, or a stream made from one; REED_EBUSY: there
 * are bytes in the stream; REED_EMFILE.
 */
REED_API enum reed_err reed_stream_take_socket(struct reed_stream *s, int *fd);

/* ---- the end ---- */

/*
 * Both consume the stream and accept NULL; somebody who waits for it gets
 * REED_ECANCELED.  Close lets go in good order: the queue is written, the peer
 * gets its end and is heard out, so that no reset overtakes the last words; all
 * that within limits->linger_ms.  Abort takes no time: what is queued is lost,
 * and a peer over TCP that has not been told the end sees a reset in its place.
 */
REED_API void reed_close(struct reed_stream *s);
REED_API void reed_abort(struct reed_stream *s);

/* 0: all that was written, and the end if it was, is there.  SIZE_MAX: nobody knows. */
REED_API size_t reed_on_the_way(struct reed_stream *s);

/*
 * For a program that ends.  Closed streams whose words have come to the peer
 * do not wait for its end any longer than REED_PARTING: a peer that is
 * there answers in that time, and one that is silent must not hold up a stop.
 * True while closed streams are left.  Nothing tells when words have come, so
 * this is to be called again after some milliseconds.
 */
REED_API bool reed_streams_part(struct reed_loop *loop);

/* Since bytes last went, in ns. */
#define REED_PARTING REED_MS(250)

/* ---- what is known ---- */

/* Why it is broken, in a sentence; never NULL. */
REED_API const char *reed_stream_why(const struct reed_stream *s);

REED_API void reed_stream_facts(struct reed_stream *s, struct reed_stream_facts *facts);

static inline size_t reed_queued(const struct reed_stream *s)
{
	return s->queued;
}

/* ---- for those who make streams ---- */

/* s is allocated with reed_alloc(), as the first member of its kind. */
REED_API void reed_stream_init(struct reed_stream *s, struct reed_loop *loop,
                               const struct reed_stream_ops *ops);

/* The kind found the stream ready for what it wanted; goes to the top of the stack. */
REED_API void reed_stream_ready(struct reed_stream *s, unsigned events);

/*
 * What a kind has in place of a descriptor: it tells reed_stream_ready() at the end
 * of the turn, and in each turn after that while what is wanted is ready.
 */
struct reed_readiness {
	struct reed_stream *stream;
	unsigned (*ready)(struct reed_stream *s); /* for which events, now */
	unsigned wanted;
	struct reed_last tell;
	struct reed_timer again;
};

REED_API void reed_readiness_init(struct reed_readiness *self, struct reed_stream *s,
                                  unsigned (*ready)(struct reed_stream *s));

/* reed_stream_ops.want */
REED_API void reed_readiness_want(struct reed_readiness *self, unsigned events);

/* It may have become ready for something. */
REED_API void reed_readiness_look(struct reed_readiness *self);

/* By reed_stream_ops.close. */
REED_API void reed_readiness_finish(struct reed_readiness *self);

/* A sentence for the error an operation is about to return; takes over the fault. */
REED_API void reed_stream_blame(struct reed_stream *s, struct reed_fault *fault);

/* Breaks the stream from outside an operation, as if a read had failed so. */
REED_API void reed_stream_break(struct reed_stream *s, struct reed_fault *fault);

/*
 * What is here already is news to whoever has the stream from now on: that is
 * what the first reed_more() ends with.  For those who took a greeting off it.
 */
REED_API void reed_stream_hand_on(struct reed_stream *s);

/* The stream owns the rider from here on. */
REED_API void reed_stream_carry(struct reed_stream *s, struct reed_rider *rider);

/* The youngest rider of that kind; NULL. */
REED_API struct reed_rider *reed_stream_rider(const struct reed_stream *s,
                                              const struct reed_rider_ops *ops);

/* Of a stacked kind, which moves bytes below by itself: they count there too. */
REED_API void reed_stream_count_in(struct reed_stream *s, size_t n);
REED_API void reed_stream_count_out(struct reed_stream *s, size_t n);

/* ---- in memory ---- */

/* Two ends of one; each holds up to capacity bytes for the other (0: 64 KiB). */
REED_API void reed_stream_pair(struct reed_loop *loop, size_t capacity, struct reed_stream **a,
                               struct reed_stream **b);

/* ---- descriptors ---- */

/* A connected socket, pipe or terminal; owned from here on.  REED_EINVAL: not open. */
REED_API enum reed_err reed_stream_of_fd(struct reed_loop *loop, int fd, struct reed_stream **s);

/*
 * Standard input and output as one stream.  Both stay open when it is closed,
 * and their flags are not changed, as they are shared with others.
 */
REED_API enum reed_err reed_stream_of_stdio(struct reed_loop *loop, struct reed_stream **s);

REED_END_DECLS

#endif
