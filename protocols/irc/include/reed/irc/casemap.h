/*
 * Names on IRC: when two are the same, and what may be one.
 *
 * Letters are folded as the server says with CASEMAPPING.  What is not ASCII
 * is never folded: UTF-8 names that differ in a byte are different names.
 *
 * Sources: RFC 2812 2.2 and 2.3.1, modern.ircdocs.horse "Clients" and
 * "Channels", draft-hardy-irc-isupport 4.1.
 */

#ifndef REED_IRC_CASEMAP_H
#define REED_IRC_CASEMAP_H

#include "reed/slice.h"

REED_BEGIN_DECLS

enum reed_irc_casemap {
	REED_IRC_CASEMAP_ASCII,          /* A to Z */
	REED_IRC_CASEMAP_RFC1459_STRICT, /* [ \ ] are capitals of { | } too */
	REED_IRC_CASEMAP_RFC1459,        /* and ^ of ~ */
};

/* "ascii", "rfc1459" and "rfc1459-strict", as in 005. */
REED_API struct reed_slice reed_irc_casemap_name(enum reed_irc_casemap map);

/* False for a name that is none of these, "rfc7613" among them. */
REED_API bool reed_irc_casemap_of(struct reed_slice name, enum reed_irc_casemap *out);

/* So many characters from 'A' on are capitals; the small ones are 32 higher. */
static inline unsigned reed_irc_capitals(enum reed_irc_casemap map)
{
	return map == REED_IRC_CASEMAP_ASCII ? 26 : map == REED_IRC_CASEMAP_RFC1459 ? 30 : 29;
}

static inline char reed_irc_fold_char(enum reed_irc_casemap map, char c)
{
	return (char)(c + ((unsigned)(unsigned char)c - 'A' < reed_irc_capitals(map) ? 32 : 0));
}

/* In place. */
REED_API void reed_irc_fold(enum reed_irc_casemap map, char *p, size_t n);

/* Whether it is folded already. */
REED_API bool reed_irc_is_folded(enum reed_irc_casemap map, struct reed_slice s);

REED_API bool reed_irc_eq(enum reed_irc_casemap map, struct reed_slice a, struct reed_slice b);

/* <0, 0, >0: by folded bytes, a prefix goes first. */
REED_API int reed_irc_cmp(enum reed_irc_casemap map, struct reed_slice a, struct reed_slice b);

/* The same for names that are the same.  For hash tables under a seed of your own. */
REED_API uint64_t reed_irc_hash(enum reed_irc_casemap map, struct reed_slice s, uint64_t seed);

/* What a server lets people call themselves and their channels; zeroed is a strict server. */
struct reed_irc_name_rules {
	size_t nick_max;       /* bytes; 0: 30 */
	size_t user_max;       /* bytes; 0: 10 */
	size_t channel_max;    /* bytes; 0: 64 */
	const char *chantypes; /* what channels begin with; NULL: "#" */
	bool utf8;             /* what is not ASCII may stand in names, as UTF-8 */
};

/*
 * NULL when the name is good, else a sentence that says what would be, for a
 * 432 or 476.  rules may be NULL.
 *
 * With utf8 a name has no characters that cannot be seen: no controls, spaces,
 * marks of direction and the like.
 */
REED_API const char *reed_irc_nick_wrong(struct reed_slice nick,
                                         const struct reed_irc_name_rules *rules);
REED_API const char *reed_irc_user_wrong(struct reed_slice user,
                                         const struct reed_irc_name_rules *rules);
REED_API const char *reed_irc_channel_wrong(struct reed_slice channel,
                                            const struct reed_irc_name_rules *rules);

REED_END_DECLS

#endif
