/* One request on its way to an upstream, and its answer on the way back. */

#ifndef REED_HTTP_PROXY_RELAY_H
#define REED_HTTP_PROXY_RELAY_H

#include "client_h2.h"
#include "relay.h"

struct relay {
	struct reed_co co;
	struct reed_http_proxy *proxy;
	struct reed_http_request *request;
	struct reed_slice target; /* of the request's pool */
	struct upstream *upstream;
	uint64_t tried;
	unsigned tries, interims;
	struct reed_stream *stream, *client; /* the latter of a tunnel */
	struct ask *ask;                     /* in place of stream: of HTTP/2 */
	struct reed_hold turn;               /* to connect to that */
	struct reed_http_head head;
	size_t scanned, used;
	struct upload upload;
	struct answer_body body;
	struct reed_slice piece;
	uint64_t came;
	int64_t asked; /* reed_now(): the upstream was */
	bool second, reused, sent, events;
	bool over; /* the answer is whole */
	enum reed_err err;
};

/* ---- proxy_send.c ---- */

bool relay_wants_upgrade(const struct reed_http_head *head);
/* False: nobody is left to be asked. */
bool relay_choose(struct relay *self);
bool relay_is_connected(const struct relay *self);
struct reed_future *relay_dial(struct relay *self);
/* Its body follows by itself.  self->err: the connection has gone. */
void relay_send(struct relay *self);

/* ---- proxy_relay.c ---- */

/* An answer that is not the last, of HTTP/2. */
void relay_interim(void *relay, const struct reed_http_head *head);

#endif
