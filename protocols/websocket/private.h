/* What the files of a connection share. */

#ifndef REED_WEBSOCKET_PRIVATE_H
#define REED_WEBSOCKET_PRIVATE_H

#include "reed/alloc.h"
#include "reed/buf.h"
#include "reed/co.h"
#include "reed/random.h"
#include "reed/websocket.h"

enum {
	WS_PIECE = 4096, /* bytes unmasked, inflated, masked at a time */
	WS_REASON = 123, /* bytes of one */
};

/* What was agreed on (RFC 7692 7.1). */
struct ws_agreed {
	bool on;
	bool own_takeover, peer_takeover; /* a window is kept from message to message */
	uint8_t own_bits, peer_bits;      /* its size */
};

/* ---- extension.c ---- */

/* What a server makes of what a client offers; the answer, empty for none, is added to out. */
void ws_extension_choose(struct reed_slice offer, bool takeover, struct ws_agreed *agreed,
                         struct reed_buf *out);
const char *ws_extension_offer(bool takeover);
/* What a server chose: REED_EPROTO when it was not offered. */
enum reed_err ws_extension_chosen(struct reed_slice answer, bool takeover,
                                  struct ws_agreed *agreed);

/* ---- deflate.c ---- */

struct ws_codec; /* one way */

/* NULL when there is none any more; *codec is kept where the window is. */
void ws_codec_free(struct ws_codec *codec);

typedef enum reed_err ws_sink_fn(void *arg, struct reed_slice bytes);

/* last: the end of the message.  REED_EPROTO: it is not deflated; what sink fails with. */
enum reed_err ws_inflate(struct ws_codec **codec, const struct ws_agreed *agreed,
                         struct reed_slice in, bool last, ws_sink_fn *sink, void *arg);

/* All of a message is added to out. */
enum reed_err ws_deflate(struct ws_codec **codec, const struct ws_agreed *agreed,
                         struct reed_slice in, struct reed_buf *out);

/* ---- a connection ---- */

struct reed_ws {
	struct reed_protocol protocol;
	struct reed_loop *loop;
	struct reed_stream *below; /* until it is attached; then the protocol's */
	struct reed_ws_handler *handler;
	struct ws_puller *puller; /* who pulls owns it, so that it outlives its session */
	struct reed_ws_options options;
	struct ws_agreed agreed;
	struct ws_codec *inflater, *deflater;
	char *protocol_name;
	struct reed_timer timer;
	int64_t heard, due; /* reed_now(): bytes came; what is waited for is over */
	bool client, pinged;

	/* what comes */
	struct reed_ws_frame frame; /* if in_frame; of its payload */
	uint64_t at;                /* have come */
	enum reed_ws_opcode kind;   /* of the message, if in_message */
	bool in_frame, in_message, inflating;
	bool held_back, stopped; /* nothing is taken for a while; any more */
	struct reed_ws_utf8 utf8;
	struct reed_buf message;
	uint8_t control_size;
	char control[REED_WS_CONTROL];

	/* how it ends */
	unsigned code;
	uint8_t reason_size;
	bool said_close, heard_close, over, told, interrupted;
	enum reed_ws_opcode sending; /* pieces of such; 0: none */
	enum reed_err err;
	struct reed_fault *fault;
	char reason[WS_REASON];
};

/* Owns below, which is open; name may be NULL. */
struct reed_ws *ws_new(struct reed_stream *below, const struct reed_ws_options *options,
                       bool client, const struct ws_agreed *agreed, struct reed_slice name);

/* NULL when it has gone. */
static inline struct reed_stream *ws_below(const struct reed_ws *ws)
{
	return ws->below ? ws->below : ws->protocol.stream;
}

/* ws.c: sent away, with what is wrong; takes over the fault.  The handler is told. */
void ws_fail(struct reed_ws *ws, unsigned code, struct reed_fault *fault);
void ws_tell_end(struct reed_ws *ws, enum reed_err err);
void ws_watch(struct reed_ws *ws, int64_t ms);

/* The memory, and what it holds. */
void ws_destroy(struct reed_ws *ws);

/* receive.c */
void ws_puller_free(struct ws_puller *puller);

/* take.c: returns how much of in it took. */
size_t ws_take(struct reed_ws *ws, struct reed_slice in);

/* send.c: control frames leave in any case. */
void ws_put(struct reed_ws *ws, struct reed_ws_frame frame, struct reed_slice payload);
void ws_put_close(struct reed_ws *ws, unsigned code, struct reed_slice reason);

#endif
