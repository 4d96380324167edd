/* RRsets made of the records of a node, in the form they are answered in. */

#include <stdlib.h>

#include "store.h"

#include "lower.h"

/* Where a record has the name of a host whose addresses go along (RFC 1035 3.3, RFC 2782). */
static size_t host_at(uint16_t type)
{
	switch (type) {
	case REED_DNS_TYPE_NS:
		return RECORD_HEAD;
	case REED_DNS_TYPE_MX:
		return RECORD_HEAD + 2;
	case REED_DNS_TYPE_SRV:
		return RECORD_HEAD + 6;
	default:
		return 0;
	}
}

/* What RRSIG records are kept under. */
static uint16_t covered(const struct dns_raw *raw)
{
	return raw->type == REED_DNS_TYPE_RRSIG && raw->n >= 2 ? (uint16_t)dns_get16(raw->rdata)
	                                                       : raw->type;
}

/* ---- records in order, each once ---- */

static int raw_cmp(const void *a, const void *b)
{
	const struct dns_raw *x = *(const struct dns_raw *const *)a;
	const struct dns_raw *y = *(const struct dns_raw *const *)b;
	int order = (covered(x) > covered(y)) - (covered(x) < covered(y));

	if (!order)
		order = (x->type > y->type) - (x->type < y->type);
	return order ? order
	             : reed_dns_rdata_cmp(x->type, reed_slice(x->rdata, x->n),
	                                  reed_slice(y->rdata, y->n));
}

static size_t gather(struct reed_dns_zone *zone, const struct dns_node *node,
                     struct dns_raw ***sorted)
{
	size_t n = 0, kept = 0;
	struct dns_raw **all;

	for (struct dns_raw *raw = node->raw; raw; raw = raw->next)
		n++;
	all = dns_arena_alloc(&zone->scratch, n * sizeof(*all));
	n = 0;
	for (struct dns_raw *raw = node->raw; raw; raw = raw->next)
		all[n++] = raw;
	if (n > 1)
		qsort(all, n, sizeof(*all), raw_cmp);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || raw_cmp(&all[i], &all[kept - 1]) != 0)
			all[kept++] = all[i];
	*sorted = all;
	return kept;
}

/* ---- one RRset ---- */

/* How many bytes of a name stand in front of the zone's; all of it when it is not below. */
static size_t own_part(const struct reed_dns_zone *zone, const uint8_t *name, size_t n, bool *under)
{
	size_t at = 0;

	while (n - at > zone->name.n)
		at += name[at] + 1U;
	*under = n - at == zone->name.n && zone->name.n > 1 &&
	         lower_eq(name + at, zone->name.wire, zone->name.n);
	return *under ? at : n;
}

struct rendering {
	const struct reed_dns_zone *zone;
	uint8_t *bytes;  /* NULL: only count */
	uint32_t *fixes; /* the same */
	size_t size, fix_count;
};

static void put(struct rendering *r, const void *p, size_t n)
{
	if (r->bytes && n)
		memcpy(r->bytes + r->size, p, n);
	r->size += n;
}

static void put_name(struct rendering *r, const uint8_t *name, size_t n)
{
	static const uint8_t pointer[2] = { POINTER_BITS >> 8 };
	bool under;

	put(r, name, own_part(r->zone, name, n, &under));
	if (!under)
		return;
	if (r->fixes)
		r->fixes[r->fix_count] = (uint32_t)r->size;
	r->fix_count++;
	put(r, pointer, 2);
}

static bool has_names(uint16_t type)
{
	const uint8_t *kinds = dns_fields(type);

	for (; kinds && *kinds; kinds++)
		if (*kinds == FIELD_NAME)
			return true;
	return false;
}

static void put_rdata(struct rendering *r, const struct dns_raw *raw)
{
	struct walk w;
	struct field f;

	if (!has_names(raw->type)) {
		put(r, raw->rdata, raw->n);
		return;
	}
	dns_walk(&w, raw->type, reed_slice(raw->rdata, raw->n), NULL);
	while (!dns_walk_next(&w, &f) && f.kind != FIELD_END) {
		if (f.kind == FIELD_NAME)
			put_name(r, f.p, f.n);
		else
			put(r, f.p, f.n);
	}
}

static void put_record(struct rendering *r, const struct dns_raw *raw, uint32_t ttl)
{
	uint8_t head[RECORD_HEAD] = { 0 };
	size_t at = r->size + RECORD_HEAD;

	dns_put16(head, QUESTION_POINTER);
	dns_put16(head + 2, raw->type);
	dns_put16(head + 4, REED_DNS_CLASS_IN);
	dns_put32(head + 6, ttl);
	put(r, head, sizeof(head));
	put_rdata(r, raw);
	if (r->bytes)
		dns_put16(r->bytes + at - 2, (unsigned)(r->size - at));
}

static uint32_t lowest_ttl(struct dns_raw *const *records, size_t n)
{
	uint32_t ttl = records[0]->ttl;

	for (size_t i = 1; i < n; i++)
		ttl = records[i]->ttl < ttl ? records[i]->ttl : ttl;
	return ttl;
}

static struct dns_rrset *new_set(struct reed_dns_zone *zone, size_t size, size_t fixes)
{
	struct dns_rrset *set =
		dns_arena_alloc(&zone->arena, sizeof(*set) + fixes * sizeof(set->fixes[0]) + size);

	set->size = (uint32_t)size;
	set->fix_count = (uint32_t)fixes;
	return set;
}

static struct dns_rrset *compile(struct reed_dns_zone *zone, struct dns_raw *const *records,
                                 size_t n)
{
	uint32_t ttl = lowest_ttl(records, n);
	struct rendering r = { .zone = zone };
	struct dns_rrset *set;

	for (size_t i = 0; i < n; i++)
		put_record(&r, records[i], ttl);
	set = new_set(zone, r.size, r.fix_count);
	set->type = records[0]->type;
	set->ttl = ttl;
	set->count = (uint32_t)n;
	r = (struct rendering){ zone, (uint8_t *)(set->fixes + set->fix_count), set->fixes, 0, 0 };
	for (size_t i = 0; i < n; i++)
		put_record(&r, records[i], ttl);
	zone->records += n;
	return set;
}

struct dns_rrset *dns_compile_copy(struct reed_dns_zone *zone, const struct dns_rrset *from,
                                   uint32_t ttl)
{
	struct dns_rrset *set = new_set(zone, from->size, from->fix_count);
	uint8_t *bytes = (uint8_t *)(set->fixes + from->fix_count);

	memcpy(set, from, sizeof(*set));
	memcpy(set->fixes, from->fixes, from->fix_count * sizeof(set->fixes[0]));
	memcpy(bytes, dns_rrset_bytes(from), from->size);
	set->ttl = ttl;
	for (size_t at = 0; at < set->size; at += RECORD_HEAD + dns_get16(bytes + at + 10))
		dns_put32(bytes + at + 6, ttl);
	return set;
}

/* ---- all of a node ---- */

static size_t same_set(struct dns_raw *const *records, size_t n)
{
	size_t i = 1;

	while (i < n && records[i]->type == records[0]->type &&
	       covered(records[i]) == covered(records[0]))
		i++;
	return i;
}

static struct dns_rrset *set_of(struct dns_rrset *sets, uint16_t type)
{
	while (sets && sets->type != type)
		sets = sets->next;
	return sets;
}

static void link_sigs(struct dns_rrset **sets, struct dns_rrset *sigs, uint16_t type)
{
	struct dns_rrset *set = set_of(*sets, type);

	if (set) {
		set->sigs = sigs;
		return;
	}
	/* of what is not there: kept, so that a transfer has it */
	sigs->next = *sets;
	*sets = sigs;
}

/*
 * In the order of their types, those that sign apart; the records of A go first
 * in the list as they are asked for most.
 */
void dns_compile_node(struct reed_dns_zone *zone, struct dns_node *node)
{
	struct dns_raw **records;
	struct dns_rrset *sets = NULL, **end = &sets;
	size_t n = gather(zone, node, &records), count;

	for (size_t i = 0; i < n; i += count) {
		count = same_set(records + i, n - i);
		if (records[i]->type == REED_DNS_TYPE_RRSIG)
			continue;
		*end = compile(zone, records + i, count);
		end = &(*end)->next;
	}
	for (size_t i = 0; i < n; i += count) {
		count = same_set(records + i, n - i);
		if (records[i]->type == REED_DNS_TYPE_RRSIG)
			link_sigs(&sets, compile(zone, records + i, count), covered(records[i]));
	}
	node->sets = sets;
}

/* ---- addresses that go along ---- */

/* The name at p, which may end in a pointer to the zone's. */
static void host_name(const struct reed_dns_zone *zone, const uint8_t *p,
                      uint8_t wire[2 * REED_DNS_NAME_MAX])
{
	size_t n = 0;

	while (*p && *p < POINTER_BITS >> 8) {
		memcpy(wire + n, p, *p + 1U);
		n += *p + 1U;
		p += *p + 1U;
	}
	if (*p)
		memcpy(wire + n, zone->name.wire, zone->name.n);
	else
		wire[n] = 0;
}

static bool has_address(const struct dns_node *node)
{
	return dns_node_set(node, REED_DNS_TYPE_A) || dns_node_set(node, REED_DNS_TYPE_AAAA);
}

static void add_hosts(struct reed_dns_zone *zone, struct dns_rrset *set)
{
	struct dns_host *hosts =
		dns_arena_alloc(&zone->scratch, set->count * sizeof(struct dns_host));
	const uint8_t *bytes = dns_rrset_bytes(set);
	uint8_t wire[2 * REED_DNS_NAME_MAX];
	uint16_t n = 0;

	for (size_t at = 0; at < set->size && n < UINT16_MAX;
	     at += RECORD_HEAD + dns_get16(bytes + at + 10)) {
		size_t name = at + host_at(set->type);
		struct dns_node *node;

		host_name(zone, bytes + name, wire);
		node = dns_zone_find(zone, wire);
		if (node && has_address(node))
			hosts[n++] = (struct dns_host){ node, (uint32_t)name };
	}
	if (!n)
		return;
	set->hosts = dns_arena_alloc(&zone->arena, n * sizeof(struct dns_host));
	memcpy(set->hosts, hosts, n * sizeof(struct dns_host));
	set->host_count = n;
}

void dns_compile_hosts(struct reed_dns_zone *zone, struct dns_node *node)
{
	for (struct dns_rrset *set = node->sets; set; set = set->next)
		if (host_at(set->type))
			add_hosts(zone, set);
}
