/* A zone that is signed here, on disk: its keys beside its journal. */

#ifndef REED_DNS_SEAL_H
#define REED_DNS_SEAL_H

#include "ring.h"
#include "shelf.h"

struct dns_seal {
	struct reed_dns_policy policy; /* whole; of the last job */
	struct dns_ring ring;
	char *path, *source; /* the keys; the zone as somebody writes it, which is only read */
	bool loaded;
};

struct dns_seal *dns_seal_new(const char *keys, const char *source);
void dns_seal_free(struct dns_seal *seal);

/* The zone as it is signed instead of the one the chore has come to; before it is committed. */
enum reed_err dns_seal_result(struct dns_chore *c, struct reed_fault **fault);

/* What is served is looked at: is the source another, are keys or signatures due? */
enum reed_err dns_seal_again(struct dns_chore *c, const struct reed_dns_zone *served,
                             struct reed_fault **fault);

#endif
