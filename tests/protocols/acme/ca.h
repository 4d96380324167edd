/*
 * A certificate authority for tests, on a simulated host: it looks over HTTP
 * whether a name is who asks, hands out certificates of 90 days, and goes wrong in
 * whatever way it is told to.
 */

#ifndef REED_TESTS_ACME_CA_H
#define REED_TESTS_ACME_CA_H

#include "reed/buf.h"
#include "reed/http/server.h"
#include "reed/scope.h"
#include "reed/sim.h"

enum { CA_ORDERS = 64 };

#define CA_DIRECTORY "http://ca/directory"

struct ca_order {
	char name[256];
	char token[64];
	char print[64];                     /* of the key of who asked */
	const char *status, *authorization; /* words of the protocol */
	char *problem;                      /* of the challenge; NULL: none */
	struct reed_buf chain;
	unsigned left; /* times it is still being processed */
};

struct ca {
	struct reed_sim *sim;
	struct reed_loop *loop;
	struct reed_http_server *server;
	struct reed_scope scope;
	struct reed_buf cert, key;
	struct ca_order orders[CA_ORDERS];
	size_t count;
	unsigned requests, accounts, issued, looked;
	unsigned nonce; /* the last that was given */
	char *account;  /* whose key it knows; NULL: nobody's */

	/* what goes wrong; zero: nothing */
	unsigned bad_nonces;   /* so many are refused that were good */
	unsigned throttle;     /* so many orders are refused for an hour */
	unsigned slow;         /* an order is processed for so many looks */
	unsigned cut_at;       /* that request, counted from 1, is cut off, */
	bool cut_after;        /* after it has been done */
	unsigned crash_at;     /* at that request the client's host crashes */
	bool forgets_orders;   /* what was placed before is not found */
	bool forgets_account;  /* once */
	bool takes_no_account; /* but one that is bound */
	const char *garbage;   /* in place of an order */
	bool offers_nothing;   /* no challenge that can be met */
	bool lies;             /* its certificates are for another key */
	const char *window;    /* JSON of renewalInfo; NULL: it has none */
	const char
		*second; /* the same, of the second certificate and those after it; may be NULL */
};

void ca_open(struct ca *self, struct reed_sim *sim);
void ca_close(struct ca *self);

#endif
