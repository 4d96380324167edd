/*
 * Shipping the log: every record also goes to a peer, by any endpoint.
 *
 *	options.endpoint = "tls:logs.example.org:6514";
 *	ship = reed_ship_new(loop, &options);
 *
 * As syslog (RFC 5424): counted over streams (RFC 6587 3.4.1, over TLS as RFC
 * 5425 has it), one a datagram over UDP (RFC 5426); to a UNIX socket, which is
 * where a system's own syslog listens (/dev/log), in the older form that it
 * reads.  Or as JSON, an object a line or a datagram.
 *
 * Nothing waits for the peer.  Records are kept, as they will be sent, in
 * bounded memory; when that is full they are counted, and a record among those
 * that are shipped says how many were lost, at the place where they are
 * missing.  A connection that breaks is made anew, with pauses that grow; what
 * the system had not taken of it is sent again, so that a record may come
 * twice.  A datagram that gets lost on its way is nobody's to know.
 *
 * Everything belongs to the loop whose log it is.
 */

#ifndef REED_SHIP_H
#define REED_SHIP_H

#include "reed/log.h"

REED_BEGIN_DECLS

enum {
	REED_SHIP_ROOM = 1 << 20,
	REED_SHIP_DATAGRAM = 2048, /* the longest datagram of syslog (RFC 5426 3.2) */
	REED_SHIP_LONGEST = 16384, /* the longest record; fields beyond it are left out */
	REED_SHIP_FACILITY = 3,    /* "daemon" (RFC 5424 6.2.1) */
};

enum reed_ship_format { REED_SHIP_SYSLOG, REED_SHIP_JSON };

/* Strings are copied. */
struct reed_ship_options {
	size_t size; /* of this struct */
	const char *endpoint;
	enum reed_ship_format format;
	enum reed_log_level level; /* the least that is shipped */
	int facility;              /* 0 to 23 */
	size_t room;               /* bytes that may wait; 0: REED_SHIP_ROOM */
	const char *host;          /* of syslog: which machine; NULL: "-" */
	const char *app;           /* what the program is called; NULL: "reed" */
	int pid;                   /* 0: not told */
	const char *id;            /* of the structured data: NAME@NUMBER; NULL: fields as text */
	void *reserved[2];
};

#define REED_SHIP_OPTIONS                                                         \
	{                                                                         \
		.size = sizeof(struct reed_ship_options), .level = REED_LOG_INFO, \
		.facility = REED_SHIP_FACILITY                                    \
	}

struct reed_ship;

/* Begins at once; what is wrong with the endpoint is told in the log, and tried again. */
REED_API struct reed_ship *reed_ship_new(struct reed_loop *loop,
                                         const struct reed_ship_options *options);

/* Before its loop goes.  What waits is lost.  May be NULL. */
REED_API void reed_ship_free(struct reed_ship *self);

/*
 * For the end of a program.  Resting, it lets go of its peer as soon as nothing
 * waits, and gathers records.  Then the last words: it hears no more, what it
 * has is sent with one try, and then it is done, however that went.
 */
REED_API void reed_ship_rest(struct reed_ship *self);
REED_API void reed_ship_last_words(struct reed_ship *self);
REED_API bool reed_ship_is_done(const struct reed_ship *self);

struct reed_ship_stats {
	size_t size; /* set by the caller */
	uint64_t shipped, dropped;
	uint64_t waiting; /* bytes, and */
	uint64_t memory;  /* what they are kept in */
	uint64_t connections, failures;
	bool connected;
};

REED_API void reed_ship_stats(const struct reed_ship *self, struct reed_ship_stats *stats);

/* "user", "local0" and the like (RFC 5424 6.2.1), by their numbers; ends with NULL. */
REED_API extern const char *const reed_ship_facilities[];

/* A record as it is sent, without a frame; longest: bytes at most.  Appended to out. */
REED_API void reed_ship_render(const struct reed_log_event *event,
                               const struct reed_ship_options *options, size_t longest,
                               struct reed_buf *out);

REED_END_DECLS

#endif
