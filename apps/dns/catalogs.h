/* Lists of zones, as the two files have them that make and follow catalogs. */

#ifndef REED_APPS_DNS_CATALOGS_H
#define REED_APPS_DNS_CATALOGS_H

#include "dns.h"

struct member {
	struct reed_dns_name name;
	uint64_t id;
};

/* In canonical order. */
struct members {
	struct member *all;
	size_t n, room;
};

/* ---- members.c ---- */

/* reed_dns_member_fn: one more, behind the others. */
enum reed_err dns_members_add(void *members, const struct reed_dns_name *name, uint64_t id);
void dns_members_finish(struct members *m);
bool dns_members_have(const struct members *m, const struct reed_dns_name *name);
int dns_members_compare(const void *a, const void *b);

/* Zones of the settings: all, or those that a catalog is made of. */
struct members dns_members_of(const struct dns_settings *s, const struct reed_dns_name *catalog);

#endif
