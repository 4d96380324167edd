/* What name servers say, as a resolver reads it: zone, question and message from the input. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "reed/alloc.h"
#include "reed/dns/message.h"

#include "protocols/dns/client.h"
#include "protocols/dns/reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nothing outside of the zone may have been taken. */
static void look(struct reed_slice pile, const struct reed_dns_name *zone)
{
	struct dns_piece piece;

	while (dns_pile_next(&pile, &piece)) {
		if (!reed_dns_name_is_under(&piece.owner, zone))
			abort();
		if (reed_dns_rdata_check(piece.type, piece.rdata))
			abort();
	}
}

static void read(const struct reed_dns_message *m, const struct reed_dns_question *q, uint8_t how)
{
	static uint8_t scratch[REED_DNS_RDATA_MAX];
	struct reed_buf pile = { 0 };
	struct reed_dns_name zone;
	struct dns_reading reading;
	struct dns_reading_of of = { .m = m,
		                     .question = q,
		                     .zone = &zone,
		                     .forwarded = how & 1,
		                     .dnssec = how & 2,
		                     .scratch = scratch };

	reed_dns_name_suffix(&q->name, (how >> 2) % (q->name.labels + 1u), &zone);
	dns_reading_take(&of, &pile, &reading);
	look(reed_buf_slice(&pile), &zone);
	if (reading.said >= DNS_SAID_LAME && reed_buf_held(&pile))
		abort();
	if (reading.said == DNS_SAID_REFERRAL && reading.zone.labels <= zone.labels)
		abort();
	reed_buf_finish(&pile);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_question_sent sent;
	struct reed_dns_message m;
	struct reed_dns_question q;

	if (size < 1 || reed_dns_message_parse(reed_slice(data + 1, size - 1), &m) ||
	    reed_dns_message_question(&m, &q))
		return 0;
	sent = (struct dns_question_sent){ q.name, q.type, q.klass, m.id };
	if (dns_match(reed_slice(data + 1, size - 1), &sent, &m) == DNS_MATCH_FOLDED)
		abort();
	read(&m, &q, data[0]);
	return 0;
}
