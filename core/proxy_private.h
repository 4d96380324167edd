/* What the files of the PROXY protocol share. */

#ifndef REED_PROXY_PRIVATE_H
#define REED_PROXY_PRIVATE_H

#include "reed/proxy.h"

enum {
	REED_PROXY_V1_LENGTH = 107, /* 2.1: of a header, with its CR LF */
	REED_PROXY_V2_FIXED = 16,   /* 2.2: signature, version and command, family, length */
};

extern const char reed_proxy_signature[12];

enum reed_err reed_proxy_parse_2(struct reed_slice in, struct reed_proxy_facts *told,
                                 size_t *length, struct reed_fault **fault);
enum reed_err reed_proxy_format_2(const struct reed_proxy_facts *told, struct reed_buf *out);

/* RFC 3720 appendix B.4; sum begins with 0. */
uint32_t reed_proxy_crc32c(uint32_t sum, struct reed_slice bytes);

/* Whether an address may send headers. */
struct reed_proxy_trust {
	struct reed_prefix *prefixes;
	size_t count;
	bool any, local, unix_peers;
};

enum reed_err reed_proxy_trust_parse(const char *text, struct reed_proxy_trust *trust,
                                     struct reed_fault **fault);
bool reed_proxy_trusts(const struct reed_proxy_trust *trust, const struct reed_address *peer);
void reed_proxy_trust_finish(struct reed_proxy_trust *trust);

/* Makes what was told part of the facts of s. */
void reed_proxy_tell(struct reed_stream *s, const struct reed_proxy_facts *told);

#endif
