/*
 * Rooms: what is behind every chat door, and no wire format.
 *
 * A *hub* is all rooms, users and accounts of one server.  A *user* is what
 * others see: a nick, a name, a host.  A user is there through one or more
 * *sessions*, each a client attached by a *door* (IRC, XMPP, web, SSH): all
 * sessions of one account share one user, whichever doors they came through,
 * and a guest has exactly one.  Users are *members* of *rooms*.  What happens
 * is told to sessions as *events*.
 *
 * Who owns what: the hub makes and frees users, rooms, members and accounts;
 * their structs are here to be read, never to be written, and grow at the end
 * only.  A session is embedded in its door's connection and owned by it, from
 * reed_session_attach() to the call of ops->over().
 *
 * Calls happen at once and suspend nothing, but for those that return a
 * future.  What the rules of a room forbid is a reed_refusal, not an error.
 *
 * One rule for doors: event() and over() may read anything, queue output and
 * call reed_session_end(); every other call that changes the hub aborts in
 * there.  So all members hear all events in one order, and nothing anybody
 * looks at is freed: a session that ends in an event, or by somebody else's
 * doing, leaves when the turn of the loop ends.
 */

#ifndef REED_ROOMS_H
#define REED_ROOMS_H

#include "reed/rooms/account.h"
#include "reed/rooms/event.h"
#include "reed/rooms/flush.h"
#include "reed/rooms/history.h"
#include "reed/rooms/hub.h"
#include "reed/rooms/limits.h"
#include "reed/rooms/refusal.h"
#include "reed/rooms/room.h"
#include "reed/rooms/store.h"
#include "reed/rooms/user.h"

#endif
