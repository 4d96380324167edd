/* Answers and the answers about their keys, both of the fuzzer: none of them is ever secure. */

#include "check.h"
#include "reed/alloc.h"
#include "reed/dns/validate.h"
#include "reed/loop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	struct reed_loop *loop;
	struct reed_slice rest;
};

static struct reed_slice take(struct input *in)
{
	size_t n =
		in->rest.n > 1 ? (size_t)(uint8_t)in->rest.p[0] << 8 | (uint8_t)in->rest.p[1] : 0;
	struct reed_slice message = reed_slice_first(reed_slice_from(in->rest, 2), n);

	in->rest = reed_slice_from(in->rest, 2 + n);
	return message;
}

static struct reed_future *ask(void *arg, const struct reed_dns_name *name, uint16_t type,
                               struct reed_buf *message)
{
	struct input *in = arg;

	check(name->n > 0 && type > 0);
	reed_buf_add(message, take(in));
	return in->rest.n ? reed_ready(in->loop, REED_OK)
	                  : reed_failed(in->loop, REED_ETIMEDOUT, "nothing more comes");
}

static int64_t clock_of(void *arg)
{
	(void)arg;
	return INT64_C(1700000000000000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* of a key that nobody has */
	static const char ds[] = "\x12\x34\x0f\x02"
				 "0123456789abcdef0123456789abcdef";
	struct input in = { .rest = reed_slice(data, size) };
	struct reed_dns_validator_options o = { REED_DNS_VALIDATOR_OPTIONS, .ask = ask, .arg = &in,
		                                .clock = clock_of };
	struct reed_dns_verdict verdict = { 0 };
	struct reed_dns_validator *v;
	struct reed_dns_name root;
	struct reed_slice message;
	uint8_t *copy;

	check_int(reed_loop_new(NULL, &in.loop), REED_OK);
	v = reed_dns_validator_new(in.loop, &o);
	reed_dns_name_root(&root);
	check_int(reed_dns_validator_trust(v, &root, REED_DNS_TYPE_DS,
	                                   reed_slice(ds, sizeof(ds) - 1)),
	          REED_OK);
	message = take(&in);
	copy = reed_alloc_raw(message.n + 1);
	if (message.n)
		memcpy(copy, message.p, message.n);
	check_int(reed_loop_run_until(in.loop,
	                              reed_dns_validate(v, reed_slice(copy, message.n), &verdict),
	                              NULL),
	          REED_OK);
	check(verdict.security != REED_DNS_SECURE);
	reed_free(copy);
	reed_dns_validator_free(v);
	reed_loop_free(in.loop);
	return 0;
}
