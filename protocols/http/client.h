/* What the files of the client share. */

#ifndef REED_HTTP_CLIENT_PRIVATE_H
#define REED_HTTP_CLIENT_PRIVATE_H

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/http/client.h"

/* A URL, cut up; slices are of the text it was parsed from. */
struct url {
	bool secure;
	struct reed_slice authority, host, target; /* host without brackets; target may be empty */
	uint16_t port;
};

/* REED_ESYNTAX, and *why. */
enum reed_err url_parse(struct reed_slice text, struct url *url, const char **why);

/* What to dial; the caller frees it. */
char *url_endpoint(const struct url *url);

/* A connection nobody uses. */
struct idle {
	struct reed_list link; /* the latest first */
	char *endpoint;
	struct reed_stream *stream;
	int64_t since;
};

struct reed_http_client {
	struct reed_loop *loop;
	struct reed_http_client_options options;
	struct reed_http_wire_limits wire;
	char *agent;
	struct reed_list idle;
	uint32_t idle_count;
	bool single; /* made for one request */
};

/* NULL: none is there.  put consumes the stream. */
struct reed_stream *client_take(struct reed_http_client *client, const char *endpoint);
void client_put(struct reed_http_client *client, const char *endpoint, struct reed_stream *stream);

struct response {
	struct reed_http_response public;
	struct reed_http_client *client;
	struct reed_http_head head;
	struct reed_stream *stream; /* NULL: the body is over */
	char *endpoint;
	char *head_bytes;
	struct reed_http_chunks chunks;
	uint64_t left;
	size_t shown; /* of what is here, by the last read */
	struct reed_buf body;
};

/* Takes over the stream, on which the head ends after used bytes. */
struct response *response_new(struct reed_http_client *client, struct reed_http_head *head,
                              struct reed_stream *stream, size_t used, const char *endpoint);

/* REED_EAGAIN: more has to come; REED_EEOF: it is whole. */
enum reed_err response_piece(struct response *self, struct reed_slice *piece);

/* The stream has ended so: is the body whole? */
enum reed_err response_cut(struct response *self, enum reed_err err);

#endif
