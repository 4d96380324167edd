/*
 * Events: what happened, told once to every session it concerns.
 *
 * One struct is built for all who hear it.  It and what it points to are good
 * until event() returns.  A door that turns it into bytes does so for the
 * first receiver and leaves the result in the event's slot of its kind of
 * door, for the others to share; the hub releases the slots when all have
 * heard.
 *
 * The session that caused an event hears it too (origin == itself): whether a
 * client sees its own messages is its door's business.
 */

#ifndef REED_ROOMS_EVENT_H
#define REED_ROOMS_EVENT_H

#include "reed/slice.h"

REED_BEGIN_DECLS

struct reed_room_change;
struct reed_room;
struct reed_session;
struct reed_user;

/* An id: 26 characters of [0-9A-Z], which sort as they were made. */
#define REED_ID_LENGTH 26

struct reed_id {
	char s[REED_ID_LENGTH + 1]; /* NUL-terminated; "" is none */
};

/* Kinds of doors in one hub. */
#define REED_DOOR_KINDS 16

/* name, who hears it: what it means.  New ones go last: histories keep the numbers. */
#define REED_EVENT_KINDS(X)                                                              \
	X(MESSAGE)    /* the room, or target and actor: text, tags, manner */            \
	X(EDIT)       /* the same: text and tags replace those of message ref */         \
	X(REDACT)     /* the same: message ref is taken back; text is the reason */      \
	X(JOIN)       /* the room: actor is a member now */                              \
	X(PART)       /* the room: actor, a member still, leaves; text is the reason */  \
	X(KICK)       /* the room: actor removes target, a member still; text */         \
	X(QUIT)       /* peers: actor, a member still, leaves the hub; text */           \
	X(NICK)       /* peers: actor was called was->nick */                            \
	X(HOST)       /* peers: actor was was->username at was->host */                  \
	X(REALNAME)   /* peers: actor's real name */                                     \
	X(AWAY)       /* peers: actor's away message, or that it is back */              \
	X(ACCOUNT)    /* peers: actor's account; was it */                               \
	X(FLAGS)      /* peers: actor's flags, was */                                    \
	X(TOPIC)      /* the room: text is the topic now */                              \
	X(CHANGE)     /* the room: changes of settings, roles and lists */               \
	X(ROOM_VALUE) /* the room: value ref is text now */                              \
	X(RENAME)     /* the room: it was called ref; text is the reason */              \
	X(INVITE)     /* target, and members who may invite */                           \
	X(KNOCK)      /* members who may invite: actor wants in; text */                 \
	X(SETTING)    /* the actor's sessions: setting ref of the account is text now */ \
	X(ONLINE)     /* who watches the nick in text: actor has come, or has it now */  \
	X(OFFLINE)    /* who watches the nick in text: nobody has it now */              \
	X(NOTICE)     /* users the server speaks to: text */

enum reed_event_kind {
#define X(name) REED_EVENT_##name,
	REED_EVENT_KINDS(X)
#undef X
};

/* "MESSAGE" and the like; never NULL. */
REED_API const char *reed_event_name(enum reed_event_kind kind);

/* How something is said. */
enum reed_manner {
	REED_SAY,
	REED_NOTE, /* not to be answered by machines (IRC: NOTICE) */
	REED_ACT,  /* "/me waves": text is "waves" */
	REED_TAG,  /* no text, only tags: a reaction, a typing notice */
};

/*
 * What goes with a message, in names that all doors share: "reply" and "react"
 * (with "reply" the id of the message meant), "typing" ("active", "paused",
 * "done"), and whatever else clients agree on.  Neither key nor value holds a NUL.
 */
struct reed_tag {
	struct reed_slice key, value;
};

/* How the actor was seen before a change. */
struct reed_was {
	struct reed_slice nick, username, host, full, account;
	unsigned flags; /* of enum reed_user_flag */
};

enum reed_event_flag {
	REED_EVENT_WATCHED = 1, /* heard only because the session watches the actor's nick */
	REED_EVENT_KEPT = 2,    /* is in the history */
};

struct reed_hub_event {
	enum reed_event_kind kind;
	enum reed_manner manner;
	unsigned flags;              /* of enum reed_event_flag */
	unsigned roles;              /* only members with one of these roles hear it; 0: all */
	struct reed_user *actor;     /* who did it; NULL: the server */
	struct reed_session *origin; /* through which session; NULL: none in particular */
	struct reed_room *room;      /* NULL: it is in no room */
	struct reed_user *target;    /* may be NULL */
	struct reed_slice text, ref;
	const struct reed_tag *tags;
	size_t tag_count;
	const struct reed_room_change *changes;
	size_t change_count;
	const struct reed_was *was; /* may be NULL */
	struct reed_id id;
	int64_t time; /* nanoseconds since 1970-01-01 UTC */
	void **slots; /* see reed_event_slot() */
	void *reserved[4];
};

/*
 * One kind of door: a constant of the door's module.  Its address tells kinds
 * apart; a hub takes REED_DOOR_KINDS of them.
 */
struct reed_door_ops {
	const char *name; /* "irc" */

	/* Something happened.  Queue output, read what you like, change nothing. */
	void (*event)(struct reed_session *session, const struct reed_hub_event *ev);

	/*
	 * The session is no longer attached: the hub's last call, after which
	 * it does not touch the session.  The memory may be freed in here.
	 * why is a reason for people, empty when the client just left.
	 */
	void (*over)(struct reed_session *session, struct reed_slice why);

	/* Releases what event() left in a slot.  NULL: this door uses none. */
	void (*release)(void *encoded);
};

REED_END_DECLS

#endif
