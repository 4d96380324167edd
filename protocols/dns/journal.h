/*
 * The changes of a zone on disk: a file that grows by one entry each, which is on
 * the disk before it counts.  An entry that was torn when the power or the process
 * went is found by its sum, and is cut off with all behind it.
 */

#ifndef REED_DNS_JOURNAL_H
#define REED_DNS_JOURNAL_H

#include "item.h"

struct dns_journal {
	const char *path;
	bool is_read; /* and what is added is found again; else nothing may be added */
	size_t size;  /* bytes that are good */
};

/*
 * Entries one after another into h, which is empty; returns how many bytes are good.
 * 0: this is no journal.
 */
size_t dns_journal_parse(struct reed_slice bytes, struct dns_history *h);

/*
 * Reads the file, which is made if need be; open it is only while something is added, as
 * there may be many zones.  *torn: something was cut off.
 * most is bytes: REED_ETOOBIG.  Blocks, as all here does.
 */
enum reed_err dns_journal_open(struct dns_journal *j, size_t most, struct dns_history *h,
                               bool *torn);

/* All on disk when it returns; none is there with an error. */
enum reed_err dns_journal_append(struct dns_journal *j, const struct dns_history *changes);

/* These instead of all that is in it; or all of what was there, with an error. */
enum reed_err dns_journal_rewrite(struct dns_journal *j, const struct dns_history *h);

#endif
