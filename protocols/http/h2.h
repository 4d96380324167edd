/*
 * A server's connection of HTTP/2: requests beside each other, each in a lane
 * of h2_mux.h.
 */

#ifndef REED_HTTP_H2_H
#define REED_HTTP_H2_H

#include "h2_port.h"
#include "head.h"
#include "private.h"

enum {
	H2_GOODBYE_MS = 1000,
	H2_WINDOWS = 16, /* of one request, that of the connection is */
};

struct h2_stream {
	struct h2_lane lane;
	struct reed_list link;
	struct h2 *h2;
	struct reed_http_request *request; /* NULL: its handler has ended */
	struct reed_waiter task;           /* its handler, while that takes time */
	struct reed_future draining;
	size_t head_used;       /* bytes of the head that stand in the request, */
	size_t head_sent;       /* and that came, of head or trailer */
	struct framing framing; /* what the fields say of the body */
	struct reed_slice authority;
	uint32_t unconsumed;               /* of its body: the peer may not send as much more */
	int64_t body_moved, written_moved; /* reed_now() */
	const char *why;                   /* its head is refused, */
	unsigned status;                   /* as this */
	uint64_t unwanted;                 /* bytes of its body that nobody read */
	bool started, begun, answered, is_draining;
	bool tunnels;             /* it is CONNECT: its body is none, */
	struct h2_tunnel *tunnel; /* but a stream that a handler has, or NULL */
};

struct h2 {
	struct h2_port port;
	struct reed_http_server *server;
	struct reed_list link; /* of the server */
	struct reed_list streams;
	struct reed_timer timer;
	int64_t since;      /* reed_now(): idle, or a head began */
	int64_t shut_at;    /* it was told that there is an end */
	int64_t written_at; /* the peer last took something, */
	uint64_t written;   /* up to here */
	uint32_t requests;
	bool in_head, shutting, said_last;
};

static inline struct h2_stream *h2_stream_of(struct h2_lane *lane)
{
	return reed_container_of(lane, struct h2_stream, lane);
}

/* ---- h2.c ---- */

/* In place of h1, from the first byte on; NULL: no memory. */
struct h2 *h2_new(struct reed_http_server *server, struct reed_protocol *protocol);
size_t h2_data(struct h2 *self, struct reed_slice in);
void h2_shut(struct h2 *self);
void h2_free(struct h2 *self);

void h2_say_last(struct h2 *self);
/* When there is too much of it the connection is over. */
void h2_endure(struct h2 *self, enum h2_noise what);

/* ---- h2_read.c ---- */

extern const struct h2_mux_ops h2_server_ops;

/* ---- h2_stream.c ---- */

struct h2_stream *h2_stream_new(struct h2 *self);
void h2_stream_free(struct h2_stream *s);
void h2_start(struct h2_stream *s);
void h2_reset(struct h2_stream *s, uint32_t code);
void h2_consume(struct h2_stream *s);
void h2_consume_all(struct h2_stream *s);
void h2_done(struct h2_stream *s);
/* All of the answer has gone: is it worth to hear the rest of the request? */
void h2_answered(struct h2_stream *s);
void h2_throw_away(struct h2_stream *s, size_t n);

/* ---- h2_head.c ---- */

void h2_head_begin(struct h2_stream *s);
/* False: the header block is more than anybody means; *s is refused otherwise. */
bool h2_head_add(struct h2_stream *s, struct reed_slice name, struct reed_slice value);
void h2_trailer_add(struct h2_stream *s, struct reed_slice name, struct reed_slice value);
void h2_head_end(struct h2_stream *s, bool has_body);

/* ---- h2_timer.c ---- */

void h2_timer_init(struct h2 *self);
/* Something new may be due within ms; 0: never. */
void h2_watch(struct h2 *self, uint32_t ms);

/* ---- h2_tunnel.c: a stream that somebody else closes, before its request ends or after ---- */

struct reed_stream *h2_tunnel_new(struct h2_stream *s);
void h2_tunnel_add(struct h2_tunnel *self, struct reed_slice bytes);
void h2_tunnel_end(struct h2_tunnel *self);
/* There is room for more, if it was waited for. */
void h2_tunnel_tell(struct h2_tunnel *self);
/* The request's lane is no more. */
void h2_tunnel_leave(struct h2_tunnel *self);

/* ---- h2_write.c ---- */

extern const struct http_wire http_wire_2;

/* More of the body, copied. */
void h2_write(struct h2_stream *s, struct reed_slice bytes);

/* Who waits until the peer has taken the body may go on. */
void h2_tell_drained(struct h2_stream *s);

#endif
