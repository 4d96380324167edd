/* Names of DNS from text. */

#ifndef REED_TESTS_DNS_NAMES_H
#define REED_TESTS_DNS_NAMES_H

#include "reed/dns/name.h"

#include "tests/check.h"

static inline struct reed_dns_name name_of(const char *text)
{
	struct reed_dns_name name;

	check_int(reed_dns_name_parse(reed_slice_of(text), NULL, &name), REED_OK);
	return name;
}

#endif
