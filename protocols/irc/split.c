/* Texts that are longer than a line, in pieces that are not. */

#include "codes.h"
#include "utf8.h"

size_t reed_irc_text_room(size_t line_max, size_t source, size_t verb, size_t target)
{
	/* ":source VERB target :text\r\n" */
	size_t taken = 1 + source + 1 + verb + 1 + target + 2 + 2;

	return taken < line_max ? line_max - taken : 0;
}

static bool ends_line(char c)
{
	return c == '\n' || c == '\r';
}

#define ZERO_WIDTH_JOINER 0x200d

/* Characters that are seen as part of the one before: marks, joiners, variants, tones of skin. */
static bool belongs_to_last(uint32_t c)
{
	return (c >= 0x300 && c <= 0x36f) || (c >= 0x1ab0 && c <= 0x1aff) ||
	       (c >= 0x1dc0 && c <= 0x1dff) || (c >= 0x20d0 && c <= 0x20ff) ||
	       (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xfe20 && c <= 0xfe2f) ||
	       (c >= 0x1f3fb && c <= 0x1f3ff) || (c >= 0xe0100 && c <= 0xe01ef) ||
	       c == ZERO_WIDTH_JOINER;
}

/* Bytes at the beginning of s that are not to be divided. */
static size_t whole(struct reed_slice s)
{
	struct reed_irc_style style = REED_IRC_PLAIN;
	size_t n = reed_irc_apply_code(s, &style), more;
	uint32_t last, next;

	if (n > 0)
		return n;
	n = utf8_char(s, &last);
	while (n < s.n && (unsigned char)s.p[n] >= 0x80) {
		more = utf8_char(reed_slice_from(s, n), &next);
		if (last != ZERO_WIDTH_JOINER && !belongs_to_last(next))
			break;
		n += more;
		last = next;
	}
	return n;
}

/* No character and no code is longer. */
#define LONGEST 32

/* Where a line that is longer than room is divided: never at its beginning. */
static size_t cut_of(struct reed_slice line, size_t room, bool keep)
{
	size_t at = 0, space = 0, border;
	bool word = false;

	line = reed_slice_first(line, room + LONGEST);
	while (at < line.n) {
		size_t n = whole(reed_slice_from(line, at));

		if (line.p[at] == ' ' && word && at + keep <= room)
			space = at + keep;
		if (at + n > room)
			break;
		word |= line.p[at] != ' ';
		at += n;
	}
	if (space > 0 || at > 0)
		return space > 0 ? space : at;
	border = reed_slice_utf8_border(line, room);
	return border > 0 ? border : room;
}

static void take_line_end(struct reed_irc_split *split)
{
	bool both = split->rest.n > 1 && split->rest.p[0] == '\r' && split->rest.p[1] == '\n';

	split->newline = split->rest.n > 0;
	split->amid = false;
	split->rest = reed_slice_from(split->rest, both ? 2 : 1);
}

static void skip_spaces(struct reed_slice *s)
{
	while (s->n > 0 && *s->p == ' ')
		*s = reed_slice_from(*s, 1);
}

/* The line at the beginning of rest, as far as it matters: one byte more than room. */
static struct reed_slice line_of(const struct reed_irc_split *split)
{
	size_t n = 0;

	while (n < split->rest.n && n <= split->room && !ends_line(split->rest.p[n]))
		n++;
	return reed_slice_first(split->rest, n);
}

bool reed_irc_split_next(struct reed_irc_split *split, struct reed_slice *piece)
{
	bool keep = split->flags & REED_IRC_SPLIT_KEEP;

	while (split->room > 0 && (split->rest.n > 0 || (split->newline && keep))) {
		struct reed_slice line = line_of(split);
		bool skip = line.n == 0 && (!keep || split->amid);

		split->joined = split->amid;
		if (line.n <= split->room) {
			*piece = line;
			split->rest = reed_slice_from(split->rest, line.n);
			take_line_end(split);
		} else {
			line.n = split->rest.n;
			*piece = reed_slice_first(line, cut_of(line, split->room, keep));
			split->rest = reed_slice_from(split->rest, piece->n);
			split->amid = true;
			split->newline = false;
			if (!keep)
				skip_spaces(&split->rest);
		}
		if (!skip)
			return true;
	}
	return false;
}
