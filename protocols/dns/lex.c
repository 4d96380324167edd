/* Words of a zone file. */

#include "lex.h"

enum { WORD, BLANK, END, SPECIAL, ESCAPE };

static const uint8_t kinds[256] = {
	[' '] = BLANK,   ['\t'] = BLANK,  ['\r'] = BLANK,  ['\n'] = END,    ['('] = SPECIAL,
	[')'] = SPECIAL, [';'] = SPECIAL, ['"'] = SPECIAL, ['\\'] = ESCAPE,
};

static unsigned kind_of(char c)
{
	return kinds[(uint8_t)c];
}

void dns_lex(struct lexer *lx, struct reed_slice text, bool last)
{
	*lx = (struct lexer){ .p = text.p, .end = text.p + text.n, .last = last };
}

enum reed_err dns_lex_wanted(struct lexer *lx, const char *wanted)
{
	lx->wanted = wanted;
	lx->wrong = NULL;
	return REED_ESYNTAX;
}

enum reed_err dns_lex_wrong(struct lexer *lx, const char *wrong)
{
	lx->wrong = wrong;
	lx->wanted = NULL;
	return REED_ESYNTAX;
}

static enum reed_err end_of_text(struct lexer *lx)
{
	if (!lx->last)
		return REED_EAGAIN;
	lx->word = reed_slice(lx->p, 0);
	if (lx->depth)
		return dns_lex_wrong(lx, "a parenthesis is still open: \")\" is missing");
	lx->ended = true;
	return REED_EEOF;
}

static enum reed_err lex_quoted(struct lexer *lx, struct word *word)
{
	const char *p = lx->p + 1;

	for (; p < lx->end && *p != '"' && *p != '\n'; p++)
		if (*p == '\\' && p + 1 < lx->end && p[1] != '\n')
			p++;
	if (p >= lx->end && !lx->last)
		return REED_EAGAIN;
	lx->word = reed_slice(lx->p, (size_t)(p - lx->p));
	if (p >= lx->end || *p != '"')
		return dns_lex_wrong(lx, "a quote is not closed on its line");
	word->text = reed_slice(lx->p + 1, (size_t)(p - lx->p) - 1);
	word->quoted = true;
	lx->p = p + 1;
	return REED_OK;
}

static enum reed_err lex_word(struct lexer *lx, struct word *word)
{
	const char *p = lx->p;

	for (;;) {
		while (p < lx->end && kind_of(*p) == WORD)
			p++;
		if (p + 1 >= lx->end || *p != '\\' || p[1] == '\n')
			break;
		p += 2;
	}
	if (p + 1 >= lx->end && !lx->last && (p == lx->end || *p == '\\'))
		return REED_EAGAIN;
	if (p < lx->end && *p == '\\')
		p++; /* at the end of a line: whoever wants the word finds that */
	lx->word = word->text = reed_slice(lx->p, (size_t)(p - lx->p));
	word->quoted = false;
	lx->p = p;
	return REED_OK;
}

static enum reed_err skip_comment(struct lexer *lx)
{
	const char *end = memchr(lx->p, '\n', (size_t)(lx->end - lx->p));

	if (!end && !lx->last)
		return REED_EAGAIN;
	lx->p = end ? end : lx->end;
	return REED_OK;
}

static enum reed_err lex_special(struct lexer *lx)
{
	if (*lx->p == ';')
		return skip_comment(lx);
	if (*lx->p == ')' && lx->depth == 0) {
		lx->word = reed_slice(lx->p, 1);
		return dns_lex_wrong(lx, "no parenthesis is open here");
	}
	lx->depth += *lx->p == '(' ? 1U : -1U;
	lx->p++;
	return REED_OK;
}

enum reed_err dns_lex_next(struct lexer *lx, struct word *word)
{
	if (lx->ended)
		return REED_EEOF;
	while (lx->p < lx->end) {
		enum reed_err err;

		switch (kind_of(*lx->p)) {
		case WORD:
		case ESCAPE:
			return lex_word(lx, word);
		case BLANK:
			lx->p++;
			break;
		case END:
			if (!lx->depth) {
				lx->word = reed_slice(lx->p++, 0);
				lx->ended = true;
				return REED_EEOF;
			}
			lx->p++;
			break;
		default:
			if (*lx->p == '"')
				return lex_quoted(lx, word);
			if ((err = lex_special(lx)))
				return err;
		}
	}
	return end_of_text(lx);
}

enum reed_err dns_lex_need(struct lexer *lx, struct word *word, const char *wanted)
{
	enum reed_err err = dns_lex_next(lx, word);

	return err == REED_EEOF ? dns_lex_wanted(lx, wanted) : err;
}

enum reed_err dns_lex_skip_line(struct lexer *lx)
{
	const char *end;

	if (lx->ended)
		return REED_OK;
	end = memchr(lx->p, '\n', (size_t)(lx->end - lx->p));
	if (!end && !lx->last)
		return REED_EAGAIN;
	lx->p = end ? end + 1 : lx->end;
	return REED_OK;
}
