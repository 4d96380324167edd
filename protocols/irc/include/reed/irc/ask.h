/*
 * Asking an IRC server: calls that are awaited until their answer is complete.
 *
 * How an answer is known: with labeled-response by its label; else by the
 * numbers that belong to the command and the names in them; and of a command
 * that this client knows nothing of, by a PING that is sent behind it.  Calls
 * of one kind may be under way at the same time; answers to calls that were
 * dropped are told apart too.
 *
 * `refusal` may be NULL where it does not matter; numeric and code tell whether
 * there is one.  What a call fills in is empty when it was refused.  Answers
 * own their memory, and are finished by the caller in any case.  Errors: see
 * client.h; REED_ETOOBIG also for an answer over options.answer_bytes.
 */

#ifndef REED_IRC_ASK_H
#define REED_IRC_ASK_H

#include "reed/irc/client.h"
#include "reed/pool.h"

REED_BEGIN_DECLS

/* Zeroed: there is none. */
struct reed_irc_refusal {
	uint16_t numeric; /* 433, ...; 0 for FAIL, or when there is no refusal */
	char code[48];    /* of FAIL: "ACCOUNT_REQUIRED"; else "" */
	char text[400];   /* for people */
};

static inline bool reed_irc_is_refused(const struct reed_irc_refusal *refusal)
{
	return refusal->numeric || *refusal->code;
}

/* ---- anything ---- */

/* Messages, in the order they came, with the refusal among them if there was one. */
struct reed_irc_answer {
	struct reed_irc_message *messages;
	size_t count;
	struct reed_irc_refusal refusal;
	struct reed_pool pool;
};

/* One line, without tags and CR LF. */
REED_API struct reed_future *reed_irc_request(struct reed_irc_client *client,
                                              struct reed_slice line,
                                              struct reed_irc_answer *answer);
REED_API void reed_irc_answer_finish(struct reed_irc_answer *answer);

/* The round trip, in ms; may be NULL. */
REED_API struct reed_future *reed_irc_ping(struct reed_irc_client *client, int64_t *ms);

/* ---- ourselves ---- */

/* From then on that is the nick which is taken back, and asked for after a reconnect. */
REED_API struct reed_future *reed_irc_set_nick(struct reed_irc_client *client,
                                               struct reed_slice nick,
                                               struct reed_irc_refusal *refusal);

/* reason empty: back again. */
REED_API struct reed_future *reed_irc_set_away(struct reed_irc_client *client,
                                               struct reed_slice reason,
                                               struct reed_irc_refusal *refusal);

REED_API struct reed_future *reed_irc_oper(struct reed_irc_client *client, struct reed_slice name,
                                           struct reed_slice password,
                                           struct reed_irc_refusal *refusal);

/* ---- channels ---- */

/* Settles when the members are known; key may be empty.  Joined again after a reconnect. */
REED_API struct reed_future *reed_irc_join(struct reed_irc_client *client,
                                           struct reed_slice channel, struct reed_slice key,
                                           struct reed_irc_refusal *refusal);

/* reason may be empty.  Not joined again after a reconnect. */
REED_API struct reed_future *reed_irc_part(struct reed_irc_client *client,
                                           struct reed_slice channel, struct reed_slice reason,
                                           struct reed_irc_refusal *refusal);

REED_API struct reed_future *reed_irc_kick(struct reed_irc_client *client,
                                           struct reed_slice channel, struct reed_slice nick,
                                           struct reed_slice reason,
                                           struct reed_irc_refusal *refusal);
REED_API struct reed_future *reed_irc_invite(struct reed_irc_client *client, struct reed_slice nick,
                                             struct reed_slice channel,
                                             struct reed_irc_refusal *refusal);

/* Empty: no topic. */
REED_API struct reed_future *reed_irc_set_topic(struct reed_irc_client *client,
                                                struct reed_slice channel, struct reed_slice topic,
                                                struct reed_irc_refusal *refusal);

struct reed_irc_topic {
	struct reed_slice topic; /* empty: none */
	struct reed_slice by;    /* may be empty */
	int64_t time;            /* seconds since 1970 UTC; 0: not told */
	struct reed_pool pool;
};

REED_API struct reed_future *reed_irc_ask_topic(struct reed_irc_client *client,
                                                struct reed_slice channel,
                                                struct reed_irc_topic *topic,
                                                struct reed_irc_refusal *refusal);
REED_API void reed_irc_topic_finish(struct reed_irc_topic *topic);

/*
 * changes: "+o-v alice bob".  As many lines as the server wants for them;
 * settles when the last is answered, with the first refusal.
 */
REED_API struct reed_future *reed_irc_set_modes(struct reed_irc_client *client,
                                                struct reed_slice target, struct reed_slice changes,
                                                struct reed_irc_refusal *refusal);

struct reed_irc_modes_answer {
	struct reed_slice modes; /* "+klnt key 10" */
	struct reed_pool pool;
};

/* Of a channel, or of ourselves. */
REED_API struct reed_future *reed_irc_ask_modes(struct reed_irc_client *client,
                                                struct reed_slice target,
                                                struct reed_irc_modes_answer *modes,
                                                struct reed_irc_refusal *refusal);
REED_API void reed_irc_modes_finish(struct reed_irc_modes_answer *modes);

struct reed_irc_list_entry {
	struct reed_slice mask, by; /* by may be empty */
	int64_t time;               /* seconds since 1970 UTC; 0: not told */
};

struct reed_irc_list_answer {
	struct reed_irc_list_entry *entries;
	size_t count;
	struct reed_pool pool;
};

/* letter: 'b' for bans, 'e' for exceptions, 'I' for invitations, 'q' for those quiet. */
REED_API struct reed_future *reed_irc_ask_list(struct reed_irc_client *client,
                                               struct reed_slice channel, char letter,
                                               struct reed_irc_list_answer *list,
                                               struct reed_irc_refusal *refusal);
REED_API void reed_irc_list_finish(struct reed_irc_list_answer *list);

struct reed_irc_room {
	struct reed_slice name, topic;
	unsigned users;
};

struct reed_irc_rooms {
	struct reed_irc_room *rooms;
	size_t count;
	struct reed_pool pool;
};

/* LIST; which: masks or conditions as ELIST has them, empty for all. */
REED_API struct reed_future *reed_irc_ask_rooms(struct reed_irc_client *client,
                                                struct reed_slice which,
                                                struct reed_irc_rooms *rooms,
                                                struct reed_irc_refusal *refusal);
REED_API void reed_irc_rooms_finish(struct reed_irc_rooms *rooms);

/* ---- people ---- */

struct reed_irc_person {
	struct reed_slice nick, user, host; /* these may be empty where not told */
	struct reed_slice realname, server, channel;
	struct reed_slice account; /* empty: none, or not told */
	struct reed_slice ip;
	struct reed_slice prefixes; /* "@+" in channel */
	int64_t idle;               /* seconds; -1: not told */
	unsigned hops;
	bool is_away, is_operator, is_bot;
};

struct reed_irc_people {
	struct reed_irc_person *people;
	size_t count;
	struct reed_pool pool;
};

/* WHO, of a channel, nick or mask; WHOX where the server has it. */
REED_API struct reed_future *reed_irc_ask_who(struct reed_irc_client *client,
                                              struct reed_slice mask,
                                              struct reed_irc_people *people,
                                              struct reed_irc_refusal *refusal);

/* NAMES: nick and prefixes, with userhost-in-names user and host too. */
REED_API struct reed_future *reed_irc_ask_names(struct reed_irc_client *client,
                                                struct reed_slice channel,
                                                struct reed_irc_people *people,
                                                struct reed_irc_refusal *refusal);
REED_API void reed_irc_people_finish(struct reed_irc_people *people);

struct reed_irc_whois {
	struct reed_irc_person is;     /* idle and away are known; server is where */
	struct reed_slice server_info; /* of that server */
	struct reed_slice channels;    /* "@#one +#two" */
	struct reed_slice away;        /* why */
	struct reed_slice modes;
	struct reed_slice fingerprint; /* of its certificate */
	struct reed_slice real_host;   /* for those who may see it */
	int64_t signed_on;             /* seconds since 1970 UTC; 0: not told */
	bool is_secure, is_registered; /* TLS; the nick is the account's */
	struct reed_slice *more;       /* sentences of other numerics */
	size_t more_count;
	struct reed_pool pool;
};

/* far: ask the server that the user is on, which alone knows about idle. */
REED_API struct reed_future *reed_irc_ask_whois(struct reed_irc_client *client,
                                                struct reed_slice nick, bool far,
                                                struct reed_irc_whois *whois,
                                                struct reed_irc_refusal *refusal);
REED_API void reed_irc_whois_finish(struct reed_irc_whois *whois);

/*
 * MONITOR: told by events from here on, also after a reconnect.  nicks with
 * commas.  Settles when it is known of each; see online.  REED_ENOTSUP: the
 * server has no MONITOR.
 */
struct reed_irc_monitor {
	struct reed_slice *online, *offline;
	size_t online_count, offline_count;
	struct reed_pool pool;
};

REED_API struct reed_future *reed_irc_monitor_add(struct reed_irc_client *client,
                                                  struct reed_slice nicks,
                                                  struct reed_irc_monitor *monitor,
                                                  struct reed_irc_refusal *refusal);
REED_API void reed_irc_monitor_finish(struct reed_irc_monitor *monitor);
REED_API enum reed_err reed_irc_monitor_remove(struct reed_irc_client *client,
                                               struct reed_slice nicks);

REED_END_DECLS

#endif
