/*
 * Names: hosts file and DNS, without blocking, and connections made by name.
 *
 * The resolver of a loop is there when it is first asked.  In this order it
 * answers from
 *
 * - the text itself, when it is an address of digits,
 * - RFC 6761 and 7686: localhost and what ends in .localhost are this host,
 *   always; nothing that ends in .invalid or .onion exists,
 * - the hosts file, read again when it has changed,
 * - the DNS: the servers and the search list of resolv.conf, by c-ares.  A
 *   changed resolv.conf is noticed.  A trailing dot keeps the search list away.
 *
 * Files are read in threads of the offload pool, at most once in look_ms.
 * Answers are kept as long as they say, within limits; those who ask the same
 * at the same time share one query.  A name may be international; it is asked
 * for in its A-label form (RFC 5891), by the non-transitional rules of UTS 46.
 *
 * A driver with names of its own (a simulation) is asked instead of files and
 * DNS, so no entropy but the loop's is ever used there; and so is a resolver
 * of the program's own, see reed_resolver_set().
 *
 * Futures may be dropped and interrupted at any time.  What they deliver is the
 * caller's, to be released with the function named beside it.
 *
 * REED_ENAME: there is no such name, or it has nothing of that kind.
 * REED_ESYNTAX: that cannot be a name.  REED_ETIMEDOUT: no server answered.
 * REED_EIO: the servers cannot be reached, or do not tell.  REED_EPROTO: an
 * answer was malformed.  REED_ETOOBIG: too many questions at once.
 */

#ifndef REED_RESOLVE_H
#define REED_RESOLVE_H

#include "reed/address.h"
#include "reed/pool.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

/* ---- addresses ---- */

enum { REED_ADDRESSES_MAX = 64 }; /* of each family; more are left out */

struct reed_addresses {
	struct reed_address *list;
	size_t count;
};

/* Releases what a resolve delivered. */
REED_API void reed_addresses_finish(struct reed_addresses *a);

/*
 * The addresses of a host, best first (RFC 6724; rules 3, 4 and 7 need what
 * only routing tables know and are left out).  The port is in each.  When one
 * family could not be looked up, those of the other are delivered.
 */
REED_API struct reed_future *reed_resolve(struct reed_loop *loop, struct reed_slice host,
                                          uint16_t port, struct reed_addresses *out);

/* ---- other records; names are never searched for ---- */

struct reed_target {
	char *host;
	uint16_t port, priority, weight;
};

struct reed_targets {
	struct reed_target *list;
	size_t count;
};

REED_API void reed_targets_finish(struct reed_targets *t);

/*
 * Who offers a service, "_xmpp-client._tcp.example.org", in the order in which
 * to try (RFC 2782): by priority, and at random by weight.  None at all: the
 * domain says that it does not offer it.  REED_ENAME: it says nothing; many
 * protocols then try the addresses of the domain itself.
 */
REED_API struct reed_future *reed_resolve_srv(struct reed_loop *loop, struct reed_slice name,
                                              struct reed_targets *out);

struct reed_slices {
	struct reed_slice *list; /* a NUL stands behind each */
	size_t count;
};

REED_API void reed_slices_finish(struct reed_slices *t);

/* TXT records, each with its strings put together (RFC 7208 3.3); they may hold any byte. */
REED_API struct reed_future *reed_resolve_txt(struct reed_loop *loop, struct reed_slice name,
                                              struct reed_slices *out);

/*
 * The names of an address, by the hosts file or PTR.  Whoever owns the address
 * chooses them, so believe one only when reed_resolve() leads back.  Those that
 * no host can have are left out.
 */
REED_API struct reed_future *reed_resolve_ptr(struct reed_loop *loop,
                                              const struct reed_address *address,
                                              struct reed_slices *out);

/* ---- connecting ---- */

struct reed_connect_options {
	size_t size;                     /* of this struct */
	const struct reed_address *from; /* bound to; NULL: as the system has it */
	int64_t attempt_delay_ms;        /* RFC 8305 5: 250 by default, 10 at least */
	int64_t resolution_delay_ms;     /* RFC 8305 3: 50 by default */
	/*
	 * For those whom others tell where to go: asked of each address before it is
	 * tried, so that no name leads where it may not, whatever it says the next
	 * time.  NULL: to all.
	 */
	bool (*allows)(void *arg, const struct reed_address *address);
	void *arg;
};

#define REED_CONNECT_OPTIONS                                               \
	{                                                                  \
		.size = sizeof(struct reed_connect_options), .from = NULL, \
		.attempt_delay_ms = 250, .resolution_delay_ms = 50         \
	}

/*
 * Happy eyeballs (RFC 8305): both families are looked up at once, addresses are
 * tried in turn, overlapping, and the first connection is the caller's; the
 * others are closed.  The next attempt does not wait when one has failed.
 * There is no time limit but those of the system; put reed_within() around it.
 *
 * Fails as the first address that could be reached did; the fault names each
 * one that was tried, and why it was in vain.  REED_EACCES: none of them is
 * allowed.  options may be NULL.
 */
REED_API struct reed_future *reed_connect(struct reed_loop *loop, struct reed_slice host,
                                          uint16_t port, const struct reed_connect_options *options,
                                          struct reed_stream **stream);

/* ---- the resolver of a loop ---- */

struct reed_resolver_options {
	size_t size;             /* of this struct */
	const char *hosts_file;  /* NULL: /etc/hosts; "": none */
	const char *resolv_conf; /* NULL: /etc/resolv.conf */
	const char *servers;     /* "192.0.2.1,[2001:db8::1]:5353"; NULL: of resolv.conf */
	int timeout_ms;          /* of a query to a server; twice that the next time, ... */
	int tries;               /* to ask each server */
	int look_ms;             /* for so long the files need not be looked at again */
	uint32_t ttl_max_s;      /* no answer is kept longer */
	uint32_t negative_max_s; /* nor that there is none */
	size_t cache_bytes;      /* what is kept takes; what was unused longest goes first */
};

#define REED_RESOLVER_OPTIONS                                                                    \
	{                                                                                        \
		.size = sizeof(struct reed_resolver_options), .hosts_file = NULL,                \
		.resolv_conf = NULL, .servers = NULL, .timeout_ms = 2000, .tries = 3,            \
		.look_ms = 1000, .ttl_max_s = 3600, .negative_max_s = 60, .cache_bytes = 1 << 20 \
	}

/* From now on; what was known is forgotten.  NULL: the defaults. */
REED_API void reed_resolver_configure(struct reed_loop *loop,
                                      const struct reed_resolver_options *options);

/* Forgets all answers, as after a change of networks. */
REED_API void reed_resolver_flush(struct reed_loop *loop);

struct reed_resolver_stats {
	size_t size;        /* set by the caller */
	uint64_t questions; /* to DNS, driver or the program's own resolver */
	uint64_t hits;      /* answered from what was kept */
	uint64_t shared;    /* by a question that was under way */
	uint64_t looks;     /* at the files */
	size_t under_way, kept, kept_bytes;
};

REED_API void reed_resolver_stats(const struct reed_loop *loop, struct reed_resolver_stats *stats);

/* ---- for those who bring a resolver ---- */

/* Numbers of RFC 1035, 2782 and 3596. */
enum reed_record_type {
	REED_RECORD_A = 1,
	REED_RECORD_PTR = 12,
	REED_RECORD_TXT = 16,
	REED_RECORD_AAAA = 28,
	REED_RECORD_SRV = 33,
};

enum { REED_RECORDS_MAX = 256, REED_HOST_NAME_MAX = 253 };

struct reed_record {
	struct reed_address address;     /* A, AAAA; without port */
	struct reed_slice text;          /* PTR: a name; SRV: a name, empty for the root; TXT */
	uint16_t priority, weight, port; /* SRV */
};

/* Zeroed is one without records. */
struct reed_answer {
	struct reed_record *list;
	size_t count, room;
	uint32_t ttl; /* seconds it may be kept; 0: it is not */
	bool no_name; /* nor has the name anything else (NXDOMAIN) */
	struct reed_pool texts;
};

/* Takes a copy.  REED_ETOOBIG: it is one of REED_RECORDS_MAX, or too much text. */
REED_API enum reed_err reed_answer_add(struct reed_answer *a, const struct reed_record *record);
REED_API void reed_answer_finish(struct reed_answer *a);

struct reed_resolver_source;

struct reed_resolver_ops {
	const char *name;

	/*
	 * What the DNS would have.  The name is in A-labels and small letters,
	 * without a dot at its end, and goes when the call returns.  That there
	 * is nothing is no failure but an answer without records; *answer is
	 * zeroed, written at delivery and the resolver's from then on.
	 */
	struct reed_future *(*ask)(struct reed_resolver_source *self, struct reed_loop *loop,
	                           struct reed_slice name, enum reed_record_type type,
	                           struct reed_answer *answer);

	/* The last call; every future that came from ask() has been dropped. */
	void (*close)(struct reed_resolver_source *self);
};

/* First member of a resolver of the program's own. */
struct reed_resolver_source {
	const struct reed_resolver_ops *ops;
};

/*
 * From now on source is asked in place of hosts file, search list, DNS and
 * driver; questions under way fail with REED_ECANCELED, what was known is
 * forgotten.  The loop closes it when another one is set, and in the end.
 * NULL: as in the beginning.
 */
REED_API void reed_resolver_set(struct reed_loop *loop, struct reed_resolver_source *source);

REED_END_DECLS

#endif
