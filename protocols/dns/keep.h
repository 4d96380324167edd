/* What the files of a keeper share. */

#ifndef REED_DNS_KEEP_H
#define REED_DNS_KEEP_H

#include "reed/cell.h"
#include "reed/co.h"
#include "reed/dns/keeper.h"

#include "fetch.h"
#include "serve.h"
#include "shelf.h"

enum { SEEN_UPDATES = 1024, SEEN_MAC = 16 };

struct dns_remote {
	char *endpoint;
	bool has_key;
	struct reed_dns_key key;
};

struct dns_remotes {
	struct dns_remote *all;
	size_t n;
};

/* A signed update that was here before: it is answered as it was (RFC 8945 10.3). */
struct dns_seen_update {
	uint8_t mac[SEEN_MAC];
	uint64_t when;
	bool done;
	unsigned rcode;
};

/* Somebody waits: for an update, for another that is the same, or for peace. */
struct dns_waiting {
	struct reed_future future;
	struct reed_list link;
	struct dns_update update;
	size_t number;                /* among those worked out together */
	struct dns_seen_update *seen; /* NULL: it was not signed */
	unsigned *out;
};

struct reed_dns_keeper {
	struct reed_loop *loop;
	struct reed_dns_server *server;
	struct dns_served *served;
	struct dns_shelf *shelf;
	struct reed_lane *lane;
	struct reed_scope scope, telling; /* its own life; secondaries that are being told */
	struct reed_cell wake, *told_of;  /* NULL: nobody hears when another zone is served */
	struct dns_remotes primaries, secondaries;
	enum reed_dns_serial_policy serial;
	int64_t sync, refresh_least, refresh_most;
	size_t zone_most;
	char text[REED_DNS_NAME_TEXT_SIZE]; /* the name */

	bool loaded, busy, frozen, expired;
	bool wants_sign, ds_seen; /* of a zone that is signed here */
	unsigned roll;
	struct reed_dns_policy policy;
	int64_t sign_at;
	bool wants_reload, wants_refresh, wants_whole, wants_flush;
	bool heard;  /* of a change, while busy */
	bool resync; /* what came as changes did not fit: all of it is to come */
	char *mistake;
	uint32_t file_serial;
	int64_t sync_at, refresh_at, expire_at, load_at; /* REED_NEVER: not at all */
	int64_t refreshed;                               /* reed_now() of the last attempt */
	int64_t noted;      /* of the last time that was written down */
	unsigned failures;  /* in a row */
	size_t first;       /* the primary that is asked first */
	uint32_t timers[5]; /* of the SOA record */

	struct reed_list updates, under_way, twins, idlers; /* of struct dns_waiting */
	struct dns_seen_update *seen; /* SEEN_UPDATES of them; NULL: none came */
	size_t seen_next;
	struct reed_counter *fetched, *not_fetched, *applied, *told, *not_told;
};

/* ---- keeper.c ---- */

void dns_keeper_wake(struct reed_dns_keeper *self);
void dns_keeper_mistake(struct reed_dns_keeper *self, const char *what, const char *why);
bool dns_keeper_is_secondary(const struct reed_dns_keeper *self);
struct reed_future *dns_keeper_do(struct reed_dns_keeper *self, struct dns_chore *chore);
struct dns_chore *dns_keeper_chore(struct reed_dns_keeper *self, dns_chore_fn *fn,
                                   struct dns_chore_result *out);

struct reed_future *dns_keeper_life(struct reed_dns_keeper *self);
void dns_keeper_tell(struct reed_dns_keeper *self);

/* Who waits for something waits in vain. */
void dns_keeper_dismiss(struct reed_dns_keeper *self);

/* What a chore has come to is served from now on; consumes it. */
void dns_keeper_install(struct reed_dns_keeper *self, struct dns_chore_result *result,
                        const char *how);

/* ---- keep_refresh.c ---- */

/* Asks the primaries, one after another; ends well when one was in reach. */
struct reed_future *dns_keeper_ask(struct reed_dns_keeper *self);
void dns_keeper_expire(struct reed_dns_keeper *self);

/* When the next attempt is due; a zone was read, of which a primary was seen then. */
void dns_keeper_schedule(struct reed_dns_keeper *self, int64_t seen);
void dns_keeper_notified_again(struct reed_dns_keeper *self);
void dns_keeper_notified(void *arg, const struct reed_address *client);
uint32_t dns_keeper_expires(void *arg);

/* ---- keep_update.c ---- */

void dns_waiting_new(struct reed_dns_keeper *self, struct reed_list *list,
                     struct dns_waiting **out);
void dns_waiting_settle(struct dns_waiting *w, enum reed_err err, unsigned rcode);
struct reed_future *dns_keeper_take_update(void *arg, struct reed_slice message,
                                           const struct reed_dns_tsig *tsig,
                                           const struct reed_address *client, unsigned *rcode);

struct reed_future *dns_keeper_take_change(void *arg, struct reed_slice message, unsigned *rcode);

/* Those that wait become a chore; when it has run they are answered. */
struct dns_chore *dns_keeper_updates(struct reed_dns_keeper *self, struct dns_chore_result *out);
void dns_keeper_answer(struct reed_dns_keeper *self, enum reed_err err, const unsigned *rcodes);

#endif
