#include "reply.h"

#include "reed/alloc.h"

#include "field.h"

enum { POOL = 1 << 20, SETS = 256, SIGS = 16 };

/* RFC 8914 4 */
enum {
	EDE_BOGUS = 6,
	EDE_EXPIRED = 7,
	EDE_EARLY = 8,
	EDE_NO_KEY = 9,
	EDE_NO_SIGNATURE = 10,
};

void dns_verdict_blame(struct reed_dns_verdict *v, uint16_t extended_error,
                       const struct reed_dns_name *name, const char *why)
{
	char text[REED_DNS_NAME_TEXT_SIZE];

	if (v->why[0])
		return;
	v->extended_error = extended_error;
	snprintf(v->why, sizeof(v->why), "%.80s %s", reed_dns_name_format(name, text).p, why);
}

/* ---- reading ---- */

struct dns_reply_set *dns_reply_find(const struct dns_reply *reply, enum reed_dns_section section,
                                     const struct reed_dns_name *owner, uint16_t type)
{
	for (struct dns_reply_set *s = reply->sets; s; s = s->next)
		if (s->section == section && s->set.type == type &&
		    reed_dns_name_eq(&s->owner, owner))
			return s;
	return NULL;
}

static struct dns_reply_set *set_of(struct dns_reply *reply, enum reed_dns_section section,
                                    const struct reed_dns_name *owner, uint16_t type)
{
	struct dns_reply_set *s = dns_reply_find(reply, section, owner, type), **end = &reply->sets;
	size_t n = 0;

	if (s)
		return s;
	for (; *end; end = &(*end)->next)
		n++;
	s = n < SETS ? reed_pool_alloc(&reply->pool, sizeof(*s)) : NULL;
	if (!s)
		return NULL;
	*end = s;
	s->owner = *owner;
	s->section = section;
	s->set.owner = &s->owner;
	s->set.type = type;
	s->set.ttl = UINT32_MAX;
	return s;
}

/* One more in an array of the pool. */
static bool append(struct reed_pool *pool, struct reed_slice **all, size_t *n, size_t *room,
                   struct reed_slice bytes)
{
	struct reed_slice kept = reed_pool_copy(pool, bytes), *more;

	if (*n == *room) {
		*room = *room ? 2 * *room : 4;
		more = reed_pool_alloc(pool, *room * sizeof(**all));
		if (!more)
			return false;
		if (*n)
			memcpy(more, *all, *n * sizeof(**all));
		*all = more;
	}
	if (!kept.p)
		return false;
	(*all)[(*n)++] = kept;
	return true;
}

static bool add_record(struct dns_reply *reply, struct dns_reply_set *s, uint32_t ttl,
                       struct reed_slice rdata)
{
	bool good = append(&reply->pool, &s->rdata, &s->set.count, &s->room, rdata);

	s->set.rdata = s->rdata;
	s->set.ttl = ttl < s->set.ttl ? ttl : s->set.ttl;
	return good;
}

/* The first whose signer may be one of its owner names the zone. */
static bool add_signature(struct dns_reply *reply, struct dns_reply_set *s, struct reed_slice rdata)
{
	struct reed_dns_rrsig sig;

	if (reed_dns_rrsig_read(rdata, &sig) || !reed_dns_name_is_under(&s->owner, &sig.signer) ||
	    s->sig_count == SIGS)
		return true;
	if (!s->signer.n)
		s->signer = sig.signer;
	return append(&reply->pool, &s->sigs, &s->sig_count, &s->sig_room, rdata);
}

static enum reed_err add(struct dns_reply *reply, const struct reed_dns_record *r, uint8_t *room)
{
	struct reed_dns_name owner;
	struct reed_slice rdata;
	struct dns_reply_set *s;
	bool sig = r->type == REED_DNS_TYPE_RRSIG, good;

	if (r->klass != REED_DNS_CLASS_IN)
		return REED_OK;
	if (reed_dns_record_owner(r, &owner) ||
	    reed_dns_record_rdata(r, room, REED_DNS_RDATA_MAX, &rdata) || (sig && rdata.n < 2))
		return REED_EPROTO;
	s = set_of(reply, r->section, &owner,
	           sig ? (uint16_t)dns_get16((const uint8_t *)rdata.p) : r->type);
	if (!s)
		return REED_ETOOBIG;
	good = sig ? add_signature(reply, s, rdata) : add_record(reply, s, r->ttl, rdata);
	return good ? REED_OK : REED_ETOOBIG;
}

static enum reed_err add_section(struct dns_reply *reply, const struct reed_dns_message *m,
                                 enum reed_dns_section section, uint8_t *room)
{
	struct reed_dns_walk walk;
	struct reed_dns_record r;
	enum reed_err err = REED_OK;

	reed_dns_walk(m, section, &walk);
	while (!err && reed_dns_next(&walk, &r))
		err = add(reply, &r, room);
	return err;
}

enum reed_err dns_reply_read(struct dns_reply *reply, struct reed_slice message)
{
	uint8_t *room = reed_alloc_raw(REED_DNS_RDATA_MAX);
	struct reed_dns_question question;
	struct reed_dns_message m;
	enum reed_err err = reed_dns_message_parse(message, &m);

	reed_pool_init(&reply->pool, POOL);
	if (!err && (reed_dns_message_question(&m, &question) || !(m.flags & REED_DNS_QR)))
		err = REED_EPROTO;
	if (!err) {
		reply->name = question.name;
		reply->type = question.type;
		reply->rcode = reed_dns_rcode(m.flags);
		err = add_section(reply, &m, REED_DNS_ANSWER, room);
	}
	if (!err)
		err = add_section(reply, &m, REED_DNS_AUTHORITY, room);
	reed_free(room);
	return err;
}

void dns_reply_finish(struct dns_reply *reply)
{
	reed_pool_finish(&reply->pool);
	*reply = (struct dns_reply){ 0 };
}

/* ---- signatures ---- */

static bool fits(const struct dns_reply_set *s, const struct dns_trusted *zone,
                 const struct reed_dns_rrsig *sig)
{
	return reed_dns_name_eq(&sig->signer, &zone->zone) &&
	       sig->labels + reed_dns_name_is_wild(&s->owner) <= s->owner.labels &&
	       (s->set.type != REED_DNS_TYPE_DS || !reed_dns_name_eq(&s->owner, &zone->zone));
}

/* Tags of several keys may be the same, yet not of many: KeyTrap. */
static bool try_keys(const struct dns_reply_set *s, const struct dns_trusted *zone,
                     const struct reed_dns_rrsig *sig, struct dns_budget *budget, bool *any)
{
	unsigned tried = 0;

	for (size_t i = 0; i < zone->count && tried < budget->same_tag; i++) {
		const struct reed_dns_zone_key *key = zone->keys[i];

		if (reed_dns_zone_key_tag(key) != sig->tag ||
		    reed_dns_zone_key_algorithm(key) != sig->algorithm)
			continue;
		*any = true;
		if (!budget->verifies || !budget->failures)
			return false;
		tried++;
		budget->verifies--;
		if (!reed_dns_rrset_verify(&s->set, sig, key))
			return true;
		budget->failures--;
	}
	return false;
}

static void limit(struct reed_dns_verdict *v, uint32_t ttl)
{
	v->ttl_most = ttl < v->ttl_most ? ttl : v->ttl_most;
}

/* RFC 4035 5.3.3 */
static void accept(struct dns_reply_set *s, const struct reed_dns_rrsig *sig, uint32_t now,
                   struct reed_dns_verdict *verdict)
{
	s->security = REED_DNS_SECURE;
	s->labels = sig->labels;
	s->is_wild = sig->labels + reed_dns_name_is_wild(&s->owner) < s->owner.labels;
	limit(verdict, s->set.ttl);
	limit(verdict, sig->ttl);
	limit(verdict, sig->expiration - now);
}

static void judge_signed(struct dns_reply_set *s, const struct dns_trusted *zone,
                         struct dns_budget *budget, uint32_t now, struct reed_dns_verdict *verdict)
{
	bool late = false, early = false, any = false;
	struct reed_dns_rrsig sig;

	for (size_t i = 0; i < s->sig_count; i++) {
		if (reed_dns_rrsig_read(s->sigs[i], &sig) || !fits(s, zone, &sig))
			continue;
		if (!reed_dns_rrsig_in_time(&sig, now)) {
			late |= reed_dns_serial_newer(now, sig.expiration);
			early |= reed_dns_serial_newer(sig.inception, now);
			continue;
		}
		if (try_keys(s, zone, &sig, budget, &any)) {
			accept(s, &sig, now, verdict);
			return;
		}
	}
	s->security = REED_DNS_BOGUS;
	dns_verdict_blame(verdict,
	                  late    ? EDE_EXPIRED
	                  : early ? EDE_EARLY
	                  : any   ? EDE_BOGUS
	                          : EDE_NO_KEY,
	                  &s->owner,
	                  late    ? "has a signature that has expired"
	                  : early ? "has a signature that is not good yet"
	                  : any   ? "has a signature that is wrong"
	                          : "is signed by no key of its zone");
}

void dns_set_judge(struct dns_reply_set *s, const struct dns_trusted *zone,
                   struct dns_budget *budget, uint32_t now, struct reed_dns_verdict *verdict)
{
	if (zone->security != REED_DNS_SECURE) {
		s->security = zone->security;
	} else if (!s->sig_count) {
		s->security = REED_DNS_BOGUS;
		dns_verdict_blame(verdict, EDE_NO_SIGNATURE, &s->owner,
		                  "has no signature, though its zone is signed");
	} else {
		judge_signed(s, zone, budget, now, verdict);
	}
}

void dns_reply_proofs(const struct dns_reply *reply, const struct reed_dns_name *zone,
                      const struct dns_budget *budget, struct dns_proofs *proofs)
{
	proofs->zone = *zone;
	proofs->n = 0;
	proofs->hashes = budget->hashes;
	proofs->iterations = budget->iterations;
	proofs->too_many = false;
	for (const struct dns_reply_set *s = reply->sets; s; s = s->next) {
		if (s->section != REED_DNS_AUTHORITY || s->security != REED_DNS_SECURE ||
		    (s->set.type != REED_DNS_TYPE_NSEC && s->set.type != REED_DNS_TYPE_NSEC3) ||
		    !reed_dns_name_eq(&s->signer, zone) || s->is_wild)
			continue;
		for (size_t i = 0; i < s->set.count && proofs->n < DNS_PROOFS_MOST; i++)
			proofs->all[proofs->n++] =
				(struct dns_proof){ s->owner, s->set.type, s->set.rdata[i] };
	}
}

/* ---- zones that were judged ---- */

struct dns_trusted *dns_trusted_new(const struct reed_dns_name *zone,
                                    enum reed_dns_security security, int64_t expires)
{
	struct dns_trusted *t = reed_alloc(sizeof(*t));

	reed_list_init(&t->link);
	t->holders = 1;
	t->zone = *zone;
	t->security = security;
	t->expires = expires;
	return t;
}

void dns_trusted_release(struct dns_trusted *t)
{
	if (!t || --t->holders)
		return;
	for (size_t i = 0; i < t->count; i++)
		reed_dns_zone_key_free(t->keys[i]);
	reed_free(t->keys);
	reed_free(t);
}
