/*
 * A connection of HTTP/2 (RFC 9113): requests beside each other.  The wire is
 * nghttp2's, which is given what comes and asked for what goes; it is never
 * entered from inside itself.
 */

#ifndef REED_HTTP_H2_H
#define REED_HTTP_H2_H

#include <nghttp2/nghttp2.h>

#include "head.h"
#include "private.h"

enum {
	H2_PREFACE = 24,
	H2_NOISE_MS = 10000, /* frames without a purpose are counted over this */
	H2_GOODBYE_MS = 1000,
	H2_WINDOWS = 16,         /* of one request, that of the connection is */
	H2_WINDOW_LEAST = 65535, /* RFC 9113 6.9.2: it cannot be less */
};

/* What costs the sender less than us. */
#define H2_NOISES(X)                           \
	X(RESET, "reset streams")              \
	X(PING, "PING")                        \
	X(SETTINGS, "SETTINGS")                \
	X(EMPTY, "empty DATA")                 \
	X(PRIORITY, "PRIORITY")                \
	X(CONTINUATION, "CONTINUATION")        \
	X(WINDOW, "WINDOW_UPDATE of one byte") \
	X(REFUSED, "requests that are broken")

enum h2_noise {
#define X(name, text) H2_NOISE_##name,
	H2_NOISES(X)
#undef X
		H2_NOISE_KINDS
};

struct h2_stream {
	struct reed_list link;
	struct h2 *h2;
	struct reed_http_request *request; /* NULL: its handler has ended */
	struct reed_waiter task;           /* its handler, while that takes time */
	struct reed_future draining;
	struct reed_buf out; /* of the answer's body, not yet in frames */
	nghttp2_nv *trailers;
	size_t trailer_count;
	size_t head_used;       /* bytes of the head that stand in the request, */
	size_t head_sent;       /* and that came, of head or trailer */
	struct framing framing; /* what the fields say of the body */
	struct reed_slice authority;
	size_t unconsumed;                 /* of its body: the peer may not send as much more */
	int64_t body_moved, written_moved; /* reed_now() */
	const char *why;                   /* its head is refused, */
	unsigned status;                   /* as this */
	int32_t id;
	uint64_t unwanted; /* bytes of its body that nobody read */
	bool started, begun, ended, answered, deferred, is_draining, heard_all, gone;
};

struct h2 {
	struct reed_protocol *protocol;
	struct reed_http_server *server;
	nghttp2_session *session;
	struct reed_list link; /* of the server */
	struct reed_list streams;
	struct reed_last soon;
	struct reed_waiter drainer;
	struct reed_timer timer;
	int64_t since;      /* reed_now(): idle, or a head began */
	int64_t shut_at;    /* it was told that there is an end */
	int64_t noise_from; /* since then */
	uint32_t noises[H2_NOISE_KINDS];
	int64_t written_at; /* the peer last took something, */
	uint64_t written;   /* up to here */
	uint32_t requests;
	bool busy; /* nghttp2 is at work */
	bool in_head, shutting, said_last, over;
	char why[96];
};

/* ---- h2.c ---- */

/* In place of h1, from the first byte on. */
struct h2 *h2_new(struct reed_http_server *server, struct reed_protocol *protocol);
size_t h2_data(struct h2 *self, struct reed_slice in);
void h2_shut(struct h2 *self);
void h2_free(struct h2 *self);

/* What is to be said goes out soon, together with what else this turn brings. */
void h2_soon(struct h2 *self);
void h2_flush(struct h2 *self);
void h2_say_last(struct h2 *self);
void h2_end(struct h2 *self);

/* ---- h2_read.c ---- */

int h2_session_new(struct h2 *self, nghttp2_session **session);

/* ---- h2_memory.c ---- */

struct h2_memory *h2_memory_new(void);
void h2_memory_free(struct h2_memory *self);
nghttp2_mem h2_memory_of(struct h2_memory *self);

/* ---- h2_stream.c ---- */

struct h2_stream *h2_stream_new(struct h2 *self, int32_t id);
void h2_stream_free(struct h2_stream *s);
void h2_start(struct h2_stream *s);
void h2_reset(struct h2_stream *s, uint32_t code);
void h2_consume(struct h2_stream *s);
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

/* ---- h2_flood.c ---- */

/* False: there was too much of it, and the connection is over. */
bool h2_endures(struct h2 *self, enum h2_noise what);
void h2_log(struct h2 *self, const char *what, const char *why);

/* ---- h2_timer.c ---- */

void h2_timer_init(struct h2 *self);
/* Something new may be due within ms; 0: never. */
void h2_watch(struct h2 *self, uint32_t ms);

/* ---- h2_write.c ---- */

extern const struct http_wire http_wire_2;

#endif
