/* Accept-Encoding: what is chosen was offered, and is not what the client refuses. */

#include "check.h"
#include "reed/http/coding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice accept = reed_slice(data, size);

	for (unsigned offered = 0; offered < 1u << REED_HTTP_CODINGS; offered++) {
		enum reed_http_coding coding = reed_http_choose_coding(accept, offered);

		check(coding < REED_HTTP_CODINGS);
		check(coding == REED_HTTP_IDENTITY || offered & 1u << coding);
	}
	return 0;
}
