/* Zones that are signed for a test, with keys that are known by number. */

#ifndef REED_TESTS_DNS_SEALED_H
#define REED_TESTS_DNS_SEALED_H

#include "reed/dns/sign.h"
#include "reed/dns/store.h"

struct sealed {
	const char *name, *text;
	bool nsec3, opt_out;
	uint8_t key; /* number; 0: it is not signed */
	uint32_t now;
	uint16_t iterations;
};

/* ECDSA with even numbers, Ed25519 with odd ones.  The caller's. */
struct reed_dns_zone_key *sealed_key(uint8_t number);

/* For reed_dns_server_put(). */
struct reed_dns_zone *sealed_zone(const struct sealed *spec);

/* The DS record of a zone with that key, as a line; the caller's. */
char *sealed_ds(const char *name, uint8_t number);

#endif
