/* Signatures of queries and answers: nothing but the right one is taken. */

#include "check.h"
#include "reed/alloc.h"
#include "reed/dns/tsig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1700000000 };

static void take(const struct reed_dns_keys *keys, const struct reed_dns_message *m)
{
	static uint8_t answer[REED_DNS_MESSAGE_MAX];
	struct reed_dns_tsig tsig;
	size_t n = REED_DNS_HEADER_SIZE;
	unsigned rcode = reed_dns_tsig_take(&tsig, keys, m, NOW);

	/* a fuzzer that finds a MAC of 256 bits has done more than we ask of it */
	check(rcode == REED_DNS_RCODE_FORMERR || rcode == REED_DNS_RCODE_NOTAUTH || tsig.good);
	memset(answer, 0, n);
	answer[2] = 0x80;
	check_int(reed_dns_tsig_sign(&tsig, answer, &n, sizeof(answer), NOW), REED_OK);
	check(n <= REED_DNS_HEADER_SIZE + 2048);
	reed_dns_tsig_finish(&tsig);
}

static void look(const struct reed_dns_key *key, const struct reed_dns_message *m)
{
	uint8_t query[512] = { 0 };
	size_t n = REED_DNS_HEADER_SIZE;
	struct reed_dns_tsig tsig;

	reed_dns_tsig_begin(&tsig, key);
	check_int(reed_dns_tsig_sign(&tsig, query, &n, sizeof(query), NOW), REED_OK);
	check(reed_dns_tsig_check(&tsig, m, NOW) != REED_OK);
	reed_dns_tsig_finish(&tsig);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_dns_keys *keys = reed_dns_keys_new();
	struct reed_dns_message m;
	struct reed_dns_key key;

	check_int(reed_dns_key_parse("k", REED_DNS_HMAC_SHA256, REED_STR("c2VjcmV0"), &key, NULL),
	          REED_OK);
	check_int(reed_dns_keys_add(keys, &key, false), REED_OK);
	if (!reed_dns_message_parse(reed_slice(data, size), &m)) {
		if (m.tsig)
			take(keys, &m);
		look(&key, &m);
	}
	reed_dns_keys_free(keys);
	return 0;
}
