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

/* What reed_address_text() writes of an address that has a port.  REED_ESYNTAX. */
REED_API enum reed_err reed_address_read(struct reed_slice text, struct reed_address *address);

/* The same without the port and brackets. */
REED_API const char *reed_address_host(const struct reed_address *address,
                                       char text[REED_ADDRESS_TEXT]);

REED_API bool reed_address_is_loopback(const struct reed_address *address);

/*
 * Of the Internet at large: neither of this host, a private network or a link, nor
 * for many, for documents, or another address in disguise (RFC 6890 and the
 * registries of IANA that it has made).
 */
REED_API bool reed_address_is_global(const struct reed_address *address);

/* Family, IP, port, scope and path. */
REED_API bool reed_address_eq(const struct reed_address *a, const struct reed_address *b);

/* An IPv4 address that came as ::ffff:a.b.c.d becomes one. */
REED_API void reed_address_unmap(struct reed_address *address);

/* Addresses that begin alike: "192.0.2.0/24", "2001:db8::/32"; without a length, one of them. */
struct reed_prefix {
	struct reed_address address; /* its further bits are zero */
	unsigned bits;
};

/* REED_ESYNTAX; REED_ERANGE: longer than an address. */
REED_API enum reed_err reed_prefix_parse(struct reed_slice text, struct reed_prefix *prefix);

/* The first bits of an address; those of another family than IP have none. */
REED_API void reed_prefix_of(const struct reed_address *address, unsigned bits,
                             struct reed_prefix *prefix);

/* An IPv4 address that came as IPv6 counts as IPv4. */
REED_API bool reed_prefix_has(const struct reed_prefix *prefix, const struct reed_address *address);

REED_END_DECLS

#endif
