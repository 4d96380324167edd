/* Heads of frames, masks, close codes. */

#include "reed/websocket_frame.h"

enum { FIN = 0x80, RSV1 = 0x40, RSV23 = 0x30, MASKED = 0x80, LENGTH_16 = 126, LENGTH_64 = 127 };

static enum reed_err refuse(struct reed_ws_frame *frame, const char *why)
{
	frame->why = why;
	return REED_EPROTO;
}

/* RFC 6455 5.2 and 5.5: what the first two bytes may say. */
static enum reed_err check_start(struct reed_ws_frame *frame, uint8_t first, uint8_t second)
{
	unsigned opcode = first & 15;

	if (first & RSV23)
		return refuse(frame, "a reserved bit is set");
	if ((opcode > REED_WS_BINARY && opcode < REED_WS_CLOSE) || opcode > REED_WS_PONG)
		return refuse(frame, "an opcode is reserved");
	if (opcode >= REED_WS_CLOSE && !frame->fin)
		return refuse(frame, "a control frame is fragmented");
	if (opcode >= REED_WS_CLOSE && (second & 127) > REED_WS_CONTROL)
		return refuse(frame, "a control frame is longer than 125 bytes");
	if (opcode >= REED_WS_CLOSE && frame->rsv1)
		return refuse(frame, "a control frame is compressed");
	return REED_OK;
}

static uint64_t number(const uint8_t *p, size_t n)
{
	uint64_t value = 0;

	while (n-- > 0)
		value = value << 8 | *p++;
	return value;
}

/* RFC 6455 5.2: the shortest form only, and never the top bit. */
static enum reed_err check_length(struct reed_ws_frame *frame, size_t bytes)
{
	if ((bytes == 2 && frame->length < LENGTH_16) || (bytes == 8 && frame->length <= 0xffff))
		return refuse(frame, "a length is longer than it has to be");
	if (frame->length > INT64_MAX)
		return refuse(frame, "a length has its top bit set");
	return REED_OK;
}

enum reed_err reed_ws_frame_parse(struct reed_slice in, struct reed_ws_frame *frame, size_t *used)
{
	const uint8_t *p = (const uint8_t *)in.p;
	size_t bytes, n;
	enum reed_err err;

	if (in.n < 2)
		return REED_EAGAIN;
	*frame = (struct reed_ws_frame){ .opcode = (enum reed_ws_opcode)(p[0] & 15),
		                         .fin = p[0] & FIN,
		                         .rsv1 = p[0] & RSV1,
		                         .masked = p[1] & MASKED,
		                         .length = p[1] & 127 };
	err = check_start(frame, p[0], p[1]);
	if (err)
		return err;
	bytes = frame->length == LENGTH_16 ? 2 : frame->length == LENGTH_64 ? 8 : 0;
	n = 2 + bytes + (frame->masked ? 4 : 0);
	if (in.n < 2 + bytes)
		return REED_EAGAIN;
	if (bytes > 0)
		frame->length = number(p + 2, bytes);
	err = check_length(frame, bytes);
	if (err || in.n < n)
		return err ? err : REED_EAGAIN;
	if (frame->masked)
		memcpy(frame->mask, p + 2 + bytes, 4);
	*used = n;
	return REED_OK;
}

size_t reed_ws_frame_put(const struct reed_ws_frame *frame, char *into)
{
	size_t bytes = frame->length < LENGTH_16 ? 0 : frame->length <= 0xffff ? 2 : 8, n = 2;
	unsigned length = bytes == 0   ? (unsigned)frame->length
	                  : bytes == 2 ? (unsigned)LENGTH_16
	                               : (unsigned)LENGTH_64;

	into[0] = (char)((frame->fin ? FIN : 0) | (frame->rsv1 ? RSV1 : 0) | (int)frame->opcode);
	into[1] = (char)((frame->masked ? MASKED : 0) | (int)length);
	while (bytes > 0)
		into[n++] = (char)(frame->length >> (8 * --bytes));
	if (frame->masked) {
		memcpy(into + n, frame->mask, 4);
		n += 4;
	}
	return n;
}

/* ---- masks ---- */

void reed_ws_mask(char *into, const char *from, size_t n, const uint8_t mask[4], uint64_t at)
{
	uint8_t turned[8];
	uint64_t key, word;

	for (size_t i = 0; i < sizeof(turned); i++)
		turned[i] = mask[(at + i) & 3];
	memcpy(&key, turned, sizeof(key));
	for (; n >= sizeof(word); n -= sizeof(word)) {
		memcpy(&word, from, sizeof(word));
		word ^= key;
		memcpy(into, &word, sizeof(word));
		from += sizeof(word);
		into += sizeof(word);
	}
	for (size_t i = 0; i < n; i++)
		into[i] = (char)((uint8_t)from[i] ^ turned[i]);
}

/* ---- codes ---- */

bool reed_ws_code_is_good(unsigned code)
{
	/* 1004 has no meaning; 1005, 1006 and 1015 are never sent (RFC 6455 7.4.1). */
	if (code >= 1000 && code <= 1014)
		return code != 1004 && code != 1005 && code != 1006;
	return code >= 3000 && code <= 4999;
}
