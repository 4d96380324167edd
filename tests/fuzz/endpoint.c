/* Endpoints and addresses as people write them: errors have words, what was quoted comes back. */

#include "reed/endpoint.h"

#include <string.h>

#include "check.h"
#include "reed/address.h"
#include "reed/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(struct reed_slice text)
{
	struct reed_fault *fault = NULL;
	struct reed_endpoint e;

	if (reed_endpoint_parse(text, &e, &fault)) {
		check(fault && strstr(fault->sentence, "column"));
	} else {
		check(!fault && e.scheme.n > 0);
		for (unsigned i = 0; i < e.count; i++)
			check(e.args[i].value.n <= text.n);
	}
	reed_fault_free(fault);
	reed_endpoint_finish(&e);
	reed_free(reed_endpoint_shown(text));
}

static void quote(struct reed_slice text)
{
	char *quoted = reed_endpoint_quote(text);
	char *endpoint = reed_sprintf("unix:%s:mode=600", quoted);
	struct reed_fault *fault = NULL;
	struct reed_endpoint e;

	check_int(reed_endpoint_parse(reed_slice_of(endpoint), &e, &fault), REED_OK);
	check(reed_slice_eq(reed_endpoint_arg(&e, 0)->value, text));
	check(reed_endpoint_key(&e, "mode") != NULL);
	reed_endpoint_finish(&e);
	reed_free(endpoint);
	reed_free(quoted);
}

static void address(struct reed_slice text)
{
	struct reed_address a, again;
	struct reed_prefix prefix;
	char shown[REED_ADDRESS_TEXT];

	if (!reed_address_parse(text, 1, &a)) {
		reed_address_text(&a, shown);
		check_int(reed_address_read(reed_slice_of(shown), &again), REED_OK);
		check(reed_address_eq(&a, &again));
	}
	if (!reed_prefix_parse(text, &prefix))
		check(reed_prefix_has(&prefix, &prefix.address));
}

/* A zero ends a string of C, so nobody can quote one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice text = { (const char *)data, size };

	parse(text);
	address(text);
	if (size > 0 && !memchr(data, '\0', size))
		quote(text);
	return 0;
}
