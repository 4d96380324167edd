/* name=value&name=value, percent-encoded, '+' for a space (WHATWG URL 5.1). */

#include "private.h"

enum state { NAME, VALUE, OVER };

/*
 * As much of s as fits into room, decoded; *used is what that was of it.  A '%'
 * at its end waits for its digits, unless there is nothing more to come.
 */
static enum reed_err decode(struct reed_slice s, bool over, char *room, size_t most, size_t *used,
                            size_t *n)
{
	size_t i = 0, step, got;

	for (*n = 0; i < s.n && *n < most; i += step) {
		step = s.p[i] == '%' ? 3 : 1;
		if (i + step > s.n && !over)
			break;
		if (i + step > s.n ||
		    (step == 3 && reed_http_decode(reed_slice(s.p + i, 3), room + *n, &got)))
			return REED_ESYNTAX;
		if (step == 1)
			room[*n] = s.p[i] == '+' ? ' ' : s.p[i];
		++*n;
	}
	*used = i;
	return REED_OK;
}

static size_t end_of(struct reed_slice s, const char *ends)
{
	size_t i = 0;

	while (i < s.n && s.p[i] != ends[0] && s.p[i] != ends[1])
		i++;
	return i;
}

static enum reed_err take_name(struct reed_form_parser *self, struct reed_slice *in, bool over,
                               struct reed_form_event *event)
{
	size_t n, used, got, most = (size_t)self->limits.name;

	while (in->n > 0 && in->p[0] == '&') /* nothing between two of them is nothing */
		*in = reed_slice_from(*in, 1);
	n = end_of(*in, "=&");
	if (n > 3 * most)
		return form_refuse(self, REED_ETOOBIG, "the name of a field is too long");
	if (in->n == 0 && over) {
		self->state = OVER;
		return REED_EEOF;
	}
	if (n == in->n && !over)
		return REED_EAGAIN;
	if (decode(reed_slice_first(*in, n), true, self->room, most, &used, &got))
		return form_refuse(self, REED_ESYNTAX, "a '%' without two digits, or of a NUL");
	if (used < n)
		return form_refuse(self, REED_ETOOBIG, "the name of a field is too long");
	event->what = REED_FORM_FIELD;
	event->name = reed_slice(self->room, got);
	*in = reed_slice_from(*in, n < in->n && in->p[n] == '=' ? n + 1 : n);
	self->state = VALUE;
	return form_count_field(self, event);
}

static enum reed_err take_value(struct reed_form_parser *self, struct reed_slice *in, bool over,
                                struct reed_form_event *event)
{
	size_t n = end_of(*in, "&&"), used, got;
	bool whole = n < in->n || over;

	if (n == 0 && !whole)
		return REED_EAGAIN;
	if (n == 0) {
		*in = reed_slice_from(*in, 1);
		event->what = REED_FORM_DONE;
		self->state = NAME;
		return REED_OK;
	}
	if (decode(reed_slice_first(*in, n), whole, self->piece, sizeof(self->piece), &used, &got))
		return form_refuse(self, REED_ESYNTAX, "a '%' without two digits, or of a NUL");
	if (used == 0)
		return REED_EAGAIN;
	*in = reed_slice_from(*in, used);
	event->what = REED_FORM_BYTES;
	event->bytes = reed_slice(self->piece, got);
	return form_count_value(self, got);
}

enum reed_err form_parse_urlencoded(struct reed_form_parser *self, struct reed_slice *in, bool over,
                                    struct reed_form_event *event)
{
	switch ((enum state)self->state) {
	case NAME:
		return take_name(self, in, over, event);
	case VALUE:
		return take_value(self, in, over, event);
	case OVER:
		break;
	}
	return REED_EEOF;
}
