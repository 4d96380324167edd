/* What a name server's answer comes to, for somebody who asked it about one zone. */

#ifndef REED_DNS_READING_H
#define REED_DNS_READING_H

#include "reed/dns/message.h"

#include "pile.h"

enum dns_said {
	DNS_SAID_ANSWER,   /* here it is, behind aliases maybe */
	DNS_SAID_ALIAS,    /* ask for the target */
	DNS_SAID_NOTHING,  /* the name has nothing of that type */
	DNS_SAID_NO_NAME,  /* nor anything else */
	DNS_SAID_REFERRAL, /* ask the servers of that zone */
	DNS_SAID_LAME,     /* it knows nothing of the zone */
	DNS_SAID_FAILED,   /* it could not or would not say */
	DNS_SAID_NONSENSE, /* not well-formed, or a loop */
};

struct dns_reading_of {
	const struct reed_dns_message *m;
	const struct reed_dns_question *question;
	const struct reed_dns_name *zone; /* whose server has said it: the root, of a forwarder */
	bool forwarded;                   /* it was asked to find out, and not what it knows */
	bool dnssec;                      /* signatures are kept */
	uint8_t *scratch;                 /* REED_DNS_RDATA_MAX bytes */
};

struct dns_reading {
	enum dns_said said;
	struct reed_dns_name target; /* of an alias; of an answer where the aliases end */
	struct reed_dns_name zone;   /* of a referral */
	uint32_t ttl;                /* of what is not, RFC 2308 5; 0: not to be kept */
	bool has_ttl;
};

enum { DNS_ALIASES_MOST = 16 };

/*
 * Nothing that is not below the zone is believed, and of what is only what was
 * asked for: answers with the aliases that lead to them, SOA records of what is not,
 * name servers of a zone between this one and the name, and addresses of these.  It
 * is put on the pile, which goes back to what it was when there is nothing to be had.
 */
void dns_reading_take(const struct dns_reading_of *of, struct reed_buf *pile,
                      struct dns_reading *reading);

#endif
