/* Lines of a page, taken apart. */

#include "private.h"

bool live_is_name(struct reed_slice s)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || !strchr(allowed, s.p[i]))
			return false;
	return s.n > 0 && s.n <= LIVE_NAME;
}

/* Numbers beyond what JavaScript counts exactly are nobody's. */
static bool take_number(struct reed_slice *rest, uint64_t *n)
{
	return !reed_slice_u64(reed_slice_cut(rest, ' '), (uint64_t)1 << 53, n);
}

static bool take_name(struct reed_slice *rest, struct reed_slice *name)
{
	*name = reed_slice_cut(rest, ' ');
	return live_is_name(*name);
}

static bool parse_message(struct reed_slice word, struct reed_slice rest, struct live_line *line)
{
	bool has_name = true, has_id = true;

	if (reed_slice_is(word, "call"))
		line->word = LIVE_CALL;
	else if (reed_slice_is(word, "say"))
		line->word = LIVE_SAY;
	else if (reed_slice_is(word, "ok"))
		line->word = LIVE_OK;
	else if (reed_slice_is(word, "no"))
		line->word = LIVE_NO;
	else
		return false;
	if (line->word != LIVE_SAY)
		has_id = take_number(&rest, &line->id);
	if (line->word == LIVE_CALL || line->word == LIVE_SAY)
		has_name = take_name(&rest, &line->name);
	line->json = rest;
	return has_id && has_name && rest.n > 0;
}

static bool parse_word(struct reed_slice word, struct reed_slice rest, struct live_line *line)
{
	if (reed_slice_is(word, "ping") || reed_slice_is(word, "bye")) {
		line->word = word.n == 3 ? LIVE_BYE : LIVE_PING;
		return rest.n == 0;
	}
	if (reed_slice_is(word, "hello")) {
		line->word = LIVE_HELLO;
		line->token = reed_slice_cut(&rest, ' ');
		return line->token.n > 0 && take_number(&rest, &line->number) && rest.n == 0;
	}
	line->word = LIVE_ACK;
	return reed_slice_is(word, "ack") && take_number(&rest, &line->number) && rest.n == 0;
}

enum reed_err live_line_parse(struct reed_slice text, struct live_line *line)
{
	struct reed_slice rest = text, word = reed_slice_cut(&rest, ' ');
	bool good;

	*line = (struct live_line){ .number = 0 };
	if (!reed_slice_is_utf8(text))
		return REED_EPROTO;
	if (!reed_slice_u64(word, (uint64_t)1 << 53, &line->number))
		good = line->number > 0 && parse_message(reed_slice_cut(&rest, ' '), rest, line);
	else
		good = parse_word(word, rest, line);
	return good ? REED_OK : REED_EPROTO;
}
