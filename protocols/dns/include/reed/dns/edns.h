/*
 * EDNS: the OPT record and its options (RFC 6891).
 *
 * NSID RFC 5001, DAU/DHU/N3U RFC 6975, client subnet RFC 7871, expire RFC 7314,
 * cookies RFC 7873 and 9018, TCP keep-alive RFC 7828, padding RFC 7830 and
 * 8467, extended errors RFC 8914.
 *
 * REED_EPROTO: an option is not well-formed; FORMERR is the answer.
 */

#ifndef REED_DNS_EDNS_H
#define REED_DNS_EDNS_H

#include "reed/dns/build.h"
#include "reed/dns/message.h"

REED_BEGIN_DECLS

enum reed_dns_option_code {
	REED_DNS_OPTION_NSID = 3,
	REED_DNS_OPTION_SUBNET = 8,
	REED_DNS_OPTION_EXPIRE = 9,
	REED_DNS_OPTION_COOKIE = 10,
	REED_DNS_OPTION_KEEPALIVE = 11,
	REED_DNS_OPTION_PADDING = 12,
	REED_DNS_OPTION_ERROR = 15,
};

enum { REED_DNS_DO = 0x8000 };

struct reed_dns_edns {
	uint16_t udp_size;  /* what the sender can take; below 512 counts as 512 */
	uint8_t rcode_high; /* of a response: the eight upper bits */
	uint8_t version;    /* 0; another one is answered with BADVERS */
	uint16_t flags;     /* REED_DNS_DO */
	struct reed_slice options;
};

/* REED_ENOENT: the message has none. */
REED_API enum reed_err reed_dns_edns(const struct reed_dns_message *m, struct reed_dns_edns *edns);

/* The whole response code of a message, with what EDNS adds to it. */
REED_API unsigned reed_dns_edns_rcode(const struct reed_dns_message *m);

/* One option; begin with a copy of edns.options, which is well-formed.  false at the end. */
REED_API bool reed_dns_option_next(struct reed_slice *options, uint16_t *code,
                                   struct reed_slice *data);

/* The first of this code: false when there is none. */
REED_API bool reed_dns_option(const struct reed_dns_edns *edns, uint16_t code,
                              struct reed_slice *data);

/* What each side said: the client 8 bytes, the server 8 to 32, or none as yet. */
struct reed_dns_cookie {
	struct reed_slice client, server;
};

REED_API enum reed_err reed_dns_cookie_read(struct reed_slice data, struct reed_dns_cookie *cookie);

struct reed_dns_subnet {
	uint16_t family;       /* 1: IPv4, 2: IPv6 */
	uint8_t source, scope; /* bits; scope is 0 in a query */
	uint8_t address[16];
};

/* REED_EPROTO also for bits beyond the prefix (RFC 7871 6). */
REED_API enum reed_err reed_dns_subnet_read(struct reed_slice data, struct reed_dns_subnet *subnet);

/* Tenths of a second; *given is false in a query. */
REED_API enum reed_err reed_dns_keepalive_read(struct reed_slice data, bool *given,
                                               uint16_t *tenths);

struct reed_dns_error {
	uint16_t code; /* RFC 8914 4 */
	struct reed_slice text;
};

REED_API enum reed_err reed_dns_error_read(struct reed_slice data, struct reed_dns_error *error);

/* "Stale Answer"; NULL: a number without a name. */
REED_API const char *reed_dns_error_name(uint16_t code);

/*
 * Writing.  Make room for it with reed_dns_build_reserve() before the records,
 * then write it behind them: reed_dns_build_opt(), the options, ..._opt_end().
 */
REED_API void reed_dns_build_opt(struct reed_dns_builder *b, const struct reed_dns_edns *edns);
REED_API void reed_dns_build_option(struct reed_dns_builder *b, uint16_t code,
                                    struct reed_slice data);
REED_API void reed_dns_build_cookie(struct reed_dns_builder *b,
                                    const struct reed_dns_cookie *cookie);
REED_API void reed_dns_build_subnet(struct reed_dns_builder *b,
                                    const struct reed_dns_subnet *subnet);
REED_API void reed_dns_build_keepalive(struct reed_dns_builder *b, uint16_t tenths);
REED_API void reed_dns_build_error(struct reed_dns_builder *b, const struct reed_dns_error *error);

/*
 * Makes the message a multiple of block bytes (RFC 8467 4.1: 128 for queries, 468 for
 * responses), as far as there is room; the last option.  `behind` is how many bytes
 * are still to come, of a TSIG record.
 */
REED_API void reed_dns_build_padding(struct reed_dns_builder *b, unsigned block, unsigned behind);

REED_API void reed_dns_build_opt_end(struct reed_dns_builder *b);

/* Appends EDNS as comments, as dig does. */
REED_API void reed_dns_edns_print(const struct reed_dns_edns *edns, struct reed_buf *out);

REED_END_DECLS

#endif
