/* Rules of who may do what with a zone, in memory of their own. */

#ifndef REED_DNS_ACCESS_H
#define REED_DNS_ACCESS_H

#include "reed/dns/server.h"

/* Never changed; holders are counted in the loop's thread. */
struct dns_rules;

struct dns_rules *dns_rules_new(const struct reed_dns_rule *rules, size_t n);

/* Both take NULL, which allows nothing. */
struct dns_rules *dns_rules_share(struct dns_rules *rules);
void dns_rules_release(struct dns_rules *rules);

bool dns_rules_allow(const struct dns_rules *rules, enum reed_dns_action action,
                     const struct reed_address *client, const struct reed_dns_tsig *tsig);

/* Somebody may do it. */
bool dns_rules_mention(const struct dns_rules *rules, enum reed_dns_action action);

/* An update of records of that owner and type; type ANY: of all types. */
bool dns_rules_allow_change(const struct dns_rules *rules, const struct reed_address *client,
                            const struct reed_dns_tsig *tsig, const struct reed_dns_name *owner,
                            uint16_t type);

#endif
