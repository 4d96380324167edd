/* A client of HTTP/1 that says anything; see http_session.h. */

#include "http_session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	http_session(REED_STR(""), data, size);
	return 0;
}
