/* What the files of the server share. */

#ifndef REED_HTTP_PRIVATE_H
#define REED_HTTP_PRIVATE_H

#include "reed/alloc.h"
#include "reed/http/router.h"
#include "reed/http/server.h"
#include "reed/source.h"

enum {
	HTTP_DATE_LINE = 6 + REED_HTTP_DATE + 2,
	HTTP_HEAD_KEPT = 2048, /* a head of up to this needs no memory of its own */
	HTTP_REQUESTS_KEPT = 32,
	HTTP_DRAIN = 65536, /* bytes of a body nobody wanted that are worth the connection */
};

/* What carries a request: the handler's side calls these, and cannot tell which it is. */
struct http_wire {
	void (*begin)(struct reed_http_request *r);
	void (*body)(struct reed_http_request *r, struct reed_slice bytes, struct reed_blob *blob);
	/* As body(), from a file; NULL: of this wire bytes have to be made of it. */
	void (*source)(struct reed_http_request *r, struct reed_source *source, uint64_t offset,
	               size_t n);
	void (*end)(struct reed_http_request *r);
	void (*early)(struct reed_http_request *r, unsigned status);
	void (*want)(struct reed_http_request *r); /* there is room for more of its body */
	bool (*must_drain)(const struct reed_http_request *r);
	struct reed_future *(*drain)(struct reed_http_request *r);
	enum reed_err (*upgrade)(struct reed_http_request *r, struct reed_stream **stream);
	void (*facts)(struct reed_http_request *r, struct reed_stream_facts *facts);
};

struct http_out_field {
	struct http_out_field *next;
	struct reed_slice name, value;
};

struct http_out_fields {
	struct http_out_field *first, **end;
};

/* Of somebody else, until the request is freed; the latest first. */
struct http_attached {
	struct http_attached *next;
	const struct reed_http_key *key;
	void *value;
};

struct reed_http_request {
	const struct http_wire *wire;
	void *carrier; /* the wire's */
	struct reed_http_server *server;
	struct reed_loop *loop;
	struct reed_http_head head;
	struct reed_pool pool;
	char *head_bytes; /* NULL: in kept */
	int64_t began;    /* reed_now() */

	struct reed_slice user; /* the account, when somebody has found out */
	struct http_attached *attached;

	/* the answer */
	struct reed_slice whole; /* of its body, as begin() may take it along: none is left then */
	struct http_out_fields added, trailers;
	const char *type;
	unsigned status;
	int64_t length; /* of its body; negative: unknown */
	uint64_t written;
	bool begun, ended, broken, close, upgraded;
	bool compress, flushes;       /* it may be; each write leaves at once */
	struct http_encoder *encoder; /* NULL: it is sent as it is */

	/* the body */
	struct reed_future reading;
	struct reed_slice *out;
	struct reed_buf body;
	uint64_t body_limit, body_seen;
	enum reed_err body_err;
	size_t shown; /* bytes of it that the last read has handed out */
	bool is_reading, reads_all, body_over, continued;
	struct http_unpacking *unpacking; /* NULL: it is read as it comes */
	struct reed_http_field *trailer_fields;
	unsigned trailer_count;

	/* the route */
	unsigned param_count;
	struct reed_slice rest; /* of the path, which nobody has matched yet */
	const struct http_chain *chain;
	unsigned chain_at;
	const struct reed_http_router *router; /* the innermost that has matched */

	struct reed_list link;                           /* of the server's free ones */
	struct reed_http_param params[REED_HTTP_PARAMS]; /* from here on nothing is cleared */
	char kept[HTTP_HEAD_KEPT];
	struct reed_http_field REED_FLEXIBLE(fields);
};

struct reed_http_server {
	struct reed_loop *loop;
	struct reed_http_server_options options;
	struct reed_http_wire_limits wire;
	struct reed_http_limits limits;
	char *name;
	struct reed_list conns;    /* the oldest first */
	struct reed_list requests; /* free ones, kept for the next */
	struct reed_list seconds;  /* connections of HTTP/2 */
	struct reed_list streams;  /* of HTTP/2, free ones */
	unsigned streams_kept;
	unsigned kept, encoders, decoders;
	reed_http_handler_fn *handler; /* behind what the options have put in front of it */
	void *handler_arg;
	int64_t date_turn, date_second;
	char date[HTTP_DATE_LINE];
	struct reed_http_server_stats stats;
};

/* Its handler, or what a certificate authority is looking for. */
struct reed_future *http_handle(struct reed_http_server *server, struct reed_http_request *r);

/* "Date: ...\r\n", of this second. */
struct reed_slice http_date_line(struct reed_http_server *server);

/* request.c: made when its head is there, and given back when all is done. */
struct reed_http_request *http_request_new(struct reed_http_server *server);
void http_request_free(struct reed_http_request *r);
/* Nothing of the one before is left; the head is there, and its fields. */
void http_request_begin(struct reed_http_request *r);
void http_request_is_whole(struct reed_http_request *r);
/* The head was parsed in these bytes, which it takes along. */
void http_request_keep_head(struct reed_http_request *r, struct reed_slice bytes);

/* body.c: what comes of it, told by the wire. */
size_t http_body_room(const struct reed_http_request *r);
void http_body_add(struct reed_http_request *r, struct reed_slice piece);
void http_body_ended(struct reed_http_request *r, enum reed_err err);
bool http_body_waited_for(const struct reed_http_request *r);

struct reed_future *http_body_read(struct reed_http_request *r, struct reed_slice *out, bool all);

/* unpack.c: as http_body_read(), of what comes out of it. */
struct reed_future *http_unpack_read(struct reed_http_request *r, struct reed_slice *out, bool all);
void http_unpack_drop(struct reed_http_request *r);

/* answer.c: as reed_http_add(), of what is known to be right and stays until the answer begins. */
void http_add_known(struct reed_http_request *r, struct reed_slice name, struct reed_slice value);

/* answer.c: n bytes of a file, at most what the wire's streams may queue; see http_wire.source. */
bool http_sends_sources(const struct reed_http_request *r);
void http_write_source(struct reed_http_request *r, struct reed_source *source, uint64_t offset,
                       size_t n);

/* coding.c: called by answer.c when the answer begins, for what is written, at its end. */
void http_coding_begin(struct reed_http_request *r);
void http_coding_write(struct reed_http_request *r, struct reed_slice bytes);
void http_coding_end(struct reed_http_request *r);
void http_coding_drop(struct reed_http_request *r);

/* answer.c: the handler has ended so. */
void http_conclude(struct reed_http_request *r, enum reed_err err, const char *why);
bool http_has_body(const struct reed_http_request *r);

/* request.c: it was answered; stream may be NULL.  There is an access log. */
void http_tell_access(struct reed_http_request *r, struct reed_stream *stream, bool has_head);

/* router.c: the innermost one that has an answer for errors has answered. */
bool http_router_error(struct reed_http_request *r, unsigned status, const char *why);

/* h2_stream.c: those that are kept for the next. */
void h2_streams_free(struct reed_http_server *server);

/* HTTP/1.0, which knows of no interim answers and no upgrades. */
static inline bool http_is_old(const struct reed_http_head *head)
{
	return head->major == 1 && head->minor == 0;
}

/* h1_write.c */
extern const struct http_wire http_wire_1;

#endif
