/* What HTTP and DNS have to tell each other: base64url, and ages. */

#include "reed/doh.h"

#include "reed/base64.h"
#include "reed/dns/type.h"

enum { TTL_BEFORE_RDATA = 6 };

enum reed_err reed_doh_decode(struct reed_slice text, struct reed_buf *out)
{
	size_t room = text.n / 4 * 3 + 2, n;
	enum reed_err err;

	if (text.n > REED_DNS_MESSAGE_MAX / 3 * 4 + 4)
		return REED_ETOOBIG;
	if ((err = reed_buf_reserve(out, room)))
		return err;
	err = reed_base64url_decode(text, out->p + out->end, room, &n);
	reed_buf_added(out, n);
	return err;
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
