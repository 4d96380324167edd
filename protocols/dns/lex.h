/*
 * Words of a zone file (RFC 1035 5.1): one entry, which is a line, or several
 * within parentheses.  A word is a slice of the text, its escapes still in it.
 *
 * The text may end in the middle of an entry: REED_EAGAIN, and the entry is
 * read from its beginning when more of it is there.
 */

#ifndef REED_DNS_LEX_H
#define REED_DNS_LEX_H

#include "reed/dns/rdata.h"

struct lexer {
	const char *p, *end;
	bool last;                  /* nothing comes behind end */
	bool ended;                 /* the end of the entry has been read */
	unsigned depth;             /* of parentheses */
	struct reed_slice word;     /* the one read last, or where one is missing */
	const char *wanted, *wrong; /* of what went wrong; see struct reed_dns_mistake */
};

struct word {
	struct reed_slice text;
	bool quoted;
};

void dns_lex(struct lexer *lx, struct reed_slice text, bool last);

/* REED_EEOF: the entry ends here, and does so when asked again.  REED_EAGAIN, REED_ESYNTAX. */
enum reed_err dns_lex_next(struct lexer *lx, struct word *word);

/* The same, but the end is a mistake: "... is missing". */
enum reed_err dns_lex_need(struct lexer *lx, struct word *word, const char *wanted);

/* Goes behind the end of the line in which something was wrong. */
enum reed_err dns_lex_skip_line(struct lexer *lx);

/* REED_ESYNTAX, of the word read last. */
enum reed_err dns_lex_wanted(struct lexer *lx, const char *wanted);
enum reed_err dns_lex_wrong(struct lexer *lx, const char *wrong);

#endif
