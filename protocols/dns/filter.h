/* What the resolver asks of the filter. */

#ifndef REED_DNS_FILTER_PRIVATE_H
#define REED_DNS_FILTER_PRIVATE_H

#include "reed/dns/filter.h"

#include "pile.h"

enum dns_filtered {
	DNS_FILTER_PASS,
	DNS_FILTER_RECORDS, /* the pile has them; none: there is nothing of that type */
	DNS_FILTER_BLOCKED,
};

/* The name is in small letters. */
enum dns_filtered dns_filter_look(const struct reed_dns_filter *self,
                                  const struct reed_dns_name *name, uint16_t type,
                                  struct reed_buf *pile);

#endif
