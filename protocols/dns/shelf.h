/*
 * A zone on disk: its file and the journal of what has changed.  What blocks is done
 * in jobs, one after another, in a lane of the server; between them nobody touches it.
 *
 * The file is the zone as it once was; the journal leads from there, and from before
 * it, to what the zone is.  What is in the journal, or in the file, counts.
 */

#ifndef REED_DNS_SHELF_H
#define REED_DNS_SHELF_H

#include "reed/file.h"
#include "reed/offload.h"

#include "journal.h"
#include "ring.h"
#include "update.h"

struct dns_seal;

/* Held by the keeper and by every job. */
struct dns_shelf {
	unsigned holders;
	struct reed_dns_name name;
	char *file, *seen;
	char *journal_path;
	struct dns_journal journal;
	size_t journal_most;
	struct reed_file_stamp stamp; /* of the file, as it was read or written */
	uint32_t file_serial;
	bool is_secondary;
	struct dns_seal *seal; /* NULL: it is not signed here */
};

/* What a job has come to. */
struct dns_chore_result {
	struct reed_dns_zone *zone; /* NULL: as it was */
	struct dns_history changes; /* new ones */
	bool anew;                  /* earlier changes do not lead there */
	bool torn;                  /* the end of the journal was cut off */
	uint32_t file_serial;
	int64_t sign_at;  /* s since 1970 when keys or signatures are due; 0: not known */
	int64_t seen;     /* ns since 1970 when a primary was last in reach; 0: not known */
	unsigned *rcodes; /* of updates, in their order */
};

struct dns_chore;
typedef enum reed_err dns_chore_fn(struct dns_chore *chore, struct reed_fault **fault);

struct dns_chore {
	struct reed_job job;
	struct dns_shelf *shelf;
	dns_chore_fn *fn;
	struct dns_chore_result result, *out;
	/* What it works with; not all do with all. */
	struct reed_dns_zone *zone; /* shared: what is served */
	struct dns_history history; /* that leads to it */
	struct dns_history deltas;  /* to be applied */
	struct reed_buf items;      /* all of a new zone */
	struct dns_update *updates; /* owned, with what they point to: */
	size_t update_count;
	enum reed_dns_serial_policy serial;
	bool force, strict;
	unsigned roll; /* roles of keys that are to have successors */
	bool ds_seen;
	struct dns_entropy entropy;
	struct reed_dns_policy policy;
	int64_t wall;
};

struct dns_shelf *dns_shelf_new(const struct reed_dns_name *name, const char *file,
                                const char *journal, size_t most, bool is_secondary);
void dns_shelf_release(struct dns_shelf *shelf);

/* Fill it in, then hand it to the lane; zone may be NULL. */
struct dns_chore *dns_chore_new(struct reed_loop *loop, struct dns_shelf *shelf, dns_chore_fn *fn,
                                struct reed_dns_zone *zone, const struct dns_history *history,
                                struct dns_chore_result *out);
void dns_chore_result_finish(struct dns_chore_result *result);

/* ---- what there is to be done ---- */

/* Both are read; no zone when a secondary has no file yet. */
dns_chore_fn dns_chore_load;

/* deltas become part of the zone, and of the journal. */
dns_chore_fn dns_chore_apply;

/* items are the zone; the serial is newer than before, but with force. */
dns_chore_fn dns_chore_replace;

/* updates are worked out, and what they change is in the journal. */
dns_chore_fn dns_chore_update;

/* The file is what the zone is. */
dns_chore_fn dns_chore_flush;

/* A file that somebody has changed is read; strict: its serial has to be newer. */
dns_chore_fn dns_chore_reload;

/* Keys and signatures that are due, and a source that has changed. */
dns_chore_fn dns_chore_sign;

/* The file is this zone. */
enum reed_err dns_shelf_write(struct dns_shelf *shelf, const struct reed_dns_zone *zone,
                              struct reed_fault **fault);

/* The changes, which lead to the zone, are for good. */
enum reed_err dns_chore_commit(struct dns_chore *c, const struct reed_dns_zone *zone,
                               const struct dns_history *changes, struct reed_fault **fault);

/* What a secondary has there goes. */
dns_chore_fn dns_chore_erase;

/* wall is noted as when a primary was last in reach. */
dns_chore_fn dns_chore_seen;

#endif
