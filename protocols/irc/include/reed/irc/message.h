/*
 * IRC messages: one line of bytes seen as tags, source, command and parameters.
 *
 * Parsing allocates and copies nothing: all that a message holds are slices of
 * the line, good as long as the line is.  Values of tags are escaped on the
 * wire and are unescaped when asked for, into memory of the caller.
 *
 * Sources: RFC 2812 2.3, modern.ircdocs.horse "Message Format", IRCv3
 * message-tags and server-time.  To put messages together see build.h.
 */

#ifndef REED_IRC_MESSAGE_H
#define REED_IRC_MESSAGE_H

#include "reed/slice.h"

REED_BEGIN_DECLS

/* Bytes of a line with its CR LF, but without its tags (RFC 2812 2.3). */
#define REED_IRC_LINE_MAX 512

/* Bytes of tags from '@' to the space behind them, both counted (IRCv3 message-tags). */
#define REED_IRC_TAGS_MAX 8191

/* What each side may put between these two. */
#define REED_IRC_TAG_DATA_MAX 4094

/* The longest line there can be. */
#define REED_IRC_BYTES_MAX (REED_IRC_TAGS_MAX + REED_IRC_LINE_MAX)

/* The fifteenth parameter takes the rest of the line, with or without a colon (RFC 2812 2.3.1). */
#define REED_IRC_PARAMS_MAX 15

/* Words that may stand as a command; in order. */
/* clang-format off */
#define REED_IRC_COMMANDS(X) \
	X(ACCEPT) X(ACCOUNT) X(ACK) X(ADMIN) X(AUTHENTICATE) X(AWAY) \
	X(BATCH) X(BOUNCER) \
	X(CAP) X(CHANSERV) X(CHATHISTORY) X(CHGHOST) X(CNOTICE) X(CONNECT) X(CPRIVMSG) X(CS) \
	X(DIE) \
	X(ERROR) \
	X(FAIL) \
	X(HELP) X(HELPOP) \
	X(INFO) X(INVITE) X(ISON) X(ISUPPORT) \
	X(JOIN) \
	X(KICK) X(KILL) X(KLINE) X(KNOCK) \
	X(LINKS) X(LIST) X(LUSERS) \
	X(MAP) X(MARKREAD) X(METADATA) X(MODE) X(MONITOR) X(MOTD) \
	X(NAMES) X(NICK) X(NICKSERV) X(NOTE) X(NOTICE) X(NPC) X(NS) \
	X(OPER) \
	X(PART) X(PASS) X(PING) X(PONG) X(PRIVMSG) X(PROTOCTL) \
	X(QUIT) \
	X(REDACT) X(REGISTER) X(REHASH) X(RELAYMSG) X(RENAME) X(RESTART) X(RULES) \
	X(SEARCH) X(SERVICE) X(SETNAME) X(SILENCE) X(SQUERY) X(SQUIT) X(STARTTLS) X(STATS) \
	X(SUMMON) \
	X(TAGMSG) X(TIME) X(TOPIC) X(TRACE) \
	X(UNKLINE) X(USER) X(USERHOST) X(USERIP) X(USERS) \
	X(VERIFY) X(VERSION) \
	X(WALLOPS) X(WARN) X(WATCH) X(WEBIRC) X(WEBPUSH) X(WHO) X(WHOIS) X(WHOWAS)
/* clang-format on */

enum reed_irc_command {
	REED_IRC_NOTHING, /* an empty line, to be ignored */
	REED_IRC_UNKNOWN, /* a word that is not in the list: see verb */
	REED_IRC_NUMERIC, /* three digits: see numeric */
#define X(name) REED_IRC_##name,
	REED_IRC_COMMANDS(X)
#undef X
};

/* One more than the last of them. */
#define REED_IRC_COMMANDS_END (REED_IRC_WHOWAS + 1)

struct reed_irc_message {
	struct reed_slice line;   /* all of it, without CR LF */
	struct reed_slice tags;   /* between '@' and space, as on the wire */
	struct reed_slice source; /* without the colon; empty: the peer itself */
	struct reed_slice verb;   /* the command, in the case it was sent */
	enum reed_irc_command command;
	uint16_t numeric; /* 0 to 999 when command is REED_IRC_NUMERIC */
	uint8_t count;    /* of params */
	bool colon;       /* the last one had a colon, which means nothing */
	bool ascii;       /* no byte of the line is over 0x7f */
	struct reed_slice params[REED_IRC_PARAMS_MAX]; /* those from count on are not set */
};

/* How long a line may be, by who sent it. */
struct reed_irc_limits {
	size_t tags; /* from '@' to the space, both counted */
	size_t line; /* what follows, CR LF counted whether there or not */
};

REED_API extern const struct reed_irc_limits reed_irc_from_client; /* 4096 and 512 */
REED_API extern const struct reed_irc_limits reed_irc_from_server; /* 8191 and 512 */

/*
 * The line may end in CR LF, LF or nothing.  An empty line is no error (see
 * REED_IRC_NOTHING).  limits may be NULL: reed_irc_from_server.
 *
 * REED_ESYNTAX: NUL, CR or LF inside, no command behind tags or source, or one
 * that begins with ':' or '@'; out is then a message without anything but line.
 * REED_ETOOBIG: over a limit; out is filled all the same, for a server that
 * answers 417 and for a client that reads on.
 */
REED_API enum reed_err reed_irc_parse(struct reed_slice line, const struct reed_irc_limits *limits,
                                      struct reed_irc_message *out);

/* Empty where there is none. */
static inline struct reed_slice reed_irc_param(const struct reed_irc_message *m, size_t i)
{
	return i < m->count ? m->params[i] : reed_slice("", 0);
}

/* The last one: the text of a PRIVMSG, the sentence of a numeric. */
static inline struct reed_slice reed_irc_text(const struct reed_irc_message *m)
{
	return reed_irc_param(m, m->count - 1u);
}

/* IRCv3 utf8only: nothing in the line is anything else. */
static inline bool reed_irc_is_utf8(const struct reed_irc_message *m)
{
	return m->ascii || reed_slice_is_utf8(m->line);
}

/* In any case of letters; REED_IRC_UNKNOWN when it is none of the list. */
REED_API enum reed_irc_command reed_irc_command_of(struct reed_slice verb);

/* In capitals; "" for what is not in the list. */
REED_API struct reed_slice reed_irc_command_name(enum reed_irc_command command);

/* Who: a user nick!user@host, a user of whom less is said, or a server. */
struct reed_irc_source {
	struct reed_slice nick; /* or the name of a server */
	struct reed_slice user; /* may be empty */
	struct reed_slice host; /* may be empty */
};

REED_API struct reed_irc_source reed_irc_source(struct reed_slice source);

struct reed_irc_tag {
	struct reed_slice key;   /* with its '+' and vendor */
	struct reed_slice value; /* escaped; an empty one and none are the same */
};

/* Cuts the first tag off; false when there is none left. */
REED_API bool reed_irc_tag_next(struct reed_slice *tags, struct reed_irc_tag *out);

/* Finds the tag and its escaped value; the last one counts when there are several. */
REED_API bool reed_irc_tag(const struct reed_irc_message *m, struct reed_slice key,
                           struct reed_slice *value);

/* A client may send "+typing" to other clients; without the '+' it is for the server only. */
static inline bool reed_irc_tag_is_for_clients(struct reed_slice key)
{
	return key.n > 1 && key.p[0] == '+';
}

/*
 * Into memory for value.n bytes, which is never too little.  Where nothing is
 * escaped nothing is copied, and value itself is returned.
 */
REED_API struct reed_slice reed_irc_tag_unescape(struct reed_slice value, char *into);

/* Bytes of a time as IRCv3 server-time writes it, with a NUL: 2011-10-19T16:40:51.620Z */
#define REED_IRC_TIME_SIZE 25

/* ms since 1970 UTC, in the years 0 to 9999. */
REED_API struct reed_slice reed_irc_time_format(int64_t ms, char into[REED_IRC_TIME_SIZE]);

/* REED_ESYNTAX.  Digits of the second after the third are dropped; a leap second is the next one. */
REED_API enum reed_err reed_irc_time_parse(struct reed_slice text, int64_t *ms);

REED_END_DECLS

#endif
