/* A client of HTTP/2 that begins well and then says anything; see http_session.h. */

#include "http_session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* the preface, and empty SETTINGS */
	http_session(REED_STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"), data, size);
	return 0;
}
