/* Section, size of the owner, type, TTL, size of the data; then owner and data. */

#include "pile.h"

#include "field.h"

enum { HEAD = 10 };

void dns_pile_add(struct reed_buf *pile, const struct dns_piece *item)
{
	uint8_t head[HEAD];

	if (reed_buf_held(pile) + HEAD + item->owner.n + item->rdata.n > PILE_LIMIT) {
		pile->err = REED_ETOOBIG;
		return;
	}
	head[0] = (uint8_t)item->section;
	head[1] = item->owner.n;
	dns_put16(head + 2, item->type);
	dns_put32(head + 4, item->ttl);
	dns_put16(head + 8, (unsigned)item->rdata.n);
	reed_buf_add(pile, reed_slice(head, HEAD));
	reed_buf_add(pile, reed_dns_name_wire(&item->owner));
	reed_buf_add(pile, item->rdata);
}

bool dns_pile_next(struct reed_slice *rest, struct dns_piece *item)
{
	const uint8_t *p = (const uint8_t *)rest->p;
	size_t n;

	if (!rest->n)
		return false;
	item->section = (enum reed_dns_section)p[0];
	item->type = (uint16_t)dns_get16(p + 2);
	item->ttl = dns_get32(p + 4);
	n = dns_get16(p + 8);
	reed_dns_name_take(reed_slice(p + HEAD, p[1]), &item->owner);
	item->rdata = reed_slice(p + HEAD + p[1], n);
	*rest = reed_slice_from(*rest, HEAD + p[1] + n);
	return true;
}

void dns_pile_build(struct reed_dns_builder *b, struct reed_slice pile,
                    enum reed_dns_section section)
{
	struct dns_piece item;

	while (dns_pile_next(&pile, &item))
		if (item.section == section)
			reed_dns_build_record(b, section, &item.owner, item.type, REED_DNS_CLASS_IN,
			                      item.ttl, item.rdata);
}
