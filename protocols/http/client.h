/* What the files of the client share. */

#ifndef REED_HTTP_CLIENT_PRIVATE_H
#define REED_HTTP_CLIENT_PRIVATE_H

#include "decode.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/future.h"
#include "reed/http/client.h"
#include "reed/lock.h"
#include "reed/pool.h"

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

/* A host that wants TLS (RFC 6797). */
struct hsts {
	struct reed_list link; /* the latest last */
	char *host;
	int64_t until; /* seconds since 1970 */
	bool below;    /* and those below it */
};

struct ask;
struct sending;

/* RFC 9110 9.2.2: said twice it does no more than once; of other methods nobody knows. */
static inline bool is_idempotent(enum reed_http_method method)
{
	return method != REED_HTTP_POST && method != REED_HTTP_PATCH && method != REED_HTTP_OTHER;
}

struct reed_http_client {
	struct reed_loop *loop;
	struct reed_http_client_options options;
	struct reed_http_wire_limits wire;
	char *agent, *http_proxy, *https_proxy, *no_proxy, *netrc;
	struct reed_semaphore slots; /* if options.at_once */
	struct reed_list hsts;
	size_t hsts_count;
	struct reed_list idle;
	uint32_t idle_count;
	struct reed_list seconds; /* connections of HTTP/2 */
	struct reed_list gates;   /* of those who wait for one */
	bool single;              /* made for one request */
};

/* NULL: none is there.  put consumes the stream. */
struct reed_stream *client_take(struct reed_http_client *client, const char *endpoint);
void client_put(struct reed_http_client *client, const char *endpoint, struct reed_stream *stream);
bool client_has(struct reed_http_client *client, const char *endpoint);

/* second: HTTP/2 is offered, if client_offers_2(). */
struct reed_future *client_dial(struct reed_http_client *client, const char *endpoint, bool second,
                                struct reed_stream **stream);
/* Over TLS, unless the endpoint says itself what is offered, or somebody else dials. */
bool client_offers_2(const struct reed_http_client *client, const char *endpoint);

struct response {
	struct reed_http_response public;
	struct reed_http_client *client;
	struct reed_http_head head;
	struct reed_stream *stream; /* NULL: the body is over, or comes by HTTP/2: */
	struct ask *ask;            /* NULL: it does not */
	struct sending *sending;    /* the request is still on its way; NULL: it went at once */
	bool over, whole;           /* whole: it is, but for the request */
	char *endpoint;
	char *head_bytes;
	struct reed_http_chunks chunks;
	char *trailer_bytes; /* of HTTP/1 */
	struct reed_http_field *trailers;
	unsigned trailer_count;
	uint64_t left;
	size_t shown; /* of what is here, by the last read */
	struct reed_buf body;
	struct http_decoder *decoder; /* NULL: it is as it was sent */
	struct reed_slice raw;        /* what it has not taken of the last piece */
	struct reed_buf decoded;
	bool decoded_all;
	uint64_t progress;
	char *url;
	struct reed_hold *slot; /* NULL: there is no limit, or the body is over */
	bool owns_client;
};

/* Takes over the stream, on which the head ends after used bytes. */
struct response *response_new(struct reed_http_client *client, struct reed_http_head *head,
                              struct reed_stream *stream, size_t used, const char *endpoint);

struct response *response_of(struct reed_http_client *client, struct ask *ask);
void response_decode(struct response *self);
/* What is still on its way of the request, or NULL, is the response's from here on. */
void response_send(struct response *self, struct sending *sending);
bool response_is_open(const struct response *self);
/* Settles when there is more of it. */
struct reed_future *response_more(struct response *self);
/* All that is here is put into its body; REED_EAGAIN: more has to come. */
enum reed_err response_gather(struct response *self);

/* REED_EAGAIN: more has to come; REED_EEOF: it is whole.  Decoded, if that was asked for. */
enum reed_err response_piece(struct response *self, struct reed_slice *piece);

/* One request and its answer, of which the body is read unless it is streamed. */
struct exchange {
	struct url url;
	const char *endpoint, *method;
	bool absolute; /* the target is the whole URL, as proxies want it */
	const struct reed_http_field *fields;
	size_t field_count;
	struct reed_slice body;
	bool has_body; /* though it may be empty */
	struct reed_stream *upload;
	int64_t upload_size;
	bool follows; /* the body, by ask_write(): of HTTP/2 */
	bool stream, decode;
};

/* What it points to is copied, but for the body, which stays until it is answered. */
struct reed_future *client_exchange(struct reed_http_client *client, const struct exchange *what,
                                    struct response **out);
/* Over HTTP/1; *stream is taken, if there is one, or stream is NULL. */
struct reed_future *client_exchange_1(struct reed_http_client *client, const struct exchange *what,
                                      struct reed_stream **stream, struct response **out);

/* ---- client_send.c: what is not sent at once goes beside the answer ---- */

struct sending {
	struct reed_waiter waiter;
	struct reed_http_client *client;
	struct reed_stream *to; /* of HTTP/1, or */
	struct ask *ask;        /* of HTTP/2 */
	struct reed_buf bytes;  /* of which the first have been sent */
	size_t sent;
	struct reed_stream *from; /* what comes behind them; NULL: nothing */
	bool chunked, over;       /* over: all of it has been said */
	bool broken;              /* it cannot be, and who waits for the answer knows */
	bool answered;            /* the server may take its time from now on */
	int64_t ended;            /* reed_now() */
	struct reed_future end;
	bool is_awaited;
};

/* What is a model of it; bytes are taken over. */
struct sending *sending_new(const struct sending *what);
void sending_stop(struct sending *self);
void sending_free(struct sending *self); /* may be NULL */
static inline bool sending_goes_on(const struct sending *self)
{
	return self && self->waiter.future;
}

struct reed_future *sending_end(struct sending *self);
/* An answer is waited for from the end of the request on.  self may be NULL. */
int64_t sending_patience(const struct sending *self, int64_t first_ms);
/* It is the client that takes its time. */
bool sending_excuses(const struct sending *self, enum reed_err err, int64_t first_ms);

/* locate.c: a Location made absolute; REED_ESYNTAX.  The caller frees it. */
enum reed_err url_resolve(const struct url *base, struct reed_slice location, char **out);
bool url_same_origin(const struct url *a, const struct url *b);

/* proxy.c: what to dial for it; *absolute as above; *authorization for the proxy, may be NULL. */
enum reed_err client_route(const struct reed_http_client *client, const struct url *url,
                           char **endpoint, bool *absolute, char **authorization);

/* netrc.c: REED_ENOENT. */
enum reed_err netrc_find(struct reed_slice text, struct reed_slice host, struct reed_slice *user,
                         struct reed_slice *password);

/* hsts.c */
bool hsts_wants(const struct reed_http_client *client, struct reed_slice host);
void hsts_learn(struct reed_http_client *client, const struct url *url, struct reed_slice field);
void hsts_free(struct reed_http_client *client);

/* Another fetch may begin. */
void slot_free(struct reed_hold *slot);

/* The stream has ended so: is the body whole? */
enum reed_err response_cut(struct response *self, enum reed_err err);

#endif
