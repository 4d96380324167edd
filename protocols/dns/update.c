/* What an update asks (RFC 2136 3.2) and what it does (3.4), section by section. */

#include "update.h"

#include "text.h"

struct applying {
	struct dns_edit *edit;
	struct dns_update *update;
	struct reed_dns_message m;
	uint8_t *room; /* for rdata */
};

/* A record of the message. */
struct change {
	struct reed_dns_name owner;
	uint16_t type, klass;
	uint32_t ttl;
	struct reed_slice rdata;
};

static unsigned read_change(struct applying *a, const struct reed_dns_record *r, struct change *c)
{
	c->type = r->type;
	c->klass = r->klass;
	c->ttl = r->ttl;
	c->rdata = reed_slice("", 0);
	if (reed_dns_record_owner(r, &c->owner))
		return REED_DNS_RCODE_FORMERR;
	if (!reed_dns_name_is_under(&c->owner, &a->edit->zone->name))
		return REED_DNS_RCODE_NOTZONE;
	if (r->klass != REED_DNS_CLASS_IN && r->klass != REED_DNS_CLASS_NONE)
		return r->size || r->ttl || r->klass != REED_DNS_CLASS_ANY ? REED_DNS_RCODE_FORMERR
		                                                           : 0;
	/* class NONE is read as the records it is about */
	if (r->size && reed_dns_rdata_read(r->type, a->m.bytes, r->rdata, r->size, a->room,
	                                   REED_DNS_RDATA_MAX, &c->rdata))
		return REED_DNS_RCODE_FORMERR;
	return 0;
}

/* ---- prerequisites (3.2) ---- */

/* "This RRset, with just these": all of the section are gathered first (3.2.3). */
struct wanted {
	struct reed_buf items;
};

static bool is_at(const struct dns_item *item, const struct reed_dns_name *owner)
{
	struct reed_dns_name name;

	return !reed_dns_name_take(item->owner, &name) && reed_dns_name_eq(&name, owner);
}

static size_t count_now(const struct dns_edit_name *name, uint16_t type)
{
	size_t n = 0;

	for (const struct dns_edit_record *r = name->now; r; r = r->next)
		n += r->item.type == type;
	return n;
}

/* Every record of the RRset is wanted, and there are as many as are wanted. */
static bool has_just(struct applying *a, const struct wanted *w, const struct dns_item *first)
{
	struct reed_slice rest = reed_buf_slice(&w->items);
	struct dns_marks marks = { 0 };
	struct dns_edit_name *name;
	struct reed_dns_name owner;
	struct dns_item item;
	bool good = true;

	reed_dns_name_take(first->owner, &owner);
	name = dns_edit_name(a->edit, &owner);
	while (dns_item_next(&rest, &item))
		if (item.type == first->type && is_at(&item, &owner))
			dns_marks_at(&marks, &item);
	for (const struct dns_edit_record *r = name->now; r; r = r->next)
		if (r->item.type == first->type)
			good &= dns_marks_find(&marks, &r->item) != NULL;
	good &= marks.count == count_now(name, first->type);
	dns_marks_finish(&marks);
	return good;
}

static unsigned judge_wanted(struct applying *a, const struct wanted *w)
{
	struct reed_slice rest = reed_buf_slice(&w->items);
	struct dns_item item;

	while (dns_item_next(&rest, &item))
		if (!has_just(a, w, &item))
			return REED_DNS_RCODE_NXRRSET;
	return 0;
}

static unsigned judge_one(struct applying *a, const struct change *c, struct wanted *w)
{
	struct dns_edit_name *name = dns_edit_name(a->edit, &c->owner);
	bool has = dns_edit_has(name, c->type), any = c->type == REED_DNS_TYPE_ANY;

	if (c->ttl || (c->klass == REED_DNS_CLASS_NONE && c->rdata.n))
		return REED_DNS_RCODE_FORMERR;
	if (c->klass == REED_DNS_CLASS_ANY && !has)
		return any ? REED_DNS_RCODE_NXDOMAIN : REED_DNS_RCODE_NXRRSET;
	if (c->klass == REED_DNS_CLASS_NONE && has)
		return any ? REED_DNS_RCODE_YXDOMAIN : REED_DNS_RCODE_YXRRSET;
	if (c->klass == REED_DNS_CLASS_IN)
		dns_item_add(&w->items, &(struct dns_item){ reed_dns_name_wire(&c->owner), c->type,
		                                            0, c->rdata });
	return 0;
}

static unsigned judge_prerequisites(struct applying *a)
{
	struct wanted w = { .items = { 0 } };
	struct reed_dns_walk walk;
	struct reed_dns_record r;
	struct change c;
	unsigned rcode = 0;

	reed_dns_walk(&a->m, REED_DNS_ANSWER, &walk);
	while (!rcode && reed_dns_next(&walk, &r)) {
		rcode = read_change(a, &r, &c);
		if (!rcode)
			rcode = judge_one(a, &c, &w);
	}
	if (!rcode)
		rcode = judge_wanted(a, &w);
	reed_buf_finish(&w.items);
	return rcode;
}

/* ---- what is to be changed, looked over (3.4.1) ---- */

static unsigned judge_change(struct applying *a, const struct change *c)
{
	const struct dns_update *u = a->update;
	bool any = c->type == REED_DNS_TYPE_ANY && c->klass == REED_DNS_CLASS_ANY;

	if (!any && reed_dns_type_is_meta(c->type))
		return REED_DNS_RCODE_FORMERR;
	if (c->klass == REED_DNS_CLASS_NONE && c->ttl)
		return REED_DNS_RCODE_FORMERR;
	if (c->klass == REED_DNS_CLASS_IN && reed_dns_rdata_check(c->type, c->rdata))
		return REED_DNS_RCODE_FORMERR; /* empty rdata was not looked at */
	return dns_rules_allow_change(u->rules, &u->client, &u->tsig, &c->owner, c->type)
	               ? 0
	               : REED_DNS_RCODE_REFUSED;
}

static unsigned judge_changes(struct applying *a)
{
	struct reed_dns_walk walk;
	struct reed_dns_record r;
	struct change c;
	unsigned rcode = 0;

	reed_dns_walk(&a->m, REED_DNS_AUTHORITY, &walk);
	while (!rcode && reed_dns_next(&walk, &r)) {
		rcode = read_change(a, &r, &c);
		if (!rcode)
			rcode = judge_change(a, &c);
	}
	return rcode;
}

/* ---- and changed (3.4.2) ---- */

/* What may stand beside an alias (RFC 4034 3 and 4). */
static bool is_beside(uint16_t type)
{
	return type == REED_DNS_TYPE_RRSIG || type == REED_DNS_TYPE_NSEC ||
	       type == REED_DNS_TYPE_KEY;
}

static bool has_other_than_alias(const struct dns_edit_name *name)
{
	for (const struct dns_edit_record *r = name->now; r; r = r->next)
		if (r->item.type != REED_DNS_TYPE_CNAME && !is_beside(r->item.type))
			return true;
	return false;
}

static uint32_t serial_now(struct applying *a)
{
	struct dns_edit_name *apex = dns_edit_name(a->edit, &a->edit->zone->name);
	const struct dns_edit_record *r = apex->now;

	while (r && r->item.type != REED_DNS_TYPE_SOA)
		r = r->next;
	return r ? dns_soa_number(r->item.rdata, SOA_SERIAL) : 0;
}

static void add(struct applying *a, const struct change *c)
{
	struct dns_edit_name *name = dns_edit_name(a->edit, &c->owner);
	bool apex = reed_dns_name_eq(&c->owner, &a->edit->zone->name);

	if (c->type == REED_DNS_TYPE_SOA &&
	    (!apex || !reed_dns_serial_newer(dns_soa_number(c->rdata, SOA_SERIAL), serial_now(a))))
		return;
	if (c->type == REED_DNS_TYPE_CNAME && has_other_than_alias(name))
		return;
	if (c->type != REED_DNS_TYPE_CNAME && !is_beside(c->type) &&
	    dns_edit_has(name, REED_DNS_TYPE_CNAME))
		return;
	if (c->type == REED_DNS_TYPE_SOA || c->type == REED_DNS_TYPE_CNAME ||
	    c->type == REED_DNS_TYPE_DNAME)
		dns_edit_remove_type(name, c->type); /* there is one at most */
	dns_edit_add(a->edit, name, c->type, c->ttl, c->rdata);
}

/* The zone's own SOA and NS records stay. */
static bool stays(const struct applying *a, const struct change *c, uint16_t type)
{
	return (type == REED_DNS_TYPE_SOA || type == REED_DNS_TYPE_NS) &&
	       reed_dns_name_eq(&c->owner, &a->edit->zone->name);
}

static void remove_all(struct applying *a, const struct change *c)
{
	struct dns_edit_name *name = dns_edit_name(a->edit, &c->owner);
	struct dns_edit_record **at = &name->now;

	while (*at)
		if (stays(a, c, (*at)->item.type) ||
		    (c->type != REED_DNS_TYPE_ANY && (*at)->item.type != c->type))
			at = &(*at)->next;
		else
			*at = (*at)->next;
}

static void remove_one(struct applying *a, const struct change *c)
{
	struct dns_edit_name *name = dns_edit_name(a->edit, &c->owner);

	if (c->type == REED_DNS_TYPE_SOA || (stays(a, c, c->type) && count_now(name, c->type) == 1))
		return;
	dns_edit_remove(name, c->type, c->rdata);
}

static void apply(struct applying *a)
{
	struct reed_dns_walk walk;
	struct reed_dns_record r;
	struct change c;

	reed_dns_walk(&a->m, REED_DNS_AUTHORITY, &walk);
	while (reed_dns_next(&walk, &r)) {
		read_change(a, &r, &c);
		if (c.klass == REED_DNS_CLASS_IN)
			add(a, &c);
		else if (c.klass == REED_DNS_CLASS_ANY)
			remove_all(a, &c);
		else
			remove_one(a, &c);
	}
}

static unsigned run(struct applying *a)
{
	unsigned rcode;

	if (reed_dns_message_parse(a->update->message, &a->m))
		return REED_DNS_RCODE_FORMERR;
	rcode = judge_prerequisites(a);
	if (!rcode)
		rcode = judge_changes(a);
	if (!rcode)
		apply(a);
	return rcode;
}

/* ---- serials ---- */

/* YYYYMMDD00 */
static uint32_t date_serial(uint64_t now)
{
	char room[STAMP_SIZE];
	struct reed_slice stamp = dns_print_stamp((uint32_t)now, room);
	uint64_t date = 0;

	reed_slice_u64(reed_slice_first(stamp, 8), UINT32_MAX, &date);
	return (uint32_t)(date * 100);
}

uint32_t dns_serial_after(uint32_t serial, enum reed_dns_serial_policy policy, uint64_t now)
{
	uint32_t wanted = policy == REED_DNS_SERIAL_UNIXTIME ? (uint32_t)now
	                  : policy == REED_DNS_SERIAL_DATE   ? date_serial(now)
	                                                     : serial + 1;

	return reed_dns_serial_newer(wanted, serial) ? wanted : serial + 1;
}

/* ---- all of them ---- */

static void add_soa(const struct dns_edit_record *r, uint32_t serial, struct reed_buf *into)
{
	uint8_t rdata[3 * REED_DNS_NAME_MAX];
	struct dns_item item;

	while (r->item.type != REED_DNS_TYPE_SOA)
		r = r->next;
	item = r->item;
	memcpy(rdata, item.rdata.p, item.rdata.n);
	dns_put32(rdata + item.rdata.n - 20, serial);
	item.rdata.p = (const char *)rdata;
	dns_item_add(into, &item);
}

/* The update may have brought a serial of its own. */
static void make_delta(struct applying *a, enum reed_dns_serial_policy policy, uint64_t now,
                       struct dns_delta **delta)
{
	const struct dns_edit_name *apex = dns_edit_name(a->edit, &a->edit->zone->name);
	uint32_t before = a->edit->zone->serial, serial = serial_now(a);
	struct reed_buf gone = { 0 }, come = { 0 };
	bool any = serial != before;

	add_soa(apex->before, before, &gone);
	add_soa(apex->now, any ? serial : dns_serial_after(before, policy, now), &come);
	any |= dns_edit_difference(a->edit, &gone, &come);
	if (any)
		dns_delta_make(reed_buf_slice(&gone), reed_buf_slice(&come), delta);
	reed_buf_finish(&gone);
	reed_buf_finish(&come);
}

void dns_update_all(const struct reed_dns_zone *zone, struct dns_update *updates, size_t n,
                    enum reed_dns_serial_policy policy, uint64_t now, struct dns_delta **delta)
{
	struct dns_edit edit = { .zone = zone };
	struct applying a = { .edit = &edit, .room = reed_alloc_raw(REED_DNS_RDATA_MAX) };

	*delta = NULL;
	for (size_t i = 0; i < n; i++) {
		a.update = &updates[i];
		updates[i].rcode = run(&a);
	}
	make_delta(&a, policy, now, delta);
	dns_edit_finish(&edit);
	reed_free(a.room);
}
