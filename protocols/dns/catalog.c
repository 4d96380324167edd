/* Catalog zones, read and written. */

#include "reed/dns/catalog.h"

#include <inttypes.h>
#include <stdlib.h>

#include "item.h"

struct member {
	struct reed_dns_name name;
	uint64_t id; /* of the label that is its own */
};

struct reading {
	const struct reed_dns_zone *zone;
	struct reed_dns_name zones, version; /* where members, and the version, are */
	struct reed_dns_name last;           /* the owner of the PTR record before */
	struct member *members;
	size_t n, room;
	unsigned versions;
	bool is_two;
	const char *why; /* what is wrong; NULL: nothing as yet */
};

static enum reed_err broken(struct reading *r, const char *why)
{
	r->why = why;
	return REED_EPROTO;
}

/* RFC 9432 4.2.1 */
static void read_version(struct reading *r, const struct dns_item *item)
{
	r->versions++;
	r->is_two = reed_slice_eq(item->rdata, REED_STR("\1"
	                                                "2"));
}

/* RFC 9432 4.1: one PTR record at a label of its own, right below. */
static enum reed_err read_member(struct reading *r, const struct reed_dns_name *owner,
                                 const struct dns_item *item)
{
	if (owner->labels != r->zones.labels + 1)
		return REED_OK; /* a property of a member */
	if (r->last.n && reed_dns_name_eq(&r->last, owner))
		return broken(r, "a member has two PTR records");
	if (r->n == REED_DNS_MEMBERS_MOST)
		return REED_ETOOBIG;
	if (r->n == r->room) {
		r->room = r->room ? 2 * r->room : 16;
		r->members = reed_realloc(r->members, r->room * sizeof(*r->members));
	}
	r->last = *owner;
	r->members[r->n].id = reed_dns_name_hash(owner, 0);
	return reed_dns_name_take(item->rdata, &r->members[r->n++].name);
}

static enum reed_err read_item(void *arg, const struct dns_item *item)
{
	struct reed_dns_name owner;
	struct reading *r = arg;

	reed_dns_name_take(item->owner, &owner);
	if (item->type == REED_DNS_TYPE_TXT && reed_dns_name_eq(&owner, &r->version))
		read_version(r, item);
	if (item->type == REED_DNS_TYPE_PTR && reed_dns_name_is_under(&owner, &r->zones))
		return read_member(r, &owner, item);
	return REED_OK;
}

static int compare(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return reed_dns_name_cmp(&x->name, &y->name);
}

static enum reed_err tell(struct reading *r, reed_dns_member_fn *fn, void *arg)
{
	enum reed_err err = REED_OK;

	if (r->n)
		qsort(r->members, r->n, sizeof(*r->members), compare);
	for (size_t i = 0; i < r->n && !err; i++)
		if (!i || compare(&r->members[i], &r->members[i - 1]))
			err = fn(arg, &r->members[i].name, r->members[i].id);
	return err;
}

enum reed_err reed_dns_catalog_each(const struct reed_dns_zone *zone, reed_dns_member_fn *fn,
                                    void *arg, struct reed_fault **fault)
{
	struct reading r = { .zone = zone };
	enum reed_err err;

	if (reed_dns_name_prepend(REED_STR("zones"), &zone->name, &r.zones) ||
	    reed_dns_name_prepend(REED_STR("version"), &zone->name, &r.version))
		return REED_EPROTO;
	err = dns_zone_each(zone, read_item, &r);
	if (!err && (r.versions != 1 || !r.is_two))
		err = broken(&r, "a catalog zone has a TXT record \"2\" at version, and no other");
	if (err && fault)
		*fault = reed_fault(err, NULL, "%s", r.why ? r.why : reed_strerror(err));
	if (!err)
		err = tell(&r, fn, arg);
	reed_free(r.members);
	return err;
}

/* RFC 9432 4: nobody asks for its SOA record and name servers. */
void reed_dns_catalog_print(const struct reed_dns_name *name, uint32_t serial,
                            const struct reed_dns_name *members, size_t count, struct reed_buf *out)
{
	char text[REED_DNS_NAME_TEXT_SIZE], member[REED_DNS_NAME_TEXT_SIZE];

	reed_dns_name_format(name, text);
	reed_buf_printf(out,
	                "%s 0 SOA invalid. invalid. %" PRIu32 " 3600 600 2147483646 0\n"
	                "%s 0 NS invalid.\nversion.%s 0 TXT \"2\"\n",
	                text, serial, text, text);
	for (size_t i = 0; i < count; i++) {
		reed_dns_name_format(&members[i], member);
		reed_buf_printf(out, "%016" PRIx64 ".zones.%s 0 PTR %s\n",
		                reed_dns_name_hash(&members[i], 0), text, member);
	}
}
