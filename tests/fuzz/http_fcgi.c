/* FastCGI's records and the heads of programs: however they are cut, the same comes out. */

#include "check.h"
#include "protocols/http/fcgi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All output of request 1, as far as it can be read. */
static enum reed_err gather(struct reed_slice in, size_t step, struct reed_buf *out, size_t *used)
{
	enum reed_err err = REED_EAGAIN;
	size_t begin = 0, end = 0;

	while (err == REED_EAGAIN && end < in.n) {
		struct fcgi_record record;
		struct reed_slice rest;

		end = in.n - end < step ? in.n : end + step;
		rest = reed_slice(in.p + begin, end - begin);
		while (!(err = fcgi_next(&rest, &record))) {
			check(record.content.p >= in.p);
			check(record.content.p + record.content.n <= rest.p);
			if (record.type == FCGI_STDOUT)
				reed_buf_add(out, record.content);
		}
		begin = (size_t)(rest.p - in.p);
	}
	*used = begin;
	return err;
}

static void read_head(struct reed_slice in)
{
	struct reed_http_field fields[8];
	struct gateway_head head = { .fields = fields, .room = 8 };
	size_t used;
	enum reed_err err = gateway_parse(in, &head, &used);

	if (err)
		return;
	check(used <= in.n && head.count <= 8);
	check(head.status >= 200 && head.status <= 999);
	for (unsigned i = 0; i < head.count; i++)
		check(reed_http_is_token(fields[i].name));
	check_int(gateway_parse(reed_slice_first(in, used - 1), &head, &used), REED_EAGAIN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_buf whole = { .limit = 0 }, cut = { .limit = 0 };
	struct reed_slice in = reed_slice(data, size);
	size_t used, used_cut;
	enum reed_err err = gather(in, size + 1, &whole, &used);

	check_int(gather(in, 1, &cut, &used_cut), err);
	check_int(used, used_cut);
	check(reed_slice_eq(reed_buf_slice(&whole), reed_buf_slice(&cut)));
	read_head(in);
	read_head(reed_buf_slice(&whole));
	reed_buf_finish(&whole);
	reed_buf_finish(&cut);
	return 0;
}
