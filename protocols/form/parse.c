/* What both kinds of bodies have in common: kind, limits, counts. */

#include "private.h"

struct reed_form_limits reed_form_limits(const struct reed_form_limits *limits)
{
	struct reed_form_limits l = limits ? *limits : (struct reed_form_limits){ 0 };

#define X(name, value, text) \
	if (l.name == 0)     \
		l.name = value;
	REED_FORM_LIMITS(X)
#undef X
	if (l.name > REED_FORM_PIECE)
		l.name = REED_FORM_PIECE;
	return l;
}

enum reed_err form_refuse(struct reed_form_parser *self, enum reed_err err, const char *why)
{
	self->why = why;
	return err;
}

/* ---- counts ---- */

static enum reed_err check_name(struct reed_form_parser *self, struct reed_slice name)
{
	if (name.n > self->limits.name)
		return form_refuse(self, REED_ETOOBIG, "the name of a field is too long");
	if (!reed_slice_is_utf8(name) || reed_slice_find(name, '\0') < name.n)
		return form_refuse(self, REED_ESYNTAX, "the name of a field is not UTF-8");
	return REED_OK;
}

enum reed_err form_count_field(struct reed_form_parser *self, const struct reed_form_event *event)
{
	enum reed_err err = check_name(self, event->name);

	if (!err)
		err = check_name(self, event->filename);
	if (err)
		return err;
	if (++self->fields > self->limits.fields)
		return form_refuse(self, REED_ETOOBIG, "a form with too many fields");
	self->file = event->file;
	self->files += event->file;
	if (self->files > self->limits.files)
		return form_refuse(self, REED_ETOOBIG, "a form with too many files");
	self->value = 0;
	self->values += event->name.n + event->filename.n + event->type.n;
	if (self->values > self->limits.values)
		return form_refuse(self, REED_ETOOBIG, "a form with too much in it");
	return REED_OK;
}

enum reed_err form_count_value(struct reed_form_parser *self, size_t n)
{
	self->value += n;
	if (self->file)
		return self->value <= self->limits.file
		               ? REED_OK
		               : form_refuse(self, REED_ETOOBIG, "a file is too large");
	self->values += n;
	if (self->value > self->limits.value || self->values > self->limits.values)
		return form_refuse(self, REED_ETOOBIG, "a form with too much in it");
	return REED_OK;
}

/* ---- which kind ---- */

/* RFC 2046 5.1.1: bchars, and no space at the end. */
static bool is_boundary(struct reed_slice s)
{
	static const char marks[] = "'()+_,-./:=? ";

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      (c && strchr(marks, c))))
			return false;
	}
	return s.n > 0 && s.n <= REED_FORM_BOUNDARY && s.p[s.n - 1] != ' ';
}

static enum reed_err take_boundary(struct reed_form_parser *self, struct reed_slice type)
{
	struct reed_slice boundary;
	enum reed_err err = reed_form_parameter(type, "boundary", self->delimiter + 4,
	                                        REED_FORM_BOUNDARY, &boundary);

	if (err || !is_boundary(boundary))
		return form_refuse(self, REED_ESYNTAX,
		                   "multipart/form-data without a boundary of 1 to 70 characters");
	memcpy(self->delimiter, "\r\n--", 4);
	self->delimiter_n = boundary.n + 4;
	return REED_OK;
}

enum reed_err reed_form_parser_init(struct reed_form_parser *self, struct reed_slice content_type,
                                    const struct reed_form_limits *limits)
{
	struct reed_slice kind =
		reed_slice_trim(reed_slice_first(content_type, reed_slice_find(content_type, ';')));

	*self = (struct reed_form_parser){ .limits = reed_form_limits(limits) };
	if (reed_slice_is_nocase(kind, "application/x-www-form-urlencoded"))
		return REED_OK;
	self->multipart = true;
	if (reed_slice_is_nocase(kind, "multipart/form-data"))
		return take_boundary(self, content_type);
	return form_refuse(self, REED_ENOTSUP,
	                   "a form is application/x-www-form-urlencoded or multipart/form-data");
}

enum reed_err reed_form_parse(struct reed_form_parser *self, struct reed_slice *in, bool over,
                              struct reed_form_event *event)
{
	*event = (struct reed_form_event){ .name = REED_STR(""),
		                           .filename = REED_STR(""),
		                           .type = REED_STR(""),
		                           .bytes = REED_STR("") };
	if (self->why)
		return REED_ESYNTAX;
	return self->multipart ? form_parse_multipart(self, in, over, event)
	                       : form_parse_urlencoded(self, in, over, event);
}
