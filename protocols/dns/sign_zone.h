/* A zone being signed: what the files that do it share. */

#ifndef REED_DNS_SIGN_ZONE_H
#define REED_DNS_SIGN_ZONE_H

#include "item.h"
#include "zone_key.h"

/* The records of one RRset. */
struct dns_sheet {
	struct reed_dns_name owner;
	uint16_t type;
	uint32_t ttl;
	struct reed_buf bytes; /* of the rdata, one behind the other */
	size_t *sizes, count, room;
	struct reed_slice *rdata; /* when it is closed */
};

void dns_sheet_begin(struct dns_sheet *s, const struct reed_dns_name *owner, uint16_t type,
                     uint32_t ttl);
void dns_sheet_add(struct dns_sheet *s, struct reed_slice rdata);
void dns_sheet_close(struct dns_sheet *s, struct reed_dns_rrset *set);
void dns_sheet_finish(struct dns_sheet *s);

struct dns_zone_signing {
	const struct reed_dns_zone *zone, *before;
	struct reed_dns_signing how; /* with what 0 stands for */
	struct reed_dns_signed facts;
	struct dns_loading loading;
	struct dns_sheet sheet, old, sigs;
	struct reed_buf bytes; /* that are signed */
	uint32_t negative_ttl;
	uint8_t *room;
};

/* An RRset that is left as it is; of the zone's own name also one that we make. */
bool dns_signing_keeps(const struct dns_zone_signing *s, const struct dns_node *node,
                       uint16_t type);

/* The zone answers for it: not glue, nor what is hidden by a delegation. */
bool dns_signing_signs(const struct dns_node *node, uint16_t type);

/* Loads s->sheet, and what signs it; before may be NULL. */
enum reed_err dns_signing_put(struct dns_zone_signing *s, const struct dns_node *before, bool sign);

/* ---- chain.c ---- */

/* NSEC or NSEC3 records of all names that have any. */
enum reed_err dns_signing_chain(struct dns_zone_signing *s);

/* The bitmap of n types in ascending order; into has room for all of 65536. */
size_t dns_bitmap_build(const uint16_t *types, size_t n, uint8_t *into);

#endif
