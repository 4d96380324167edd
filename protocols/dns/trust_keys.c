/* Keys that a DS record vouches for: RFC 4035 5.2, RFC 4509 3, RFC 6840 5.11. */

#include "trust.h"

#include "reed/alloc.h"

#include "field.h"

enum { KEYS_MOST = 64, DAY = 86400, EDE_NO_KEY = 9 };

static bool is_known(struct reed_slice ds)
{
	const uint8_t *p = (const uint8_t *)ds.p;

	return ds.n > 4 && reed_dns_algorithm_known(p[2]) &&
	       (p[3] == REED_DNS_DIGEST_SHA1 || p[3] == REED_DNS_DIGEST_SHA256 ||
	        p[3] == REED_DNS_DIGEST_SHA384);
}

bool dns_ds_any_known(const struct reed_slice *ds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_known(ds[i]))
			return true;
	return false;
}

/* RFC 4509 3: with a better digest there, SHA-1 counts for nothing. */
static bool has_better(const struct reed_slice *ds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_known(ds[i]) && ds[i].p[3] != REED_DNS_DIGEST_SHA1)
			return true;
	return false;
}

static bool is_vouched(const struct reed_dns_name *zone, struct reed_slice key,
                       const struct reed_slice *ds, size_t n, bool are_keys)
{
	bool better = !are_keys && has_better(ds, n);

	for (size_t i = 0; i < n; i++) {
		if (are_keys && reed_slice_eq(ds[i], key))
			return true;
		if (!are_keys && is_known(ds[i]) &&
		    !(better && ds[i].p[3] == REED_DNS_DIGEST_SHA1) &&
		    reed_dns_ds_is_of(ds[i], zone, key))
			return true;
	}
	return false;
}

static bool is_of_zone(struct reed_slice key)
{
	unsigned flags = key.n > 4 ? dns_get16((const uint8_t *)key.p) : 0;

	return (flags & REED_DNS_KEY_ZONE) && !(flags & REED_DNS_KEY_REVOKED);
}

static void add_key(struct dns_trusted *t, struct reed_slice rdata)
{
	struct reed_dns_zone_key *key;

	if (t->count == KEYS_MOST || !is_of_zone(rdata) || reed_dns_zone_key_read(rdata, &key))
		return;
	t->keys = reed_realloc(t->keys, (t->count + 1) * sizeof(struct reed_dns_zone_key *));
	t->keys[t->count++] = key;
}

/* Those that are vouched for; only they may sign the set of keys. */
static void add_vouched(struct dns_trusted *t, const struct dns_reply_set *set,
                        const struct reed_slice *ds, size_t n, bool are_keys)
{
	for (size_t i = 0; i < set->set.count; i++)
		if (is_vouched(&t->zone, set->set.rdata[i], ds, n, are_keys))
			add_key(t, set->set.rdata[i]);
}

static struct dns_trusted *fail(struct dns_trusted *t, struct reed_dns_verdict *verdict,
                                const char *why)
{
	t->security = REED_DNS_BOGUS;
	dns_verdict_blame(verdict, EDE_NO_KEY, &t->zone, why);
	return t;
}

/* What was wrong with the signature of its keys, as far as that is known. */
static struct dns_trusted *fail_with(struct dns_trusted *t, struct reed_dns_verdict *verdict,
                                     const struct reed_dns_verdict *reason)
{
	char why[120];

	if (!reason->why[0] || verdict->why[0])
		return fail(t, verdict, "has keys that are not signed by one vouched for");
	t->security = REED_DNS_BOGUS;
	snprintf(why, sizeof(why), "%.110s", reason->why);
	verdict->extended_error = reason->extended_error;
	snprintf(verdict->why, sizeof(verdict->why), "the DNSKEY set of %s", why);
	return t;
}

struct dns_trusted *dns_keys_judge(const struct dns_reply *reply, const struct reed_dns_name *zone,
                                   const struct reed_slice *ds, size_t n, bool are_keys,
                                   struct dns_budget *budget, int64_t now,
                                   struct reed_dns_verdict *verdict)
{
	struct dns_trusted *entry = dns_trusted_new(zone, REED_DNS_SECURE, now + DAY), *all;
	struct reed_dns_verdict good = { .ttl_most = DAY };
	struct dns_reply_set *set =
		dns_reply_find(reply, REED_DNS_ANSWER, zone, REED_DNS_TYPE_DNSKEY);

	if (!set || !set->set.count)
		return fail(entry, verdict, "has no keys, though there is a DS record of it");
	add_vouched(entry, set, ds, n, are_keys);
	if (!entry->count)
		return fail(entry, verdict, "has no key that is vouched for");
	dns_set_judge(set, entry, budget, (uint32_t)now, &good);
	if (set->security != REED_DNS_SECURE || set->is_wild)
		return fail_with(entry, verdict, &good);
	all = dns_trusted_new(zone, REED_DNS_SECURE, now + good.ttl_most);
	for (size_t i = 0; i < set->set.count; i++)
		add_key(all, set->set.rdata[i]);
	dns_trusted_release(entry);
	return all;
}
