/*
 * WebSocket: messages both ways over one connection (RFC 6455), compressed when
 * both sides want that (RFC 7692).
 *
 *	reed_try(co, reed_ws_upgrade(request, NULL, &self->ws));
 *	for (;;) {
 *		reed_try(co, reed_ws_receive(self->ws, &self->message));
 *		reed_ws_send(self->ws, self->message.kind, self->message.bytes);
 *		reed_try(co, reed_ws_drain(self->ws));
 *	}
 *
 * A connection comes open out of one of four functions: reed_ws_upgrade() in a
 * handler of an HTTP server, reed_ws_answer() on any stream, reed_ws_dial() by
 * a URL, reed_ws_ask() on a stream of one's own.  From there on it has one of
 * three faces: messages are pulled (reed_ws_receive), or pushed to a handler
 * (reed_ws_attach), or it becomes a stream (reed_ws_stream), over which any
 * protocol runs.
 *
 * Pings are answered, sent when the peer is silent, and their answers waited
 * for.  Text is checked as it comes.  While nobody receives, or the peer does
 * not take what is sent, nothing is read.  An idle connection holds no buffers,
 * and none for compression either unless `takeover` is asked for.
 */

#ifndef REED_WEBSOCKET_H
#define REED_WEBSOCKET_H

#include "reed/endpoint.h"
#include "reed/http/request.h"
#include "reed/listener.h"
#include "reed/websocket_frame.h"

REED_BEGIN_DECLS

struct reed_ws;

/* Copied, and may be NULL everywhere.  Zero is the default. */
struct reed_ws_options {
	size_t size; /* of this struct */

	uint32_t message;      /* bytes of one, after decompression; 1 MiB */
	uint32_t handshake_ms; /* 10 s */
	uint32_t ping_ms;      /* of silence, after which the peer is pinged; 30 s */
	uint32_t pong_ms;      /* that it may take to say anything then; 20 s */
	uint32_t close_ms;     /* that it may take to answer a Close; 5 s */

	/* Subprotocols, the best first: "text.ircv3.net, binary.ircv3.net". */
	const char *protocols;

	bool plain;    /* nothing is compressed */
	bool takeover; /* what was compressed helps the next message; up to 320 KiB a connection */

	/*
	 * Of servers: pages that may connect.  NULL: those of the host that was
	 * asked for, and programs, which send no Origin; "*": all; else a list,
	 * "https://example.org, https://chat.example.org".
	 */
	const char *origins;
	const char *path; /* of reed_ws_answer(): the only one, else 404; NULL: any */

	/* Of clients. */
	const char *origin;                   /* what to send as Origin; NULL: nothing */
	const struct reed_http_field *fields; /* more of them: Authorization, Cookie */
	size_t field_count;
};

#define REED_WS_OPTIONS                                \
	{                                              \
		.size = sizeof(struct reed_ws_options) \
	}

/* ---- connections ---- */

/*
 * In a handler's coroutine, as its answer.  REED_EPROTO, REED_EACCES: the request
 * asks for no WebSocket, or from a page that may not; it has been answered with
 * 400, 403, 405 or 426 then.  The future must not outlive the request.
 */
REED_API struct reed_future *reed_ws_upgrade(struct reed_http_request *request,
                                             const struct reed_ws_options *options,
                                             struct reed_ws **ws);

/* Reads the request off a stream and answers it.  Consumes the stream. */
REED_API struct reed_future *reed_ws_answer(struct reed_stream *stream,
                                            const struct reed_ws_options *options,
                                            struct reed_ws **ws);

/*
 * ws://HOST[:PORT]/PATH or wss://...  REED_ESYNTAX: the URL is none; REED_EPROTO:
 * the server answered something else, which the fault tells; REED_ETIMEDOUT; and
 * what dialling fails with.
 */
REED_API struct reed_future *reed_ws_dial(struct reed_loop *loop, const char *url,
                                          const struct reed_ws_options *options,
                                          struct reed_ws **ws);

/* The same over a stream that is there; host as in the URL, path with its query.  Consumes it. */
REED_API struct reed_future *reed_ws_ask(struct reed_stream *stream, const char *host,
                                         const char *path, const struct reed_ws_options *options,
                                         struct reed_ws **ws);

/* The subprotocol that was agreed on; empty without one. */
REED_API struct reed_slice reed_ws_protocol(const struct reed_ws *ws);

/* Of the stream below; empty when that has gone. */
REED_API void reed_ws_facts(struct reed_ws *ws, struct reed_stream_facts *facts);

/*
 * How it ended: the code of the peer's Close; 1005 when there was none in it;
 * 1006 when it went without one.  0 while it is open.  The reason is UTF-8.
 */
REED_API unsigned reed_ws_code(const struct reed_ws *ws);
REED_API struct reed_slice reed_ws_reason(const struct reed_ws *ws);

/* Why it broke, in a sentence; never NULL. */
REED_API const char *reed_ws_why(const struct reed_ws *ws);

/* ---- sending: queued, never suspends ---- */

/*
 * kind is REED_WS_TEXT or REED_WS_BINARY.  REED_EINVAL: text that is not UTF-8,
 * or a message of pieces is under way; REED_ECLOSED: a Close has been sent, or
 * the connection has gone.  What queues up beyond the stream's output limit (4 MiB)
 * breaks the connection: send what is larger in pieces, and drain between them.
 */
REED_API enum reed_err reed_ws_send(struct reed_ws *ws, enum reed_ws_opcode kind,
                                    struct reed_slice bytes);

/* A message in fragments, of which this is the next; not compressed. */
REED_API enum reed_err reed_ws_send_piece(struct reed_ws *ws, enum reed_ws_opcode kind,
                                          struct reed_slice bytes, bool last);

/* A message for many: encoded once, sent to any connections of servers. */
REED_API struct reed_blob *reed_ws_encode(enum reed_ws_opcode kind, struct reed_slice bytes);
REED_API enum reed_err reed_ws_send_blob(struct reed_ws *ws, struct reed_blob *encoded);

/* Up to 125 bytes, which the peer sends back; REED_ETOOBIG. */
REED_API enum reed_err reed_ws_ping(struct reed_ws *ws, struct reed_slice bytes);

/*
 * Says Close; what was queued goes first, nothing can be sent behind it.  The
 * peer's Close, or close_ms, is the end then.  code 0: none; reason is cut at
 * 123 bytes.
 */
REED_API void reed_ws_say_close(struct reed_ws *ws, unsigned code, const char *reason);

/* See reed_must_drain() and reed_drain(). */
REED_API bool reed_ws_must_drain(const struct reed_ws *ws);
REED_API struct reed_future *reed_ws_drain(struct reed_ws *ws);

/* ---- messages, pulled ---- */

struct reed_ws_message {
	enum reed_ws_opcode kind; /* REED_WS_TEXT or REED_WS_BINARY */
	struct reed_slice bytes;  /* until the next reed_ws_receive() */
};

/*
 * Settles with the next message; one at a time.  REED_EEOF: the peer said Close,
 * see reed_ws_code(); REED_ERESET: it went without; REED_EPROTO, REED_ETOOBIG,
 * REED_ETIMEDOUT: it was sent away, see reed_ws_why().
 */
REED_API struct reed_future *reed_ws_receive(struct reed_ws *ws, struct reed_ws_message *message);

/* Consumes it: says Close 1000 unless one was said, and lets go in good order.  May be NULL. */
REED_API void reed_ws_close(struct reed_ws *ws);

/* ---- messages, pushed ---- */

struct reed_ws_handler {
	const struct reed_ws_handler_ops *ops;
};

/* One of the first two is there. */
struct reed_ws_handler_ops {
	/* A whole one. */
	void (*message)(struct reed_ws_handler *self, struct reed_ws *ws, enum reed_ws_opcode kind,
	                struct reed_slice bytes);

	/* What is here of one, which has no limit then; the last may be empty. */
	void (*piece)(struct reed_ws_handler *self, struct reed_ws *ws, enum reed_ws_opcode kind,
	              struct reed_slice bytes, bool last);

	/* As reed_ws_receive() would fail; once.  May be NULL. */
	void (*ended)(struct reed_ws_handler *self, struct reed_ws *ws, enum reed_err err);

	/* The last call; the connection goes with it.  NULL: reed_free(self). */
	void (*free)(struct reed_ws_handler *self);
};

/*
 * The session: it owns connection and handler, ends with the connection, and may
 * be dropped at any time.  An interrupt says Close 1001.
 */
REED_API struct reed_future *reed_ws_attach(struct reed_ws *ws, struct reed_ws_handler *handler);

/* Between the two nothing is pushed. */
REED_API void reed_ws_hold_back(struct reed_ws *ws);
REED_API void reed_ws_go_on(struct reed_ws *ws);

/* ---- a stream ---- */

/* How bytes become messages. */
enum reed_ws_form {
	REED_WS_BYTES,      /* messages have no meaning; binary ones are sent */
	REED_WS_LINES_TEXT, /* a line without its end is a message; text, what is not UTF-8 replaced */
	REED_WS_LINES_BINARY, /* the same, binary, as it is */
};

/*
 * Consumes the connection.  WebSocket knows no half-close: who shuts down, or
 * closes, says Close, and hears no more.  A peer that goes without a Close is
 * REED_ERESET.
 */
REED_API struct reed_stream *reed_ws_stream(struct reed_ws *ws, enum reed_ws_form form);

/* The form that a subprotocol has: those of IRCv3 are lines, all others bytes. */
REED_API enum reed_ws_form reed_ws_form_of(struct reed_slice protocol);

/* Endpoints, for programs that link the module; `reed` finds them by their names. */
REED_API extern const struct reed_scheme reed_ws_scheme;
REED_API extern const struct reed_scheme reed_wss_scheme;

/*
 * Yields streams of the connections of below, when they have shaken hands; for
 * those without a subprotocol in the given form.  Owns below.
 */
REED_API struct reed_listener *reed_ws_listener(struct reed_listener *below,
                                                const struct reed_ws_options *options,
                                                enum reed_ws_form form);

REED_END_DECLS

#endif
