/* Masks of users, and bans that are no masks: modern.ircdocs.horse "Wildcard Expressions". */

#include "reed/irc/modes.h"

#include "bytes.h"

static bool is_wild(char c)
{
	return c == '*' || c == '?';
}

static bool is_escape(struct reed_slice s, size_t i)
{
	return s.p[i] == '\\' && i + 1 < s.n && is_wild(s.p[i + 1]);
}

/*
 * Bytes of the character at i, which need not be one: what begins none is a
 * character of its own, so that masks work for Latin-1 too.
 */
static size_t length_at(struct reed_slice s, size_t i)
{
	unsigned char c = (unsigned char)s.p[i];
	size_t most = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	size_t n = 1;

	while (n < most && i + n < s.n && ((unsigned char)s.p[i + n] & 0xc0) == 0x80)
		n++;
	return n;
}

struct matcher {
	enum reed_irc_casemap map;
	struct reed_slice mask, text;
	size_t m, t;
};

/* Characters of many bytes are the same when their bytes are. */
static bool match_literal(struct matcher *at)
{
	size_t m, t;

	at->m += is_escape(at->mask, at->m);
	m = length_at(at->mask, at->m);
	t = length_at(at->text, at->t);
	if (m != t)
		return false;
	if (m == 1 ? reed_irc_fold_char(at->map, at->mask.p[at->m]) !=
	                     reed_irc_fold_char(at->map, at->text.p[at->t])
	           : memcmp(at->mask.p + at->m, at->text.p + at->t, m) != 0)
		return false;
	at->m += m;
	at->t += t;
	return true;
}

/* Matches one character at m, which is no star, with that at t. */
static bool match_one(struct matcher *at)
{
	if (at->m >= at->mask.n)
		return false;
	if (at->mask.p[at->m] != '?')
		return match_literal(at);
	at->m++;
	at->t += length_at(at->text, at->t);
	return true;
}

/* Where from t on the character at m can be found first, m being behind a star. */
static size_t first_try(const struct matcher *at, size_t m, size_t t)
{
	char wanted = m < at->mask.n ? at->mask.p[m] : '\0';

	if (is_wild(wanted) || wanted == '\\' || (unsigned char)wanted >= 0x80)
		return t;
	wanted = reed_irc_fold_char(at->map, wanted);
	while (t < at->text.n && reed_irc_fold_char(at->map, at->text.p[t]) != wanted)
		t++;
	return t;
}

/*
 * Only the last star is ever tried again: whatever an earlier one could take
 * more, the last one can take too.  That keeps the time from exploding.
 */
bool reed_irc_match(enum reed_irc_casemap map, struct reed_slice mask, struct reed_slice text)
{
	struct matcher at = { map, mask, text, 0, 0 };
	size_t star = SIZE_MAX, taken = 0;

	while (at.t < text.n) {
		if (at.m < mask.n && mask.p[at.m] == '*') {
			star = ++at.m;
			if (star == mask.n)
				return true;
			at.t = taken = first_try(&at, star, at.t);
		} else if (!match_one(&at)) {
			if (star == SIZE_MAX)
				return false;
			at.t = taken = first_try(&at, star, taken + length_at(text, taken));
			at.m = star;
		}
	}
	while (at.m < mask.n && mask.p[at.m] == '*')
		at.m++;
	return at.m == mask.n;
}

/* Into p what fits, with n going on beyond. */
struct writer {
	char *p;
	size_t n, room;
};

static void put_char(struct writer *w, char c)
{
	if (w->n < w->room)
		w->p[w->n] = c;
	w->n++;
}

static void put(struct writer *w, struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		put_char(w, s.p[i]);
}

/* A star among question marks goes behind them, and one is enough; nothing is everything. */
static void put_part(struct writer *w, struct reed_slice part)
{
	size_t i = 0;

	if (part.n == 0)
		put_char(w, '*');
	while (i < part.n) {
		bool star = false;

		for (; i < part.n && is_wild(part.p[i]); i++) {
			star |= part.p[i] == '*';
			if (part.p[i] == '?')
				put_char(w, '?');
		}
		if (star)
			put_char(w, '*');
		if (i < part.n && is_escape(part, i))
			put_char(w, part.p[i++]);
		if (i < part.n)
			put_char(w, part.p[i++]);
	}
}

static enum reed_err written(const struct writer *w, struct reed_slice *out)
{
	*out = reed_slice(w->p, w->n <= w->room ? w->n : 0);
	return w->n <= w->room ? REED_OK : REED_ETOOBIG;
}

/* No nickname has one of these, and hardly a host has none: addresses, names, cloaks. */
static bool looks_like_host(struct reed_slice s)
{
	return memchr(s.p, '.', s.n) || memchr(s.p, ':', s.n) || memchr(s.p, '/', s.n);
}

enum reed_err reed_irc_mask(struct reed_slice mask, char *p, size_t room, struct reed_slice *out)
{
	struct reed_irc_source who = reed_irc_source(mask);
	struct writer w = { p, 0, room };

	*out = reed_slice("", 0);
	if (!is_word(mask))
		return REED_ESYNTAX;
	if (!memchr(mask.p, '!', mask.n)) {
		if (memchr(mask.p, '@', mask.n)) {
			who.user = who.nick;
			who.nick = reed_slice("", 0);
		} else if (looks_like_host(mask)) {
			who.host = mask;
			who.nick = reed_slice("", 0);
		}
	}
	put_part(&w, who.nick);
	put_char(&w, '!');
	put_part(&w, who.user);
	put_char(&w, '@');
	put_part(&w, who.host);
	return written(&w, out);
}

static bool is_extban_name(struct reed_slice name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '-' && c != '_')
			return false;
	}
	return name.n > 0;
}

/* Charybdis negates with "$~a", UnrealIRCd with "~!a", InspIRCd with "!a". */
bool reed_irc_extban(char prefix, struct reed_slice mask, struct reed_irc_extban *out)
{
	if (prefix) {
		if (mask.n == 0 || mask.p[0] != prefix)
			return false;
		mask = reed_slice_from(mask, 1);
	}
	out->negated = mask.n > 0 && (mask.p[0] == '!' || (mask.p[0] == '~' && prefix != '~'));
	mask = reed_slice_from(mask, out->negated);
	out->has_value = reed_slice_find(mask, ':') < mask.n;
	out->name = reed_slice_cut(&mask, ':');
	out->value = mask;
	return is_extban_name(out->name) && (prefix || out->has_value);
}

enum reed_err reed_irc_extban_format(char prefix, const struct reed_irc_extban *ban, char *p,
                                     size_t room, struct reed_slice *out)
{
	struct writer w = { p, 0, room };

	*out = reed_slice("", 0);
	if (!is_extban_name(ban->name) || (ban->value.n > 0 && !is_word(ban->value)))
		return REED_ESYNTAX;
	if (prefix)
		put_char(&w, prefix);
	if (ban->negated)
		put_char(&w, prefix == '$' ? '~' : '!');
	put(&w, ban->name);
	if (ban->has_value || ban->value.n > 0)
		put_char(&w, ':');
	put(&w, ban->value);
	return written(&w, out);
}
