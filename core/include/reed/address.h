/* Addresses of peers, as values and as text. */

#ifndef REED_ADDRESS_H
#define REED_ADDRESS_H

#include "reed/slice.h"

REED_BEGIN_DECLS

enum reed_family {
	REED_FAMILY_NONE, /* a pipe, a terminal, memory */
	REED_FAMILY_IPV4,
	REED_FAMILY_IPV6,
	REED_FAMILY_UNIX,
};

struct reed_address {
	enum reed_family family;
	uint16_t port;
	uint32_t scope_id;    /* of a link-local IPv6 address */
	unsigned char ip[16]; /* 4 or 16 bytes, in network order */
	char path[108];       /* UNIX; begins with '@' when abstract, empty when unnamed */
};

enum { REED_ADDRESS_TEXT = 128 };

/* An IP address without port, as digits: "192.0.2.1", "2001:db8::1", "fe80::1%2".  REED_ESYNTAX. */
REED_API enum reed_err reed_address_parse(struct reed_slice text, uint16_t port,
                                          struct reed_address *address);

/* "192.0.2.1:6667", "[2001:db8::1]:6667", "unix:/run/x", "local".  Returns text. */
REED_API const char *reed_address_text(const struct reed_address *address,
                                       char text[REED_ADDRESS_TEXT]);

/* The same without the port and brackets. */
REED_API const char *reed_address_host(const struct reed_address *address,
                                       char text[REED_ADDRESS_TEXT]);

REED_API bool reed_address_is_loopback(const struct reed_address *address);

/* Family, IP, port, scope and path. */
REED_API bool reed_address_eq(const struct reed_address *a, const struct reed_address *b);

/* An IPv4 address that came as ::ffff:a.b.c.d becomes one. */
REED_API void reed_address_unmap(struct reed_address *address);

REED_END_DECLS

#endif
