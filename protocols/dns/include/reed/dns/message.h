/*
 * Messages read in place (RFC 1035 4): nothing is allocated or copied; all of
 * it is good as long as the bytes of the message are.
 *
 *	struct reed_dns_message m;
 *	struct reed_dns_walk walk;
 *	struct reed_dns_record r;
 *
 *	err = reed_dns_message_parse(bytes, &m);
 *	reed_dns_walk(&m, REED_DNS_ANSWER, &walk);
 *	while (reed_dns_next(&walk, &r))
 *		...
 *
 * Parsing looks at every record's head, so that walking cannot fail; names and
 * rdata are looked into when they are asked for.  REED_EPROTO: the message is
 * not well-formed, and its sender wants FORMERR if it asked something.
 */

#ifndef REED_DNS_MESSAGE_H
#define REED_DNS_MESSAGE_H

#include "reed/dns/rdata.h"

REED_BEGIN_DECLS

enum {
	REED_DNS_HEADER_SIZE = 12,
	REED_DNS_MESSAGE_MAX = 65535,
	REED_DNS_UDP_MAX = 512, /* without EDNS: RFC 1035 4.2.1 */
};

/* Bits of flags: RFC 1035 4.1.1, RFC 4035 3. */
enum {
	REED_DNS_QR = 0x8000,
	REED_DNS_AA = 0x0400,
	REED_DNS_TC = 0x0200,
	REED_DNS_RD = 0x0100,
	REED_DNS_RA = 0x0080,
	REED_DNS_AD = 0x0020,
	REED_DNS_CD = 0x0010,
};

/* In an update these are zone, prerequisites, updates, additional data (RFC 2136 2). */
enum reed_dns_section {
	REED_DNS_QUESTION,
	REED_DNS_ANSWER,
	REED_DNS_AUTHORITY,
	REED_DNS_ADDITIONAL,
	REED_DNS_SECTIONS,
};

struct reed_dns_message {
	struct reed_slice bytes;
	uint16_t id, flags;
	uint16_t counts[REED_DNS_SECTIONS];
	uint16_t starts[REED_DNS_SECTIONS]; /* of the sections */
	uint16_t opt;                       /* where the OPT record begins; 0: there is none */
	uint16_t tsig;                      /* where the TSIG record begins; 0: there is none */
};

/*
 * REED_EPROTO also for bytes behind the last record, for two OPT records or one
 * that is not in the additional section (RFC 6891 6.1.1), and for a TSIG record
 * that is not the last one (RFC 8945 5.1).  When the header is there, id and
 * flags are set whatever is wrong behind it, for an answer.
 */
REED_API enum reed_err reed_dns_message_parse(struct reed_slice bytes, struct reed_dns_message *m);

static inline unsigned reed_dns_opcode(uint16_t flags)
{
	return flags >> 11 & 15;
}

/* The four bits of the header; reed_dns_edns_rcode() has those of EDNS too. */
static inline unsigned reed_dns_rcode(uint16_t flags)
{
	return flags & 15;
}

struct reed_dns_question {
	struct reed_dns_name name;
	uint16_t type, klass;
};

/* The first question.  REED_ENOENT: there is none. */
REED_API enum reed_err reed_dns_message_question(const struct reed_dns_message *m,
                                                 struct reed_dns_question *question);

/* A record, or a question, which has neither TTL nor rdata. */
struct reed_dns_record {
	struct reed_slice message;
	enum reed_dns_section section;
	uint16_t type, klass;
	uint32_t ttl;   /* one above 2^31 - 1 is taken as 0: RFC 2181 8; of OPT as it is */
	uint16_t owner; /* where it begins */
	uint16_t rdata; /* where its rdata begins */
	uint16_t size;  /* of the rdata, maybe compressed */
};

struct reed_dns_walk {
	const struct reed_dns_message *message;
	enum reed_dns_section section;
	uint16_t at, left;
	bool on; /* into the sections that follow */
};

/* The records of one section. */
REED_API void reed_dns_walk(const struct reed_dns_message *m, enum reed_dns_section section,
                            struct reed_dns_walk *walk);

/* All questions and records. */
REED_API void reed_dns_walk_all(const struct reed_dns_message *m, struct reed_dns_walk *walk);

/* false: there are no more. */
REED_API bool reed_dns_next(struct reed_dns_walk *walk, struct reed_dns_record *record);

REED_API enum reed_err reed_dns_record_owner(const struct reed_dns_record *record,
                                             struct reed_dns_name *owner);

/*
 * Checked and uncompressed; in the message itself where it can be, else in
 * `into`.  Empty rdata of class ANY and NONE is right (RFC 2136 2.4 and 2.5).
 */
REED_API enum reed_err reed_dns_record_rdata(const struct reed_dns_record *record, void *into,
                                             size_t room, struct reed_slice *rdata);

/* All of it as dig prints it: the header and EDNS as comments, the rest as in a zone file. */
REED_API enum reed_err reed_dns_message_print(const struct reed_dns_message *m,
                                              struct reed_buf *out);

REED_END_DECLS

#endif
