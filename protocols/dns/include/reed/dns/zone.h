/*
 * Zone files (RFC 1035 5, RFC 2308 4, RFC 3597 5), fed by slices: a file need
 * never be in memory as a whole.
 *
 *	s = reed_dns_scanner_new(&options);
 *	for (;;) {
 *		err = reed_dns_scanner_next(s, &record);
 *		if (err == REED_OK)
 *			use(&record);
 *		else if (err == REED_EAGAIN)
 *			feed more, or say that it was the last
 *		else
 *			break;
 *	}
 *
 * or all of it at once with reed_dns_zone_read(), in a thread of the offload
 * pool.
 *
 * Known are $ORIGIN, $TTL, $INCLUDE and BIND's $GENERATE; TTLs as 1h30m; TTL and
 * class in either order; parentheses, comments, quoted strings; any type in the
 * form of RFC 3597.  A record without a TTL has that of $TTL, else that of the
 * record before, and a first SOA its minimum.
 *
 * REED_ESYNTAX: something is wrong; reed_dns_scanner_why() says where and what
 * would be right: "example.org.zone:12:9: ...".  The line is skipped and the
 * next call goes on behind it, so that all mistakes can be found at once.
 */

#ifndef REED_DNS_ZONE_H
#define REED_DNS_ZONE_H

#include "reed/dns/rdata.h"

REED_BEGIN_DECLS

struct reed_dns_scanner;

struct reed_dns_scanner_options {
	size_t size;
	const char *name;                   /* of the file; NULL: "zone" */
	const struct reed_dns_name *origin; /* at its beginning; NULL: the root */
	uint16_t klass;                     /* the only one there is; 0: IN */
	unsigned includes;                  /* one within the other, at most; 0: 16 */
	uint32_t generated;                 /* records of one $GENERATE at most; 0: 1048576 */
	size_t entry;                       /* bytes of one record's text at most; 0: 1 MiB */
};

#define REED_DNS_SCANNER_OPTIONS .size = sizeof(struct reed_dns_scanner_options)

/* Good until the next call of the scanner. */
struct reed_dns_zone_record {
	const struct reed_dns_name *owner;
	uint16_t type, klass;
	uint32_t ttl;
	struct reed_slice rdata; /* wire form */
	const char *file;        /* where it began */
	unsigned line;
};

/* options may be NULL; what it points to is copied. */
REED_API struct reed_dns_scanner *reed_dns_scanner_new(
	const struct reed_dns_scanner_options *options);

/* May be NULL. */
REED_API void reed_dns_scanner_free(struct reed_dns_scanner *self);

/* More of the file that is being read; copied.  REED_EINVAL: it has ended. */
REED_API enum reed_err reed_dns_scanner_feed(struct reed_dns_scanner *self, struct reed_slice text);

/* The file that is being read has ended. */
REED_API void reed_dns_scanner_finish(struct reed_dns_scanner *self);

/*
 * REED_EAGAIN: more is needed, of the file that is being read or of a new one if
 * there is a reed_dns_scanner_wants().  REED_EEOF: that was all.
 */
REED_API enum reed_err reed_dns_scanner_next(struct reed_dns_scanner *self,
                                             struct reed_dns_zone_record *record);

/*
 * The file of an $INCLUDE, beside the one it is in if its name is relative; NULL:
 * none.  What is fed next belongs to it until reed_dns_scanner_finish(); then the
 * file around it goes on, with what was fed of it already.
 */
REED_API const char *reed_dns_scanner_wants(const struct reed_dns_scanner *self);

/* That file cannot be read: the next call fails with this sentence, at its $INCLUDE. */
REED_API void reed_dns_scanner_refuse(struct reed_dns_scanner *self, const char *why);

/* The last mistake; "" before there was one. */
REED_API const char *reed_dns_scanner_why(const struct reed_dns_scanner *self);

/* Anything but REED_OK ends the reading. */
typedef enum reed_err reed_dns_zone_fn(void *arg, const struct reed_dns_zone_record *record);

/*
 * Reads a file and what it includes; blocks.  options->name is that of the file.
 * Ends with the first mistake, then *fault says what it was; the caller's to
 * free, may be NULL.
 */
REED_API enum reed_err reed_dns_zone_read(const struct reed_dns_scanner_options *options,
                                          reed_dns_zone_fn *fn, void *arg,
                                          struct reed_fault **fault);

REED_END_DECLS

#endif
