/*
 * What people say.  Stripped text has no codes; runs written out are read as
 * the same; pieces of a split text are short enough and make up the whole.
 */

#include "check.h"
#include "reed/alloc.h"
#include "reed/buf.h"
#include "reed/irc/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has_codes(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (memchr("\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f", s.p[i], 9))
			return true;
	return false;
}

static void stripped(struct reed_slice text)
{
	char *p = reed_alloc(text.n + 1);
	struct reed_slice plain = reed_irc_strip(text, p);
	struct reed_irc_run run = { .style = REED_IRC_PLAIN };
	size_t at = 0;

	check(!has_codes(plain));
	while (reed_irc_run_next(&text, &run)) {
		check(run.text.n > 0 && at + run.text.n <= plain.n);
		check(memcmp(plain.p + at, run.text.p, run.text.n) == 0);
		at += run.text.n;
	}
	check_int(at, plain.n);
	reed_free(p);
}

static bool same_style(const struct reed_irc_style *a, const struct reed_irc_style *b)
{
	return a->look == b->look && a->fg == b->fg && a->bg == b->bg;
}

static void written(struct reed_slice text, struct reed_buf *into)
{
	struct reed_irc_run run = { .style = REED_IRC_PLAIN };
	struct reed_irc_style last = REED_IRC_PLAIN;
	char codes[REED_IRC_CODES_MAX];

	for (; reed_irc_run_next(&text, &run); last = run.style) {
		size_t n = reed_irc_style_codes(&last, &run.style, run.text, codes);

		check(n <= sizeof(codes));
		reed_buf_add(into, reed_slice(codes, n));
		reed_buf_add(into, run.text);
	}
}

/* Two runs of the same style become one, so it is compared byte by byte. */
static void written_and_back(struct reed_slice text)
{
	struct reed_irc_run a = { .style = REED_IRC_PLAIN }, b = { .style = REED_IRC_PLAIN };
	struct reed_buf again = { 0 };
	struct reed_slice rest;

	written(text, &again);
	rest = reed_buf_slice(&again);
	for (;;) {
		bool more = a.text.n > 0 || reed_irc_run_next(&text, &a);
		size_t n;

		check_int(b.text.n > 0 || reed_irc_run_next(&rest, &b), more);
		if (!more)
			break;
		n = a.text.n < b.text.n ? a.text.n : b.text.n;
		check(same_style(&a.style, &b.style));
		check(memcmp(a.text.p, b.text.p, n) == 0);
		a.text = reed_slice_from(a.text, n);
		b.text = reed_slice_from(b.text, n);
	}
	reed_buf_finish(&again);
}

/* With LF for each end of a line, which is what pieces can be put together to. */
static void with_lf(struct reed_slice text, struct reed_buf *into)
{
	for (size_t i = 0; i < text.n; i++) {
		bool both = text.p[i] == '\r' && i + 1 < text.n && text.p[i + 1] == '\n';

		reed_buf_add_char(into, text.p[i] == '\r' ? '\n' : text.p[i]);
		i += both;
	}
}

static void split_and_joined(struct reed_slice text, size_t room)
{
	struct reed_irc_split split = { text, room, REED_IRC_SPLIT_KEEP, false, false, false };
	struct reed_buf wanted = { 0 }, got = { 0 };
	struct reed_slice piece;
	bool first = true;

	with_lf(text, &wanted);
	for (; reed_irc_split_next(&split, &piece); first = false) {
		check(piece.n <= room);
		check(!first || !split.joined);
		if (!split.joined && !first)
			reed_buf_add_char(&got, '\n');
		reed_buf_add(&got, piece);
	}
	check(reed_slice_eq(reed_buf_slice(&got), reed_buf_slice(&wanted)));
	reed_buf_finish(&wanted);
	reed_buf_finish(&got);
}

static void split_for_lines(struct reed_slice text, size_t room)
{
	struct reed_irc_split split = { .rest = text, .room = room };
	bool utf8 = room >= 4 && reed_slice_is_utf8(text);
	struct reed_slice piece;

	while (reed_irc_split_next(&split, &piece)) {
		check(piece.n > 0 && piece.n <= room);
		check(reed_slice_find(piece, '\n') == piece.n);
		check(reed_slice_find(piece, '\r') == piece.n);
		check(!utf8 || reed_slice_is_utf8(piece));
	}
	check_int(split.rest.n, 0);
}

static void ctcp(struct reed_slice text)
{
	struct reed_irc_ctcp one, two;
	struct reed_slice out;
	char *p = reed_alloc(text.n + 2);

	if (reed_irc_ctcp(text, &one) && !reed_irc_ctcp_format(&one, p, text.n + 2, &out)) {
		check(reed_irc_ctcp(out, &two));
		check(reed_slice_eq(one.command, two.command));
		check(reed_slice_eq(one.params, two.params));
	}
	reed_free(p);
}

typedef enum reed_err quote_fn(struct reed_slice s, char *p, size_t room, struct reed_slice *out);

static void quoted_and_back(struct reed_slice text, quote_fn *quote, quote_fn *unquote)
{
	char *p = reed_alloc(2 * text.n + 1), *q = reed_alloc(text.n + 1);
	struct reed_slice quoted, back;

	check_int(quote(text, p, 2 * text.n, &quoted), REED_OK);
	check_int(unquote(quoted, q, text.n, &back), REED_OK);
	check(reed_slice_eq(back, text));
	check_int(unquote(text, q, text.n, &back), REED_OK);
	reed_free(p);
	reed_free(q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice text = { (const char *)data, size };
	size_t room = size ? 1 + data[0] % 64 : 1;

	stripped(text);
	written_and_back(text);
	split_and_joined(text, room);
	split_for_lines(text, room);
	ctcp(text);
	quoted_and_back(text, reed_irc_ctcp_quote, reed_irc_ctcp_unquote);
	quoted_and_back(text, reed_irc_low_quote, reed_irc_low_unquote);
	return 0;
}
