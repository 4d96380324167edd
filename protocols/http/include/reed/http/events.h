/*
 * Server-sent events (HTML Living Standard 9.2): a server that tells, a client
 * that hears, and comes back where it was.
 *
 * A server, in a handler's coroutine:
 *
 *	reed_http_events_begin(request, 3000);
 *	for (;;) {
 *		reed_try(co, reed_channel_receive(self->news, &self->item));
 *		reed_http_event(request, &(struct reed_http_event){ .id = id, .data = data });
 *		reed_try(co, reed_http_drain(request));
 *	}
 *
 * Who has nothing to say for a while says reed_http_events_alive(), so that
 * those in between do not close the connection.
 */

#ifndef REED_HTTP_EVENTS_H
#define REED_HTTP_EVENTS_H

#include "reed/http/client.h"
#include "reed/http/request.h"

REED_BEGIN_DECLS

struct reed_http_event {
	struct reed_slice type; /* empty: "message" */
	struct reed_slice data; /* text; of any number of lines */
	struct reed_slice id;   /* what a client that comes back tells; p NULL: as before */
};

/* ---- servers ---- */

/* 200 with the right fields; retry_ms: when to come back, 0: as the client likes. */
REED_API void reed_http_events_begin(struct reed_http_request *request, uint32_t retry_ms);

/*
 * REED_EINVAL: a line end or NUL in type or id, or what is no UTF-8; nothing is
 * sent then.  What is sent waits as all of an answer does: see reed_http_drain().
 */
REED_API enum reed_err reed_http_event(struct reed_http_request *request,
                                       const struct reed_http_event *event);

/* A comment, which nobody hears. */
REED_API void reed_http_events_alive(struct reed_http_request *request);

/* Where a client that comes back was; p is NULL for one that is new. */
REED_API struct reed_slice reed_http_last_event_id(const struct reed_http_request *request);

/* ---- the format ---- */

/* Zeroed is the beginning, but for limit. */
struct reed_http_event_parser {
	size_t limit;                   /* bytes of an event; 0: 1 MiB */
	struct reed_buf line, data;     /* of what is not whole yet */
	struct reed_buf type, id, next; /* next: the id that this event will set */
	uint32_t retry_ms;              /* last said; 0: never */
	bool begun, after_cr, shown, has_data;
};

/*
 * Takes from the front of in.  REED_OK: *event, until the next call; REED_EAGAIN:
 * all of in was taken; REED_ETOOBIG: over the limit.  What is not of the format is
 * passed over, as the standard has it.
 */
REED_API enum reed_err reed_http_event_parse(struct reed_http_event_parser *parser,
                                             struct reed_slice *in, struct reed_http_event *event);

/* The connection has gone: half an event is none.  The last id and retry stay. */
REED_API void reed_http_event_parser_cut(struct reed_http_event_parser *parser);
REED_API void reed_http_event_parser_finish(struct reed_http_event_parser *parser);

/* ---- clients ---- */

struct reed_http_events;

/*
 * Nothing is asked for before the first reed_http_events_next().  What fetch
 * points to must outlive it; client too, whose first_ms is waited for the head
 * and whose silent_ms for what comes then, comments included.
 */
REED_API struct reed_http_events *reed_http_events_new(struct reed_http_client *client,
                                                       const struct reed_http_fetch *fetch);

/*
 * Settles with the next event, which stays until the next call.  A connection
 * that ends is made again after what retry says (3 s at first, longer while it
 * fails, a minute at most), with Last-Event-ID.  REED_EEOF: the server said 204,
 * that is enough; REED_EPROTO: it answered something else, which does not pass.
 */
REED_API struct reed_future *reed_http_events_next(struct reed_http_events *events,
                                                   struct reed_http_event *event);

/* Nobody waits for the next.  May be NULL. */
REED_API void reed_http_events_free(struct reed_http_events *events);

REED_END_DECLS

#endif
