/*
 * Rooms, their members, settings and lists.
 *
 * Whoever acts is a session ("by"); NULL is the server, which may do
 * everything.  So may an operator with REED_MAY_ROOMS.
 */

#ifndef REED_ROOMS_ROOM_H
#define REED_ROOMS_ROOM_H

#include "reed/rooms/user.h"

REED_BEGIN_DECLS

struct reed_future;

/* Bits of a member; the highest one set is the member's rank. */
enum reed_role {
	REED_ROLE_MEMBER = 1, /* lasting only: may come into a room for invited users */
	REED_ROLE_VOICE = 2,
	REED_ROLE_HALFOP = 4,
	REED_ROLE_OP = 8,
	REED_ROLE_ADMIN = 16,
	REED_ROLE_OWNER = 32,
	REED_ROLES = 63,
};

enum reed_room_flag {
	REED_ROOM_SECRET = 1, /* not listed, and not shown with its members */
	REED_ROOM_INVITE_ONLY = 2,
	REED_ROOM_MODERATED = 4,       /* a voice is needed to speak */
	REED_ROOM_TOPIC_LOCKED = 8,    /* half-operators and up set the topic */
	REED_ROOM_NO_OUTSIDE = 16,     /* only members speak */
	REED_ROOM_ACCOUNTS_JOIN = 32,  /* guests may not come in, ... */
	REED_ROOM_ACCOUNTS_SPEAK = 64, /* ... may not speak without a voice */
	REED_ROOM_SECURE_ONLY = 128,
	REED_ROOM_NO_NOTES = 256,     /* nothing said as REED_NOTE */
	REED_ROOM_NICK_LOCKED = 512,  /* nobody without a voice changes nick in here */
	REED_ROOM_FREE_INVITE = 1024, /* every member may invite */
	REED_ROOM_NO_KNOCK = 2048,
	REED_ROOM_OPS_HEAR = 4096, /* who may not speak is heard by those who rule */
	REED_ROOM_UNKEPT = 8192,   /* no history */
	REED_ROOM_LASTING = 16384, /* stays when empty; the server's to set */
};
#define REED_ROOM_FLAGS      UINT64_C(0xffffffff) /* Reed's; the rest is doors' and programs' */
#define REED_ROOM_FIRST_FREE (UINT64_C(1) << 32)

enum reed_list_kind {
	REED_LIST_BAN,    /* may not come in, nor speak */
	REED_LIST_QUIET,  /* may not speak */
	REED_LIST_EXCEPT, /* may, whatever those two say */
	REED_LIST_INVITE, /* may come in uninvited */
	REED_LIST_KINDS,
};

struct reed_mask {
	char *mask; /* what it matches is for the hub's matcher to say */
	char *by;   /* who set it, as text */
	int64_t at; /* wall clock */
};

struct reed_masks {
	struct reed_mask *p;
	uint32_t n, size;
};

/* A lasting role. */
struct reed_affiliation {
	struct reed_account *account;
	unsigned roles;
};

struct reed_value {
	char *key, *text;
};

struct reed_values {
	struct reed_value *p; /* in the order they came */
	uint32_t n, size;
};

/* Read only. */
struct reed_member {
	struct reed_room *room;
	struct reed_user *user;
	unsigned roles;
	uint32_t seat;         /* in room->seats */
	int64_t joined, spoke; /* wall clock */
	struct reed_list link; /* of the user */
};

/* The first session of the member's user is here, so that an event need not look for it. */
struct reed_seat {
	struct reed_session *session; /* NULL: kept without one */
	struct reed_member *member;
};

/* Read only. */
struct reed_room {
	struct reed_hub *hub;
	char *name;
	struct reed_seat *seats; /* dense; a leaving member's place goes to the last */
	uint32_t count, size;
	uint64_t flags; /* of enum reed_room_flag */
	char *topic;    /* NULL: none */
	char *topic_by;
	int64_t topic_at, created;    /* wall clock */
	char *key;                    /* NULL: none */
	uint32_t limit;               /* members; 0: none but the hub's */
	uint32_t slow;                /* seconds between messages of one without a voice; 0: none */
	struct reed_account *founder; /* NULL: not registered */
	struct reed_masks lists[REED_LIST_KINDS];
	struct reed_affiliation *affiliations;
	uint32_t affiliation_count, affiliation_size;
	struct reed_values values;
	struct reed_id id;     /* its history's name; a new room of this name has another */
	uint64_t serial;       /* ascends in the order they were made */
	struct reed_list link; /* of all rooms, in that order */
};

/* NULL when the user is not in the room.  Takes the same time in a room of any size. */
REED_API struct reed_member *reed_member_find(const struct reed_room *room,
                                              const struct reed_user *user);

/* Not secret, or the viewer is in it or may see all.  viewer may be NULL. */
REED_API bool reed_room_visible(const struct reed_room *room, const struct reed_user *viewer);

/* ---- coming and going ---- */

/*
 * A room that is not there is made, and its first member gets the roles the
 * hub's options say.  *member is set when granted, and with MEMBER_ALREADY:
 * another session of the same user may have joined, and what this client is
 * to see now is the door's business.
 */
REED_API enum reed_refusal reed_room_join(struct reed_session *by, struct reed_slice name,
                                          struct reed_slice key, struct reed_member **member);

/* The same for whom the server puts into a room, whatever the room says. */
REED_API enum reed_refusal reed_room_put(struct reed_user *user, struct reed_slice name,
                                         unsigned roles, struct reed_member **member);

/* The user leaves, with all its sessions.  The room may be gone then. */
REED_API enum reed_refusal reed_room_part(struct reed_session *by, struct reed_room *room,
                                          struct reed_slice reason);
REED_API enum reed_refusal reed_room_kick(struct reed_session *by, struct reed_room *room,
                                          struct reed_user *user, struct reed_slice reason);

/* A room without members: REED_REFUSAL_NAME_TAKEN.  It is lasting. */
REED_API enum reed_refusal reed_room_make(struct reed_hub *hub, struct reed_slice name,
                                          struct reed_room **room);

/* Everybody is removed by "by" (NULL: the server), then the room and its history are gone. */
REED_API enum reed_refusal reed_room_close(struct reed_session *by, struct reed_room *room,
                                           struct reed_slice reason);

/* What stands against the session's coming in, if anything; changes nothing. */
REED_API enum reed_refusal reed_room_admits(struct reed_room *room, struct reed_session *session,
                                            struct reed_slice key);

/* The invitation holds for one coming in; the oldest gives way when there are too many. */
REED_API enum reed_refusal reed_room_invite(struct reed_session *by, struct reed_room *room,
                                            struct reed_user *user);
REED_API bool reed_room_invited(const struct reed_room *room, const struct reed_user *user);
REED_API enum reed_refusal reed_room_knock(struct reed_session *by, struct reed_room *room,
                                           struct reed_slice text);

/* ---- speaking ---- */

/* All sessions of who speaks hear it too, from outside and without speech->roles as well. */
REED_API enum reed_refusal reed_room_say(struct reed_session *from, struct reed_room *room,
                                         const struct reed_speech *speech);

/* What stands against the session's speaking, if anything; changes nothing. */
REED_API enum reed_refusal reed_room_hears(struct reed_room *room, struct reed_session *session,
                                           enum reed_manner manner);

/* Empty: none. */
REED_API enum reed_refusal reed_room_set_topic(struct reed_session *by, struct reed_room *room,
                                               struct reed_slice topic);

/*
 * Messages that are in the history may be changed by who said them (with an
 * account), and taken back by half-operators too.  The history is asked first,
 * so these settle later: *refusal is written then.  by may have ended meanwhile.
 */
REED_API struct reed_future *reed_room_edit(struct reed_session *by, struct reed_room *room,
                                            struct reed_slice id, const struct reed_speech *speech,
                                            enum reed_refusal *refusal);
REED_API struct reed_future *reed_room_redact(struct reed_session *by, struct reed_room *room,
                                              struct reed_slice id, struct reed_slice reason,
                                              enum reed_refusal *refusal);

/* ---- settings, roles and lists ---- */

enum reed_change_kind {
	REED_CHANGE_FLAGS,        /* what: bits of enum reed_room_flag */
	REED_CHANGE_KEY,          /* text */
	REED_CHANGE_LIMIT,        /* what */
	REED_CHANGE_SLOW,         /* what */
	REED_CHANGE_ROLE,         /* what: bits of enum reed_role; user */
	REED_CHANGE_LIST,         /* what: enum reed_list_kind; text: a mask */
	REED_CHANGE_LASTING_ROLE, /* what: bits; text: an account; off: all of them */
	REED_CHANGE_FOUNDER,      /* text: an account; told only, see reed_room_register() */
};

struct reed_room_change {
	enum reed_change_kind kind;
	bool on; /* set or given; else cleared, taken */
	uint64_t what;
	struct reed_slice text;
	struct reed_user *user;
	enum reed_refusal refusal; /* out: why not */
	bool done;                 /* out: it was not so before */
};

/*
 * Makes each change that is allowed, in order, and tells the room about those
 * that changed something, in one event.  Returns the first refusal.
 */
REED_API enum reed_refusal reed_room_change(struct reed_session *by, struct reed_room *room,
                                            struct reed_room_change *changes, size_t count);

/* Empty text takes the value away.  Needs an operator of the room. */
REED_API enum reed_refusal reed_room_set_value(struct reed_session *by, struct reed_room *room,
                                               struct reed_slice key, struct reed_slice text);
/* NULL when there is none. */
REED_API const char *reed_values_get(const struct reed_values *values, struct reed_slice key);

REED_API enum reed_refusal reed_room_rename(struct reed_session *by, struct reed_room *room,
                                            struct reed_slice name, struct reed_slice reason);

/* By this list; roles count as the lists say for nobody (an owner may be banned). */
REED_API bool reed_room_listed(struct reed_room *room, enum reed_list_kind list,
                               const struct reed_user *user);

/* ---- registered rooms ---- */

/*
 * The session's account founds the room: it stays when empty, its settings,
 * lasting roles and lists are stored, and its founder is an owner whenever it
 * comes in.  Needs an operator of the room.  When this has settled with
 * success and *refusal is NONE the room is on the disk; REED_ENOSPC and the
 * like are failures and leave the room unregistered.  by may have ended meanwhile.
 */
REED_API struct reed_future *reed_room_register(struct reed_session *by, struct reed_room *room,
                                                enum reed_refusal *refusal);

/* The founder's, or the server's to say.  An empty room is gone then. */
REED_API enum reed_refusal reed_room_unregister(struct reed_session *by, struct reed_room *room);

REED_END_DECLS

#endif
