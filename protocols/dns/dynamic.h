/* A zone that is code, while a question is answered. */

#ifndef REED_DNS_DYNAMIC_PRIVATE_H
#define REED_DNS_DYNAMIC_PRIVATE_H

#include "reed/dns/dynamic.h"

#include "pile.h"
#include "serve.h"

enum { EDNS_CO = 0x4000 }; /* RFC 9824 5 */

/* True: it is for the zone itself to answer, and was; else the function is asked. */
bool dns_dynamic_answer(const struct dns_dynamic *zone, const struct reed_dns_question *question,
                        struct reed_buf *pile);

/*
 * What the function has answered becomes an answer of a zone: denied, if there is none,
 * and signed.  May change the rcode, and sets x->compact.
 */
void dns_dynamic_finish(const struct dns_dynamic *zone, struct dns_exchange *x,
                        struct reed_buf *pile, unsigned *rcode);

/* The name that follows in canonical order, as close as can be (RFC 4471 3.1). */
void dns_name_after(const struct reed_dns_name *name, const struct reed_dns_name *zone,
                    struct reed_dns_name *after);

void dns_dynamic_free(struct dns_dynamic *zone);

#endif
