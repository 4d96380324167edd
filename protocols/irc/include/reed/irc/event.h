/*
 * What happens on a connection to an IRC server, as its client tells it.
 *
 * An event is counted memory.  Its slices, and its message, are good as long as
 * the event is: until the next one is taken, or until the handler it was given
 * to returns.  Whoever needs it longer says reed_irc_event_keep().
 *
 * Sources: modern.ircdocs.horse; IRCv3 message-tags, server-time, message-ids,
 * account-tag, batch, netsplit, chathistory, monitor, standard-replies.
 */

#ifndef REED_IRC_EVENT_H
#define REED_IRC_EVENT_H

#include "reed/irc/message.h"
#include "reed/queue.h"

REED_BEGIN_DECLS

/* name, what is said of it.  Where it does not say otherwise, who did it and target is where. */
/* clang-format off */
#define REED_IRC_EVENTS(X)                                                                        \
	X(CONNECTED, "text is the endpoint; nobody is logged in yet")                             \
	X(READY, "registered, channels can be joined; target is our nick, text the network")      \
	X(DISCONNECTED, "err, and in text why; of a connection that was not to be had too")       \
	X(MESSAGE, "text; lines of it, with LF, when the server has multiline")                   \
	X(NOTICE, "the same; never to be answered by a program")                                  \
	X(ACTION, "text: what who does")                                                          \
	X(CTCP, "subject is the command, text what is behind it; well-known ones are answered")   \
	X(CTCP_REPLY, "the same, as an answer")                                                   \
	X(TAGS, "a TAGMSG: its tags are all that it says")                                        \
	X(JOIN, "account and text, the real name, where the server tells them")                   \
	X(PART, "text: why")                                                                      \
	X(KICK, "subject had to go; text: why")                                                   \
	X(QUIT, "text: why")                                                                      \
	X(NICK, "subject is the new nick")                                                        \
	X(TOPIC, "text is the new topic; empty: none")                                            \
	X(MODE, "text: the letters; see message for what stands behind them")                     \
	X(INVITE, "subject is invited to target")                                                 \
	X(AWAY, "text: why; is_over: no longer")                                                  \
	X(ACCOUNT, "account is what who is logged in to from now on; empty: none")                \
	X(HOST, "who has a new host; subject: user@host")                                         \
	X(NAME, "text is the new real name")                                                      \
	X(RENAME, "channel target is now called subject; text: why")                              \
	X(NAMES, "the members of target are known now")                                           \
	X(ONLINE, "who, of those monitored, is here")                                             \
	X(OFFLINE, "who, of those monitored, is not")                                             \
	X(CAPABILITIES, "text: those that came; subject: those that went")                        \
	X(LOGGED_IN, "we are account")                                                            \
	X(LOGGED_OUT, "we are nobody")                                                            \
	X(STANDARD, "FAIL, WARN or NOTE: target is the command, subject the code")                \
	X(ERROR, "text: what the server said before it hung up")                                  \
	X(NUMERIC, "see numeric and message; those that answer a call of ours are not told")      \
	X(RAW, "any other message")
/* clang-format on */

enum reed_irc_event_kind {
#define X(name, text) REED_IRC_EVENT_##name,
	REED_IRC_EVENTS(X)
#undef X
		REED_IRC_EVENT_KINDS, /* how many there are */
};

/* "MESSAGE" and the like; never NULL. */
REED_API const char *reed_irc_event_name(enum reed_irc_event_kind kind);

struct reed_irc_event {
	enum reed_irc_event_kind kind;
	const struct reed_irc_message *message; /* NULL where no message tells it */
	struct reed_irc_source who;             /* a nick; the name of a server; or nobody */
	struct reed_slice target;               /* a channel or nick, without STATUSMSG prefixes */
	struct reed_slice reply_to;             /* where an answer belongs: the channel, else who */
	struct reed_slice text, subject;        /* see above; may be empty */
	struct reed_slice account;              /* of who; empty: none, or not told */
	struct reed_slice id;                   /* msgid; may be empty */
	struct reed_slice batch;                /* its type, e.g. "netsplit"; may be empty */
	int64_t time;                           /* ms since 1970 UTC, by the server where it says */
	uint16_t numeric;
	enum reed_err err;
	bool is_mine;    /* who is us: with echo-message, what we said comes back */
	bool is_private; /* target is us */
	bool is_past;    /* of the history: it does not happen now */
	bool is_over;
	void *reserved[4];
};

/* One more holder; returns event. */
REED_API const struct reed_irc_event *reed_irc_event_keep(const struct reed_irc_event *event);

/* One holder less.  May be NULL. */
REED_API void reed_irc_event_let_go(const struct reed_irc_event *event);

/*
 * Embedded by whoever reads events:
 *
 *	reed_irc_events_begin(&self->events, client, 100);
 *	for (;;) {
 *		reed_try(co, reed_irc_events_next(&self->events));
 *		handle(self, self->events.event);
 *	}
 *	...
 *	reed_irc_events_end(&self->events);
 */
struct reed_irc_events {
	const struct reed_irc_event *event; /* the one taken last; NULL before the first */
	struct reed_subscription queue;     /* what has not been taken */
};

struct reed_irc_client;

/* Up to so many events wait; each holds a line of the server's. */
REED_API void reed_irc_events_begin(struct reed_irc_events *self, struct reed_irc_client *client,
                                    size_t capacity);

/* May be zeroed, or have been ended before.  Nobody waits for it. */
REED_API void reed_irc_events_end(struct reed_irc_events *self);

/*
 * Lets go of event and settles when there is another.  REED_EOVERFLOW: events
 * were lost, see queue.missed; those still there come next.  REED_EEOF: the
 * client has been freed.
 */
REED_API struct reed_future *reed_irc_events_next(struct reed_irc_events *self);

/* The same, at once: REED_EAGAIN when there is none. */
REED_API enum reed_err reed_irc_events_try(struct reed_irc_events *self);

REED_END_DECLS

#endif
