/* A question under way: where it is, and whom it may ask there. */

#ifndef REED_DNS_WALK_H
#define REED_DNS_WALK_H

#include "resolve.h"

enum {
	ONE_LABEL_STEPS = 4, /* RFC 9156 2.3 */
	STEPS_MOST = 10,     /* the same */
	TRIES_EACH = 2,
	SPECIAL_TTL = 10800,
	LAME_SECONDS = 300,
};

#define PATIENCE_EACH REED_S(5)

/* One that may be asked. */
struct dns_server {
	struct reed_address address;
	struct dns_upstream *upstream; /* NULL: by its address */
	uint8_t tries;
};

enum dns_walk_state {
	WALK_ASKING,
	WALK_NEXT,    /* there is another name to ask for */
	WALK_JUDGING, /* all is there, but it has to be proven */
	WALK_DONE,
	WALK_FAILED,
};

struct dns_walk {
	struct reed_co co;
	struct reed_dns_resolver *resolver;
	struct dns_key key;
	struct dns_budget *budget;
	unsigned depth, aliases, steps;
	enum dns_walk_state state;
	struct reed_dns_name target; /* of the aliases up to now */
	struct reed_dns_name cut;    /* the zone whose servers are asked */
	struct reed_dns_name asked;  /* the target, or less of it */
	struct dns_server servers[SERVERS_MOST], *server;
	size_t server_count;
	struct reed_dns_name missing[LOOKUPS_MOST]; /* servers without an address */
	size_t missing_count, missing_at;
	bool want_ipv6; /* of those */
	struct dns_entry *found;
	struct reed_dns_ask ask;
	struct reed_dns_reply reply;
	struct reed_buf pile;
	unsigned rcode;
	uint32_t ttl;
	bool has_ttl, here;
	bool judging; /* it is asked for with signatures, and validated */
	unsigned judged;
	struct reed_dns_verdict verdict;
	struct reed_slice message; /* that is being validated; owned */
	struct dns_entry *kept, **out;
};

/* ---- walk_judge.c ---- */

/* All there is goes to the validator. */
struct reed_future *dns_walk_judge(struct dns_walk *self);

/* What it has said, or err: done, failed, or once more.  True: the last server was wrong. */
bool dns_walk_judged(struct dns_walk *self, enum reed_err err, const char *why);
void dns_walk_judge_finish(struct dns_walk *self);

/* ---- walk_servers.c ---- */

/* From the closest zone that is known to the target; sets self->cut. */
void dns_servers_of_cut(struct dns_walk *self);

/* Those that a referral has named. */
void dns_servers_of_referral(struct dns_walk *self, struct reed_slice pile);

/* All may be asked again. */
void dns_servers_again(struct dns_walk *self);

/* The best of those that were asked least; NULL: all were asked often enough. */
struct dns_server *dns_server_next(struct dns_walk *self);
uint64_t dns_cut_hash(const struct dns_walk *self);
struct dns_station *dns_server_station(struct dns_walk *self, const struct dns_server *server);

/* There is a server whose address may be looked up. */
bool dns_server_missing(struct dns_walk *self);

/* Takes the addresses of self->found. */
void dns_servers_found(struct dns_walk *self);

/* ---- stale.c ---- */

/* What there was before when it may still be said, else that nobody could say.  Held. */
struct dns_entry *dns_stale_or_failure(struct reed_dns_resolver *self,
                                       const struct dns_outcome *outcome);

#endif
