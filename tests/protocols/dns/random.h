/* Names, rdata and messages made from a seed, by the table that the codec has too. */

#ifndef REED_TESTS_DNS_RANDOM_H
#define REED_TESTS_DNS_RANDOM_H

#include "reed/dns/build.h"

uint64_t random_next(void);
unsigned random_below(unsigned n);
void random_seed(uint64_t seed);

void random_name(struct reed_dns_name *name);

/* Well-formed rdata of a type that is known; returns how long it is. */
size_t random_rdata(uint16_t type, uint8_t into[4096]);

/* The types that have a form of their own. */
size_t random_types(uint16_t types[128]);

#endif
