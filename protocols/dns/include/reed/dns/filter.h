/*
 * What is answered here in place of the world: records of one's own, and names that
 * are blocked.
 *
 * Lists of names to block are read as they are found in the world, line by line:
 *
 *	0.0.0.0 ads.example tracker.example   hosts: these names
 *	ads.example                           domains: it and what is below
 *	||ads.example^                        adblock: the same
 *	@@||good.ads.example^                 and this is not blocked after all
 *
 * What is none of it, as rules about paths and scripts, is counted and left out.  A
 * name takes 16 bytes at most when there are many, as only a keyed hash of it is
 * kept (SipHash, 62 bits of it).
 *
 * A list is built in any thread, never changed afterwards, and owned by the filter it
 * is given to.
 */

#ifndef REED_DNS_FILTER_H
#define REED_DNS_FILTER_H

#include "reed/dns/rdata.h"
#include "reed/loop.h"

REED_BEGIN_DECLS

struct reed_dns_blocklist;
struct reed_dns_filter;

/* At most so many names (0: 4 million); those beyond are counted as left out. */
REED_API struct reed_dns_blocklist *reed_dns_blocklist_new(const uint8_t secret[16], size_t most);
REED_API void reed_dns_blocklist_free(struct reed_dns_blocklist *self); /* may be NULL */

/* Whole lines. */
REED_API void reed_dns_blocklist_add(struct reed_dns_blocklist *self, struct reed_slice text);

/* Of a file; blocks.  *fault, the caller's, names it.  REED_ENOENT, REED_EACCES, ... */
REED_API enum reed_err reed_dns_blocklist_load(struct reed_dns_blocklist *self, const char *path,
                                               struct reed_fault **fault);

struct reed_dns_blocklist_facts {
	size_t size;           /* set by the caller */
	size_t names, allowed; /* blocked; not blocked after all */
	size_t left_out;       /* lines */
	size_t bytes;
};

REED_API void reed_dns_blocklist_facts(const struct reed_dns_blocklist *self,
                                       struct reed_dns_blocklist_facts *facts);
REED_API bool reed_dns_blocklist_has(const struct reed_dns_blocklist *self,
                                     const struct reed_dns_name *name);

REED_API struct reed_dns_filter *reed_dns_filter_new(void);
REED_API void reed_dns_filter_free(struct reed_dns_filter *self); /* may be NULL */

/* In the place of the one before; consumes list, which may be NULL. */
REED_API void reed_dns_filter_block(struct reed_dns_filter *self, struct reed_dns_blocklist *list);

/*
 * Records of one's own, in the place of those before: "nas.home A 192.168.1.2", and
 * "nas.home 60 A 192.168.1.2" with a TTL.  A name that has one has nothing else.
 * REED_ESYNTAX: *mistake is set, and nothing has changed; self NULL: only looks.
 */
REED_API enum reed_err reed_dns_filter_records(struct reed_dns_filter *self,
                                               const char *const *records, size_t count,
                                               struct reed_dns_mistake *mistake);

REED_END_DECLS

#endif
