/* Records one after another, and those of a zone. */

#include "item.h"

enum { HEAD = 8 }; /* type, TTL, size */

void dns_item_add(struct reed_buf *into, const struct dns_item *item)
{
	uint8_t head[HEAD];

	dns_put16(head, item->type);
	dns_put32(head + 2, item->ttl);
	dns_put16(head + 6, (unsigned)item->rdata.n);
	reed_buf_add(into, item->owner);
	reed_buf_add(into, reed_slice(head, sizeof(head)));
	reed_buf_add(into, item->rdata);
}

bool dns_item_next(struct reed_slice *rest, struct dns_item *item)
{
	struct reed_slice at = *rest;
	struct reed_dns_name owner;
	const uint8_t *head;

	if (!at.n || reed_dns_name_take(at, &owner) || at.n < (size_t)owner.n + HEAD)
		return false;
	head = (const uint8_t *)at.p + owner.n;
	item->owner = reed_slice_first(at, owner.n);
	item->type = (uint16_t)dns_get16(head);
	item->ttl = dns_get32(head + 2);
	at = reed_slice_from(at, owner.n + (size_t)HEAD);
	if (at.n < dns_get16(head + 6))
		return false;
	item->rdata = reed_slice_first(at, dns_get16(head + 6));
	*rest = reed_slice_from(at, item->rdata.n);
	return true;
}

enum reed_err dns_item_keep(void *into, const struct dns_item *item)
{
	struct reed_buf *buf = into;

	dns_item_add(buf, item);
	return buf->err;
}

enum reed_err dns_item_load(void *into, const struct dns_item *item)
{
	struct dns_loading *l = into;
	struct reed_dns_name owner;
	struct reed_dns_zone_record record = {
		.owner = &owner,
		.type = item->type,
		.klass = REED_DNS_CLASS_IN,
		.ttl = item->ttl,
		.rdata = item->rdata,
		.file = "what was received",
	};

	if (reed_dns_name_take(item->owner, &owner))
		return REED_EPROTO;
	return dns_loading_add(l, &record);
}

/* ---- those of a zone ---- */

/* The rdata with the zone's name where pointers to it were; set->fixes from *fix on. */
static struct reed_slice expand(const struct reed_dns_zone *zone, const struct dns_rrset *set,
                                size_t at, uint32_t *fix, uint8_t *into)
{
	const uint8_t *bytes = dns_rrset_bytes(set);
	size_t end = at + RECORD_HEAD + dns_get16(bytes + at + 10), from = at + RECORD_HEAD, n = 0;

	for (; *fix < set->fix_count && set->fixes[*fix] < end; ++*fix) {
		size_t own = set->fixes[*fix] - from;

		memcpy(into + n, bytes + from, own);
		memcpy(into + n + own, zone->name.wire, zone->name.n);
		n += own + zone->name.n;
		from += own + 2;
	}
	memcpy(into + n, bytes + from, end - from);
	return reed_slice(into, n + end - from);
}

enum reed_err dns_set_each(const struct reed_dns_zone *zone, const struct dns_node *node,
                           const struct dns_rrset *set, uint8_t *room, dns_item_fn *fn, void *arg)
{
	const uint8_t *bytes = dns_rrset_bytes(set);
	enum reed_err err = REED_OK;
	uint32_t fix = 0;

	for (size_t at = 0; at < set->size && !err;
	     at += RECORD_HEAD + dns_get16(bytes + at + 10)) {
		struct dns_item item = {
			.owner = reed_slice(node->wire, node->n),
			.type = set->type,
			.ttl = dns_get32(bytes + at + 6),
			.rdata = expand(zone, set, at, &fix, room),
		};

		err = fn(arg, &item);
	}
	return err;
}

enum reed_err dns_rrset_each(const struct reed_dns_zone *zone, const struct dns_node *node,
                             const struct dns_rrset *set, dns_item_fn *fn, void *arg)
{
	uint8_t *room = reed_alloc_raw(DNS_EXPANDED);
	enum reed_err err = dns_set_each(zone, node, set, room, fn, arg);

	if (!err && set->sigs)
		err = dns_set_each(zone, node, set->sigs, room, fn, arg);
	reed_free(room);
	return err;
}

static enum reed_err each_of_node(const struct reed_dns_zone *zone, const struct dns_node *node,
                                  uint8_t *room, dns_item_fn *fn, void *arg)
{
	enum reed_err err = REED_OK;

	for (const struct dns_rrset *set = node->sets; set && !err; set = set->next) {
		if (set->type != REED_DNS_TYPE_SOA || node != zone->apex)
			err = dns_set_each(zone, node, set, room, fn, arg);
		if (!err && set->sigs)
			err = dns_set_each(zone, node, set->sigs, room, fn, arg);
	}
	return err;
}

enum reed_err dns_zone_each(const struct reed_dns_zone *zone, dns_item_fn *fn, void *arg)
{
	uint8_t *room = reed_alloc_raw(DNS_EXPANDED);
	enum reed_err err = dns_set_each(zone, zone->apex, zone->soa, room, fn, arg);

	for (const struct dns_node *node = zone->apex; node && !err; node = node->next)
		err = each_of_node(zone, node, room, fn, arg);
	for (size_t i = 0; i < zone->nsec3_count && !err; i++)
		err = each_of_node(zone, zone->nsec3[i].node, room, fn, arg);
	reed_free(room);
	return err;
}

struct each {
	reed_dns_zone_fn *fn;
	void *arg;
};

static enum reed_err hand_over(void *arg, const struct dns_item *item)
{
	struct each *each = arg;
	struct reed_dns_name owner;
	struct reed_dns_zone_record record = {
		.owner = &owner,
		.type = item->type,
		.klass = REED_DNS_CLASS_IN,
		.ttl = item->ttl,
		.rdata = item->rdata,
	};

	reed_dns_name_take(item->owner, &owner);
	return each->fn(each->arg, &record);
}

enum reed_err reed_dns_zone_each(const struct reed_dns_zone *zone, reed_dns_zone_fn *fn, void *arg)
{
	return dns_zone_each(zone, hand_over, &(struct each){ fn, arg });
}

struct reed_slice dns_zone_soa(const struct reed_dns_zone *zone, uint8_t *into, size_t room)
{
	uint32_t fix = 0;

	if (room < 2 * (size_t)REED_DNS_NAME_MAX + 20)
		return reed_slice(into, 0);
	return expand(zone, zone->soa, 0, &fix, into);
}
