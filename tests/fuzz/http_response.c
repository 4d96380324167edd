/* A response from anybody, to a method that its first byte chooses. */

#include "check.h"
#include "reed/http/message.h"

enum { ROOM = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_http_field fields[ROOM];
	struct reed_http_head head = { .fields = fields, .room = ROOM };
	enum reed_http_method method;
	enum reed_err err = REED_EAGAIN, whole;
	size_t scanned = 0, used = 0;

	if (size < 2)
		return 0;
	method = data[0] == 'H'   ? REED_HTTP_HEAD
	         : data[0] == 'C' ? REED_HTTP_CONNECT
	                          : REED_HTTP_GET;
	for (size_t n = 1; n < size && err == REED_EAGAIN; n++)
		err = reed_http_parse_response(reed_slice(data + 1, n), method, NULL, &head,
		                               &scanned, &used);
	scanned = 0;
	whole = reed_http_parse_response(reed_slice(data + 1, size - 1), method, NULL, &head,
	                                 &scanned, &used);
	check(err == whole ||
	      (whole && whole != REED_EAGAIN && err)); /* told later, or otherwise */
	if (whole)
		return 0;
	check(head.status >= 100 && head.status <= 999);
	check(reed_http_is_value(reed_slice_trim(head.reason)));
	check(method != REED_HTTP_HEAD || head.framing == REED_HTTP_NO_BODY);
	check(used > 0 && used < size);
	return 0;
}
