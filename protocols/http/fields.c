/* Header fields, and what those that concern the connection and the body mean. */

#include "head.h"

#include "chars.h"

enum reed_err http_refuse(struct reed_http_head *head, enum reed_err err, unsigned status,
                          const char *why)
{
	head->status = status;
	head->why = why;
	return err;
}

static enum reed_err bad(struct reed_http_head *head, const char *why)
{
	return http_refuse(head, REED_EPROTO, 400, why);
}

/* ---- lists ---- */

/* The comma of a quoted string is none. */
static size_t member_end(struct reed_slice list)
{
	bool quoted = false;

	for (size_t i = 0; i < list.n; i++) {
		if (list.p[i] == '"')
			quoted = !quoted;
		else if (list.p[i] == '\\' && quoted)
			i++;
		else if (list.p[i] == ',' && !quoted)
			return i;
	}
	return list.n;
}

bool reed_http_list_next(struct reed_slice *list, struct reed_slice *member)
{
	while (list->n > 0) {
		size_t end = member_end(*list);

		*member = reed_slice_trim(reed_slice_first(*list, end));
		*list = reed_slice_from(*list, end + 1);
		if (member->n > 0)
			return true;
	}
	return false;
}

bool reed_http_list_has(struct reed_slice list, const char *member)
{
	struct reed_slice each;

	while (reed_http_list_next(&list, &each))
		if (reed_slice_is_nocase(each, member))
			return true;
	return false;
}

struct reed_slice reed_http_field(const struct reed_http_field *fields, size_t count,
                                  const char *name, unsigned n)
{
	struct reed_slice wanted = reed_slice_of(name);

	for (size_t i = 0; i < count; i++)
		if (fields[i].name.n == wanted.n && reed_slice_eq_nocase(fields[i].name, wanted) &&
		    n-- == 0)
			return fields[i].value;
	return reed_slice(NULL, 0);
}

/* ---- the fields the wire knows ---- */

/* RFC 9110 8.6: digits, nothing else; a repetition is an attack or a mistake (RFC 9112 6.3). */
static enum reed_err see_length(struct reed_http_head *head, struct framing *f,
                                struct reed_slice value)
{
	if (f->lengths++ > 0)
		return bad(head, "Content-Length stands there twice");
	if (reed_slice_u64(value, INT64_MAX, &head->length))
		return bad(head, "Content-Length is not a number");
	return REED_OK;
}

/* RFC 9112 6.1: chunked is the last one, and stands there once. */
static enum reed_err see_codings(struct reed_http_head *head, struct framing *f,
                                 struct reed_slice value)
{
	struct reed_slice each;

	if (f->codings > 0)
		return bad(head, "Transfer-Encoding stands there twice");
	while (reed_http_list_next(&value, &each)) {
		if (f->chunked)
			return bad(head, "a transfer coding follows chunked");
		f->chunked = reed_slice_is_nocase(each, "chunked");
		f->codings++;
	}
	return f->codings > 0 ? REED_OK : bad(head, "Transfer-Encoding is empty");
}

static enum reed_err see_host(struct reed_http_head *head, struct framing *f,
                              struct reed_slice value)
{
	if (f->hosts++ > 0)
		return bad(head, "Host stands there twice");
	if (!http_host_is_good(value))
		return bad(head, "Host is not one");
	if (!head->host.p) /* that of the target is better */
		head->host = value;
	return REED_OK;
}

static void see_connection(struct reed_http_head *head, struct reed_slice value)
{
	struct reed_slice each;

	while (reed_http_list_next(&value, &each)) {
		head->close |= reed_slice_is_nocase(each, "close");
		head->keep_alive |= reed_slice_is_nocase(each, "keep-alive");
		head->has_upgrade |= reed_slice_is_nocase(each, "upgrade");
	}
}

static void see_expect(struct reed_http_head *head, struct reed_slice value)
{
	if (reed_slice_is_nocase(value, "100-continue"))
		head->expects_continue = true;
	else
		head->expects_other = true;
}

/* By length first: most fields are none of these. */
enum reed_err http_see_field(struct reed_http_head *head, struct framing *f, struct reed_slice name,
                             struct reed_slice value)
{
	switch (name.n) {
	case 4:
		return reed_slice_is_nocase(name, "host") ? see_host(head, f, value) : REED_OK;
	case 6:
		if (reed_slice_is_nocase(name, "expect"))
			see_expect(head, value);
		return REED_OK;
	case 7:
		if (reed_slice_is_nocase(name, "upgrade"))
			head->upgrade = value;
		return REED_OK;
	case 10:
		if (reed_slice_is_nocase(name, "connection"))
			see_connection(head, value);
		return REED_OK;
	case 14:
		return reed_slice_is_nocase(name, "content-length") ? see_length(head, f, value)
		                                                    : REED_OK;
	case 17:
		return reed_slice_is_nocase(name, "transfer-encoding") ? see_codings(head, f, value)
		                                                       : REED_OK;
	default:
		return REED_OK;
	}
}

/* ---- lines ---- */

static const char *name_fault(char c)
{
	if (c == ' ' || c == '\t')
		return "a line begins with a space, or has one before its colon";
	return c == ':' ? "a field has no name" : "a field's name is not a token";
}

/* REED_EAGAIN: the line is not whole.  p is behind its LF, and *field what it says. */
static enum reed_err parse_line(struct cursor *c, struct reed_http_field *field)
{
	const char *p = c->p, *colon = chars_span(CHARS_TOKEN, p, c->end), *value, *stop;

	if (colon == c->end)
		return REED_EAGAIN;
	if (*colon != ':' || colon == p)
		return bad(c->head, name_fault(*colon));
	for (value = colon + 1; value < c->end && (*value == ' ' || *value == '\t'); value++)
		continue;
	stop = chars_span(CHARS_VALUE, value, c->end);
	if (c->end - stop < 2)
		return stop == c->end || *stop == '\r' ? REED_EAGAIN
		                                       : bad(c->head, "a bare LF or control");
	if (stop[0] != '\r' || stop[1] != '\n')
		return bad(c->head, *stop == '\r' || *stop == '\n' ? "a bare CR or LF"
		                                                   : "a control character");
	c->p = stop + 2;
	while (stop > value && (stop[-1] == ' ' || stop[-1] == '\t'))
		stop--;
	field->name = reed_slice(p, (size_t)(colon - p));
	field->value = reed_slice(value, (size_t)(stop - value));
	return REED_OK;
}

/* REED_EEOF: it is the empty line, which is taken. */
static enum reed_err parse_empty_line(struct cursor *c)
{
	if (c->p == c->end)
		return REED_EAGAIN;
	if (*c->p == '\n')
		return bad(c->head, "a bare LF");
	if (*c->p != '\r')
		return REED_OK;
	if (c->end - c->p < 2)
		return REED_EAGAIN;
	if (c->p[1] != '\n')
		return bad(c->head, "a bare CR");
	c->p += 2;
	return REED_EEOF;
}

enum reed_err http_parse_field_lines(struct cursor *c, struct framing *framing)
{
	struct reed_http_head *head = c->head;
	unsigned room = head->room < c->limits->fields ? head->room : c->limits->fields;
	enum reed_err err;

	for (;;) {
		struct reed_http_field field;

		err = parse_empty_line(c);
		if (err)
			return err == REED_EEOF ? REED_OK : err;
		err = parse_line(c, &field);
		if (!err && head->count == room)
			err = http_refuse(head, REED_ETOOBIG, 431, "too many header fields");
		if (!err)
			err = http_see_field(head, framing, field.name, field.value);
		if (err)
			return err;
		head->fields[head->count++] = field;
	}
}

enum reed_err reed_http_parse_fields(struct reed_slice lines, struct reed_http_field *fields,
                                     unsigned room, unsigned *count)
{
	struct reed_http_head head = { .fields = fields };
	struct cursor c = { .p = lines.p, .end = lines.p + lines.n, .head = &head };

	*count = 0;
	while (c.p < c.end) {
		struct reed_http_field field;
		enum reed_err err = parse_line(&c, &field);

		if (err)
			return REED_EPROTO; /* REED_EAGAIN: its end is missing */
		if (*count == room)
			return REED_ETOOBIG;
		fields[(*count)++] = field;
	}
	return REED_OK;
}
