/* multipart/form-data (RFC 7578; RFC 2046 5.1.1): parts between lines with the boundary. */

#include "private.h"

enum state { BEFORE, LINE, HEAD, EMPTY, DATA, BEHIND };

enum { HYPHENS_AND_PADDING = 256 };

static struct reed_slice delimiter(const struct reed_form_parser *self)
{
	return reed_slice(self->delimiter, self->delimiter_n);
}

/* How much of s is surely not the beginning of a delimiter. */
static size_t surely_data(const struct reed_form_parser *self, struct reed_slice s)
{
	size_t from = s.n < self->delimiter_n ? 0 : s.n - self->delimiter_n + 1;

	for (size_t i = from; i < s.n; i++)
		if (reed_slice_starts(delimiter(self), reed_slice_from(s, i)))
			return i;
	return s.n;
}

/* The first one need not follow a line; what stands before it is for old mail readers. */
static enum reed_err pass_preamble(struct reed_form_parser *self, struct reed_slice *in)
{
	size_t at, first = self->skipped == 0 ? 2 : 0;

	if (first && reed_slice_starts(*in, reed_slice_from(delimiter(self), 2))) {
		*in = reed_slice_from(*in, self->delimiter_n - 2);
		self->state = LINE;
		return REED_OK;
	}
	if (first && in->n < self->delimiter_n - 2)
		return REED_EAGAIN;
	at = reed_slice_search(*in, delimiter(self));
	if (at < in->n) {
		*in = reed_slice_from(*in, at + self->delimiter_n);
		self->state = LINE;
		return REED_OK;
	}
	at = surely_data(self, *in);
	self->skipped += at;
	*in = reed_slice_from(*in, at);
	return self->skipped > self->limits.head
	               ? form_refuse(self, REED_ETOOBIG, "the boundary does not come")
	               : REED_EAGAIN;
}

/* Behind the boundary: two hyphens at the end, or padding and a line's end. */
static enum reed_err pass_line(struct reed_form_parser *self, struct reed_slice *in)
{
	size_t i = 0;

	if (in->n < 2)
		return REED_EAGAIN;
	if (reed_slice_starts(*in, REED_STR("--"))) {
		self->state = BEHIND;
		return REED_OK;
	}
	while (i < in->n && (in->p[i] == ' ' || in->p[i] == '\t'))
		i++;
	if (i > HYPHENS_AND_PADDING)
		return form_refuse(self, REED_ETOOBIG, "a boundary with too much behind it");
	if (in->n < i + 2)
		return REED_EAGAIN;
	if (in->p[i] != '\r' || in->p[i + 1] != '\n')
		return form_refuse(self, REED_ESYNTAX, "the line of a boundary does not end");
	*in = reed_slice_from(*in, i + 2);
	self->state = HEAD;
	return REED_OK;
}

static enum reed_err take_head(struct reed_form_parser *self, struct reed_slice *in,
                               struct reed_form_event *event)
{
	size_t n = reed_slice_search(*in, REED_STR("\r\n\r\n"));
	struct reed_slice lines;
	enum reed_err err;

	if (reed_slice_starts(*in, REED_STR("\r\n")))
		return form_refuse(self, REED_ESYNTAX, "a part without Content-Disposition");
	if (n > self->limits.head || (n == in->n && in->n > self->limits.head))
		return form_refuse(self, REED_ETOOBIG, "the head of a part is too large");
	if (n == in->n)
		return REED_EAGAIN;
	lines = reed_slice_first(*in, n + 2);
	*in = reed_slice_from(*in, n + 2);
	self->state = EMPTY;
	event->what = REED_FORM_FIELD;
	err = form_read_head(self, lines, event);
	return err ? err : form_count_field(self, event);
}

/* Without an empty line the value is empty too (RFC 2046 5.1.1, body-part). */
static enum reed_err pass_empty_line(struct reed_form_parser *self, struct reed_slice *in)
{
	bool may_be = reed_slice_starts(delimiter(self), reed_slice_first(*in, self->delimiter_n));

	if (may_be && in->n < self->delimiter_n)
		return REED_EAGAIN;
	if (!may_be)
		*in = reed_slice_from(*in, 2);
	self->state = DATA;
	return REED_OK;
}

static enum reed_err take_data(struct reed_form_parser *self, struct reed_slice *in,
                               struct reed_form_event *event)
{
	size_t n, at = reed_slice_search(*in, delimiter(self));

	if (at == 0 && in->n > 0) {
		*in = reed_slice_from(*in, self->delimiter_n);
		self->state = LINE;
		event->what = REED_FORM_DONE;
		return REED_OK;
	}
	n = at < in->n ? at : surely_data(self, *in);
	if (n == 0)
		return REED_EAGAIN;
	event->what = REED_FORM_BYTES;
	event->bytes = reed_slice_first(*in, n);
	*in = reed_slice_from(*in, n);
	return form_count_value(self, n);
}

static enum reed_err pass_rest(struct reed_slice *in, bool over)
{
	*in = reed_slice_from(*in, in->n);
	return over ? REED_EEOF : REED_EAGAIN;
}

static enum reed_err step(struct reed_form_parser *self, struct reed_slice *in, bool over,
                          struct reed_form_event *event, bool *found)
{
	switch ((enum state)self->state) {
	case BEFORE:
		return pass_preamble(self, in);
	case LINE:
		return pass_line(self, in);
	case HEAD:
		*found = true;
		return take_head(self, in, event);
	case EMPTY:
		return pass_empty_line(self, in);
	case DATA:
		*found = true;
		return take_data(self, in, event);
	case BEHIND:
		break;
	}
	return pass_rest(in, over);
}

enum reed_err form_parse_multipart(struct reed_form_parser *self, struct reed_slice *in, bool over,
                                   struct reed_form_event *event)
{
	enum reed_err err;
	bool found = false;

	do
		err = step(self, in, over, event, &found);
	while (!err && !found);
	if (err == REED_EAGAIN && over)
		return form_refuse(self, REED_ESYNTAX, "a form that ends halfway");
	return err;
}
