/* Fields as HPACK takes them. */

#ifndef REED_HTTP_H2_FIELDS_H
#define REED_HTTP_H2_FIELDS_H

#include <nghttp2/nghttp2.h>

#include "reed/pool.h"
#include "reed/slice.h"

/* Both stay where they are. */
static inline nghttp2_nv h2_nv(struct reed_slice name, struct reed_slice value)
{
	/* nghttp2 writes to neither; its members are not const. */
	return (nghttp2_nv){ .name = (uint8_t *)(uintptr_t)name.p,
		             .value = (uint8_t *)(uintptr_t)value.p,
		             .namelen = name.n,
		             .valuelen = value.n,
		             .flags = NGHTTP2_NV_FLAG_NONE };
}

/* RFC 9113 8.2.1: copied where that is needed. */
struct reed_slice h2_lower(struct reed_pool *pool, struct reed_slice name);

#endif
