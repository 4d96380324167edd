/* Bytes into a message that is being built. */

#ifndef REED_DNS_PUT_H
#define REED_DNS_PUT_H

#include "reed/dns/build.h"

/* false: they do not fit into the first `cap` bytes; nothing is written. */
bool dns_put(struct reed_dns_builder *b, size_t cap, const void *p, size_t n);

/* Compressed, if asked for; *at is where the name is that a pointer to it would lead to. */
bool dns_put_name(struct reed_dns_builder *b, size_t cap, const uint8_t *wire, bool compress,
                  size_t *at);

/* The message is n bytes again. */
void dns_put_back(struct reed_dns_builder *b, size_t n);

static inline void dns_build_fail(struct reed_dns_builder *b, enum reed_err err)
{
	if (!b->err)
		b->err = err;
}

#endif
