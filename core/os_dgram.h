/* Datagram sockets of the system: what its two ways of moving datagrams share. */

#ifndef REED_OS_DGRAM_H
#define REED_OS_DGRAM_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "dgram_private.h"
#include "os.h"

enum {
	/* Room for all we ask for: pktinfo of either family, TTL, the segment of UDP_GRO. */
	REED_DGRAM_CONTROL = 128,
};

struct reed_sock_dgram {
	struct reed_dgram dgram;
	struct reed_fd_watch watch;
	int family;            /* AF_INET6 may serve IPv4 too */
	bool want_to;          /* who asks, or else could not answer from where it was asked */
	bool controlled;       /* there is something to be read beside the bytes */
	bool no_segments;      /* the system refuses UDP_SEGMENT here */
	uint32_t segment_most; /* a longer one was refused: it is over the MTU */
	struct reed_unix_file file;
	struct reed_list link; /* among those of the loop that are bound */
	bool inherited;
	bool stays; /* it can be bound only once */
	struct reed_named_fd named;
	struct reed_timer again; /* for a receiver that was full, of which no event tells */
	int refusals;            /* in a row */
};

static inline struct reed_sock_dgram *reed_sock_dgram_of(struct reed_dgram *d)
{
	return reed_container_of(d, struct reed_sock_dgram, dgram);
}

/* The two calls of a kind: os_dgram_linux.c, os_dgram_posix.c. */
int reed_sock_receive(struct reed_dgram *d, struct reed_dgram_batch *batch,
                      struct reed_datagram *in, int room, bool *more);
int reed_sock_send(struct reed_dgram *d, struct reed_dgram_out *const *out, int count);

/* What only one of them can: UDP_GRO, the queue of errors. */
void reed_sock_enable(struct reed_sock_dgram *self);

/* ---- messages (os_dgram_message.c) ---- */

/* What came with a message; its segment, or 0, is returned. */
uint32_t reed_sock_read_control(struct reed_sock_dgram *self, struct msghdr *m,
                                struct reed_datagram *in, struct reed_address *to);

/* The address for a socket of this family, which may have to be mapped; returns its length. */
socklen_t reed_sock_address(const struct reed_sock_dgram *self, const struct reed_address *to,
                            struct sockaddr_storage *at);

/* Adds the source that out asks for; m->msg_control has room for it. */
void reed_sock_write_source(const struct reed_sock_dgram *self, struct msghdr *m,
                            const struct reed_dgram_out *out);

/* The system takes no more now; REED_EOVERFLOW: one receiver has held up the others too long. */
enum reed_err reed_sock_full(struct reed_sock_dgram *self);

/* Of errno, after a receive or send: nothing is wrong with the socket itself. */
bool reed_sock_is_passing(int err);
enum reed_err reed_sock_error(int err);

#endif
