/* Heads that are said again: whatever is kept of them, the peer hears what was meant. */

#include "protocols/http/h2_memo.h"

#include "protocols/http/h2_fields.h"
#include "reed/alloc.h"
#include "tests/check.h"

enum { FIELDS = 4 };

/* Both ends of a connection: what says heads, and what hears them. */
struct ends {
	struct h2_memo memo;
	nghttp2_hd_deflater *deflater;
	nghttp2_hd_inflater *inflater;
	uint8_t block[4096];
	unsigned again; /* heads that were not put together */
};

static struct ends ends;

static void ends_open(size_t table)
{
	ends = (struct ends){ .again = 0 };
	check_int(nghttp2_hd_deflate_new(&ends.deflater, table), 0);
	check_int(nghttp2_hd_inflate_new(&ends.inflater), 0);
}

static void ends_close(void)
{
	h2_memo_finish(&ends.memo);
	nghttp2_hd_deflate_del(ends.deflater);
	nghttp2_hd_inflate_del(ends.inflater);
}

/* As h2_out.c does. */
static struct reed_slice say(const nghttp2_nv *nv, size_t n)
{
	struct reed_slice block = h2_memo_look(&ends.memo, nv, n);
	ssize_t got;

	if (block.p) {
		ends.again++;
		return block;
	}
	h2_memo_begin(&ends.memo, nv, n);
	got = nghttp2_hd_deflate_hd(ends.deflater, ends.block, sizeof(ends.block), nv, n);
	check(got > 0);
	block = reed_slice((const char *)ends.block, (size_t)got);
	h2_memo_end(&ends.memo, block);
	return block;
}

static bool is(const uint8_t *p, size_t n, const uint8_t *q, size_t m)
{
	return n == m && memcmp(p, q, n) == 0;
}

static void hears(struct reed_slice block, const nghttp2_nv *nv, size_t n)
{
	size_t heard = 0;
	int flags = 0;

	while (!(flags & NGHTTP2_HD_INFLATE_FINAL)) {
		nghttp2_nv got;
		ssize_t used = nghttp2_hd_inflate_hd2(ends.inflater, &got, &flags,
		                                      (const uint8_t *)block.p, block.n, true);

		check(used >= 0);
		block = reed_slice_from(block, (size_t)used);
		if (!(flags & NGHTTP2_HD_INFLATE_EMIT))
			continue;
		check(heard < n);
		check(is(got.name, got.namelen, nv[heard].name, nv[heard].namelen));
		check(is(got.value, got.valuelen, nv[heard].value, nv[heard].valuelen));
		heard++;
	}
	check_int(heard, n);
	nghttp2_hd_inflate_end_headers(ends.inflater);
}

static void says(const nghttp2_nv *nv, size_t n)
{
	hears(say(nv, n), nv, n);
}

static unsigned random_below(unsigned *state, unsigned n)
{
	*state = *state * 1103515245u + 12345u;
	return (*state >> 16) % n;
}

/* ---- tests ---- */

static void a_head_is_the_same_when_it_is_said_again(void)
{
	nghttp2_nv nv[] = { h2_nv(REED_STR(":status"), REED_STR("200")),
		            h2_nv(REED_STR("date"), REED_STR("Sun, 22 Nov 2026 14:00:24 GMT")),
		            h2_nv(REED_STR("content-length"), REED_STR("1024")),
		            h2_nv(REED_STR("etag"), REED_STR("\"18ea62caacef1792-400\"")) };

	ends_open(4096);
	says(nv, FIELDS); /* the date goes into the table, */
	says(nv, FIELDS); /* which stays */
	check_int(ends.again, 0);
	for (int i = 0; i < 5; i++)
		says(nv, FIELDS);
	check_int(ends.again, 5);
	says(nv, FIELDS - 1);
	says(nv, FIELDS);
	check_int(ends.again, 5);
	nv[2] = h2_nv(REED_STR("content-length"), REED_STR("1025"));
	says(nv, FIELDS);
	check_int(ends.again, 5);
	says(nv, FIELDS);
	check_int(ends.again, 6);
	ends_close();
}

static void another_size_of_the_table_makes_it_forget(void)
{
	nghttp2_nv nv[] = { h2_nv(REED_STR("x-a"), REED_STR("1")) };

	ends_open(4096);
	for (int i = 0; i < 3; i++)
		says(nv, 1);
	check_int(ends.again, 1);
	check_int(nghttp2_hd_deflate_change_table_size(ends.deflater, 0), 0);
	h2_memo_forget(&ends.memo);
	says(nv, 1); /* which begins with the new size, and is not kept */
	says(nv, 1);
	check_int(ends.again, 1);
	says(nv, 1);
	check_int(ends.again, 2);
	ends_close();
}

static void a_head_that_is_too_large_is_not_kept(void)
{
	static char text[2100];
	nghttp2_nv nv[] = { h2_nv(REED_STR("etag"), reed_slice(text, sizeof(text))) };

	memset(text, 'x', sizeof(text));
	ends_open(4096);
	for (int i = 0; i < 3; i++)
		says(nv, 1);
	check_int(ends.again, 0);
	check(ends.memo.bytes.size <= 4096);
	ends_close();
}

/* Names of all kinds, values of all lengths, in a table that is too small for them. */
static void heads_in_any_order_are_heard_as_they_were_meant(void)
{
	static const char *const names[] = {
		":status",        "etag", "x-own",
		"content-length", "vary", "x-another-of-ours-with-a-name-of-some-length"
	};
	char values[3][200];
	unsigned state = 7, same = 0;
	nghttp2_nv nv[FIELDS];

	for (unsigned i = 0; i < 3; i++)
		for (unsigned k = 0; k < sizeof(values[i]); k++)
			values[i][k] = "0123456789abcdef!~\"{"[random_below(&state, 20)];
	for (unsigned round = 0; round < 50; round++) {
		ends_open(random_below(&state, 400));
		for (unsigned i = 0; i < 200; i++) {
			for (unsigned k = 0; k < FIELDS && !same; k++)
				nv[k] = h2_nv(reed_slice_of(names[random_below(&state, 6)]),
				              reed_slice(values[random_below(&state, 3)],
				                         random_below(&state, 200)));
			says(nv, FIELDS);
			same = random_below(&state, 4);
		}
		check(ends.again > 20);
		ends_close();
		same = 0;
	}
}

int main(void)
{
	RUN(a_head_is_the_same_when_it_is_said_again);
	RUN(another_size_of_the_table_makes_it_forget);
	RUN(a_head_that_is_too_large_is_not_kept);
	RUN(heads_in_any_order_are_heard_as_they_were_meant);
	return 0;
}
