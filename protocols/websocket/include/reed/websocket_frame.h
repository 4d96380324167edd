/*
 * WebSocket frames on the wire: bytes to structs and back, no I/O, nothing
 * allocated.  For those who look at frames themselves; reed/websocket.h has
 * connections.
 *
 * Source: RFC 6455 5 and 7.4, RFC 3629 for UTF-8.
 */

#ifndef REED_WEBSOCKET_FRAME_H
#define REED_WEBSOCKET_FRAME_H

#include "reed/slice.h"

REED_BEGIN_DECLS

enum reed_ws_opcode {
	REED_WS_CONTINUATION = 0,
	REED_WS_TEXT = 1,
	REED_WS_BINARY = 2,
	REED_WS_CLOSE = 8,
	REED_WS_PING = 9,
	REED_WS_PONG = 10,
};

enum {
	REED_WS_HEAD = 14,     /* bytes of the longest head */
	REED_WS_CONTROL = 125, /* bytes that a control frame carries at most */
};

struct reed_ws_frame {
	enum reed_ws_opcode opcode;
	bool fin;
	bool rsv1;       /* compressed, where that was agreed on (RFC 7692 6) */
	bool masked;     /* what clients send */
	uint8_t mask[4]; /* in the order of the wire */
	uint64_t length;
	const char *why; /* it is refused, for people; else NULL */
};

/*
 * in begins with a head.  REED_OK: *used bytes of it are one; REED_EAGAIN: more
 * has to come; REED_EPROTO: it is none, see why.
 */
REED_API enum reed_err reed_ws_frame_parse(struct reed_slice in, struct reed_ws_frame *frame,
                                           size_t *used);

/* Writes a head to where there are REED_WS_HEAD bytes; returns how many it took. */
REED_API size_t reed_ws_frame_put(const struct reed_ws_frame *frame, char *into);

/*
 * Masks, or unmasks, n bytes of a payload, of which they stand at the given
 * place; into may be from.
 */
REED_API void reed_ws_mask(char *into, const char *from, size_t n, const uint8_t mask[4],
                           uint64_t at);

/* May stand in a Close frame (RFC 6455 7.4). */
REED_API bool reed_ws_code_is_good(unsigned code);

/* UTF-8 that comes in pieces.  Zeroed at the beginning. */
struct reed_ws_utf8 {
	uint8_t need;      /* bytes that the character still lacks, */
	uint8_t low, high; /* of which the next lies between these */
};

/* False as soon as no continuation could make it UTF-8. */
REED_API bool reed_ws_utf8_add(struct reed_ws_utf8 *utf8, struct reed_slice bytes);

/* It may end here. */
static inline bool reed_ws_utf8_is_whole(const struct reed_ws_utf8 *utf8)
{
	return utf8->need == 0;
}

REED_END_DECLS

#endif
