/* From parts to a line.  Every byte that goes in is looked at first: see build.h. */

#include "reed/irc/build.h"

#include "reed/irc/numerics.h"

#include "bytes.h"

static const struct reed_slice nobody = { "", 0 };

void reed_irc_build(struct reed_irc_builder *b, char *p, size_t room)
{
	*b = (struct reed_irc_builder){
		.p = p,
		.room = room,
		.end = room,
		.line_max = REED_IRC_LINE_MAX,
	};
}

static void fail(struct reed_irc_builder *b, enum reed_err err)
{
	if (b->err == REED_OK)
		b->err = err;
}

/* Two bytes are kept for CR LF. */
static inline size_t room_left(const struct reed_irc_builder *b)
{
	return b->end < b->n + 2 ? 0 : b->end - b->n - 2;
}

static inline bool fits(struct reed_irc_builder *b, size_t n)
{
	if (b->err == REED_OK && n > room_left(b))
		b->err = REED_ETOOBIG;
	return b->err == REED_OK;
}

static inline void put(struct reed_irc_builder *b, struct reed_slice s)
{
	if (s.n > 0)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

static inline void put_char(struct reed_irc_builder *b, char c)
{
	b->p[b->n++] = c;
}

/* message-tags "Escaping values" */
static char escape_of(char c)
{
	switch (c) {
	case ';':
		return ':';
	case ' ':
		return 's';
	case '\r':
		return 'r';
	case '\n':
		return 'n';
	case '\\':
		return '\\';
	default:
		return '\0';
	}
}

static size_t escaped_length(struct reed_slice value)
{
	size_t n = value.n;

	for (size_t i = 0; i < value.n; i++)
		n += escape_of(value.p[i]) != '\0';
	return n;
}

static void put_escaped(struct reed_irc_builder *b, struct reed_slice value)
{
	for (size_t i = 0; i < value.n; i++) {
		char escape = escape_of(value.p[i]);

		if (escape)
			put_char(b, '\\');
		put_char(b, escape ? escape : value.p[i]);
	}
}

static void begin_tag(struct reed_irc_builder *b)
{
	put_char(b, b->n == 0 ? '@' : ';');
}

static bool is_key(struct reed_slice key)
{
	return is_word(key) && reed_slice_find(key, ';') == key.n &&
	       reed_slice_find(key, '=') == key.n;
}

void reed_irc_build_tag(struct reed_irc_builder *b, struct reed_slice key, struct reed_slice value)
{
	size_t n = 1 + key.n + (value.n > 0) + escaped_length(value);

	if (!is_key(key) || (value.n > 0 && memchr(value.p, '\0', value.n)) || b->body)
		fail(b, REED_ESYNTAX);
	else if (b->n + n > 1 + REED_IRC_TAG_DATA_MAX)
		fail(b, REED_ETOOBIG);
	if (!fits(b, n))
		return;
	begin_tag(b);
	put(b, key);
	if (value.n > 0)
		put_char(b, '=');
	put_escaped(b, value);
}

void reed_irc_build_tags(struct reed_irc_builder *b, struct reed_slice tags)
{
	if (tags.n == 0)
		return;
	if (!is_word(tags) || b->body)
		fail(b, REED_ESYNTAX);
	else if (b->n + 1 + tags.n > REED_IRC_TAGS_MAX - 1)
		fail(b, REED_ETOOBIG);
	if (!fits(b, 1 + tags.n))
		return;
	begin_tag(b);
	put(b, tags);
}

static bool is_verb(struct reed_slice verb)
{
	return is_word(verb) && !begins_otherwise(verb);
}

void reed_irc_build_command(struct reed_irc_builder *b, struct reed_slice source,
                            struct reed_slice verb)
{
	size_t body = b->n + (b->n > 0);

	if (b->body || !is_verb(verb) || (source.n > 0 && !is_word(source)))
		fail(b, REED_ESYNTAX);
	b->end = b->line_max < b->room - body ? body + b->line_max : b->room;
	if (!fits(b, (b->n > 0) + (source.n > 0 ? source.n + 2 : 0) + verb.n))
		return;
	b->body = true;
	if (b->n > 0)
		put_char(b, ' ');
	if (source.n > 0) {
		put_char(b, ':');
		put(b, source);
		put_char(b, ' ');
	}
	put(b, verb);
}

void reed_irc_build_numeric(struct reed_irc_builder *b, struct reed_slice server,
                            struct reed_slice client, unsigned numeric)
{
	char digits[3] = {
		(char)('0' + numeric / 100 % 10),
		(char)('0' + numeric / 10 % 10),
		(char)('0' + numeric % 10),
	};

	if (numeric > 999)
		fail(b, REED_EINVAL);
	b->numeric = (uint16_t)numeric;
	reed_irc_build_command(b, server, reed_slice(digits, sizeof(digits)));
	reed_irc_build_param(b, client.n > 0 ? client : REED_STR("*"));
}

static bool may_add_param(struct reed_irc_builder *b)
{
	if (b->complete || !b->body)
		fail(b, REED_ESYNTAX);
	else if (b->params == REED_IRC_PARAMS_MAX)
		fail(b, REED_ETOOBIG);
	else
		b->params++;
	return b->err == REED_OK;
}

/* What is no word needs a colon, or is refused there. */
void reed_irc_build_param(struct reed_irc_builder *b, struct reed_slice param)
{
	if (!is_word(param) || param.p[0] == ':') {
		reed_irc_build_text(b, param);
		return;
	}
	if (!may_add_param(b) || !fits(b, 1 + param.n))
		return;
	put_char(b, ' ');
	put(b, param);
}

void reed_irc_build_u64(struct reed_irc_builder *b, uint64_t param)
{
	char digits[20];
	size_t n = sizeof(digits);

	do {
		digits[--n] = (char)('0' + param % 10);
		param /= 10;
	} while (param > 0);
	reed_irc_build_param(b, reed_slice(digits + n, sizeof(digits) - n));
}

void reed_irc_build_text(struct reed_irc_builder *b, struct reed_slice text)
{
	if (!is_clean(text))
		fail(b, REED_ESYNTAX);
	if (!may_add_param(b) || !fits(b, 2 + text.n))
		return;
	b->complete = true;
	put(b, REED_STR(" :"));
	put(b, text);
}

void reed_irc_build_text_cut(struct reed_irc_builder *b, struct reed_slice text)
{
	size_t left = room_left(b);

	if (left >= 2 && text.n > left - 2) {
		b->cut = true;
		text = reed_slice_first(text, reed_slice_utf8_border(text, left - 2));
	}
	reed_irc_build_text(b, text);
}

void reed_irc_build_textf(struct reed_irc_builder *b, const char *format, ...)
{
	char text[REED_IRC_LINE_MAX];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n < 0)
		fail(b, REED_EINVAL);
	else
		reed_irc_build_text_cut(b, reed_slice_first(reed_slice_of(text), (size_t)n));
}

void reed_irc_build_usual_text(struct reed_irc_builder *b)
{
	const char *text = reed_irc_numeric_text(b->numeric);

	if (!text)
		fail(b, REED_EINVAL);
	else
		reed_irc_build_text_cut(b, reed_slice_of(text));
}

enum reed_err reed_irc_build_end(struct reed_irc_builder *b, struct reed_slice *out)
{
	*out = nobody;
	if (!b->body)
		fail(b, REED_ESYNTAX);
	if (b->err != REED_OK)
		return b->err;
	put(b, REED_STR("\r\n"));
	*out = reed_slice(b->p, b->n);
	return REED_OK;
}

enum reed_err reed_irc_format(const struct reed_irc_message *m, char *p, size_t room,
                              struct reed_slice *out)
{
	struct reed_irc_builder b;

	reed_irc_build(&b, p, room);
	reed_irc_build_tags(&b, m->tags);
	reed_irc_build_command(&b, m->source, m->verb);
	for (size_t i = 0; i < m->count; i++) {
		if (m->colon && i + 1 == m->count)
			reed_irc_build_text(&b, m->params[i]);
		else
			reed_irc_build_param(&b, m->params[i]);
	}
	return reed_irc_build_end(&b, out);
}

/* Not inline: where gcc knows that n is small it copies by `rep movsq`, which takes 25 ns to begin. */
static __attribute__((noinline)) char *copy(char *to, struct reed_slice s)
{
	if (s.n > 0)
		memcpy(to, s.p, s.n);
	return to + s.n;
}

/* Not by the builder: here lengths are added up and looked at once. */
enum reed_err reed_irc_compose(char p[REED_IRC_LINE_MAX], struct reed_slice source,
                               struct reed_slice verb, struct reed_slice target,
                               struct reed_slice text, struct reed_slice *out)
{
	size_t head = 1 + source.n + 1 + verb.n + 1 + target.n + 2;
	char *at = p;

	*out = nobody;
	if (!is_word(source) || !is_verb(verb) || !is_word(target) || target.p[0] == ':' ||
	    !is_clean(text))
		return REED_ESYNTAX;
	if (head > REED_IRC_LINE_MAX - 2)
		return REED_ETOOBIG;
	if (text.n > REED_IRC_LINE_MAX - 2 - head)
		text.n = reed_slice_utf8_border(text, REED_IRC_LINE_MAX - 2 - head);
	*at++ = ':';
	at = copy(at, source);
	*at++ = ' ';
	at = copy(at, verb);
	*at++ = ' ';
	at = copy(at, target);
	at = copy(at, REED_STR(" :"));
	at = copy(at, text);
	at = copy(at, REED_STR("\r\n"));
	*out = reed_slice(p, (size_t)(at - p));
	return REED_OK;
}
