/* Keys, signatures and zones that are signed. */

#include "check.h"
#include "names.h"
#include "reed/alloc.h"
#include "reed/base64.h"

#include "protocols/dns/item.h"
#include "reed/dns/sign.h"

enum { NOW = 1700000000, DAY = 86400, BOTH = REED_DNS_KEY_ZONE | REED_DNS_KEY_SEP };

static const char text[] = "$TTL 300\n@ SOA ns a 1 2 3 4 60\n@ NS ns\nns A 192.0.2.1\n"
			   "www A 192.0.2.2\nwww A 192.0.2.3\n*.w TXT a\na.b.c TXT b\n"
			   "sub NS ns.sub\nns.sub A 192.0.2.4\n";

static struct reed_dns_zone *zone_of(const char *s)
{
	struct reed_dns_name name = name_of("example.org");
	struct reed_dns_zone *zone;

	check_int(reed_dns_zone_parse(reed_slice_of(s), "zone", &name, &zone, NULL), REED_OK);
	return zone;
}

static struct reed_dns_zone_key *key_of(unsigned algorithm, uint8_t number)
{
	uint8_t seed[REED_DNS_SEED_SIZE] = { 1, number };
	struct reed_dns_zone_key *key;

	check_int(reed_dns_zone_key_make(algorithm, BOTH, seed, &key), REED_OK);
	return key;
}

static struct reed_slice rdata_of(uint16_t type, const char *s, uint8_t *room, size_t n)
{
	struct reed_slice rdata;

	check_int(reed_dns_rdata_parse(type, reed_slice_of(s), NULL, room, n, &rdata, NULL),
	          REED_OK);
	return rdata;
}

/* ---- keys ---- */

/* RFC 8080 6.1 */
static void ed25519_is_that_of_its_rfc(void)
{
	static const char seed_text[] = "ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=";
	struct reed_dns_name owner = name_of("example.com");
	uint8_t seed[REED_DNS_SEED_SIZE], room[1024], mx[512], into[REED_DNS_RRSIG_MAX];
	struct reed_slice ds, rrsig, mail;
	struct reed_dns_rrset set = { &owner, REED_DNS_TYPE_MX, 3600, &mail, 1 };
	struct reed_dns_zone_key *key;
	size_t n;

	check_int(reed_base64_decode(reed_slice_of(seed_text), seed, sizeof(seed), &n), REED_OK);
	check_int(reed_dns_zone_key_make(REED_DNS_ED25519, BOTH, seed, &key), REED_OK);
	check_int(reed_dns_zone_key_tag(key), 3613);
	check_int(reed_dns_ds_make(&owner, reed_dns_zone_key_rdata(key), REED_DNS_DIGEST_SHA256,
	                           into, &ds),
	          REED_OK);
	check(reed_slice_eq(ds,
	                    rdata_of(REED_DNS_TYPE_DS,
	                             "3613 15 2 3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b196"
	                             "4ab55c78e79a304b",
	                             room, sizeof(room))));
	check(reed_dns_ds_is_of(ds, &owner, reed_dns_zone_key_rdata(key)));
	mail = rdata_of(REED_DNS_TYPE_MX, "10 mail.example.com.", mx, sizeof(mx));
	check_int(reed_dns_rrset_sign(&set, key, &owner, 1438207200, 1440021600, into, &rrsig),
	          REED_OK);
	check(reed_slice_eq(rrsig,
	                    rdata_of(REED_DNS_TYPE_RRSIG,
	                             "MX 15 2 3600 1440021600 1438207200 3613 example.com. "
	                             "oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs"
	                             "3fx8A4M3e23mRZ9VrbpMngwcrqNAg==",
	                             room, sizeof(room))));
	reed_dns_zone_key_free(key);
}

static void a_signature_is_of_its_records_and_its_key(void)
{
	static const unsigned algorithms[] = { REED_DNS_ECDSAP256, REED_DNS_ED25519 };
	struct reed_dns_name owner = name_of("WWW.example.org"), zone = name_of("example.ORG");
	struct reed_slice rdata[2] = { reed_slice("\1\2\3\4", 4), reed_slice("\1\2\3\0", 4) };
	struct reed_dns_rrset set = { &owner, REED_DNS_TYPE_A, 60, rdata, 2 };
	uint8_t into[REED_DNS_RRSIG_MAX];

	for (size_t i = 0; i < 2; i++) {
		struct reed_dns_zone_key *key = key_of(algorithms[i], 1),
					 *other = key_of(algorithms[i], 2), *public;
		struct reed_dns_rrsig sig;
		struct reed_slice rrsig;

		check_int(reed_dns_zone_key_read(reed_dns_zone_key_rdata(key), &public), REED_OK);
		check_int(reed_dns_rrset_sign(&set, public, &zone, 1, 2, into, &rrsig),
		          REED_EINVAL);
		check_int(reed_dns_rrset_sign(&set, key, &zone, 1, 2, into, &rrsig), REED_OK);
		check_int(reed_dns_rrsig_read(rrsig, &sig), REED_OK);
		check_int(reed_dns_rrset_verify(&set, &sig, public), REED_OK);
		rdata[0] = reed_slice("\1\2\3\0", 4); /* the order does not matter */
		rdata[1] = reed_slice("\1\2\3\4", 4);
		check_int(reed_dns_rrset_verify(&set, &sig, public), REED_OK);
		check_int(reed_dns_rrset_verify(&set, &sig, other), REED_EAUTH);
		sig.tag = reed_dns_zone_key_tag(other);
		check_int(reed_dns_rrset_verify(&set, &sig, other), REED_EAUTH);
		sig.tag = reed_dns_zone_key_tag(key);
		sig.expiration++;
		check_int(reed_dns_rrset_verify(&set, &sig, public), REED_EAUTH);
		sig.expiration--;
		rdata[1] = reed_slice("\1\2\3\5", 4);
		check_int(reed_dns_rrset_verify(&set, &sig, public), REED_EAUTH);
		rdata[1] = reed_slice("\1\2\3\4", 4);
		reed_dns_zone_key_free(public);
		reed_dns_zone_key_free(key);
		reed_dns_zone_key_free(other);
	}
}

static void what_is_no_key_is_refused(void)
{
	uint8_t zero[REED_DNS_SEED_SIZE] = { 0 };
	struct reed_dns_zone_key *key;

	check_int(reed_dns_zone_key_make(REED_DNS_ECDSAP256, BOTH, zero, &key), REED_ERANGE);
	check_int(reed_dns_zone_key_make(REED_DNS_RSASHA256, BOTH, zero, &key), REED_ENOTSUP);
	check_int(reed_dns_zone_key_read(REED_STR("\1\1\3\15short"), &key), REED_EPROTO);
	check_int(reed_dns_zone_key_read(REED_STR("\1\1\2\17"), &key), REED_EPROTO);
	check_int(reed_dns_zone_key_read(REED_STR("\1\1\3\1abc"), &key), REED_ENOTSUP);
	check_int(reed_dns_zone_key_read(REED_STR("\1\1\3\10\1\3abc"), &key), REED_EPROTO);
}

/* ---- zones ---- */

static struct reed_dns_zone *sign(const struct reed_dns_zone *zone,
                                  const struct reed_dns_zone *before,
                                  const struct reed_dns_zone_key *key, struct reed_dns_signing how,
                                  struct reed_dns_signed *facts)
{
	struct reed_dns_signing_key k = { key, true, true, true, true, false };
	struct reed_dns_zone *out;

	how.size = sizeof(how);
	how.keys = &k;
	how.count = 1;
	how.serial = how.serial ? how.serial : 2;
	facts->size = sizeof(*facts);
	check_int(reed_dns_zone_sign(zone, before, &how, &out, facts, NULL), REED_OK);
	return out;
}

static void only_what_has_changed_is_signed_again(void)
{
	struct reed_dns_zone_key *key = key_of(REED_DNS_ED25519, 1),
				 *next = key_of(REED_DNS_ED25519, 2);
	struct reed_dns_signing how = { .now = NOW, .nsec3 = true };
	struct reed_dns_zone *plain = zone_of(text), *more, *first, *second;
	struct reed_dns_signed facts;
	char *longer = reed_sprintf("%snew A 192.0.2.9\n", text);

	first = sign(plain, NULL, key, how, &facts);
	check_int(facts.kept, 0);
	check(facts.made > 10);
	check_int(facts.refresh, NOW + 7 * DAY);
	check_int(facts.ttl_most, 3600); /* of DNSKEY */
	how.serial = 3;
	second = sign(first, first, key, how, &facts);
	check_int(facts.made, 1); /* the SOA record */
	reed_dns_zone_release(second);
	more = zone_of(longer);
	second = sign(more, first, key, how, &facts);
	check_int(facts.made, 4); /* SOA, A, its NSEC3 and the one before that */
	reed_dns_zone_release(second);
	how.now = NOW + 7 * DAY;
	second = sign(first, first, key, how, &facts);
	check_int(facts.kept, 0);
	reed_dns_zone_release(second);
	how.now = NOW;
	second = sign(first, first, next, how, &facts);
	check_int(facts.kept, 0);
	reed_dns_zone_release(second);
	reed_dns_zone_release(first);
	reed_dns_zone_release(more);
	reed_dns_zone_release(plain);
	reed_dns_zone_key_free(key);
	reed_dns_zone_key_free(next);
	reed_free(longer);
}

static void signatures_do_not_expire_all_at_once(void)
{
	struct reed_dns_zone_key *key = key_of(REED_DNS_ED25519, 1);
	struct reed_dns_signing how = { .now = NOW, .jitter = 2 * DAY, .seed = 5 };
	struct reed_dns_zone *plain = zone_of(text), *first, *second;
	struct reed_dns_signed facts, again;

	first = sign(plain, NULL, key, how, &facts);
	check(facts.refresh >= NOW + 5 * DAY && facts.refresh < NOW + 7 * DAY);
	how.now = facts.refresh;
	how.serial = 3;
	second = sign(first, first, key, how, &again);
	check(again.made >= 2 && again.made < facts.made);
	check_int(again.made + again.kept, facts.made);
	reed_dns_zone_release(first);
	reed_dns_zone_release(second);
	reed_dns_zone_release(plain);
	reed_dns_zone_key_free(key);
}

static void a_key_that_is_not_published_signs_nothing(void)
{
	struct reed_dns_zone_key *key = key_of(REED_DNS_ED25519, 1);
	struct reed_dns_signing_key k = { key, false, true, true, false, false };
	struct reed_dns_signing how = { REED_DNS_SIGNING, .keys = &k, .count = 1, .now = NOW };
	struct reed_dns_zone *plain = zone_of(text), *out;
	struct reed_fault *fault = NULL;

	check_int(reed_dns_zone_sign(plain, NULL, &how, &out, NULL, &fault), REED_EINVAL);
	check(!out && strstr(fault->sentence, "not published"));
	reed_fault_free(fault);
	how.count = 0;
	check_int(reed_dns_zone_sign(plain, NULL, &how, &out, NULL, NULL), REED_EINVAL);
	reed_dns_zone_release(plain);
	reed_dns_zone_key_free(key);
}

static size_t count_of(const struct reed_dns_zone *zone, const char *at, uint16_t type)
{
	struct reed_dns_name name = name_of(at);
	const struct dns_node *node = dns_zone_find(zone, name.wire);
	const struct dns_rrset *set = node ? dns_node_set(node, type) : NULL;

	return set ? set->count : 0;
}

static void keys_of_others_in_the_zone_count_for_nothing(void)
{
	struct reed_dns_zone_key *key = key_of(REED_DNS_ED25519, 1),
				 *next = key_of(REED_DNS_ED25519, 2);
	struct reed_dns_signing how = { .now = NOW };
	struct reed_dns_zone *plain = zone_of(text), *first, *second;
	struct reed_dns_signed facts;

	first = sign(plain, NULL, key, how, &facts);
	how.nsec3 = how.unsign = true;
	second = sign(first, first, next, how, &facts);
	check_int(count_of(second, "example.org", REED_DNS_TYPE_DNSKEY), 1);
	check_int(count_of(second, "example.org", REED_DNS_TYPE_CDS), 1);
	check_int(count_of(second, "www.example.org", REED_DNS_TYPE_NSEC), 0);
	check_int(count_of(first, "www.example.org", REED_DNS_TYPE_NSEC), 1);
	check_int(count_of(first, "ns.sub.example.org", REED_DNS_TYPE_NSEC), 0);
	check_int(count_of(first, "b.c.example.org", REED_DNS_TYPE_NSEC), 0);
	reed_dns_zone_release(first);
	reed_dns_zone_release(second);
	reed_dns_zone_release(plain);
	reed_dns_zone_key_free(key);
	reed_dns_zone_key_free(next);
}

int main(void)
{
	RUN(ed25519_is_that_of_its_rfc);
	RUN(a_signature_is_of_its_records_and_its_key);
	RUN(what_is_no_key_is_refused);
	RUN(only_what_has_changed_is_signed_again);
	RUN(signatures_do_not_expire_all_at_once);
	RUN(a_key_that_is_not_published_signs_nothing);
	RUN(keys_of_others_in_the_zone_count_for_nothing);
	return 0;
}
