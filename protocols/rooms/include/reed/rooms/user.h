/*
 * Users and their sessions.
 */

#ifndef REED_ROOMS_USER_H
#define REED_ROOMS_USER_H

#include "reed/list.h"
#include "reed/rooms/event.h"
#include "reed/rooms/refusal.h"

REED_BEGIN_DECLS

struct reed_account;
struct reed_hub;
struct reed_masks;

/*
 * One client, attached through one door.  Embedded in the door's connection
 * and zeroed; the first members are what an event touches.
 */
struct reed_session {
	const struct reed_door_ops *ops; /* set by the door */
	struct reed_session *sibling;    /* the next of the same user */
	struct reed_user *user;          /* NULL while not attached */
	uint64_t mark;
	uint8_t slot;
	bool ending; /* hears nothing any more; over() comes */
	bool secure;
	bool away;
	char *away_text; /* owned by the hub, as are the next two */
	char *address;   /* where the client really is; may be empty */
	char *reason;
	int64_t since, active; /* wall clock: attached, last did something */
	struct reed_list ending_link;
	struct reed_list watches; /* what it monitors, see below */
	uint32_t watch_count;
	uint32_t reserved_bits;
	void *reserved[4];
};

/* The bytes a door shares among the receivers of ev; NULL until it has set them. */
static inline void **reed_event_slot(const struct reed_hub_event *ev,
                                     const struct reed_session *session)
{
	return &ev->slots[session->slot];
}

enum reed_user_flag {
	REED_USER_INVISIBLE = 1, /* listed only to those who share a room */
	REED_USER_BOT = 2,
	REED_USER_OPERATOR = 4,         /* shown as an operator of the server */
	REED_USER_SECURE = 8,           /* all sessions are encrypted; the hub keeps it */
	REED_USER_HEARS_SERVER = 16,    /* wants the server's notices (IRC: +s, +w) */
	REED_USER_REGISTERED_ONLY = 32, /* takes messages from users with accounts only */
	REED_USER_HIDES_ROOMS = 64,     /* its rooms are not told to strangers */
	REED_USER_FIRST_FREE = 1 << 16, /* from here on: of doors and programs */
};

/* What an operator of the server may do. */
enum reed_privilege {
	REED_MAY_ROOMS = 1, /* everything in every room */
	REED_MAY_KILL = 2,
	REED_MAY_BAN = 4,
	REED_MAY_SEE = 8,       /* invisible users, secret rooms, addresses */
	REED_MAY_SPEAK = 16,    /* as the server, to everybody */
	REED_MAY_ACCOUNTS = 32, /* other people's accounts */
	REED_MAY_ALL = 63,
};

/* Read only. */
struct reed_user {
	struct reed_hub *hub;
	struct reed_session *sessions; /* the oldest; NULL when kept without one */
	struct reed_account *account;  /* NULL: a guest */
	struct reed_list memberships;  /* of struct reed_member, link; in the order of joining */
	uint32_t room_count, session_count;
	unsigned flags, privileges; /* of enum reed_user_flag, enum reed_privilege */
	char *operator_class;       /* NULL: no operator */
	char *nick, *username, *host, *realname;
	char *full;            /* nick!username@host */
	char *away;            /* NULL: here */
	uint64_t serial;       /* unique in the hub's life */
	uint64_t look;         /* changes whenever a mask could match anew */
	int64_t came, spoke;   /* wall clock; spoke is 0 before it did */
	struct reed_list link; /* of all users, in the order they came */
};

/* ---- coming and going ---- */

struct reed_newcomer {
	size_t size; /* of this struct */
	struct reed_slice nick, username, host, realname;
	struct reed_slice address; /* for bans and operators */
	struct reed_slice account; /* proven by the door; empty: a guest */
	unsigned flags;            /* of enum reed_user_flag; for a new user only */
	bool secure;               /* the connection is encrypted */
};

#define REED_NEWCOMER                                \
	{                                            \
		.size = sizeof(struct reed_newcomer) \
	}

/*
 * Attaches a session whose ops are set.  When the account has a user here the
 * session joins it, and nick, names and flags of the newcomer are not used:
 * the door tells its client which nick it has and which rooms it is in.
 * Otherwise a new user comes.
 */
REED_API enum reed_refusal reed_session_attach(struct reed_hub *hub, struct reed_session *session,
                                               const struct reed_newcomer *newcomer);

/*
 * The session leaves and ops->over() is called, before this returns; inside an
 * event, when the turn ends.  With the last session of a user the user quits,
 * unless the hub's options keep it.  Nothing happens if it is not attached.
 */
REED_API void reed_session_end(struct reed_session *session, struct reed_slice reason);

/*
 * The session is that of another user from now on: whoever has the account
 * here.  Its old user quits for the reason if it was the last session of that
 * one.  The session itself hears of neither; its door tells its client.
 * REED_REFUSAL_NO_USER: nobody has it.
 */
REED_API enum reed_refusal reed_session_move(struct reed_session *session,
                                             struct reed_slice account, struct reed_slice reason);

/*
 * The client did something that shows a person is there.  Speaking and the
 * like count by themselves.
 */
REED_API void reed_session_touch(struct reed_session *session);

/*
 * All sessions end when the turn does, and the user quits even if it would be
 * kept.  by may be NULL: the server.
 */
REED_API enum reed_refusal reed_user_kill(struct reed_session *by, struct reed_user *user,
                                          struct reed_slice reason);

/* ---- what others see ---- */

/*
 * origin is the session that asked, or NULL: the server wants it so, and
 * neither reservations nor rooms forbid it.  The same nick in other letters
 * is granted, exactly the same is REED_REFUSAL_ALREADY.
 */
REED_API enum reed_refusal reed_user_rename(struct reed_user *user, struct reed_session *origin,
                                            struct reed_slice nick);

/*
 * A session is away (text) or back (empty).  The user is away while all its
 * sessions are, with the text that was set last.
 */
REED_API enum reed_refusal reed_session_away(struct reed_session *session, struct reed_slice text);

REED_API enum reed_refusal reed_user_set_host(struct reed_user *user, struct reed_slice username,
                                              struct reed_slice host);
REED_API enum reed_refusal reed_user_set_realname(struct reed_user *user,
                                                  struct reed_session *origin,
                                                  struct reed_slice realname);

/* Sets and clears bits; REED_USER_OPERATOR and _SECURE cannot be set this way. */
REED_API void reed_user_set_flags(struct reed_user *user, struct reed_session *origin, unsigned set,
                                  unsigned clear);

/* Makes an operator of the server, or no longer (privileges 0). */
REED_API void reed_user_empower(struct reed_user *user, const char *operator_class,
                                unsigned privileges);

/*
 * Logs a guest in, or a user out (empty name).  REED_REFUSAL_ELSEWHERE when
 * another user has that account: see reed_session_move().
 * REED_REFUSAL_ALREADY when this one has.  A user of several sessions cannot
 * be logged out (REED_REFUSAL_ELSEWHERE): which of them would it be?
 */
REED_API enum reed_refusal reed_user_login(struct reed_user *user, struct reed_session *origin,
                                           struct reed_slice account);

/* ---- who may see whom ---- */

REED_API bool reed_users_share_room(const struct reed_user *a, const struct reed_user *b);

/* Not invisible, or sharing a room with the viewer, or the viewer may see all.  viewer may be NULL. */
REED_API bool reed_user_visible(const struct reed_user *user, const struct reed_user *viewer);

/* ---- saying something to somebody ---- */

struct reed_speech {
	size_t size;
	enum reed_manner manner;
	unsigned roles;         /* in a room: only members with one of these hear it; 0: all */
	struct reed_slice text; /* may hold line feeds */
	const struct reed_tag *tags;
	size_t tag_count;
	bool passing; /* of this moment only: never kept (typing notices) */
};

#define REED_SPEECH                                \
	{                                          \
		.size = sizeof(struct reed_speech) \
	}

/* All sessions of both hear it.  It is kept if both have accounts. */
REED_API enum reed_refusal reed_user_say(struct reed_session *from, struct reed_user *to,
                                         const struct reed_speech *speech);

/* What stands against the session's speaking to the user, if anything; changes nothing. */
REED_API enum reed_refusal reed_user_hears(const struct reed_user *to,
                                           const struct reed_session *from);

/* The server speaks: to one user, or to all that have all these flags. */
REED_API void reed_user_note(struct reed_user *to, struct reed_slice text);
REED_API enum reed_refusal reed_hub_note(struct reed_hub *hub, struct reed_session *by,
                                         unsigned flags, struct reed_slice text);

/* ---- watching nicks ---- */

/* One nick that one session watches.  Read only. */
struct reed_monitor {
	struct reed_session *session;
	struct reed_nick_watch *nick;
	struct reed_list of_session, of_nick;
};

/*
 * The session hears of ONLINE and OFFLINE, and of what its peers would hear
 * about whoever has the nick.  REED_REFUSAL_ALREADY, LIST_FULL, NICK_INVALID.
 */
REED_API enum reed_refusal reed_monitor_add(struct reed_session *session, struct reed_slice nick);
REED_API enum reed_refusal reed_monitor_remove(struct reed_session *session,
                                               struct reed_slice nick);
REED_API void reed_monitor_clear(struct reed_session *session);

/* The nick as it was asked for. */
REED_API struct reed_slice reed_monitor_nick(const struct reed_monitor *monitor);

/* ---- who was here ---- */

struct reed_whowas {
	const char *nick, *username, *host, *realname, *account; /* account: NULL for guests */
	const char *address;                                     /* for operators */
	int64_t left;                                            /* wall clock */
};

/* Writes up to room entries, the latest first, good until the hub changes; returns how many. */
REED_API size_t reed_whowas_find(const struct reed_hub *hub, struct reed_slice nick,
                                 struct reed_whowas *into, size_t room);

REED_END_DECLS

#endif
