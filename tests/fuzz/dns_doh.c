/* What DNS over HTTPS reads of requests and answers. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reed/alloc.h"
#include "reed/doh.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = reed_alloc_raw(size + 1);
	struct reed_buf out = { 0 };

	if (!reed_doh_decode(reed_slice(data, size), &out) && reed_buf_held(&out) > size)
		abort();
	reed_doh_fresh(reed_slice(data, size));
	if (size)
		memcpy(copy, data, size);
	reed_doh_age(copy, size, 7);
	reed_buf_finish(&out);
	reed_free(copy);
	return 0;
}
