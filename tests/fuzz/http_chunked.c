/* A body in chunks: however it is cut, the same comes out, and ends at the same byte. */

#include "check.h"
#include "reed/http/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum reed_err decode(struct reed_slice in, size_t step, struct reed_buf *out, size_t *used)
{
	struct reed_http_chunks chunks = { .limits = NULL };
	enum reed_err err = REED_EAGAIN;
	size_t begin = 0, end = 0;

	while (err == REED_EAGAIN && end < in.n) {
		struct reed_slice rest, piece;

		end = in.n - end < step ? in.n : end + step;
		rest = reed_slice(in.p + begin, end - begin);
		while (!(err = reed_http_chunk(&chunks, &rest, &piece)))
			reed_buf_add(out, piece);
		begin = (size_t)(rest.p - in.p);
	}
	*used = begin;
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_buf whole = { .limit = 0 }, cut = { .limit = 0 };
	struct reed_slice in = reed_slice(data, size);
	size_t used, used_cut;
	enum reed_err err = decode(in, size + 1, &whole, &used);

	check_int(decode(in, 1, &cut, &used_cut), err);
	check(reed_slice_eq(reed_buf_slice(&whole), reed_buf_slice(&cut)));
	check_int(used, used_cut);
	reed_buf_finish(&whole);
	reed_buf_finish(&cut);
	return 0;
}
