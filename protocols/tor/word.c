/* The words of a line: KEY=VALUE, KEY="quoted", WORD (control-spec 2.1.1). */

#include <string.h>

#include "private.h"

static bool is_key_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '/' || c == '.';
}

static struct reed_slice take_key(struct reed_slice *rest)
{
	struct reed_slice key;
	size_t n = 0;

	while (n < rest->n && is_key_char(rest->p[n]))
		n++;
	if (n == 0 || n == rest->n || rest->p[n] != '=')
		return REED_STR("");
	key = reed_slice_first(*rest, n);
	*rest = reed_slice_from(*rest, n + 1);
	return key;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* What follows a backslash; *i stands on it.  A NUL would end the word, so there is none. */
static char escaped(struct reed_slice s, size_t *i)
{
	char c = s.p[*i];
	unsigned value = 0;

	if (c == 'n')
		return '\n';
	if (c == 'r')
		return '\r';
	if (c == 't')
		return '\t';
	if (!is_octal(c))
		return c;
	for (int digits = 0; digits < 3 && *i < s.n && is_octal(s.p[*i]); digits++)
		value = value * 8 + (unsigned)(s.p[(*i)++] - '0');
	(*i)--;
	return value & 0xff ? (char)value : '?';
}

/* Stands behind the opening quote. */
static enum reed_err take_quoted(struct reed_slice *rest, char *out)
{
	for (size_t i = 0; i < rest->n; i++) {
		if (rest->p[i] == '"') {
			*out = '\0';
			*rest = reed_slice_from(*rest, i + 1);
			return REED_OK;
		}
		if (rest->p[i] != '\\')
			*out++ = rest->p[i];
		else if (++i == rest->n)
			break;
		else
			*out++ = escaped(*rest, &i);
	}
	return REED_ESYNTAX;
}

enum reed_err reed_tor_next(struct reed_slice *rest, struct reed_slice *key, char **value)
{
	enum reed_err err = REED_OK;

	while (rest->n > 0 && rest->p[0] == ' ')
		*rest = reed_slice_from(*rest, 1);
	if (rest->n == 0)
		return REED_EEOF;
	*key = take_key(rest);
	if (rest->n == 0 || rest->p[0] != '"') {
		*value = reed_slice_dup(reed_slice_cut(rest, ' '));
		return REED_OK;
	}
	*rest = reed_slice_from(*rest, 1);
	*value = reed_alloc(rest->n + 1);
	err = take_quoted(rest, *value);
	if (err) {
		reed_free(*value);
		*value = NULL;
	}
	return err;
}

char *reed_tor_value(struct reed_slice line, const char *key)
{
	struct reed_slice name;
	char *value;

	while (!reed_tor_next(&line, &name, &value)) {
		if (reed_slice_is(name, key))
			return value;
		reed_free(value);
	}
	return NULL;
}

enum reed_err reed_tor_quote(struct reed_buf *b, struct reed_slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '\r' || text.p[i] == '\n' || text.p[i] == '\0')
			return REED_EINVAL;
	reed_buf_add_char(b, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			reed_buf_add_char(b, '\\');
		reed_buf_add_char(b, text.p[i]);
	}
	reed_buf_add_char(b, '"');
	return b->err;
}
