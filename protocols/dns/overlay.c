/*
 * What is published beside a zone: a small zone of its own, with the SOA and NS records
 * of the other, that is made anew with every change.
 */

#include "publish.h"

struct dns_overlay {
	struct reed_buf items;
	size_t count;
	struct reed_dns_zone *zone; /* NULL: nothing is published, or it cannot be */
};

/* ---- the small zone ---- */

static enum reed_err load_apex(const struct reed_dns_zone *zone, struct dns_loading *loading)
{
	const struct dns_rrset *ns = dns_node_set(zone->apex, REED_DNS_TYPE_NS);
	enum reed_err err = dns_rrset_each(zone, zone->apex, zone->soa, dns_item_load, loading);

	return err ? err : dns_rrset_each(zone, zone->apex, ns, dns_item_load, loading);
}

static enum reed_err make(const struct reed_dns_zone *zone, struct reed_slice items,
                          struct reed_dns_zone **out)
{
	struct dns_loading loading;
	struct dns_item item;
	enum reed_err err;

	dns_loading_begin(&loading, &zone->name);
	err = load_apex(zone, &loading);
	while (!err && dns_item_next(&items, &item))
		err = dns_item_load(&loading, &item);
	return dns_loading_finish(&loading, "what is published", err, out, NULL);
}

/* Whoever has signed a zone has to sign what is new in it. */
static bool is_signed(const struct reed_dns_zone *zone)
{
	return zone->order_count || zone->has_nsec3;
}

void dns_overlay_renew(struct dns_served *served)
{
	struct dns_overlay *self = served->overlay;

	if (!self)
		return;
	reed_dns_zone_release(self->zone);
	self->zone = NULL;
	if (served->zone && !is_signed(served->zone) && self->count)
		make(served->zone, reed_buf_slice(&self->items), &self->zone);
}

void dns_overlay_finish(struct dns_served *served)
{
	if (!served->overlay)
		return;
	reed_dns_zone_release(served->overlay->zone);
	reed_buf_finish(&served->overlay->items);
	reed_free(served->overlay);
	served->overlay = NULL;
}

/* ---- changes ---- */

static bool is_same_set(const struct dns_item *a, const struct dns_item *b)
{
	struct reed_dns_name x, y;

	reed_dns_name_take(a->owner, &x);
	reed_dns_name_take(b->owner, &y);
	return a->type == b->type && reed_dns_name_eq(&x, &y);
}

static bool is_hit(enum dns_change_kind kind, const struct dns_item *change,
                   const struct dns_item *item)
{
	return is_same_set(change, item) &&
	       (kind == DNS_CHANGE_CLEAR ||
	        reed_dns_rdata_cmp(item->type, item->rdata, change->rdata) == 0);
}

/* One that is added takes the place of the same one, so that its TTL counts. */
static size_t apply(struct reed_buf *items, enum dns_change_kind kind,
                    const struct dns_item *change)
{
	struct reed_slice rest = reed_buf_slice(items);
	struct reed_buf after = { 0 };
	struct dns_item item;
	size_t n = 0;

	while (dns_item_next(&rest, &item))
		if (!is_hit(kind, change, &item)) {
			dns_item_add(&after, &item);
			n++;
		}
	if (kind == DNS_CHANGE_ADD) {
		dns_item_add(&after, change);
		n++;
	}
	reed_buf_finish(items);
	*items = after;
	return n;
}

static size_t apply_all(const struct dns_served *served, const struct dns_changes *changes,
                        struct reed_buf *items)
{
	struct reed_slice rest = reed_buf_slice(&changes->bytes);
	size_t n = served->overlay ? served->overlay->count : 0;
	enum dns_change_kind kind;
	struct dns_item change;

	if (served->overlay)
		reed_buf_add(items, reed_buf_slice(&served->overlay->items));
	while (dns_changes_next(&rest, &kind, &change) && n <= REED_DNS_PUBLISHED_MOST)
		n = apply(items, kind, &change);
	return n;
}

enum reed_err dns_overlay_change(struct dns_served *served, const struct dns_changes *changes)
{
	struct reed_dns_zone *zone = NULL;
	struct reed_buf items = { 0 };
	enum reed_err err = REED_OK;
	size_t n;

	if (is_signed(served->zone))
		return REED_ENOTSUP;
	n = apply_all(served, changes, &items);
	if (n > REED_DNS_PUBLISHED_MOST)
		err = REED_ETOOBIG;
	else if (n && make(served->zone, reed_buf_slice(&items), &zone))
		err = REED_EINVAL;
	if (err) {
		reed_buf_finish(&items);
		return err;
	}
	dns_overlay_finish(served);
	if (!n) {
		reed_buf_finish(&items);
		return REED_OK;
	}
	served->overlay = reed_alloc(sizeof(*served->overlay));
	*served->overlay = (struct dns_overlay){ items, n, zone };
	return REED_OK;
}

/* ---- answers ---- */

/* What is there so that it is a zone. */
static bool is_of_apex(uint16_t type)
{
	return type == REED_DNS_TYPE_SOA || type == REED_DNS_TYPE_NS;
}

/* What is deeper in the tree knows of more; of two that have the name, who has the type. */
const struct reed_dns_zone *dns_overlay_choose(const struct dns_served *served,
                                               const struct reed_dns_question *question,
                                               const struct dns_path *path)
{
	const struct reed_dns_zone *over = served->overlay->zone;
	const struct dns_node *node, *own;
	unsigned depth, own_depth;
	bool has;

	if (!over)
		return served->zone;
	node = dns_zone_encloser(over, question->name.wire, path, &depth);
	own = dns_zone_encloser(served->zone, question->name.wire, path, &own_depth);
	has = depth == 0 && dns_node_set(node, question->type) &&
	      !(node == over->apex && is_of_apex(question->type));
	if (own->cut || depth > own_depth)
		return served->zone;
	return depth < own_depth || has || (depth == 0 && !own->sets) ? over : served->zone;
}
