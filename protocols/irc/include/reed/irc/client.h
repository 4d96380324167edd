/*
 * An IRC client: a connection that comes back, what is known of the other side
 * of it, and calls that are awaited.
 *
 *	client = reed_irc_client_new(loop, &options);
 *	reed_scope_add(&scope, reed_irc_client_run(client));
 *	...
 *	reed_try(co, reed_irc_ready(client));
 *	reed_try(co, reed_irc_join(client, REED_STR("#reed"), REED_STR(""), &refusal));
 *	reed_try(co, reed_irc_say(client, REED_STR("#reed"), REED_STR("hello")));
 *
 * What happens is told by events (event.h); questions with answers stand in
 * ask.h, robots in bot.h.
 *
 * A refusal of the server's (433, 473, FAIL ...) is a value: the call succeeds
 * and says so in `refusal`.  Errors are for the connection:
 *
 *	REED_ECLOSED    there is none, or it ended before the answer was complete
 *	REED_ETIMEDOUT  the server does not answer
 *	REED_EINVAL     an argument cannot be part of a line
 *	REED_ETOOBIG    it does not fit into a line, or too much waits to be sent
 *
 * Slices given to calls are copied.  A call that is dropped before its line was
 * sent sends nothing; one dropped later has happened, and its answer is thrown
 * away.  The client must outlive neither: when it is freed, what waits for it
 * gets REED_ECANCELED.
 *
 * Lines leave in the order of their priority, as fast as flood_burst and
 * flood_ms allow.  No call waits for the network but by its future.
 *
 * Sources: RFC 1459, RFC 2812, modern.ircdocs.horse and the extensions of IRCv3
 * that the module's page lists.
 */

#ifndef REED_IRC_CLIENT_H
#define REED_IRC_CLIENT_H

#include "reed/cell.h"
#include "reed/irc/event.h"
#include "reed/irc/isupport.h"
#include "reed/irc/sts.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

struct reed_irc_client;

/* Like reed_dial(): the stream is the caller's once delivered. */
typedef struct reed_future *reed_irc_dial_fn(void *arg, struct reed_loop *loop,
                                             const char *endpoint, struct reed_stream **stream);

/* Strings may be NULL where a default is said.  The macro below has the defaults of the rest. */
struct reed_irc_client_options {
	size_t size; /* of this struct */

	const char *endpoint;         /* "tls:irc.example.org:6697" */
	const char *const *endpoints; /* more, tried in turn; ends with NULL; may be NULL */
	reed_irc_dial_fn *dial;       /* instead of reed_dial(); may be NULL */
	void *dial_arg;

	const char *nick;              /* NULL: "reed" */
	const char *const *alternates; /* when nick is taken; ends with NULL; then nick_, nick__ */
	const char *username;          /* NULL: the nick */
	const char *realname;          /* NULL: the nick */
	const char *password;          /* of the server; NULL: none */
	bool no_regain;                /* a nick that was taken is not taken back */

	const char *sasl_user, *sasl_password; /* NULL: nobody is logged in */
	const char *sasl_mechanism;            /* this one or none; NULL: the best */
	bool sasl_certificate;                 /* EXTERNAL, with what the endpoint shows */
	bool sasl_optional;                    /* go on when it fails; else that is an error */
	bool plain_in_clear;                   /* show the password to whoever is in between */

	const char *channels;         /* "#one,#two key"; refused: again each minute; NULL: none */
	bool no_rejoin;               /* of channels one was in, when a connection comes back */
	bool rejoin_kicked;           /* after a while */
	const char *capabilities;     /* wanted besides the usual, with spaces; NULL */
	const char *not_capabilities; /* of the usual, not wanted; NULL */

	int64_t connect_ms;  /* for dialling; 0, here and below: as long as it takes */
	int64_t register_ms; /* from there until the server lets us in */
	int64_t answer_ms;   /* for a call, once its line is sent */
	int64_t ping_ms;     /* of silence until a PING, and again for the answer; for it to read */
	int64_t quit_ms;     /* for the server to close after QUIT */

	bool no_reconnect;         /* the end of the first connection is the end of the run */
	unsigned reconnect_most;   /* attempts without success before giving up; 0: no limit */
	int64_t reconnect_ms;      /* before the second attempt; doubles each time, ... */
	int64_t reconnect_most_ms; /* ... up to this; of each a random part of half is taken off */

	unsigned flood_burst; /* lines that may leave at once ... */
	int64_t flood_ms;     /* ... and for each one more; 0: no limit */
	size_t queue_bytes;   /* that wait to be sent */

	const char *ctcp_version; /* NULL: Reed's */
	const char *ctcp_source;  /* a URL; NULL: not told, here and in the next two */
	const char *ctcp_finger, *ctcp_userinfo; /* who or what we are */
	bool no_ctcp;                            /* nothing is answered */
	unsigned ctcp_burst;                     /* answers at once ... */
	int64_t ctcp_ms;                         /* ... and for each one more */

	size_t channels_most, members_most; /* kept track of */
	size_t answer_bytes;                /* of one call's answer */

	struct reed_irc_sts_store *sts; /* borrowed; NULL: one of its own, in memory */
	bool no_sts;                    /* for servers that are not what they say */
	void *reserved[8];
};

#define REED_IRC_CLIENT_OPTIONS                                                               \
	{                                                                                     \
		.size = sizeof(struct reed_irc_client_options), .connect_ms = 30000,          \
		.register_ms = 60000, .answer_ms = 60000, .ping_ms = 120000, .quit_ms = 3000, \
		.reconnect_ms = 2000, .reconnect_most_ms = 300000, .flood_burst = 5,          \
		.flood_ms = 2000, .queue_bytes = 1 << 20, .ctcp_burst = 3, .ctcp_ms = 5000,   \
		.channels_most = 1000, .members_most = 100000, .answer_bytes = 4 << 20,       \
	}

/* All is copied but what is said to be borrowed. */
REED_API struct reed_irc_client *reed_irc_client_new(struct reed_loop *loop,
                                                     const struct reed_irc_client_options *options);

/* Its run has ended or was dropped.  May be NULL. */
REED_API void reed_irc_client_free(struct reed_irc_client *client);

/*
 * Connects, and again whenever a connection ends, until reed_irc_quit(): then
 * it succeeds.  An interrupt says QUIT too.  Once at a time.
 *
 * REED_EAUTH: SASL was refused, which trying again would not change, or the
 * password of the server; REED_EPERM: a ban; REED_EINVAL, REED_ESYNTAX: an
 * option is wrong; any other after the last attempt.  The fault says what and
 * where.
 */
REED_API struct reed_future *reed_irc_client_run(struct reed_irc_client *client);

/* Settles when the server has let us in; at once when it has already. */
REED_API struct reed_future *reed_irc_ready(struct reed_irc_client *client);

/* Ends the run in good order; settles when it has ended. */
REED_API struct reed_future *reed_irc_quit(struct reed_irc_client *client,
                                           struct reed_slice reason);

/* ---- what is known ---- */

enum reed_irc_client_state {
	REED_IRC_OFFLINE,
	REED_IRC_DIALLING,
	REED_IRC_REGISTERING,
	REED_IRC_ONLINE,
};

/* Its value is of the enum. */
REED_API struct reed_cell *reed_irc_client_state(struct reed_irc_client *client);

REED_API struct reed_loop *reed_irc_client_loop(const struct reed_irc_client *client);

/* Ours as of now, or the one to be asked for; NUL-terminated, good until it changes. */
REED_API struct reed_slice reed_irc_client_nick(const struct reed_irc_client *client);

/* What we are logged in to; empty: nothing. */
REED_API struct reed_slice reed_irc_client_account(const struct reed_irc_client *client);

/* Whether the name is ours, by the server's rules. */
REED_API bool reed_irc_client_is_me(const struct reed_irc_client *client, struct reed_slice nick);

/* What the server says of itself; never NULL. */
REED_API const struct reed_irc_isupport *reed_irc_client_isupport(
	const struct reed_irc_client *client);

/* Whether a capability is on. */
REED_API bool reed_irc_client_has(const struct reed_irc_client *client, const char *capability);

/* The value of one that the server offers, on or not; "" without one, NULL: not offered. */
REED_API const char *reed_irc_client_offers(const struct reed_irc_client *client,
                                            const char *capability);

/* Of the last PING of ours; -1: none yet. */
REED_API int64_t reed_irc_client_lag_ms(const struct reed_irc_client *client);

/* NULL while there is no connection.  For looking at, not for reading or writing. */
REED_API struct reed_stream *reed_irc_client_stream(const struct reed_irc_client *client);

/* Somebody in one of our channels. */
struct reed_irc_user {
	const char *nick;
	const char *user, *host; /* "" until seen */
	const char *account;     /* "": not logged in; NULL: not known */
	const char *realname;    /* NULL: not known */
	bool is_away, is_bot;
	unsigned channels; /* shared with us */
};

struct reed_irc_member {
	const struct reed_irc_user *user;
	char modes[REED_IRC_PREFIXES_MAX + 1]; /* letters, the highest first: "ov" */
};

struct reed_irc_channel {
	const char *name;     /* as the server writes it */
	const char *topic;    /* "": none, or not known */
	const char *topic_by; /* "": not known */
	int64_t topic_time;   /* seconds since 1970 UTC; 0: not known */
	int64_t created;      /* the same */
	size_t members;
	bool has_names; /* members are all there are */
	bool has_modes; /* the same of modes */
};

/* Those we are in; NULL: not in it.  Good until the loop's next turn. */
REED_API const struct reed_irc_channel *reed_irc_channel_find(const struct reed_irc_client *client,
                                                              struct reed_slice name);

/* In the order they were joined: NULL begins and ends. */
REED_API const struct reed_irc_channel *reed_irc_channel_next(const struct reed_irc_client *client,
                                                              const struct reed_irc_channel *after);

/* A mode without a member; param, which may be NULL, gets what was set, "" for none. */
REED_API bool reed_irc_channel_mode(const struct reed_irc_channel *channel, char letter,
                                    const char **param);

REED_API const struct reed_irc_member *reed_irc_member_find(const struct reed_irc_client *client,
                                                            const struct reed_irc_channel *channel,
                                                            struct reed_slice nick);

/* In the order they came: NULL begins and ends. */
REED_API const struct reed_irc_member *reed_irc_member_next(const struct reed_irc_channel *channel,
                                                            const struct reed_irc_member *after);

/* Whether the member has at least what the letter stands for: 'h' is good enough for 'v'. */
REED_API bool reed_irc_member_is(const struct reed_irc_client *client,
                                 const struct reed_irc_member *member, char letter);

REED_API const struct reed_irc_user *reed_irc_user_find(const struct reed_irc_client *client,
                                                        struct reed_slice nick);

/* ---- sending ---- */

enum reed_irc_priority {
	REED_IRC_AT_ONCE,    /* whatever else waits, and before pacing */
	REED_IRC_SOON,       /* commands */
	REED_IRC_IN_TURN,    /* what is said */
	REED_IRC_AT_LEISURE, /* what may wait for all of these */
	REED_IRC_PRIORITIES, /* how many there are */
};

/*
 * One line, with or without CR LF, tags and all, as it is.  Nobody hears what
 * becomes of it.
 */
REED_API enum reed_err reed_irc_client_send(struct reed_irc_client *client,
                                            enum reed_irc_priority priority,
                                            struct reed_slice line);

/*
 * These settle when the last line has been handed to the stream; dropped, what
 * has not been is not sent.  Text is split where it does not fit, by words, and
 * at its line ends; where the server has multiline it stays one message.
 */
REED_API struct reed_future *reed_irc_say(struct reed_irc_client *client, struct reed_slice target,
                                          struct reed_slice text);
REED_API struct reed_future *reed_irc_sayf(struct reed_irc_client *client, struct reed_slice target,
                                           const char *format, ...) REED_PRINTF(3, 4);
REED_API struct reed_future *reed_irc_say_notice(struct reed_irc_client *client,
                                                 struct reed_slice target, struct reed_slice text);
REED_API struct reed_future *reed_irc_act(struct reed_irc_client *client, struct reed_slice target,
                                          struct reed_slice text);
REED_API struct reed_future *reed_irc_ctcp_ask(struct reed_irc_client *client,
                                               struct reed_slice target, struct reed_slice command,
                                               struct reed_slice text);
REED_API struct reed_future *reed_irc_ctcp_answer(struct reed_irc_client *client,
                                                  struct reed_slice target,
                                                  struct reed_slice command,
                                                  struct reed_slice text);

/* Where the event came from; in a channel whoever is answered is named in a reply tag, if it can. */
REED_API struct reed_future *reed_irc_reply(struct reed_irc_client *client,
                                            const struct reed_irc_event *to,
                                            struct reed_slice text);
REED_API struct reed_future *reed_irc_replyf(struct reed_irc_client *client,
                                             const struct reed_irc_event *to, const char *format,
                                             ...) REED_PRINTF(3, 4);

/* tags as on the wire: "+typing=active".  REED_ENOTSUP: the server has no message-tags. */
REED_API struct reed_future *reed_irc_tagmsg(struct reed_irc_client *client,
                                             struct reed_slice target, struct reed_slice tags);

struct reed_irc_client_stats {
	size_t size;                                       /* set by the caller */
	uint64_t lines_in, lines_out, bytes_in, bytes_out; /* of all connections */
	uint64_t attempts, connections, broken_lines, cut_lines, ctcp_ignored, untracked;
	size_t waiting_lines, waiting_bytes, asks, members, channels; /* now */
};

REED_API void reed_irc_client_stats(const struct reed_irc_client *client,
                                    struct reed_irc_client_stats *stats);

REED_END_DECLS

#endif
