/* What the files of the server share. */

#ifndef REED_DNS_SERVE_H
#define REED_DNS_SERVE_H

#include "reed/challenge.h"
#include "reed/dns/edns.h"
#include "reed/dns/server.h"
#include "reed/metric.h"
#include "reed/scope.h"

#include "access.h"
#include "answer.h"
#include "item.h"

enum {
	UDP_ROOM = 1232, /* DNS flag day 2020 */
	SECRET = 16,
	COOKIE_CLIENT = 8,  /* RFC 7873 4 */
	COOKIE_SERVER = 16, /* RFC 9018 4 */
	RCODES = 24,
	TALLY_TYPES = 260,
};

struct dns_dynamic;

/* One that answers by code. */
struct dns_coder {
	struct dns_coder *next;
	struct dns_dynamic *dynamic; /* of a zone; owned; NULL: just answers */
	uint16_t type;
	reed_dns_answer_fn *fn;
	void *arg;
};

/* What becomes of messages that are no queries. */
struct dns_hooks {
	/* A primary tells of a change (RFC 1996); NULL: this is none of its zones. */
	void (*notified)(void *arg, const struct reed_address *client);

	/* Settles when *rcode is set; NULL: it takes none. */
	struct reed_future *(*update)(void *arg, struct reed_slice message,
	                              const struct reed_dns_tsig *tsig,
	                              const struct reed_address *client, unsigned *rcode);

	/* The same for an update of the program itself (publish.h), which may do everything. */
	struct reed_future *(*change)(void *arg, struct reed_slice message, unsigned *rcode);

	/* Seconds until the zone expires (RFC 7314); NULL: what the SOA record says. */
	uint32_t (*expire)(void *arg);
};

struct dns_overlay;

/* What a name is served by. */
struct dns_served {
	struct dns_served *next; /* of the same hash */
	uint32_t hash;
	struct reed_dns_name name;
	struct reed_dns_zone *zone; /* NULL: only code */
	struct dns_coder *coders;
	struct reed_dns_prefix *transfer;
	size_t transfer_count;
	struct dns_rules *rules;     /* NULL: none */
	bool closed;                 /* to who may not transfer it */
	bool held;                   /* ours, though there is no zone: SERVFAIL */
	struct dns_overlay *overlay; /* what is published beside the zone; NULL: nothing */
	const struct dns_hooks *hooks;
	void *hooks_arg;
	struct dns_history history;   /* of the zone, up to what it is */
	struct reed_counter *counter; /* of queries; NULL: none came */
};

enum { LANES = 4 };

struct dns_bucket; /* of rates */
struct dns_guests;
struct dns_view;

struct reed_dns_server {
	struct reed_loop *loop;
	struct reed_dns_server_options options; /* with what 0 stands for */
	char *identity, *version;
	uint8_t secret[SECRET]; /* of cookies */
	struct dns_served **table;
	size_t mask, count, zones;
	uint64_t depths[2]; /* by the number of labels, which names are served */
	struct dns_bucket *buckets;
	uint64_t rate_seed;
	uint32_t slips;
	struct dns_guests *guests;
	struct reed_challenge_publisher publisher;
	uint32_t under_way;
	struct reed_dns_keys *keys;
	struct reed_lane *lanes[LANES]; /* for the disks of zones; each is made when it is needed */
	struct reed_counter *bad_signatures, *notified, *updates;
	struct dns_view *views; /* the first that fits */
	size_t view_count;
	struct dns_recursion *recursion; /* NULL: nothing is found out for anybody */
	struct reed_counter *queries[3], *rcodes[RCODES], *dropped, *slipped, *transfers;
	struct reed_counter *by_type[TALLY_TYPES]; /* each made when it is needed */
	uint64_t logged;
	struct reed_dns_tap *tap; /* NULL: nobody looks */
	struct reed_list sessions;
	uint8_t scratch[2 + REED_DNS_MESSAGE_MAX];
};

/* A query, and what is known of it before it is answered. */
struct dns_exchange {
	struct reed_dns_server *server;
	enum reed_dns_door door;
	const struct reed_address *client;
	struct reed_dns_message m;
	struct reed_dns_question question;
	struct reed_dns_edns edns;
	bool has_edns, has_question, has_cookie, knows_us;
	bool wants_nsid, wants_keepalive, wants_padding;
	bool recursion; /* is there for who asks */
	bool is_heard;  /* a NOTIFY that was taken */
	bool wants_expire, has_expire;
	uint32_t expire; /* s until the zone expires (RFC 7314) */
	bool compact;    /* who asks understands compact denial, and has been answered so */
	bool authentic;  /* the answer was validated */
	bool is_carried; /* by another protocol: HTTPS */
	uint8_t cookie[COOKIE_CLIENT + COOKIE_SERVER];
	uint16_t extended_error; /* RFC 8914; 0: none */
	unsigned rcode;
	struct reed_dns_tsig tsig;
	struct dns_path path; /* of the question's name, when a zone is asked */
	uint64_t rate_key;    /* answers that are the same, as far as rates go */
};

enum dns_verdict {
	DNS_IGNORE,
	DNS_DONE, /* an error: the rcode says it all */
	DNS_ASK_ZONE,
	DNS_ASK_CODE,
	DNS_ASK_WORLD,
	DNS_TRANSFER,
	DNS_UPDATE,
};

/* ---- exchange.c: queries looked over, answers closed ---- */

/* Reads a query; what has the say is in the last two. */
enum dns_verdict dns_exchange(struct dns_exchange *x, struct reed_slice bytes,
                              struct dns_served **served, struct dns_coder **coder);

/* The answer to a query that is for a zone, or wrong.  Returns how many bytes it has. */
size_t dns_exchange_answer(struct dns_exchange *x, enum dns_verdict verdict,
                           const struct dns_served *served, uint8_t *into, size_t room);

/* How long an answer may be at most; and without what OPT needs. */
size_t dns_exchange_room(const struct dns_exchange *x, size_t room);
size_t dns_exchange_opt_size(const struct dns_exchange *x);

/* The header and the question. */
void dns_exchange_begin(struct dns_exchange *x, struct dns_answer *a, uint8_t *into, size_t room);

/* The OPT record, the counts and flags; how many bytes it all is. */
size_t dns_exchange_end(struct dns_exchange *x, struct dns_answer *a, size_t room);

/* ---- served.c ---- */

struct dns_served *dns_served_find(const struct reed_dns_server *self,
                                   const struct reed_dns_question *question, struct dns_path *path,
                                   struct dns_coder **coder);
void dns_served_finish(struct reed_dns_server *self);

/* The zone of that very name; NULL. */
struct dns_served *dns_served_exact(const struct reed_dns_server *self,
                                    const struct reed_dns_name *name);

/*
 * For a keeper: what answers for the name, from before there is a zone; it stays until
 * reed_dns_server_take().  While it has no zone it is held.
 */
struct dns_served *dns_served_keep(struct reed_dns_server *self, const struct reed_dns_name *name,
                                   const struct dns_hooks *hooks, void *arg);

/* The zone of a keeper, and who may what with it. */
void dns_served_renew(struct reed_dns_server *self, struct dns_served *served,
                      struct reed_dns_zone *zone);
void dns_served_allow(struct dns_served *served, const struct reed_dns_access *access);

/* The zone that is code of that very name, made if need be; size is what it takes. */
struct dns_dynamic *dns_served_dynamic(struct reed_dns_server *self,
                                       const struct reed_dns_name *name, reed_dns_answer_fn *fn,
                                       void *arg, size_t size);

/* The zone of a keeper has expired. */
void dns_served_withdraw(struct reed_dns_server *self, struct dns_served *served);

/* ---- cookie.c ---- */

void dns_cookie_hash(const uint8_t secret[SECRET], const uint8_t client[COOKIE_CLIENT],
                     const uint8_t head[8], const struct reed_address *address, uint8_t hash[8]);

/* Reads the option; REED_EPROTO: FORMERR.  From here on x->cookie is what is answered. */
enum reed_err dns_cookie_take(struct dns_exchange *x, struct reed_slice data);
uint64_t dns_siphash(const uint8_t key[16], const uint8_t *p, size_t n);

/* ---- rate.c ---- */

enum dns_rate { DNS_RATE_PASS, DNS_RATE_SLIP, DNS_RATE_DROP };

enum dns_rate dns_rate(struct reed_dns_server *self, const struct dns_exchange *x);

/* How many of the n bytes of an answer over UDP are sent; it may be another one then. */
size_t dns_rate_limit(struct dns_exchange *x, uint8_t *into, size_t n, size_t room);
void dns_rate_update(struct reed_dns_server *self);

/* ---- view.c ---- */

/* The query is for another server, by who asks and what it is signed with. */
void dns_view_choose(struct dns_exchange *x);
void dns_server_views_finish(struct reed_dns_server *self);

/* ---- guests.c: connections of one address ---- */

bool dns_guest_enter(struct reed_dns_server *self, const struct reed_address *address);
void dns_guest_leave(struct reed_dns_server *self, const struct reed_address *address);
void dns_guests_finish(struct reed_dns_server *self);

/* ---- code.c ---- */

/* Where an answer goes that takes its time. */
struct dns_way {
	struct reed_buf *into;      /* NULL: */
	struct reed_stream *stream; /* NULL: */
	struct reed_dgram *dgram;
	struct reed_datagram in;
	struct reed_address from, to; /* what in points to */
};

/* From a place that may go: to has copies. */
void dns_way_keep(struct dns_way *to, const struct dns_way *from);

/* The n bytes behind the first two of the server's scratch. */
void dns_way_send(struct reed_dns_server *server, const struct dns_way *way, size_t n);

/* The answer is on its way when the future ends, which must be dropped before the way is closed. */
struct reed_future *dns_code_ask(const struct dns_exchange *x, const struct dns_coder *coder,
                                 const struct dns_way *way);

/* ---- recursion.c: what others are asked for ---- */

/* DNS_ASK_WORLD, or why not. */
enum dns_verdict dns_recursion_verdict(struct dns_exchange *x);

/* It may be asked for what is not ours. */
bool dns_recursion_is_for(const struct dns_exchange *x);

/* What can be said at once; 0: others have to be asked. */
size_t dns_recursion_answer(struct dns_exchange *x, uint8_t *into, size_t room);
struct reed_future *dns_recursion_ask(const struct dns_exchange *x, const struct dns_way *way);
void dns_recursion_finish(struct reed_dns_server *self);

/* ---- transfer.c ---- */

struct dns_transfer {
	struct reed_dns_zone *zone; /* shared; NULL: none under way */
	const struct dns_node *node;
	const struct dns_rrset *set, *sigs; /* sigs: set's, when they are being sent */
	size_t nsec3, at;                   /* the next NSEC3 name; the byte of the RRset */
	uint32_t fix;
	enum {
		TRANSFER_BEGIN,
		TRANSFER_CHANGES,
		TRANSFER_NODES,
		TRANSFER_NSEC3,
		TRANSFER_END
	} stage;
	bool only_soa;              /* the secondary has this serial (RFC 1995 4) */
	struct dns_history changes; /* from the serial it has; empty: all of the zone */
	size_t change, change_at;   /* the next one, and where in it */
};

void dns_transfer_begin(struct dns_transfer *t, const struct dns_exchange *x,
                        const struct dns_served *served);

/* The next message; 0: there are no more. */
size_t dns_transfer_next(struct dns_transfer *t, struct dns_exchange *x, uint8_t *into,
                         size_t room);
void dns_transfer_finish(struct dns_transfer *t);
bool dns_transfer_allowed(const struct dns_served *served, const struct reed_address *client,
                          const struct reed_dns_tsig *tsig);

/* ---- tally.c ---- */

void dns_tally_type(struct dns_exchange *x);
void dns_tally_zone(struct dns_exchange *x, struct dns_served *served);

/* An answer of so many bytes, if it is its turn. */
void dns_tally_log(struct dns_exchange *x, size_t bytes);

/* For dnstap. */
void dns_tally_tap(const struct dns_exchange *x, struct reed_slice message, bool is_answer);

/* ---- update_answer.c ---- */

/* The answer is on its way when the future ends, as with dns_code_ask(). */
struct reed_future *dns_update_ask(const struct dns_exchange *x, const struct dns_served *served,
                                   const struct dns_way *way);

/* Counted, and ready to be read into. */
void dns_exchange_init(struct dns_exchange *x, struct reed_dns_server *server,
                       enum reed_dns_door door, const struct reed_address *client);

#endif
