/*
 * Name servers in a simulated world: each is a host with one socket and a function
 * that answers as it likes, or one that serves a zone.
 */

#ifndef REED_TESTS_DNS_WORLD_H
#define REED_TESTS_DNS_WORLD_H

#include "reed/co.h"
#include "reed/dgram.h"
#include "reed/dns/edns.h"
#include "reed/dns/server.h"
#include "reed/sim.h"

#include "names.h"

/* What a server of the test is asked, and what it makes of it. */
struct asked {
	struct reed_dgram *dgram;
	const struct reed_datagram *in;
	struct reed_dns_message m;
	struct reed_dns_question q;
	unsigned n; /* how many it was asked before */
	struct reed_dns_builder b;
	uint8_t room[4096];
};

typedef void teller_fn(void *arg, struct asked *asked);

struct teller {
	teller_fn *fn;
	void *arg;
	unsigned asked; /* so many times */
};

/* Hears queries on port 53 of a host; boot it once for each host. */
void teller_boot(struct reed_sim *sim, const char *host, struct teller *teller);

/* Serves zones by UDP and TCP on port 53; the text stays. */
struct zone_host {
	const char *origin, *text;
	void (*fill)(struct reed_dns_server *server); /* puts zones in place of that; NULL */
};
void zone_boot(struct reed_sim *sim, const char *host, const struct zone_host *zone);

/* The answer begun: header with these flags and rcode, and the question as it was asked. */
void tell_begin(struct asked *asked, unsigned flags);
void tell_record(struct asked *asked, enum reed_dns_section section, const char *owner,
                 uint16_t type, uint32_t ttl, const char *rdata);
void tell_end(struct asked *asked);

#endif
