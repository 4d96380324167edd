/* A zone signed: RRset by RRset, with what was signed before where it still holds. */

#include "sign_zone.h"

#include "reed/alloc.h"

enum { DAY = 86400, HOUR = 3600 };

/* ---- the records of one RRset ---- */

void dns_sheet_begin(struct dns_sheet *s, const struct reed_dns_name *owner, uint16_t type,
                     uint32_t ttl)
{
	s->owner = *owner;
	s->type = type;
	s->ttl = ttl;
	s->count = 0;
	reed_buf_clear(&s->bytes);
}

void dns_sheet_add(struct dns_sheet *s, struct reed_slice rdata)
{
	if (s->count == s->room) {
		s->room = s->room ? 2 * s->room : 16;
		s->sizes = reed_realloc(s->sizes, s->room * sizeof(*s->sizes));
		s->rdata = reed_realloc(s->rdata, s->room * sizeof(*s->rdata));
	}
	s->sizes[s->count++] = rdata.n;
	reed_buf_add(&s->bytes, rdata);
}

void dns_sheet_close(struct dns_sheet *s, struct reed_dns_rrset *set)
{
	struct reed_slice rest = reed_buf_slice(&s->bytes);

	for (size_t i = 0; i < s->count; i++) {
		s->rdata[i] = reed_slice_first(rest, s->sizes[i]);
		rest = reed_slice_from(rest, s->sizes[i]);
	}
	*set = (struct reed_dns_rrset){ &s->owner, s->type, s->ttl, s->rdata, s->count };
}

void dns_sheet_finish(struct dns_sheet *s)
{
	reed_buf_finish(&s->bytes);
	reed_free(s->sizes);
	reed_free(s->rdata);
	*s = (struct dns_sheet){ 0 };
}

static enum reed_err gather(void *arg, const struct dns_item *item)
{
	struct dns_sheet *s = arg;

	dns_sheet_add(s, item->rdata);
	return REED_OK;
}

static void gather_set(struct dns_zone_signing *s, struct dns_sheet *sheet,
                       const struct reed_dns_zone *zone, const struct dns_node *node,
                       const struct dns_rrset *set)
{
	struct reed_dns_name owner;

	reed_dns_name_take(reed_slice(node->wire, node->n), &owner);
	dns_sheet_begin(sheet, &owner, set->type, dns_get32(dns_rrset_bytes(set) + 6));
	dns_set_each(zone, node, set, s->room, gather, sheet);
}

/* ---- what was signed before ---- */

/* The set is now what it was then: s->sheet and s->old in canonical form. */
static bool is_same(const struct dns_canonical *now, const struct reed_dns_rrset *old, uint32_t ttl)
{
	struct dns_canonical then;
	bool same;

	if (old->ttl != ttl || dns_canonical(old, &then))
		return false;
	same = then.count == now->count;
	for (size_t i = 0; same && i < now->count; i++)
		same = reed_slice_eq(then.rdata[i], now->rdata[i]);
	dns_canonical_finish(&then);
	return same;
}

/* Its signatures go to s->sigs; none if it was another. */
static void recall(struct dns_zone_signing *s, const struct dns_node *before,
                   const struct dns_canonical *now)
{
	const struct dns_rrset *set = before ? dns_node_set(before, s->sheet.type) : NULL;
	struct reed_dns_rrset old;

	s->sigs.count = 0;
	if (!set || !set->sigs)
		return;
	gather_set(s, &s->old, s->before, before, set);
	dns_sheet_close(&s->old, &old);
	if (!is_same(now, &old, s->sheet.ttl))
		return;
	gather_set(s, &s->sigs, s->before, before, set->sigs);
	dns_sheet_close(&s->sigs, &old);
}

static bool still_holds(const struct dns_zone_signing *s, const struct reed_dns_rrsig *sig,
                        const struct reed_dns_zone_key *key)
{
	const struct reed_dns_signing *how = &s->how;

	return sig->tag == key->tag && sig->algorithm == key->algorithm &&
	       sig->ttl == s->sheet.ttl && reed_dns_name_eq(&sig->signer, &s->zone->name) &&
	       reed_dns_rrsig_in_time(sig, how->now) &&
	       reed_dns_serial_newer(sig->expiration, how->now + how->refresh);
}

/* The tag of two keys may be the same: then it is looked whose the signature is. */
static bool is_ambiguous(const struct dns_zone_signing *s, const struct reed_dns_zone_key *key)
{
	unsigned n = 0;

	for (size_t i = 0; i < s->how.count; i++)
		n += s->how.keys[i].key->tag == key->tag &&
		     s->how.keys[i].key->algorithm == key->algorithm;
	return n > 1;
}

static bool find_kept(struct dns_zone_signing *s, const struct reed_dns_rrset *set,
                      const struct reed_dns_zone_key *key, struct reed_slice *rrsig,
                      uint32_t *expiration)
{
	struct reed_dns_rrsig sig;

	for (size_t i = 0; i < s->sigs.count; i++) {
		if (reed_dns_rrsig_read(s->sigs.rdata[i], &sig) || !still_holds(s, &sig, key))
			continue;
		if (is_ambiguous(s, key) && reed_dns_rrset_verify(set, &sig, key))
			continue;
		*rrsig = s->sigs.rdata[i];
		*expiration = sig.expiration;
		return true;
	}
	return false;
}

/* ---- signatures ---- */

static enum reed_err load(struct dns_zone_signing *s, uint16_t type, uint32_t ttl,
                          struct reed_slice rdata)
{
	struct dns_item item = { reed_dns_name_wire(&s->sheet.owner), type, ttl, rdata };

	return dns_item_load(&s->loading, &item);
}

static uint32_t expiration_of(const struct dns_zone_signing *s)
{
	const struct reed_dns_signing *how = &s->how;
	uint64_t hash = reed_dns_name_hash(&s->sheet.owner, how->seed + s->sheet.type);

	return how->now + how->lifetime - (uint32_t)(hash % ((uint64_t)how->jitter + 1));
}

static enum reed_err put_signature(struct dns_zone_signing *s, const struct reed_dns_rrset *set,
                                   const struct reed_dns_zone_key *key)
{
	uint8_t room[REED_DNS_RRSIG_MAX];
	uint32_t expiration = expiration_of(s);
	struct reed_slice rrsig;
	enum reed_err err = REED_OK;

	if (find_kept(s, set, key, &rrsig, &expiration)) {
		s->facts.kept++;
	} else {
		err = dns_sign_canonical(set, key, &s->zone->name, s->how.now - s->how.backdate,
		                         expiration, &s->bytes, room, &rrsig);
		s->facts.made++;
	}
	if (reed_dns_serial_newer(s->facts.refresh, expiration - s->how.refresh))
		s->facts.refresh = expiration - s->how.refresh;
	return err ? err : load(s, REED_DNS_TYPE_RRSIG, set->ttl, rrsig);
}

static bool is_of_keys(uint16_t type)
{
	return type == REED_DNS_TYPE_DNSKEY || type == REED_DNS_TYPE_CDS ||
	       type == REED_DNS_TYPE_CDNSKEY;
}

static enum reed_err put_signatures(struct dns_zone_signing *s, const struct dns_node *before)
{
	struct reed_dns_rrset set;
	struct dns_canonical canonical;
	enum reed_err err;

	dns_sheet_close(&s->sheet, &set);
	err = dns_canonical(&set, &canonical);
	if (err)
		return err;
	recall(s, before, &canonical);
	set.rdata = canonical.rdata;
	set.count = canonical.count;
	for (size_t i = 0; i < s->how.count && !err; i++) {
		const struct reed_dns_signing_key *k = &s->how.keys[i];

		if (is_of_keys(set.type) ? k->signs_keys : k->signs_zone)
			err = put_signature(s, &set, k->key);
	}
	dns_canonical_finish(&canonical);
	return err;
}

enum reed_err dns_signing_put(struct dns_zone_signing *s, const struct dns_node *before, bool sign)
{
	struct reed_dns_rrset set;
	enum reed_err err = REED_OK;

	dns_sheet_close(&s->sheet, &set);
	if (s->facts.ttl_most < set.ttl)
		s->facts.ttl_most = set.ttl;
	for (size_t i = 0; i < set.count && !err; i++)
		err = load(s, set.type, set.ttl, set.rdata[i]);
	return err || !sign ? err : put_signatures(s, before);
}

/* ---- names ---- */

bool dns_signing_keeps(const struct dns_zone_signing *s, const struct dns_node *node, uint16_t type)
{
	switch (type) {
	case REED_DNS_TYPE_RRSIG:
	case REED_DNS_TYPE_NSEC:
	case REED_DNS_TYPE_NSEC3:
	case REED_DNS_TYPE_NSEC3PARAM:
		return false;
	default:
		return node != s->zone->apex || !is_of_keys(type);
	}
}

bool dns_signing_signs(const struct dns_node *node, uint16_t type)
{
	return !node->cut || (node->cut == node && type == REED_DNS_TYPE_DS);
}

static void renew_serial(struct dns_zone_signing *s)
{
	struct reed_buf *b = &s->sheet.bytes;

	if (s->sheet.type == REED_DNS_TYPE_SOA)
		dns_put32((uint8_t *)b->p + b->end - 20, s->how.serial);
}

static enum reed_err put_node(struct dns_zone_signing *s, const struct dns_node *node)
{
	const struct dns_node *before = s->before ? dns_zone_find(s->before, node->wire) : NULL;
	enum reed_err err = REED_OK;

	for (const struct dns_rrset *set = node->sets; set && !err; set = set->next) {
		if (!dns_signing_keeps(s, node, set->type))
			continue;
		gather_set(s, &s->sheet, s->zone, node, set);
		renew_serial(s);
		err = dns_signing_put(s, before, dns_signing_signs(node, set->type));
	}
	return err;
}

/* ---- what we make of the zone's own name ---- */

static void add_ds(struct dns_zone_signing *s, const struct reed_dns_zone_key *key)
{
	uint8_t room[REED_DNS_DS_MAX];
	struct reed_slice ds;

	reed_dns_ds_make(&s->zone->name, reed_dns_zone_key_rdata(key), REED_DNS_DIGEST_SHA256, room,
	                 &ds);
	dns_sheet_add(&s->sheet, ds);
}

static void add_of_key(struct dns_zone_signing *s, const struct reed_dns_signing_key *k,
                       uint16_t type)
{
	if (type == REED_DNS_TYPE_DNSKEY ? !k->published : !k->submitted)
		return;
	if (type == REED_DNS_TYPE_CDS)
		add_ds(s, k->key);
	else
		dns_sheet_add(&s->sheet, reed_dns_zone_key_rdata(k->key));
}

static enum reed_err put_of_keys(struct dns_zone_signing *s, uint16_t type)
{
	static const char no_cds[] = { 0, 0, 0, 0, 0 }, no_cdnskey[] = { 0, 0, 3, 0, 0 };
	const struct dns_node *before = s->before ? s->before->apex : NULL;

	dns_sheet_begin(&s->sheet, &s->zone->name, type, s->how.dnskey_ttl);
	for (size_t i = 0; i < s->how.count; i++)
		if (!s->how.unsign || type == REED_DNS_TYPE_DNSKEY)
			add_of_key(s, &s->how.keys[i], type);
	if (s->how.unsign && type == REED_DNS_TYPE_CDS)
		dns_sheet_add(&s->sheet, reed_slice(no_cds, sizeof(no_cds)));
	if (s->how.unsign && type == REED_DNS_TYPE_CDNSKEY)
		dns_sheet_add(&s->sheet, reed_slice(no_cdnskey, sizeof(no_cdnskey)));
	return s->sheet.count ? dns_signing_put(s, before, true) : REED_OK;
}

static enum reed_err put_param(struct dns_zone_signing *s)
{
	const struct dns_node *before = s->before ? s->before->apex : NULL;
	uint8_t rdata[5 + 255] = { 1 };

	if (!s->how.nsec3)
		return REED_OK;
	dns_put16(rdata + 2, s->how.iterations);
	rdata[4] = (uint8_t)s->how.salt.n;
	if (s->how.salt.n)
		memcpy(rdata + 5, s->how.salt.p, s->how.salt.n);
	dns_sheet_begin(&s->sheet, &s->zone->name, REED_DNS_TYPE_NSEC3PARAM, s->negative_ttl);
	dns_sheet_add(&s->sheet, reed_slice(rdata, 5 + s->how.salt.n));
	return dns_signing_put(s, before, true);
}

/* ---- all of it ---- */

static enum reed_err check(const struct reed_dns_signing *how, struct reed_fault **fault)
{
	bool keys = false, zone = false, hidden = false;

	for (size_t i = 0; i < how->count; i++) {
		keys |= how->keys[i].signs_keys;
		zone |= how->keys[i].signs_zone;
		hidden |= !how->keys[i].published &&
		          (how->keys[i].signs_keys ||
		           (how->keys[i].signs_zone && !how->keys[i].ahead));
	}
	if (keys && zone && !hidden && how->salt.n <= 255)
		return REED_OK;
	if (fault)
		*fault = reed_fault(REED_EINVAL, NULL, "%s",
		                    hidden ? "a key that signs is not published"
		                    : !keys || !zone
		                            ? "no key signs the keys, or none the rest of the zone"
		                            : "a salt has at most 255 bytes");
	return REED_EINVAL;
}

static uint32_t or_else(uint32_t value, uint32_t preset)
{
	return value ? value : preset;
}

static void begin(struct dns_zone_signing *s)
{
	uint8_t *soa = reed_alloc_raw(3 * (size_t)REED_DNS_NAME_MAX);
	uint32_t least = dns_soa_number(dns_zone_soa(s->zone, soa, 3 * (size_t)REED_DNS_NAME_MAX),
	                                SOA_MINIMUM);

	reed_free(soa);
	s->negative_ttl = least < s->zone->soa->ttl ? least : s->zone->soa->ttl; /* RFC 9077 */
	s->how.lifetime = or_else(s->how.lifetime, 14 * DAY);
	s->how.refresh = or_else(s->how.refresh, 7 * DAY);
	s->how.backdate = or_else(s->how.backdate, HOUR);
	s->how.dnskey_ttl = or_else(s->how.dnskey_ttl, HOUR);
	s->facts.refresh = s->how.now + s->how.lifetime;
	s->room = reed_alloc_raw(DNS_EXPANDED);
	dns_loading_begin(&s->loading, &s->zone->name);
}

static enum reed_err put_all(struct dns_zone_signing *s)
{
	enum reed_err err = REED_OK;

	for (const struct dns_node *node = s->zone->apex; node && !err; node = node->next)
		err = put_node(s, node);
	if (!err)
		err = put_of_keys(s, REED_DNS_TYPE_DNSKEY);
	if (!err)
		err = put_of_keys(s, REED_DNS_TYPE_CDS);
	if (!err)
		err = put_of_keys(s, REED_DNS_TYPE_CDNSKEY);
	if (!err)
		err = put_param(s);
	return err ? err : dns_signing_chain(s);
}

static void finish(struct dns_zone_signing *s)
{
	dns_sheet_finish(&s->sheet);
	dns_sheet_finish(&s->old);
	dns_sheet_finish(&s->sigs);
	reed_buf_finish(&s->bytes);
	reed_free(s->room);
}

enum reed_err reed_dns_zone_sign(const struct reed_dns_zone *zone,
                                 const struct reed_dns_zone *before,
                                 const struct reed_dns_signing *how, struct reed_dns_zone **out,
                                 struct reed_dns_signed *facts, struct reed_fault **fault)
{
	struct dns_zone_signing s = { .zone = zone, .before = before };
	enum reed_err err = check(how, fault);

	*out = NULL;
	if (err)
		return err;
	memcpy(&s.how, how, how->size < sizeof(s.how) ? how->size : sizeof(s.how));
	begin(&s);
	err = put_all(&s);
	finish(&s);
	if (err && !s.loading.fault)
		s.loading.fault = reed_fault(err, NULL, "the zone could not be signed: %s",
		                             reed_strerror(err));
	if (facts) {
		s.facts.size = facts->size;
		memcpy(facts, &s.facts,
		       facts->size < sizeof(s.facts) ? facts->size : sizeof(s.facts));
	}
	return dns_loading_finish(&s.loading, "the zone as it is signed", err, out, fault);
}
