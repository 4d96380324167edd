/*
 * The other side of a client, played from a transcript:
 *
 *	play("> CAP LS 302\n"                 what the client says next
 *	     "< :irc CAP * LS :sasl\n");      what is said to it
 *
 * Time is the laboratory's: it passes when both sides wait.
 */

#ifndef REED_TESTS_IRC_CLIENT_PEER_H
#define REED_TESTS_IRC_CLIENT_PEER_H

#include "protocols/irc/client_private.h"
#include "reed/irc/ask.h"
#include "reed/irc/bot.h"
#include "reed/log.h"
#include "tests/core/tools.h"

extern struct reed_irc_client *client;
extern struct owner running; /* of its run */
extern struct reed_irc_events events;

/* Options for a client whose every connection comes to us; nick joe, no pace. */
struct reed_irc_client_options peer_options(void);

/* Makes a client and runs it; options may be NULL. */
void begin(const struct reed_irc_client_options *options);

/* The same as far as the end of the MOTD, with these capabilities and tokens; NULL: none. */
void begin_online(const struct reed_irc_client_options *options, const char *caps,
                  const char *isupport);

/* Drops what runs, and frees it all. */
void finish(void);

/* ---- the server's side ---- */

/* How often the client has dialled, and what; the next ones may be refused, or never end. */
extern int dialled, dial_fails, dial_hangs;
extern char dialled_to[256];

void play(const char *transcript);

/* The next line of the client within so many ms, without CR LF; NULL when there is none. */
const char *hear(int64_t ms);

/* Time passes; what the client says waits. */
void pass(int64_t ms);

/* The client says nothing for so long. */
bool is_silent(int64_t ms);

void peer_closes(void);
/* Says no more, but still listens. */
void peer_shuts_down(void);
/* The client has closed. */
bool peer_is_over(void);

/* Writes without looking at anything. */
void peer_writes(const char *bytes, size_t n);

/* What registering looks like; the client is called joe from then on. */
void welcome(const char *caps, const char *isupport);

/* ---- the client's side ---- */

/* The next event as "KIND who target subject text", where what is empty is left out. */
const char *event(void);

/* Passes over events until this one. */
bool event_comes(const char *text);

/* Turns until the client has taken what was said. */
void settle_down(void);

/* The future ends well within so many ms. */
bool ends_well(struct reed_future *f);

#define S(text) reed_slice_of(text)

#endif
