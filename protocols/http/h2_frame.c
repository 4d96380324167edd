/* Frames of HTTP/2, to bytes and back. */

#include "h2_frame.h"

uint16_t h2_u16(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint16_t)(u[0] << 8 | u[1]);
}

uint32_t h2_u32(const char *p)
{
	return (uint32_t)h2_u16(p) << 16 | h2_u16(p + 2);
}

struct h2_frame h2_frame_of(const char *p)
{
	return (struct h2_frame){ .length = h2_u32(p) >> 8,
		                  .type = (uint8_t)p[3],
		                  .flags = (uint8_t)p[4],
		                  .id = h2_u32(p + 5) & H2_ID_MOST };
}

static void write_u32(char *p, uint32_t n)
{
	p[0] = (char)(n >> 24);
	p[1] = (char)(n >> 16);
	p[2] = (char)(n >> 8);
	p[3] = (char)n;
}

void h2_frame_write(char *p, const struct h2_frame *frame)
{
	write_u32(p, frame->length << 8 | frame->type);
	p[4] = (char)frame->flags;
	write_u32(p + 5, frame->id);
}

void h2_frame_add(struct reed_buf *out, const struct h2_frame *frame)
{
	if (reed_buf_reserve(out, H2_FRAME_HEAD))
		return;
	h2_frame_write(out->p + out->end, frame);
	reed_buf_added(out, H2_FRAME_HEAD);
}

void h2_add_u16(struct reed_buf *out, uint16_t n)
{
	char p[2] = { (char)(n >> 8), (char)n };

	reed_buf_add(out, reed_slice(p, sizeof(p)));
}

void h2_add_u32(struct reed_buf *out, uint32_t n)
{
	char p[4];

	write_u32(p, n);
	reed_buf_add(out, reed_slice(p, sizeof(p)));
}

bool h2_frame_trim(const struct h2_frame *frame, struct reed_slice *payload)
{
	size_t front = 0, padding = 0;

	if (frame->flags & H2_PADDED) {
		if (payload->n == 0)
			return false;
		padding = (unsigned char)payload->p[0];
		front = 1;
	}
	if (frame->type == H2_HEADERS && frame->flags & H2_HAS_PRIORITY)
		front += 5;
	if (front + padding > payload->n)
		return false;
	*payload = reed_slice(payload->p + front, payload->n - front - padding);
	return true;
}

/* ---- priorities ---- */

static bool means_true(struct reed_slice value)
{
	return value.n == 0 || reed_slice_is(value, "?1");
}

void h2_priority_of(struct reed_slice text, uint8_t *urgency, bool *incremental)
{
	while (text.n > 0) {
		struct reed_slice value = reed_slice_trim(reed_slice_cut(&text, ',')), key;

		value = reed_slice_trim(reed_slice_cut(&value, ';'));
		key = reed_slice_cut(&value, '=');
		if (reed_slice_is(key, "u") && value.n == 1 && value.p[0] >= '0' &&
		    value.p[0] <= '7')
			*urgency = (uint8_t)(value.p[0] - '0');
		else if (reed_slice_is(key, "i"))
			*incremental = means_true(value);
	}
}

/* ---- in words ---- */

const char *h2_code_name(uint32_t code)
{
	static const char *const names[] = {
		"NO_ERROR",
		"PROTOCOL_ERROR",
		"INTERNAL_ERROR",
		"FLOW_CONTROL_ERROR",
		"SETTINGS_TIMEOUT",
		"STREAM_CLOSED",
		"FRAME_SIZE_ERROR",
		"REFUSED_STREAM",
		"CANCEL",
		"COMPRESSION_ERROR",
		"CONNECT_ERROR",
		"ENHANCE_YOUR_CALM",
		"INADEQUATE_SECURITY",
		"HTTP_1_1_REQUIRED",
	};

	return code < REED_COUNT(names) ? names[code] : "an unknown error";
}
