/*
 * Zones in memory, built once to be looked up, and never changed: who has a new
 * one puts it in the place of the old.
 *
 * A zone counts its holders, all of which are in one thread at a time; the
 * thread that loads it may be another.  Records that mean the same are kept
 * once; RRsets have the lowest TTL of their records (RFC 2181 5.2).
 *
 * A zone that breaks a rule is refused as a whole: no SOA record, or more than
 * one; no NS records of its own; data outside of it; CNAME beside other data
 * (RFC 2181 10.1); two CNAME or DNAME records of one name.  REED_ESYNTAX, and
 * the fault says where and what would be right.
 */

#ifndef REED_DNS_STORE_H
#define REED_DNS_STORE_H

#include "reed/dns/zone.h"
#include "reed/file.h"

REED_BEGIN_DECLS

struct reed_dns_zone;

struct reed_dns_zone_facts {
	size_t size;                      /* set by the caller */
	const struct reed_dns_name *name; /* as long as the zone */
	uint32_t serial;                  /* of its SOA record */
	size_t names, records, bytes;     /* bytes of memory */
	bool is_signed;                   /* has NSEC or NSEC3 records */
	const char *warning;              /* the first of what looks like a mistake; NULL: none */
};

/* Reads a file; blocks.  The fault is the caller's to free, and may be NULL. */
REED_API enum reed_err reed_dns_zone_load(const char *path, const struct reed_dns_name *name,
                                          struct reed_dns_zone **zone, struct reed_fault **fault);

/* The same of a text; what it calls itself in errors is `path`.  $INCLUDE is refused. */
REED_API enum reed_err reed_dns_zone_parse(struct reed_slice text, const char *path,
                                           const struct reed_dns_name *name,
                                           struct reed_dns_zone **zone, struct reed_fault **fault);

/* One holder more; returns zone. */
REED_API struct reed_dns_zone *reed_dns_zone_share(struct reed_dns_zone *zone);

/* One holder less; the last one frees it.  May be NULL. */
REED_API void reed_dns_zone_release(struct reed_dns_zone *zone);

REED_API void reed_dns_zone_facts(const struct reed_dns_zone *zone,
                                  struct reed_dns_zone_facts *facts);

/* Its records, the SOA record first, as lines without a file; anything but REED_OK ends it. */
REED_API enum reed_err reed_dns_zone_each(const struct reed_dns_zone *zone, reed_dns_zone_fn *fn,
                                          void *arg);

/* It was read from this file, as it was named then. */
REED_API bool reed_dns_zone_is_of(const struct reed_dns_zone *zone, const char *path);

/* A file it was read from is another one now, or gone; blocks. */
REED_API bool reed_dns_zone_is_stale(const struct reed_dns_zone *zone);

REED_END_DECLS

#endif
