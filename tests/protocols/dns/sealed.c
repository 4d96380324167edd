#include "sealed.h"

#include "check.h"
#include "reed/alloc.h"
#include "reed/dns/rdata.h"

static struct reed_dns_name name_at(const char *text)
{
	struct reed_dns_name name;

	check_int(reed_dns_name_parse(reed_slice_of(text), NULL, &name), REED_OK);
	return name;
}

struct reed_dns_zone_key *sealed_key(uint8_t number)
{
	uint8_t seed[REED_DNS_SEED_SIZE] = { 9, number };
	struct reed_dns_zone_key *key;

	check_int(reed_dns_zone_key_make(number & 1 ? REED_DNS_ED25519 : REED_DNS_ECDSAP256,
	                                 REED_DNS_KEY_ZONE | REED_DNS_KEY_SEP, seed, &key),
	          REED_OK);
	return key;
}

static struct reed_dns_zone *seal(const struct reed_dns_zone *plain, const struct sealed *spec)
{
	struct reed_dns_zone_key *key = sealed_key(spec->key);
	struct reed_dns_signing_key k = { .key = key,
		                          .published = true,
		                          .signs_keys = true,
		                          .signs_zone = true };
	struct reed_dns_signing how = { REED_DNS_SIGNING,
		                        .keys = &k,
		                        .count = 1,
		                        .now = spec->now,
		                        .nsec3 = spec->nsec3,
		                        .opt_out = spec->opt_out,
		                        .iterations = spec->iterations,
		                        .serial = 2 };
	struct reed_dns_zone *made;

	check_int(reed_dns_zone_sign(plain, NULL, &how, &made, NULL, NULL), REED_OK);
	reed_dns_zone_key_free(key);
	return made;
}

struct reed_dns_zone *sealed_zone(const struct sealed *spec)
{
	struct reed_dns_name name = name_at(spec->name);
	struct reed_dns_zone *plain, *made;
	struct reed_fault *fault = NULL;

	if (reed_dns_zone_parse(reed_slice_of(spec->text), spec->name, &name, &plain, &fault))
		fprintf(stderr, "%s\n", fault->sentence);
	check(!fault);
	if (!spec->key)
		return plain;
	made = seal(plain, spec);
	reed_dns_zone_release(plain);
	return made;
}

char *sealed_ds(const char *name, uint8_t number)
{
	struct reed_dns_name owner = name_at(name);
	struct reed_dns_zone_key *key = sealed_key(number);
	uint8_t room[REED_DNS_DS_MAX];
	struct reed_buf text = { 0 };
	struct reed_slice ds;

	check_int(reed_dns_ds_make(&owner, reed_dns_zone_key_rdata(key), REED_DNS_DIGEST_SHA256,
	                           room, &ds),
	          REED_OK);
	reed_dns_print_record(&owner, 300, REED_DNS_CLASS_IN, REED_DNS_TYPE_DS, ds, &text);
	reed_dns_zone_key_free(key);
	return reed_buf_take(&text);
}
