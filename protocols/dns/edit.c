/* A zone being changed: the names that are looked at, with their records as they will be. */

#include "update.h"

#include "lower.h"

static struct reed_slice keep(struct dns_edit *e, struct reed_slice bytes)
{
	void *p = dns_arena_alloc(&e->arena, bytes.n + 1);

	memcpy(p, bytes.p, bytes.n);
	return reed_slice(p, bytes.n);
}

/* ---- names ---- */

struct copying {
	struct dns_edit *edit;
	struct dns_edit_name *name;
};

static struct dns_edit_record *record(struct dns_edit *e, const struct dns_item *item)
{
	struct dns_edit_record *r = dns_arena_alloc(&e->arena, sizeof(*r));

	r->item = *item;
	return r;
}

static enum reed_err copy(void *arg, const struct dns_item *item)
{
	struct copying *c = arg;
	struct dns_item kept = *item;
	struct dns_edit_record *before, *now;

	kept.owner = reed_dns_name_wire(&c->name->name);
	kept.rdata = keep(c->edit, item->rdata);
	before = record(c->edit, &kept);
	now = record(c->edit, &kept);
	before->next = c->name->before;
	c->name->before = before;
	now->next = c->name->now;
	c->name->now = now;
	return REED_OK;
}

static void copy_node(struct dns_edit *e, struct dns_edit_name *name)
{
	const struct dns_node *node = dns_zone_find(e->zone, name->name.wire);
	struct copying c = { e, name };

	for (const struct dns_rrset *set = node ? node->sets : NULL; set; set = set->next)
		dns_rrset_each(e->zone, node, set, copy, &c);
}

struct dns_edit_name *dns_edit_name(struct dns_edit *e, const struct reed_dns_name *name)
{
	struct dns_edit_name **at = &e->chains[reed_dns_name_hash(name, 0) % EDIT_CHAINS];

	while (*at && !reed_dns_name_eq(&(*at)->name, name))
		at = &(*at)->next;
	if (!*at) {
		*at = dns_arena_alloc(&e->arena, sizeof(**at));
		(*at)->name = *name;
		copy_node(e, *at);
	}
	return *at;
}

/* ---- records ---- */

bool dns_edit_has(const struct dns_edit_name *name, uint16_t type)
{
	for (const struct dns_edit_record *r = name->now; r; r = r->next)
		if (type == REED_DNS_TYPE_ANY || r->item.type == type)
			return true;
	return false;
}

static bool is_record(const struct dns_edit_record *r, uint16_t type, struct reed_slice rdata)
{
	return r->item.type == type && r->item.rdata.n == rdata.n &&
	       reed_dns_rdata_cmp(type, r->item.rdata, rdata) == 0;
}

/* All of an RRset have one TTL (RFC 2181 5.2): that of the last. */
void dns_edit_add(struct dns_edit *e, struct dns_edit_name *name, uint16_t type, uint32_t ttl,
                  struct reed_slice rdata)
{
	struct dns_edit_record **end = &name->now;
	bool there = false;

	for (; *end; end = &(*end)->next)
		if ((*end)->item.type == type) {
			(*end)->item.ttl = ttl;
			there |= is_record(*end, type, rdata);
		}
	if (!there)
		*end = record(e, &(struct dns_item){ .owner = reed_dns_name_wire(&name->name),
		                                     .type = type,
		                                     .ttl = ttl,
		                                     .rdata = keep(e, rdata) });
}

void dns_edit_remove_type(struct dns_edit_name *name, uint16_t type)
{
	struct dns_edit_record **at = &name->now;

	while (*at)
		if ((*at)->item.type == type)
			*at = (*at)->next;
		else
			at = &(*at)->next;
}

void dns_edit_remove(struct dns_edit_name *name, uint16_t type, struct reed_slice rdata)
{
	struct dns_edit_record **at = &name->now;

	while (*at && !is_record(*at, type, rdata))
		at = &(*at)->next;
	if (*at)
		*at = (*at)->next;
}

/* ---- what is different ---- */

/* What one list has and the other has not, or with another TTL; SOA records are apart. */
static bool add_missing(const struct dns_edit_record *of, const struct dns_edit_record *in,
                        struct reed_buf *into)
{
	struct dns_marks marks = { 0 };
	bool any = false;

	for (; in; in = in->next)
		dns_marks_at(&marks, &in->item);
	for (; of; of = of->next) {
		const struct dns_mark *mark = dns_marks_find(&marks, &of->item);

		if (of->item.type == REED_DNS_TYPE_SOA || (mark && mark->item.ttl == of->item.ttl))
			continue;
		dns_item_add(into, &of->item);
		any = true;
	}
	dns_marks_finish(&marks);
	return any;
}

bool dns_edit_difference(const struct dns_edit *e, struct reed_buf *gone, struct reed_buf *come)
{
	bool any = false;

	for (unsigned i = 0; i < EDIT_CHAINS; i++)
		for (const struct dns_edit_name *n = e->chains[i]; n; n = n->next) {
			any |= add_missing(n->before, n->now, gone);
			any |= add_missing(n->now, n->before, come);
		}
	return any;
}

void dns_edit_finish(struct dns_edit *e)
{
	dns_arena_finish(&e->arena);
}
