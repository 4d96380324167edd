/*
 * The validator, against zones signed here and answers that were tampered with; with
 * arguments against a zone file that somebody else has signed:
 *
 *	dns.validate NAME FILE
 */

#include "check.h"
#include "reed/alloc.h"
#include "reed/dns/build.h"
#include "reed/dns/edns.h"
#include "reed/dns/server.h"
#include "reed/dns/validate.h"
#include "reed/random.h"

#include "protocols/dns/item.h"
#include "sealed.h"
#include "names.h"

enum { NOW = 1700000000, ANSWER = 65535 };

/* A server with all zones, and a validator that asks it. */
struct world {
	struct reed_loop *loop;
	struct reed_dns_server *server;
	struct reed_dns_validator *v;
	int64_t now;
	unsigned asked;
	uint16_t spoilt; /* answers of this type are lied about */
};

static struct world world;

static size_t ask_server(const struct reed_dns_name *name, uint16_t type, uint8_t *into)
{
	static const struct reed_dns_edns edns = { .udp_size = 4096, .flags = REED_DNS_DO };
	uint8_t query[512];
	struct reed_dns_builder b;
	struct reed_slice q;
	struct reed_address client = { 0 };

	reed_dns_build(&b, query, sizeof(query));
	reed_dns_build_header(&b, 7, REED_DNS_CD);
	reed_dns_build_question(&b, name, type, REED_DNS_CLASS_IN);
	reed_dns_build_opt(&b, &edns);
	reed_dns_build_opt_end(&b);
	check_int(reed_dns_build_end(&b, &q), REED_OK);
	return reed_dns_server_ask(world.server, REED_DNS_TCP, &client, q, into, ANSWER);
}

static struct reed_future *ask(void *arg, const struct reed_dns_name *name, uint16_t type,
                               struct reed_buf *message)
{
	uint8_t *into = reed_alloc_raw(ANSWER);
	size_t n = ask_server(name, type, into);

	check(arg == &world);
	world.asked++;
	if (world.spoilt == type)
		into[n / 2] ^= 1;
	reed_buf_add(message, reed_slice(into, n));
	reed_free(into);
	return reed_ready(world.loop, REED_OK);
}

static int64_t clock_of(void *arg)
{
	return ((struct world *)arg)->now * 1000000000;
}

static void begin(void)
{
	struct reed_dns_server_options options = REED_DNS_SERVER_OPTIONS;
	struct reed_dns_validator_options o = { REED_DNS_VALIDATOR_OPTIONS, .ask = ask,
		                                .arg = &world, .clock = clock_of };

	world = (struct world){ .now = NOW };
	check_int(reed_loop_new(NULL, &world.loop), REED_OK);
	world.server = reed_dns_server_new(world.loop, &options);
	world.v = reed_dns_validator_new(world.loop, &o);
}

static void end(void)
{
	reed_dns_validator_free(world.v);
	reed_dns_server_free(world.server);
	reed_loop_free(world.loop);
}

static struct reed_dns_verdict judge(const void *bytes, size_t n)
{
	struct reed_dns_verdict verdict = { 0 };

	check_int(reed_loop_run_until(world.loop,
	                              reed_dns_validate(world.v, reed_slice(bytes, n), &verdict),
	                              NULL),
	          REED_OK);
	return verdict;
}

static struct reed_dns_verdict look(const char *name, uint16_t type)
{
	struct reed_dns_name at = name_of(name);
	uint8_t *into = reed_alloc_raw(ANSWER);
	size_t n = ask_server(&at, type, into);
	struct reed_dns_verdict verdict = judge(into, n);

	reed_free(into);
	return verdict;
}

#define check_security(name, type, wanted)                                                     \
	do {                                                                                   \
		struct reed_dns_verdict verdict_ = look(name, type);                           \
		if (verdict_.security != (wanted))                                             \
			printf("%s: %s %s\n", name, reed_dns_security_name(verdict_.security), \
			       verdict_.why);                                                  \
		check_int(verdict_.security, wanted);                                          \
	} while (0)

/* ---- zones signed here ---- */

static void put(const char *name, const char *text, bool nsec3, bool opt_out, uint8_t key)
{
	const struct sealed spec = { name, text, nsec3, opt_out, key, NOW, 0 };

	reed_dns_server_put(world.server, sealed_zone(&spec), NULL);
}

static void trust(const char *name, uint8_t number)
{
	struct reed_dns_name zone = name_of(name);
	struct reed_dns_zone_key *key = sealed_key(number);

	check_int(reed_dns_validator_trust(world.v, &zone, REED_DNS_TYPE_DNSKEY,
	                                   reed_dns_zone_key_rdata(key)),
	          REED_OK);
	reed_dns_zone_key_free(key);
}

#define HEAD "$TTL 300\n@ SOA ns a 1 2 3 4 60\n@ NS ns\nns A 192.0.2.1\n"

static const char child[] = HEAD "www A 192.0.2.2\n*.w TXT a\na.b.c TXT b\nal CNAME www\n"
				 "far CNAME www.plain.org.\nd DNAME other\nx.other A 192.0.2.8\n"
				 "lost CNAME nowhere\ndots.w A 192.0.2.9\n";

static void put_tree(bool nsec3, bool opt_out)
{
	char *good = sealed_ds("example.org", 2), *wrong = sealed_ds("wrong.org", 9);
	char *text = reed_sprintf(HEAD "%s\nexample NS ns.example\nns.example A 192.0.2.1\n"
	                               "plain NS ns.plain\nns.plain A 192.0.2.1\n"
	                               "wrong NS ns.wrong\nns.wrong A 192.0.2.1\n%s\n"
	                               "late NS ns.late\nns.late A 192.0.2.1\n"
	                               "strange NS ns.strange\nns.strange A 192.0.2.1\n"
	                               "strange DS 1 253 2 00112233\n",
	                          good, wrong);

	put("org", text, nsec3, opt_out, 1);
	put("example.org", child, nsec3, false, 2);
	put("wrong.org", child, nsec3, false, 3);
	put("strange.org", child, nsec3, false, 5);
	put("plain.org", HEAD "www A 192.0.2.3\n", false, false, 0);
	trust("org", 1);
	reed_free(good);
	reed_free(wrong);
	reed_free(text);
}

static void each_kind_of_denial(void (*test)(void))
{
	for (int i = 0; i < 3; i++) {
		begin();
		put_tree(i > 0, i > 1);
		test();
		end();
	}
}

static void what_is_signed_all_the_way_is_secure(void)
{
	check_security("www.example.org", REED_DNS_TYPE_A, REED_DNS_SECURE);
	check_security("example.org", REED_DNS_TYPE_SOA, REED_DNS_SECURE);
	check_security("example.org", REED_DNS_TYPE_DNSKEY, REED_DNS_SECURE);
	check_security("example.org", REED_DNS_TYPE_DS, REED_DNS_SECURE);
	check_security("al.example.org", REED_DNS_TYPE_A, REED_DNS_SECURE);
	check_security("x.d.example.org", REED_DNS_TYPE_A, REED_DNS_SECURE);
	check_security("any.w.example.org", REED_DNS_TYPE_TXT, REED_DNS_SECURE);
	check_security("any.thing.w.example.org", REED_DNS_TYPE_TXT, REED_DNS_SECURE);
}

static void what_is_not_there_is_proven(void)
{
	check_security("nx.example.org", REED_DNS_TYPE_A, REED_DNS_SECURE);
	check_security("a.nx.example.org", REED_DNS_TYPE_A, REED_DNS_SECURE);
	check_security("www.example.org", REED_DNS_TYPE_AAAA, REED_DNS_SECURE);
	check_security("b.c.example.org", REED_DNS_TYPE_A, REED_DNS_SECURE);
	check_security("any.w.example.org", REED_DNS_TYPE_A, REED_DNS_SECURE);
	check_security("lost.example.org", REED_DNS_TYPE_A, REED_DNS_SECURE);
	check_security("x.dots.w.example.org", REED_DNS_TYPE_TXT, REED_DNS_SECURE);
	check_security("example.org", REED_DNS_TYPE_MX, REED_DNS_SECURE);
	check_security("www.example.org", REED_DNS_TYPE_DS, REED_DNS_SECURE);
}

static void what_is_not_signed_is_insecure(void)
{
	check_security("www.plain.org", REED_DNS_TYPE_A, REED_DNS_INSECURE);
	check_security("nx.plain.org", REED_DNS_TYPE_A, REED_DNS_INSECURE);
	check_security("far.example.org", REED_DNS_TYPE_A, REED_DNS_INSECURE);
	check_security("www.strange.org", REED_DNS_TYPE_A, REED_DNS_INSECURE);
	check_security("www.wrong.org", REED_DNS_TYPE_A, REED_DNS_BOGUS);
	check_security("nx.wrong.org", REED_DNS_TYPE_A, REED_DNS_BOGUS);
}

static void verified_keys_are_asked_for_once(void)
{
	unsigned asked;

	look("www.example.org", REED_DNS_TYPE_A);
	check_int(world.asked, 3); /* the keys of both, and the DS */
	asked = world.asked;
	look("al.example.org", REED_DNS_TYPE_A);
	check_int(world.asked, asked);
	world.now += 3601;
	look("www.example.org", REED_DNS_TYPE_A);
	check(world.asked > asked);
}

static void time_makes_signatures_bogus(void)
{
	struct reed_dns_verdict verdict;

	check(look("www.example.org", REED_DNS_TYPE_A).ttl_most == 300);
	world.now += 15 * 86400;
	verdict = look("www.example.org", REED_DNS_TYPE_A);
	check_int(verdict.security, REED_DNS_BOGUS);
	world.now -= 16 * 86400;
	verdict = look("www.example.org", REED_DNS_TYPE_A);
	check_int(verdict.security, REED_DNS_BOGUS);
}

static void who_lies_about_keys_is_found_out(void)
{
	static const uint16_t types[] = { REED_DNS_TYPE_DS, REED_DNS_TYPE_DNSKEY };

	for (size_t i = 0; i < 2; i++) {
		world.spoilt = types[i];
		reed_dns_validator_flush(world.v);
		check(look("www.example.org", REED_DNS_TYPE_A).security != REED_DNS_SECURE);
		check(look("www.plain.org", REED_DNS_TYPE_A).security != REED_DNS_SECURE);
	}
}

static void no_anchor_no_judgement(void)
{
	struct reed_dns_name name = name_of("example.org");

	put("net", HEAD "www A 192.0.2.3\n", false, false, 0);
	check_security("www.net", REED_DNS_TYPE_A, REED_DNS_INDETERMINATE);
	reed_dns_validator_distrust(world.v, &name);
	check_security("www.example.org", REED_DNS_TYPE_A, REED_DNS_INSECURE);
}

/* ---- answers that were tampered with ---- */

static struct reed_dns_verdict judge_changed(const uint8_t *bytes, size_t n, size_t at, uint8_t x)
{
	uint8_t *copy = reed_alloc_raw(n);
	struct reed_dns_verdict verdict;

	memcpy(copy, bytes, n);
	copy[at] ^= x;
	verdict = judge(copy, n);
	reed_free(copy);
	return verdict;
}

/*
 * A byte of a name that is asked for, of a TTL (which may be lower) and of what nobody
 * looks at may change; never is an answer secure whose data is not what it was.
 */
static void not_a_bit_of_a_secure_answer_may_change(void)
{
	struct reed_dns_name name = name_of("www.example.org");
	uint8_t *bytes = reed_alloc_raw(ANSWER);
	size_t n = ask_server(&name, REED_DNS_TYPE_A, bytes), question = 12 + 17 + 4, kept = 0;

	check_int(judge(bytes, n).security, REED_DNS_SECURE);
	for (size_t at = question + 12; at < question + 16; at++) /* the address */
		check_int(judge_changed(bytes, n, at, 1).security, REED_DNS_BOGUS);
	for (size_t at = question + 16 + 12 + 18; at < question + 16 + 12 + 18 + 64; at++)
		kept += judge_changed(bytes, n, at, 0x10).security == REED_DNS_SECURE;
	check_int(kept, 0); /* the signer's name and the signature */
	reed_free(bytes);
}

/* Records of one section go. */
static size_t without(uint8_t *bytes, size_t n, enum reed_dns_section section)
{
	struct reed_dns_message m;
	size_t from, to;

	check_int(reed_dns_message_parse(reed_slice(bytes, n), &m), REED_OK);
	from = m.starts[section];
	to = section == REED_DNS_AUTHORITY ? m.starts[REED_DNS_ADDITIONAL] : m.starts[section + 1];
	memmove(bytes + from, bytes + to, n - to);
	dns_put16(bytes + 4 + 2 * section, 0);
	return n - (to - from);
}

static void what_was_cut_out_is_missed(void)
{
	static const char *const names[] = { "nx.example.org", "any.w.example.org",
		                             "www.example.org", "b.c.example.org" };
	uint8_t *bytes = reed_alloc_raw(ANSWER);

	for (size_t i = 0; i < REED_COUNT(names); i++) {
		struct reed_dns_name name = name_of(names[i]);
		uint16_t type = i == 1 ? REED_DNS_TYPE_TXT : REED_DNS_TYPE_AAAA;
		size_t n = ask_server(&name, type, bytes);

		check_int(judge(bytes, n).security, REED_DNS_SECURE);
		n = without(bytes, n, REED_DNS_AUTHORITY);
		check_int(judge(bytes, n).security, REED_DNS_BOGUS);
	}
	reed_free(bytes);
}

/* NXDOMAIN said of a name that is there, with the proofs of another. */
static void a_proof_of_another_name_proves_nothing(void)
{
	struct reed_dns_name other = name_of("nx1.example.org");
	static const char *const victims[] = { "www", "al_", "ns_", "any" };
	uint8_t *bytes = reed_alloc_raw(ANSWER);
	size_t n = ask_server(&other, REED_DNS_TYPE_A, bytes);

	check_int(judge(bytes, n).security, REED_DNS_SECURE);
	memcpy(bytes + 13, victims[0], 3); /* the letters of the question */
	check_int(judge(bytes, n).security, REED_DNS_BOGUS);
	reed_free(bytes);
}

/* ---- KeyTrap ---- */

static void keys_of_one_tag_and_many_signatures_cost_little(void)
{
	struct reed_dns_name name = name_of("www.example.org"), zone = name_of("example.org");
	struct reed_dns_builder b;
	uint8_t *bytes = reed_alloc_raw(ANSWER), sig[REED_DNS_RRSIG_MAX];
	struct reed_dns_zone_key *key = sealed_key(2);
	struct reed_slice rrsig, message, address = reed_slice("\1\2\3\4", 4);
	struct reed_dns_rrset set = { &name, REED_DNS_TYPE_A, 60, &address, 1 };

	check_int(reed_dns_rrset_sign(&set, key, &zone, NOW - 9, NOW + 99, sig, &rrsig), REED_OK);
	reed_dns_build(&b, bytes, ANSWER);
	reed_dns_build_header(&b, 7, REED_DNS_QR);
	reed_dns_build_question(&b, &name, REED_DNS_TYPE_A, REED_DNS_CLASS_IN);
	reed_dns_build_record(&b, REED_DNS_ANSWER, &name, REED_DNS_TYPE_A, REED_DNS_CLASS_IN, 60,
	                      address);
	for (unsigned i = 0; i < 200; i++) {
		sig[rrsig.n - 1] ^= (uint8_t)(i + 1);
		reed_dns_build_record(&b, REED_DNS_ANSWER, &name, REED_DNS_TYPE_RRSIG,
		                      REED_DNS_CLASS_IN, 60, rrsig);
		sig[rrsig.n - 1] ^= (uint8_t)(i + 1);
	}
	reed_dns_build_record(&b, REED_DNS_ANSWER, &name, REED_DNS_TYPE_RRSIG, REED_DNS_CLASS_IN,
	                      60, rrsig); /* the right one, behind too many */
	check_int(reed_dns_build_end(&b, &message), REED_OK);
	check_int(judge(message.p, message.n).security, REED_DNS_BOGUS);
	reed_dns_zone_key_free(key);
	reed_free(bytes);
}

/* ---- zones of others ---- */

static enum reed_err look_at(void *arg, const struct reed_dns_zone_record *r)
{
	const struct dns_node *node = dns_zone_find(arg, r->owner->wire);
	char text[REED_DNS_NAME_TEXT_SIZE];
	struct reed_dns_name below;

	if (r->type == REED_DNS_TYPE_RRSIG || r->type == REED_DNS_TYPE_NSEC3 || node->cut)
		return REED_OK;
	reed_dns_name_format(r->owner, text);
	check_security(text, r->type, REED_DNS_SECURE);
	check_security(text, REED_DNS_TYPE_HINFO, REED_DNS_SECURE);
	if (reed_dns_name_prepend(REED_STR("no-such"), r->owner, &below))
		return REED_OK;
	reed_dns_name_format(&below, text);
	check(look(text, REED_DNS_TYPE_A).security != REED_DNS_BOGUS);
	return REED_OK;
}

static int judge_file(const char *origin, const char *file)
{
	struct reed_dns_name name = name_of(origin);
	struct reed_dns_zone *zone;
	struct dns_item key;
	struct reed_buf keys = { 0 };
	struct reed_slice rest;

	begin();
	world.now = reed_wall(world.loop) / 1000000000;
	check_int(reed_dns_zone_load(file, &name, &zone, NULL), REED_OK);
	dns_rrset_each(zone, zone->apex, dns_node_set(zone->apex, REED_DNS_TYPE_DNSKEY),
	               dns_item_keep, &keys);
	rest = reed_buf_slice(&keys);
	while (dns_item_next(&rest, &key))
		if (key.type == REED_DNS_TYPE_DNSKEY && (key.rdata.p[1] & REED_DNS_KEY_SEP))
			check_int(reed_dns_validator_trust(world.v, &name, key.type, key.rdata),
			          REED_OK);
	reed_dns_server_put(world.server, reed_dns_zone_share(zone), NULL);
	check_security(origin, REED_DNS_TYPE_SOA, REED_DNS_SECURE);
	reed_dns_zone_each(zone, look_at, zone);
	reed_dns_zone_release(zone);
	reed_buf_finish(&keys);
	end();
	return 0;
}

#define EACH(test)                         \
	do {                               \
		each_kind_of_denial(test); \
		puts("ok " #test);         \
	} while (0)

int main(int argc, char **argv)
{
	if (argc == 3)
		return judge_file(argv[1], argv[2]);
	EACH(what_is_signed_all_the_way_is_secure);
	EACH(what_is_not_there_is_proven);
	EACH(what_is_not_signed_is_insecure);
	EACH(verified_keys_are_asked_for_once);
	EACH(time_makes_signatures_bogus);
	EACH(who_lies_about_keys_is_found_out);
	EACH(no_anchor_no_judgement);
	EACH(not_a_bit_of_a_secure_answer_may_change);
	EACH(what_was_cut_out_is_missed);
	EACH(a_proof_of_another_name_proves_nothing);
	EACH(keys_of_one_tag_and_many_signatures_cost_little);
	return 0;
}
