/*
 * Catalog zones (RFC 9432): a zone that lists zones, so that secondaries know which there
 * are.  Pure; whoever serves the members decides how.
 */

#ifndef REED_DNS_CATALOG_H
#define REED_DNS_CATALOG_H

#include "reed/dns/store.h"

REED_BEGIN_DECLS

enum { REED_DNS_MEMBERS_MOST = 100000 };

/*
 * Borrowed for the call.  With another id than before it is to be forgotten and had anew
 * (RFC 9432 5.5).  Anything but REED_OK ends it.
 */
typedef enum reed_err reed_dns_member_fn(void *arg, const struct reed_dns_name *member,
                                         uint64_t id);

/*
 * Its members, each once, in canonical order.  REED_EPROTO: it is no catalog of version 2, or
 * one that is broken and not to be used (RFC 9432 5.1); REED_ETOOBIG: it has more than
 * REED_DNS_MEMBERS_MOST.
 * Nothing was told then.  The fault may be NULL, and is the caller's.
 */
REED_API enum reed_err reed_dns_catalog_each(const struct reed_dns_zone *zone,
                                             reed_dns_member_fn *fn, void *arg,
                                             struct reed_fault **fault);

/* The zone file of one, whose members have the same labels each time. */
REED_API void reed_dns_catalog_print(const struct reed_dns_name *name, uint32_t serial,
                                     const struct reed_dns_name *members, size_t count,
                                     struct reed_buf *out);

REED_END_DECLS

#endif
