/*
 * Robots: commands people say, and what else happens, in tables.
 *
 *	static struct reed_future *ping(struct reed_irc_call *call)
 *	{
 *		return reed_irc_answer_call(call, "pong");
 *	}
 *
 *	static const struct reed_irc_route routes[] = { { "ping", ping, "says pong" } };
 *
 * A command is a word behind the prefix ("!ping"), or behind our nick ("reed:
 * ping", "reed, ping"), or alone in a private message.  What we say ourselves,
 * notices and the past are never taken for commands.  `help` is answered from
 * the table.
 *
 * A handler is called from the loop.  It returns a future, which then belongs
 * to the bot and is dropped with it, or NULL.  What the future fails with goes
 * to the log with the command's word, but for REED_ECLOSED and REED_ECANCELED.
 * What call points to is gone when the handler returns; a coroutine that needs
 * it longer keeps the event (reed_irc_event_keep()).
 */

#ifndef REED_IRC_BOT_H
#define REED_IRC_BOT_H

#include "reed/irc/client.h"

REED_BEGIN_DECLS

struct reed_irc_call {
	struct reed_irc_client *client;
	const struct reed_irc_event *event;
	struct reed_slice word; /* as it was said, without the prefix */
	struct reed_slice rest; /* what stands behind, without spaces around it */
	void *arg;              /* of the bot */
	unsigned uptime;        /* of the bot, in seconds */
};

typedef struct reed_future *reed_irc_call_fn(struct reed_irc_call *call);
typedef struct reed_future *reed_irc_handler_fn(void *arg, struct reed_irc_client *client,
                                                const struct reed_irc_event *event);

struct reed_irc_route {
	const char *word; /* in any case of letters */
	reed_irc_call_fn *call;
	const char *help; /* "TEXT: says it"; NULL: not in the list */
};

struct reed_irc_bot {
	size_t size; /* of this struct */
	const struct reed_irc_route *routes;
	size_t route_count;
	const char *prefix; /* NULL: "!"; "": only by nick and in private */
	reed_irc_handler_fn *on[REED_IRC_EVENT_KINDS]; /* by kind; may be NULL */
	void *arg;
	size_t calls_most; /* futures of handlers at a time; 0: 100; beyond it commands are not heard */
	size_t queue;      /* events that may wait; 0: 1000 */
};

#define REED_IRC_BOT                                \
	{                                           \
		.size = sizeof(struct reed_irc_bot) \
	}

/* Takes the next word of rest off; false when there is none. */
REED_API bool reed_irc_next_word(struct reed_slice *rest, struct reed_slice *word);

/* Answers where the command was given. */
REED_API struct reed_future *reed_irc_answer_call(struct reed_irc_call *call, const char *format,
                                                  ...) REED_PRINTF(2, 3);

/*
 * Runs the client with the bot, of which all but the table of routes is copied;
 * ends as reed_irc_client_run() does.
 */
REED_API struct reed_future *reed_irc_bot_run(struct reed_irc_client *client,
                                              const struct reed_irc_bot *bot);

/* The same with nothing but a table, for a client of its own, which goes with it. */
REED_API struct reed_future *reed_irc_bot_start(struct reed_loop *loop,
                                                const struct reed_irc_client_options *options,
                                                const struct reed_irc_route *routes,
                                                size_t route_count);

REED_END_DECLS

#endif
