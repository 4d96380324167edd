/*
 * The client's connections of HTTP/2: one for all requests of an endpoint, as
 * long as it has room.  An ask is one request and its answer on it.
 */

#ifndef REED_HTTP_CLIENT_H2_H
#define REED_HTTP_CLIENT_H2_H

#include "client.h"
#include "h2_port.h"
#include "head.h"

enum {
	CLIENT_H2_WINDOW = 256 << 10, /* of an answer that nobody reads */
	CLIENT_H2_LANES = 100,        /* of a connection, if the server takes so many */
	/* Those that nobody reads leave the others room (RFC 9113 5.2.2). */
	CLIENT_H2_WINDOWS = CLIENT_H2_LANES * CLIENT_H2_WINDOW,
	CLIENT_H2_NOISE = 500,
};

struct second {
	struct reed_protocol protocol;
	struct h2_port port;
	struct reed_http_client *client; /* NULL: it takes no more requests */
	struct reed_http_wire_limits wire;
	uint32_t idle_ms;
	struct reed_list link; /* of the client */
	struct reed_list asks;
	struct reed_waiter session;
	struct reed_timer idle;
	char *endpoint;
	enum reed_err err; /* how it has ended */
	uint32_t asked, resets;
	int64_t heard;    /* reed_now(): anything */
	uint32_t code;    /* of GOAWAY */
	bool over, woken; /* the protocol has let go of it; its session has */
};

struct ask {
	struct h2_lane lane;
	struct reed_list link;
	struct second *of; /* NULL: the lane is closed */
	struct reed_loop *loop;
	struct reed_future waiting, draining;
	bool is_waiting, is_draining;
	struct reed_pool pool;
	struct reed_http_head head;
	struct framing framing;
	struct reed_http_field *trailers; /* of the pool */
	unsigned trailer_count;
	size_t head_size;
	enum reed_http_method method;
	struct reed_buf in, seen; /* of the body: what came, and what was handed out */
	bool has_head, too_large, abandoned;
	bool reused;       /* the connection was there before */
	bool lost;         /* the connection has ended before its answer */
	bool unheard;      /* the server has done nothing about it, and says so (RFC 9113 8.7) */
	enum reed_err err; /* it is cut off so, */
	uint32_t code;     /* with this, if the server did it */
	/* Of an answer that is not the last (RFC 9110 15.2); NULL: nobody cares. */
	void (*interim)(void *arg, const struct reed_http_head *head);
	void *interim_arg;
};

/* ---- client_h2.c ---- */

/* Speaks on stream, which it takes over; what it cannot do ends it. */
struct second *second_new(struct reed_http_client *client, const char *endpoint,
                          struct reed_stream *stream);
/* One with room for a request; NULL. */
struct second *second_find(struct reed_http_client *client, const char *endpoint);
/* In good order when nothing is under way. */
void second_free(struct second *self);
/*
 * Something was waited for in vain: unless anything was heard of it of late it takes
 * no more requests, but goes on with those under way.
 */
void second_doubt(struct second *self);

/* ---- client_ask_new.c ---- */

/* The request is on its way, but for an upload; NULL: the connection takes no more. */
struct ask *ask_new(struct second *of, const struct exchange *what);

/* ---- client_ask.c ---- */

extern const struct h2_mux_ops second_ops;

/* It may be under way: the server is told that nobody waits for it. */
void ask_free(struct ask *self);

/* Settles when there is more to be seen of its answer; or when it was cut off. */
struct reed_future *ask_more(struct ask *self);
/* REED_EAGAIN: no head yet; else why there will be none. */
enum reed_err ask_head(struct ask *self);
/* As response_piece(). */
enum reed_err ask_piece(struct ask *self, struct reed_slice *piece);

/* The body of the request. */
void ask_write(struct ask *self, struct reed_slice bytes);
void ask_end(struct ask *self);
bool ask_must_drain(const struct ask *self);
/* REED_EPIPE: its answer is whole, or there will be none, and nobody takes more (RFC 9113 8.1). */
struct reed_future *ask_drain(struct ask *self);

/* Nobody wants the rest of it: whoever waits for its answer hears of err. */
void ask_break(struct ask *self, enum reed_err err);

/* Why it was cut off, in a sentence. */
const char *ask_why(const struct ask *self);

/* ---- client_connect.c ---- */

/* Those who want the same endpoint, as long as there are any. */
struct gate {
	struct reed_list link; /* of the client */
	struct reed_http_client *client;
	struct reed_lock lock;
	char *endpoint;
	unsigned users;
	uint64_t dials;
	bool only_1; /* HTTP/1 is what it spoke the last time */
};

struct gate *gate_enter(struct reed_http_client *client, const char *endpoint);
void gate_leave(struct gate *gate); /* may be NULL */

/*
 * Then second_find() has one, unless it has gone again; or *stream is there, and of
 * HTTP/1.  The others wait until the caller releases its turn, when it has asked or
 * given up.
 */
struct reed_future *client_connect(struct gate *gate, struct reed_hold *turn,
                                   struct reed_stream **stream);

/* ---- client_fetch2.c ---- */

/* On that connection; *again is set when it may be asked elsewhere. */
struct reed_future *second_exchange(struct second *of, const struct exchange *what,
                                    struct response **out, bool *again);

#endif
