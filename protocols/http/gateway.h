/* What gateways to programs share (RFC 3875): what they are told, and what they answer. */

#ifndef REED_HTTP_GATEWAY_H
#define REED_HTTP_GATEWAY_H

#include "relay.h"

struct gateway_script {
	const char *root;
	struct reed_slice name, info; /* SCRIPT_NAME with its slash; PATH_INFO */
	const char *file;             /* NULL: the name, below the root */
};

/* Calls add for each variable; slices stay for the call. */
typedef void gateway_add_fn(void *arg, struct reed_slice name, struct reed_slice value);
void gateway_variables(struct reed_http_request *r, const struct gateway_script *script,
                       gateway_add_fn *add, void *arg);

/* ---- gateway_answer.c: one request of a program ---- */

/* First member of whoever asks a program. */
struct gateway {
	struct reed_co co;
	const char *kind, *shown; /* "fastcgi", and which, for the log */
	int64_t first_ms, silent_ms;
	struct reed_http_request *request;
	struct gateway_script script; /* of the request's pool */
	struct reed_stream *stream;
	struct upload upload;
	struct reed_buf head; /* what has come of it */
	enum reed_err err;
};

/* False: it has been answered.  path is decoded; body is the most of it. */
bool gateway_accepts(struct reed_http_request *r, struct reed_slice path, uint64_t body);
void gateway_init(struct gateway *self, struct reed_http_request *r);
void gateway_finish(struct gateway *self); /* but for its stream */

void gateway_send(struct gateway *self, const struct upload_manner *manner);

/* What the program says, from its head on.  REED_EPROTO, REED_ETOOBIG: that is none. */
enum reed_err gateway_take(struct gateway *self, struct reed_slice bytes);

/* Its standard error: a line each, as it would stand in the log of the program. */
void gateway_complain(const struct gateway *self, struct reed_slice bytes);

/* More of it, in time: or REED_ETIMEDOUT, which is too late if nothing excuses it. */
struct reed_future *gateway_more(struct gateway *self);
bool gateway_is_late(const struct gateway *self);

void gateway_tell_log(const struct gateway *self, const char *why);
/* Tells the client, if that can be; what the handler ends with. */
enum reed_err gateway_fail(struct gateway *self, enum reed_err err, const char *why);

#endif
