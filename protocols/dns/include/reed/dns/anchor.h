/*
 * Keys of a zone that are trusted, and how they change without anybody's doing: RFC 5011.
 *
 * It begins with DS or DNSKEY records that somebody has written down.  From then on each
 * set of keys that is signed by one that is trusted is looked at: a new key is trusted
 * after 30 days in which it was there all the time, one that revokes itself never again.
 *
 * The first half is pure: it is given messages and the time.  The second lets a resolver
 * follow the keys of the root, and keeps in a file what it has come to.
 */

#ifndef REED_DNS_ANCHOR_H
#define REED_DNS_ANCHOR_H

#include "reed/dns/resolver.h"

REED_BEGIN_DECLS

struct reed_dns_anchors;

/* initial is as a zone file (reed_dns_validator_trust_text()); only what is of the zone counts. */
REED_API struct reed_dns_anchors *reed_dns_anchors_new(const struct reed_dns_name *zone,
                                                       struct reed_slice initial);
REED_API void reed_dns_anchors_free(struct reed_dns_anchors *self); /* may be NULL */

struct reed_dns_anchors_news {
	bool trust;   /* other keys are trusted than before */
	bool state;   /* there is something to be written down */
	int64_t next; /* s until the keys should be asked for again */
};

/*
 * An answer to a question for DNSKEY, at a time in s since 1970.  REED_EAUTH: no key that
 * is trusted has signed it; REED_EPROTO.  *news is set in any case.
 */
REED_API enum reed_err reed_dns_anchors_take(struct reed_dns_anchors *self,
                                             struct reed_slice message, int64_t now,
                                             struct reed_dns_anchors_news *news);

/* The keys that are trusted now, as lines of a zone file; none: those it began with count. */
REED_API void reed_dns_anchors_trusted(const struct reed_dns_anchors *self, struct reed_buf *out);

/* What is to be kept.  REED_ESYNTAX: nothing has changed; REED_ENOENT: it is of other anchors. */
REED_API void reed_dns_anchors_write(const struct reed_dns_anchors *self, struct reed_buf *out);
REED_API enum reed_err reed_dns_anchors_read(struct reed_dns_anchors *self, struct reed_slice text);

/*
 * From now on, until the future is dropped, the keys of the root are followed; it ends
 * only when it is dropped.  The file is read first, and replaced before other keys are
 * trusted; path NULL: nothing is kept.  Once for each resolver, which has to stay.
 */
REED_API struct reed_future *reed_dns_resolver_follow(struct reed_dns_resolver *self,
                                                      const char *path);

REED_END_DECLS

#endif
