/* EDNS: RFC 6891 and what its options say. */

#include "reed/dns/edns.h"

#include "field.h"
#include "put.h"
#include "text.h"

enum { OPTION_HEAD = 4, OPT_FIXED = 11, CLIENT = 8, SERVER_MIN = 8, SERVER_MAX = 32 };

static bool options_ok(struct reed_slice options)
{
	uint16_t code;
	struct reed_slice data;

	while (reed_dns_option_next(&options, &code, &data)) {
	}
	return options.n == 0;
}

enum reed_err reed_dns_edns(const struct reed_dns_message *m, struct reed_dns_edns *edns)
{
	const uint8_t *p = (const uint8_t *)m->bytes.p + m->opt;

	if (!m->opt)
		return REED_ENOENT;
	/* The owner is the root, one byte: the parser saw to that. */
	edns->udp_size = (uint16_t)dns_get16(p + 3);
	if (edns->udp_size < REED_DNS_UDP_MAX)
		edns->udp_size = REED_DNS_UDP_MAX;
	edns->rcode_high = p[5];
	edns->version = p[6];
	edns->flags = (uint16_t)dns_get16(p + 7);
	edns->options = reed_slice(p + OPT_FIXED, dns_get16(p + 9));
	return options_ok(edns->options) ? REED_OK : REED_EPROTO;
}

unsigned reed_dns_edns_rcode(const struct reed_dns_message *m)
{
	const uint8_t *p = (const uint8_t *)m->bytes.p + m->opt;

	return reed_dns_rcode(m->flags) | (m->opt ? (unsigned)p[5] << 4 : 0);
}

bool reed_dns_option_next(struct reed_slice *options, uint16_t *code, struct reed_slice *data)
{
	const uint8_t *p = (const uint8_t *)options->p;

	if (options->n < OPTION_HEAD || options->n - OPTION_HEAD < dns_get16(p + 2))
		return false;
	*code = (uint16_t)dns_get16(p);
	*data = reed_slice(p + OPTION_HEAD, dns_get16(p + 2));
	*options = reed_slice_from(*options, OPTION_HEAD + data->n);
	return true;
}

bool reed_dns_option(const struct reed_dns_edns *edns, uint16_t code, struct reed_slice *data)
{
	struct reed_slice rest = edns->options;
	uint16_t got;

	while (reed_dns_option_next(&rest, &got, data))
		if (got == code)
			return true;
	return false;
}

enum reed_err reed_dns_cookie_read(struct reed_slice data, struct reed_dns_cookie *cookie)
{
	/* RFC 7873 5.2.2 */
	if (data.n < CLIENT || (data.n > CLIENT && data.n < CLIENT + SERVER_MIN) ||
	    data.n > CLIENT + SERVER_MAX)
		return REED_EPROTO;
	cookie->client = reed_slice_first(data, CLIENT);
	cookie->server = reed_slice_from(data, CLIENT);
	return REED_OK;
}

static unsigned family_bits(unsigned family)
{
	return family == 1 ? 32 : family == 2 ? 128 : 0;
}

enum reed_err reed_dns_subnet_read(struct reed_slice data, struct reed_dns_subnet *subnet)
{
	const uint8_t *p = (const uint8_t *)data.p;
	unsigned max, bytes;

	if (data.n < 4)
		return REED_EPROTO;
	*subnet = (struct reed_dns_subnet){ (uint16_t)dns_get16(p), p[2], p[3], { 0 } };
	max = family_bits(subnet->family);
	bytes = (subnet->source + 7U) / 8;
	/* RFC 7871 6: as many bytes as the prefix needs, and nothing behind its bits. */
	if (subnet->source > max || subnet->scope > max || data.n != 4 + bytes)
		return REED_EPROTO;
	if (subnet->source % 8 && p[3 + bytes] & 0xff >> subnet->source % 8)
		return REED_EPROTO;
	memcpy(subnet->address, p + 4, bytes);
	return REED_OK;
}

enum reed_err reed_dns_keepalive_read(struct reed_slice data, bool *given, uint16_t *tenths)
{
	if (data.n != 0 && data.n != 2)
		return REED_EPROTO;
	*given = data.n == 2;
	*tenths = *given ? (uint16_t)dns_get16((const uint8_t *)data.p) : 0;
	return REED_OK;
}

enum reed_err reed_dns_error_read(struct reed_slice data, struct reed_dns_error *error)
{
	if (data.n < 2)
		return REED_EPROTO;
	error->code = (uint16_t)dns_get16((const uint8_t *)data.p);
	error->text = reed_slice_from(data, 2);
	return REED_OK;
}

const char *reed_dns_error_name(uint16_t code)
{
	/* RFC 8914 4 */
	static const char *const names[] = {
		"Other",
		"Unsupported DNSKEY Algorithm",
		"Unsupported DS Digest Type",
		"Stale Answer",
		"Forged Answer",
		"DNSSEC Indeterminate",
		"DNSSEC Bogus",
		"Signature Expired",
		"Signature Not Yet Valid",
		"DNSKEY Missing",
		"RRSIGs Missing",
		"No Zone Key Bit Set",
		"NSEC Missing",
		"Cached Error",
		"Not Ready",
		"Blocked",
		"Censored",
		"Filtered",
		"Prohibited",
		"Stale NXDOMAIN Answer",
		"Not Authoritative",
		"Not Supported",
		"No Reachable Authority",
		"Network Error",
		"Invalid Data",
	};

	return code < REED_COUNT(names) ? names[code] : NULL;
}

/* ---- writing ---- */

void reed_dns_build_opt(struct reed_dns_builder *b, const struct reed_dns_edns *edns)
{
	uint8_t head[OPT_FIXED] = { 0 };

	if (b->err)
		return;
	dns_put16(head + 1, REED_DNS_TYPE_OPT);
	dns_put16(head + 3, edns->udp_size);
	head[5] = edns->rcode_high;
	head[6] = edns->version;
	dns_put16(head + 7, edns->flags);
	if (b->n < REED_DNS_HEADER_SIZE || b->opt || b->counts[REED_DNS_ADDITIONAL] == UINT16_MAX) {
		b->err = REED_EINVAL;
		return;
	}
	b->section = REED_DNS_ADDITIONAL;
	b->owner = 0;
	b->opt = b->n + 9;
	if (!dns_put(b, b->limit, head, sizeof(head)) ||
	    !dns_put(b, b->limit, edns->options.p, edns->options.n))
		dns_build_fail(b, REED_ETOOBIG);
	b->counts[REED_DNS_ADDITIONAL]++;
}

static void put_option(struct reed_dns_builder *b, uint16_t code, const void *p, size_t n,
                       const void *more, size_t more_n)
{
	uint8_t head[OPTION_HEAD];

	if (!b->opt)
		dns_build_fail(b, REED_EINVAL);
	if (b->err)
		return;
	dns_put16(head, code);
	dns_put16(head + 2, (unsigned)(n + more_n));
	if (!dns_put(b, b->limit, head, sizeof(head)) || !dns_put(b, b->limit, p, n) ||
	    !dns_put(b, b->limit, more, more_n))
		dns_build_fail(b, REED_ETOOBIG);
}

void reed_dns_build_option(struct reed_dns_builder *b, uint16_t code, struct reed_slice data)
{
	put_option(b, code, data.p, data.n, NULL, 0);
}

void reed_dns_build_cookie(struct reed_dns_builder *b, const struct reed_dns_cookie *cookie)
{
	put_option(b, REED_DNS_OPTION_COOKIE, cookie->client.p, cookie->client.n, cookie->server.p,
	           cookie->server.n);
}

void reed_dns_build_subnet(struct reed_dns_builder *b, const struct reed_dns_subnet *subnet)
{
	unsigned bytes = (subnet->source + 7U) / 8;
	uint8_t head[4], address[16];

	if (subnet->source > family_bits(subnet->family)) {
		dns_build_fail(b, REED_EINVAL);
		return;
	}
	dns_put16(head, subnet->family);
	head[2] = subnet->source;
	head[3] = subnet->scope;
	memcpy(address, subnet->address, sizeof(address));
	if (subnet->source % 8)
		address[bytes - 1] &= (uint8_t)(0xff00 >> subnet->source % 8);
	put_option(b, REED_DNS_OPTION_SUBNET, head, 4, address, bytes);
}

void reed_dns_build_keepalive(struct reed_dns_builder *b, uint16_t tenths)
{
	uint8_t data[2];

	dns_put16(data, tenths);
	put_option(b, REED_DNS_OPTION_KEEPALIVE, data, 2, NULL, 0);
}

void reed_dns_build_error(struct reed_dns_builder *b, const struct reed_dns_error *error)
{
	uint8_t code[2];

	dns_put16(code, error->code);
	put_option(b, REED_DNS_OPTION_ERROR, code, 2, error->text.p, error->text.n);
}

void reed_dns_build_padding(struct reed_dns_builder *b, unsigned block, unsigned behind)
{
	static const uint8_t zeros[64];
	size_t n = b->n + OPTION_HEAD + behind, pad = block ? (block - n % block) % block : 0;

	if (b->err || n > b->limit)
		return;
	if (pad > b->limit - n)
		pad = b->limit - n;
	put_option(b, REED_DNS_OPTION_PADDING, NULL, 0, NULL, 0);
	if (!b->err)
		dns_put16(b->p + b->n - 2, (unsigned)pad);
	for (size_t i; pad && !b->err; pad -= i) {
		i = pad < sizeof(zeros) ? pad : sizeof(zeros);
		if (!dns_put(b, b->limit, zeros, i))
			dns_build_fail(b, REED_ETOOBIG);
	}
}

void reed_dns_build_opt_end(struct reed_dns_builder *b)
{
	if (!b->opt)
		dns_build_fail(b, REED_EINVAL);
	if (!b->err)
		dns_put16(b->p + b->opt, (unsigned)(b->n - b->opt - 2));
	b->opt = 0;
}

/* ---- for people ---- */

static void print_subnet(struct reed_buf *out, const struct reed_dns_subnet *subnet)
{
	char text[ADDRESS_SIZE];
	struct reed_slice address = subnet->family == 1 ? dns_print_address4(subnet->address, text)
	                                                : dns_print_address6(subnet->address, text);

	reed_buf_printf(out, "client subnet " REED_FMT "/%u/%u", REED_ARG(address), subnet->source,
	                subnet->scope);
}

/* Text of a peer, which may have anything in it. */
static void print_error(struct reed_buf *out, const struct reed_dns_error *error)
{
	const char *name = reed_dns_error_name(error->code);

	reed_buf_printf(out, "error %u%s%s%s", error->code, name ? " (" : "", name ? name : "",
	                name ? ")" : "");
	if (error->text.n) {
		reed_buf_add_str(out, ": ");
		dns_print_quoted(out, (const uint8_t *)error->text.p, error->text.n);
	}
}

static void print_option(struct reed_buf *out, uint16_t code, struct reed_slice data)
{
	struct reed_dns_subnet subnet;
	struct reed_dns_error error;
	uint16_t tenths;
	bool given;

	if (code == REED_DNS_OPTION_SUBNET && !reed_dns_subnet_read(data, &subnet)) {
		print_subnet(out, &subnet);
	} else if (code == REED_DNS_OPTION_ERROR && !reed_dns_error_read(data, &error)) {
		print_error(out, &error);
	} else if (code == REED_DNS_OPTION_KEEPALIVE &&
	           !reed_dns_keepalive_read(data, &given, &tenths) && given) {
		reed_buf_printf(out, "keep-alive %u.%u s", tenths / 10U, tenths % 10U);
	} else if (code == REED_DNS_OPTION_PADDING) {
		reed_buf_printf(out, "padding %zu bytes", data.n);
	} else if (code == REED_DNS_OPTION_NSID) {
		reed_buf_add_str(out, "name server ");
		dns_print_quoted(out, (const uint8_t *)data.p, data.n);
	} else {
		if (code == REED_DNS_OPTION_COOKIE)
			reed_buf_add_str(out, "cookie ");
		else
			reed_buf_printf(out, "option %u ", code);
		dns_print_hex(out, (const uint8_t *)data.p, data.n);
	}
}

void reed_dns_edns_print(const struct reed_dns_edns *edns, struct reed_buf *out)
{
	struct reed_slice rest = edns->options, data;
	uint16_t code;

	reed_buf_printf(out, ";; EDNS version %u,%s UDP up to %u bytes\n", edns->version,
	                edns->flags & REED_DNS_DO ? " DO," : "", edns->udp_size);
	while (reed_dns_option_next(&rest, &code, &data)) {
		reed_buf_add_str(out, ";; ");
		print_option(out, code, data);
		reed_buf_add_char(out, '\n');
	}
}
