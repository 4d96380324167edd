/* Events from anybody, in pieces that the first byte chooses: the same as in one piece. */

#include "check.h"
#include "reed/http/events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 4096 };

static enum reed_err hear(struct reed_slice in, size_t step, struct reed_buf *out)
{
	struct reed_http_event_parser p = { .limit = LIMIT };
	struct reed_http_event e;
	enum reed_err err = REED_EAGAIN;

	while (in.n > 0 && err == REED_EAGAIN) {
		struct reed_slice part = reed_slice_first(in, step);

		in = reed_slice_from(in, part.n);
		while (!(err = reed_http_event_parse(&p, &part, &e))) {
			check(e.type.n > 0 && e.data.n <= LIMIT);
			check(memchr(e.id.p, '\n', e.id.n) == NULL);
			reed_buf_printf(out, "%zu %zu %zu ", e.type.n, e.id.n, e.data.n);
			reed_buf_add(out, e.data);
		}
	}
	reed_http_event_parser_finish(&p);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_buf whole = { .limit = 0 }, pieces = { .limit = 0 };
	enum reed_err one, other;

	if (size < 2)
		return 0;
	one = hear(reed_slice(data + 1, size - 1), SIZE_MAX, &whole);
	other = hear(reed_slice(data + 1, size - 1), 1 + data[0] % 16, &pieces);
	if (!one || one == REED_EAGAIN) {
		check(one == other);
		check(reed_slice_eq(reed_buf_slice(&whole), reed_buf_slice(&pieces)));
	}
	reed_buf_finish(&whole);
	reed_buf_finish(&pieces);
	return 0;
}
