/* What a peer sends: frames into messages, and what is refused. */

#include "private.h"

/* ---- sending away ---- */

static void refuse(struct reed_ws *ws, unsigned code, enum reed_err err, const char *why)
{
	ws_fail(ws, code, reed_fault_new(err, NULL, __FILE__, __LINE__, "the peer: %s", why));
}

/* Nothing more is shown: it was sent away, or its own handler has dropped it. */
static bool is_over(const struct reed_ws *ws)
{
	return ws->stopped || ws->protocol.session.dropped;
}

/* ---- payload ---- */

static bool whole(const struct reed_ws *ws)
{
	return ws->frame.fin && ws->at == ws->frame.length;
}

/* To a handler; the last piece may be empty. */
static void hand_piece(struct reed_ws *ws, struct reed_slice bytes, bool last)
{
	if (bytes.n > 0 || last)
		ws->handler->ops->piece(ws->handler, ws, ws->kind, bytes, last);
}

static bool is_text_good(struct reed_ws *ws, struct reed_slice bytes)
{
	if (ws->kind != REED_WS_TEXT || reed_ws_utf8_add(&ws->utf8, bytes))
		return true;
	refuse(ws, 1007, REED_EPROTO, "text is not UTF-8");
	return false;
}

/* Bytes of a message as they were before all.  Fails when the peer has been sent away. */
static enum reed_err clear_bytes(void *arg, struct reed_slice bytes)
{
	struct reed_ws *ws = arg;

	if (!is_text_good(ws, bytes))
		return REED_ECANCELED;
	if (!ws->handler->ops->message) {
		hand_piece(ws, bytes, false);
		return is_over(ws) ? REED_ECANCELED : REED_OK;
	}
	reed_buf_add(&ws->message, bytes);
	if (!ws->message.err)
		return REED_OK;
	ws_fail(ws, 1009,
	        reed_fault_new(REED_ETOOBIG, NULL, __FILE__, __LINE__,
	                       "the peer: a message is longer than %u bytes", ws->options.message));
	return REED_ECANCELED;
}

static void payload(struct reed_ws *ws, struct reed_slice bytes)
{
	enum reed_err err;

	if (!ws->inflating) {
		clear_bytes(ws, bytes);
		return;
	}
	err = ws_inflate(&ws->inflater, &ws->agreed, bytes, whole(ws), clear_bytes, ws);
	if (err && !is_over(ws))
		refuse(ws, 1007, REED_EPROTO, "a message cannot be decompressed");
}

/* A short one that is all here, and that nobody has to keep, is shown from where it is unmasked. */
static bool is_shown_at_once(const struct reed_ws *ws, size_t n)
{
	return n == ws->frame.length && ws->frame.fin && !ws->inflating && n <= WS_PIECE &&
	       ws->handler->ops->message && reed_buf_held(&ws->message) == 0;
}

static void end_message(struct reed_ws *ws, struct reed_slice bytes)
{
	if (ws->kind == REED_WS_TEXT && !reed_ws_utf8_is_whole(&ws->utf8)) {
		refuse(ws, 1007, REED_EPROTO, "text ends within a character");
		return;
	}
	ws->in_message = false;
	if (ws->handler->ops->message)
		ws->handler->ops->message(ws->handler, ws, ws->kind, bytes);
	else
		hand_piece(ws, bytes, true);
}

/* Unmasked, in pieces; into is where. */
static struct reed_slice unmask(struct reed_ws *ws, struct reed_slice in, char *into)
{
	if (!ws->frame.masked)
		return in;
	reed_ws_mask(into, in.p, in.n, ws->frame.mask, ws->at);
	return reed_slice(into, in.n);
}

static void data_bytes(struct reed_ws *ws, struct reed_slice in)
{
	char clear[WS_PIECE];
	struct reed_slice bytes;

	if (is_shown_at_once(ws, in.n)) {
		bytes = unmask(ws, in, clear);
		ws->at = in.n;
		ws->in_frame = false;
		if (is_text_good(ws, bytes))
			end_message(ws, bytes);
		return;
	}
	do {
		struct reed_slice piece = reed_slice_first(in, WS_PIECE);

		bytes = unmask(ws, piece, clear);
		ws->at += piece.n;
		in = reed_slice_from(in, piece.n);
		payload(ws, bytes);
	} while (in.n > 0 && !is_over(ws));
	if (is_over(ws) || ws->at < ws->frame.length)
		return;
	ws->in_frame = false;
	if (!ws->frame.fin)
		return;
	end_message(ws, reed_buf_slice(&ws->message));
	reed_buf_finish(&ws->message);
}

/* ---- control frames ---- */

/* RFC 6455 5.5.1, 7.1.5 */
static void take_close(struct reed_ws *ws)
{
	struct reed_slice body = reed_slice(ws->control, ws->control_size);
	unsigned code = 0;

	if (body.n >= 2) {
		code = (unsigned)(uint8_t)body.p[0] << 8 | (uint8_t)body.p[1];
		body = reed_slice_from(body, 2);
	}
	if (ws->control_size == 1) {
		refuse(ws, 1002, REED_EPROTO, "a Close has half a code");
	} else if (ws->control_size > 0 && !reed_ws_code_is_good(code)) {
		refuse(ws, 1002, REED_EPROTO, "a Close has a code that may not be sent");
	} else if (!reed_slice_is_utf8(body)) {
		refuse(ws, 1007, REED_EPROTO, "the reason of a Close is not UTF-8");
	} else {
		ws->code = code ? code : 1005;
		ws->reason_size = (uint8_t)body.n;
		memcpy(ws->reason, body.p, ws->reason_size);
		ws->heard_close = ws->stopped = true;
		ws_put_close(ws, code, REED_STR(""));
		ws_tell_end(ws, REED_EEOF);
		if (ws->client) /* RFC 6455 7.1.1: the server closes first */
			ws_watch(ws, ws->options.close_ms);
		else
			reed_finish(&ws->protocol, REED_OK);
	}
}

static void end_control(struct reed_ws *ws)
{
	struct reed_ws_frame pong = { .opcode = REED_WS_PONG, .fin = true };

	ws->in_frame = false;
	if (ws->frame.opcode == REED_WS_CLOSE)
		take_close(ws);
	else if (ws->frame.opcode == REED_WS_PING)
		ws_put(ws, pong, reed_slice(ws->control, ws->control_size));
}

static void control_bytes(struct reed_ws *ws, struct reed_slice in)
{
	struct reed_slice bytes = unmask(ws, in, ws->control + ws->at);

	if (!ws->frame.masked && bytes.n > 0)
		memcpy(ws->control + ws->at, bytes.p, bytes.n);
	ws->at += in.n;
	ws->control_size = (uint8_t)ws->at;
	if (ws->at == ws->frame.length)
		end_control(ws);
}

/* ---- frames ---- */

static const char *what_is_wrong(const struct reed_ws *ws, const struct reed_ws_frame *f)
{
	if (f->masked == ws->client)
		return ws->client ? "a server's frame is masked" : "a client's frame is not masked";
	if (f->opcode >= REED_WS_CLOSE)
		return NULL;
	if (f->opcode == REED_WS_CONTINUATION && !ws->in_message)
		return "a fragment continues nothing";
	if (f->opcode != REED_WS_CONTINUATION && ws->in_message)
		return "a message begins within another";
	if (f->rsv1 && (!ws->agreed.on || f->opcode == REED_WS_CONTINUATION))
		return "a reserved bit is set";
	return NULL;
}

static void begin_message(struct reed_ws *ws)
{
	ws->kind = ws->frame.opcode;
	ws->in_message = true;
	ws->inflating = ws->frame.rsv1;
	ws->utf8 = (struct reed_ws_utf8){ .need = 0 };
	reed_buf_init(&ws->message, ws->options.message);
}

static void begin_frame(struct reed_ws *ws)
{
	const char *why = what_is_wrong(ws, &ws->frame);

	if (why) {
		refuse(ws, 1002, REED_EPROTO, why);
		return;
	}
	ws->in_frame = true;
	ws->at = 0;
	if (ws->frame.opcode == REED_WS_TEXT || ws->frame.opcode == REED_WS_BINARY)
		begin_message(ws);
	/* what is said to be too long need not come first */
	if (ws->frame.opcode < REED_WS_CLOSE && ws->handler->ops->message &&
	    ws->frame.length > ws->options.message - reed_buf_held(&ws->message))
		refuse(ws, 1009, REED_ETOOBIG, "a message is longer than it may be");
}

static enum reed_err take_head(struct reed_ws *ws, struct reed_slice *in)
{
	struct reed_ws_frame frame;
	size_t used;
	enum reed_err err = reed_ws_frame_parse(*in, &frame, &used);

	if (err == REED_EPROTO)
		refuse(ws, 1002, REED_EPROTO, frame.why);
	if (err)
		return err;
	*in = reed_slice_from(*in, used);
	ws->frame = frame;
	begin_frame(ws);
	return REED_OK;
}

size_t ws_take(struct reed_ws *ws, struct reed_slice in)
{
	size_t all = in.n;

	while (!is_over(ws) && !ws->held_back) {
		struct reed_slice part;

		if (!ws->in_frame && take_head(ws, &in))
			break;
		if (is_over(ws) || !ws->in_frame)
			continue;
		part = in;
		if (part.n > ws->frame.length - ws->at)
			part.n = (size_t)(ws->frame.length - ws->at);
		if (part.n == 0 && ws->frame.length > ws->at)
			break;
		in = reed_slice_from(in, part.n);
		if (ws->frame.opcode >= REED_WS_CLOSE)
			control_bytes(ws, part);
		else
			data_bytes(ws, part);
	}
	return ws->stopped ? all : all - in.n;
}
