/* Zones that are code: what they are made of, and what they say of themselves. */

#include "dynamic.h"

#include "reed/random.h"

#include "sign_zone.h"

enum { HOUR = 3600, DAY = 86400, MINUTE = 60, REFRESH = 3600, RETRY = 600, EXPIRE = 604800 };

struct dns_dynamic {
	struct reed_dns_dynamic is; /* what it points to is behind */
	struct reed_dns_name name;
	struct reed_dns_name servers[REED_DNS_DYNAMIC_SERVERS];
	struct reed_dns_signing_key keys[REED_DNS_DYNAMIC_KEYS];
	uint8_t soa[2 * REED_DNS_NAME_MAX + 20];
	size_t soa_n;
};

void dns_dynamic_free(struct dns_dynamic *zone)
{
	reed_free(zone);
}

/* ---- made ---- */

static uint32_t or_else(uint32_t value, uint32_t preset)
{
	return value ? value : preset;
}

static void make_soa(struct dns_dynamic *zone)
{
	const uint32_t numbers[] = { or_else(zone->is.serial, 1), REFRESH, RETRY, EXPIRE,
		                     zone->is.negative_ttl };
	struct reed_dns_name mail = zone->name;
	uint8_t *p = zone->soa;

	if (zone->is.mail)
		mail = *zone->is.mail;
	else
		reed_dns_name_prepend(REED_STR("hostmaster"), &zone->name, &mail);
	memcpy(p, zone->servers[0].wire, zone->servers[0].n);
	p += zone->servers[0].n;
	memcpy(p, mail.wire, mail.n);
	p += mail.n;
	for (size_t i = 0; i < REED_COUNT(numbers); i++, p += 4)
		dns_put32(p, numbers[i]);
	zone->soa_n = (size_t)(p - zone->soa);
	zone->is.mail = NULL;
}

static bool is_right(const struct reed_dns_dynamic *is)
{
	bool keys = !is->key_count, rest = !is->key_count;

	for (size_t i = 0; i < is->key_count && is->key_count <= REED_DNS_DYNAMIC_KEYS; i++) {
		keys |= is->keys[i].published && is->keys[i].signs_keys;
		rest |= is->keys[i].published && is->keys[i].signs_zone;
	}
	return is->name && is->fn && is->server_count &&
	       is->server_count <= REED_DNS_DYNAMIC_SERVERS && keys && rest;
}

static void fill(struct dns_dynamic *zone, const struct reed_dns_dynamic *is)
{
	zone->is = *is;
	zone->is.ttl = or_else(is->ttl, HOUR);
	zone->is.negative_ttl = or_else(is->negative_ttl, MINUTE);
	zone->is.lifetime = or_else(is->lifetime, DAY);
	zone->name = *is->name;
	memcpy(zone->servers, is->servers, is->server_count * sizeof(zone->servers[0]));
	if (is->key_count)
		memcpy(zone->keys, is->keys, is->key_count * sizeof(zone->keys[0]));
	make_soa(zone);
}

enum reed_err reed_dns_server_dynamic(struct reed_dns_server *self,
                                      const struct reed_dns_dynamic *given)
{
	struct reed_dns_dynamic is = { 0 };

	memcpy(&is, given, given->size < sizeof(is) ? given->size : sizeof(is));
	if (!is_right(&is))
		return REED_EINVAL;
	fill(dns_served_dynamic(self, is.name, is.fn, is.arg, sizeof(struct dns_dynamic)), &is);
	return REED_OK;
}

/* ---- what is asked of the zone's own name ---- */

static void put(struct reed_buf *pile, enum reed_dns_section section,
                const struct reed_dns_name *owner, uint16_t type, uint32_t ttl,
                struct reed_slice rdata)
{
	struct dns_piece piece = { section, *owner, type, ttl, rdata };

	dns_pile_add(pile, &piece);
}

static void put_keys(const struct dns_dynamic *zone, uint16_t type, struct reed_buf *pile)
{
	uint8_t room[REED_DNS_DS_MAX];

	for (size_t i = 0; i < zone->is.key_count; i++) {
		const struct reed_dns_signing_key *k = &zone->keys[i];
		struct reed_slice rdata = reed_dns_zone_key_rdata(k->key);

		if (type == REED_DNS_TYPE_DNSKEY ? !k->published : !k->submitted)
			continue;
		if (type == REED_DNS_TYPE_CDS)
			reed_dns_ds_make(&zone->name, rdata, REED_DNS_DIGEST_SHA256, room, &rdata);
		put(pile, REED_DNS_ANSWER, &zone->name, type, zone->is.ttl, rdata);
	}
}

bool dns_dynamic_answer(const struct dns_dynamic *zone, const struct reed_dns_question *question,
                        struct reed_buf *pile)
{
	if (!reed_dns_name_eq(&question->name, &zone->name))
		return false;
	switch (question->type) {
	case REED_DNS_TYPE_SOA:
		put(pile, REED_DNS_ANSWER, &zone->name, REED_DNS_TYPE_SOA, zone->is.ttl,
		    reed_slice(zone->soa, zone->soa_n));
		return true;
	case REED_DNS_TYPE_NS:
		for (size_t i = 0; i < zone->is.server_count; i++)
			put(pile, REED_DNS_ANSWER, &zone->name, REED_DNS_TYPE_NS, zone->is.ttl,
			    reed_dns_name_wire(&zone->servers[i]));
		return true;
	case REED_DNS_TYPE_DNSKEY:
	case REED_DNS_TYPE_CDS:
	case REED_DNS_TYPE_CDNSKEY:
		put_keys(zone, question->type, pile);
		return true;
	case REED_DNS_TYPE_DS: /* the parent's: RFC 4035 3.1.4.1 */
		return true;
	default:
		return false;
	}
}

/* ---- denial ---- */

/* What no name but the zone's own has, or what would deny more than is meant. */
static bool is_never_there(uint16_t type)
{
	switch (type) {
	case REED_DNS_TYPE_NS:
	case REED_DNS_TYPE_CNAME:
	case REED_DNS_TYPE_SOA:
	case REED_DNS_TYPE_DNAME:
	case REED_DNS_TYPE_DS:
	case REED_DNS_TYPE_DNSKEY:
	case REED_DNS_TYPE_CDS:
	case REED_DNS_TYPE_CDNSKEY:
	case REED_DNS_TYPE_NSEC3:
	case REED_DNS_TYPE_NSEC3PARAM:
		return true;
	default:
		return !dns_fields(type) || reed_dns_type_is_meta(type);
	}
}

static bool is_of_apex(const struct dns_dynamic *zone, uint16_t type)
{
	bool keys = type == REED_DNS_TYPE_DNSKEY, submitted = false;

	for (size_t i = 0; i < zone->is.key_count; i++)
		submitted |= zone->keys[i].submitted;
	keys |= submitted && (type == REED_DNS_TYPE_CDS || type == REED_DNS_TYPE_CDNSKEY);
	return type == REED_DNS_TYPE_SOA || type == REED_DNS_TYPE_NS || keys;
}

static size_t types_of(const struct dns_dynamic *zone, const struct reed_dns_question *question,
                       uint16_t *types)
{
	bool apex = reed_dns_name_eq(&question->name, &zone->name);
	size_t n = 0;

	for (uint16_t type = 1; type <= REED_DNS_TYPE_AVC; type++)
		if (type != question->type &&
		    (!is_never_there(type) || (apex && is_of_apex(zone, type))))
			types[n++] = type;
	return n;
}

/* RFC 9824 3.2, 3.3 */
static void put_nsec(const struct dns_dynamic *zone, const struct dns_exchange *x, bool is_name,
                     struct reed_buf *pile)
{
	static const uint16_t none[] = { REED_DNS_TYPE_RRSIG, REED_DNS_TYPE_NSEC,
		                         REED_DNS_TYPE_NXNAME };
	uint8_t rdata[REED_DNS_NAME_MAX + 3 * 34];
	uint16_t types[REED_DNS_TYPE_AVC + 1];
	struct reed_dns_name next;
	size_t n;

	dns_name_after(&x->question.name, &zone->name, &next);
	memcpy(rdata, next.wire, next.n);
	n = is_name ? types_of(zone, &x->question, types) : REED_COUNT(none);
	n = next.n + dns_bitmap_build(is_name ? types : none, n, rdata + next.n);
	put(pile, REED_DNS_AUTHORITY, &x->question.name, REED_DNS_TYPE_NSEC, zone->is.negative_ttl,
	    reed_slice(rdata, n));
}

/* ---- signatures ---- */

static bool is_same_set(const struct dns_piece *a, const struct dns_piece *b)
{
	return a->section == b->section && a->type == b->type &&
	       reed_dns_name_eq(&a->owner, &b->owner);
}

/* All of the set of the piece; false: it is not the first of it. */
static bool gather(struct reed_slice pile, const struct dns_piece *first, struct dns_sheet *sheet)
{
	struct dns_piece piece;
	bool seen = false;

	dns_sheet_begin(sheet, &first->owner, first->type, first->ttl);
	while (dns_pile_next(&pile, &piece)) {
		if (!is_same_set(&piece, first))
			continue;
		if (!seen && piece.rdata.p != first->rdata.p)
			return false;
		seen = true;
		dns_sheet_add(sheet, piece.rdata);
	}
	return true;
}

static bool signs(const struct reed_dns_signing_key *k, uint16_t type)
{
	bool keys = type == REED_DNS_TYPE_DNSKEY || type == REED_DNS_TYPE_CDS ||
	            type == REED_DNS_TYPE_CDNSKEY;

	return keys ? k->signs_keys : k->signs_zone;
}

static void sign_set(const struct dns_dynamic *zone, uint32_t now, const struct dns_piece *piece,
                     struct dns_sheet *sheet, struct reed_buf *into)
{
	uint32_t end = now + zone->is.lifetime + piece->ttl;
	uint8_t room[REED_DNS_RRSIG_MAX];
	struct reed_dns_rrset set;
	struct reed_slice rrsig;

	dns_sheet_close(sheet, &set);
	for (size_t i = 0; i < zone->is.key_count; i++)
		if (signs(&zone->keys[i], set.type) &&
		    !reed_dns_rrset_sign(&set, zone->keys[i].key, &zone->name, now - HOUR, end,
		                         room, &rrsig))
			put(into, piece->section, &piece->owner, REED_DNS_TYPE_RRSIG, piece->ttl,
			    rrsig);
}

static void sign(const struct dns_dynamic *zone, uint32_t now, struct reed_buf *pile)
{
	struct reed_slice rest = reed_buf_slice(pile);
	struct dns_sheet sheet = { 0 };
	struct reed_buf signatures = { 0 };
	struct dns_piece piece;

	while (dns_pile_next(&rest, &piece))
		if (piece.section != REED_DNS_ADDITIONAL && piece.type != REED_DNS_TYPE_RRSIG &&
		    reed_dns_name_is_under(&piece.owner, &zone->name) &&
		    gather(reed_buf_slice(pile), &piece, &sheet))
			sign_set(zone, now, &piece, &sheet, &signatures);
	if (signatures.err)
		pile->err = signatures.err;
	reed_buf_add(pile, reed_buf_slice(&signatures));
	reed_buf_finish(&signatures);
	dns_sheet_finish(&sheet);
}

/* ---- all of it ---- */

static bool has(struct reed_slice pile, enum reed_dns_section section)
{
	struct dns_piece piece;

	while (dns_pile_next(&pile, &piece))
		if (piece.section == section)
			return true;
	return false;
}

void dns_dynamic_finish(const struct dns_dynamic *zone, struct dns_exchange *x,
                        struct reed_buf *pile, unsigned *rcode)
{
	bool is_name = *rcode == REED_DNS_RCODE_NOERROR ||
	               reed_dns_name_eq(&x->question.name, &zone->name);
	bool secure = zone->is.key_count && x->has_edns && x->edns.flags & REED_DNS_DO;

	if (*rcode != REED_DNS_RCODE_NOERROR && *rcode != REED_DNS_RCODE_NXDOMAIN)
		return;
	if (is_name)
		*rcode = REED_DNS_RCODE_NOERROR; /* the zone's own name is there */
	x->compact = secure && x->edns.flags & EDNS_CO;
	if (!has(reed_buf_slice(pile), REED_DNS_ANSWER) &&
	    !has(reed_buf_slice(pile), REED_DNS_AUTHORITY)) {
		put(pile, REED_DNS_AUTHORITY, &zone->name, REED_DNS_TYPE_SOA, zone->is.negative_ttl,
		    reed_slice(zone->soa, zone->soa_n));
		if (secure)
			put_nsec(zone, x, is_name, pile);
		if (secure && !x->compact)
			*rcode = REED_DNS_RCODE_NOERROR;
	}
	if (secure)
		sign(zone, (uint32_t)(reed_wall(x->server->loop) / 1000000000), pile);
}
