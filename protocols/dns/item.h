/*
 * Records one after another in memory, and changes of a zone made of them: what
 * is sent in a transfer, kept in a journal and made by an update.
 *
 * An item is the owner, type, TTL, size of rdata and the rdata, uncompressed, of
 * class IN.
 */

#ifndef REED_DNS_ITEM_H
#define REED_DNS_ITEM_H

#include "reed/buf.h"

#include "store.h"

struct dns_item {
	struct reed_slice owner; /* wire form */
	uint16_t type;
	uint32_t ttl;
	struct reed_slice rdata;
};

void dns_item_add(struct reed_buf *into, const struct dns_item *item);

/* False: that was all, or the rest is no item, which *rest still holds then. */
bool dns_item_next(struct reed_slice *rest, struct dns_item *item);

/* Anything but REED_OK ends it. */
typedef enum reed_err dns_item_fn(void *arg, const struct dns_item *item);

/* All records of a zone, the SOA record first; rdata is good during the call. */
enum reed_err dns_zone_each(const struct reed_dns_zone *zone, dns_item_fn *fn, void *arg);

/* Those of one RRset, or of one RRset and what signs it. */
enum reed_err dns_rrset_each(const struct reed_dns_zone *zone, const struct dns_node *node,
                             const struct dns_rrset *set, dns_item_fn *fn, void *arg);

/*
 * Those of one RRset, in canonical order, each once; room has DNS_EXPANDED bytes.  Pointers
 * are two bytes for a name; the rdata of types with names has few of those.
 */
enum { DNS_EXPANDED = 1 << 17 };
enum reed_err dns_set_each(const struct reed_dns_zone *zone, const struct dns_node *node,
                           const struct dns_rrset *set, uint8_t *room, dns_item_fn *fn, void *arg);

/* A dns_item_fn: into is a struct reed_buf, or a struct dns_loading. */
enum reed_err dns_item_keep(void *into, const struct dns_item *item);
enum reed_err dns_item_load(void *into, const struct dns_item *item);

/* Of the rdata of an SOA record, which is well-formed. */
static inline uint32_t dns_soa_number(struct reed_slice rdata, unsigned i)
{
	return dns_get32((const uint8_t *)rdata.p + rdata.n - 20 + 4 * (size_t)i);
}

enum { SOA_SERIAL, SOA_REFRESH, SOA_RETRY, SOA_EXPIRE, SOA_MINIMUM };

/* The rdata of the zone's SOA record, uncompressed. */
struct reed_slice dns_zone_soa(const struct reed_dns_zone *zone, uint8_t *into, size_t room);

/* ---- changes ---- */

/*
 * From one serial to another (RFC 1995 4): the old SOA record and what goes, the
 * new SOA record and what comes.  Never changed; holders are counted in the
 * loop's thread, as those of zones are.
 */
struct dns_delta {
	unsigned holders;
	uint32_t from, to;
	size_t n, split; /* bytes; where the new SOA record begins */
	uint8_t bytes[];
};

/* REED_EPROTO: the two parts do not begin with SOA records, or are not items. */
enum reed_err dns_delta_make(struct reed_slice gone, struct reed_slice come,
                             struct dns_delta **delta);
struct dns_delta *dns_delta_share(struct dns_delta *delta);
void dns_delta_release(struct dns_delta *delta);

static inline struct reed_slice dns_delta_gone(const struct dns_delta *delta)
{
	return reed_slice(delta->bytes, delta->split);
}

static inline struct reed_slice dns_delta_come(const struct dns_delta *delta)
{
	return reed_slice(delta->bytes + delta->split, delta->n - delta->split);
}

/*
 * The zone after these, which is in memory of its own.  REED_EPROTO: they are not
 * of this zone: a record that goes is not there, one that comes is there already,
 * serials do not follow one another.  Else as reed_dns_zone_load() fails.
 */
enum reed_err dns_delta_apply(const struct reed_dns_zone *zone, struct dns_delta *const *deltas,
                              size_t n, struct reed_dns_zone **out, struct reed_fault **fault);

/* What makes b of a. */
struct dns_delta *dns_delta_between(const struct reed_dns_zone *a, const struct reed_dns_zone *b);

/* Several in a row, the oldest first. */
struct dns_history {
	struct dns_delta **all;
	size_t n, room;
	size_t bytes;
};

/* Consumes delta.  One that does not follow the last makes the history begin anew. */
void dns_history_add(struct dns_history *h, struct dns_delta *delta);
void dns_history_forget(struct dns_history *h, size_t n);
void dns_history_finish(struct dns_history *h);

/* Which one begins with this serial; h->n: none. */
size_t dns_history_find(const struct dns_history *h, uint32_t serial);

/* Shared copies of those from the first-th on. */
void dns_history_copy(const struct dns_history *h, size_t first, struct dns_history *into);

/* ---- sets of records (marks.c) ---- */

struct dns_mark {
	uint64_t hash;
	struct dns_item item; /* not owned */
	bool used, gone, come, seen;
};

struct dns_marks {
	struct dns_mark *slots;
	size_t mask, count;
};

/* The mark of a record of the same owner, type and rdata, made if need be; the TTL does not matter. */
struct dns_mark *dns_marks_at(struct dns_marks *m, const struct dns_item *item);

/* NULL: there is none. */
struct dns_mark *dns_marks_find(const struct dns_marks *m, const struct dns_item *item);
void dns_marks_finish(struct dns_marks *m);

#endif
