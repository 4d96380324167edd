/*
 * Parameters of SVCB and HTTPS: RFC 9460 2.1 and 2.2; dohpath: RFC 9461.  In
 * text they come in any order, on the wire by number, each once.
 */

#include "name_text.h"
#include "reed/base64.h"
#include "text.h"

#include <stdio.h>

static const char *const names[] = {
	"mandatory", "alpn",     "no-default-alpn", "port",  "ipv4hint",
	"ech",       "ipv6hint", "dohpath",         "ohttp",
};

enum { OHTTP = 8, RESERVED = 65535, HEAD = 4 };

/* ---- on the wire ---- */

static bool is_list_of(const uint8_t *p, size_t n)
{
	const uint8_t *end = p + n;

	/* Strings, none of them empty: RFC 9460 7.1.1. */
	while (p < end && *p && *p < end - p)
		p += *p + 1;
	return n && p == end;
}

static bool is_mandatory(const uint8_t *p, size_t n)
{
	int before = 0;

	/* Keys in order, itself not among them: RFC 9460 8. */
	for (size_t i = 0; i + 2 <= n; i += 2) {
		if ((int)dns_get16(p + i) <= before)
			return false;
		before = (int)dns_get16(p + i);
	}
	return n && n % 2 == 0;
}

static bool value_ok(unsigned key, const uint8_t *p, size_t n)
{
	switch (key) {
	case SVCB_MANDATORY:
		return is_mandatory(p, n);
	case SVCB_ALPN:
		return is_list_of(p, n);
	case SVCB_NO_ALPN:
	case OHTTP:
		return n == 0;
	case SVCB_PORT:
		return n == 2;
	case SVCB_IPV4:
		return n && n % 4 == 0;
	case SVCB_IPV6:
		return n && n % 16 == 0;
	case SVCB_ECH:
	case SVCB_DOHPATH:
		return n > 0;
	default:
		return key != RESERVED;
	}
}

static bool has_key(const uint8_t *p, const uint8_t *end, unsigned key)
{
	for (; p < end; p += HEAD + dns_get16(p + 2))
		if (dns_get16(p) == key)
			return true;
	return false;
}

/* What is said to be mandatory is there. */
static bool has_mandatory(const uint8_t *p, const uint8_t *end)
{
	size_t n;

	if (end - p < HEAD || dns_get16(p) != SVCB_MANDATORY)
		return true;
	n = dns_get16(p + 2);
	for (size_t i = 0; i < n; i += 2)
		if (!has_key(p, end, dns_get16(p + HEAD + i)))
			return false;
	return true;
}

bool dns_params_ok(const uint8_t *p, size_t n)
{
	const uint8_t *begin = p, *end = p + n;
	int before = -1;

	for (; p < end; p += HEAD + dns_get16(p + 2)) {
		if (end - p < HEAD || end - p - HEAD < (ptrdiff_t)dns_get16(p + 2))
			return false;
		if ((int)dns_get16(p) <= before ||
		    !value_ok(dns_get16(p), p + HEAD, dns_get16(p + 2)))
			return false;
		before = (int)dns_get16(p);
	}
	return has_mandatory(begin, end);
}

enum reed_err reed_dns_svcb(struct reed_slice rdata, uint16_t *priority,
                            struct reed_dns_name *target, struct reed_slice *params)
{
	const uint8_t *p = (const uint8_t *)rdata.p;

	if (reed_dns_rdata_check(REED_DNS_TYPE_SVCB, rdata) ||
	    reed_dns_name_take(reed_slice_from(rdata, 2), target))
		return REED_EPROTO;
	*priority = (uint16_t)dns_get16(p);
	*params = reed_slice_from(rdata, 2U + target->n);
	return REED_OK;
}

bool reed_dns_svcb_next(struct reed_slice *params, uint16_t *key, struct reed_slice *value)
{
	const uint8_t *p = (const uint8_t *)params->p;

	if (params->n < HEAD || params->n - HEAD < dns_get16(p + 2))
		return false;
	*key = (uint16_t)dns_get16(p);
	*value = reed_slice(p + HEAD, dns_get16(p + 2));
	*params = reed_slice_from(*params, HEAD + value->n);
	return true;
}

/* ---- from text ---- */

static bool key_of(struct reed_slice text, uint64_t *key)
{
	for (size_t i = 0; i < REED_COUNT(names); i++) {
		if (reed_slice_is_nocase(text, names[i])) {
			*key = i;
			return true;
		}
	}
	return text.n > 3 && reed_slice_is_nocase(reed_slice_first(text, 3), "key") &&
	       !reed_slice_u64(reed_slice_from(text, 3), RESERVED - 1, key);
}

/* The next of a list; a comma behind a backslash is part of it (RFC 9460 A.1). */
static bool next_item(const uint8_t **p, const uint8_t *end, uint8_t *item, size_t *n)
{
	if (*p > end)
		return false;
	for (*n = 0; *p < end && **p != ','; (*p)++) {
		if (**p == '\\' && *p + 1 < end)
			(*p)++;
		item[(*n)++] = **p;
	}
	(*p)++;
	return true;
}

static enum reed_err emit_item(struct reader *r, unsigned key, const uint8_t *p, size_t n)
{
	struct reed_slice text = reed_slice(p, n);
	uint8_t bytes[16];
	uint64_t number;

	if (key == SVCB_MANDATORY && key_of(text, &number))
		return dns_emit_number(r, number, 2);
	if (key == SVCB_IPV4 && dns_address4(text, bytes))
		return dns_emit(r, bytes, 4);
	if (key == SVCB_IPV6 && dns_address6(text, bytes))
		return dns_emit(r, bytes, 16);
	if (key == SVCB_ALPN && n && n < 256) {
		enum reed_err err = dns_emit_number(r, n, 1);

		return err ? err : dns_emit(r, p, n);
	}
	return dns_lex_wrong(&r->lx,
	                     key == SVCB_MANDATORY ? "a list of keys is needed, as alpn,port"
	                     : key == SVCB_IPV4    ? "addresses are needed, as 192.0.2.1,192.0.2.2"
	                     : key == SVCB_IPV6    ? "addresses are needed, as 2001:db8::1"
	                                           : "a list of protocols is needed, as h2,h3");
}

/* RFC 9460 8: in order, whatever it was in text. */
static void sort_keys(uint8_t *p, size_t n)
{
	for (size_t i = 2; i < n; i += 2) {
		unsigned key = dns_get16(p + i);
		size_t at = i;

		for (; at && dns_get16(p + at - 2) > key; at -= 2)
			dns_put16(p + at, dns_get16(p + at - 2));
		dns_put16(p + at, key);
	}
}

static enum reed_err emit_list(struct reader *r, unsigned key, const uint8_t *p, size_t n)
{
	const uint8_t *end = p + n;
	uint8_t item[1024];
	size_t item_n, at = r->n;
	enum reed_err err = REED_OK;

	if (n > sizeof(item))
		return dns_lex_wrong(&r->lx, "this value is too long");
	while (!err && next_item(&p, end, item, &item_n))
		err = emit_item(r, key, item, item_n);
	if (!err && key == SVCB_MANDATORY)
		sort_keys(r->out + at, r->n - at);
	return err;
}

static enum reed_err emit_plain(struct reader *r, unsigned key, const uint8_t *p, size_t n)
{
	uint64_t number;

	if (key == SVCB_PORT) {
		if (reed_slice_u64(reed_slice(p, n), UINT16_MAX, &number))
			return dns_lex_wrong(&r->lx, "a port is needed, as port=443");
		return dns_emit_number(r, number, 2);
	}
	if (key == SVCB_ECH)
		return dns_read_base64_word(r, reed_slice(p, n));
	return dns_emit(r, p, n);
}

static enum reed_err emit_value(struct reader *r, unsigned key, struct reed_slice text)
{
	uint8_t value[4096];
	size_t n, at = r->n;
	enum reed_err err = dns_unescape_all(text, value, sizeof(value), &n);

	if (err)
		return dns_lex_wrong(
			&r->lx, err == REED_ETOOBIG
					? "this value is too long"
					: "a backslash is followed by one character, or by three "
					  "digits up to 255");
	if (key == SVCB_MANDATORY || key == SVCB_ALPN || key == SVCB_IPV4 || key == SVCB_IPV6)
		err = emit_list(r, key, value, n);
	else
		err = emit_plain(r, key, value, n);
	if (!err && !value_ok(key, r->out + at, r->n - at))
		err = dns_lex_wrong(&r->lx, key == SVCB_NO_ALPN || key == OHTTP
		                                    ? "this key has no value"
		                                    : "this is no value of this key");
	return err;
}

/* key, key=value, key="value" */
static enum reed_err read_param(struct reader *r, struct reed_slice text)
{
	struct word quoted = { REED_STR(""), false };
	size_t at = r->n;
	uint64_t key;
	enum reed_err err;
	struct reed_slice name = reed_slice_cut(&text, '=');

	if (!key_of(name, &key))
		return dns_lex_wanted(&r->lx,
		                      "a parameter, as alpn=h2,h3, port=443 or key65280=abc");
	if (!text.n && r->lx.p < r->lx.end && *r->lx.p == '"' && r->lx.p[-1] == '=') {
		if ((err = dns_lex_next(&r->lx, &quoted)))
			return err;
		text = quoted.text;
	}
	err = dns_emit_number(r, key << 16, HEAD);
	if (!err)
		err = emit_value(r, (unsigned)key, text);
	if (err)
		return err;
	if (r->n - at - HEAD > UINT16_MAX)
		return REED_ETOOBIG;
	dns_put16(r->out + at + 2, (unsigned)(r->n - at - HEAD));
	return REED_OK;
}

static void reverse(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		uint8_t c = p[i];

		p[i] = p[n - 1 - i];
		p[n - 1 - i] = c;
	}
}

/* Moves the last parameter, at `last`, to its place among those from `first` on. */
static bool put_in_order(struct reader *r, size_t first, size_t last)
{
	uint8_t *p = r->out + first, *param = r->out + last, *end = r->out + r->n;

	while (p < param && dns_get16(p) < dns_get16(param))
		p += HEAD + dns_get16(p + 2);
	if (p < param && dns_get16(p) == dns_get16(param))
		return false;
	reverse(p, (size_t)(param - p));
	reverse(param, (size_t)(end - param));
	reverse(p, (size_t)(end - p));
	return true;
}

enum reed_err dns_read_params(struct reader *r)
{
	size_t first = r->n;
	struct word word;
	enum reed_err err;

	while (!(err = dns_lex_next(&r->lx, &word))) {
		size_t last = r->n;

		if ((err = read_param(r, word.text)))
			return err;
		if (!put_in_order(r, first, last))
			return dns_lex_wrong(&r->lx, "this key has been given before");
	}
	if (err != REED_EEOF)
		return err;
	return has_mandatory(r->out + first, r->out + r->n)
	               ? REED_OK
	               : dns_lex_wrong(&r->lx, "a key that is said to be mandatory is missing");
}

/* ---- to text ---- */

static void print_key(struct reed_buf *out, unsigned key)
{
	if (key < REED_COUNT(names))
		reed_buf_add_str(out, names[key]);
	else
		reed_buf_printf(out, "key%u", key);
}

/* Escaped twice: as an item of a list, then as a string. */
static void print_protocols(struct reed_buf *out, const uint8_t *p, size_t n)
{
	const uint8_t *end = p + n;
	char text[4];

	for (const char *between = ""; p < end; p += *p + 1, between = ",") {
		reed_buf_add_str(out, between);
		for (unsigned i = 1; i <= *p; i++) {
			if (p[i] == ',' || p[i] == '\\')
				reed_buf_add_str(out, "\\\\");
			reed_buf_add(out, reed_slice(text, dns_escape(p[i], "\"\\;()", text)));
		}
	}
}

static void print_items(struct reed_buf *out, unsigned key, const uint8_t *p, size_t n)
{
	size_t step = key == SVCB_IPV4 ? 4 : key == SVCB_IPV6 ? 16 : 2;
	char text[ADDRESS_SIZE];

	for (size_t i = 0; i < n; i += step) {
		if (i)
			reed_buf_add_char(out, ',');
		if (key == SVCB_MANDATORY)
			print_key(out, dns_get16(p + i));
		else
			reed_buf_add(out, key == SVCB_IPV4 ? dns_print_address4(p + i, text)
			                                   : dns_print_address6(p + i, text));
	}
}

static void print_value(struct reed_buf *out, unsigned key, const uint8_t *p, size_t n)
{
	switch (key) {
	case SVCB_ALPN:
		print_protocols(out, p, n);
		break;
	case SVCB_PORT:
		reed_buf_printf(out, "%u", dns_get16(p));
		break;
	case SVCB_ECH:
		reed_buf_add_base64(out, reed_slice(p, n));
		break;
	case SVCB_MANDATORY:
	case SVCB_IPV4:
	case SVCB_IPV6:
		print_items(out, key, p, n);
		break;
	default:
		dns_print_quoted(out, p, n);
	}
}

/* With a space in front of each. */
void dns_print_params(struct reed_buf *out, const uint8_t *p, size_t n)
{
	struct reed_slice rest = reed_slice(p, n), value;
	uint16_t key;

	while (reed_dns_svcb_next(&rest, &key, &value)) {
		reed_buf_add_char(out, ' ');
		print_key(out, key);
		if (!value.n)
			continue;
		reed_buf_add_char(out, '=');
		print_value(out, key, (const uint8_t *)value.p, value.n);
	}
}
