/*
 * $GENERATE start-stop[/step] line, as BIND has it.  In the line $ is the number,
 * ${offset,width,base} the number so written, with base d, o, x, X, or n and N
 * for nibbles from the last to the first; \$ is a dollar.
 */

#include "zone.h"

static const char wanted[] = "a range, as 1-254 or 0-100/2";

static enum reed_err read_range(struct reed_dns_scanner *s, struct reed_slice text)
{
	struct reed_slice step = text, range = reed_slice_cut(&step, '/'), stop = range;
	struct reed_slice start = reed_slice_cut(&stop, '-');
	struct generate *g = &s->generate;
	uint64_t first, last, by = 1;

	if (reed_slice_u64(start, UINT32_MAX - 1, &first) ||
	    reed_slice_u64(stop, UINT32_MAX - 1, &last) || last < first ||
	    (step.n && (reed_slice_u64(step, UINT32_MAX - 1, &by) || by == 0)))
		return dns_lex_wanted(&s->r.lx, wanted);
	if ((last - first) / by >= s->generated_max)
		return dns_lex_wrong(&s->r.lx,
		                     "this would be more records than one $GENERATE may make");
	g->at = (uint32_t)first;
	g->stop = (uint32_t)last;
	g->step = (uint32_t)by;
	return REED_OK;
}

enum reed_err dns_zone_generate(struct reed_dns_scanner *s)
{
	struct lexer *lx = &s->r.lx;
	struct word word;
	const char *end;
	enum reed_err err = dns_lex_need(lx, &word, wanted);

	if (err)
		return err;
	end = memchr(lx->p, '\n', (size_t)(lx->end - lx->p));
	if (!end && !lx->last)
		return REED_EAGAIN;
	if ((err = read_range(s, word.text)))
		return err;
	end = end ? end : lx->end;
	while (lx->p < end && (*lx->p == ' ' || *lx->p == '\t'))
		lx->p++;
	reed_buf_clear(&s->generate.pattern);
	reed_buf_add(&s->generate.pattern, reed_slice(lx->p, (size_t)(end - lx->p)));
	if (lx->p == end)
		return lx->word = reed_slice(lx->p, 0), dns_lex_wanted(lx, "a record with $ in it");
	lx->p = end;
	s->generate.on = true;
	return err;
}

static void add_nibbles(struct reed_buf *line, uint32_t value, unsigned width, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	for (unsigned n = 0; n < width || value || n == 0; n += 2, value >>= 4) {
		if (n)
			reed_buf_add_char(line, '.');
		reed_buf_add_char(line, digits[value & 15]);
	}
}

static void add_number(struct reed_buf *line, uint32_t value, unsigned width, char base)
{
	switch (base) {
	case 'o':
		reed_buf_printf(line, "%0*o", (int)width, value);
		break;
	case 'x':
		reed_buf_printf(line, "%0*x", (int)width, value);
		break;
	case 'X':
		reed_buf_printf(line, "%0*X", (int)width, value);
		break;
	case 'n':
	case 'N':
		add_nibbles(line, value, width, base == 'N');
		break;
	default:
		reed_buf_printf(line, "%0*u", (int)width, value);
	}
}

/* What stands within the braces of a $; false: it means nothing. */
static bool add_modified(struct reed_buf *line, uint32_t at, struct reed_slice text)
{
	struct reed_slice offset = reed_slice_cut(&text, ','), width = reed_slice_cut(&text, ',');
	bool minus = reed_slice_starts(offset, REED_STR("-"));
	uint64_t by, digits = 0;

	if (reed_slice_u64(reed_slice_from(offset, minus), UINT32_MAX, &by) ||
	    (width.n && reed_slice_u64(width, 255, &digits)) || by > (minus ? at : UINT32_MAX - at))
		return false;
	if (text.n > 1 || (text.n && !strchr("doxXnN", text.p[0])))
		return false;
	add_number(line, minus ? at - (uint32_t)by : at + (uint32_t)by, (unsigned)digits,
	           text.n ? text.p[0] : 'd');
	return true;
}

/* One $ and what belongs to it; returns how many characters that was. */
static size_t expand(struct reed_buf *line, uint32_t at, struct reed_slice text)
{
	size_t close = reed_slice_find(text, '}');

	if (text.n > 1 && text.p[1] == '$') {
		reed_buf_add_str(line, "\\$");
		return 2;
	}
	if (text.n > 1 && text.p[1] == '{' && close < text.n &&
	    add_modified(line, at, reed_slice(text.p + 2, close - 2)))
		return close + 1;
	add_number(line, at, 0, 'd');
	return 1;
}

static void fill_in(struct reed_buf *line, uint32_t at, struct reed_slice pattern)
{
	reed_buf_clear(line);
	while (pattern.n) {
		size_t n = 1;

		if (pattern.p[0] == '$') {
			n = expand(line, at, pattern);
		} else {
			n = pattern.p[0] == '\\' && pattern.n > 1 ? 2 : 1;
			reed_buf_add(line, reed_slice_first(pattern, n));
		}
		pattern = reed_slice_from(pattern, n);
	}
	reed_buf_add_char(line, '\n');
}

bool dns_zone_generate_next(struct reed_dns_scanner *s)
{
	struct generate *g = &s->generate;

	if (!g->on)
		return false;
	if (g->at > g->stop) {
		g->on = false;
		return false;
	}
	fill_in(&g->line, g->at, reed_buf_slice(&g->pattern));
	/* Without going around. */
	g->at = g->stop - g->at < g->step ? g->stop + 1 : g->at + g->step;
	return true;
}
