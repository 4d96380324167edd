/*
 * A Content-Type on the first line, its form behind it.  Whatever it is, it is the same in one
 * piece and byte by byte, and within its limits.
 */

#include "check.h"
#include "reed/alloc.h"
#include "reed/form/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FIELDS = 8, VALUES = 2000, MOST = 1 << 16 };

static void note(struct reed_buf *out, const struct reed_form_event *e)
{
	if (e->what == REED_FORM_FIELD)
		reed_buf_printf(out, "[" REED_FMT "|" REED_FMT "|" REED_FMT "|%d]",
		                REED_ARG(e->name), REED_ARG(e->filename), REED_ARG(e->type),
		                e->file);
	else if (e->what == REED_FORM_BYTES)
		reed_buf_add(out, e->bytes);
	else
		reed_buf_add_str(out, "[end]");
}

static void check_event(const struct reed_form_event *e, bool *inside, int *fields)
{
	check(*inside == (e->what != REED_FORM_FIELD));
	*inside = e->what != REED_FORM_DONE;
	*fields += e->what == REED_FORM_FIELD;
	check(*fields <= FIELDS);
	check(e->what != REED_FORM_BYTES || e->bytes.n > 0);
	check(reed_slice_is_utf8(e->name) && reed_slice_is_utf8(e->filename));
	check(reed_slice_find(e->filename, '/') == e->filename.n);
}

static enum reed_err parse(struct reed_slice type, struct reed_slice body, size_t step,
                           struct reed_buf *out)
{
	struct reed_form_limits limits = { .fields = FIELDS, .values = VALUES, .file = VALUES };
	struct reed_form_parser *p = reed_alloc(sizeof(*p));
	enum reed_err err = reed_form_parser_init(p, type, &limits);
	struct reed_form_event e;
	struct reed_slice in = reed_slice(body.p, 0);
	bool inside = false;
	int fields = 0;

	while (!err) {
		err = reed_form_parse(p, &in, in.p + in.n == body.p + body.n, &e);
		if (!err) {
			check_event(&e, &inside, &fields);
			note(out, &e);
		} else if (err == REED_EAGAIN && in.p + in.n < body.p + body.n) {
			size_t left = (size_t)(body.p + body.n - in.p) - in.n;

			in.n += left < step ? left : step;
			err = REED_OK;
		}
	}
	check(err != REED_EAGAIN);
	check((err == REED_EEOF) == !p->why);
	reed_free(p);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice body = reed_slice(data, size < MOST ? size : MOST);
	struct reed_slice type = reed_slice_cut(&body, '\n');
	struct reed_buf whole = { .limit = 0 }, pieces = { .limit = 0 };
	enum reed_err err = parse(type, body, body.n + 1, &whole);

	if (err == parse(type, body, 1, &pieces) && err == REED_EEOF)
		check(reed_slice_eq(reed_buf_slice(&whole), reed_buf_slice(&pieces)));
	else
		check(err != REED_EEOF);
	reed_buf_finish(&whole);
	reed_buf_finish(&pieces);
	return 0;
}
