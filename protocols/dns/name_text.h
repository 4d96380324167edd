/* Escapes, which names and strings have in common: RFC 1035 5.1. */

#ifndef REED_DNS_NAME_TEXT_H
#define REED_DNS_NAME_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* What stands at the backslash p; how many characters it is, 0: not an escape. */
size_t dns_unescape(const char *p, size_t n, uint8_t *byte);

/* At most four characters: what is not printable as \DDD, those in special as \X. */
size_t dns_escape(uint8_t byte, const char *special, char *into);

#endif
