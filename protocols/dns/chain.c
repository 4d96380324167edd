/* Chains of NSEC (RFC 4034 4, 4035 2.3) and NSEC3 records (RFC 5155 7.1). */

#include "sign_zone.h"

#include <stdlib.h>

#include "reed/alloc.h"

enum { BITMAP_MAX = 256 * 34, TYPES = 65536, OPT_OUT = 1 };

struct link {
	const struct dns_node *node;
	struct reed_dns_name *name;
	uint8_t hash[NSEC3_HASH];
};

struct chain {
	struct dns_zone_signing *s;
	struct link *links;
	size_t n;
	struct reed_dns_name *names;
	uint16_t *types;
};

size_t dns_bitmap_build(const uint16_t *types, size_t n, uint8_t *into)
{
	uint8_t *p = into;

	for (size_t i = 0; i < n;) {
		unsigned window = types[i] >> 8, used = 0;

		memset(p, 0, 34);
		p[0] = (uint8_t)window;
		for (; i < n && types[i] >> 8 == (int)window; i++) {
			p[2 + (types[i] & 255) / 8] |= (uint8_t)(0x80 >> (types[i] & 7));
			used = (types[i] & 255U) / 8 + 1;
		}
		p[1] = (uint8_t)used;
		p += 2 + used;
	}
	return (size_t)(p - into);
}

/* ---- which types a name has ---- */

static int type_cmp(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

static bool any_submitted(const struct reed_dns_signing *how)
{
	bool any = how->unsign;

	for (size_t i = 0; i < how->count; i++)
		any |= how->keys[i].submitted;
	return any;
}

static size_t add_own(const struct chain *c, size_t n)
{
	const struct reed_dns_signing *how = &c->s->how;

	c->types[n++] = REED_DNS_TYPE_DNSKEY;
	if (how->nsec3)
		c->types[n++] = REED_DNS_TYPE_NSEC3PARAM;
	if (any_submitted(how)) {
		c->types[n++] = REED_DNS_TYPE_CDS;
		c->types[n++] = REED_DNS_TYPE_CDNSKEY;
	}
	return n;
}

/* Of a delegation those that are the parent's to say: RFC 4035 2.3. */
static bool shows(const struct dns_node *node, uint16_t type)
{
	return dns_signing_signs(node, type) || type == REED_DNS_TYPE_NS;
}

static size_t bitmap_of(const struct chain *c, const struct dns_node *node, uint8_t *into)
{
	bool nsec = !c->s->how.nsec3, sealed = false;
	size_t n = 0;

	for (const struct dns_rrset *set = node->sets; set; set = set->next)
		if (dns_signing_keeps(c->s, node, set->type) && shows(node, set->type)) {
			c->types[n++] = set->type;
			sealed |= dns_signing_signs(node, set->type);
		}
	if (node == c->s->zone->apex)
		n = add_own(c, n);
	if (nsec)
		c->types[n++] = REED_DNS_TYPE_NSEC;
	if (nsec || sealed)
		c->types[n++] = REED_DNS_TYPE_RRSIG;
	if (n)
		qsort(c->types, n, sizeof(*c->types), type_cmp);
	return dns_bitmap_build(c->types, n, into);
}

/* ---- which names are in it ---- */

static bool has_data(const struct chain *c, const struct dns_node *node)
{
	for (const struct dns_rrset *set = node->sets; set; set = set->next)
		if (dns_signing_keeps(c->s, node, set->type) && shows(node, set->type))
			return true;
	return false;
}

/* RFC 5155 7.1: unsigned delegations may be left out. */
static bool is_left_out(const struct chain *c, const struct dns_node *node)
{
	return c->s->how.nsec3 && c->s->how.opt_out && node->cut == node &&
	       !dns_node_set(node, REED_DNS_TYPE_DS);
}

static bool is_hidden(const struct dns_node *node)
{
	return node->cut && node->cut != node;
}

static int node_cmp(const void *a, const void *b)
{
	const struct dns_node *x = *(const struct dns_node *const *)a,
			      *y = *(const struct dns_node *const *)b;

	return (x > y) - (x < y);
}

/*
 * Names with data, and those above them that have none (RFC 5155 7.1 2), each once; NSEC
 * has no records for the latter.
 */
static size_t choose(struct chain *c, const struct dns_node ***out)
{
	size_t room = c->s->zone->nodes + 1, n = 0, kept = 0;
	const struct dns_node **all = NULL;

	for (const struct dns_node *node = c->s->zone->apex; node; node = node->next) {
		if (is_hidden(node) || is_left_out(c, node) || !has_data(c, node))
			continue;
		for (const struct dns_node *at = node; at; at = at->parent) {
			if (at != node && (!c->s->how.nsec3 || has_data(c, at)))
				break;
			if (!all || n == room) {
				room *= 2;
				all = reed_realloc(all, room * sizeof(*all));
			}
			all[n++] = at;
		}
	}
	qsort(all, n, sizeof(*all), node_cmp);
	for (size_t i = 0; i < n; i++)
		if (!i || all[i] != all[kept - 1])
			all[kept++] = all[i];
	*out = all;
	return kept;
}

static int name_cmp(const void *a, const void *b)
{
	return reed_dns_name_cmp(((const struct link *)a)->name, ((const struct link *)b)->name);
}

static int hash_cmp(const void *a, const void *b)
{
	return memcmp(((const struct link *)a)->hash, ((const struct link *)b)->hash, NSEC3_HASH);
}

static void gather(struct chain *c)
{
	const struct dns_node **nodes;

	c->n = choose(c, &nodes);
	c->links = reed_alloc(c->n * sizeof(*c->links));
	c->names = reed_alloc_raw(c->n * sizeof(*c->names));
	for (size_t i = 0; i < c->n; i++) {
		struct link *l = &c->links[i];

		l->node = nodes[i];
		l->name = &c->names[i];
		reed_dns_name_take(reed_slice(l->node->wire, l->node->n), l->name);
		if (c->s->how.nsec3)
			dns_nsec3_hash(l->node->wire, c->s->how.iterations, c->s->how.salt,
			               l->hash);
	}
	reed_free(nodes);
	qsort(c->links, c->n, sizeof(*c->links), c->s->how.nsec3 ? hash_cmp : name_cmp);
}

/* ---- the records ---- */

static enum reed_err put_nsec(struct chain *c, const struct link *l, const struct link *next)
{
	const struct reed_dns_zone *before = c->s->before;
	uint8_t rdata[REED_DNS_NAME_MAX + BITMAP_MAX];
	size_t n = next->name->n;

	memcpy(rdata, next->name->wire, n);
	n += bitmap_of(c, l->node, rdata + n);
	dns_sheet_begin(&c->s->sheet, l->name, REED_DNS_TYPE_NSEC, c->s->negative_ttl);
	dns_sheet_add(&c->s->sheet, reed_slice(rdata, n));
	return dns_signing_put(c->s, before ? dns_zone_find(before, l->node->wire) : NULL, true);
}

static enum reed_err put_nsec3(struct chain *c, const struct link *l, const struct link *next)
{
	const struct reed_dns_signing *how = &c->s->how;
	uint8_t rdata[5 + 255 + 1 + NSEC3_HASH + BITMAP_MAX] = { 1 };
	uint8_t label[NSEC3_LABEL];
	struct reed_dns_name owner;
	size_t n = 5 + how->salt.n;

	rdata[1] = how->opt_out ? OPT_OUT : 0;
	dns_put16(rdata + 2, how->iterations);
	rdata[4] = (uint8_t)how->salt.n;
	if (how->salt.n)
		memcpy(rdata + 5, how->salt.p, how->salt.n);
	rdata[n++] = NSEC3_HASH;
	memcpy(rdata + n, next->hash, NSEC3_HASH);
	n += NSEC3_HASH;
	n += bitmap_of(c, l->node, rdata + n);
	dns_nsec3_label(label, l->hash);
	if (reed_dns_name_prepend(reed_slice(label, sizeof(label)), &c->s->zone->name, &owner))
		return REED_ETOOBIG; /* the zone's name leaves no room for a hash */
	dns_sheet_begin(&c->s->sheet, &owner, REED_DNS_TYPE_NSEC3, c->s->negative_ttl);
	dns_sheet_add(&c->s->sheet, reed_slice(rdata, n));
	return dns_signing_put(c->s,
	                       c->s->before ? dns_zone_nsec3(c->s->before, l->hash, false) : NULL,
	                       true);
}

enum reed_err dns_signing_chain(struct dns_zone_signing *s)
{
	struct chain c = { .s = s, .types = reed_alloc_raw(TYPES * sizeof(uint16_t)) };
	enum reed_err err = REED_OK;

	gather(&c);
	for (size_t i = 0; i < c.n && !err; i++) {
		const struct link *next = &c.links[(i + 1) % c.n];

		err = s->how.nsec3 ? put_nsec3(&c, &c.links[i], next)
		                   : put_nsec(&c, &c.links[i], next);
	}
	reed_free(c.links);
	reed_free(c.names);
	reed_free(c.types);
	return err;
}
