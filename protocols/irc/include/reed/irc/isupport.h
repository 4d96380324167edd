/*
 * What a server says of itself with 005: limits, letters, abilities.
 *
 * One struct for both sides.  A client adds the messages that come in, and
 * reads fields that have the values to go by, told or not.  A server puts its
 * tokens in, reads the same fields, and writes the lines that say so.
 *
 * Numbers: 0 is "no limit".  Letters: NUL is "the server has no such mode".
 *
 * Sources: modern.ircdocs.horse "RPL_ISUPPORT Parameters", draft-hardy-irc-isupport,
 * IRCv3 account-extban, bot-mode, chathistory, message-tags, monitor, network-icon,
 * setname, utf8only, whox.
 */

#ifndef REED_IRC_ISUPPORT_H
#define REED_IRC_ISUPPORT_H

#include "reed/irc/modes.h"

REED_BEGIN_DECLS

/* The most tokens kept of one server, and the most bytes of one. */
#define REED_IRC_TOKENS_MAX 256
#define REED_IRC_TOKEN_MAX  480

/* As fifteen parameters hold a client's name and a sentence too. */
#define REED_IRC_TOKENS_PER_LINE 13

struct reed_irc_token {
	char *name;
	char *value; /* unescaped; "" when there is none */
};

struct reed_irc_isupport {
	enum reed_irc_casemap casemap; /* RFC1459 until told */
	struct reed_irc_modes modes;   /* CHANMODES and PREFIX */

	char chantypes[16]; /* "#&" until told */
	char statusmsg[16]; /* prefixes that may stand before a channel as target */
	char elist[16];     /* what LIST can be asked for */
	char network[64];
	char extban_prefix;      /* NUL: none, also when extbans has some */
	char extbans[64];        /* letters */
	char account_extban[32]; /* the first name for a ban of an account */
	char icon[256];          /* draft/ICON, a URL */

	char excepts, invex;      /* lists of those no ban hits, of those invited */
	char bot, callerid, deaf; /* modes of users */

	unsigned awaylen, channellen, hostlen, keylen, kicklen, linelen, namelen, nicklen;
	unsigned topiclen, userlen;    /* bytes */
	unsigned modes_max;            /* parameters in one MODE; 3 until told */
	unsigned maxtargets;           /* see also reed_irc_targmax() */
	unsigned silence, accept;      /* entries of these lists */
	unsigned monitor, chathistory; /* nicks, lines; only when has_... is set */

	bool has_monitor, has_chathistory, has_extban;
	bool utf8only, whox, safelist, knock, userip, cprivmsg, cnotice, namesx, uhnames;

	struct reed_irc_token *tokens; /* in the order they came first */
	size_t count;
};

/* What is so when nothing has been told.  Zeroed is not enough. */
REED_API void reed_irc_isupport_init(struct reed_irc_isupport *is);
REED_API void reed_irc_isupport_finish(struct reed_irc_isupport *is);

/*
 * All tokens of a 005: what is told again replaces, "-NAME" takes back.
 * REED_ETOOBIG: too many or too long, the rest of the message is taken.
 * REED_ESYNTAX: a value that cannot be understood; as if it had not been told.
 */
REED_API enum reed_err reed_irc_isupport_add(struct reed_irc_isupport *is,
                                             const struct reed_irc_message *m);

/* One of them as on the wire: "NAME", "NAME=value" with \xHH, "-NAME". */
REED_API enum reed_err reed_irc_isupport_add_token(struct reed_irc_isupport *is,
                                                   struct reed_slice token);

/* The same from name and unescaped value. */
REED_API enum reed_err reed_irc_isupport_set(struct reed_irc_isupport *is, struct reed_slice name,
                                             struct reed_slice value);
REED_API void reed_irc_isupport_unset(struct reed_irc_isupport *is, struct reed_slice name);

/* NULL when it has not been told; "" when without a value. */
REED_API const char *reed_irc_isupport_get(const struct reed_irc_isupport *is, const char *name);

/* How many targets a command takes; 1 when nothing is said of it. */
REED_API unsigned reed_irc_targmax(const struct reed_irc_isupport *is, struct reed_slice command);

/* How many channels of this type one may join, by its first character. */
REED_API unsigned reed_irc_chanlimit(const struct reed_irc_isupport *is, char type);

/* How many entries a list of a channel has, by its letter. */
REED_API unsigned reed_irc_maxlist(const struct reed_irc_isupport *is, char letter);

/* Whether it names a channel, not a user. */
REED_API bool reed_irc_is_channel(const struct reed_irc_isupport *is, struct reed_slice target);

/* Without the prefixes of STATUSMSG: "#c" of "@#c", which they are put into. */
REED_API struct reed_slice reed_irc_without_statusmsg(const struct reed_irc_isupport *is,
                                                      struct reed_slice target,
                                                      struct reed_slice *prefixes);

/* The mask that bans an account, e.g. "$a:bob".  REED_ENOTSUP: the server has none such. */
REED_API enum reed_err reed_irc_account_ban(const struct reed_irc_isupport *is,
                                            struct reed_slice account, char *p, size_t room,
                                            struct reed_slice *out);

/*
 * Adds tokens, from *at on, to a 005 that has its client, and the sentence
 * behind; the next line goes on at *at, until that is is->count.
 */
REED_API void reed_irc_build_isupport(struct reed_irc_builder *b,
                                      const struct reed_irc_isupport *is, size_t *at);

REED_END_DECLS

#endif
