/*
 * Private: what the files of DCC share.
 *
 *	dcc.c        words and names
 *	dcc_meet.c   from an offer to a connection, and conversations
 *	dcc_send.c   a file that goes
 *	dcc_get.c    a file that comes
 */

#ifndef REED_IRC_DCC_PRIVATE_H
#define REED_IRC_DCC_PRIVATE_H

#include "client_private.h"
#include "reed/irc/dcc.h"

/* ---- answers to offers (dcc_meet.c) ---- */

/* Somebody who waits for what nick says about mine. */
struct irc_dcc_wait {
	struct reed_list link;
	struct reed_irc_client *client; /* NULL: it is gone */
	char *nick;
	bool offers, passive;
	struct reed_irc_dcc mine;  /* the offer that it is about, of either side */
	struct reed_irc_dcc heard; /* the last answer, without name and token */
	struct reed_cell cell;     /* touched with it */
};

/* Hears of nothing but that the client goes. */
void reed_irc_dcc_tie(struct irc_dcc_wait *w, struct reed_irc_client *c, struct reed_slice nick);
/* May be zeroed. */
void reed_irc_dcc_untie(struct irc_dcc_wait *w);
/* Tells those whom it concerns. */
void reed_irc_dcc_heard(struct reed_irc_client *c, const struct reed_irc_event *event);
/* The client goes. */
void reed_irc_dcc_forget(struct reed_irc_client *c);

/* ---- meeting ---- */

struct irc_dcc_call {
	struct reed_irc_client *client;
	struct reed_slice nick;
	struct reed_irc_dcc dcc; /* ours, or what the other offers */
	bool offers;             /* it is ours */
	uint64_t have;           /* bytes that need not come */
	const struct reed_irc_dcc_options *options;
};

/* Delivers a connection, and where the file begins (may be NULL).  All is copied but progress. */
struct reed_future *reed_irc_dcc_meet(const struct irc_dcc_call *call, struct reed_stream **stream,
                                      uint64_t *from);

/* Offers a port of the other's, which comes back with the token. */
void reed_irc_dcc_make_passive(struct reed_irc_client *c, struct reed_irc_dcc *dcc,
                               char token[REED_IRC_DCC_TOKEN]);

/* Those given, or the usual; the strings are copies, freed by the other one. */
struct reed_irc_dcc_options reed_irc_dcc_options_of(const struct reed_irc_dcc_options *given);
void reed_irc_dcc_options_finish(struct reed_irc_dcc_options *options);

#endif
