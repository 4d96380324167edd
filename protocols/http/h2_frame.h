/* Frames of HTTP/2 as they stand on the wire (RFC 9113 4 and 6, RFC 9218 7.1). */

#ifndef REED_HTTP_H2_FRAME_H
#define REED_HTTP_H2_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "reed/buf.h"

#define H2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

enum {
	H2_PREFACE_LEN = 24,
	H2_FRAME_HEAD = 9,
	H2_FRAME_MOST = 16384, /* bytes of a payload, each way: nobody is told of more */
	H2_WINDOW_FIRST = 65535,
};

enum { H2_ID_MOST = INT32_MAX, H2_WINDOW_MOST = INT32_MAX };

enum h2_type {
	H2_DATA = 0,
	H2_HEADERS = 1,
	H2_PRIORITY = 2,
	H2_RST_STREAM = 3,
	H2_SETTINGS = 4,
	H2_PUSH_PROMISE = 5,
	H2_PING = 6,
	H2_GOAWAY = 7,
	H2_WINDOW_UPDATE = 8,
	H2_CONTINUATION = 9,
	H2_PRIORITY_UPDATE = 16,
};

enum h2_flag {
	H2_END_STREAM = 0x1,
	H2_ACK = 0x1,
	H2_END_HEADERS = 0x4,
	H2_PADDED = 0x8,
	H2_HAS_PRIORITY = 0x20,
};

/* RFC 9113 7 */
enum h2_code {
	H2_NO_ERROR = 0,
	H2_PROTOCOL_ERROR = 1,
	H2_INTERNAL_ERROR = 2,
	H2_FLOW_CONTROL_ERROR = 3,
	H2_STREAM_CLOSED = 5,
	H2_FRAME_SIZE_ERROR = 6,
	H2_REFUSED_STREAM = 7,
	H2_CANCEL = 8,
	H2_COMPRESSION_ERROR = 9,
	H2_ENHANCE_YOUR_CALM = 11,
};

/* RFC 9113 6.5.2, RFC 8441 3, RFC 9218 2.1 */
enum h2_setting {
	H2_SETTING_TABLE = 1,
	H2_SETTING_PUSH = 2,
	H2_SETTING_STREAMS = 3,
	H2_SETTING_WINDOW = 4,
	H2_SETTING_FRAME = 5,
	H2_SETTING_HEAD = 6,
	H2_SETTING_CONNECT = 8,
	H2_SETTING_NO_TREE = 9,
};

struct h2_frame {
	uint32_t length; /* of the payload */
	uint8_t type, flags;
	uint32_t id;
};

/* Of H2_FRAME_HEAD bytes. */
struct h2_frame h2_frame_of(const char *p);
uint16_t h2_u16(const char *p);
uint32_t h2_u32(const char *p);

/* The head of a frame, written over as many bytes. */
void h2_frame_write(char *p, const struct h2_frame *frame);
void h2_frame_add(struct reed_buf *out, const struct h2_frame *frame);
void h2_add_u16(struct reed_buf *out, uint16_t n);
void h2_add_u32(struct reed_buf *out, uint32_t n);

/* Takes padding (RFC 9113 6.1) and what was a priority off; false: there is more of it than payload. */
bool h2_frame_trim(const struct h2_frame *frame, struct reed_slice *payload);

/* "u=3, i" (RFC 9218 4); what is not said, or not understood, stays as it is. */
void h2_priority_of(struct reed_slice text, uint8_t *urgency, bool *incremental);

const char *h2_code_name(uint32_t code);

#endif
