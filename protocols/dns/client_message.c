/* Queries written, and answers held against them. */

#include "client.h"

#include "reed/dns/edns.h"

enum { CLIENT_PADS_TO = 128 /* RFC 8467 4.1 */ };

enum dns_match dns_match(struct reed_slice bytes, const struct dns_question_sent *sent,
                         struct reed_dns_message *m)
{
	struct reed_dns_question q;

	if (reed_dns_message_parse(bytes, m) || m->id != sent->id || !(m->flags & REED_DNS_QR) ||
	    reed_dns_opcode(m->flags) != REED_DNS_OPCODE_QUERY)
		return DNS_MATCH_NOT;
	/* Some leave the question out of an error (RFC 5452 9.1 would have it be there). */
	if (m->counts[REED_DNS_QUESTION] != 1 || reed_dns_message_question(m, &q))
		return DNS_MATCH_NOT;
	if (q.type != sent->type || q.klass != sent->klass ||
	    !reed_dns_name_eq(&q.name, &sent->name))
		return DNS_MATCH_NOT;
	return memcmp(q.name.wire, sent->name.wire, q.name.n) == 0 ? DNS_MATCH_YES
	                                                           : DNS_MATCH_FOLDED;
}

static bool is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

void dns_mix_case(struct reed_dns_name *name, uint64_t chance[4])
{
	size_t at = 0;

	while (name->wire[at]) {
		size_t end = at + 1 + name->wire[at];

		for (size_t i = at + 1; i < end; i++)
			if (is_letter(name->wire[i]) && chance[i / 64] >> (i % 64) & 1)
				name->wire[i] ^= 0x20;
		at = end;
	}
}

static uint16_t flags_of(const struct reed_dns_ask *ask)
{
	return (uint16_t)((ask->no_recursion ? 0 : REED_DNS_RD) |
	                  (ask->checking ? REED_DNS_CD : 0));
}

enum reed_err dns_query_write(const struct dns_sending *how, uint8_t *into, size_t room,
                              struct reed_slice *message)
{
	struct reed_dns_edns edns = { .udp_size = how->udp_size,
		                      .flags = how->ask->dnssec ? REED_DNS_DO : 0 };
	struct reed_dns_builder b;

	reed_dns_build(&b, into, room);
	reed_dns_build_header(&b, how->sent->id, flags_of(how->ask));
	reed_dns_build_question(&b, &how->sent->name, how->sent->type, how->sent->klass);
	if (how->edns) {
		reed_dns_build_opt(&b, &edns);
		if (how->cookie.n)
			reed_dns_build_option(&b, REED_DNS_OPTION_COOKIE, how->cookie);
		if (how->padded)
			reed_dns_build_padding(&b, CLIENT_PADS_TO, 0);
		reed_dns_build_opt_end(&b);
	}
	return reed_dns_build_end(&b, message);
}
