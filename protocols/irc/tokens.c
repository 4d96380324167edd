/* Tokens of 005 on the wire, and values that are lists of limits.  See isupport.h. */

#include "reed/irc/isupport.h"

#include "bytes.h"
#include "reed/base64.h"

/* "\x20" and the like; what only looks so is left as it is.  Not longer than it was. */
static struct reed_slice unescape(struct reed_slice value, char *into)
{
	size_t n = 0;

	for (size_t i = 0; i < value.n; i++) {
		int high = -1, low = -1;

		if (value.n - i >= 4 && value.p[i] == '\\' && value.p[i + 1] == 'x') {
			high = reed_hex_digit(value.p[i + 2]);
			low = reed_hex_digit(value.p[i + 3]);
		}
		into[n++] = high >= 0 && low >= 0 ? (char)(high * 16 + low) : value.p[i];
		i += high >= 0 && low >= 0 ? 3 : 0;
	}
	return reed_slice(into, n);
}

enum reed_err reed_irc_isupport_add_token(struct reed_irc_isupport *is, struct reed_slice token)
{
	char value[REED_IRC_LINE_MAX];
	struct reed_slice name;

	if (token.n > 0 && *token.p == '-') {
		reed_irc_isupport_unset(is, reed_slice_from(token, 1));
		return REED_OK;
	}
	name = reed_slice_cut(&token, '=');
	if (token.n > sizeof(value))
		return REED_ETOOBIG;
	return reed_irc_isupport_set(is, name, unescape(token, value));
}

/* Each word up to one with a colon, and the first of the errors. */
static enum reed_err add_words(struct reed_irc_isupport *is, struct reed_slice words)
{
	enum reed_err first = REED_OK, err;

	while (words.n > 0 && *words.p != ':') {
		struct reed_slice word = reed_slice_cut(&words, ' ');

		err = word.n > 0 ? reed_irc_isupport_add_token(is, word) : REED_OK;
		first = first == REED_OK ? err : first;
	}
	return first;
}

/*
 * The sentence at the end is no token.  The fifteenth parameter may hold
 * several tokens and the sentence, when a server sends more than thirteen.
 */
enum reed_err reed_irc_isupport_add(struct reed_irc_isupport *is, const struct reed_irc_message *m)
{
	enum reed_err first = REED_OK, err;

	for (size_t i = 1; i < m->count; i++) {
		struct reed_slice param = m->params[i];

		if (i + 1u == m->count && m->colon && reed_slice_find(param, ' ') < param.n)
			break;
		err = add_words(is, param);
		first = first == REED_OK ? err : first;
	}
	return first;
}

/* "key:3,other:": cuts the first off.  No number is no limit. */
static bool next_limit(struct reed_slice *list, struct reed_slice *key, unsigned *limit)
{
	struct reed_slice number;
	uint64_t value = 0;

	if (list->n == 0)
		return false;
	number = reed_slice_cut(list, ',');
	*key = reed_slice_cut(&number, ':');
	if (reed_slice_u64(number, UINT32_MAX, &value))
		value = 0;
	*limit = (unsigned)value;
	return true;
}

static unsigned number_of(const struct reed_irc_isupport *is, const char *name)
{
	uint64_t value;

	return reed_slice_u64(reed_slice_of(reed_irc_isupport_get(is, name)), UINT32_MAX, &value)
	               ? 0
	               : (unsigned)value;
}

unsigned reed_irc_targmax(const struct reed_irc_isupport *is, struct reed_slice command)
{
	const char *told = reed_irc_isupport_get(is, "TARGMAX");
	struct reed_slice list = reed_slice_of(told), key;
	unsigned limit;

	while (next_limit(&list, &key, &limit))
		if (reed_slice_eq_nocase(key, command))
			return limit;
	return !told && is->maxtargets ? is->maxtargets : 1;
}

/* By a letter that stands in the key; where it is not told an older token may say it for all. */
static unsigned limit_of(const struct reed_irc_isupport *is, const char *name, const char *older,
                         char letter)
{
	const char *told = reed_irc_isupport_get(is, name);
	struct reed_slice list = reed_slice_of(told), key;
	unsigned limit;

	while (next_limit(&list, &key, &limit))
		if (reed_slice_find(key, letter) < key.n)
			return limit;
	return told ? 0 : number_of(is, older);
}

unsigned reed_irc_chanlimit(const struct reed_irc_isupport *is, char type)
{
	return limit_of(is, "CHANLIMIT", "MAXCHANNELS", type);
}

unsigned reed_irc_maxlist(const struct reed_irc_isupport *is, char letter)
{
	return limit_of(is, "MAXLIST", "MAXBANS", letter);
}

static bool is_one_of(char c, const char *list)
{
	return c && strchr(list, c);
}

bool reed_irc_is_channel(const struct reed_irc_isupport *is, struct reed_slice target)
{
	return target.n > 0 && is_one_of(*target.p, is->chantypes);
}

struct reed_slice reed_irc_without_statusmsg(const struct reed_irc_isupport *is,
                                             struct reed_slice target, struct reed_slice *prefixes)
{
	size_t n = 0;

	while (n < target.n && is_one_of(target.p[n], is->statusmsg))
		n++;
	if (!reed_irc_is_channel(is, reed_slice_from(target, n)))
		n = 0;
	*prefixes = reed_slice_first(target, n);
	return reed_slice_from(target, n);
}

enum reed_err reed_irc_account_ban(const struct reed_irc_isupport *is, struct reed_slice account,
                                   char *p, size_t room, struct reed_slice *out)
{
	struct reed_irc_extban ban = {
		.has_value = true,
		.name = reed_slice_of(is->account_extban),
		.value = account,
	};

	*out = reed_slice("", 0);
	if (!is->has_extban || ban.name.n == 0)
		return REED_ENOTSUP;
	return reed_irc_extban_format(is->extban_prefix, &ban, p, room, out);
}

static bool must_escape(char c)
{
	return (unsigned char)c <= ' ' || c == '\\' || c == 0x7f;
}

/* NAME, or NAME=value with escapes; empty when it has no room. */
static struct reed_slice write_token(const struct reed_irc_token *token, char *into, size_t room)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t n = strlen(token->name);

	if (n + 5 > room)
		return reed_slice("", 0);
	memcpy(into, token->name, n);
	if (*token->value)
		into[n++] = '=';
	for (const char *v = token->value; *v; v++) {
		if (n + 4 > room)
			return reed_slice("", 0);
		if (must_escape(*v)) {
			into[n++] = '\\';
			into[n++] = 'x';
			into[n++] = digits[(unsigned char)*v >> 4];
			into[n++] = digits[*v & 15];
		} else {
			into[n++] = *v;
		}
	}
	return reed_slice(into, n);
}

void reed_irc_build_isupport(struct reed_irc_builder *b, const struct reed_irc_isupport *is,
                             size_t *at)
{
	static const struct reed_slice sentence = { "are supported by this server", 28 };
	char text[REED_IRC_LINE_MAX];
	size_t from = *at;

	for (; *at < is->count && *at - from < REED_IRC_TOKENS_PER_LINE; ++*at) {
		struct reed_slice token = write_token(&is->tokens[*at], text, sizeof(text));

		if (token.n == 0 || b->n + 1 + token.n + 2 + sentence.n + 2 > b->end)
			break;
		reed_irc_build_param(b, token);
	}
	if (*at == from && from < is->count) {
		++*at;
		if (b->err == REED_OK)
			b->err = REED_ETOOBIG;
	}
	reed_irc_build_text(b, sentence);
}
