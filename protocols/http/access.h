/* What the files of the access log share. */

#ifndef REED_HTTP_ACCESS_PRIVATE_H
#define REED_HTTP_ACCESS_PRIVATE_H

#include "reed/http/access.h"
#include "relay.h"

/* ---- access.c ---- */

static inline const struct reed_address *access_client(const struct reed_http_access *a)
{
	return a->client.family ? &a->client : &a->peer;
}

void access_add_quoted(struct reed_buf *out, struct reed_slice s, bool json);
void access_add_address(struct reed_buf *out, const struct reed_address *address);
void access_add_time(struct reed_buf *out, int64_t wall);
void access_add_request(struct reed_buf *out, const struct reed_http_access *a);

/* ---- access_client.c ---- */

/* For whom a peer asks; false: for itself, or it is not believed. */
bool access_find_client(const struct reed_http_access *a, const struct peers *trust, bool forwarded,
                        struct reed_address *client);

#endif
