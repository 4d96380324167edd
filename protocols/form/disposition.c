/* The head of a part: which field it is (RFC 7578 4.2, RFC 6266 4.1). */

#include "private.h"

enum { LINES = 8 };

/* ---- parameters ---- */

/*
 * Only what may be quoted is: a backslash before anything else is one of a path
 * that an old browser sent along.
 */
static enum reed_err unquote(struct reed_slice *rest, char *room, size_t most, size_t *n)
{
	size_t i = 1;

	for (*n = 0; i < rest->n && rest->p[i] != '"'; i++) {
		if (rest->p[i] == '\\' && i + 1 < rest->n &&
		    (rest->p[i + 1] == '"' || rest->p[i + 1] == '\\'))
			i++;
		if (*n == most)
			return REED_ETOOBIG;
		room[(*n)++] = rest->p[i];
	}
	if (i >= rest->n)
		return REED_ESYNTAX;
	*rest = reed_slice_from(*rest, i + 1);
	return REED_OK;
}

static enum reed_err take_value(struct reed_slice *rest, char *room, size_t most, size_t *n)
{
	struct reed_slice word;

	if (rest->n > 0 && rest->p[0] == '"')
		return unquote(rest, room, most, n);
	*n = reed_slice_find(*rest, ';');
	word = reed_slice_trim(reed_slice_first(*rest, *n));
	*rest = reed_slice_from(*rest, *n);
	*n = word.n;
	if (word.n > most)
		return REED_ETOOBIG;
	memcpy(room, word.p, word.n);
	return reed_http_is_token(word) ? REED_OK : REED_ESYNTAX;
}

/* One that is given twice would be a matter of taste. */
enum reed_err reed_form_parameter(struct reed_slice value, const char *name, char *room, size_t n,
                                  struct reed_slice *out)
{
	enum reed_err err = REED_OK, found = REED_ENOENT;
	char other[REED_FORM_PIECE];
	size_t got;

	value = reed_slice_from(value, reed_slice_find(value, ';'));
	while (value.n > 0) {
		struct reed_slice key;
		bool is_it;

		value = reed_slice_trim(reed_slice_from(value, value.p[0] == ';'));
		if (value.n == 0)
			break;
		key = reed_slice_trim(reed_slice_first(value, reed_slice_find(value, '=')));
		value = reed_slice_from(value, reed_slice_find(value, '='));
		value = reed_slice_trim(reed_slice_from(value, 1));
		is_it = reed_slice_is_nocase(key, name);
		if (!reed_http_is_token(key) || (is_it && !found))
			return REED_ESYNTAX;
		err = is_it ? take_value(&value, room, n, &got)
		            : take_value(&value, other, sizeof(other), &got);
		value = reed_slice_trim(value);
		if (err || (value.n > 0 && value.p[0] != ';'))
			return err ? err : REED_ESYNTAX;
		if (is_it) {
			found = REED_OK;
			*out = reed_slice(room, got);
		}
	}
	return found;
}

/* ---- names ---- */

/* Browsers write a quote so (HTML 4.10.21.8). */
static struct reed_slice with_quotes(char *p, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		bool quote = n - i >= 3 && memcmp(p + i, "%22", 3) == 0;

		p[to++] = quote ? '"' : p[i];
		i += quote ? 2 : 0;
	}
	return reed_slice(p, to);
}

static struct reed_slice last_part(struct reed_slice path)
{
	size_t from = 0;

	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] == '/' || path.p[i] == '\\')
			from = i + 1;
	return reed_slice_from(path, from);
}

static bool is_binary(struct reed_slice coding)
{
	return !coding.p || reed_slice_is_nocase(coding, "7bit") ||
	       reed_slice_is_nocase(coding, "8bit") || reed_slice_is_nocase(coding, "binary");
}

static enum reed_err read_names(struct reed_form_parser *self, struct reed_slice disposition,
                                struct reed_form_event *event)
{
	char *room = self->room, *second = self->piece;
	struct reed_slice kind = reed_slice_first(disposition, reed_slice_find(disposition, ';'));
	struct reed_slice name, file = REED_STR("");
	enum reed_err err, file_err;

	if (!reed_slice_is_nocase(reed_slice_trim(kind), "form-data"))
		return form_refuse(self, REED_ESYNTAX, "a part that is no form-data");
	err = reed_form_parameter(disposition, "name", room, sizeof(self->room), &name);
	file_err = reed_form_parameter(disposition, "filename", second, sizeof(self->piece), &file);
	if (err == REED_ETOOBIG || file_err == REED_ETOOBIG)
		return form_refuse(self, REED_ETOOBIG, "the name of a field is too long");
	if (err || (file_err && file_err != REED_ENOENT))
		return form_refuse(self, REED_ESYNTAX, "a part without a name that is one");
	event->name = with_quotes(room, name.n);
	event->filename = last_part(with_quotes(second, file.n));
	event->file = !file_err;
	return REED_OK;
}

enum reed_err form_read_head(struct reed_form_parser *self, struct reed_slice lines,
                             struct reed_form_event *event)
{
	struct reed_http_field fields[LINES];
	struct reed_slice type;
	unsigned count = 0;

	if (reed_http_parse_fields(lines, fields, LINES, &count))
		return form_refuse(self, REED_ESYNTAX, "the head of a part is none");
	if (reed_http_field(fields, count, "Content-Disposition", 1).p)
		return form_refuse(self, REED_ESYNTAX, "a part with two Content-Disposition");
	/* RFC 7578 4.7: whoever encodes it besides is from long ago */
	if (!is_binary(reed_http_field(fields, count, "Content-Transfer-Encoding", 0)))
		return form_refuse(self, REED_ESYNTAX, "a part in a transfer encoding");
	type = reed_http_field(fields, count, "Content-Type", 0);
	event->type = type.p ? type : REED_STR("");
	return read_names(self, reed_http_field(fields, count, "Content-Disposition", 0), event);
}
