/*
 * Answers kept: each is a whole message, ready to be sent but for its head and
 * the age of its TTLs; found by name, type and kind; bounded by bytes, and what was
 * unused longest goes first.
 *
 * An entry counts its holders, so that one that is pushed out stays for those who
 * are about to send it.
 */

#ifndef REED_DNS_CACHE_H
#define REED_DNS_CACHE_H

#include "reed/dns/message.h"
#include "reed/list.h"

/* Bits of what an entry is of. */
enum {
	DNS_KEPT_DNSSEC = 1,   /* with signatures */
	DNS_KEPT_CHECKING = 2, /* not to be validated */
	DNS_KEPT_CUT = 4,      /* no answer, but the servers of a zone, and their addresses */
	DNS_KEPT_KEYS = 8,     /* for the validator, and not validated themselves */
};

struct dns_key {
	struct reed_dns_name name; /* in small letters */
	uint16_t type;
	uint8_t kind;
};

struct dns_entry {
	struct dns_entry *next; /* of the same hash */
	struct reed_list age;
	uint64_t hash;
	int64_t made, expires, stale; /* reed_now(); after stale it is of no use */
	int64_t retry;                /* it could not be renewed: not before this */
	uint32_t holders;
	uint16_t n;     /* bytes of the message */
	uint16_t body;  /* where the records begin */
	uint16_t times; /* how many TTLs it has */
	uint8_t kind, rcode;
	bool used; /* since it was last looked for something to go */
	bool renewing;
	bool secure;    /* it was validated (RFC 4035 4.3) */
	bool failed;    /* not what somebody said: nobody could say (RFC 9520) */
	uint16_t error; /* RFC 8914; 0: none */
	uint8_t data[]; /* the message; then where each TTL is */
};

struct dns_cache;

struct dns_cache *dns_cache_new(size_t bytes, uint64_t seed);
void dns_cache_free(struct dns_cache *self);

/* From now on; what is too much goes. */
void dns_cache_limit(struct dns_cache *self, size_t bytes);
void dns_cache_clear(struct dns_cache *self);
size_t dns_cache_bytes(const struct dns_cache *self);
size_t dns_cache_count(const struct dns_cache *self);

/* However old; NULL. */
struct dns_entry *dns_cache_find(struct dns_cache *self, const struct reed_dns_name *name,
                                 uint16_t type, uint8_t kind);

/* An entry of this message, in the place of the one there was; borrowed, or NULL if it is too big. */
struct dns_entry *dns_cache_put(struct dns_cache *self, const struct dns_key *key,
                                const struct reed_dns_message *m);

struct dns_entry *dns_entry_share(struct dns_entry *entry);
void dns_entry_release(struct dns_entry *entry); /* may be NULL */

/* The message as it was put in. */
void dns_entry_message(const struct dns_entry *entry, struct reed_dns_message *m);

/*
 * Its records, behind a question of the same name that ends at `at` of p; most is
 * what all may be.  TTLs are less by their age, and `least` at least.  0: no room.
 */
size_t dns_entry_copy(const struct dns_entry *entry, uint8_t *p, size_t at, size_t most,
                      int64_t now, uint32_t least);

#endif
