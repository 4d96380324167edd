/* A connection of HTTP/1: requests one after another, answered in order (RFC 9112 9.3). */

#ifndef REED_HTTP_H1_H
#define REED_HTTP_H1_H

#include "private.h"

struct h1 {
	struct reed_protocol protocol;
	struct reed_http_server *server;
	struct reed_list link;             /* of the server */
	int64_t born;                      /* reed_now() */
	struct reed_http_request *request; /* NULL: none under way */
	struct reed_waiter task;           /* its handler, while that takes time */
	struct reed_timer timer;

	/* the body that comes in, whether or not somebody still wants it */
	enum reed_http_framing framing;
	uint64_t left; /* of REED_HTTP_LENGTH; of what is thrown away in any case */
	struct reed_http_chunks chunks;

	size_t scanned;     /* of a head that is not whole */
	int64_t since;      /* reed_now(): idle, or the head began, or the body last moved */
	int64_t written_at; /* the peer last took something, */
	uint64_t written;   /* up to here */
	uint32_t requests;
	bool in_data, in_handler;
	bool chunked_out;
	bool closing;             /* after this answer */
	bool stopping;            /* the server stops */
	bool partial;             /* the beginning of a head is here */
	bool greeted;             /* it is known not to be HTTP/2 */
	struct h2 *second;        /* it is, and all that follows is its */
	struct reed_stream *plug; /* in place of a stream that was given away */
	struct h1_tag *tag;       /* on that stream, as long as it lives */
};

static inline struct h1 *h1_of(const struct reed_http_request *r)
{
	return r->carrier;
}

/* NULL when the connection has gone. */
static inline struct reed_stream *h1_stream(const struct reed_http_request *r)
{
	return h1_of(r)->protocol.stream;
}

/* h1_read.c */
size_t h1_take(struct h1 *self, struct reed_slice in);
void h1_show_again(struct h1 *self);
void h1_head_is_partial(struct h1 *self);
size_t h1_body(struct h1 *self, struct reed_slice in);

/* h1.c */
void h1_start(struct h1 *self);
void h1_done(struct h1 *self);
void h1_refuse(struct h1 *self, unsigned status, const char *why);

/* h1_conn.c: the stream is about to be given away; nobody looks for it any more */
void h1_tag(struct h1 *self, struct reed_stream *stream);
void h1_untag(struct h1 *self);

/* h1_timer.c */
void h1_watch(struct h1 *self);
void h1_timer_init(struct h1 *self);

/* h1_write.c */
void h1_write_refusal(struct h1 *self, unsigned status, const char *why);

#endif
