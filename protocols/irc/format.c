/* Bold, colours and the like: modern.ircdocs.horse "Formatting". */

#include "codes.h"

#include "reed/base64.h"

static const struct look {
	char code;
	unsigned look;
} looks[] = {
	{ CODE_BOLD, REED_IRC_BOLD },           { CODE_ITALIC, REED_IRC_ITALIC },
	{ CODE_UNDERLINE, REED_IRC_UNDERLINE }, { CODE_STRIKE, REED_IRC_STRIKE },
	{ CODE_MONOSPACE, REED_IRC_MONOSPACE }, { CODE_REVERSE, REED_IRC_REVERSE },
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One or two digits; 99 is no colour, but that of the reader. */
static size_t read_palette(struct reed_slice s, int32_t *colour)
{
	size_t n = 0;
	int32_t value = 0;

	while (n < 2 && n < s.n && is_digit(s.p[n]))
		value = value * 10 + (s.p[n++] - '0');
	if (n > 0)
		*colour = value == 99 ? REED_IRC_DEFAULT_COLOUR : value;
	return n;
}

/* Six hexadecimal digits or nothing. */
static size_t read_rgb(struct reed_slice s, int32_t *colour)
{
	int32_t value = 0;

	if (s.n < 6)
		return 0;
	for (size_t i = 0; i < 6; i++) {
		int digit = reed_hex_digit(s.p[i]);

		if (digit < 0)
			return 0;
		value = value * 16 + digit;
	}
	*colour = REED_IRC_RGB + value;
	return 6;
}

/* A comma without a colour behind it is text; without any colour both are reset. */
static size_t apply_colour(struct reed_slice s, struct reed_irc_style *style)
{
	size_t (*take)(struct reed_slice, int32_t *) = *s.p == CODE_RGB ? read_rgb : read_palette;
	size_t n = 1 + take(reed_slice_from(s, 1), &style->fg), more;

	if (n == 1)
		style->fg = style->bg = REED_IRC_DEFAULT_COLOUR;
	if (n == 1 || n == s.n || s.p[n] != ',')
		return n;
	more = take(reed_slice_from(s, n + 1), &style->bg);
	return more ? n + 1 + more : n;
}

size_t reed_irc_apply_code(struct reed_slice s, struct reed_irc_style *style)
{
	if (!is_code(*s.p))
		return 0;
	if (*s.p == CODE_COLOUR || *s.p == CODE_RGB)
		return apply_colour(s, style);
	if (*s.p == CODE_RESET)
		*style = (struct reed_irc_style)REED_IRC_PLAIN;
	for (size_t i = 0; i < REED_COUNT(looks); i++)
		if (looks[i].code == *s.p)
			style->look ^= looks[i].look;
	return 1;
}

bool reed_irc_run_next(struct reed_slice *text, struct reed_irc_run *run)
{
	size_t n = 0;

	while (text->n > 0 && is_code(*text->p))
		*text = reed_slice_from(*text, reed_irc_apply_code(*text, &run->style));
	while (n < text->n && !is_code(text->p[n]))
		n++;
	run->text = reed_slice_first(*text, n);
	*text = reed_slice_from(*text, n);
	return n > 0;
}

struct reed_slice reed_irc_strip(struct reed_slice text, char *p)
{
	struct reed_irc_run run = { .style = REED_IRC_PLAIN };
	size_t n = 0;

	while (reed_irc_run_next(&text, &run)) {
		memmove(p + n, run.text.p, run.text.n);
		n += run.text.n;
	}
	return reed_slice(p, n);
}

static bool is_rgb(int32_t colour)
{
	return colour >= REED_IRC_RGB && colour < 2 * REED_IRC_RGB;
}

static bool is_default(int32_t colour)
{
	return !is_rgb(colour) && (colour < 0 || colour > 98);
}

static bool same_colour(int32_t a, int32_t b)
{
	return a == b || (is_default(a) && is_default(b));
}

/* What is being written, and whether what comes next could be taken for a part of it. */
struct pen {
	char *p;
	size_t n;
	bool before_digit, before_comma;
};

static void put_char(struct pen *pen, char c)
{
	pen->p[pen->n++] = c;
}

/* Always two digits, so that digits of the text are left alone. */
static void put_colour(struct pen *pen, int32_t colour)
{
	static const char digits[] = "0123456789ABCDEF";

	if (is_rgb(colour)) {
		for (int shift = 20; shift >= 0; shift -= 4)
			put_char(pen, digits[colour >> shift & 15]);
	} else {
		colour = is_default(colour) ? 99 : colour;
		put_char(pen, digits[colour / 10]);
		put_char(pen, digits[colour % 10]);
	}
}

static void put_reset(struct pen *pen)
{
	put_char(pen, CODE_COLOUR);
	pen->before_digit = true;
	pen->before_comma = false;
}

static void put_fg(struct pen *pen, int32_t fg)
{
	put_char(pen, is_rgb(fg) ? CODE_RGB : CODE_COLOUR);
	put_colour(pen, fg);
	pen->before_digit = false;
	pen->before_comma = true;
}

/* A background goes behind a foreground of the same kind only; the other kind goes on top. */
static void put_both(struct pen *pen, int32_t fg, int32_t bg)
{
	bool alike = is_rgb(fg) == is_rgb(bg);

	put_fg(pen, alike ? fg : is_rgb(bg) ? REED_IRC_RGB : REED_IRC_DEFAULT_COLOUR);
	put_char(pen, ',');
	put_colour(pen, bg);
	pen->before_comma = false;
	if (!alike)
		put_fg(pen, fg);
}

/* No background is said by resetting both: colour 99 is not known everywhere. */
static void put_colours(struct pen *pen, const struct reed_irc_style *from,
                        const struct reed_irc_style *to)
{
	bool fg = !same_colour(from->fg, to->fg), bg = !same_colour(from->bg, to->bg);

	if (bg && !is_default(to->bg)) {
		put_both(pen, to->fg, to->bg);
	} else if (bg || (fg && is_default(to->fg) && is_default(to->bg))) {
		put_reset(pen);
		if (!is_default(to->fg))
			put_fg(pen, to->fg);
	} else if (fg) {
		put_fg(pen, to->fg);
	}
}

static bool is_plain(const struct reed_irc_style *style)
{
	return !style->look && is_default(style->fg) && is_default(style->bg);
}

size_t reed_irc_style_codes(const struct reed_irc_style *from, const struct reed_irc_style *to,
                            struct reed_slice text, char p[REED_IRC_CODES_MAX])
{
	struct pen pen = { .p = p };

	if (is_plain(to)) {
		if (!is_plain(from))
			put_char(&pen, CODE_RESET);
		return pen.n;
	}
	for (size_t i = 0; i < REED_COUNT(looks); i++)
		if ((from->look ^ to->look) & looks[i].look)
			put_char(&pen, looks[i].code);
	put_colours(&pen, from, to);
	if (text.n > 0 &&
	    ((pen.before_digit && is_digit(*text.p)) || (pen.before_comma && *text.p == ','))) {
		put_char(&pen, CODE_BOLD);
		put_char(&pen, CODE_BOLD);
	}
	return pen.n;
}

int32_t reed_irc_palette(int32_t colour)
{
	static const int32_t palette[] = {
		0xffffff, 0x000000, 0x00007f, 0x009300, 0xff0000, 0x7f0000, 0x9c009c, 0xfc7f00,
		0xffff00, 0x00fc00, 0x009393, 0x00ffff, 0x0000fc, 0xff00ff, 0x7f7f7f, 0xd2d2d2,
		0x470000, 0x472100, 0x474700, 0x324700, 0x004700, 0x00472c, 0x004747, 0x002747,
		0x000047, 0x2e0047, 0x470047, 0x47002a, 0x740000, 0x743a00, 0x747400, 0x517400,
		0x007400, 0x007449, 0x007474, 0x004074, 0x000074, 0x4b0074, 0x740074, 0x740045,
		0xb50000, 0xb56300, 0xb5b500, 0x7db500, 0x00b500, 0x00b571, 0x00b5b5, 0x0063b5,
		0x0000b5, 0x7500b5, 0xb500b5, 0xb5006b, 0xff0000, 0xff8c00, 0xffff00, 0xb2ff00,
		0x00ff00, 0x00ffa0, 0x00ffff, 0x008cff, 0x0000ff, 0xa500ff, 0xff00ff, 0xff0098,
		0xff5959, 0xffb459, 0xffff71, 0xcfff60, 0x6fff6f, 0x65ffc9, 0x6dffff, 0x59b4ff,
		0x5959ff, 0xc459ff, 0xff66ff, 0xff59bc, 0xff9c9c, 0xffd39c, 0xffff9c, 0xe2ff9c,
		0x9cff9c, 0x9cffdb, 0x9cffff, 0x9cd3ff, 0x9c9cff, 0xdc9cff, 0xff9cff, 0xff94d3,
		0x000000, 0x131313, 0x282828, 0x363636, 0x4d4d4d, 0x656565, 0x818181, 0x9f9f9f,
		0xbcbcbc, 0xe2e2e2, 0xffffff,
	};

	if (is_rgb(colour))
		return colour - REED_IRC_RGB;
	return colour >= 0 && (size_t)colour < REED_COUNT(palette) ? palette[colour] : -1;
}
