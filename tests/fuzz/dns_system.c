/* resolv.conf and the hosts file: the name to look for is the first line. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "reed/dns/system.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice rest = reed_slice(data, size), name = reed_slice_cut(&rest, '\n');
	struct reed_dns_system system;
	struct reed_address address;
	struct reed_dns_name found;
	size_t n = 0;

	reed_dns_system_read(rest, &system);
	if (!system.server_count || system.search_count > REED_DNS_SEARCH_MOST)
		abort();
	while (n < 100 && reed_dns_system_name(&system, name, n, &found))
		n++;
	if (n > system.search_count + 1)
		abort();
	for (n = 0; n < 100 && reed_dns_hosts_address(rest, name, n, &address);)
		n++;
	return 0;
}
