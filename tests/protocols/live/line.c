/* Lines of pages, and the JSON that arguments are. */

#include "protocols/live/private.h"
#include "tests/check.h"

static enum reed_err parse(const char *text, struct live_line *line)
{
	return live_line_parse(reed_slice_of(text), line);
}

static void a_message_has_a_number_and_a_word(void)
{
	struct live_line l;

	check_int(parse("7 call 3 add [1, 2]", &l), REED_OK);
	check(l.word == LIVE_CALL && l.number == 7 && l.id == 3);
	check_slice(l.name, "add");
	check_slice(l.json, "[1, 2]");
	check_int(parse("8 ok 3 {\"a\": 1}", &l), REED_OK);
	check(l.word == LIVE_OK && l.id == 3);
	check_int(parse("9 no 3 \"why\"", &l), REED_OK);
	check(l.word == LIVE_NO);
	check_int(parse("10 say hello []", &l), REED_OK);
	check(l.word == LIVE_SAY && l.id == 0);
	check_int(parse("hello abc 5", &l), REED_OK);
	check(l.word == LIVE_HELLO && l.number == 5);
	check_slice(l.token, "abc");
	check_int(parse("ack 12", &l), REED_OK);
	check_int(parse("ping", &l), REED_OK);
	check_int(parse("bye", &l), REED_OK);
}

static void what_is_no_line_is_refused(void)
{
	static const char *const lines[] = {
		"",
		" ",
		"x",
		"0 say a []",
		"-1 say a []",
		"1",
		"1 say",
		"1 say a",
		"1 say a ",
		"1 say a! []",
		"1 call x a []",
		"1 call 1 a",
		"1 ok []",
		"1 shout a []",
		"ack",
		"ack x",
		"ack 1 2",
		"hello",
		"hello x",
		"hello x y",
		"ping 1",
		"1 say \xff []",
		"99999999999999999999 say a []",
		"9007199254740993 say a []",
		"1 say aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa []",
	};
	struct live_line l;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (parse(lines[i], &l) != REED_EPROTO)
			check_str(lines[i], "refused");
}

static void elements_of_arrays_are_found(void)
{
	static const char array[] = " [1, \"a,]\\\"\" ,{\"x\":[1,2]}, [[]] ] ";
	static const char *const wanted[] = { "1", "\"a,]\\\"\"", "{\"x\":[1,2]}", "[[]]" };
	struct reed_slice e;

	for (unsigned i = 0; i < 4; i++) {
		check_int(reed_live_element(reed_slice_of(array), i, &e), REED_OK);
		check_slice(e, wanted[i]);
	}
	check_int(reed_live_element(reed_slice_of(array), 4, &e), REED_ENOENT);
	check_int(reed_live_element(REED_STR("[]"), 0, &e), REED_ENOENT);
	check_int(reed_live_element(REED_STR("[1,]"), 1, &e), REED_ESYNTAX);
	check_int(reed_live_element(REED_STR("[\"]"), 0, &e), REED_ESYNTAX);
	check_int(reed_live_element(REED_STR("[1}]"), 0, &e), REED_ESYNTAX);
	check_int(reed_live_element(REED_STR("{}"), 0, &e), REED_ESYNTAX);
	check_int(reed_live_element(REED_STR(""), 0, &e), REED_ESYNTAX);
}

static void strings_come_and_go_unchanged(void)
{
	static const char *const texts[] = { "", "a", "\"\\/\b\f\n\r\t\x01\x7f",
		                             "\xc3\xa9\xf0\x9f\x90\x8d" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct reed_buf json = { .limit = 0 }, back = { .limit = 0 };

		reed_buf_add_char(&json, '[');
		reed_live_quote(&json, reed_slice_of(texts[i]));
		reed_buf_add_char(&json, ']');
		check_int(reed_live_text(reed_buf_slice(&json), 0, &back), REED_OK);
		check_slice(reed_buf_slice(&back), texts[i]);
		reed_buf_finish(&json);
		reed_buf_finish(&back);
	}
}

static void escapes_of_strings_are_undone_or_refused(void)
{
	struct reed_buf out = { .limit = 0 };

	check_int(reed_live_text(REED_STR("[\"\\u00e9\\ud83d\\udc0d\\ud83dx\\/\"]"), 0, &out),
	          REED_OK);
	check_slice(reed_buf_slice(&out), "\xc3\xa9\xf0\x9f\x90\x8d\xef\xbf\xbdx/");
	check_int(reed_live_text(REED_STR("[\"\\x\"]"), 0, &out), REED_ESYNTAX);
	check_int(reed_live_text(REED_STR("[\"\\u12\"]"), 0, &out), REED_ESYNTAX);
	check_int(reed_live_text(REED_STR("[\"\n\"]"), 0, &out), REED_ESYNTAX);
	check_int(reed_live_text(REED_STR("[1]"), 0, &out), REED_EINVAL);
	reed_buf_finish(&out);
}

int main(void)
{
	RUN(a_message_has_a_number_and_a_word);
	RUN(what_is_no_line_is_refused);
	RUN(elements_of_arrays_are_found);
	RUN(strings_come_and_go_unchanged);
	RUN(escapes_of_strings_are_undone_or_refused);
	return 0;
}
