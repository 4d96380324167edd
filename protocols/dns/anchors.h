/* Anchors out of text, for those who have some of them already. */

#ifndef REED_DNS_ANCHORS_H
#define REED_DNS_ANCHORS_H

#include "reed/dns/validate.h"

/* reed_dns_validator_trust_text(), but for what is of this very zone; NULL: all. */
enum reed_err dns_trust_text(struct reed_dns_validator *v, struct reed_slice text,
                             const struct reed_dns_name *but, struct reed_fault **fault);

#endif
