#include "reed/blob.h"

#include <assert.h>

#include "reed/alloc.h"

struct reed_blob *reed_blob_alloc(size_t n)
{
	struct reed_blob *blob;

	assert(n <= UINT32_MAX);
	blob = reed_alloc_raw(sizeof(*blob) + n);
	blob->holders = 1;
	blob->n = (uint32_t)n;
	return blob;
}

struct reed_blob *reed_blob_new(struct reed_slice bytes)
{
	struct reed_blob *blob = reed_blob_alloc(bytes.n);

	if (bytes.n)
		memcpy(blob->bytes, bytes.p, bytes.n);
	return blob;
}

void reed_blob_release(struct reed_blob *blob)
{
	if (blob && --blob->holders == 0)
		reed_free(blob);
}
