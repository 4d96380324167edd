/*
 * A page of a simulation, which does what reed-live.js does: it speaks over
 * WebSockets and polls by turns, gives them up in the middle, and keeps what is
 * not acknowledged.
 *
 * It calls add(1), add(2), ... and wants each answered with the double, once; it
 * is told tick(1), ... and asked double(1), ... and wants these in order, once.
 */

#ifndef REED_TESTS_LIVE_BROWSER_H
#define REED_TESTS_LIVE_BROWSER_H

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/http/client.h"
#include "reed/http/server.h"
#include "reed/live.h"
#include "reed/random.h"
#include "reed/sim.h"
#include "reed/websocket.h"

enum { ROUNDS = 30 };

struct browser_notes {
	int answered[ROUNDS + 1];
	int ticks, doubles; /* the last that came */
	int sockets, polls, expired;
	bool done;
	bool few;     /* calls only, and only a few */
	bool give_up; /* when the present connection ends */
};

/* Ends when everything was answered and told; a failure fails the simulation. */
struct reed_future *browser(struct reed_loop *loop, struct browser_notes *notes);

/* The server of it. */
struct office {
	struct reed_loop *loop;
	struct reed_live *live;
	struct reed_http_server *server;
	struct reed_scope scope;
	int opened, gone, added, asked;
	struct reed_live_link *link; /* the last */
	const char *why;             /* the last has gone */
	bool silent;                 /* it tells and asks nothing */
	bool slow;                   /* every answer takes ten seconds */
};

/* For options.resume. */
bool office_refuses(void *arg, struct reed_http_request *request, struct reed_live_page *page);

void office_open(struct office *self, struct reed_loop *loop,
                 const struct reed_live_options *options);
void office_close(struct office *self);

#endif
