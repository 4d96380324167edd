/*
 * A stage for tests of the IRC server: the server on one simulated host, its
 * clients on another, so that an hour of silence is over at once.
 */

#ifndef REED_TESTS_IRC_STAGE_H
#define REED_TESTS_IRC_STAGE_H

#include "check.h"

#include "reed/auth.h"
#include "reed/irc/server.h"
#include "reed/sim.h"

struct stage {
	struct reed_sim_options sim;
	struct reed_hub_options rooms;
	struct reed_irc_server_options irc;
	struct reed_portal_options portal;
	const char *accounts; /* "alice:wonderland:..."; NULL: there are none, and no portal */
	/* Makes what clients talk to of what the network listens at; NULL: as it is. */
	struct reed_listener *(*wrap)(struct reed_listener *below);
};

#define STAGE                                                                 \
	{                                                                     \
		.sim = REED_SIM_OPTIONS, .rooms = REED_HUB_OPTIONS,           \
		.irc = REED_IRC_SERVER_OPTIONS, .portal = REED_PORTAL_OPTIONS \
	}

/* Of the play that is on. */
extern struct reed_sim *sim;
extern struct reed_loop *home, *away;
extern struct reed_hub *hub;
extern struct reed_irc_server *server;
extern struct reed_portal *portal;

/* NULL: all by default.  The server is called "reed" unless told otherwise. */
void raise_curtain(const struct stage *stage);
void drop_curtain(void);

/* Connected, and nothing said. */
struct reed_stream *dial(void);
/* What the next two come in through; dial() at first. */
extern struct reed_stream *(*entrance)(void);
/* NICK and USER are on their way. */
struct reed_stream *come_in(const char *nick);
/* With these capabilities, and welcomed. */
struct reed_stream *come_in_with(const char *nick, const char *caps);

/* "*" and "?" match; a backslash before them means themselves. */
bool matches(const char *pattern, struct reed_slice line);
/* The next line, which there must be. */
struct reed_slice next_line(struct reed_stream *s);
/* The next line that matches; at the end of the stream what the end was. */
enum reed_err hear(struct reed_stream *s, const char *pattern);
struct reed_irc_server_stats stats(void);

/* Somebody who is there by another door, and hears nothing. */
void add_person(struct reed_session *person, const char *nick, const char *username,
                const char *host, const char *realname);
/* The same, from an address. */
void add_person_from(struct reed_session *person, const char *nick, const char *address);

#endif
