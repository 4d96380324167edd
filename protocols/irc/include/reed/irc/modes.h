/*
 * Modes of channels and users, and the masks and bans that stand in them.
 *
 * What a letter means, and whether it takes a parameter, is for the server to
 * say with CHANMODES and PREFIX; isupport.h keeps that for clients.
 *
 * Sources: modern.ircdocs.horse "MODE message" and "Wildcard Expressions",
 * RFC 2812 2.5, draft-hardy-irc-isupport 4.3 and 4.16, IRCv3 account-extban.
 */

#ifndef REED_IRC_MODES_H
#define REED_IRC_MODES_H

#include "reed/irc/build.h"
#include "reed/irc/casemap.h"

REED_BEGIN_DECLS

/* The most kinds of members a channel can have, "~&@%+" being five. */
#define REED_IRC_PREFIXES_MAX 15

/* The most changes in one message. */
#define REED_IRC_CHANGES_MAX 64

enum reed_irc_mode_kind {
	REED_IRC_MODE_UNKNOWN,
	REED_IRC_MODE_LIST,      /* A: adds to a list; asks for it without a parameter */
	REED_IRC_MODE_PARAM,     /* B: a parameter whether set or not */
	REED_IRC_MODE_SET_PARAM, /* C: a parameter when set */
	REED_IRC_MODE_FLAG,      /* D: no parameter */
	REED_IRC_MODE_MEMBER,    /* of PREFIX: what a member is, whose name it takes */
};

/* What the letters mean.  Zeroed, none means anything. */
struct reed_irc_modes {
	uint8_t kinds[128];                       /* of CHANMODES, by letter */
	char members[REED_IRC_PREFIXES_MAX + 1];  /* letters of PREFIX, highest first, ... */
	char prefixes[REED_IRC_PREFIXES_MAX + 1]; /* ... and what they look like: "@+" */
};

/*
 * chanmodes as in 005: "beI,k,l,imnst", more commas tell nothing; prefix:
 * "(ov)@+" or nothing.  For users: ",,,iow" and nothing.
 * REED_ESYNTAX: nothing changes then.
 */
REED_API enum reed_err reed_irc_modes_init(struct reed_irc_modes *modes,
                                           struct reed_slice chanmodes, struct reed_slice prefix);
REED_API enum reed_err reed_irc_modes_set_chanmodes(struct reed_irc_modes *modes,
                                                    struct reed_slice chanmodes);
REED_API enum reed_err reed_irc_modes_set_prefix(struct reed_irc_modes *modes,
                                                 struct reed_slice prefix);

REED_API enum reed_irc_mode_kind reed_irc_mode_kind(const struct reed_irc_modes *modes,
                                                    char letter);

/* '@' for 'o', and back; NUL when there is none. */
REED_API char reed_irc_prefix_of_mode(const struct reed_irc_modes *modes, char letter);
REED_API char reed_irc_mode_of_prefix(const struct reed_irc_modes *modes, char prefix);

/* 0 for the highest, of a letter of PREFIX; SIZE_MAX for one that is not. */
REED_API size_t reed_irc_mode_rank(const struct reed_irc_modes *modes, char letter);

enum reed_irc_mode_what {
	REED_IRC_MODE_CHANGE,
	REED_IRC_MODE_QUERY,       /* wants to see a list */
	REED_IRC_MODE_LACKS_PARAM, /* 696 or 461; else to be ignored */
	REED_IRC_MODE_NO_SUCH,     /* 472, or 501 for a user's */
};

struct reed_irc_mode_change {
	bool set; /* '+' */
	char letter;
	enum reed_irc_mode_kind kind;
	enum reed_irc_mode_what what;
	struct reed_slice param; /* empty: none */
};

struct reed_irc_mode_changes {
	size_t count;
	struct reed_irc_mode_change at[REED_IRC_CHANGES_MAX]; /* in the order they were asked for */
};

/*
 * params are those of a MODE message from its second on: "+o-k", "nick", "key".
 * REED_ETOOBIG: more than REED_IRC_CHANGES_MAX, of which out has the first.
 */
REED_API enum reed_err reed_irc_modes_parse(const struct reed_irc_modes *modes,
                                            const struct reed_slice *params, size_t n,
                                            struct reed_irc_mode_changes *out);

/* False when there is no room for it. */
REED_API bool reed_irc_mode_add(struct reed_irc_mode_changes *changes, bool set, char letter,
                                enum reed_irc_mode_kind kind, struct reed_slice param);

/*
 * Adds changes to a line that has its target, as many as go into it, with at
 * most max_params parameters (0: as many as there can be); the next call goes
 * on at *at, until that is changes->count.  What is neither CHANGE nor QUERY
 * is left out.  REED_ETOOBIG: one that is too long for any line; it is passed over.
 */
REED_API void reed_irc_build_modes(struct reed_irc_builder *b,
                                   const struct reed_irc_mode_changes *changes, size_t *at,
                                   size_t max_params);

/*
 * A mask of three parts from one with fewer: "nick" is nick!*@*, "user@host"
 * is *!user@host, "host.example" is *!*@host.example.  Stars that add nothing
 * go.  REED_ESYNTAX: not one word.  REED_ETOOBIG: over room.
 */
REED_API enum reed_err reed_irc_mask(struct reed_slice mask, char *p, size_t room,
                                     struct reed_slice *out);

/*
 * '*' stands for any characters, '?' for one (in UTF-8 too), "\*" and "\?" for
 * themselves.  The time is at worst that of mask.n * text.n steps.
 */
REED_API bool reed_irc_match(enum reed_irc_casemap map, struct reed_slice mask,
                             struct reed_slice text);

/* "$a:bob", "$~a:bob", "~account:bob", "!R:bob": a ban by something other than a mask. */
struct reed_irc_extban {
	bool negated;           /* '~' or '!' behind the prefix */
	bool has_value;         /* a colon */
	struct reed_slice name; /* a letter or a word */
	struct reed_slice value;
};

/* prefix is the first of EXTBAN, NUL where there is none (then only "name:value" is one). */
REED_API bool reed_irc_extban(char prefix, struct reed_slice mask, struct reed_irc_extban *out);

/* The same back.  REED_ESYNTAX: not one word.  REED_ETOOBIG: over room. */
REED_API enum reed_err reed_irc_extban_format(char prefix, const struct reed_irc_extban *ban,
                                              char *p, size_t room, struct reed_slice *out);

REED_END_DECLS

#endif
