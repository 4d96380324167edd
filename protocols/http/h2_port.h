/*
 * A connection of HTTP/2 over a stream that pushes: when what it has to say is
 * written, and when it waits for room.  Of a server's or a client's session.
 */

#ifndef REED_HTTP_H2_PORT_H
#define REED_HTTP_H2_PORT_H

#include "h2_mux.h"
#include "reed/loop.h"
#include "reed/stream.h"

/* Frames without a purpose, counted over ten seconds. */
struct h2_flood {
	int64_t from; /* reed_now() */
	uint32_t counts[H2_NOISE_KINDS];
};

struct h2_port {
	struct reed_loop *loop;
	struct reed_protocol *protocol;
	struct h2_mux mux;
	struct reed_last soon;
	struct reed_waiter drainer;
	struct h2_flood flood;
	bool busy; /* it is heard, and all is flushed when that is done */
	bool over;
};

/* The mux is made by the owner. */
void h2_port_init(struct h2_port *port, struct reed_loop *loop, struct reed_protocol *protocol);
void h2_port_finish(struct h2_port *port);

/* What is to be said goes out soon, together with what else this turn brings; or at once. */
void h2_port_soon(struct h2_port *port);
void h2_port_flush(struct h2_port *port);

/* How much was taken; look whether port->mux has failed, then flush. */
size_t h2_port_receive(struct h2_port *port, struct reed_slice in);

/* As far as the stream takes it at once; the session ends. */
void h2_port_end(struct h2_port *port);

/* False: more than limit of it have come, and the connection fails. */
bool h2_port_endures(struct h2_port *port, enum h2_noise what, uint32_t limit);
const char *h2_noise_name(enum h2_noise what);

#endif
