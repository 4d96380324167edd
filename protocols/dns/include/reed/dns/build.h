/*
 * Putting messages together, in memory of the caller or at the end of a buffer
 * (RFC 1035 4).
 *
 *	struct reed_dns_builder b;
 *
 *	reed_dns_build(&b, p, 1232);
 *	reed_dns_build_header(&b, id, REED_DNS_QR | REED_DNS_AA);
 *	reed_dns_build_question(&b, &name, REED_DNS_TYPE_MX, REED_DNS_CLASS_IN);
 *	reed_dns_build_record(&b, REED_DNS_ANSWER, &name, REED_DNS_TYPE_MX, 1, 3600, rdata);
 *	err = reed_dns_build_end(&b, &message);
 *
 * The first error stays and the rest does nothing, so that only the end need be
 * looked at.  Sections are written in their order.
 *
 * A record that does not fit takes its whole RRset with it (RFC 2181 9), which
 * is what is written one after another with the same owner, type and class, and
 * the RRSIG records of the same owner directly behind.  In the answer and the
 * authority section this sets TC, and nothing but OPT and TSIG is written any
 * more; in the additional section it is left out and the next may fit, unless
 * it was said to be needed.
 *
 * Owners, and names within the rdata of the types of RFC 1035, are compressed;
 * never those of newer types (RFC 3597 4).
 *
 * REED_ETOOBIG: what cannot be left out did not fit.  REED_EPROTO: rdata is not
 * well-formed, which is seen only where it must be looked into.  REED_EINVAL:
 * sections out of order, more than 65535 records.
 */

#ifndef REED_DNS_BUILD_H
#define REED_DNS_BUILD_H

#include "reed/buf.h"
#include "reed/dns/message.h"

REED_BEGIN_DECLS

enum { REED_DNS_COMPRESS_SLOTS = 256 };

struct reed_dns_builder {
	uint8_t *p;           /* where the message begins */
	size_t n;             /* bytes written */
	size_t room;          /* bytes there are at p */
	size_t limit;         /* of the whole message */
	size_t reserve;       /* kept for OPT and TSIG */
	struct reed_buf *buf; /* that grows with it; NULL: the caller's memory */
	size_t before;        /* bytes of buf in front of the message, its frame counted */
	enum reed_err err;
	enum reed_dns_section section;
	uint16_t counts[REED_DNS_SECTIONS];
	bool framed;    /* two bytes of length in front: RFC 1035 4.2.2 */
	bool truncated; /* TC is set */
	bool plain;     /* may be set: nothing is compressed */
	bool needed;    /* may be set: records of the additional section set TC too (RFC 9471) */
	/* Of the RRset that is being written: */
	size_t rrset, owner;  /* where it begins, and its owner */
	uint16_t rrset_count; /* of its section when it began */
	uint16_t type, klass;
	uint64_t gone; /* the hash of the owner of an RRset that was left out; 0: of none */
	size_t opt;    /* where the length of an OPT record is, while it is open */
	uint16_t entries;
	uint16_t slots[REED_DNS_COMPRESS_SLOTS]; /* where names begin, by their hash */
};

/* limit bytes at p: at least REED_DNS_HEADER_SIZE, at most REED_DNS_MESSAGE_MAX. */
REED_API void reed_dns_build(struct reed_dns_builder *b, void *p, size_t limit);

/*
 * At the end of buf, whose bytes count from reed_dns_build_end() on; framed:
 * with the two bytes in front that TCP wants.  Nothing else may be added to buf
 * meanwhile.
 */
REED_API void reed_dns_build_in(struct reed_dns_builder *b, struct reed_buf *buf, size_t limit,
                                bool framed);

REED_API void reed_dns_build_header(struct reed_dns_builder *b, uint16_t id, uint16_t flags);

/* Keeps n bytes for what has to be in the message whatever else is. */
REED_API void reed_dns_build_reserve(struct reed_dns_builder *b, size_t n);

REED_API void reed_dns_build_question(struct reed_dns_builder *b, const struct reed_dns_name *name,
                                      uint16_t type, uint16_t klass);

/* rdata is uncompressed and well-formed. */
REED_API void reed_dns_build_record(struct reed_dns_builder *b, enum reed_dns_section section,
                                    const struct reed_dns_name *owner, uint16_t type,
                                    uint16_t klass, uint32_t ttl, struct reed_slice rdata);

/* May use what was reserved, and is never left out: for TSIG and SIG(0). */
REED_API void reed_dns_build_last(struct reed_dns_builder *b, const struct reed_dns_name *owner,
                                  uint16_t type, uint16_t klass, uint32_t ttl,
                                  struct reed_slice rdata);

/* Without the frame.  With an error nothing was added to buf. */
REED_API enum reed_err reed_dns_build_end(struct reed_dns_builder *b, struct reed_slice *message);

REED_END_DECLS

#endif
