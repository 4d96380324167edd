/* What the two halves of a connection share: sim_tcp_send.c and sim_tcp_receive.c. */

#ifndef REED_SIM_TCP_H
#define REED_SIM_TCP_H

#include "sim_private.h"

enum {
	SEGMENT = 1460,  /* bytes of payload: Ethernet's 1500 less the headers */
	SYN_TRIES = 6,   /* as Linux: given up after 127 s, */
	DATA_TRIES = 15, /* after about a quarter of an hour, */
	PROBES = 9,      /* and 11 minutes after an unanswered keep-alive */
	PROBE_EVERY_S = 75,
	RTO_LEAST_MS = 200,
	RTO_MOST_S = 120,
	ORPHAN_S = 60,
};

struct sim_socket *reed_sim_socket_new(struct sim_host *h, struct sim_host *peer,
                                       uint16_t peer_port, uint16_t port, bool ipv6);

/* Sends a SYN, or the answer to one. */
void reed_sim_syn(struct sim_socket *s);

/* An acknowledgement leaves before time goes on, by itself or with data. */
void reed_sim_owe(struct sim_socket *s);

/* una has moved; the peer has been heard of. */
void reed_sim_progress(struct sim_socket *s);
void reed_sim_heard(struct sim_socket *s);

/* s may be gone when it returns. */
void reed_sim_part_with(struct sim_socket *s);

#endif
