/* What the files of the proxies share. */

#ifndef REED_HTTP_RELAY_H
#define REED_HTTP_RELAY_H

#include "private.h"
#include "reed/co.h"
#include "reed/http/client.h"
#include "reed/http/proxy.h"
#include "reed/metric.h"
#include "reed/scope.h"

enum { UPSTREAM_ID = 16 };

/* Of an option: 0 is the preset. */
static inline uint32_t or_else(uint32_t value, uint32_t otherwise)
{
	return value ? value : otherwise;
}

/* ---- proxy_fields.c ---- */

/* Prefixes of addresses: "192.0.2.0/24, ::1, unix". */
struct peers {
	struct reed_prefix *prefixes;
	size_t count;
	bool local; /* UNIX sockets too */
};

/* REED_ESYNTAX: *fault says which is none. */
enum reed_err peers_parse(struct reed_slice list, struct peers *peers, struct reed_fault **fault);
void peers_finish(struct peers *peers);
bool peers_have(const struct peers *peers, const struct reed_address *address);

/* Is a field for the next hop only, by itself or as Connection lists it (RFC 9110 7.6.1)? */
bool hop_by_hop(const struct reed_http_field *fields, unsigned count, struct reed_slice name);

/* NAME without the difference of '-' and '_', which some servers do not make. */
bool is_same_name(struct reed_slice name, const char *wanted);

/* The fields of a request as they go on, with who it is from. */
struct forwarding {
	const struct peers *trust; /* NULL: nobody */
	const char *name, *host;   /* host NULL: as it is */
	bool anonymous;            /* what is said of clients goes on as it is, and no more */
	bool upgrade;
};

void forward_fields(struct reed_http_request *r, const struct forwarding *how,
                    struct reed_buf *out);

/* Adds the fields of an answer, whose bytes stay until it begins. */
void return_fields(struct reed_http_request *r, const struct reed_http_head *head,
                   const char *name);

/* ---- upstreams ---- */

/* Why they have failed, as metrics count it. */
#define UPSTREAM_FAILURES(X)                                                    \
	X(CONNECT, "connect")   /* there was no connection */                   \
	X(TIMEOUT, "timeout")   /* nor an answer, or the rest of it, in time */ \
	X(CLOSED, "closed")     /* it ended before its answer did */            \
	X(PROTOCOL, "protocol") /* what it said is no HTTP, or more than is taken */

enum upstream_failure {
#define X(name, text) UPSTREAM_##name,
	UPSTREAM_FAILURES(X)
#undef X
		UPSTREAM_FAILURE_KINDS
};

enum { UPSTREAM_METRICS = 5 };

/* What is read off an upstream when somebody asks. */
struct upstream_metric {
	struct reed_metric_source source;
	const struct upstream *of;
	unsigned what;
};

struct upstream {
	struct reed_http_proxy *proxy;
	char *dialled, *shown; /* without haproxy:[]; without passwords */
	char *announced;       /* with haproxy:[], for who has no client; may be NULL */
	char id[UPSTREAM_ID + 1];
	struct gate *gate; /* NULL: it is never spoken HTTP/2 to */
	bool ill, tried;
	unsigned active, in_a_row, bad_checks;
	int64_t rests_until;
	uint64_t requests, failures, connections, seed;
	struct upstream_metric metrics[UPSTREAM_METRICS];
	struct reed_counter *failed[UPSTREAM_FAILURE_KINDS]; /* NULL, as seconds: nobody counts */
	struct reed_histogram *seconds;
	struct reed_list idle; /* the latest first */
	unsigned idle_count;
};

struct reed_http_proxy {
	struct reed_loop *loop;
	struct reed_http_proxy_options options;
	struct reed_http_wire_limits wire;
	char *cookie, *host, *name, *check;
	struct peers trust;
	bool anonymous; /* who asks is not told */
	struct upstream *upstreams;
	unsigned count, next;
	struct reed_http_client *checker, *seconds; /* the latter: connections of HTTP/2 */
	struct reed_scope checks;
};

/* proxy_group.c: of what is 0. */
void proxy_set_defaults(struct reed_http_proxy_options *o);

/* proxy_choose.c: NULL: none is well, or all have been tried. */
struct upstream *upstream_choose(struct reed_http_proxy *proxy, struct reed_http_request *r,
                                 uint64_t tried);
bool upstream_rests(const struct upstream *u);
void upstream_well(struct upstream *u);
void upstream_failed(struct upstream *u, enum upstream_failure how);
/* Nobody knows: who tried it has gone. */
void upstream_left(struct upstream *u);
/* Says which it was, if the client has to tell next time. */
void upstream_cookie(const struct upstream *u, struct reed_http_request *r);

/* proxy_metrics.c: from now on it is counted; of others the rest is harmless. */
void upstream_count(struct upstream *u);
void upstream_count_no_more(struct upstream *u);
/* ns from the request to the head of its answer. */
void upstream_answered(struct upstream *u, int64_t ns);
void upstream_broke(struct upstream *u, enum upstream_failure how);

/* proxy_relay.c: target stays. */
struct reed_future *relay_start(struct reed_http_proxy *proxy, struct reed_http_request *r,
                                struct reed_slice target);

/* proxy_kept.c: connections without work.  put consumes. */
struct reed_stream *upstream_take(struct upstream *u);
void upstream_put(struct upstream *u, struct reed_stream *stream);
void upstream_forget(struct upstream *u);
void upstream_finish(struct upstream *u);

/* proxy_check.c */
void upstream_watch(struct upstream *u);

/* ---- proxy_second.c: HTTP/2 to an upstream ---- */

struct ask;

bool second_is_possible(const struct upstream *u);
/* A connection with room; there is none, nor would a new one be of HTTP/2. */
bool second_is_there(const struct upstream *u);
bool second_is_no_use(const struct upstream *u);
uint64_t second_dials(const struct upstream *u);
unsigned second_idle(const struct upstream *u);
/* NULL: the connection has gone. */
struct ask *second_ask(const struct upstream *u, struct reed_http_request *r,
                       struct reed_slice target, const struct forwarding *how);

/* ---- proxy_body.c: of an answer, on a stream from which the head has been taken ---- */

struct answer_body {
	struct reed_stream *stream;
	enum reed_http_framing framing;
	uint64_t left;
	size_t shown;
	struct reed_http_chunks chunks;
};

void answer_body_init(struct answer_body *self, struct reed_stream *stream,
                      const struct reed_http_head *head, const struct reed_http_wire_limits *wire);

/* REED_EAGAIN: more has to come; REED_EEOF: it is whole. */
enum reed_err answer_body_piece(struct answer_body *self, struct reed_slice *piece);

/* ---- proxy_upload.c: the body of a request on its way, beside its answer ---- */

/* As struct http_wire: how bytes stand on the way up. */
struct upload_manner {
	void (*piece)(struct reed_stream *to, struct reed_slice bytes);
	void (*over)(struct reed_stream *to); /* may be NULL */
};

struct upload {
	struct reed_waiter waiter;
	struct reed_http_request *request;
	struct reed_stream *to;
	struct ask *ask; /* NULL: to, in that manner */
	const struct upload_manner *manner;
	int64_t silent_ms, ended; /* reed_now() */
	enum reed_err err;        /* of the client's side */
	bool begun, touched;      /* some of it has been taken */
	bool given_up;            /* the stream has been broken */
};

/* It has no body: nothing is begun.  What the client does wrong breaks the stream. */
void upload_begin(struct upload *self, const struct upload_manner *manner);
void upload_stop(struct upload *self);
static inline bool upload_goes_on(const struct upload *self)
{
	return self->waiter.future != NULL;
}

/* An answer is waited for from the end of the request on; before that the upload looks after it. */
bool upload_excuses(const struct upload *self, int64_t first_ms);

extern const struct upload_manner upload_plain, upload_chunked;
void upload_pass(struct reed_stream *to, struct reed_slice bytes);

/* The status for a client whose upstream has ended so. */
unsigned relay_status(enum reed_err err);

#endif
