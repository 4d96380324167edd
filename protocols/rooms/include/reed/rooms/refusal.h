/*
 * Refusals: what the rules of a hub or room forbid.  A value that each door
 * says in its own words (IRC 471 to 475, XMPP's error stanzas), not an error.
 */

#ifndef REED_ROOMS_REFUSAL_H
#define REED_ROOMS_REFUSAL_H

#include "reed/api.h"

REED_BEGIN_DECLS

/* name, sentence */
#define REED_REFUSALS(X)                                                  \
	X(NONE, "granted")                                                \
	X(NO_ROOM, "there is no such room")                               \
	X(NO_USER, "there is no such user")                               \
	X(NO_ACCOUNT, "there is no such account")                         \
	X(NO_MESSAGE, "there is no such message")                         \
	X(NO_ENTRY, "there is no such entry")                             \
	X(NOT_MEMBER, "you are not in that room")                         \
	X(NOT_THERE, "that user is not in that room")                     \
	X(MEMBER_ALREADY, "that user is in that room already")            \
	X(NEEDS_ROLE, "your role in the room is not enough")              \
	X(OUTRANKED, "that user's role in the room is higher than yours") \
	X(NEEDS_PRIVILEGE, "only an operator of the server may do that")  \
	X(NEEDS_ACCOUNT, "that needs an account you are logged in to")    \
	X(NEEDS_SECURITY, "that needs an encrypted connection")           \
	X(BANNED, "you are banned from the room")                         \
	X(SERVER_BANNED, "you are banned from this server")               \
	X(FULL, "the room is full")                                       \
	X(WRONG_KEY, "the room has a key, and that is not it")            \
	X(INVITE_ONLY, "the room takes invited users only")               \
	X(OUTSIDE, "the room takes no messages from outside")             \
	X(MODERATED, "the room is moderated, and you have no voice")      \
	X(TOO_FAST, "you may not speak again so soon")                    \
	X(BLOCKED, "that user does not want to hear from you")            \
	X(NICK_INVALID, "that is not a nick")                             \
	X(NICK_IN_USE, "that nick is in use")                             \
	X(NICK_RESERVED, "that nick belongs to somebody's account")       \
	X(NICK_LOCKED, "you may not change your nick while in that room") \
	X(NAME_INVALID, "that is not a name for a room")                  \
	X(NAME_TAKEN, "that name is taken")                               \
	X(ALREADY, "that is so already")                                  \
	X(ELSEWHERE, "that account is here already, as another user")     \
	X(NOT_REGISTERED, "the room is not registered")                   \
	X(TOO_MANY_USERS, "the server is full")                           \
	X(TOO_MANY_ROOMS, "you are in too many rooms")                    \
	X(LIST_FULL, "the list is full")                                  \
	X(TOO_LONG, "that is too long")                                   \
	X(EMPTY, "there is nothing in it")                                \
	X(BAD_TEXT, "that holds characters it may not hold")              \
	X(UNKNOWN, "there is no such setting")                            \
	X(HUB_FULL, "the server has as many rooms as it may")

enum reed_refusal {
#define X(name, text) REED_REFUSAL_##name,
	REED_REFUSALS(X)
#undef X
};

/* The sentence; never NULL. */
REED_API const char *reed_refusal_text(enum reed_refusal refusal);

/* "NO_ROOM" and the like; never NULL. */
REED_API const char *reed_refusal_name(enum reed_refusal refusal);

REED_END_DECLS

#endif
