/* Agreeing on permessage-deflate (RFC 7692 5 and 7.1). */

#include "private.h"

/* One offer, or the answer to it. */
struct offer {
	bool server_no_takeover, client_no_takeover, has_client_bits, has_server_bits;
	uint8_t server_bits, client_bits; /* 0: said without a number */
};

static bool take_bits(struct reed_slice value, uint8_t *bits)
{
	uint64_t n;

	if (value.n > 1 && value.p[0] == '"' && value.p[value.n - 1] == '"')
		value = reed_slice(value.p + 1, value.n - 2);
	if (reed_slice_u64(value, 15, &n) || n < 8 || (value.n > 0 && value.p[0] == '0'))
		return false;
	*bits = (uint8_t)n;
	return true;
}

static bool take_flag(bool *flag, bool has_value)
{
	if (*flag || has_value)
		return false;
	*flag = true;
	return true;
}

static bool take_window(bool *flag, uint8_t *bits, bool has_value, struct reed_slice value)
{
	if (*flag)
		return false;
	*flag = true;
	return has_value ? take_bits(value, bits) : true;
}

/* RFC 7692 7.1: unknown, repeated or odd parameters make an offer void. */
static bool take_parameter(struct offer *offer, struct reed_slice text)
{
	bool has_value = reed_slice_find(text, '=') < text.n;
	struct reed_slice value = text, name = reed_slice_trim(reed_slice_cut(&value, '='));

	value = reed_slice_trim(value);
	if (reed_slice_is_nocase(name, "server_no_context_takeover"))
		return take_flag(&offer->server_no_takeover, has_value);
	if (reed_slice_is_nocase(name, "client_no_context_takeover"))
		return take_flag(&offer->client_no_takeover, has_value);
	if (reed_slice_is_nocase(name, "server_max_window_bits"))
		return take_window(&offer->has_server_bits, &offer->server_bits, has_value,
		                   value) &&
		       has_value;
	if (reed_slice_is_nocase(name, "client_max_window_bits"))
		return take_window(&offer->has_client_bits, &offer->client_bits, has_value, value);
	return false;
}

static bool take_offer(struct reed_slice text, struct offer *offer)
{
	*offer = (struct offer){ .server_bits = 0 };
	if (!reed_slice_is_nocase(reed_slice_trim(reed_slice_cut(&text, ';')),
	                          "permessage-deflate"))
		return false;
	while (text.n > 0)
		if (!take_parameter(offer, reed_slice_trim(reed_slice_cut(&text, ';'))))
			return false;
	/* zlib has no window of 256 bytes without its header */
	return !offer->has_server_bits || offer->server_bits > 8;
}

static uint8_t bits_or_all(uint8_t bits)
{
	return bits ? bits : 15;
}

void ws_extension_choose(struct reed_slice offers, bool takeover, struct ws_agreed *agreed,
                         struct reed_buf *out)
{
	struct reed_slice text;
	struct offer offer;

	*agreed = (struct ws_agreed){ .on = false };
	while (reed_http_list_next(&offers, &text)) {
		if (!take_offer(text, &offer))
			continue;
		*agreed = (struct ws_agreed){
			.on = true,
			.own_takeover = takeover && !offer.server_no_takeover,
			.peer_takeover = takeover && !offer.client_no_takeover,
			.own_bits = bits_or_all(offer.server_bits),
			.peer_bits = 15,
		};
		reed_buf_add_str(out, "permessage-deflate");
		if (!agreed->own_takeover)
			reed_buf_add_str(out, "; server_no_context_takeover");
		if (!agreed->peer_takeover)
			reed_buf_add_str(out, "; client_no_context_takeover");
		if (offer.has_server_bits)
			reed_buf_printf(out, "; server_max_window_bits=%u", agreed->own_bits);
		return;
	}
}

const char *ws_extension_offer(bool takeover)
{
	return takeover ? "permessage-deflate; client_max_window_bits"
	                : "permessage-deflate; client_max_window_bits; "
	                  "server_no_context_takeover; client_no_context_takeover";
}

enum reed_err ws_extension_chosen(struct reed_slice answer, bool takeover, struct ws_agreed *agreed)
{
	struct reed_slice text, more;
	struct offer offer;

	*agreed = (struct ws_agreed){ .on = false };
	if (!reed_http_list_next(&answer, &text))
		return REED_OK;
	if (!take_offer(text, &offer) || reed_http_list_next(&answer, &more))
		return REED_EPROTO;
	if (offer.has_client_bits && offer.client_bits < 9) /* without a number, or too small */
		return REED_EPROTO;
	if (!takeover && !offer.server_no_takeover) /* RFC 7692 7.1.1.1: it has to agree */
		return REED_EPROTO;
	*agreed = (struct ws_agreed){
		.on = true,
		.own_takeover = takeover && !offer.client_no_takeover,
		.peer_takeover = !offer.server_no_takeover,
		.own_bits = bits_or_all(offer.client_bits),
		.peer_bits = bits_or_all(offer.server_bits),
	};
	return REED_OK;
}
