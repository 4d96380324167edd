/*
 * io_uring, in five files: how it begins and ends, its turns, what moves bytes, what accepts,
 * what a host looks at.
 *
 * Every watch has a handle.  It outlives its watch for as long as the system may
 * still complete something for it: what the system writes into, or reads from,
 * belongs to the handle or to the ring, never to who watches.
 *
 * Nothing is handed to the system but in wait() and flush(), so that no entry
 * names a descriptor whose number has become somebody else's.
 */

#ifndef REED_URING_H
#define REED_URING_H

#include <liburing.h>

#include "../private.h"

enum {
	URING_TAGS = 7, /* the bits of a mark that are not the handle's address */
	URING_ENTRIES = 512,
	URING_COMPLETIONS = 8192,
	URING_BUFFERS = 512, /* a power of two */
	/* No power of two: else the first lines of all would share few places of the cache. */
	URING_BUFFER = 2048 + 64,
	URING_BLOCK = 4096,      /* sent at once at most; more is written directly */
	URING_BLOCKS_KEPT = 128, /* of those */
	URING_HELD = 65536,      /* received and not taken: beyond it the peer waits */
	URING_LINGER_S = 5,      /* what a closed socket has not sent by then is not sent */
};

enum uring_tag { TAG_POLL, TAG_RECEIVE, TAG_SEND, TAG_ACCEPT };

enum uring_kind { URING_WATCH, URING_SOCKET, URING_LISTENER };

/* What to send, in a block; begin == end: nothing. */
struct uring_block {
	struct uring_block *next;
	uint32_t begin, end;
	char bytes[URING_BLOCK];
};

/* What was received and had to leave the ring's buffers. */
struct uring_spill {
	char *bytes;
	uint32_t begin, end, size;
};

struct uring_handle {
	struct uring *ring;
	struct reed_fd_watch *watch;               /* NULL: let go of */
	struct reed_list all, todo, news, holding; /* of the ring */
	int fd;
	uint32_t flight; /* completions to come */
	enum uring_kind kind;
	unsigned char armed;  /* as the watch wants it */
	unsigned char polled; /* events of the poll on its way; 0: there is none */
	unsigned char ready;  /* that came of one */
	bool unshown;         /* to a host but through the ring, as an epoll does not take it */

	/* a socket */
	bool receiving, stopping; /* a multishot is on its way; and is told to end */
	bool sending, recalled, shut;
	bool lingers;           /* closed, and there is something to send */
	bool bulk;              /* much comes at a time: read it directly */
	unsigned char in_a_row; /* what spoke for the other way */
	int end;                /* 0, or the error or REED_EEOF behind what is held */
	int send_err;
	int32_t first, last; /* the ring's buffers that are held, in order; -1: none */
	uint32_t held;       /* bytes in these, and in spill */
	uint32_t taken;      /* of the first */
	struct uring_spill spill;
	struct uring_block *out;

	/* a listener */
	bool accepting, plain; /* plain: it accepts by calls, as others do on that socket */
	int accept_err;        /* errno; 0: none */
	int *fds;              /* accepted, not yet taken */
	uint32_t fd_count, fd_taken, fd_size;
};

struct uring {
	struct reed_driver driver;
	struct io_uring ring;
	bool enabled;
	int wakeup[2];
	int bell;        /* silent as long as there is no host */
	int host, timer; /* what a host looks at, and when; -1 unless there was one */
	struct reed_fd_watch wakeup_watch;
	struct uring_handle **slots; /* by the slot of the watch; 0 is nobody's */
	int slot_count, slot_size;
	int slot_free, *free_next; /* 0: none */
	struct reed_list all, todo, news, holding;
	struct reed_event *out; /* being filled */
	int out_count;
	struct uring_block *blocks;
	int block_count;
	struct io_uring_buf_ring *lent;
	char *memory;
	int32_t next[URING_BUFFERS]; /* of those a handle holds */
	uint32_t length[URING_BUFFERS];
	struct __kernel_timespec linger;
};

/* ---- uring_open.c ---- */

/* The thread that does this is the one that may use the ring. */
void reed_uring_enable(struct uring *self);

/* ---- uring.c ---- */

enum reed_err reed_uring_arm(struct reed_driver *d, struct reed_fd_watch *w, unsigned events);
int reed_uring_wait(struct reed_driver *d, int64_t ns, struct reed_event *out, int room);
void reed_uring_wake(struct reed_driver *d);
void reed_uring_reap(struct uring *self);

struct io_uring_sqe *reed_uring_entry(struct uring *self);
void reed_uring_mark(struct io_uring_sqe *e, struct uring_handle *h, enum uring_tag tag);
void reed_uring_cancel(struct uring_handle *h, enum uring_tag tag);
struct uring_handle *reed_uring_handle(struct uring *self, struct reed_fd_watch *w,
                                       enum uring_kind kind);
struct uring_handle *reed_uring_of(struct reed_driver *d, const struct reed_fd_watch *w);
void reed_uring_release(struct uring_handle *h); /* the watch lets go */
void reed_uring_todo(struct uring_handle *h);
void reed_uring_news(struct uring_handle *h);
void reed_uring_flush(struct reed_driver *d);
/* A host may not turn the loop before it hears of what is to be handed over. */
void reed_uring_flush_between_turns(struct reed_driver *d, const struct reed_loop *loop);
bool reed_uring_settled(const struct uring *self); /* no completion waits to be looked at */

/* ---- uring_socket.c ---- */

extern const struct reed_socket_ops reed_uring_sockets;

unsigned reed_uring_socket_polls(const struct uring_handle *h);
void reed_uring_socket_prepare(struct uring_handle *h);
void reed_uring_prepare_sends(struct uring *self);
void reed_uring_received(struct uring_handle *h, const struct io_uring_cqe *cqe);
void reed_uring_sent(struct uring_handle *h, int res);
void reed_uring_spill(struct uring *self);
void reed_uring_lend(struct uring *self, int buffer);
void reed_uring_forget_bytes(struct uring_handle *h);
bool reed_uring_socket_over(const struct uring_handle *h); /* a closed one has nothing more to do */

/* ---- uring_host.c ---- */

int reed_uring_host(struct reed_driver *d, int64_t at);
void reed_uring_host_close(struct uring *self);
void reed_uring_hear_bell(struct uring *self);

/* Before h is armed with events; 0: it is let go of.  Nothing to do without a host. */
enum reed_err reed_uring_show(struct uring_handle *h, unsigned events);

/* ---- uring_accept.c ---- */

void reed_uring_listener_prepare(struct uring_handle *h);
void reed_uring_accepted(struct uring_handle *h, const struct io_uring_cqe *cqe);
void reed_uring_listener_close(struct uring_handle *h);
int reed_uring_accept(struct reed_driver *d, struct reed_fd_watch *w);
void reed_uring_share(struct reed_driver *d, struct reed_fd_watch *w);

#endif
