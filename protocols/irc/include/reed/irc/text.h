/*
 * What people say on IRC: CTCP, formatting, and texts longer than a line.
 *
 * Sources: modern.ircdocs.horse "CTCP" and "Formatting", the CTCP specification of
 * 1994 for quoting, IRCv3 multiline for splitting.
 */

#ifndef REED_IRC_TEXT_H
#define REED_IRC_TEXT_H

#include "reed/slice.h"

REED_BEGIN_DECLS

/* A text between two bytes 0x01 is not text, but says something to the program that reads it. */
struct reed_irc_ctcp {
	struct reed_slice command; /* "ACTION", "VERSION", ... in any case */
	struct reed_slice params;  /* may be empty */
};

/* False for plain text.  The second 0x01 may be missing, as servers cut long lines. */
REED_API bool reed_irc_ctcp(struct reed_slice text, struct reed_irc_ctcp *out);

/* REED_ESYNTAX: what would end it, or no word as command.  REED_ETOOBIG: over room. */
REED_API enum reed_err reed_irc_ctcp_format(const struct reed_irc_ctcp *ctcp, char *p, size_t room,
                                            struct reed_slice *out);

/*
 * Quoting of 1994, for programs that still know it: within CTCP ('\' and 'a'
 * for 0x01) and, around it, of whole messages (0x10 for NUL, CR and LF).
 * Quoted text has up to twice the bytes, unquoted not more than before.
 * REED_ETOOBIG: over room.
 */
REED_API enum reed_err reed_irc_ctcp_quote(struct reed_slice s, char *p, size_t room,
                                           struct reed_slice *out);
REED_API enum reed_err reed_irc_ctcp_unquote(struct reed_slice s, char *p, size_t room,
                                             struct reed_slice *out);
REED_API enum reed_err reed_irc_low_quote(struct reed_slice s, char *p, size_t room,
                                          struct reed_slice *out);
REED_API enum reed_err reed_irc_low_unquote(struct reed_slice s, char *p, size_t room,
                                            struct reed_slice *out);

/* How text looks.  Each is switched on and off by the byte behind it. */
enum reed_irc_look {
	REED_IRC_BOLD = 1,       /* 0x02 */
	REED_IRC_ITALIC = 2,     /* 0x1d */
	REED_IRC_UNDERLINE = 4,  /* 0x1f */
	REED_IRC_STRIKE = 8,     /* 0x1e */
	REED_IRC_MONOSPACE = 16, /* 0x11 */
	REED_IRC_REVERSE = 32,   /* 0x16 */
};

/* Colours are 0 to 98 of the usual palette, or REED_IRC_RGB + 0xrrggbb, or ... */
#define REED_IRC_RGB INT32_C(0x1000000)

/* ... what the reader has without one. */
#define REED_IRC_DEFAULT_COLOUR (-1)

struct reed_irc_style {
	unsigned look; /* of enum reed_irc_look */
	int32_t fg, bg;
};

/* How every text begins. */
#define REED_IRC_PLAIN                                              \
	{                                                           \
		0, REED_IRC_DEFAULT_COLOUR, REED_IRC_DEFAULT_COLOUR \
	}

struct reed_irc_run {
	struct reed_irc_style style;
	struct reed_slice text; /* not empty, and without formatting codes */
};

/*
 *	struct reed_irc_run run = { .style = REED_IRC_PLAIN };
 *
 *	while (reed_irc_run_next(&text, &run))
 *		show(run.text, run.style);
 */
REED_API bool reed_irc_run_next(struct reed_slice *text, struct reed_irc_run *run);

/* Without formatting codes; p has room for text.n bytes and may be where text is. */
REED_API struct reed_slice reed_irc_strip(struct reed_slice text, char *p);

/* The most bytes that reed_irc_style_codes() writes. */
#define REED_IRC_CODES_MAX 40

/*
 * The codes that go from one style to the other, to stand in front of text,
 * which is looked at because digits and commas could belong to a colour.
 * Returns how many bytes.
 */
REED_API size_t reed_irc_style_codes(const struct reed_irc_style *from,
                                     const struct reed_irc_style *to, struct reed_slice text,
                                     char p[REED_IRC_CODES_MAX]);

/* What a palette colour is usually shown as, 0xrrggbb; -1 for one that has none. */
REED_API int32_t reed_irc_palette(int32_t colour);

/*
 * How many bytes of text a line to target leaves when the server puts source
 * in front of it; line_max is 512 or what LINELEN says.  0 when there is none.
 */
REED_API size_t reed_irc_text_room(size_t line_max, size_t source, size_t verb, size_t target);

enum reed_irc_split_flags {
	/* Spaces and empty lines stay: put together again, what was split is the same. */
	REED_IRC_SPLIT_KEEP = 1,
};

struct reed_irc_split {
	struct reed_slice rest; /* the text; LF, CR LF and CR begin a new line */
	size_t room;            /* bytes in a piece */
	unsigned flags;
	bool joined;  /* the piece goes on where the last one ended */
	bool amid;    /* the next one will, ... */
	bool newline; /* ... or begins a line that may be empty */
};

/*
 * The next piece: whole words when they fit, else whole characters with the
 * marks that belong to them, never half a colour code; what cannot be divided
 * so is cut all the same.  A room of 0 gives nothing.
 *
 *	struct reed_irc_split split = { .rest = text, .room = room };
 *
 *	while (reed_irc_split_next(&split, &piece))
 *		say(piece);
 *
 * With REED_IRC_SPLIT_KEEP, joined tells what IRCv3 multiline sends as
 * "draft/multiline-concat".
 */
REED_API bool reed_irc_split_next(struct reed_irc_split *split, struct reed_slice *piece);

REED_END_DECLS

#endif
