/* The PROXY protocol: version 2, in binary, and what it tells beside addresses. */

#include <string.h>

#include "proxy_private.h"

enum {
	VERSION = 0x20,
	LOCAL = 0,
	PROXY = 1,
	UNSPEC = 0,
	INET = 1,
	INET6 = 2,
	UNIX = 3,
	STREAM = 1,
	DATAGRAM = 2,
	UNIX_PATH = 108,
	TLS_FIXED = 5, /* 2.2.6: flags and verify */
	TLS_USED = 1,
	TLS_CERT_CONNECTION = 2,
	TLS_CERT_SESSION = 4,
};

uint32_t reed_proxy_crc32c(uint32_t sum, struct reed_slice bytes)
{
	sum = ~sum;
	for (size_t i = 0; i < bytes.n; i++) {
		sum ^= (unsigned char)bytes.p[i];
		for (int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0x82f63b78u : 0);
	}
	return ~sum;
}

static unsigned u16(const char *p)
{
	return (unsigned)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

static uint32_t u32(const char *p)
{
	return (uint32_t)u16(p) << 16 | u16(p + 2);
}

/* ---- in ---- */

static enum reed_err wrong(struct reed_fault **fault, const char *what)
{
	*fault = reed_fault(REED_EPROTO, NULL, "a PROXY header of version 2 with %s", what);
	return REED_EPROTO;
}

/* 2.2: by family; 0 where there are none. */
static size_t addresses_size(unsigned family)
{
	static const size_t sizes[] = { 0, 12, 36, 2 * UNIX_PATH };

	return sizes[family];
}

static void take_ip(const char *p, size_t n, enum reed_family family, struct reed_proxy_facts *told)
{
	told->source.family = told->destination.family = family;
	memcpy(told->source.ip, p, n);
	memcpy(told->destination.ip, p + n, n);
	told->source.port = (uint16_t)u16(p + 2 * n);
	told->destination.port = (uint16_t)u16(p + 2 * n + 2);
}

/* The first byte of an abstract name is a NUL, which we write as '@'. */
static void take_path(const char *p, struct reed_address *address)
{
	address->family = REED_FAMILY_UNIX;
	memcpy(address->path, p, sizeof(address->path) - 1);
	if (p[0] == '\0' && p[1] != '\0')
		address->path[0] = '@';
}

static void take_addresses(const char *p, unsigned family, struct reed_proxy_facts *told)
{
	if (family == INET)
		take_ip(p, 4, REED_FAMILY_IPV4, told);
	else if (family == INET6)
		take_ip(p, 16, REED_FAMILY_IPV6, told);
	else if (family == UNIX) {
		take_path(p, &told->source);
		take_path(p + UNIX_PATH, &told->destination);
	}
}

static void take_tls_word(struct reed_proxy_facts *told, unsigned type, struct reed_slice value)
{
	switch (type) {
	case REED_PROXY_TLS_VERSION:
		told->tls_version = value;
		break;
	case REED_PROXY_TLS_NAME:
		told->tls_name = value;
		break;
	case REED_PROXY_TLS_CIPHER:
		told->tls_cipher = value;
		break;
	case REED_PROXY_TLS_SIGNATURE:
		told->tls_signature = value;
		break;
	case REED_PROXY_TLS_KEY:
		told->tls_key = value;
		break;
	default:
		break;
	}
}

/* 2.2.6 */
static bool take_tls(struct reed_proxy_facts *told, struct reed_slice value)
{
	struct reed_slice rest = reed_slice_from(value, TLS_FIXED), word;
	uint8_t type;

	if (value.n < TLS_FIXED)
		return false;
	told->tls = value.p[0] & TLS_USED;
	told->certificate = value.p[0] & (TLS_CERT_CONNECTION | TLS_CERT_SESSION);
	told->verified = told->certificate && u32(value.p + 1) == 0;
	while (reed_proxy_next(&rest, &type, &word))
		take_tls_word(told, type, word);
	return rest.n == 0;
}

/* 2.2.3: over the whole header, with zeroes in its own place */
static bool sum_is_right(struct reed_slice header, struct reed_slice value)
{
	size_t at = (size_t)(value.p - header.p);
	uint32_t sum;

	if (value.n != 4)
		return false;
	sum = reed_proxy_crc32c(0, reed_slice_first(header, at));
	sum = reed_proxy_crc32c(sum, REED_STR("\0\0\0\0"));
	sum = reed_proxy_crc32c(sum, reed_slice_from(header, at + 4));
	return sum == u32(value.p);
}

static enum reed_err take_tlv(struct reed_slice header, unsigned type, struct reed_slice value,
                              struct reed_proxy_facts *told, struct reed_fault **fault)
{
	switch (type) {
	case REED_PROXY_ALPN:
		told->alpn = value;
		return REED_OK;
	case REED_PROXY_AUTHORITY:
		told->authority = value;
		return REED_OK;
	case REED_PROXY_UNIQUE_ID:
		told->unique_id = value;
		return value.n <= 128 ? REED_OK : wrong(fault, "a unique id of over 128 bytes");
	case REED_PROXY_NETNS:
		told->netns = value;
		return REED_OK;
	case REED_PROXY_CRC32C:
		told->crc = sum_is_right(header, value);
		return told->crc ? REED_OK : wrong(fault, "a checksum that is wrong");
	case REED_PROXY_TLS:
		return take_tls(told, value) ? REED_OK
		                             : wrong(fault, "what it says of TLS cut short");
	default:
		return REED_OK;
	}
}

static enum reed_err take_tlvs(struct reed_slice header, struct reed_slice tlvs,
                               struct reed_proxy_facts *told, struct reed_fault **fault)
{
	struct reed_slice rest = tlvs, value;
	enum reed_err err = REED_OK;
	uint8_t type;

	told->tlvs = tlvs;
	while (!err && reed_proxy_next(&rest, &type, &value))
		err = take_tlv(header, type, value, told, fault);
	if (!err && rest.n > 0)
		err = wrong(fault, "a length inside that goes beyond its end");
	return err;
}

static enum reed_err take_body(struct reed_slice header, struct reed_proxy_facts *told,
                               struct reed_fault **fault)
{
	unsigned command = (unsigned char)header.p[12], family = (unsigned char)header.p[13] >> 4,
		 transport = (unsigned char)header.p[13] & 15;
	struct reed_slice body = reed_slice_from(header, REED_PROXY_V2_FIXED);

	told->local = command == (VERSION | LOCAL);
	if (told->local) /* 2.2: the rest is to be ignored */
		return REED_OK;
	if (family > UNIX || transport > DATAGRAM)
		return wrong(fault, "a family or protocol that is none");
	if (body.n < addresses_size(family))
		return wrong(fault, "fewer bytes than its addresses have");
	if (transport != UNSPEC)
		take_addresses(body.p, family, told);
	return take_tlvs(header, reed_slice_from(body, addresses_size(family)), told, fault);
}

enum reed_err reed_proxy_parse_2(struct reed_slice in, struct reed_proxy_facts *told,
                                 size_t *length, struct reed_fault **fault)
{
	unsigned command = (unsigned char)in.p[12];
	size_t n;

	if ((command & 0xf0) != VERSION || (command & 0x0f) > PROXY)
		return wrong(fault, "a version or command that is none");
	told->version = 2;
	if (in.n < REED_PROXY_V2_FIXED)
		return REED_EAGAIN;
	n = REED_PROXY_V2_FIXED + u16(in.p + 14);
	if (n > REED_PROXY_LENGTH) {
		*fault = reed_fault(REED_ETOOBIG, NULL,
		                    "a PROXY header of %zu bytes; %d are the most", n,
		                    REED_PROXY_LENGTH);
		return REED_ETOOBIG;
	}
	if (in.n < n)
		return REED_EAGAIN;
	*length = n;
	return take_body(reed_slice_first(in, n), told, fault);
}

/* ---- out ---- */

static void put_u16(struct reed_buf *out, size_t n)
{
	reed_buf_add_char(out, (char)(n >> 8));
	reed_buf_add_char(out, (char)n);
}

static void put_tlv(struct reed_buf *out, unsigned type, struct reed_slice value)
{
	if (value.n == 0)
		return;
	reed_buf_add_char(out, (char)type);
	put_u16(out, value.n);
	reed_buf_add(out, value);
}

static void put_tls(struct reed_buf *out, const struct reed_proxy_facts *told)
{
	struct reed_buf all;

	reed_buf_init(&all, REED_PROXY_LENGTH);
	reed_buf_add_char(&all, (char)(TLS_USED | (told->certificate ? TLS_CERT_CONNECTION : 0)));
	reed_buf_add(&all, told->verified ? REED_STR("\0\0\0\0") : REED_STR("\0\0\0\1"));
	put_tlv(&all, REED_PROXY_TLS_VERSION, told->tls_version);
	put_tlv(&all, REED_PROXY_TLS_NAME, told->tls_name);
	put_tlv(&all, REED_PROXY_TLS_CIPHER, told->tls_cipher);
	put_tlv(&all, REED_PROXY_TLS_SIGNATURE, told->tls_signature);
	put_tlv(&all, REED_PROXY_TLS_KEY, told->tls_key);
	if (all.err && !out->err)
		out->err = all.err;
	put_tlv(out, REED_PROXY_TLS, reed_buf_slice(&all));
	reed_buf_finish(&all);
}

static void put_path(struct reed_buf *out, const struct reed_address *address)
{
	char path[UNIX_PATH] = { 0 };

	memcpy(path, address->path, sizeof(address->path));
	if (path[0] == '@' && path[1] != '\0')
		path[0] = '\0';
	reed_buf_add(out, reed_slice(path, sizeof(path)));
}

static void put_ip(struct reed_buf *out, const struct reed_proxy_facts *told, size_t n)
{
	reed_buf_add(out, reed_slice(told->source.ip, n));
	reed_buf_add(out, reed_slice(told->destination.ip, n));
	put_u16(out, told->source.port);
	put_u16(out, told->destination.port);
}

static void put_addresses(struct reed_buf *out, const struct reed_proxy_facts *told)
{
	switch (told->source.family) {
	case REED_FAMILY_IPV4:
		put_ip(out, told, 4);
		break;
	case REED_FAMILY_IPV6:
		put_ip(out, told, 16);
		break;
	case REED_FAMILY_UNIX:
		put_path(out, &told->source);
		put_path(out, &told->destination);
		break;
	case REED_FAMILY_NONE:
		break;
	}
}

static void put_sum(char *header, size_t n)
{
	uint32_t sum = reed_proxy_crc32c(0, reed_slice(header, n));

	for (int i = 0; i < 4; i++)
		header[n - 4 + (size_t)i] = (char)(sum >> (24 - 8 * i));
}

static void put_body(struct reed_buf *out, const struct reed_proxy_facts *told)
{
	put_addresses(out, told);
	put_tlv(out, REED_PROXY_ALPN, told->alpn);
	put_tlv(out, REED_PROXY_AUTHORITY, told->authority);
	put_tlv(out, REED_PROXY_UNIQUE_ID, told->unique_id);
	put_tlv(out, REED_PROXY_NETNS, told->netns);
	if (told->tls)
		put_tls(out, told);
	reed_buf_add(out, told->tlvs);
	if (told->crc)
		put_tlv(out, REED_PROXY_CRC32C, REED_STR("\0\0\0\0"));
}

enum reed_err reed_proxy_format_2(const struct reed_proxy_facts *told, struct reed_buf *out)
{
	static const unsigned char families[] = {
		[REED_FAMILY_NONE] = UNSPEC << 4 | UNSPEC,
		[REED_FAMILY_IPV4] = INET << 4 | STREAM,
		[REED_FAMILY_IPV6] = INET6 << 4 | STREAM,
		[REED_FAMILY_UNIX] = UNIX << 4 | STREAM,
	};
	struct reed_buf header;
	size_t body;

	reed_buf_init(&header, REED_PROXY_LENGTH);
	reed_buf_add(&header, reed_slice(reed_proxy_signature, sizeof(reed_proxy_signature)));
	reed_buf_add_char(&header, (char)(VERSION | (told->local ? LOCAL : PROXY)));
	reed_buf_add_char(&header, (char)families[told->source.family]);
	put_u16(&header, 0);
	put_body(&header, told);
	if (!header.err) {
		body = reed_buf_held(&header) - REED_PROXY_V2_FIXED;
		header.p[header.begin + 14] = (char)(body >> 8);
		header.p[header.begin + 15] = (char)body;
		if (told->crc)
			put_sum(header.p + header.begin, reed_buf_held(&header));
		reed_buf_add(out, reed_buf_slice(&header));
	}
	if (header.err && !out->err)
		out->err = header.err;
	reed_buf_finish(&header);
	return out->err;
}
