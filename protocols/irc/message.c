/* From a line to a message.  What a line is made of: modern.ircdocs.horse "Message Format". */

#include "reed/irc/message.h"

#include "bytes.h"

const struct reed_irc_limits reed_irc_from_client = {
	.tags = REED_IRC_TAG_DATA_MAX + 2,
	.line = REED_IRC_LINE_MAX,
};

const struct reed_irc_limits reed_irc_from_server = {
	.tags = REED_IRC_TAGS_MAX,
	.line = REED_IRC_LINE_MAX,
};

static struct reed_slice without_line_end(struct reed_slice line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\n')
		line.n--;
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static inline struct reed_slice without_spaces(struct reed_slice s)
{
	while (s.n > 0 && *s.p == ' ') {
		s.p++;
		s.n--;
	}
	return s;
}

/* Up to the next space, which goes too. */
static inline struct reed_slice take_word(struct reed_slice *rest)
{
	const char *end = rest->p + rest->n, *space = find_space(rest->p, end);
	struct reed_slice word = reed_slice(rest->p, (size_t)(space - rest->p));

	space += space < end;
	*rest = reed_slice(space, (size_t)(end - space));
	return word;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void name_command(struct reed_irc_message *m)
{
	const char *v = m->verb.p;

	if (m->verb.n == 3 && is_digit(v[0]) && is_digit(v[1]) && is_digit(v[2])) {
		m->command = REED_IRC_NUMERIC;
		m->numeric = (uint16_t)((v[0] - '0') * 100 + (v[1] - '0') * 10 + (v[2] - '0'));
	} else {
		m->command = reed_irc_command_of(m->verb);
	}
}

static void take_params(struct reed_slice rest, struct reed_irc_message *m)
{
	size_t n = 0;

	while (rest = without_spaces(rest), rest.n > 0) {
		m->colon = *rest.p == ':';
		if (m->colon || n == REED_IRC_PARAMS_MAX - 1) {
			m->params[n++] = reed_slice_from(rest, m->colon);
			break;
		}
		m->params[n++] = take_word(&rest);
	}
	m->count = (uint8_t)n;
}

/* The params beyond count are left as they were: they are most of the struct. */
static void clear(struct reed_irc_message *m, struct reed_slice line)
{
	m->line = line;
	m->tags = m->source = m->verb = reed_slice("", 0);
	m->command = REED_IRC_NOTHING;
	m->numeric = 0;
	m->count = 0;
	m->colon = m->ascii = false;
}

static enum reed_err wrong(struct reed_irc_message *m, struct reed_slice line)
{
	clear(m, line);
	return REED_ESYNTAX;
}

enum reed_err reed_irc_parse(struct reed_slice line, const struct reed_irc_limits *limits,
                             struct reed_irc_message *out)
{
	struct reed_slice rest;
	uint64_t bits;
	bool big = false;

	limits = limits ? limits : &reed_irc_from_server;
	line = without_line_end(line);
	clear(out, line);
	if (!is_one_line(line, &bits))
		return REED_ESYNTAX;
	out->ascii = (bits & HIGH_BITS) == 0;

	rest = without_spaces(line);
	if (rest.n == 0)
		return REED_OK;
	if (*rest.p == '@') {
		rest = reed_slice_from(rest, 1);
		out->tags = take_word(&rest);
		big = out->tags.n + 2 > limits->tags;
	}
	big |= rest.n + 2 > limits->line;
	rest = without_spaces(rest);
	if (rest.n > 0 && *rest.p == ':') {
		rest = reed_slice_from(rest, 1);
		out->source = take_word(&rest);
		rest = without_spaces(rest);
	}
	out->verb = take_word(&rest);
	if (out->verb.n == 0 || begins_otherwise(out->verb))
		return wrong(out, line);
	name_command(out);
	take_params(rest, out);
	return big ? REED_ETOOBIG : REED_OK;
}

/* The name of a user may hold an '@', that of a host never does. */
struct reed_irc_source reed_irc_source(struct reed_slice source)
{
	struct reed_irc_source who = { source, { "", 0 }, { "", 0 } };
	size_t bang = reed_slice_find(source, '!'), at = source.n;

	while (at > 0 && source.p[at - 1] != '@')
		at--;
	if (at > 0 && (bang == source.n || at > bang)) {
		who.host = reed_slice_from(source, at);
		who.nick = reed_slice_first(source, at - 1);
	}
	if (bang < who.nick.n) {
		who.user = reed_slice_from(who.nick, bang + 1);
		who.nick = reed_slice_first(who.nick, bang);
	}
	return who;
}
