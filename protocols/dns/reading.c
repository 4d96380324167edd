/* Reads answers of servers that may be wrong, old, or not who they seem to be. */

#include "reading.h"

#include "field.h"

struct reader_of {
	const struct dns_reading_of *of;
	struct reed_buf *pile;
	struct dns_reading *out;
	struct reed_dns_name at; /* the name that is being looked for */
	bool broken;
};

static bool is_ours(const struct reader_of *self, const struct reed_dns_name *name)
{
	return reed_dns_name_is_under(name, self->of->zone);
}

/* The owner and data of a record that may be believed. */
static bool look(struct reader_of *self, const struct reed_dns_record *record,
                 struct dns_piece *item)
{
	if (record->klass != REED_DNS_CLASS_IN || reed_dns_record_owner(record, &item->owner) ||
	    !is_ours(self, &item->owner))
		return false;
	item->section = record->section;
	item->type = record->type;
	item->ttl = record->ttl;
	if (reed_dns_record_rdata(record, self->of->scratch, REED_DNS_RDATA_MAX, &item->rdata)) {
		self->broken = true;
		return false;
	}
	return true;
}

static bool covers(const struct dns_piece *sig, uint16_t type)
{
	return sig->type == REED_DNS_TYPE_RRSIG && sig->rdata.n > 2 &&
	       dns_get16((const uint8_t *)sig->rdata.p) == type;
}

/* The lowest TTL of the set, RFC 2181 5.2; false: there is no such record. */
static bool lowest_ttl(struct reader_of *self, enum reed_dns_section section,
                       const struct reed_dns_name *owner, uint16_t type, uint32_t *ttl)
{
	struct reed_dns_record record;
	struct reed_dns_walk walk;
	struct reed_dns_name name;
	bool found = false;

	*ttl = UINT32_MAX;
	reed_dns_walk(self->of->m, section, &walk);
	while (reed_dns_next(&walk, &record)) {
		if (record.type != type || record.klass != REED_DNS_CLASS_IN ||
		    reed_dns_record_owner(&record, &name) || !reed_dns_name_eq(&name, owner))
			continue;
		found = true;
		*ttl = record.ttl < *ttl ? record.ttl : *ttl;
	}
	return found;
}

/* Takes all records of a name and type, with what signs them.  How many they are. */
static size_t take_set(struct reader_of *self, enum reed_dns_section section,
                       const struct reed_dns_name *owner, uint16_t type)
{
	struct reed_dns_record record;
	struct reed_dns_walk walk;
	struct dns_piece item;
	uint32_t ttl;
	size_t n = 0;

	if (!is_ours(self, owner) || !lowest_ttl(self, section, owner, type, &ttl))
		return 0;
	for (int signatures = 0; signatures <= self->of->dnssec; signatures++) {
		reed_dns_walk(self->of->m, section, &walk);
		while (reed_dns_next(&walk, &record)) {
			if (record.type != (signatures ? REED_DNS_TYPE_RRSIG : type) ||
			    !look(self, &record, &item) || !reed_dns_name_eq(&item.owner, owner) ||
			    (signatures && !covers(&item, type)))
				continue;
			item.ttl = ttl;
			dns_pile_add(self->pile, &item);
			n += !signatures;
		}
	}
	return n;
}

static bool first_name(struct reader_of *self, const struct reed_dns_name *owner, uint16_t type,
                       struct reed_dns_name *target)
{
	struct reed_dns_record record;
	struct reed_dns_walk walk;
	struct dns_piece item;

	reed_dns_walk(self->of->m, REED_DNS_ANSWER, &walk);
	while (reed_dns_next(&walk, &record))
		if (record.type == type && look(self, &record, &item) &&
		    reed_dns_name_eq(&item.owner, owner))
			return !reed_dns_rdata_name(type, item.rdata, target);
	return false;
}

/* ---- answers ---- */

static bool find_dname(struct reader_of *self, struct reed_dns_name *owner,
                       struct reed_dns_name *to)
{
	struct reed_dns_record record;
	struct reed_dns_walk walk;
	struct dns_piece item;

	reed_dns_walk(self->of->m, REED_DNS_ANSWER, &walk);
	while (reed_dns_next(&walk, &record)) {
		if (record.type != REED_DNS_TYPE_DNAME || !look(self, &record, &item) ||
		    item.owner.labels >= self->at.labels ||
		    !reed_dns_name_is_under(&self->at, &item.owner))
			continue;
		*owner = item.owner;
		return !reed_dns_rdata_name(item.type, item.rdata, to);
	}
	return false;
}

/* RFC 6672: the alias is made by us, so that nothing else can be said beside the DNAME. */
static bool follow_dname(struct reader_of *self)
{
	struct reed_dns_name owner, to, target;
	struct dns_piece alias = { .section = REED_DNS_ANSWER, .type = REED_DNS_TYPE_CNAME };

	if (!find_dname(self, &owner, &to) ||
	    reed_dns_name_replace(&self->at, &owner, &to, &target))
		return false;
	lowest_ttl(self, REED_DNS_ANSWER, &owner, REED_DNS_TYPE_DNAME, &alias.ttl);
	take_set(self, REED_DNS_ANSWER, &owner, REED_DNS_TYPE_DNAME);
	alias.owner = self->at;
	alias.rdata = reed_dns_name_wire(&target);
	dns_pile_add(self->pile, &alias);
	self->at = target;
	return true;
}

static bool follow_alias(struct reader_of *self)
{
	struct reed_dns_name target;

	if (!is_ours(self, &self->at))
		return false;
	if (follow_dname(self))
		return true;
	if (!first_name(self, &self->at, REED_DNS_TYPE_CNAME, &target))
		return false;
	take_set(self, REED_DNS_ANSWER, &self->at, REED_DNS_TYPE_CNAME);
	self->at = target;
	return true;
}

static bool take_any(struct reader_of *self)
{
	struct reed_dns_record record;
	struct reed_dns_walk walk;
	struct dns_piece item;
	bool some = false;

	reed_dns_walk(self->of->m, REED_DNS_ANSWER, &walk);
	while (reed_dns_next(&walk, &record))
		if (look(self, &record, &item) && reed_dns_name_eq(&item.owner, &self->at)) {
			dns_pile_add(self->pile, &item);
			some = true;
		}
	return some;
}

static bool take_answer(struct reader_of *self)
{
	uint16_t type = self->of->question->type;

	if (type == REED_DNS_TYPE_ANY)
		return take_any(self);
	return take_set(self, REED_DNS_ANSWER, &self->at, type) > 0;
}

/* ---- what is not ---- */

static bool is_proof(const struct dns_piece *item)
{
	return item->type == REED_DNS_TYPE_NSEC || item->type == REED_DNS_TYPE_NSEC3 ||
	       covers(item, REED_DNS_TYPE_NSEC) || covers(item, REED_DNS_TYPE_NSEC3);
}

/* Beside what is there: that a name is of a wildcard, and not there itself (RFC 4035 3.1.3.3). */
static void take_proofs(struct reader_of *self)
{
	struct reed_dns_record record;
	struct reed_dns_walk walk;
	struct dns_piece item;

	reed_dns_walk(self->of->m, REED_DNS_AUTHORITY, &walk);
	while (self->of->dnssec && reed_dns_next(&walk, &record))
		if (look(self, &record, &item) && is_proof(&item))
			dns_pile_add(self->pile, &item);
}

/* The SOA record of the zone that would have it; RFC 2308 5 says how long that is good. */
static bool take_denial(struct reader_of *self)
{
	struct reed_dns_record record;
	struct reed_dns_walk walk;
	struct dns_piece item;
	bool found = false;

	reed_dns_walk(self->of->m, REED_DNS_AUTHORITY, &walk);
	while (reed_dns_next(&walk, &record)) {
		if (!look(self, &record, &item))
			continue;
		if (item.type == REED_DNS_TYPE_SOA && !found &&
		    reed_dns_name_is_under(&self->at, &item.owner)) {
			uint32_t least =
				dns_get32((const uint8_t *)item.rdata.p + item.rdata.n - 4);

			item.ttl = item.ttl < least ? item.ttl : least;
			self->out->ttl = item.ttl;
			self->out->has_ttl = found = true;
			dns_pile_add(self->pile, &item);
		} else if (self->of->dnssec &&
		           (item.type == REED_DNS_TYPE_NSEC || item.type == REED_DNS_TYPE_NSEC3 ||
		            (item.type == REED_DNS_TYPE_RRSIG &&
		             !covers(&item, REED_DNS_TYPE_NS)))) {
			dns_pile_add(self->pile, &item);
		}
	}
	return found;
}

/* ---- referrals ---- */

static bool find_zone(struct reader_of *self)
{
	struct reed_dns_record record;
	struct reed_dns_walk walk;
	struct reed_dns_name owner;

	reed_dns_walk(self->of->m, REED_DNS_AUTHORITY, &walk);
	while (reed_dns_next(&walk, &record)) {
		if (record.type != REED_DNS_TYPE_NS || record.klass != REED_DNS_CLASS_IN ||
		    reed_dns_record_owner(&record, &owner))
			continue;
		self->out->zone = owner;
		return true;
	}
	return false;
}

/*
 * The parent may say where the servers of its child are; addresses of others,
 * though they be its own, are asked for where they belong (RFC 5452, RFC 9471).
 */
static void take_glue(struct reader_of *self)
{
	struct reed_slice rest = reed_buf_slice(self->pile);
	struct reed_dns_name servers[32];
	struct dns_piece item;
	size_t n = 0;

	while (dns_pile_next(&rest, &item))
		if (item.type == REED_DNS_TYPE_NS && n < REED_COUNT(servers) &&
		    !reed_dns_rdata_name(item.type, item.rdata, &servers[n]))
			n++;
	for (size_t i = 0; i < n; i++) {
		take_set(self, REED_DNS_ADDITIONAL, &servers[i], REED_DNS_TYPE_A);
		take_set(self, REED_DNS_ADDITIONAL, &servers[i], REED_DNS_TYPE_AAAA);
	}
}

static enum dns_said refer(struct reader_of *self)
{
	const struct reed_dns_name *zone = &self->out->zone;

	if (zone->labels <= self->of->zone->labels || !is_ours(self, zone) ||
	    !reed_dns_name_is_under(&self->of->question->name, zone))
		return DNS_SAID_LAME; /* upwards, or beside */
	if (!take_set(self, REED_DNS_AUTHORITY, zone, REED_DNS_TYPE_NS))
		return DNS_SAID_NONSENSE;
	lowest_ttl(self, REED_DNS_AUTHORITY, zone, REED_DNS_TYPE_NS, &self->out->ttl);
	self->out->has_ttl = true;
	take_glue(self);
	return DNS_SAID_REFERRAL;
}

/* ---- all of it ---- */

static enum dns_said read_negative(struct reader_of *self, unsigned aliases)
{
	const struct reed_dns_message *m = self->of->m;
	bool no_name = reed_dns_rcode(m->flags) == REED_DNS_RCODE_NXDOMAIN;

	if (take_denial(self))
		return no_name ? DNS_SAID_NO_NAME : DNS_SAID_NOTHING;
	if (aliases)
		return DNS_SAID_ALIAS;
	if (no_name)
		return DNS_SAID_NO_NAME;
	if (!self->of->forwarded && find_zone(self))
		return refer(self);
	if (self->of->forwarded || m->flags & REED_DNS_AA)
		return DNS_SAID_NOTHING;
	return DNS_SAID_LAME;
}

static enum dns_said read(struct reader_of *self)
{
	unsigned rcode = reed_dns_rcode(self->of->m->flags), aliases = 0;

	if (rcode != REED_DNS_RCODE_NOERROR && rcode != REED_DNS_RCODE_NXDOMAIN &&
	    rcode != REED_DNS_RCODE_YXDOMAIN)
		return rcode == REED_DNS_RCODE_REFUSED ? DNS_SAID_LAME : DNS_SAID_FAILED;
	if (self->of->m->flags & REED_DNS_TC)
		return DNS_SAID_FAILED;
	while (!take_answer(self)) {
		if (!follow_alias(self))
			return read_negative(self, aliases);
		if (++aliases > DNS_ALIASES_MOST)
			return DNS_SAID_NONSENSE;
		if (!is_ours(self, &self->at)) {
			take_proofs(self);
			return DNS_SAID_ALIAS;
		}
	}
	take_proofs(self);
	return DNS_SAID_ANSWER;
}

void dns_reading_read(const struct dns_reading_of *of, struct reed_buf *pile,
                      struct dns_reading *reading)
{
	struct reader_of self = { .of = of, .pile = pile, .out = reading };
	size_t before = pile->end;

	reading->ttl = 0;
	reading->has_ttl = false;
	self.at = of->question->name;
	reading->said = read(&self);
	reading->target = self.at;
	if (self.broken || pile->err)
		reading->said = DNS_SAID_NONSENSE;
	if (reading->said >= DNS_SAID_LAME) {
		pile->end = before;
		pile->err = REED_OK;
	}
}
