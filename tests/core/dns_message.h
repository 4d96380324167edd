/* DNS messages as a test writes them. */

#ifndef REED_TESTS_DNS_MESSAGE_H
#define REED_TESTS_DNS_MESSAGE_H

#include "reed/resolve.h"

enum {
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_OPT = 41,
	DNS_RESPONSE = 0x8180, /* recursion desired, and available */
	DNS_TRUNCATED = 0x0200,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_REFUSED = 5,
};

struct dns_message {
	unsigned char p[65535];
	size_t n;
	int counts[4]; /* of records in each section, written by dns_end() */
};

/* A record in words: "192.0.2.1", "2001:db8::1", "0 5 80 host.example", "some text". */
struct dns_record {
	const char *owner;
	int type;
	uint32_t ttl;
	const char *data;
};

void dns_begin(struct dns_message *m, unsigned id, unsigned flags);
void dns_question(struct dns_message *m, const char *name, int type);
/* section: 1 answers, 2 authorities, 3 more; in that order. */
void dns_add(struct dns_message *m, int section, const struct dns_record *r);
struct reed_slice dns_end(struct dns_message *m);

void dns_u8(struct dns_message *m, unsigned x);
void dns_u16(struct dns_message *m, unsigned x);
void dns_name(struct dns_message *m, const char *name);

#endif
