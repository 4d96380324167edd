/* What HTTP and DNS have to tell each other: base64url, and ages. */

#include "reed/doh.h"

#include "reed/dns/type.h"

enum { TTL_BEFORE_RDATA = 6 };

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

enum reed_err reed_doh_decode(struct reed_slice text, struct reed_buf *out)
{
	uint32_t bits = 0;
	unsigned n = 0;

	if (text.n % 4 == 1)
		return REED_ESYNTAX;
	if (text.n > REED_DNS_MESSAGE_MAX / 3 * 4 + 4)
		return REED_ETOOBIG;
	for (size_t i = 0; i < text.n; i++) {
		int value = value_of(text.p[i]);

		if (value < 0)
			return REED_ESYNTAX;
		bits = bits << 6 | (uint32_t)value;
		n += 6;
		if (n >= 8) {
			n -= 8;
			reed_buf_add_char(out, (char)(bits >> n));
		}
	}
	/* bits that are left over mean nothing, and so are none (RFC 4648 3.5) */
	return bits & ((1U << n) - 1) ? REED_ESYNTAX : out->err;
}

static bool has_ttl(const struct reed_dns_record *r)
{
	return r->section != REED_DNS_QUESTION && r->type != REED_DNS_TYPE_OPT &&
	       r->type != REED_DNS_TYPE_TSIG;
}

uint32_t reed_doh_fresh(struct reed_slice message)
{
	struct reed_dns_message m;
	struct reed_dns_record r;
	struct reed_dns_walk walk;
	uint32_t least = UINT32_MAX;
	unsigned rcode;

	if (reed_dns_message_parse(message, &m))
		return 0;
	rcode = reed_dns_rcode(m.flags);
	reed_dns_walk_all(&m, &walk);
	while (reed_dns_next(&walk, &r))
		if (has_ttl(&r) && r.ttl < least)
			least = r.ttl;
	if (rcode != REED_DNS_RCODE_NOERROR && rcode != REED_DNS_RCODE_NXDOMAIN)
		return 0;
	return least == UINT32_MAX ? 0 : least;
}

void reed_doh_age(void *message, size_t n, uint32_t age)
{
	struct reed_dns_message m;
	struct reed_dns_record r;
	struct reed_dns_walk walk;

	if (reed_dns_message_parse(reed_slice(message, n), &m))
		return;
	reed_dns_walk_all(&m, &walk);
	while (reed_dns_next(&walk, &r)) {
		uint8_t *ttl = (uint8_t *)message + r.rdata - TTL_BEFORE_RDATA;
		uint32_t left = r.ttl > age ? r.ttl - age : 0;

		if (!has_ttl(&r))
			continue;
		for (unsigned i = 0; i < 4; i++)
			ttl[i] = (uint8_t)(left >> (24 - 8 * i));
	}
}
