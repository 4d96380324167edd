/*
 * Limits: whatever somebody can make grow in a hub, each with a name, a
 * default and a sentence for settings files.  Zero is the default.
 */

#ifndef REED_ROOMS_LIMITS_H
#define REED_ROOMS_LIMITS_H

#include "reed/api.h"

REED_BEGIN_DECLS

/* The longest nick, room name and account name, folded or not, whatever the settings say. */
#define REED_NAME_MAX 255

/* name, default, what a setting may be at least and at most, what it limits */
#define REED_ROOMS_LIMITS(X)                                                                      \
	X(users, 100000, 1, 1000000000, "users here at once")                                     \
	X(sessions_per_user, 16, 1, 1000000000, "clients attached to one account at once")        \
	X(rooms, 50000, 1, 1000000000, "rooms")                                                   \
	X(rooms_per_user, 100, 1, 1000000000, "rooms one user is in")                             \
	X(members, 20000, 1, 1000000000, "members of one room")                                   \
	X(accounts, 200000, 1, 1000000000, "accounts")                                            \
	X(nicks_per_account, 8, 1, 1000000000, "nicks one account keeps for itself")              \
	X(rooms_per_account, 50, 1, 1000000000, "registered rooms one account has founded")       \
	X(values_per_account, 512, 1, 1000000000, "settings one account keeps")                   \
	X(values_per_room, 64, 1, 1000000000, "values one room keeps")                            \
	X(value_bytes, 1024, 64, 1000000000, "bytes of one such setting or value")                \
	X(list_entries, 100, 1, 1000000000, "masks in each list of one room")                     \
	X(mask_bytes, 255, 16, 1020, "bytes of one mask")                                         \
	X(affiliations, 1000, 1, 1000000000, "accounts with a lasting role in one room")          \
	X(invites_per_room, 100, 1, 1000000000, "invitations into one room that nobody used yet") \
	X(invites_per_user, 30, 1, 1000000000, "invitations one user has not used yet")           \
	X(monitor_entries, 128, 1, 1000000000, "nicks one session watches")                       \
	X(whowas_entries, 2000, 1, 1000000000, "users who left that are remembered")              \
	X(server_bans, 5000, 1, 1000000000, "masks banned from the server")                       \
	X(nick_bytes, 32, 9, 255, "bytes of a nick")                                              \
	X(username_bytes, 20, 1, 255, "bytes of a user name")                                     \
	X(host_bytes, 64, 40, 255, "bytes of a shown host")                                       \
	X(realname_bytes, 150, 1, 1000000000, "bytes of a real name")                             \
	X(room_name_bytes, 64, 8, 255, "bytes of a room's name")                                  \
	X(topic_bytes, 512, 1, 1000000000, "bytes of a topic")                                    \
	X(key_bytes, 32, 1, 1000000000, "bytes of a room's key")                                  \
	X(reason_bytes, 390, 1, 1000000000, "bytes of a reason to leave, kick or ban")            \
	X(away_bytes, 390, 1, 1000000000, "bytes of an away message")                             \
	X(message_bytes, 16384, 512, 1048576, "bytes of a message")                               \
	X(tag_bytes, 4096, 512, 1048576, "bytes of all tags of a message")

struct reed_rooms_limits {
#define X(name, value, least, most, text) uint32_t name;
	REED_ROOMS_LIMITS(X)
#undef X
	uint32_t reserved[8];
};

/* Zeros become defaults; what has a hard bound is brought down to it. */
REED_API void reed_rooms_limits_fill(struct reed_rooms_limits *limits);

REED_END_DECLS

#endif
