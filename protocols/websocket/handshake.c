/* What both sides of a handshake share (RFC 6455 4). */

#include <openssl/evp.h>

#include "handshake.h"
#include "reed/base64.h"

struct reed_ws_options ws_options(const struct reed_ws_options *given)
{
	struct reed_ws_options o = REED_WS_OPTIONS;

	if (given)
		memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	o.message = o.message ? o.message : 1 << 20;
	o.handshake_ms = o.handshake_ms ? o.handshake_ms : 10000;
	o.ping_ms = o.ping_ms ? o.ping_ms : 30000;
	o.pong_ms = o.pong_ms ? o.pong_ms : 20000;
	o.close_ms = o.close_ms ? o.close_ms : 5000;
	return o;
}

/* RFC 6455 4.2.2: proves that it was read by somebody who speaks the protocol. */
void ws_accept_of(struct reed_slice key, char accept[WS_ACCEPT + 1])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	char text[WS_KEY + sizeof(guid) - 1];
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	memcpy(text, key.p, WS_KEY);
	memcpy(text + WS_KEY, guid, sizeof(guid) - 1);
	EVP_Digest(text, sizeof(text), digest, &n, EVP_sha1(), NULL);
	reed_base64(reed_slice(digest, n), accept);
}

bool ws_key_is_good(struct reed_slice key)
{
	unsigned char nonce[16];
	size_t n;

	return key.n == WS_KEY && !reed_base64_decode(key, nonce, sizeof(nonce), &n) &&
	       n == sizeof(nonce);
}

struct reed_slice ws_choose_protocol(const char *ours, struct reed_slice theirs)
{
	struct reed_slice mine = reed_slice_of(ours), word;

	while (reed_http_list_next(&mine, &word)) {
		struct reed_slice list = theirs, member;

		while (reed_http_list_next(&list, &member))
			if (reed_slice_eq(member, word)) /* case matters (RFC 6455 11.3.4) */
				return member;
	}
	return REED_STR("");
}

struct reed_slice ws_join(const struct reed_http_field *fields, size_t count, const char *name,
                          struct reed_buf *out)
{
	struct reed_slice value;

	for (unsigned i = 0; (value = reed_http_field(fields, count, name, i)).p; i++) {
		if (i > 0)
			reed_buf_add_str(out, ", ");
		reed_buf_add(out, value);
	}
	return reed_buf_slice(out);
}
