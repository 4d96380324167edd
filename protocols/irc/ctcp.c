/* Texts between two bytes 0x01: modern.ircdocs.horse "CTCP". */

#include "reed/irc/text.h"

#include "bytes.h"

#define DELIMITER '\001'

/* Without the second one, and with nothing in between, it is still no text to show. */
bool reed_irc_ctcp(struct reed_slice text, struct reed_irc_ctcp *out)
{
	if (text.n == 0 || text.p[0] != DELIMITER)
		return false;
	text = reed_slice_from(text, 1);
	out->params = reed_slice_cut(&text, DELIMITER);
	out->command = reed_slice_cut(&out->params, ' ');
	return true;
}

static bool has_delimiter(struct reed_slice s)
{
	return s.n > 0 && memchr(s.p, DELIMITER, s.n);
}

enum reed_err reed_irc_ctcp_format(const struct reed_irc_ctcp *ctcp, char *p, size_t room,
                                   struct reed_slice *out)
{
	struct reed_slice command = ctcp->command, params = ctcp->params;
	size_t n = 0;

	*out = reed_slice("", 0);
	if (!is_word(command) || has_delimiter(command) || !is_clean(params) ||
	    has_delimiter(params))
		return REED_ESYNTAX;
	if (1 + command.n + (params.n > 0) + params.n + 1 > room)
		return REED_ETOOBIG;
	p[n++] = DELIMITER;
	memcpy(p + n, command.p, command.n);
	n += command.n;
	if (params.n > 0) {
		p[n++] = ' ';
		memcpy(p + n, params.p, params.n);
		n += params.n;
	}
	p[n++] = DELIMITER;
	*out = reed_slice(p, n);
	return REED_OK;
}

/* A quote byte, and pairs of what must not stand there and what stands for it behind the quote. */
struct quoting {
	char quote;
	struct {
		char plain, quoted;
	} pairs[4];
};

static const struct quoting ctcp_quoting = {
	'\\',
	{ { DELIMITER, 'a' }, { '\\', '\\' }, { DELIMITER, 'a' }, { DELIMITER, 'a' } },
};

static const struct quoting low_quoting = {
	'\020',
	{ { '\0', '0' }, { '\n', 'n' }, { '\r', 'r' }, { '\020', '\020' } },
};

static enum reed_err quote(const struct quoting *q, struct reed_slice s, char *p, size_t room,
                           struct reed_slice *out)
{
	size_t n = 0;

	*out = reed_slice("", 0);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool quoted = false;

		for (size_t k = 0; k < REED_COUNT(q->pairs) && !quoted; k++) {
			quoted = c == q->pairs[k].plain;
			c = quoted ? q->pairs[k].quoted : c;
		}
		if (n + quoted + 1 > room)
			return REED_ETOOBIG;
		if (quoted)
			p[n++] = q->quote;
		p[n++] = c;
	}
	*out = reed_slice(p, n);
	return REED_OK;
}

/* A quote before anything else is dropped, as is one at the end. */
static enum reed_err unquote(const struct quoting *q, struct reed_slice s, char *p, size_t room,
                             struct reed_slice *out)
{
	size_t n = 0;

	*out = reed_slice("", 0);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == q->quote) {
			if (++i == s.n)
				break;
			c = s.p[i];
			for (size_t k = 0; k < REED_COUNT(q->pairs); k++)
				if (s.p[i] == q->pairs[k].quoted)
					c = q->pairs[k].plain;
		}
		if (n == room)
			return REED_ETOOBIG;
		p[n++] = c;
	}
	*out = reed_slice(p, n);
	return REED_OK;
}

enum reed_err reed_irc_ctcp_quote(struct reed_slice s, char *p, size_t room, struct reed_slice *out)
{
	return quote(&ctcp_quoting, s, p, room, out);
}

enum reed_err reed_irc_ctcp_unquote(struct reed_slice s, char *p, size_t room,
                                    struct reed_slice *out)
{
	return unquote(&ctcp_quoting, s, p, room, out);
}

enum reed_err reed_irc_low_quote(struct reed_slice s, char *p, size_t room, struct reed_slice *out)
{
	return quote(&low_quoting, s, p, room, out);
}

enum reed_err reed_irc_low_unquote(struct reed_slice s, char *p, size_t room,
                                   struct reed_slice *out)
{
	return unquote(&low_quoting, s, p, room, out);
}
