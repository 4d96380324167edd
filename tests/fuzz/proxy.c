/* PROXY headers of both versions: what is understood says the same again when it is written. */

#include "reed/proxy.h"

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_slices(const struct reed_proxy_facts *told, struct reed_slice header)
{
	const struct reed_slice words[] = { told->alpn,       told->authority,     told->unique_id,
		                            told->netns,      told->tls_version,   told->tls_name,
		                            told->tls_cipher, told->tls_signature, told->tls_key };
	struct reed_slice rest = told->tlvs, value;
	uint8_t type;

	for (size_t i = 0; i < REED_COUNT(words); i++)
		check(words[i].n == 0 || (words[i].p >= told->tlvs.p &&
		                          words[i].p + words[i].n <= told->tlvs.p + told->tlvs.n));
	check(told->tlvs.n == 0 || told->tlvs.p + told->tlvs.n == header.p + header.n);
	while (reed_proxy_next(&rest, &type, &value))
		check(value.p + value.n <= header.p + header.n);
	check(rest.n == 0);
}

static void check_again(const struct reed_proxy_facts *told)
{
	struct reed_proxy_facts plain = *told, again;
	struct reed_fault *fault = NULL;
	struct reed_buf out = { 0 };
	size_t length;

	plain.tlvs = reed_slice(NULL, 0);
	if (!reed_proxy_format(&plain, &out)) {
		check_int(reed_proxy_parse(reed_buf_slice(&out), &again, &length, &fault), REED_OK);
		check_int(length, reed_buf_held(&out));
		check(reed_address_eq(&again.source, &told->source));
		check(reed_address_eq(&again.destination, &told->destination));
		check(reed_slice_eq(again.alpn, told->alpn));
		check(again.local == told->local && again.tls == told->tls);
	}
	reed_buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice in = { (const char *)data, size };
	struct reed_proxy_facts told;
	struct reed_fault *fault = NULL;
	size_t length;
	enum reed_err err = reed_proxy_parse(in, &told, &length, &fault);

	check((fault != NULL) == (err && err != REED_EAGAIN));
	check(!err || err == REED_EAGAIN || err == REED_EPROTO || err == REED_ETOOBIG);
	reed_fault_free(fault);
	if (err) {
		check(err != REED_EAGAIN || size < REED_PROXY_LENGTH);
		return 0;
	}
	check(length <= size && length <= REED_PROXY_LENGTH);
	check_slices(&told, reed_slice_first(in, length));
	check_again(&told);
	return 0;
}
