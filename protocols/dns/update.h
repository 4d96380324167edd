/* Dynamic updates (RFC 2136) worked out: what they ask of a zone, and what changes. Pure. */

#ifndef REED_DNS_UPDATE_H
#define REED_DNS_UPDATE_H

#include "access.h"
#include "item.h"

#include "reed/dns/keeper.h"

/* One that came in. */
struct dns_update {
	struct reed_slice message; /* in memory, */
	char *memory;              /* which whoever has the update frees */
	struct dns_rules *rules;
	struct reed_address client;
	struct reed_dns_tsig tsig;
	unsigned rcode; /* what is answered */
};

/*
 * What n of them, one after another, make of the zone: sets each one's rcode, and *delta,
 * which stays NULL when nothing has changed.  now is in seconds, for serials.
 */
void dns_update_all(const struct reed_dns_zone *zone, struct dns_update *updates, size_t n,
                    enum reed_dns_serial_policy policy, uint64_t now, struct dns_delta **delta);

/* The serial that follows. */
uint32_t dns_serial_after(uint32_t serial, enum reed_dns_serial_policy policy, uint64_t now);

/* ---- the zone as it is being changed (edit.c) ---- */

struct dns_edit_record {
	struct dns_edit_record *next;
	struct dns_item item; /* of the arena */
};

/* A name that was looked at; the two lists are what was and what is to be. */
struct dns_edit_name {
	struct dns_edit_name *next; /* of the same hash */
	struct reed_dns_name name;
	struct dns_edit_record *before, *now;
};

enum { EDIT_CHAINS = 256 };

struct dns_edit {
	const struct reed_dns_zone *zone;
	struct dns_arena arena;
	struct dns_edit_name *chains[EDIT_CHAINS];
};

/* The name's records, copied when it is first asked for. */
struct dns_edit_name *dns_edit_name(struct dns_edit *e, const struct reed_dns_name *name);

bool dns_edit_has(const struct dns_edit_name *name, uint16_t type);
void dns_edit_add(struct dns_edit *e, struct dns_edit_name *name, uint16_t type, uint32_t ttl,
                  struct reed_slice rdata);

/* All of a type, or one record. */
void dns_edit_remove_type(struct dns_edit_name *name, uint16_t type);
void dns_edit_remove(struct dns_edit_name *name, uint16_t type, struct reed_slice rdata);

/* What is different goes to both; true: something is. */
bool dns_edit_difference(const struct dns_edit *e, struct reed_buf *gone, struct reed_buf *come);

void dns_edit_finish(struct dns_edit *e);

#endif
