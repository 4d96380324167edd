/* TSIG: who signs, who looks, and what is wrong with signatures. */

#include "check.h"
#include "reed/alloc.h"
#include "reed/base64.h"
#include "reed/dns/build.h"
#include "reed/dns/tsig.h"

enum { ROOM = 2048, NOW = 1700000000 };

struct pair {
	struct reed_dns_keys *keys;
	struct reed_dns_key key;
	struct reed_dns_tsig asks, answers;
	uint8_t p[ROOM];
	size_t n;
	struct reed_dns_message m;
};

static struct reed_dns_key key_of(const char *name, enum reed_dns_hmac hmac, const char *secret)
{
	struct reed_dns_key key;

	check_int(reed_dns_key_parse(name, hmac, reed_slice_of(secret), &key, NULL), REED_OK);
	return key;
}

static void open_pair(struct pair *p, enum reed_dns_hmac hmac)
{
	memset(p, 0, sizeof(*p));
	p->keys = reed_dns_keys_new();
	p->key = key_of("Key.example", hmac, "c2VjcmV0IG9mIHR3bw==");
	check_int(reed_dns_keys_add(p->keys, &p->key, true), REED_OK);
	reed_dns_tsig_begin(&p->asks, &p->key);
}

static void close_pair(struct pair *p)
{
	reed_dns_tsig_finish(&p->asks);
	reed_dns_tsig_finish(&p->answers);
	reed_dns_keys_free(p->keys);
}

static void build(struct pair *p, uint16_t flags)
{
	struct reed_dns_builder b;
	struct reed_dns_name name;
	struct reed_slice message;

	reed_dns_name_parse(REED_STR("example.org"), NULL, &name);
	reed_dns_build(&b, p->p, ROOM);
	reed_dns_build_header(&b, 4711, flags);
	reed_dns_build_question(&b, &name, REED_DNS_TYPE_SOA, REED_DNS_CLASS_IN);
	check_int(reed_dns_build_end(&b, &message), REED_OK);
	p->n = message.n;
}

static void parse(struct pair *p)
{
	check_int(reed_dns_message_parse(reed_slice(p->p, p->n), &p->m), REED_OK);
}

static void ask(struct pair *p, uint64_t now)
{
	build(p, 0);
	check_int(reed_dns_tsig_sign(&p->asks, p->p, &p->n, ROOM, now), REED_OK);
	parse(p);
	check(p->m.tsig != 0);
}

static void answer(struct pair *p, uint64_t now)
{
	build(p, REED_DNS_QR);
	check_int(reed_dns_tsig_sign(&p->answers, p->p, &p->n, ROOM, now), REED_OK);
	parse(p);
}

static void a_signed_query_and_each_message_of_its_answer_are_taken(void)
{
	static const enum reed_dns_hmac all[] = { REED_DNS_HMAC_SHA256, REED_DNS_HMAC_SHA384,
		                                  REED_DNS_HMAC_SHA512, REED_DNS_HMAC_SHA1 };
	struct pair p;

	for (size_t i = 0; i < REED_COUNT(all); i++) {
		open_pair(&p, all[i]);
		ask(&p, NOW);
		check_int(reed_dns_tsig_take(&p.answers, p.keys, &p.m, NOW + 10), 0);
		check(p.answers.good);
		for (int k = 0; k < 3; k++) {
			answer(&p, NOW + 10);
			check_int(reed_dns_tsig_check(&p.asks, &p.m, NOW + 20), REED_OK);
		}
		close_pair(&p);
	}
}

static void every_byte_of_a_query_is_signed(void)
{
	struct reed_dns_tsig taken;
	struct reed_dns_message m;
	struct pair p;

	open_pair(&p, REED_DNS_HMAC_SHA256);
	ask(&p, NOW);
	for (size_t i = 0; i < p.n; i++) {
		/* the id that counts is in the record, and bit 5 of a letter is its case */
		if (i < 2)
			continue;
		p.p[i] ^= 1;
		if (!reed_dns_message_parse(reed_slice(p.p, p.n), &m) && m.tsig) {
			check(reed_dns_tsig_take(&taken, p.keys, &m, NOW) != 0);
			check(!taken.good);
			reed_dns_tsig_finish(&taken);
		}
		p.p[i] ^= 1;
	}
	close_pair(&p);
}

static void a_message_of_an_answer_that_is_left_out_is_noticed(void)
{
	struct pair p;

	open_pair(&p, REED_DNS_HMAC_SHA256);
	ask(&p, NOW);
	check_int(reed_dns_tsig_take(&p.answers, p.keys, &p.m, NOW), 0);
	answer(&p, NOW);
	check_int(reed_dns_tsig_check(&p.asks, &p.m, NOW), REED_OK);
	answer(&p, NOW);
	answer(&p, NOW);
	check_int(reed_dns_tsig_check(&p.asks, &p.m, NOW), REED_EAUTH);
	check_int(p.asks.error, REED_DNS_RCODE_BADSIG);
	close_pair(&p);
}

static void messages_between_those_that_are_signed_count_too_and_are_99_at_most(void)
{
	struct pair p;

	open_pair(&p, REED_DNS_HMAC_SHA256);
	ask(&p, NOW);
	check_int(reed_dns_tsig_take(&p.answers, p.keys, &p.m, NOW), 0);
	build(&p, REED_DNS_QR);
	parse(&p);
	check_int(reed_dns_tsig_check(&p.asks, &p.m, NOW), REED_EAUTH); /* the first has to be */
	answer(&p, NOW);
	p.asks.unsigned_count = 0;
	check_int(reed_dns_tsig_check(&p.asks, &p.m, NOW), REED_OK);
	build(&p, REED_DNS_QR);
	parse(&p);
	for (int i = 0; i < 99; i++)
		check_int(reed_dns_tsig_check(&p.asks, &p.m, NOW), REED_OK);
	check_int(p.asks.unsigned_count, 99);
	check_int(reed_dns_tsig_check(&p.asks, &p.m, NOW), REED_EAUTH);
	close_pair(&p);
}

static void a_clock_that_is_off_is_told_ours_in_an_answer_that_is_signed(void)
{
	struct pair p;

	open_pair(&p, REED_DNS_HMAC_SHA256);
	ask(&p, NOW);
	check_int(reed_dns_tsig_take(&p.answers, p.keys, &p.m, NOW + 301), REED_DNS_RCODE_NOTAUTH);
	check_int(p.answers.error, REED_DNS_RCODE_BADTIME);
	check(!p.answers.good);
	answer(&p, NOW + 301);
	check_int(reed_dns_tsig_check(&p.asks, &p.m, NOW), REED_EAUTH);
	check_int(p.asks.error, REED_DNS_RCODE_BADTIME);
	close_pair(&p);
}

static void who_has_another_secret_or_name_is_answered_without_a_signature(void)
{
	struct reed_dns_key other = key_of("other", REED_DNS_HMAC_SHA256, "c2VjcmV0");
	struct pair p;

	open_pair(&p, REED_DNS_HMAC_SHA256);
	reed_dns_tsig_begin(&p.asks, &other);
	ask(&p, NOW);
	check_int(reed_dns_tsig_take(&p.answers, p.keys, &p.m, NOW), REED_DNS_RCODE_NOTAUTH);
	check_int(p.answers.error, REED_DNS_RCODE_BADKEY);
	answer(&p, NOW);
	check(p.m.tsig != 0);
	check_int(reed_dns_tsig_check(&p.asks, &p.m, NOW), REED_EAUTH);
	check_int(p.asks.error, REED_DNS_RCODE_BADKEY);
	other.name = p.key.name;
	reed_dns_tsig_begin(&p.asks, &other);
	ask(&p, NOW);
	check_int(reed_dns_tsig_take(&p.answers, p.keys, &p.m, NOW), REED_DNS_RCODE_NOTAUTH);
	check_int(p.answers.error, REED_DNS_RCODE_BADSIG);
	close_pair(&p);
}

/* The last 16 bytes of the MAC are cut off; what is behind it moves up. */
static void cut_mac(struct pair *p, size_t by)
{
	size_t rdlength = p->m.tsig + 13 + 8, mac = rdlength + 2 + 13 + 8;

	p->p[rdlength + 1] -= (uint8_t)by;
	p->p[mac + 1] -= (uint8_t)by;
	memmove(p->p + mac + 2 + 32 - by, p->p + mac + 2 + 32, p->n - mac - 2 - 32);
	p->n -= by;
	parse(p);
}

static void a_mac_that_was_cut_is_refused_or_not_well_formed(void)
{
	static const struct {
		size_t by;
		unsigned rcode, error;
	} cases[] = { { 16, REED_DNS_RCODE_NOTAUTH, REED_DNS_RCODE_BADTRUNC },
		      { 17, REED_DNS_RCODE_FORMERR, REED_DNS_RCODE_FORMERR } };
	struct reed_dns_keys *keys = reed_dns_keys_new();
	struct pair p;

	for (size_t i = 0; i < REED_COUNT(cases); i++) {
		open_pair(&p, REED_DNS_HMAC_SHA256);
		ask(&p, NOW);
		cut_mac(&p, cases[i].by);
		check_int(reed_dns_tsig_take(&p.answers, p.keys, &p.m, NOW), cases[i].rcode);
		check_int(p.answers.error, cases[i].error);
		if (i == 0) {
			p.key.mac_least = 16;
			check_int(reed_dns_keys_add(keys, &p.key, false), REED_OK);
			check_int(reed_dns_tsig_take(&p.answers, keys, &p.m, NOW), 0);
		}
		close_pair(&p);
	}
	reed_dns_keys_free(keys);
}

static void keys_are_read_strictly_and_sha1_is_not_taken_unasked(void)
{
	struct reed_dns_keys *keys = reed_dns_keys_new();
	struct reed_dns_key key = key_of("a", REED_DNS_HMAC_SHA1, "c2VjcmV0\n");
	struct reed_fault *fault = NULL;

	check_int(reed_dns_keys_add(keys, &key, false), REED_ENOTSUP);
	check_int(reed_dns_keys_add(keys, &key, true), REED_OK);
	check_int(reed_dns_keys_add(keys, &key, true), REED_EEXIST);
	check_int(reed_dns_key_parse("a", REED_DNS_HMAC_SHA256, REED_STR("very secret"), &key,
	                             &fault),
	          REED_ESYNTAX);
	check(strstr(fault->sentence, "base64") && !strstr(fault->sentence, "very"));
	reed_fault_free(fault);
	check_int(reed_dns_key_parse("a", REED_DNS_HMAC_SHA256, REED_STR(""), &key, NULL),
	          REED_ESYNTAX);
	check_int(reed_dns_key_parse("a..b", REED_DNS_HMAC_SHA256, REED_STR("c2VjcmV0"), &key,
	                             NULL),
	          REED_ESYNTAX);
	reed_dns_keys_free(keys);
}

int main(void)
{
	RUN(a_signed_query_and_each_message_of_its_answer_are_taken);
	RUN(every_byte_of_a_query_is_signed);
	RUN(a_message_of_an_answer_that_is_left_out_is_noticed);
	RUN(messages_between_those_that_are_signed_count_too_and_are_99_at_most);
	RUN(a_clock_that_is_off_is_told_ours_in_an_answer_that_is_signed);
	RUN(who_has_another_secret_or_name_is_answered_without_a_signature);
	RUN(a_mac_that_was_cut_is_refused_or_not_well_formed);
	RUN(keys_are_read_strictly_and_sha1_is_not_taken_unasked);
	return 0;
}
