/* Chunks, dates, lists, percent-encoding. */

#include "tests/check.h"

#include "reed/alloc.h"
#include "reed/http/message.h"

/* All of in through a decoder, as many bytes at a time; the body is added to out. */
static enum reed_err unchunk(const char *in, size_t step, struct reed_buf *out, size_t *used)
{
	struct reed_http_chunks chunks = { .limits = NULL };
	size_t n = strlen(in), begin = 0;
	enum reed_err err = REED_EAGAIN;

	for (size_t end = 0; err == REED_EAGAIN && end < n;) {
		struct reed_slice rest, piece;

		end = n - end < step ? n : end + step;
		rest = reed_slice(in + begin, end - begin);
		while (!(err = reed_http_chunk(&chunks, &rest, &piece)))
			reed_buf_add(out, piece);
		begin = (size_t)(rest.p - in);
	}
	*used = begin;
	return err;
}

static enum reed_err decode(const char *in)
{
	struct reed_buf out = { .limit = 0 };
	size_t used;
	enum reed_err err = unchunk(in, 1000, &out, &used);

	reed_buf_finish(&out);
	return err;
}

static void chunks_come_in_any_pieces(void)
{
	const char *in = "5\r\nhello\r\nA;x=y;z=\"a;\\\"b\"\r\n, my world\r\n0\r\nT: v\r\n\r\nnext";

	for (size_t step = 1; step < strlen(in); step++) {
		struct reed_buf out = { .limit = 0 };
		size_t used;

		check_int(unchunk(in, step, &out, &used), REED_EEOF);
		check_slice(reed_buf_slice(&out), "hello, my world");
		check_str(in + used, "next");
		reed_buf_finish(&out);
	}
}

static void a_bad_size_is_refused(void)
{
	check_int(decode("\r\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("0x5\r\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("-5\r\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("+5\r\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode(" 5\r\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("5 \r\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("5_\r\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("10000000000000005\r\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("ffffffffffffffffff\r\nhello\r\n"), REED_EPROTO);
}

static void a_chunk_ends_where_it_said(void)
{
	check_int(decode("4\r\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("5\r\nhelloo\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("5\r\nhello0\r\n\r\n"), REED_EPROTO);
	check_int(decode("5\r\nhello\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("5\r\nhello\rx0\r\n\r\n"), REED_EPROTO);
}

static void bare_ends_of_lines_between_chunks_are_refused(void)
{
	check_int(decode("5\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("5;a\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("5;a\rb\r\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("5\r\nhello\r\n0\n\r\n"), REED_EPROTO);
}

static void a_bad_extension_is_refused(void)
{
	check_int(decode("5;\r\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("5;=b\r\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("5;a=\r\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("5;a=\"b\r\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("5;a b\r\nhello\r\n0\r\n\r\n"), REED_EPROTO);
	check_int(decode("5 ; a = \"b\" ; c\r\nhello\r\n0\r\n\r\n"), REED_EEOF);
}

static void a_trailer_is_made_of_fields(void)
{
	check_int(decode("0\r\nA: b\r\n\r\n"), REED_EEOF);
	check_int(decode("0\r\nA : b\r\n\r\n"), REED_EPROTO);
	check_int(decode("0\r\nA: b\nC: d\r\n\r\n"), REED_EPROTO);
	check_int(decode("0\r\n folded\r\n\r\n"), REED_EPROTO);
}

static void lines_and_trailers_have_limits(void)
{
	static char text[20000];
	struct reed_http_chunks chunks = { .limits = NULL };
	struct reed_slice in = reed_slice(text, sizeof(text)), piece;

	memset(text, 'a', sizeof(text));
	text[1] = ';';
	check_int(reed_http_chunk(&chunks, &in, &piece), REED_ETOOBIG);
	chunks = (struct reed_http_chunks){ .limits = NULL };
	memcpy(text, "0\r\n", 3);
	in = reed_slice(text, sizeof(text));
	check_int(reed_http_chunk(&chunks, &in, &piece), REED_ETOOBIG);
}

static void dates_have_three_forms(void)
{
	char text[REED_HTTP_DATE + 1] = "";
	int64_t s;

	reed_http_date(784111777, text);
	check_str(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	check_int(reed_http_parse_date(reed_slice_of(text), 0, &s), REED_OK);
	check_int(s, 784111777);
	check_int(reed_http_parse_date(REED_STR("Sunday, 06-Nov-94 08:49:37 GMT"), 1800000000, &s),
	          REED_OK);
	check_int(s, 784111777);
	check_int(reed_http_parse_date(REED_STR("Sun Nov  6 08:49:37 1994"), 0, &s), REED_OK);
	check_int(s, 784111777);
	check_int(reed_http_parse_date(REED_STR("Sun, 06 Nov 1994 08:49:37 CET"), 0, &s),
	          REED_ESYNTAX);
	check_int(reed_http_parse_date(REED_STR("Sun, 31 Feb 1994 08:49:37 GMT"), 0, &s),
	          REED_ESYNTAX);
	check_int(reed_http_parse_date(REED_STR(""), 0, &s), REED_ESYNTAX);
}

static void every_day_comes_back_from_its_date(void)
{
	char text[REED_HTTP_DATE];
	int64_t s;

	for (int64_t day = 0; day < 60000; day++) {
		reed_http_date(day * 86400 + day % 86400, text);
		check_int(reed_http_parse_date(reed_slice(text, sizeof(text)), 0, &s), REED_OK);
		check_int(s, day * 86400 + day % 86400);
	}
}

static void lists_have_members_and_quotes(void)
{
	struct reed_slice list = REED_STR(" a , ,\"b,c\" ,d"), member;

	check(reed_http_list_next(&list, &member));
	check_slice(member, "a");
	check(reed_http_list_next(&list, &member));
	check_slice(member, "\"b,c\"");
	check(reed_http_list_next(&list, &member));
	check_slice(member, "d");
	check(!reed_http_list_next(&list, &member));
}

static void percents_are_decoded_or_refused(void)
{
	char p[64];
	size_t n;

	check_int(reed_http_decode(REED_STR("a%20b%2Fc%C3%a9"), p, &n), REED_OK);
	check_slice(reed_slice(p, n), "a b/c\xc3\xa9");
	check_int(reed_http_decode(REED_STR("%"), p, &n), REED_ESYNTAX);
	check_int(reed_http_decode(REED_STR("a%2"), p, &n), REED_ESYNTAX);
	check_int(reed_http_decode(REED_STR("%zz"), p, &n), REED_ESYNTAX);
	check_int(reed_http_decode(REED_STR("%00"), p, &n), REED_ESYNTAX);
}

static void values_that_would_split_an_answer_are_none(void)
{
	check(reed_http_is_value(REED_STR("a b")));
	check(reed_http_is_value(REED_STR("")));
	check(!reed_http_is_value(REED_STR("a\r\nSet-Cookie: b")));
	check(!reed_http_is_value(REED_STR("a\nb")));
	check(!reed_http_is_value(REED_STR(" a")));
}

int main(void)
{
	RUN(chunks_come_in_any_pieces);
	RUN(a_bad_size_is_refused);
	RUN(a_chunk_ends_where_it_said);
	RUN(bare_ends_of_lines_between_chunks_are_refused);
	RUN(a_bad_extension_is_refused);
	RUN(a_trailer_is_made_of_fields);
	RUN(lines_and_trailers_have_limits);
	RUN(dates_have_three_forms);
	RUN(every_day_comes_back_from_its_date);
	RUN(lists_have_members_and_quotes);
	RUN(percents_are_decoded_or_refused);
	RUN(values_that_would_split_an_answer_are_none);
	return 0;
}
