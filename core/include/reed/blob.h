/*
 * Blobs: bytes that nobody changes any more, shared by those who hold them.
 * One encoding, a thousand receivers.  For one thread; between loops they are
 * copied.
 */

#ifndef REED_BLOB_H
#define REED_BLOB_H

#include "reed/slice.h"

REED_BEGIN_DECLS

struct reed_blob {
	uint32_t holders;
	uint32_t n;
	char REED_FLEXIBLE(bytes);
};

/* The caller is the first holder.  At most 4 GiB. */
REED_API struct reed_blob *reed_blob_new(struct reed_slice bytes);

/* The same, to be filled in by the caller before anybody shares it. */
REED_API struct reed_blob *reed_blob_alloc(size_t n);

/* One more holder; returns blob. */
static inline struct reed_blob *reed_blob_share(struct reed_blob *blob)
{
	blob->holders++;
	return blob;
}

/* One holder less; the last one frees it.  May be NULL. */
REED_API void reed_blob_release(struct reed_blob *blob);

static inline struct reed_slice reed_blob_slice(const struct reed_blob *blob)
{
	return reed_slice(blob->bytes, blob->n);
}

REED_END_DECLS

#endif
