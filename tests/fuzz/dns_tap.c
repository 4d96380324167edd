/* What who reads dnstap says: control frames of Frame Streams. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "protocols/dns/tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice rest = reed_slice(data, size);
	enum dns_control type;
	size_t n;

	while (!dns_tap_read_control(rest, &type, &n)) {
		if (n < 12 || n > rest.n || type < DNS_TAP_ACCEPT || type > DNS_TAP_FINISH)
			abort();
		rest = reed_slice_from(rest, n);
	}
	return 0;
}
