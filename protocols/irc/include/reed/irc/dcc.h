/*
 * DCC: files and conversations between two IRC clients, beside the server.
 *
 *	case REED_IRC_EVENT_CTCP:
 *		if (reed_irc_dcc_of(event, &offer) == REED_OK && offer.kind == REED_IRC_DCC_SEND)
 *			reed_try(co, reed_irc_dcc_get(client, event, NULL, "inbox", &self->got));
 *
 * Who offers listens, and who accepts dials; or, when port 0 and a token are
 * offered (passive, reverse), the other way round.  Nothing is accepted unless
 * a call here says so.
 *
 * An offer names any address its sender likes.  Ports below 1024, addresses of
 * this machine, multicast and the like are refused with REED_EPERM, unless
 * anywhere is set.  The name of a file is its sender's too: what is made of it
 * is a plain name in the folder that was given, never a path.
 *
 * All calls succeed or fail as a whole: REED_ETIMEDOUT (nobody took it, or
 * nothing moves), REED_ETOOBIG, REED_EEXIST, REED_EEOF (the peer closed before
 * the end), REED_ESYNTAX (no offer of that kind), REED_ECLOSED (no connection
 * to the server to say it over), and what files and sockets fail with.  A call
 * that is dropped closes its connection.  The transfer, once connected, goes on
 * without the server; when the client is freed before that, REED_ECANCELED.
 *
 * Sources: modern.ircdocs.horse "DCC" (2018), and as irssi and mIRC have it.
 */

#ifndef REED_IRC_DCC_H
#define REED_IRC_DCC_H

#include "reed/address.h"
#include "reed/irc/client.h"

REED_BEGIN_DECLS

/* ---- on the wire ---- */

enum reed_irc_dcc_kind {
	REED_IRC_DCC_CHAT,
	REED_IRC_DCC_SEND,
	REED_IRC_DCC_RESUME, /* who gets it has the bytes before position */
	REED_IRC_DCC_ACCEPT, /* and begins there */
};

struct reed_irc_dcc {
	enum reed_irc_dcc_kind kind;
	struct reed_slice name;      /* of the file, without quotes; "chat" */
	struct reed_address address; /* of CHAT and SEND; with the port, which is 0: passive */
	bool has_size;
	uint64_t size;           /* of SEND; of RESUME and ACCEPT the position */
	struct reed_slice token; /* up to REED_IRC_DCC_TOKEN bytes; empty: none */
};

enum { REED_IRC_DCC_TOKEN = 32, REED_IRC_DCC_NAME = 256 };

/* params of a CTCP DCC; out points into them.  REED_ESYNTAX. */
REED_API enum reed_err reed_irc_dcc_parse(struct reed_slice params, struct reed_irc_dcc *out);

/* The reverse, without 0x01 and "DCC".  REED_ESYNTAX: a name with quotes; REED_ETOOBIG. */
REED_API enum reed_err reed_irc_dcc_format(const struct reed_irc_dcc *dcc, char *p, size_t room,
                                           struct reed_slice *out);

/*
 * A plain name made of what somebody sent: what follows the last slash or
 * backslash, no dots in front, no control characters, never empty.  Returns into.
 */
REED_API const char *reed_irc_dcc_file_name(struct reed_slice name, char into[REED_IRC_DCC_NAME]);

/* What somebody offers us with this event, just now.  REED_ESYNTAX: nothing. */
REED_API enum reed_err reed_irc_dcc_of(const struct reed_irc_event *event,
                                       struct reed_irc_dcc *out);

/* ---- options ---- */

struct reed_irc_dcc_options {
	size_t size;         /* of this struct */
	int64_t accept_ms;   /* for the other to take an offer, or to answer */
	int64_t stall_ms;    /* without a byte */
	uint64_t bytes_most; /* of a file that comes */
	const char *listen;  /* an endpoint; NULL: any port of the address that the server sees */
	const char *host;    /* the address that is told, of IP; NULL: where it listens */
	bool passive;        /* offers: the other is to listen */
	bool anywhere;       /* dial whatever is offered */
	bool no_resume;      /* begin anew, whatever is there of the file */
	bool replace;        /* a file of that name that is there */
	/* Set to the bytes that are there, may be NULL; owned by the caller. */
	struct reed_cell *progress;
	void *reserved[4];
};

/* Two minutes, one minute, 1 GiB. */
#define REED_IRC_DCC_OPTIONS                                                      \
	{                                                                         \
		.size = sizeof(struct reed_irc_dcc_options), .accept_ms = 120000, \
		.stall_ms = 60000, .bytes_most = UINT64_C(1) << 30,               \
	}

/* ---- files ---- */

struct reed_irc_dcc_file {
	char *path;        /* freed with the next call */
	uint64_t bytes;    /* of the whole file */
	uint64_t began_at; /* what was there before; 0: nothing */
};

REED_API void reed_irc_dcc_file_finish(struct reed_irc_dcc_file *file);

/*
 * Offers the file to nick, and sends it when it is accepted, from where the
 * other asks; settles when the other has all of it.  options may be NULL, here
 * and below; out too.
 */
REED_API struct reed_future *reed_irc_dcc_send(struct reed_irc_client *client,
                                               struct reed_slice nick, const char *path,
                                               const struct reed_irc_dcc_options *options,
                                               struct reed_irc_dcc_file *out);

/*
 * Accepts the file that is offered with event.  What comes is in NAME.part of
 * the folder until it is whole, and goes on from there the next time; then it
 * is NAME, which must not be there yet (REED_EEXIST) unless replace is set.
 */
REED_API struct reed_future *reed_irc_dcc_get(struct reed_irc_client *client,
                                              const struct reed_irc_event *event,
                                              const struct reed_irc_dcc_options *options,
                                              const char *folder, struct reed_irc_dcc_file *out);

/* ---- conversations: lines, read with reed_read_line() and written with reed_printf() ---- */

/* Offers one to nick; the stream is the caller's once delivered. */
REED_API struct reed_future *reed_irc_dcc_chat(struct reed_irc_client *client,
                                               struct reed_slice nick,
                                               const struct reed_irc_dcc_options *options,
                                               struct reed_stream **stream);

/* Accepts the one that is offered with event. */
REED_API struct reed_future *reed_irc_dcc_join(struct reed_irc_client *client,
                                               const struct reed_irc_event *event,
                                               const struct reed_irc_dcc_options *options,
                                               struct reed_stream **stream);

REED_END_DECLS

#endif
