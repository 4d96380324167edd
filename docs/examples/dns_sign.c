/*
 * Signs a zone file with a new key and prints it, with the DS record for the parent as
 * a comment:
 *
 *	dns_sign example.org FILE [nsec3 | opt-out] [ed25519]
 *
 * Nothing here waits for anybody: a server does this in a thread (reed/offload.h).
 */

#include <reed/dns/rdata.h>
#include <reed/dns/sign.h>
#include <reed/loop.h>
#include <reed/random.h>

static enum reed_err print(void *arg, const struct reed_dns_zone_record *r)
{
	struct reed_buf *out = arg;

	reed_dns_print_record(r->owner, r->ttl, r->klass, r->type, r->rdata, out);
	reed_buf_add_char(out, '\n');
	return out->err;
}

static void print_ds(const struct reed_dns_name *name, const struct reed_dns_zone_key *key,
                     struct reed_buf *out)
{
	uint8_t room[REED_DNS_DS_MAX];
	struct reed_slice ds;

	reed_dns_ds_make(name, reed_dns_zone_key_rdata(key), REED_DNS_DIGEST_SHA256, room, &ds);
	reed_buf_add_str(out, "; ");
	reed_dns_print_record(name, 3600, REED_DNS_CLASS_IN, REED_DNS_TYPE_DS, ds, out);
	reed_buf_add_char(out, '\n');
}

static struct reed_dns_zone_key *make_key(struct reed_loop *loop, unsigned algorithm)
{
	struct reed_dns_zone_key *key;
	uint8_t seed[REED_DNS_SEED_SIZE];

	do
		reed_random_bytes(loop, seed, sizeof(seed));
	while (reed_dns_zone_key_make(algorithm, REED_DNS_KEY_ZONE | REED_DNS_KEY_SEP, seed, &key));
	return key;
}

static bool has_word(char **words, const char *word)
{
	while (*words && strcmp(*words, word) != 0)
		words++;
	return *words != NULL;
}

static enum reed_err sign(struct reed_loop *loop, const struct reed_dns_zone *zone, char **words,
                          struct reed_buf *out, struct reed_fault **fault)
{
	unsigned algorithm = has_word(words, "ed25519") ? REED_DNS_ED25519 : REED_DNS_ECDSAP256;
	struct reed_dns_zone_key *made_key = make_key(loop, algorithm);
	struct reed_dns_signing_key key = {
		.key = made_key,
		.published = true,
		.signs_keys = true,
		.signs_zone = true,
	};
	struct reed_dns_zone_facts facts = { .size = sizeof(facts) };
	struct reed_dns_signing how = { REED_DNS_SIGNING, .keys = &key, .count = 1 };
	struct reed_dns_zone *made;
	enum reed_err err;

	reed_dns_zone_facts(zone, &facts);
	how.now = (uint32_t)(reed_wall(loop) / 1000000000);
	how.serial = facts.serial + 1;
	how.opt_out = has_word(words, "opt-out");
	how.nsec3 = how.opt_out || has_word(words, "nsec3");
	err = reed_dns_zone_sign(zone, NULL, &how, &made, NULL, fault);
	if (!err) {
		print_ds(facts.name, key.key, out);
		err = reed_dns_zone_each(made, print, out);
	}
	reed_dns_zone_release(made);
	reed_dns_zone_key_free(made_key);
	return err;
}

int main(int argc, char **argv)
{
	struct reed_fault *fault = NULL;
	struct reed_dns_zone *zone = NULL;
	struct reed_buf out = { 0 };
	struct reed_dns_name name;
	struct reed_loop *loop;
	enum reed_err err;

	if (argc < 3 || reed_dns_name_parse(reed_slice_of(argv[1]), NULL, &name)) {
		fprintf(stderr, "usage: dns_sign ZONE FILE [nsec3 | opt-out] [ed25519]\n");
		return 2;
	}
	if (reed_loop_new(NULL, &loop))
		return 1;
	err = reed_dns_zone_load(argv[2], &name, &zone, &fault);
	if (!err)
		err = sign(loop, zone, argv + 3, &out, &fault);
	fwrite(reed_buf_slice(&out).p, 1, reed_buf_held(&out), stdout);
	if (err)
		fprintf(stderr, "%s\n", reed_fault_why(fault, err));
	reed_buf_finish(&out);
	reed_fault_free(fault);
	reed_dns_zone_release(zone);
	reed_loop_free(loop);
	return err ? 1 : 0;
}
