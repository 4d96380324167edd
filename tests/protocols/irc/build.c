/* From parts to lines: nothing gets in that could be taken for something else. */

#include "check.h"
#include "reed/irc/build.h"
#include "reed/irc/numerics.h"

static const struct reed_slice none = { "", 0 };

static void parts_make_a_line(void)
{
	char p[REED_IRC_LINE_MAX];
	struct reed_irc_builder b;
	struct reed_slice line;

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_command(&b, REED_STR("joe!j@h"), REED_STR("KICK"));
	reed_irc_build_param(&b, REED_STR("#c"));
	reed_irc_build_param(&b, REED_STR("ann"));
	reed_irc_build_text(&b, REED_STR("out"));
	check_int(reed_irc_build_end(&b, &line), REED_OK);
	check_slice(line, ":joe!j@h KICK #c ann :out\r\n");
}

static void without_a_source_there_is_no_colon(void)
{
	char p[64];
	struct reed_irc_builder b;
	struct reed_slice line;

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_command(&b, none, REED_STR("QUIT"));
	check_int(reed_irc_build_end(&b, &line), REED_OK);
	check_slice(line, "QUIT\r\n");
}

/* What becomes of one parameter, and of a second behind it. */
static enum reed_err built(struct reed_slice one, struct reed_slice two, char *p, size_t room,
                           struct reed_slice *line)
{
	struct reed_irc_builder b;

	reed_irc_build(&b, p, room);
	reed_irc_build_command(&b, none, REED_STR("X"));
	reed_irc_build_param(&b, one);
	if (two.n)
		reed_irc_build_param(&b, two);
	return reed_irc_build_end(&b, line);
}

static void a_parameter_gets_a_colon_when_it_needs_one(void)
{
	struct reed_slice line;
	char p[64];

	check_int(built(REED_STR("a"), none, p, sizeof(p), &line), REED_OK);
	check_slice(line, "X a\r\n");
	check_int(built(REED_STR("a b"), none, p, sizeof(p), &line), REED_OK);
	check_slice(line, "X :a b\r\n");
	check_int(built(REED_STR(""), none, p, sizeof(p), &line), REED_OK);
	check_slice(line, "X :\r\n");
	check_int(built(REED_STR(":a"), none, p, sizeof(p), &line), REED_OK);
	check_slice(line, "X ::a\r\n");
	check_int(built(REED_STR("a:b"), none, p, sizeof(p), &line), REED_OK);
	check_slice(line, "X a:b\r\n");
}

static void what_needs_a_colon_must_be_the_last(void)
{
	struct reed_slice line;
	char p[64];

	check_int(built(REED_STR("a b"), REED_STR("c"), p, sizeof(p), &line), REED_ESYNTAX);
	check_int(line.n, 0);
	check_int(built(REED_STR(""), REED_STR("c"), p, sizeof(p), &line), REED_ESYNTAX);
	check_int(built(REED_STR(":a"), REED_STR("c"), p, sizeof(p), &line), REED_ESYNTAX);
	check_int(built(REED_STR("a"), REED_STR("c"), p, sizeof(p), &line), REED_OK);
}

static void no_parameter_can_begin_another_line(void)
{
	static const struct reed_slice bad[] = {
		{ "a\rb", 3 },
		{ "a\nb", 3 },
		{ "a\0b", 3 },
		{ "x\r\nQUIT", 7 },
		{ "a longer parameter with\n", 24 },
	};
	struct reed_slice line;
	char p[64];

	for (size_t i = 0; i < REED_COUNT(bad); i++)
		check_int(built(bad[i], none, p, sizeof(p), &line), REED_ESYNTAX);
}

static enum reed_err command(struct reed_slice source, struct reed_slice verb)
{
	struct reed_irc_builder b;
	struct reed_slice line;
	char p[64];

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_command(&b, source, verb);
	return reed_irc_build_end(&b, &line);
}

static void source_and_verb_are_one_word_each(void)
{
	check_int(command(REED_STR("joe"), REED_STR("PING")), REED_OK);
	check_int(command(REED_STR("joe"), REED_STR("PING x")), REED_ESYNTAX);
	check_int(command(REED_STR("joe x"), REED_STR("PING")), REED_ESYNTAX);
	check_int(command(REED_STR("joe\n"), REED_STR("PING")), REED_ESYNTAX);
	check_int(command(none, REED_STR("")), REED_ESYNTAX);
	check_int(command(none, REED_STR(":PING")), REED_ESYNTAX);
	check_int(command(none, REED_STR("@PING")), REED_ESYNTAX);
}

static void a_line_without_a_command_is_none(void)
{
	struct reed_irc_builder b;
	struct reed_slice line;
	char p[64];

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_tag(&b, REED_STR("a"), none);
	check_int(reed_irc_build_end(&b, &line), REED_ESYNTAX);
	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_param(&b, REED_STR("a"));
	check_int(b.err, REED_ESYNTAX);
}

static void more_than_fifteen_parameters_are_too_many(void)
{
	struct reed_irc_builder b;
	struct reed_slice line;
	char p[64];

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_command(&b, none, REED_STR("X"));
	for (int i = 0; i < 15; i++)
		reed_irc_build_param(&b, REED_STR("a"));
	check_int(b.err, REED_OK);
	reed_irc_build_param(&b, REED_STR("a"));
	check_int(reed_irc_build_end(&b, &line), REED_ETOOBIG);
}

static void a_line_is_never_longer_than_its_room(void)
{
	char p[64];
	struct reed_slice line;

	memset(p, '#', sizeof(p));
	for (size_t room = 0; room < 12; room++) {
		enum reed_err err = built(REED_STR("abc"), REED_STR("defg"), p, room, &line);

		check_int(err, room < 12 ? REED_ETOOBIG : REED_OK);
		check_int(p[room], '#');
	}
	check_int(built(REED_STR("abc"), REED_STR("defg"), p, 12, &line), REED_OK);
	check_slice(line, "X abc defg\r\n");
}

static void a_line_is_never_longer_than_512_bytes_however_much_room_there_is(void)
{
	char p[2048], text[1024];
	struct reed_irc_builder b;
	struct reed_slice line;

	memset(text, 'x', sizeof(text));
	for (size_t n = 504; n <= 506; n++) {
		reed_irc_build(&b, p, sizeof(p));
		reed_irc_build_command(&b, none, REED_STR("PRI"));
		reed_irc_build_text(&b, reed_slice(text, n));
		check_int(reed_irc_build_end(&b, &line), n <= 505 ? REED_OK : REED_ETOOBIG);
		check_int(line.n, n <= 505 ? 7 + n : 0);
	}
	reed_irc_build(&b, p, sizeof(p));
	b.line_max = 1024;
	reed_irc_build_command(&b, none, REED_STR("PRI"));
	reed_irc_build_text(&b, reed_slice(text, 1017));
	check_int(reed_irc_build_end(&b, &line), REED_OK);
	check_int(line.n, 1024);
}

static void tags_do_not_count_for_the_512(void)
{
	char p[2048], text[1024];
	struct reed_irc_builder b;
	struct reed_slice line;

	memset(text, 'x', sizeof(text));
	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_tag(&b, REED_STR("a"), reed_slice(text, 300));
	reed_irc_build_command(&b, none, REED_STR("PRI"));
	reed_irc_build_text(&b, reed_slice(text, 505));
	check_int(reed_irc_build_end(&b, &line), REED_OK);
	check_int(line.n, 4 + 300 + 512);
}

static void a_text_is_cut_between_characters(void)
{
	char p[16];
	struct reed_irc_builder b;
	struct reed_slice line;

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_command(&b, none, REED_STR("X"));
	reed_irc_build_text_cut(&b, REED_STR("abcdefgh\xe2\x82\xac rest"));
	check(b.cut);
	check_int(reed_irc_build_end(&b, &line), REED_OK);
	check_slice(line, "X :abcdefgh\xe2\x82\xac\r\n");

	reed_irc_build(&b, p, 15);
	reed_irc_build_command(&b, none, REED_STR("X"));
	reed_irc_build_text_cut(&b, REED_STR("abcdefgh\xe2\x82\xac rest"));
	check_int(reed_irc_build_end(&b, &line), REED_OK);
	check_slice(line, "X :abcdefgh\r\n");

	reed_irc_build(&b, p, 15);
	reed_irc_build_command(&b, none, REED_STR("X"));
	reed_irc_build_text_cut(&b, REED_STR("abc"));
	check(!b.cut);
}

static void a_text_may_be_printed(void)
{
	char p[64], big[600];
	struct reed_irc_builder b;
	struct reed_slice line;

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_command(&b, none, REED_STR("X"));
	reed_irc_build_u64(&b, 0);
	reed_irc_build_u64(&b, UINT64_MAX);
	reed_irc_build_textf(&b, "%d of %s", 3, "them");
	check_int(reed_irc_build_end(&b, &line), REED_OK);
	check_slice(line, "X 0 18446744073709551615 :3 of them\r\n");

	memset(big, 'y', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_command(&b, none, REED_STR("X"));
	reed_irc_build_textf(&b, "%s", big);
	check(b.cut);
	check_int(reed_irc_build_end(&b, &line), REED_OK);
	check_int(line.n, sizeof(p));

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_command(&b, none, REED_STR("X"));
	reed_irc_build_textf(&b, "a%cb", '\n');
	check_int(reed_irc_build_end(&b, &line), REED_ESYNTAX);
}

static void numerics_have_three_digits_and_a_client(void)
{
	char p[128];
	struct reed_irc_builder b;
	struct reed_slice line;

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_numeric(&b, REED_STR("srv"), none, REED_IRC_ERR_NICKNAMEINUSE);
	reed_irc_build_param(&b, REED_STR("joe"));
	reed_irc_build_usual_text(&b);
	check_int(reed_irc_build_end(&b, &line), REED_OK);
	check_slice(line, ":srv 433 * joe :Nickname is already in use\r\n");

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_numeric(&b, REED_STR("srv"), REED_STR("joe"), REED_IRC_RPL_WELCOME);
	reed_irc_build_textf(&b, "Welcome");
	check_int(reed_irc_build_end(&b, &line), REED_OK);
	check_slice(line, ":srv 001 joe :Welcome\r\n");

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_numeric(&b, REED_STR("srv"), REED_STR("joe"), REED_IRC_RPL_TOPIC);
	reed_irc_build_usual_text(&b);
	check_int(reed_irc_build_end(&b, &line), REED_EINVAL);

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_numeric(&b, REED_STR("srv"), REED_STR("joe"), 1000);
	check_int(reed_irc_build_end(&b, &line), REED_EINVAL);
}

static void tags_are_escaped(void)
{
	char p[128];
	struct reed_irc_builder b;
	struct reed_slice line;

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_tag(&b, REED_STR("a"), REED_STR("b\\and\nk; \r"));
	reed_irc_build_tag(&b, REED_STR("+x/y"), none);
	reed_irc_build_tags(&b, REED_STR("c=\\s;d"));
	reed_irc_build_tags(&b, none);
	reed_irc_build_command(&b, none, REED_STR("PING"));
	check_int(reed_irc_build_end(&b, &line), REED_OK);
	check_slice(line, "@a=b\\\\and\\nk\\:\\s\\r;+x/y;c=\\s;d PING\r\n");
}

static enum reed_err tag(struct reed_slice key, struct reed_slice value)
{
	char p[REED_IRC_BYTES_MAX];
	struct reed_irc_builder b;

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_tag(&b, key, value);
	return b.err;
}

static void a_tag_is_one_word_and_not_too_long(void)
{
	char text[5000];

	memset(text, 'x', sizeof(text));
	check_int(tag(REED_STR("a"), REED_STR("b")), REED_OK);
	check_int(tag(REED_STR(""), REED_STR("b")), REED_ESYNTAX);
	check_int(tag(REED_STR("a b"), none), REED_ESYNTAX);
	check_int(tag(REED_STR("a;b"), none), REED_ESYNTAX);
	check_int(tag(REED_STR("a=b"), none), REED_ESYNTAX);
	check_int(tag(REED_STR("a"), reed_slice("x\0y", 3)), REED_ESYNTAX);
	check_int(tag(REED_STR("a"), reed_slice(text, 4092)), REED_OK);
	check_int(tag(REED_STR("a"), reed_slice(text, 4093)), REED_ETOOBIG);
}

static void tags_come_before_the_command(void)
{
	char p[128];
	struct reed_irc_builder b;

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_command(&b, none, REED_STR("PING"));
	reed_irc_build_tag(&b, REED_STR("a"), none);
	check_int(b.err, REED_ESYNTAX);
	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_command(&b, none, REED_STR("PING"));
	reed_irc_build_command(&b, none, REED_STR("PING"));
	check_int(b.err, REED_ESYNTAX);
}

static void the_first_error_stays(void)
{
	char p[128];
	struct reed_irc_builder b;
	struct reed_slice line;

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_command(&b, none, REED_STR("P\n"));
	for (int i = 0; i < 20; i++)
		reed_irc_build_param(&b, REED_STR("a"));
	check_int(reed_irc_build_end(&b, &line), REED_ESYNTAX);
	check_int(b.n, 0);
}

static void check_again(const char *text)
{
	char p[REED_IRC_BYTES_MAX];
	struct reed_irc_message m;
	struct reed_slice line;

	check_int(reed_irc_parse(reed_slice_of(text), NULL, &m), REED_OK);
	check_int(reed_irc_format(&m, p, sizeof(p), &line), REED_OK);
	check_slice(line, text);
}

static void what_was_parsed_is_formatted_as_it_was(void)
{
	check_again("PING\r\n");
	check_again("PING x\r\n");
	check_again("PING :x\r\n");
	check_again("@a=b;c=\\s;d= :s!u@h PRIVMSG #c :  a b \r\n");
	check_again(":s 005 n A B=c :are supported by this server\r\n");
	check_again("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 :15 16\r\n");
	check_again("TOPIC #c :\r\n");
}

static void a_message_is_composed_in_one_go(void)
{
	char p[REED_IRC_LINE_MAX], text[600];
	struct reed_slice line;

	check_int(reed_irc_compose(p, REED_STR("joe!j@h"), REED_STR("PRIVMSG"), REED_STR("#c"),
	                           REED_STR("hi there"), &line),
	          REED_OK);
	check_slice(line, ":joe!j@h PRIVMSG #c :hi there\r\n");
	memset(text, 'x', sizeof(text));
	check_int(reed_irc_compose(p, REED_STR("joe!j@h"), REED_STR("PRIVMSG"), REED_STR("#c"),
	                           reed_slice(text, sizeof(text)), &line),
	          REED_OK);
	check_int(line.n, 512);
	check(reed_slice_ends(line, REED_STR("xx\r\n")));
}

static void composing_cuts_between_characters(void)
{
	char p[REED_IRC_LINE_MAX], text[600];
	struct reed_slice line;

	for (size_t i = 0; i < sizeof(text); i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3);
	for (size_t n = 1; n <= 3; n++) {
		check_int(reed_irc_compose(p, reed_slice("abc", n), REED_STR("PRIVMSG"),
		                           REED_STR("#c"), reed_slice(text, sizeof(text)), &line),
		          REED_OK);
		check(reed_slice_is_utf8(line));
		check(line.n > 509);
	}
}

static enum reed_err composed(struct reed_slice source, struct reed_slice verb,
                              struct reed_slice target, struct reed_slice text)
{
	char p[REED_IRC_LINE_MAX];
	struct reed_slice line;

	return reed_irc_compose(p, source, verb, target, text, &line);
}

static void composing_takes_nothing_that_is_more_than_one_part(void)
{
	static const struct reed_slice a = { "a", 1 };
	char big[500];

	memset(big, 'x', sizeof(big));
	check_int(composed(a, a, a, none), REED_OK);
	check_int(composed(none, a, a, a), REED_ESYNTAX);
	check_int(composed(REED_STR("a b"), a, a, a), REED_ESYNTAX);
	check_int(composed(a, REED_STR("a b"), a, a), REED_ESYNTAX);
	check_int(composed(a, REED_STR(":a"), a, a), REED_ESYNTAX);
	check_int(composed(a, a, REED_STR("a b"), a), REED_ESYNTAX);
	check_int(composed(a, a, REED_STR(":a"), a), REED_ESYNTAX);
	check_int(composed(a, a, a, REED_STR("a\rb")), REED_ESYNTAX);
	check_int(composed(a, a, reed_slice(big, sizeof(big)), a), REED_OK);
	check_int(composed(a, REED_STR("PRIVMSG"), reed_slice(big, sizeof(big)), a), REED_ETOOBIG);
}

int main(void)
{
	RUN(parts_make_a_line);
	RUN(without_a_source_there_is_no_colon);
	RUN(a_parameter_gets_a_colon_when_it_needs_one);
	RUN(what_needs_a_colon_must_be_the_last);
	RUN(no_parameter_can_begin_another_line);
	RUN(source_and_verb_are_one_word_each);
	RUN(a_line_without_a_command_is_none);
	RUN(more_than_fifteen_parameters_are_too_many);
	RUN(a_line_is_never_longer_than_its_room);
	RUN(a_line_is_never_longer_than_512_bytes_however_much_room_there_is);
	RUN(tags_do_not_count_for_the_512);
	RUN(a_text_is_cut_between_characters);
	RUN(a_text_may_be_printed);
	RUN(numerics_have_three_digits_and_a_client);
	RUN(tags_are_escaped);
	RUN(a_tag_is_one_word_and_not_too_long);
	RUN(tags_come_before_the_command);
	RUN(the_first_error_stays);
	RUN(what_was_parsed_is_formatted_as_it_was);
	RUN(a_message_is_composed_in_one_go);
	RUN(composing_cuts_between_characters);
	RUN(composing_takes_nothing_that_is_more_than_one_part);
	return 0;
}
