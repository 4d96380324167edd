/* Lists of names to block, and records of one's own. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "reed/alloc.h"
#include "reed/dns/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t secret[16];
	struct reed_dns_blocklist *list = reed_dns_blocklist_new(secret, 100);
	struct reed_dns_blocklist_facts facts = { .size = sizeof(facts) };
	struct reed_dns_mistake mistake;
	char *text = reed_slice_dup(reed_slice(data, size));
	const char *record = text;

	reed_dns_blocklist_add(list, reed_slice(data, size));
	reed_dns_blocklist_facts(list, &facts);
	if (facts.names + facts.allowed > 100)
		abort();
	if (reed_dns_filter_records(NULL, &record, 1, &mistake) && !mistake.wanted &&
	    !mistake.wrong)
		abort();
	reed_dns_blocklist_free(list);
	reed_free(text);
	return 0;
}
