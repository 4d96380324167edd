/* A server on a simulated host, "irc", and people who come to it from others. */

#ifndef REED_TESTS_IRC_CLIENT_WORLD_H
#define REED_TESTS_IRC_CLIENT_WORLD_H

#include "check.h"

#include "reed/alloc.h"
#include "reed/auth.h"
#include "reed/checker.h"
#include "reed/co.h"
#include "reed/irc/ask.h"
#include "reed/irc/bot.h"
#include "reed/irc/server.h"
#include "reed/log.h"
#include "reed/scope.h"
#include "reed/sim.h"

#define S(text) reed_slice_of(text)

/* For reed_sim_boot(): a server with the account ann, whose password is wonderland. */
struct reed_future *house(void *arg, struct reed_loop *loop);

struct person {
	struct reed_irc_client *client;
	struct reed_irc_events events;
};

/* Options for a client of that server, without pace. */
struct reed_irc_client_options options_of(const char *nick);

/* It runs in the scope, and is told of everything. */
void come(struct person *self, struct reed_loop *loop, struct reed_scope *scope,
          const struct reed_irc_client_options *o);
void go(struct person *self);

/* Passes over events until one with this text, which may be NULL; for a minute. */
struct reed_future *hears(struct person *who, enum reed_irc_event_kind kind, const char *text);

#endif
