/*
 * An IRC server: a door to a hub (reed/rooms.h) for every IRC client.
 *
 * What it speaks: RFC 1459 and 2812 as modern.ircdocs.horse describes them, with
 * the capabilities of IRCv3 listed in the module's README.  Accounts are the
 * portal's (reed/auth.h), rooms and users the hub's: others may reach the same
 * rooms through other doors.
 *
 *	server = reed_irc_server_new(loop, &options);
 *	reed_scope_add(&scope, reed_irc_serve(server, "tcp:6667"));
 *
 * The server must outlive the sessions that it serves.
 */

#ifndef REED_IRC_SERVER_H
#define REED_IRC_SERVER_H

#include "reed/endpoint.h"
#include "reed/rooms.h"

REED_BEGIN_DECLS

struct reed_irc_server;
struct reed_portal;

/* Who may become an operator with OPER, or by logging in to the account. */
struct reed_irc_operator {
	const char *name;           /* of OPER */
	const char *account;        /* NULL: any; else it must be logged in to this one */
	const char *verifier;       /* SCRAM-SHA-256$..., see reed/verifier.h; NULL: none */
	const char *operator_class; /* shown in WHOIS */
	unsigned privileges;        /* of enum reed_privilege */
	bool needs_account;         /* it must be logged in to some account */
};

/*
 * Whatever a client can make grow or wait for has a limit: name, default, what
 * a setting may be at least and at most, what it limits.  Zero is the default.
 */
#define REED_IRC_LIMITS(X)                                                                        \
	X(sendq, 1048576, 16384, 1000000000, "bytes that wait for a client that does not read")   \
	X(connections, 0, 0, 1000000000, "clients at once; 0: as many as there are descriptors")  \
	X(connections_per_address, 16, 1, 1000000000,                                             \
	  "clients of one address at once (IPv6: one /64)")                                       \
	X(registration_seconds, 30, 1, 86400, "seconds a client may take until it is registered") \
	X(handshake_seconds, 10, 1, 86400, "seconds that TLS may take to be set up")              \
	X(early_errors, 20, 1, 1000000000, "lines a client may get wrong until it is registered") \
	X(ping_seconds, 120, 1, 86400, "seconds without a word after which a client is asked")    \
	X(pong_seconds, 60, 1, 86400, "seconds it may take to answer")                            \
	X(burst, 20, 1, 100000, "commands a client may send at once")                             \
	X(commands_per_10_seconds, 25, 1, 1000000000, "commands it may send in the long run")     \
	X(targets, 4, 1, 1000000000,                                                              \
	  "targets of one PRIVMSG, NOTICE, TAGMSG, KICK, NAMES or WHOIS")                         \
	X(rooms_at_once, 50, 1, 1000000000, "rooms of one JOIN or PART")                          \
	X(modes, 20, 1, 1000000000, "changes with a parameter in one MODE")                       \
	X(sasl_attempts, 5, 1, 1000000000, "failed logins after which a client is told to go")    \
	X(registrations_per_hour, 5, 1, 1000000000,                                               \
	  "accounts that one address may try to make in an hour")                                 \
	X(list_replies, 50000, 1, 1000000000, "replies to one LIST or WHO")

struct reed_irc_limits_of_server {
#define X(name, value, least, most, text) uint32_t name;
	REED_IRC_LIMITS(X)
#undef X
	uint32_t reserved[8];
};

struct reed_irc_server_options {
	size_t size;                /* of this struct */
	struct reed_hub *hub;       /* borrowed */
	struct reed_portal *portal; /* borrowed; NULL: nobody can log in */
	const char *name;           /* of the server, as in a source; NULL: the hub's */
	const char *network;        /* NULL: the name */
	const char *password;       /* PASS must be this; NULL: none */
	const char *motd;           /* lines; NULL: none */
	const char *admin[3];       /* place, organisation, address; may be NULL */
	const char *rules;          /* lines, for RULES; NULL: none */
	const struct reed_irc_operator *operators;
	size_t operator_count;
	struct reed_irc_limits_of_server limits;
	bool limit_loopback;      /* floods and addresses of this machine count too */
	bool show_addresses;      /* hosts are shown as they are; else disguised */
	bool registration;        /* accounts may be made with REGISTER */
	bool account_required;    /* nobody without an account */
	bool plain_in_clear;      /* passwords may be sent without TLS */
	const uint8_t *cloak_key; /* 32 bytes, for disguised hosts; NULL: new at each start */
	/* Somebody became an operator with OPER; account may be NULL.  May be NULL. */
	void (*opered)(void *arg, const char *operator_name, const char *account);
	/* REHASH and DIE of an operator.  NULL: refused. */
	void (*rehash)(void *arg);
	void (*die)(void *arg, const char *why);
	void *arg;
};

#define REED_IRC_SERVER_OPTIONS                                \
	{                                                      \
		.size = sizeof(struct reed_irc_server_options) \
	}

/* options are copied, with their strings. */
REED_API struct reed_irc_server *reed_irc_server_new(struct reed_loop *loop,
                                                     const struct reed_irc_server_options *options);

/* No session is left, and the hub is still there.  May be NULL. */
REED_API void reed_irc_server_free(struct reed_irc_server *server);

/* What may change while it runs: limits, motd, admin, rules, operators, password. */
REED_API void reed_irc_server_update(struct reed_irc_server *server,
                                     const struct reed_irc_server_options *options);

/* Listens and serves until dropped or interrupted: then every client is told why. */
REED_API struct reed_future *reed_irc_serve(struct reed_irc_server *server, const char *endpoint);

/*
 * All of it in one call, until dropped or interrupted: a server and, unless the
 * options name a hub, rooms of its own that end with it.  options may be NULL.
 */
REED_API struct reed_future *reed_irc_server_run(struct reed_loop *loop,
                                                 const struct reed_irc_server_options *options,
                                                 const char *endpoint);

/* The same as reed_irc_serve() for a listener that is there; consumes it. */
REED_API struct reed_future *reed_irc_serve_on(struct reed_irc_server *server,
                                               struct reed_listener *listener);

/* One client, as a reed_session_fn whose arg is the server. */
REED_API struct reed_future *reed_irc_session(void *server, struct reed_stream *stream);

/* A client, for those who watch.  Borrowed for the call. */
struct reed_irc_client_info {
	struct reed_stream *stream;
	const char *nick, *account; /* nick "*" before it is registered; account may be NULL */
	unsigned rooms;
	int64_t since; /* reed_now() */
};

/* Until it returns false. */
typedef bool reed_irc_client_fn(void *arg, const struct reed_irc_client_info *info);
REED_API void reed_irc_server_each(const struct reed_irc_server *server, reed_irc_client_fn *each,
                                   void *arg);

struct reed_irc_server_stats {
	size_t size; /* set by the caller */
	size_t connections, registered;
	uint64_t accepted, refused, lines_in, lines_out, overflows, floods, timeouts;
	size_t queued_bytes; /* for all clients to read */
};

REED_API void reed_irc_server_stats(const struct reed_irc_server *server,
                                    struct reed_irc_server_stats *stats);

REED_END_DECLS

#endif
