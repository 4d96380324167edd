/*
 * What comes in a transfer, message by message: all of a zone (RFC 5936), what has
 * changed (RFC 1995), or that nothing has.  Pure.
 */

#ifndef REED_DNS_INTAKE_H
#define REED_DNS_INTAKE_H

#include "item.h"

#include "reed/dns/edns.h"

enum dns_intake_stage {
	INTAKE_FIRST,
	INTAKE_SECOND,
	INTAKE_ALL,  /* records of the zone */
	INTAKE_GONE, /* of one change: what goes, */
	INTAKE_COME, /* what comes */
	INTAKE_DONE,
};

struct dns_intake {
	struct reed_dns_name zone;
	bool ixfr;       /* was asked for; with AXFR all of it comes */
	uint32_t serial; /* ours, with ixfr */
	uint16_t id;
	size_t most; /* bytes */
	enum dns_intake_stage stage;
	bool is_news;    /* once it is done: there is something new */
	uint32_t newest; /* their serial */
	bool has_expire; /* they told when theirs expires (RFC 7314) */
	uint32_t expire; /* s */
	size_t taken;
	struct reed_buf items; /* all of the zone, if it came so: */
	struct dns_history changes;
	struct reed_buf gone, come;
	uint8_t *room;
};

void dns_intake_begin(struct dns_intake *t, const struct reed_dns_name *zone, uint16_t id,
                      const uint32_t *serial, size_t most);
void dns_intake_finish(struct dns_intake *t);

/*
 * REED_EAGAIN: there is more to come.  REED_EREFUSED: the answer is an error of theirs,
 * rcode; REED_EPROTO: it is no transfer of this zone; REED_ETOOBIG.
 */
enum reed_err dns_intake_take(struct dns_intake *t, const struct reed_dns_message *m,
                              struct reed_fault **fault);

#endif
