#include "ring.h"

#include "reed/alloc.h"

#include "item.h"

enum { HOUR = 3600, DAY = 86400, BOTH = REED_DNS_ROLE_KSK | REED_DNS_ROLE_ZSK };

const char *reed_dns_key_state_name(enum reed_dns_key_state state)
{
	static const char *const names[] = { "waiting", "published", "active",
		                             "retired", "signing",   "leaving" };

	return names[state];
}

static uint32_t or_else(uint32_t value, uint32_t preset)
{
	return value ? value : preset;
}

struct reed_dns_policy dns_policy_of(const struct reed_dns_policy *policy)
{
	struct reed_dns_policy p = { 0 };

	memcpy(&p, policy, policy->size < sizeof(p) ? policy->size : sizeof(p));
	p.size = sizeof(p);
	p.algorithm = or_else(p.algorithm, REED_DNS_ECDSAP256);
	p.zsk_lifetime = or_else(p.zsk_lifetime, 90 * DAY);
	p.ksk_lifetime = or_else(p.ksk_lifetime, UINT32_MAX);
	p.dnskey_ttl = or_else(p.dnskey_ttl, HOUR);
	p.propagation = or_else(p.propagation, HOUR);
	p.ds_ttl = or_else(p.ds_ttl, DAY);
	p.lifetime = or_else(p.lifetime, 14 * DAY);
	p.refresh = or_else(p.refresh, 7 * DAY);
	p.jitter = or_else(p.jitter, DAY);
	return p;
}

/* ---- keys ---- */

static struct dns_ring_key *add_key(struct dns_ring *ring, const struct reed_dns_policy *p,
                                    unsigned roles, int64_t now, struct dns_entropy *entropy)
{
	struct dns_ring_key *k = &ring->keys[ring->n];
	unsigned flags = REED_DNS_KEY_ZONE | (roles & REED_DNS_ROLE_KSK ? REED_DNS_KEY_SEP : 0);

	if (ring->n == RING_KEYS)
		return NULL;
	*k = (struct dns_ring_key){ .algorithm = p->algorithm, .roles = roles, .made = now };
	k->since = k->ds_since = now;
	while (!k->key && entropy->used < RING_ENTROPY) {
		memcpy(k->seed, entropy->bytes + entropy->used, REED_DNS_SEED_SIZE);
		reed_wipe(entropy->bytes + entropy->used, REED_DNS_SEED_SIZE);
		entropy->used += REED_DNS_SEED_SIZE;
		reed_dns_zone_key_make(k->algorithm, flags, k->seed, &k->key);
	}
	if (!k->key)
		return NULL;
	ring->n++;
	return k;
}

static void remove_key(struct dns_ring *ring, size_t i)
{
	reed_dns_zone_key_free(ring->keys[i].key);
	ring->n--;
	memmove(&ring->keys[i], &ring->keys[i + 1], (ring->n - i) * sizeof(ring->keys[0]));
	reed_wipe(&ring->keys[ring->n], sizeof(ring->keys[0]));
}

void dns_ring_finish(struct dns_ring *ring)
{
	while (ring->n)
		remove_key(ring, ring->n - 1);
	*ring = (struct dns_ring){ 0 };
}

static bool is_on_its_way_out(const struct dns_ring_key *k)
{
	return k->state == REED_DNS_KEY_RETIRED || k->state == REED_DNS_KEY_LEAVING;
}

/* The one in use, or the one that is to follow it; ring->n: there is none. */
static size_t find_at(const struct dns_ring *ring, unsigned roles, bool active)
{
	size_t i = 0;

	while (i < ring->n && (ring->keys[i].roles != roles || is_on_its_way_out(&ring->keys[i]) ||
	                       (ring->keys[i].state == REED_DNS_KEY_ACTIVE) != active))
		i++;
	return i;
}

static struct dns_ring_key *find(struct dns_ring *ring, unsigned roles, bool active)
{
	size_t i = find_at(ring, roles, active);

	return i < ring->n ? &ring->keys[i] : NULL;
}

static uint32_t highest_ttl(const struct dns_ring *ring, const struct reed_dns_policy *p)
{
	return ring->ttl_most > p->dnskey_ttl ? ring->ttl_most : p->dnskey_ttl;
}

/* ---- another algorithm (RFC 6781 4.1.4) ---- */

/* Of the keys in use. */
static unsigned algorithm_of(const struct dns_ring *ring)
{
	for (size_t i = 0; i < ring->n; i++)
		if (ring->keys[i].state == REED_DNS_KEY_ACTIVE)
			return ring->keys[i].algorithm;
	return 0;
}

/* It is to follow keys of another algorithm; those of all roles go on together. */
static bool is_newcomer(const struct dns_ring *ring, const struct dns_ring_key *k)
{
	return k->state != REED_DNS_KEY_ACTIVE && !is_on_its_way_out(k) && algorithm_of(ring) &&
	       k->algorithm != algorithm_of(ring);
}

static bool is_calm(const struct dns_ring *ring)
{
	for (size_t i = 0; i < ring->n; i++)
		if (ring->keys[i].state != REED_DNS_KEY_ACTIVE)
			return false;
	return ring->n > 0;
}

static bool wants_algorithm(const struct dns_ring *ring, const struct reed_dns_policy *p)
{
	return is_calm(ring) && p->algorithm != algorithm_of(ring);
}

/* From when on the DS of the new one is instead of the old one's. */
static bool is_superseded(const struct dns_ring *ring, const struct dns_ring_key *k)
{
	for (size_t i = 0; i < ring->n; i++)
		if (is_newcomer(ring, &ring->keys[i]) && ring->keys[i].ds != REED_DNS_DS_NONE)
			return !is_newcomer(ring, k);
	return k->state == REED_DNS_KEY_LEAVING;
}

static bool begin_algorithm(struct dns_ring *ring, const struct reed_dns_policy *p, int64_t now,
                            struct dns_entropy *entropy)
{
	size_t n = ring->n;

	if (!wants_algorithm(ring, p) || 2 * n > RING_KEYS)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct dns_ring_key *k = add_key(ring, p, ring->keys[i].roles, now, entropy);

		if (!k) { /* all or none */
			while (ring->n > n)
				remove_key(ring, ring->n - 1);
			return false;
		}
		k->state = REED_DNS_KEY_SIGNING;
	}
	return true;
}

static void publish_newcomers(struct dns_ring *ring, int64_t now)
{
	for (size_t i = 0; i < ring->n; i++)
		if (ring->keys[i].state == REED_DNS_KEY_SIGNING) {
			ring->keys[i].state = REED_DNS_KEY_PUBLISHED;
			ring->keys[i].since = now;
		}
}

static void activate_newcomers(struct dns_ring *ring, int64_t now)
{
	unsigned old = algorithm_of(ring);

	for (size_t i = 0; i < ring->n; i++) {
		ring->keys[i].state =
			ring->keys[i].algorithm == old ? REED_DNS_KEY_LEAVING : REED_DNS_KEY_ACTIVE;
		ring->keys[i].since = now;
	}
}

/* ---- when one goes on; INT64_MAX: somebody else decides ---- */

static int64_t due_published(const struct dns_ring_key *k, const struct reed_dns_policy *p)
{
	if (k->ds == REED_DNS_DS_WANTED)
		return INT64_MAX;
	return k->ds == REED_DNS_DS_SEEN ? k->ds_since + p->ds_ttl
	                                 : k->since + p->dnskey_ttl + p->propagation;
}

static int64_t due_active(const struct dns_ring *ring, const struct dns_ring_key *k,
                          const struct reed_dns_policy *p)
{
	if ((k->roles & REED_DNS_ROLE_KSK) && k->ds == REED_DNS_DS_NONE)
		return k->since + highest_ttl(ring, p) + p->propagation;
	return INT64_MAX;
}

static int64_t due_of(const struct dns_ring *ring, const struct dns_ring_key *k,
                      const struct reed_dns_policy *p)
{
	switch (k->state) {
	case REED_DNS_KEY_WAITING:
		return k->ds == REED_DNS_DS_SEEN ? k->ds_since + p->ds_ttl : INT64_MAX;
	case REED_DNS_KEY_PUBLISHED:
		return k->roles == REED_DNS_ROLE_ZSK && is_newcomer(ring, k) ? INT64_MAX
		                                                             : due_published(k, p);
	case REED_DNS_KEY_SIGNING:
		return k->since + p->propagation + highest_ttl(ring, p);
	case REED_DNS_KEY_LEAVING:
		return k->since + p->propagation + p->dnskey_ttl;
	case REED_DNS_KEY_ACTIVE:
		return due_active(ring, k, p);
	case REED_DNS_KEY_RETIRED:
		return k->since + p->propagation +
		       (k->roles == REED_DNS_ROLE_KSK ? p->dnskey_ttl : highest_ttl(ring, p));
	}
	return INT64_MAX;
}

/* When it is to have a successor. */
static int64_t old_at(const struct dns_ring_key *k, const struct reed_dns_policy *p)
{
	uint32_t lifetime = k->roles == REED_DNS_ROLE_ZSK ? p->zsk_lifetime : p->ksk_lifetime;

	return k->roll ? 0 : lifetime == UINT32_MAX ? INT64_MAX : k->made + lifetime;
}

int64_t dns_ring_due(const struct dns_ring *ring, const struct reed_dns_policy *p)
{
	int64_t due = ring->n && !wants_algorithm(ring, p) ? INT64_MAX : 0;

	for (size_t i = 0; i < ring->n; i++) {
		const struct dns_ring_key *k = &ring->keys[i];
		int64_t at = due_of(ring, k, p), old = old_at(k, p);

		due = at < due ? at : due;
		if (k->state == REED_DNS_KEY_ACTIVE && find_at(ring, k->roles, false) == ring->n &&
		    old < due)
			due = old;
	}
	return due;
}

/* ---- going on ---- */

static void activate(struct dns_ring *ring, struct dns_ring_key *k, int64_t now)
{
	struct dns_ring_key *old = find(ring, k->roles, true);

	if (old) {
		old->state = REED_DNS_KEY_RETIRED;
		old->since = now;
	}
	k->state = REED_DNS_KEY_ACTIVE;
	k->since = now;
}

static void advance(struct dns_ring *ring, size_t i, int64_t now)
{
	struct dns_ring_key *k = &ring->keys[i];
	bool wants_ds = (k->roles & REED_DNS_ROLE_KSK) && k->ds == REED_DNS_DS_NONE;

	if (is_on_its_way_out(k)) {
		remove_key(ring, i);
	} else if (k->state == REED_DNS_KEY_SIGNING) {
		publish_newcomers(ring, now);
	} else if (wants_ds) {
		k->ds = REED_DNS_DS_WANTED;
		k->ds_since = now;
	} else if (is_newcomer(ring, k)) {
		activate_newcomers(ring, now);
	} else {
		activate(ring, k, now);
	}
}

static bool begin_role(struct dns_ring *ring, const struct reed_dns_policy *p, unsigned roles,
                       int64_t now, struct dns_entropy *entropy)
{
	struct dns_ring_key *old = find(ring, roles, true), *k;

	if ((old && old_at(old, p) > now) || find(ring, roles, false))
		return false;
	k = add_key(ring, p, roles, now, entropy);
	if (!k)
		return false;
	if (old)
		old->roll = false;
	k->state = !old                         ? REED_DNS_KEY_ACTIVE
	           : roles == REED_DNS_ROLE_KSK ? REED_DNS_KEY_WAITING
	                                        : REED_DNS_KEY_PUBLISHED;
	if (k->state == REED_DNS_KEY_WAITING)
		k->ds = REED_DNS_DS_WANTED;
	return true;
}

/* A ring stays split or not as it was made; its algorithm is changed for all keys at once. */
static struct reed_dns_policy fitted(const struct dns_ring *ring,
                                     const struct reed_dns_policy *policy)
{
	struct reed_dns_policy p = *policy;

	if (ring->n) {
		p.split = ring->keys[0].roles != BOTH;
		p.algorithm = algorithm_of(ring);
	}
	return p;
}

bool dns_ring_step(struct dns_ring *ring, const struct reed_dns_policy *policy, int64_t now,
                   struct dns_entropy *entropy)
{
	struct reed_dns_policy p = fitted(ring, policy);
	bool changed = begin_algorithm(ring, policy, now, entropy);

	for (size_t i = 0; i < ring->n;)
		if (due_of(ring, &ring->keys[i], &p) <= now) {
			advance(ring, i, now);
			changed = true;
			i = 0;
		} else {
			i++;
		}
	if (p.split) {
		changed |= begin_role(ring, &p, REED_DNS_ROLE_KSK, now, entropy);
		changed |= begin_role(ring, &p, REED_DNS_ROLE_ZSK, now, entropy);
	} else {
		changed |= begin_role(ring, &p, BOTH, now, entropy);
	}
	return changed;
}

void dns_ring_roll(struct dns_ring *ring, unsigned roles)
{
	for (size_t i = 0; i < ring->n; i++)
		if ((ring->keys[i].roles & roles) && ring->keys[i].state == REED_DNS_KEY_ACTIVE)
			ring->keys[i].roll = true;
}

bool dns_ring_seen(struct dns_ring *ring, int64_t now)
{
	bool any = false;

	for (size_t i = 0; i < ring->n; i++)
		if (ring->keys[i].ds == REED_DNS_DS_WANTED) {
			ring->keys[i].ds = REED_DNS_DS_SEEN;
			ring->keys[i].ds_since = now;
			any = true;
		}
	return any;
}

size_t dns_ring_signing(const struct dns_ring *ring, struct reed_dns_signing_key *into)
{
	for (size_t i = 0; i < ring->n; i++) {
		const struct dns_ring_key *k = &ring->keys[i];
		bool active = k->state == REED_DNS_KEY_ACTIVE, csk = k->roles == BOTH;
		bool published = k->state == REED_DNS_KEY_PUBLISHED;
		bool ahead = k->state == REED_DNS_KEY_SIGNING || k->state == REED_DNS_KEY_LEAVING;
		bool there = active || published ||
		             (k->state == REED_DNS_KEY_RETIRED && k->roles != REED_DNS_ROLE_KSK);
		bool seals = active || ahead || (published && is_newcomer(ring, k));

		into[i] = (struct reed_dns_signing_key){
			.key = k->key,
			.published = there,
			.signs_keys = there && (csk || k->roles == REED_DNS_ROLE_KSK),
			.signs_zone = seals && (k->roles & REED_DNS_ROLE_ZSK),
			.submitted = k->ds != REED_DNS_DS_NONE && !is_superseded(ring, k) &&
			             !(csk && k->state == REED_DNS_KEY_RETIRED),
			.ahead = ahead,
		};
	}
	return ring->n;
}

/* ---- after a crash ---- */

struct looking {
	const struct dns_ring *ring;
	uint16_t type; /* of which records */
	bool has[RING_KEYS];
};

static enum reed_err look(void *arg, const struct dns_item *item)
{
	struct looking *l = arg;
	struct reed_dns_rrsig sig;

	for (size_t i = 0; i < l->ring->n; i++) {
		const struct reed_dns_zone_key *key = l->ring->keys[i].key;

		if (item->type == REED_DNS_TYPE_DNSKEY && l->type == item->type)
			l->has[i] |= reed_slice_eq(item->rdata, reed_dns_zone_key_rdata(key));
		if (item->type == REED_DNS_TYPE_RRSIG && l->type == REED_DNS_TYPE_RRSIG &&
		    !reed_dns_rrsig_read(item->rdata, &sig))
			l->has[i] |= sig.tag == reed_dns_zone_key_tag(key);
	}
	return REED_OK;
}

static void look_at(const struct dns_ring *ring, const struct reed_dns_zone *zone, uint16_t set,
                    uint16_t type, struct looking *l)
{
	const struct dns_rrset *rrset = zone ? dns_node_set(zone->apex, set) : NULL;

	*l = (struct looking){ .ring = ring, .type = type };
	if (rrset)
		dns_rrset_each(zone, zone->apex, rrset, look, l);
}

void dns_ring_reconcile(struct dns_ring *ring, const struct reed_dns_zone *zone, int64_t now)
{
	struct reed_dns_signing_key signing[RING_KEYS];
	struct looking keys, seals;
	bool behind = false;

	dns_ring_signing(ring, signing);
	look_at(ring, zone, REED_DNS_TYPE_DNSKEY, REED_DNS_TYPE_DNSKEY, &keys);
	look_at(ring, zone, REED_DNS_TYPE_SOA, REED_DNS_TYPE_RRSIG, &seals);
	for (size_t i = 0; i < ring->n; i++) {
		bool missing = (signing[i].published && !keys.has[i]) ||
		               (signing[i].signs_zone && !seals.has[i]);

		if (missing)
			ring->keys[i].since = now;
		behind |= missing;
	}
	for (size_t i = 0; behind && i < ring->n; i++)
		if (ring->keys[i].state == REED_DNS_KEY_RETIRED)
			ring->keys[i].since = now;
}
