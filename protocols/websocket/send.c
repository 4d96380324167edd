/* Messages into frames. */

#include "private.h"

enum {
	COMPRESSED = 256, /* a message of fewer bytes is sent as it is */
	TOGETHER = 1024,  /* head and payload are put together up to this */
};

/* In pieces, as what is to be masked may not be changed where it is. */
static void write_masked(struct reed_stream *s, const struct reed_ws_frame *frame,
                         struct reed_slice payload)
{
	char piece[WS_PIECE];
	uint64_t at = 0;

	while (payload.n > 0) {
		struct reed_slice part = reed_slice_first(payload, sizeof(piece));

		reed_ws_mask(piece, part.p, part.n, frame->mask, at);
		reed_write(s, reed_slice(piece, part.n));
		at += part.n;
		payload = reed_slice_from(payload, part.n);
	}
}

void ws_put(struct reed_ws *ws, struct reed_ws_frame frame, struct reed_slice payload)
{
	struct reed_stream *s = ws_below(ws);
	char head[REED_WS_HEAD + TOGETHER];
	size_t n;

	if (!s || ws->said_close)
		return;
	frame.length = payload.n;
	frame.masked = ws->client;
	if (ws->client)
		reed_random_bytes(ws->loop, frame.mask, sizeof(frame.mask)); /* RFC 6455 10.3 */
	n = reed_ws_frame_put(&frame, head);
	if (payload.n > TOGETHER) {
		reed_write(s, reed_slice(head, n));
		if (ws->client)
			write_masked(s, &frame, payload);
		else
			reed_write(s, payload);
		return;
	}
	if (ws->client)
		reed_ws_mask(head + n, payload.p, payload.n, frame.mask, 0);
	else if (payload.n > 0)
		memcpy(head + n, payload.p, payload.n);
	reed_write(s, reed_slice(head, n + payload.n));
}

/* The reason is cut at the border of a character. */
void ws_put_close(struct reed_ws *ws, unsigned code, struct reed_slice reason)
{
	struct reed_ws_frame frame = { .opcode = REED_WS_CLOSE, .fin = true };
	char body[REED_WS_CONTROL];
	size_t n = 0;

	if (code > 0) {
		body[n++] = (char)(code >> 8);
		body[n++] = (char)code;
		reason.n =
			reason.n > WS_REASON ? reed_slice_utf8_border(reason, WS_REASON) : reason.n;
		if (reason.n > 0)
			memcpy(body + n, reason.p, reason.n);
		n += reason.n;
	}
	ws_put(ws, frame, reed_slice(body, n));
	ws->said_close = true;
}

static enum reed_err may_send(const struct reed_ws *ws)
{
	return ws_below(ws) && !ws->said_close && !ws->stopped ? REED_OK : REED_ECLOSED;
}

static void send_compressed(struct reed_ws *ws, enum reed_ws_opcode kind, struct reed_slice bytes)
{
	struct reed_ws_frame frame = { .opcode = kind, .fin = true, .rsv1 = true };
	struct reed_buf out = { .limit = 0 };

	if (ws_deflate(&ws->deflater, &ws->agreed, bytes, &out)) {
		frame.rsv1 = false;
		ws_put(ws, frame, bytes);
	} else {
		ws_put(ws, frame, reed_buf_slice(&out));
	}
	reed_buf_finish(&out);
}

enum reed_err reed_ws_send(struct reed_ws *ws, enum reed_ws_opcode kind, struct reed_slice bytes)
{
	struct reed_ws_frame frame = { .opcode = kind, .fin = true };
	enum reed_err err = may_send(ws);

	if (err)
		return err;
	if (ws->sending || (kind == REED_WS_TEXT && !reed_slice_is_utf8(bytes)))
		return REED_EINVAL;
	if (ws->agreed.on && bytes.n >= COMPRESSED && bytes.n <= INT32_MAX)
		send_compressed(ws, kind, bytes);
	else
		ws_put(ws, frame, bytes);
	return REED_OK;
}

enum reed_err reed_ws_send_piece(struct reed_ws *ws, enum reed_ws_opcode kind,
                                 struct reed_slice bytes, bool last)
{
	struct reed_ws_frame frame = { .opcode = kind, .fin = last };
	enum reed_err err = may_send(ws);

	if (err)
		return err;
	if (ws->sending && ws->sending != kind)
		return REED_EINVAL;
	if (ws->sending)
		frame.opcode = REED_WS_CONTINUATION;
	ws->sending = last ? REED_WS_CONTINUATION : kind;
	ws_put(ws, frame, bytes);
	return REED_OK;
}

struct reed_blob *reed_ws_encode(enum reed_ws_opcode kind, struct reed_slice bytes)
{
	struct reed_ws_frame frame = { .opcode = kind, .fin = true, .length = bytes.n };
	char head[REED_WS_HEAD];
	size_t n = reed_ws_frame_put(&frame, head);
	struct reed_blob *blob = reed_blob_alloc(n + bytes.n);

	memcpy(blob->bytes, head, n);
	if (bytes.n > 0)
		memcpy(blob->bytes + n, bytes.p, bytes.n);
	return blob;
}

enum reed_err reed_ws_send_blob(struct reed_ws *ws, struct reed_blob *encoded)
{
	enum reed_err err = may_send(ws);

	if (err)
		return err;
	if (ws->sending || ws->client) /* each frame of a client has a mask of its own */
		return REED_EINVAL;
	reed_write_blob(ws_below(ws), encoded);
	return REED_OK;
}

enum reed_err reed_ws_ping(struct reed_ws *ws, struct reed_slice bytes)
{
	struct reed_ws_frame frame = { .opcode = REED_WS_PING, .fin = true };
	enum reed_err err = may_send(ws);

	if (err || bytes.n > REED_WS_CONTROL)
		return err ? err : REED_ETOOBIG;
	ws_put(ws, frame, bytes);
	return REED_OK;
}

bool reed_ws_must_drain(const struct reed_ws *ws)
{
	return ws_below(ws) && reed_must_drain(ws_below(ws));
}

struct reed_future *reed_ws_drain(struct reed_ws *ws)
{
	return ws_below(ws) ? reed_drain(ws_below(ws)) : reed_ready(ws->loop, REED_ECLOSED);
}
