/*
 * Keepers: a zone that changes while it is served.
 *
 * A keeper has a zone file and a journal of what has changed since.  It reads both
 * when it begins, and has the server answer for the zone.  Then, as its options say,
 *
 *	- it takes dynamic updates (RFC 2136): on disk before they are answered;
 *	- as a secondary it asks primaries for news at the times the SOA record says and
 *	  when they tell of some (RFC 1034 4.3.5, 1996), transfers what has changed or all
 *	  of the zone (RFC 1995, 5936) over TCP or TLS (RFC 9103), and serves the old zone
 *	  until a new one is whole and on disk;
 *	- it tells secondaries of every change, and hands them what has changed.
 *
 * A zone whose primaries are silent for as long as its SOA record says is SERVFAIL; one
 * that was never there is so too.  An address alone does not make a primary's answer
 * true: give remotes a key (tsig.h) or dial them over TLS.
 *
 * With a policy (policy.h) a primary signs its zone, updates included.  Its zone file is
 * only read then: what is signed is in JOURNAL.signed, the keys are in JOURNAL.keys (0600),
 * on disk before anything is signed with them.
 *
 * Files are read and written in threads.  A keeper may be freed at any time: what
 * counts is on disk.
 */

#ifndef REED_DNS_KEEPER_H
#define REED_DNS_KEEPER_H

#include "reed/cell.h"
#include "reed/dns/policy.h"
#include "reed/dns/server.h"

REED_BEGIN_DECLS

struct reed_dns_keeper;

enum reed_dns_serial_policy {
	REED_DNS_SERIAL_INCREMENT,
	REED_DNS_SERIAL_UNIXTIME,
	REED_DNS_SERIAL_DATE, /* YYYYMMDDnn */
};

/* Who is asked, or told. */
struct reed_dns_remote {
	const char *endpoint;           /* "tcp:192.0.2.1:53", "tls:ns.example.org:853"; to be
	                                   told of changes also "udp:192.0.2.1:53" */
	const struct reed_dns_key *key; /* NULL: none */
};

struct reed_dns_keeper_options {
	size_t size;                      /* of this struct */
	const struct reed_dns_name *name; /* of the zone */
	const char *file;                 /* its zone file, which is written too */
	const char *journal;              /* which is made; beside it FILE.seen */
	size_t journal_most;              /* bytes; 0: 4 MiB */
	const struct reed_dns_remote *primaries;
	size_t primary_count; /* 0: it is a primary itself */
	const struct reed_dns_remote *secondaries;
	size_t secondary_count;
	const struct reed_dns_access *access; /* NULL: nobody may anything */
	enum reed_dns_serial_policy serial;   /* of updates */
	int64_t sync;                        /* ns from an update until the file has it; 0: 1 min */
	int64_t refresh_least, refresh_most; /* ns, whatever the SOA record says; 0: 2 s, 28 days */
	size_t zone_most;                    /* bytes a transfer may bring; 0: 1 GiB */
	const struct reed_dns_policy *sign;  /* NULL: it is not signed here; of a primary */
	struct reed_cell *served; /* touched when another zone is served; outlives it; NULL */
};

#define REED_DNS_KEEPER_OPTIONS                                \
	{                                                      \
		.size = sizeof(struct reed_dns_keeper_options) \
	}

/* Begins at once; server must outlive it.  All that options point to is copied. */
REED_API struct reed_dns_keeper *reed_dns_keeper_new(struct reed_dns_server *server,
                                                     const struct reed_dns_keeper_options *options);

/* What it kept is not served any more.  May be NULL. */
REED_API void reed_dns_keeper_free(struct reed_dns_keeper *self);

/* The same, and a secondary's files go too; what is made anew of that name begins after that. */
REED_API struct reed_future *reed_dns_keeper_erase(struct reed_dns_keeper *self);

/* From now on; file, journal and name stay what they were. */
REED_API void reed_dns_keeper_update(struct reed_dns_keeper *self,
                                     const struct reed_dns_keeper_options *options);

struct reed_dns_keeper_facts {
	size_t size; /* set by the caller */
	const struct reed_dns_name *name;
	bool has_zone, is_secondary, is_frozen, is_busy;
	bool has_expired;
	uint32_t serial, file_serial;
	size_t changes;      /* that can be handed out */
	int64_t refresh_at;  /* reed_now() when primaries are asked next; 0: it is a primary */
	int64_t expire_at;   /* when the zone is SERVFAIL */
	const char *mistake; /* the last that went wrong, until it goes well; NULL */
};

REED_API void reed_dns_keeper_facts(const struct reed_dns_keeper *self,
                                    struct reed_dns_keeper_facts *facts);

/* ---- what an operator may want; REED_ENOTSUP: not of such a zone ---- */

/* Primaries are asked now. */
REED_API enum reed_err reed_dns_keeper_refresh(struct reed_dns_keeper *self);

/* All of the zone is transferred, whatever its serial is. */
REED_API enum reed_err reed_dns_keeper_retransfer(struct reed_dns_keeper *self);

/* The zone file is read if it has changed; of a primary. */
REED_API enum reed_err reed_dns_keeper_reload(struct reed_dns_keeper *self);

/* The zone file is written. */
REED_API enum reed_err reed_dns_keeper_flush(struct reed_dns_keeper *self);

/* The zone file is written, and then no update is taken until it is thawed, and read. */
REED_API enum reed_err reed_dns_keeper_freeze(struct reed_dns_keeper *self, bool frozen);

/* Secondaries are told. */
REED_API enum reed_err reed_dns_keeper_notify(struct reed_dns_keeper *self);

/* ---- of a zone that is signed here ---- */

/* Keys of these roles (enum reed_dns_key_role) have successors made now. */
REED_API enum reed_err reed_dns_keeper_roll(struct reed_dns_keeper *self, unsigned roles);

/* The parent has the DS records that CDS asks for. */
REED_API enum reed_err reed_dns_keeper_ds_seen(struct reed_dns_keeper *self);

/* The i-th key.  REED_ENOENT: there are no more; REED_EBUSY: ask when it is idle. */
REED_API enum reed_err reed_dns_keeper_key(const struct reed_dns_keeper *self, size_t i,
                                           struct reed_dns_key_facts *facts);

/* Settles when nothing of that is left to do. */
REED_API struct reed_future *reed_dns_keeper_idle(struct reed_dns_keeper *self);

REED_END_DECLS

#endif
