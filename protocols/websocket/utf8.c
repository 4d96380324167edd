/* UTF-8 as it streams (RFC 3629 4). */

#include "reed/websocket_frame.h"

/* What may follow the first byte of a character; false when none begins so. */
static bool begin(struct reed_ws_utf8 *u, uint8_t c)
{
	u->low = 0x80;
	u->high = 0xbf;
	if (c >= 0xc2 && c <= 0xdf)
		u->need = 1;
	else if (c >= 0xe0 && c <= 0xef)
		u->need = 2;
	else if (c >= 0xf0 && c <= 0xf4)
		u->need = 3;
	else
		return false;
	if (c == 0xe0)
		u->low = 0xa0; /* else it would be overlong */
	else if (c == 0xed)
		u->high = 0x9f; /* a surrogate */
	else if (c == 0xf0)
		u->low = 0x90;
	else if (c == 0xf4)
		u->high = 0x8f; /* above U+10FFFF */
	return true;
}

/* Of most text all of it. */
static const uint8_t *skip_ascii(const uint8_t *p, const uint8_t *end)
{
	uint64_t word;

	for (; end - p >= (ptrdiff_t)sizeof(word); p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		if (word & 0x8080808080808080u)
			break;
	}
	while (p < end && *p < 0x80)
		p++;
	return p;
}

bool reed_ws_utf8_add(struct reed_ws_utf8 *u, struct reed_slice bytes)
{
	const uint8_t *p = (const uint8_t *)bytes.p, *end = p + bytes.n;

	for (;;) {
		if (u->need == 0)
			p = skip_ascii(p, end);
		if (p == end)
			return true;
		if (u->need == 0) {
			if (!begin(u, *p++))
				return false;
			continue;
		}
		if (*p < u->low || *p > u->high)
			return false;
		u->low = 0x80;
		u->high = 0xbf;
		u->need--;
		p++;
	}
}
