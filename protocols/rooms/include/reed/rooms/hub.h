/*
 * Hubs: all rooms, users and accounts of one server.
 */

#ifndef REED_ROOMS_HUB_H
#define REED_ROOMS_HUB_H

#include "reed/rooms/account.h"
#include "reed/rooms/history.h"
#include "reed/rooms/limits.h"
#include "reed/rooms/store.h"

REED_BEGIN_DECLS

struct reed_loop;

/* Two names are the same when they fold to the same bytes.  Returns how many; 0: not a name. */
typedef size_t reed_fold_fn(char into[REED_NAME_MAX], struct reed_slice name);

/* A to Z are a to z; everything else, UTF-8 too, is itself. */
REED_API size_t reed_fold_ascii(char into[REED_NAME_MAX], struct reed_slice name);
/* RFC 2812 2.2: and {}|^ are the lower case of []\~. */
REED_API size_t reed_fold_rfc1459(char into[REED_NAME_MAX], struct reed_slice name);

typedef bool reed_name_fn(struct reed_slice name);

/*
 * Whether mask means the user.  session is the one that is coming, or NULL:
 * any of the user's.
 */
typedef bool reed_match_fn(struct reed_hub *hub, struct reed_slice mask,
                           const struct reed_user *user, const struct reed_session *session);

/*
 * "*" and "?" match as ever, in either case: against nick!username@host as
 * shown, and as it is with the address for the host; a mask without "!" and
 * "@" against host and address alone.  "account:NAME" means whoever is logged
 * in to that, "192.0.2.0/24" and "2001:db8::/32" addresses.
 */
REED_API bool reed_match_default(struct reed_hub *hub, struct reed_slice mask,
                                 const struct reed_user *user, const struct reed_session *session);

/* For matchers of your own.  "?" is one character of UTF-8; A to Z are a to z. */
REED_API bool reed_glob(struct reed_slice pattern, struct reed_slice text);

struct reed_hub_options {
	size_t size;
	const char *name; /* of the server; NULL: "reed" */
	struct reed_rooms_limits limits;
	reed_fold_fn *fold;           /* NULL: reed_fold_ascii */
	reed_name_fn *nick_ok;        /* NULL: UTF-8 without spaces, controls and ,*?!@: */
	reed_name_fn *room_ok;        /* NULL: UTF-8 without spaces, controls and , */
	reed_match_fn *matches;       /* NULL: reed_match_default */
	uint64_t room_flags;          /* of new rooms; 0: TOPIC_LOCKED and NO_OUTSIDE */
	unsigned creator_roles;       /* of who makes a room by coming in; 0: REED_ROLE_OP */
	struct reed_history *history; /* borrowed; NULL: none is kept */
	bool history_events;          /* who comes and goes, topics, nicks and names are kept too */
	struct reed_rooms_store *store; /* borrowed; NULL: nothing survives the hub */

	/*
	 * The last session of a user with an account has left: shall the user
	 * stay, without one?  NULL: no.  Reads only.
	 */
	bool (*keep)(void *arg, const struct reed_user *user);

	/* The store failed; what could not be saved is tried again.  NULL: the log is told. */
	void (*trouble)(void *arg, struct reed_hub *hub, enum reed_err err, const char *why);
	void *arg;
};

#define REED_HUB_OPTIONS                                \
	{                                               \
		.size = sizeof(struct reed_hub_options) \
	}

/* options may be NULL, and is copied; strings are too. */
REED_API struct reed_hub *reed_hub_new(struct reed_loop *loop,
                                       const struct reed_hub_options *options);

/*
 * Ends all sessions.  What was not flushed is lost.  Futures of the hub have been
 * awaited or dropped before.  May be NULL.
 */
REED_API void reed_hub_free(struct reed_hub *hub);

/* With all defaults filled in. */
REED_API const struct reed_hub_options *reed_hub_options(const struct reed_hub *hub);

/* From now on; what is over a new limit already stays. */
REED_API void reed_hub_set_limits(struct reed_hub *hub, const struct reed_rooms_limits *limits);

/* Fills an empty hub from its store; then it may be used. */
REED_API struct reed_future *reed_hub_load(struct reed_hub *hub);

/* Settles when what has changed until now is on the disk, or could not be saved. */
REED_API struct reed_future *reed_hub_flush(struct reed_hub *hub);

struct reed_hub_stats {
	size_t size;                              /* set by the caller */
	size_t users, invisible, operators, kept; /* kept: without a session */
	size_t sessions, rooms, registered, accounts, server_bans;
	size_t most_users;             /* at once */
	uint64_t messages, deliveries; /* said; heard by a session: events of all kinds */
	size_t unsaved;                /* rooms, accounts and bans that wait for the disk */
};

REED_API void reed_hub_stats(const struct reed_hub *hub, struct reed_hub_stats *stats);

/* ---- finding: NULL when there is none ---- */

REED_API struct reed_user *reed_user_find(const struct reed_hub *hub, struct reed_slice nick);
REED_API struct reed_room *reed_room_find(const struct reed_hub *hub, struct reed_slice name);
REED_API struct reed_account *reed_account_find(const struct reed_hub *hub, struct reed_slice name);
/* By reed_id: as histories and stores name them. */
REED_API struct reed_room *reed_room_by_id(const struct reed_hub *hub, struct reed_slice id);
REED_API struct reed_account *reed_account_by_id(const struct reed_hub *hub, struct reed_slice id);

/* All of them: NULL begins and ends.  Nothing may be freed in between. */
REED_API struct reed_user *reed_user_next(const struct reed_hub *hub, const struct reed_user *user);
REED_API struct reed_room *reed_room_next(const struct reed_hub *hub, const struct reed_room *room);
REED_API struct reed_account *reed_account_next(const struct reed_hub *hub,
                                                const struct reed_account *account);
/* The first one that came after the one with this serial, for lists that are told in parts. */
REED_API struct reed_user *reed_user_after(const struct reed_hub *hub, uint64_t serial);
REED_API struct reed_room *reed_room_after(const struct reed_hub *hub, uint64_t serial);

REED_API bool reed_same_name(const struct reed_hub *hub, struct reed_slice a, struct reed_slice b);
REED_API bool reed_nick_ok(const struct reed_hub *hub, struct reed_slice nick);
REED_API bool reed_room_name_ok(const struct reed_hub *hub, struct reed_slice name);

/* A fresh id; they ascend. */
REED_API struct reed_id reed_hub_id(struct reed_hub *hub);

/* ---- bans from the server ---- */

struct reed_server_ban {
	char *mask, *by, *reason;
	int64_t at, expires; /* wall clock; 0: never */
	struct reed_list link;
};

/*
 * Whoever it matches leaves when the turn ends, and may not come.  seconds 0: for ever.  The
 * same mask again replaces the ban.  Needs REED_MAY_BAN.  *gone, if not NULL,
 * is how many sessions ended.
 */
REED_API enum reed_refusal reed_hub_ban(struct reed_hub *hub, struct reed_session *by,
                                        struct reed_slice mask, struct reed_slice reason,
                                        int64_t seconds, size_t *gone);
REED_API enum reed_refusal reed_hub_unban(struct reed_hub *hub, struct reed_session *by,
                                          struct reed_slice mask);

/* The ban that holds for this session, whose user may be another's; NULL: none. */
REED_API const struct reed_server_ban *reed_hub_banned(struct reed_hub *hub,
                                                       const struct reed_user *user,
                                                       const struct reed_session *session);

/* NULL begins and ends; those that have expired are not shown. */
REED_API const struct reed_server_ban *reed_server_ban_next(struct reed_hub *hub,
                                                            const struct reed_server_ban *ban);

REED_END_DECLS

#endif
