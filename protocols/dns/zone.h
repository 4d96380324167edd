/* What the files of the zone scanner have in common. */

#ifndef REED_DNS_ZONE_PRIVATE_H
#define REED_DNS_ZONE_PRIVATE_H

#include "reed/alloc.h"
#include "reed/dns/zone.h"
#include "text.h"

/* A file that is being read. */
struct level {
	char *name;
	struct reed_buf text; /* fed and not read yet */
	size_t retry;         /* an entry needs more than this many bytes */
	unsigned line;
	bool last, skipping;
	struct reed_dns_name origin, owner; /* of the file around it */
};

struct generate {
	struct reed_buf pattern, line;
	uint32_t at, stop, step;
	bool on;
};

struct reed_dns_scanner {
	struct reader r;
	struct level *levels;
	unsigned top, depth_max;
	uint32_t generated_max;
	size_t entry_max;
	uint16_t klass, type;
	uint32_t ttl, ttl_default;
	bool has_ttl, has_default, has_owner;
	bool found; /* the entry was a record */
	struct reed_dns_name origin, owner;
	struct generate generate;
	char *wants, *why;
	const char *refused;
	unsigned entry_line;
	uint8_t rdata[REED_DNS_RDATA_MAX];
};

/* Reads the entry the lexer is at: a record, a directive or nothing.  REED_EAGAIN, REED_ESYNTAX. */
enum reed_err dns_zone_entry(struct reed_dns_scanner *s, bool blank);

/* $GENERATE, behind that word; and its next line into generate.line, false when there is none. */
enum reed_err dns_zone_generate(struct reed_dns_scanner *s);
bool dns_zone_generate_next(struct reed_dns_scanner *s);

/* `path` as seen from the file `from`; the caller frees it. */
char *dns_zone_path(const char *from, struct reed_slice path);

static inline struct level *dns_zone_level(struct reed_dns_scanner *s)
{
	return &s->levels[s->top];
}

#endif
