/*
 * Frames: what is told of one does not depend on how it comes, lies within
 * what there is, and is what would be written.  The first byte chooses the
 * kind, the next two the limit.
 */

#include "reed/frame.h"

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Byte by byte: the answer that is given first is the one that stays. */
static void check_pieces(enum reed_frame kind, uint32_t most, struct reed_slice in,
                         enum reed_err wanted, size_t whole)
{
	struct reed_slice body;
	enum reed_err err = REED_EAGAIN;
	size_t need = 0, n = 0;

	for (; n <= in.n && err == REED_EAGAIN; n++) {
		size_t before = need;

		err = reed_frame_parse(kind, most, reed_slice_first(in, n), &body, &need, NULL);
		check(err != REED_EAGAIN || (need > n && need >= before));
		check(n < before ? err != REED_OK : 1);
	}
	check_int(err, wanted);
	check(err || (need == whole && n == whole + 1));
}

static void check_written(enum reed_frame kind, struct reed_slice body, struct reed_slice frame)
{
	struct reed_buf b = { 0 };

	check_int(reed_frame_put(kind, body, &b), REED_OK);
	check(reed_slice_eq(reed_buf_slice(&b), frame));
	reed_buf_finish(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice in = { (const char *)data, size }, body;
	const char *wrong = NULL;
	enum reed_frame kind;
	size_t whole = 0;
	enum reed_err err;
	uint32_t most;

	if (size < 3)
		return 0;
	kind = (enum reed_frame)(data[0] % 4);
	most = (uint32_t)data[1] << 8 | data[2];
	in = reed_slice_from(in, 3);
	err = reed_frame_parse(kind, most, in, &body, &whole, &wrong);
	check(!err || err == REED_EAGAIN || err == REED_EPROTO || err == REED_ETOOBIG);
	check((wrong != NULL) == (err && err != REED_EAGAIN));
	check_pieces(kind, most, in, err, whole);
	if (err)
		return 0;
	check(whole <= in.n && body.n <= most && body.p > in.p);
	check(body.p + body.n <= in.p + whole);
	check_written(kind, body, reed_slice_first(in, whole));
	return 0;
}
