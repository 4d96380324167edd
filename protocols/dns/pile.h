/*
 * Records one after another, out of the messages they came in: what an answer is
 * put together from.
 */

#ifndef REED_DNS_PILE_H
#define REED_DNS_PILE_H

#include "reed/dns/build.h"

enum { PILE_LIMIT = 1 << 18 };

struct dns_piece {
	enum reed_dns_section section;
	struct reed_dns_name owner;
	uint16_t type;
	uint32_t ttl;
	struct reed_slice rdata;
};

void dns_pile_add(struct reed_buf *pile, const struct dns_piece *item);

/* The next one, which is taken off the front of rest; false at the end. */
bool dns_pile_next(struct reed_slice *rest, struct dns_piece *item);

/* The records of one section. */
void dns_pile_build(struct reed_dns_builder *b, struct reed_slice pile,
                    enum reed_dns_section section);

#endif
