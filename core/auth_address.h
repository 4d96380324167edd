/* The part of an address that attempts are counted by. */

#ifndef REED_AUTH_ADDRESS_H
#define REED_AUTH_ADDRESS_H

#include "reed/slice.h"

struct address {
	char bytes[64];
	size_t n;
	bool loopback;
};

/*
 * text: IPv4, IPv6 (with or without brackets, scope, port), NULL for a local
 * peer, or any other name.  IPv6 is cut to its /64, which is what one
 * subscriber has; IPv4 written as IPv6 is IPv4.
 */
struct address reed_auth_address(const char *text);

#endif
