/* Long texts in pieces. */

#include "check.h"
#include "reed/irc/build.h"
#include "reed/irc/text.h"

/* The pieces with bars between, a '+' before those that go on. */
static void check_split(const char *text, size_t room, unsigned flags, const char *wanted)
{
	struct reed_irc_split split = { .rest = reed_slice_of(text), .room = room, .flags = flags };
	struct reed_slice piece;
	char got[1024] = "";
	size_t n = 0;

	while (reed_irc_split_next(&split, &piece)) {
		check(piece.n <= room);
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%s" REED_FMT "|",
		                      split.joined ? "+" : "", REED_ARG(piece));
	}
	check_str(got, wanted);
}

static void what_fits_is_one_piece(void)
{
	check_split("hello there", 11, 0, "hello there|");
	check_split("hello there", 100, 0, "hello there|");
	check_split("", 10, 0, "");
}

static void a_text_is_split_between_words(void)
{
	check_split("hello there you", 11, 0, "hello there|+you|");
	check_split("hello there you", 10, 0, "hello|+there you|");
	check_split("hello there you", 5, 0, "hello|+there|+you|");
	check_split("a b c d e", 3, 0, "a b|+c d|+e|");
}

static void spaces_where_it_is_split_go(void)
{
	check_split("hello   there", 7, 0, "hello  |+there|");
	check_split("hello   there", 5, 0, "hello|+there|");
	check_split("hello     ", 5, 0, "hello|");
	check_split("  hello", 4, 0, "  he|+llo|");
}

static void a_word_too_long_is_split_between_characters(void)
{
	check_split("abcdefgh", 3, 0, "abc|+def|+gh|");
	check_split("ab abcdefgh", 4, 0, "ab|+abcd|+efgh|");
	check_split("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 7, 0,
	            "\xe2\x82\xac\xe2\x82\xac|+\xe2\x82\xac|");
	check_split("a\xc3\xa4\xc3\xa4", 2, 0, "a|+\xc3\xa4|+\xc3\xa4|");
}

static void marks_stay_with_their_character(void)
{
	/* e and an acute accent */
	check_split("xe\xcc\x81y", 3, 0, "x|+e\xcc\x81|+y|");
	/* a thumb and the tone of its skin */
	check_split("ab\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd"
	            "c",
	            9, 0,
	            "ab|+\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd"
	            "c|");
	/* woman, joiner, laptop */
	check_split("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbbx", 11, 0,
	            "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb|+x|");
}

static void a_character_too_long_is_divided_all_the_same(void)
{
	check_split("\xe2\x82\xac", 2, 0, "\xe2\x82|+\xac|");
	check_split("e\xcc\x81\xcc\x81\xcc\x81", 4, 0, "e\xcc\x81|+\xcc\x81\xcc\x81|");
}

static void what_is_not_utf8_is_split_by_bytes(void)
{
	check_split("\xe4\xf6\xfc\xe4", 2, 0, "\xe4\xf6|+\xfc\xe4|");
}

static void a_colour_code_is_not_divided(void)
{
	check_split("abc\x03"
	            "12,13def",
	            6, 0,
	            "abc|+\x03"
	            "12,13|+def|");
	check_split("abc\x03"
	            "12,13def",
	            9, 0,
	            "abc\x03"
	            "12,13|+def|");
	check_split("ab\x04"
	            "ff0080def",
	            5, 0,
	            "ab|+\x04"
	            "ff00|+80def|");
}

static void lines_are_pieces_of_their_own(void)
{
	check_split("one\ntwo\r\nthree\rfour", 10, 0, "one|two|three|four|");
	check_split("one two\nthree", 5, 0, "one|+two|three|");
	check_split("a\n\n\nb\n", 10, 0, "a|b|");
	check_split("\n\n", 10, 0, "");
	check_split("abc\nd", 3, 0, "abc|d|");
	check_split("abcd \ne", 4, 0, "abcd|e|");
}

static void everything_is_kept_when_asked_for(void)
{
	check_split("hello there you", 6, REED_IRC_SPLIT_KEEP, "hello |+there |+you|");
	check_split("hello there", 5, REED_IRC_SPLIT_KEEP, "hello|+ ther|+e|");
	check_split("a  b", 2, REED_IRC_SPLIT_KEEP, "a |+ b|");
	check_split("a\n\nb\n", 5, REED_IRC_SPLIT_KEEP, "a||b||");
	check_split("\n", 5, REED_IRC_SPLIT_KEEP, "||");
	check_split("", 5, REED_IRC_SPLIT_KEEP, "");
}

/* The example of IRCv3 multiline, as a client would send it with that little room. */
static void a_multiline_message_is_split_as_its_specification_says(void)
{
	check_split("hello\n\nhow is everyone?", 9, REED_IRC_SPLIT_KEEP,
	            "hello||how is |+everyone?|");
}

static void without_room_there_is_no_piece(void)
{
	check_split("abc", 0, 0, "");
	check_split("abc", 0, REED_IRC_SPLIT_KEEP, "");
}

static void pieces_fill_lines_of_512_bytes(void)
{
	static const struct reed_slice source = { "joe!~joe@host.example", 21 };
	static const struct reed_slice verb = { "PRIVMSG", 7 }, target = { "#channel", 8 };
	struct reed_irc_split split = {
		.room = reed_irc_text_room(512, source.n, verb.n, target.n),
	};
	char text[2000], p[REED_IRC_LINE_MAX];
	struct reed_slice piece, line;
	size_t lines = 0, sum = 0;

	memset(text, 'x', sizeof(text));
	split.rest = reed_slice(text, sizeof(text));
	for (; reed_irc_split_next(&split, &piece); lines++) {
		check_int(reed_irc_compose(p, source, verb, target, piece, &line), REED_OK);
		sum += piece.n;
		check(sum == sizeof(text) || line.n == 512);
	}
	check_int(sum, sizeof(text));
	check_int(lines, 5);
	check_int(reed_irc_text_room(512, 500, 7, 8), 0);
}

int main(void)
{
	RUN(what_fits_is_one_piece);
	RUN(a_text_is_split_between_words);
	RUN(spaces_where_it_is_split_go);
	RUN(a_word_too_long_is_split_between_characters);
	RUN(marks_stay_with_their_character);
	RUN(a_character_too_long_is_divided_all_the_same);
	RUN(what_is_not_utf8_is_split_by_bytes);
	RUN(a_colour_code_is_not_divided);
	RUN(lines_are_pieces_of_their_own);
	RUN(everything_is_kept_when_asked_for);
	RUN(a_multiline_message_is_split_as_its_specification_says);
	RUN(without_room_there_is_no_piece);
	RUN(pieces_fill_lines_of_512_bytes);
	return 0;
}
