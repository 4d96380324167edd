/* One attempt to have news of a zone from one primary. */

#ifndef REED_DNS_FETCH_H
#define REED_DNS_FETCH_H

#include "reed/dns/keeper.h"

#include "intake.h"

struct dns_fetch_wish {
	struct reed_dns_name zone;
	const char *endpoint;
	const struct reed_dns_key *key; /* NULL; copied */
	bool has_serial;                /* of the zone we have; */
	uint32_t serial;
	bool whole; /* all of it, whatever the serial */
	size_t most;
};

/*
 * *news is finished by the caller; news->is_news tells whether there is any.  REED_EAUTH,
 * REED_EREFUSED, REED_EPROTO, REED_ETOOBIG, REED_ETIMEDOUT, or as the dial fails.
 */
struct reed_future *dns_fetch(struct reed_loop *loop, const struct dns_fetch_wish *wish,
                              struct dns_intake *news);

#endif
