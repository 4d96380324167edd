/*
 * What a system says about names: resolv.conf and the hosts file, as text that
 * somebody has read.  Pure; what cannot be understood is passed over, as the system
 * does.
 */

#ifndef REED_DNS_SYSTEM_H
#define REED_DNS_SYSTEM_H

#include "reed/address.h"
#include "reed/dns/name.h"

REED_BEGIN_DECLS

enum { REED_DNS_SERVERS_MOST = 8, REED_DNS_SEARCH_MOST = 16 };

/* resolv.conf(5) */
struct reed_dns_system {
	struct reed_address servers[REED_DNS_SERVERS_MOST];
	size_t server_count; /* at least one: this machine, when none is named */
	struct reed_dns_name search[REED_DNS_SEARCH_MOST];
	size_t search_count;
	unsigned dots; /* a name with so many is asked for as it is first */
};

REED_API void reed_dns_system_read(struct reed_slice text, struct reed_dns_system *system);

/*
 * The names to ask for, in order: the n-th of a text as a person writes it; false
 * when there are no more.  Text that ends with a dot is one name only.
 */
REED_API bool reed_dns_system_name(const struct reed_dns_system *system, struct reed_slice text,
                                   size_t n, struct reed_dns_name *name);

/* The n-th address a hosts file has for a name; false when there are no more. */
REED_API bool reed_dns_hosts_address(struct reed_slice hosts, struct reed_slice name, size_t n,
                                     struct reed_address *address);

REED_END_DECLS

#endif
