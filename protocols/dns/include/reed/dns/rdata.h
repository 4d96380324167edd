/*
 * The data of records, on the wire and as text (RFC 1035 3.3 and 5.1, and the
 * RFC of each type: see the module's page).
 *
 * Rdata is here always uncompressed wire form, a slice.  One table describes
 * the fields of each type; what it does not know is bytes without meaning,
 * written as \# 2 ABCD (RFC 3597 5), a form that any type may be given in.
 * Types mean what they mean in class IN.
 *
 * Nothing is allocated but what a struct reed_buf given here takes.
 */

#ifndef REED_DNS_RDATA_H
#define REED_DNS_RDATA_H

#include "reed/buf.h"
#include "reed/dns/name.h"
#include "reed/dns/type.h"

REED_BEGIN_DECLS

enum { REED_DNS_RDATA_MAX = 65535 };

/* What is wrong with a text, where, and what would be right. */
struct reed_dns_mistake {
	size_t at;              /* where in the text the word begins */
	struct reed_slice word; /* of the text; empty: something is missing there */
	const char *wanted;     /* "a number up to 255"; NULL when wrong says it all */
	const char *wrong;      /* "this quote is not closed"; NULL when wanted says it */
};

/* "300" is not a number up to 255 */
REED_API void reed_dns_mistake_print(const struct reed_dns_mistake *mistake, struct reed_buf *out);

/* REED_EPROTO: these bytes are no rdata of this type. */
REED_API enum reed_err reed_dns_rdata_check(uint16_t type, struct reed_slice rdata);

/* What is not rdata of this type is written as bytes without meaning. */
REED_API void reed_dns_rdata_print(uint16_t type, struct reed_slice rdata, struct reed_buf *out);

/*
 * Text to wire; into has room for room bytes.  Names are completed by the
 * origin, which may be NULL.  REED_ESYNTAX: *mistake says what is wrong, which
 * may be NULL.  REED_ETOOBIG: more than the room, or than rdata can be.
 */
REED_API enum reed_err reed_dns_rdata_parse(uint16_t type, struct reed_slice text,
                                            const struct reed_dns_name *origin, void *into,
                                            size_t room, struct reed_slice *rdata,
                                            struct reed_dns_mistake *mistake);

/*
 * The rdata of n bytes at `at` of a message: checked, and with its names
 * expanded where the type lets them be compressed (RFC 3597 4).  It is in the
 * message itself when nothing was, else in `into`.  REED_EPROTO, REED_ETOOBIG.
 */
REED_API enum reed_err reed_dns_rdata_read(uint16_t type, struct reed_slice message, size_t at,
                                           size_t n, void *into, size_t room,
                                           struct reed_slice *rdata);

/* Writes the canonical form (RFC 4034 6.2, RFC 6840 5.1), which is as long; into may be rdata. */
REED_API void reed_dns_rdata_canonical(uint16_t type, struct reed_slice rdata, void *into);

/* The order of the canonical forms (RFC 4034 6.3): <0, 0, >0. */
REED_API int reed_dns_rdata_cmp(uint16_t type, struct reed_slice a, struct reed_slice b);

/*
 * The first name in it: of NS, CNAME, MX, SRV, SVCB the one to look up next.
 * REED_ENOENT: it has none.
 */
REED_API enum reed_err reed_dns_rdata_name(uint16_t type, struct reed_slice rdata,
                                           struct reed_dns_name *name);

/* A line of a zone file, without its end: name, TTL, class, type, rdata. */
REED_API void reed_dns_print_record(const struct reed_dns_name *owner, uint32_t ttl, uint16_t klass,
                                    uint16_t type, struct reed_slice rdata, struct reed_buf *out);

/* Whether a bitmap of types (NSEC, NSEC3, CSYNC) has this one. */
REED_API bool reed_dns_bitmap_has(struct reed_slice bitmap, uint16_t type);

/* The bitmap of an NSEC, NSEC3 or CSYNC record; REED_ENOENT: it has none. */
REED_API enum reed_err reed_dns_rdata_bitmap(uint16_t type, struct reed_slice rdata,
                                             struct reed_slice *bitmap);

/* The tag of the key in a DNSKEY (RFC 4034 appendix B). */
REED_API uint16_t reed_dns_key_tag(struct reed_slice rdata);

/*
 * One parameter of SVCB or HTTPS (RFC 9460); value is as on the wire.  Begin
 * with what reed_dns_svcb() gives; false at the end.
 */
REED_API enum reed_err reed_dns_svcb(struct reed_slice rdata, uint16_t *priority,
                                     struct reed_dns_name *target, struct reed_slice *params);
REED_API bool reed_dns_svcb_next(struct reed_slice *params, uint16_t *key,
                                 struct reed_slice *value);

REED_END_DECLS

#endif
