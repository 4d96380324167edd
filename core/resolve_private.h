/*
 * What the files of name resolution share.
 *
 *	resolve.c, resolve_seek.c       the addresses of a name
 *	resolve_records.c               SRV, TXT, PTR
 *	resolve_name.c                  names: A-labels, special ones, the search list
 *	resolve_order.c                 which address is best
 *	resolve_cache.c                 what is known, what is being asked
 *	resolve_look.c                  files: hosts and resolv.conf
 *	resolve_hosts.c                 the hosts file
 *	resolve_dns.c, os_dns.c         c-ares and its sockets
 *	resolve_message.c               what comes back
 */

#ifndef REED_RESOLVE_PRIVATE_H
#define REED_RESOLVE_PRIVATE_H

#include "os.h"
#include "private.h"
#include "reed/cell.h"
#include "reed/file.h"
#include "reed/resolve.h"

/* ---- names ---- */

struct reed_name {
	char text[REED_HOST_NAME_MAX + 1]; /* A-labels, small letters, no dot at the end */
	bool absolute;                     /* had one */
};

/* REED_ESYNTAX with a fault, which is the caller's. */
enum reed_err reed_name_read(struct reed_slice host, struct reed_name *name,
                             struct reed_fault **fault);

/* Is it in this domain, or the domain itself? */
bool reed_name_is_in(const char *name, const char *domain);

/* Letters, digits, hyphens, underscores and dots, as RFC 1123 2.1 has it and people do. */
bool reed_name_is_host(struct reed_slice text);

/* in-addr.arpa, ip6.arpa: RFC 1035 3.5, RFC 3596 2.5 */
void reed_name_of_address(const struct reed_address *a, struct reed_name *name);

/* What resolv.conf says of names that are not whole. */
struct reed_search {
	char **domains;
	int count, ndots;
};

/* The n-th name to ask for; false past the end.  search may be NULL. */
bool reed_name_candidate(const struct reed_name *name, const struct reed_search *search, int n,
                         struct reed_name *candidate);

/* ---- addresses ---- */

/* RFC 6724 6: best first.  sources is what each would be reached from; REED_FAMILY_NONE: nothing. */
struct reed_route {
	struct reed_address to, from;
};

void reed_routes_sort(struct reed_route *routes, size_t count);

/* The same, by the routes of the system; a simulated loop has none. */
void reed_addresses_sort(struct reed_loop *loop, struct reed_addresses *a);

void reed_addresses_add(struct reed_addresses *a, const struct reed_address *address);

/* What is found of a name, written as it becomes known. */
enum { REED_V6, REED_V4, REED_FAMILIES };

struct reed_found {
	struct reed_cell news; /* touched when something of the rest has changed */
	struct reed_addresses of[REED_FAMILIES]; /* sorted */
	bool known[REED_FAMILIES];               /* there will be no more of them */
	struct reed_fault *fault; /* why there is nothing of one of them; may be NULL */
};

void reed_found_finish(struct reed_found *found);

/* Succeeds when all is known and there is one at least.  families: of 1 << REED_V6, ... */
struct reed_future *reed_seek(struct reed_loop *loop, struct reed_slice host, uint16_t port,
                              unsigned families, struct reed_found *found);

/* ---- the resolver of a loop ---- */

enum { REED_RESOLVE_BUCKETS = 256 };

struct reed_resolver {
	struct reed_loop *loop;
	struct reed_last last;
	struct reed_resolver_options options; /* the strings are ours */
	struct reed_resolver_source *source;  /* of the program's own; may be NULL */

	/* cache */
	struct reed_list buckets[REED_RESOLVE_BUCKETS]; /* struct reed_known */
	struct reed_list used;                          /* those that are kept, the latest last */
	struct reed_list asked;                         /* those that are being asked for */
	size_t under_way, kept, kept_bytes;
	uint64_t seed, questions, hits, shared, looks;

	/* files */
	struct reed_cell looked; /* counts the looks */
	struct reed_waiter looker;
	struct reed_fault *trouble; /* why there is no dns; may be NULL */
	struct reed_hosts *hosts;   /* may be NULL */
	struct reed_dns *dns;       /* NULL before the first look, and in trouble */
	struct reed_list retired;   /* with questions that are still under way */
	struct reed_file_stamp hosts_stamp, conf_stamp;
	int64_t look_again; /* reed_now() when what is here is too old */
};

struct reed_resolver *reed_resolver_of(struct reed_loop *loop);

void reed_resolver_options_copy(struct reed_resolver_options *to,
                                const struct reed_resolver_options *from);
void reed_resolver_options_finish(struct reed_resolver_options *options);

/* Whether hosts file and DNS are asked at all. */
bool reed_resolver_uses_system(const struct reed_resolver *r);

/* ---- cache ---- */

/* An answer that is kept, or that somebody holds or waits for. */
struct reed_known {
	struct reed_resolver *resolver;
	struct reed_list bucket; /* unlinked: not to be found any more */
	struct reed_list link;   /* in used or asked */
	struct reed_list askings;
	struct reed_waiter waiter; /* owns the question */
	struct reed_answer answer;
	struct reed_fault *fault;
	enum reed_err err;
	bool asked; /* not known yet */
	int64_t until;
	size_t holders;
	enum reed_record_type type;
	char name[];
};

/* Delivers what is then the caller's to release.  Fails when the question did. */
struct reed_future *reed_ask(struct reed_resolver *r, const char *name, enum reed_record_type type,
                             struct reed_known **known);
void reed_known_release(struct reed_known *known); /* may be NULL */

void reed_cache_init(struct reed_resolver *r);
void reed_cache_forget(struct reed_resolver *r);
void reed_cache_cancel(struct reed_resolver *r); /* what is under way */

/* ---- files ---- */

/*
 * False: they are as fresh as can be.  Else a look is under way, and looked
 * will change:
 *
 *	while (reed_must_look(r))
 *		reed_try(co, reed_cell_changed(co->loop, &r->looked, r->looked.count));
 */
bool reed_must_look(struct reed_resolver *r);

/* What was seen counts no more. */
void reed_look_anew(struct reed_resolver *r);
void reed_look_finish(struct reed_resolver *r);

struct reed_hosts;

/* Never fails: what is no line of a hosts file is passed over. */
struct reed_hosts *reed_hosts_parse(struct reed_slice text);
void reed_hosts_free(struct reed_hosts *hosts); /* may be NULL */

/* False: not there.  Else what it has of this family, if any, is added. */
bool reed_hosts_addresses(const struct reed_hosts *hosts, const char *name, enum reed_family family,
                          struct reed_addresses *add);
/* The n-th name of an address; empty past the end. */
struct reed_slice reed_hosts_name(const struct reed_hosts *hosts, const struct reed_address *a,
                                  size_t n);

/* ---- DNS ---- */

struct reed_dns;

/* Reads resolv.conf, so in a thread; what was made is not of that thread. */
struct reed_dns *reed_dns_new(struct reed_loop *loop, const struct reed_resolver_options *options,
                              struct reed_fault **fault);

/* No more questions; it is in that list until the last one has ended.  dns may be NULL. */
void reed_dns_retire(struct reed_dns *dns, struct reed_list *retired);

/* At once; nobody may wait for it any more.  May be NULL. */
void reed_dns_free(struct reed_dns *dns);
void reed_dns_free_all(struct reed_list *retired);

const struct reed_search *reed_dns_search(const struct reed_dns *dns);
struct reed_future *reed_dns_ask(struct reed_dns *dns, const char *name, enum reed_record_type type,
                                 struct reed_answer *answer);

/* What the message says of the name: REED_EPROTO, REED_ETOOBIG. */
enum reed_err reed_message_read(struct reed_slice message, const char *name,
                                enum reed_record_type type, struct reed_answer *answer);

/* ---- os_dns.c ---- */

struct ares_socket_functions;

/* A write to a server that hung up must not raise SIGPIPE. */
extern const struct ares_socket_functions reed_dns_sockets;

#endif
