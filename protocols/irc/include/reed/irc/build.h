/*
 * Putting IRC messages together, into memory of the caller.
 *
 *	char line[REED_IRC_LINE_MAX];
 *	struct reed_irc_builder b;
 *
 *	reed_irc_build(&b, line, sizeof(line));
 *	reed_irc_build_command(&b, REED_STR(""), REED_STR("KICK"));
 *	reed_irc_build_param(&b, channel);
 *	reed_irc_build_param(&b, nick);
 *	reed_irc_build_text(&b, reason);
 *	err = reed_irc_build_end(&b, &out);
 *
 * The first error stays and the rest does nothing, so that only the end need
 * be looked at.  What comes out is one whole line or nothing: no byte of a
 * parameter can end a line or begin another parameter.
 *
 * REED_ESYNTAX: NUL, CR or LF somewhere; a source, command or tag that is
 * not one word; a parameter behind one that had to be the last.
 * REED_ETOOBIG: over the caller's room, the limit of a line, that of tags, or
 * more than fifteen parameters.
 */

#ifndef REED_IRC_BUILD_H
#define REED_IRC_BUILD_H

#include "reed/blob.h"
#include "reed/irc/message.h"

REED_BEGIN_DECLS

struct reed_irc_builder {
	char *p; /* the caller's */
	size_t n, room;
	size_t end;      /* how far it may go, by room and by line_max */
	size_t line_max; /* CR LF counted, tags not; may be changed before the command */
	enum reed_err err;
	uint16_t numeric;
	uint8_t params;
	bool body;     /* the command is there */
	bool complete; /* the last parameter is there */
	bool cut;      /* a text did not fit */
};

/* Begins a line; p + room may be longer than one, and is never written behind. */
REED_API void reed_irc_build(struct reed_irc_builder *b, char *p, size_t room);

/* Tags go first.  The value is escaped here; an empty one is left out. */
REED_API void reed_irc_build_tag(struct reed_irc_builder *b, struct reed_slice key,
                                 struct reed_slice value);

/* The same for tags that are escaped already, such as those of another message. */
REED_API void reed_irc_build_tags(struct reed_irc_builder *b, struct reed_slice tags);

/* source may be empty: clients send none. */
REED_API void reed_irc_build_command(struct reed_irc_builder *b, struct reed_slice source,
                                     struct reed_slice verb);

/* A server's answer, with its first parameter; client may be empty, which makes it "*". */
REED_API void reed_irc_build_numeric(struct reed_irc_builder *b, struct reed_slice server,
                                     struct reed_slice client, unsigned numeric);

/* With a colon where it needs one: what is empty, has spaces or begins with ':' must be last. */
REED_API void reed_irc_build_param(struct reed_irc_builder *b, struct reed_slice param);
REED_API void reed_irc_build_u64(struct reed_irc_builder *b, uint64_t param);

/* The last parameter, always with a colon. */
REED_API void reed_irc_build_text(struct reed_irc_builder *b, struct reed_slice text);

/* The same; what does not fit is cut off on the border of a UTF-8 character. */
REED_API void reed_irc_build_text_cut(struct reed_irc_builder *b, struct reed_slice text);
REED_API void reed_irc_build_textf(struct reed_irc_builder *b, const char *format, ...)
	REED_PRINTF(2, 3);

/* The usual sentence of the numeric, see numerics.h; REED_EINVAL when it has none. */
REED_API void reed_irc_build_usual_text(struct reed_irc_builder *b);

/* Ends the line with CR LF; out is the whole of it, and empty when there was an error. */
REED_API enum reed_err reed_irc_build_end(struct reed_irc_builder *b, struct reed_slice *out);

/* m as a line, with CR LF; m need not come from reed_irc_parse. */
REED_API enum reed_err reed_irc_format(const struct reed_irc_message *m, char *p, size_t room,
                                       struct reed_slice *out);

/*
 * ":source VERB target :text" in one go: what a server does all day.  text is
 * cut where the line ends.  p has room for REED_IRC_LINE_MAX bytes.
 */
REED_API enum reed_err reed_irc_compose(char p[REED_IRC_LINE_MAX], struct reed_slice source,
                                        struct reed_slice verb, struct reed_slice target,
                                        struct reed_slice text, struct reed_slice *out);

/* The most tags an envelope holds besides those of the client. */
#define REED_IRC_ENVELOPE_TAGS 16

/* The most lines an envelope keeps; with more different recipients it writes some anew. */
#define REED_IRC_ENVELOPE_LINES 8

/*
 * One message to many recipients, who differ in the tags they take.  The body
 * is built once, by the above; the line with tags once for each set of tags
 * that somebody takes.
 *
 * What a recipient takes is told by 64 bits, whose meaning is the caller's:
 * one for each capability, say.  A recipient gets a tag when it has one of the
 * bits that the tag was given with.
 */
struct reed_irc_envelope {
	struct reed_slice body; /* with CR LF */
	uint64_t bits;          /* that make a difference */
	uint8_t n_tags, n_lines, next;
	enum reed_err err;
	struct {
		uint64_t bits;
		struct reed_slice key, value;
	} tags[REED_IRC_ENVELOPE_TAGS];
	struct {
		uint64_t bits;
		struct reed_slice tags;
	} client;
	struct {
		uint64_t bits;
		struct reed_blob *line;
	} lines[REED_IRC_ENVELOPE_LINES];
};

/* The body is borrowed, as keys and values are, until reed_irc_envelope_finish(). */
REED_API void reed_irc_envelope_init(struct reed_irc_envelope *e, struct reed_slice body);
REED_API void reed_irc_envelope_finish(struct reed_irc_envelope *e);

/* All tags before the first line.  REED_ETOOBIG when there are too many, see err. */
REED_API void reed_irc_envelope_tag(struct reed_irc_envelope *e, struct reed_slice key,
                                    struct reed_slice value, uint64_t bits);

/* Those of tags, from a parsed message, that are for other clients: behind the rest, as they are. */
REED_API void reed_irc_envelope_client_tags(struct reed_irc_envelope *e, struct reed_slice tags,
                                            uint64_t bits);

REED_API struct reed_blob *reed_irc_envelope_make_line(struct reed_irc_envelope *e, uint64_t bits);

/* For a recipient with these bits: the envelope's, share it to keep it.  NULL: see err. */
static inline struct reed_blob *reed_irc_envelope_line(struct reed_irc_envelope *e, uint64_t bits)
{
	bits &= e->bits;
	for (unsigned i = 0; i < e->n_lines; i++)
		if (e->lines[i].bits == bits)
			return e->lines[i].line;
	return reed_irc_envelope_make_line(e, bits);
}

REED_END_DECLS

#endif
