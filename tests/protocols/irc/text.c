/* CTCP and formatting. */

#include "check.h"
#include "reed/irc/text.h"

static void ctcp_is_told_from_text(void)
{
	struct reed_irc_ctcp ctcp;

	check(reed_irc_ctcp(REED_STR("\001ACTION waves to all\001"), &ctcp));
	check_slice(ctcp.command, "ACTION");
	check_slice(ctcp.params, "waves to all");
	check(reed_irc_ctcp(REED_STR("\001VERSION\001"), &ctcp));
	check_slice(ctcp.command, "VERSION");
	check_slice(ctcp.params, "");
	check(!reed_irc_ctcp(REED_STR("hello"), &ctcp));
	check(!reed_irc_ctcp(REED_STR(""), &ctcp));
	check(!reed_irc_ctcp(REED_STR("a \001VERSION\001"), &ctcp));
}

static void the_end_of_ctcp_may_be_missing(void)
{
	struct reed_irc_ctcp ctcp;

	check(reed_irc_ctcp(REED_STR("\001ACTION waves"), &ctcp));
	check_slice(ctcp.params, "waves");
	check(reed_irc_ctcp(REED_STR("\001PING 1 2\001 and more"), &ctcp));
	check_slice(ctcp.params, "1 2");
	check(reed_irc_ctcp(REED_STR("\001"), &ctcp));
	check_int(ctcp.command.n, 0);
}

static void ctcp_is_written(void)
{
	struct reed_irc_ctcp ctcp = { REED_STR("PING"), REED_STR("1 2") };
	struct reed_slice out;
	char p[16];

	check_int(reed_irc_ctcp_format(&ctcp, p, sizeof(p), &out), REED_OK);
	check_slice(out, "\001PING 1 2\001");
	check_int(reed_irc_ctcp_format(&ctcp, p, 10, &out), REED_OK);
	check_int(reed_irc_ctcp_format(&ctcp, p, 9, &out), REED_ETOOBIG);
	check_int(out.n, 0);
	ctcp.params.n = 0;
	check_int(reed_irc_ctcp_format(&ctcp, p, sizeof(p), &out), REED_OK);
	check_slice(out, "\001PING\001");
}

static void ctcp_cannot_be_ended_by_what_is_in_it(void)
{
	struct reed_irc_ctcp ctcp = { REED_STR("PING"), REED_STR("a\001b") };
	struct reed_slice out;
	char p[16];

	check_int(reed_irc_ctcp_format(&ctcp, p, sizeof(p), &out), REED_ESYNTAX);
	ctcp.params = REED_STR("a\nb");
	check_int(reed_irc_ctcp_format(&ctcp, p, sizeof(p), &out), REED_ESYNTAX);
	ctcp.params = REED_STR("");
	ctcp.command = REED_STR("A B");
	check_int(reed_irc_ctcp_format(&ctcp, p, sizeof(p), &out), REED_ESYNTAX);
	ctcp.command = REED_STR("A\001");
	check_int(reed_irc_ctcp_format(&ctcp, p, sizeof(p), &out), REED_ESYNTAX);
	ctcp.command = REED_STR("");
	check_int(reed_irc_ctcp_format(&ctcp, p, sizeof(p), &out), REED_ESYNTAX);
}

static void old_quoting_goes_both_ways(void)
{
	static const char raw[] = "a\001b\\c\0d\r\n\020e\\a";
	struct reed_slice s = { raw, sizeof(raw) - 1 }, quoted, back;
	char p[64], q[64];

	check_int(reed_irc_ctcp_quote(s, p, sizeof(p), &quoted), REED_OK);
	check(reed_slice_find(quoted, '\001') == quoted.n);
	check_int(reed_irc_ctcp_unquote(quoted, q, sizeof(q), &back), REED_OK);
	check(reed_slice_eq(back, s));
	check_int(reed_irc_low_quote(s, p, sizeof(p), &quoted), REED_OK);
	check(reed_slice_find(quoted, '\0') == quoted.n);
	check(reed_slice_find(quoted, '\n') == quoted.n);
	check_int(reed_irc_low_unquote(quoted, q, sizeof(q), &back), REED_OK);
	check(reed_slice_eq(back, s));
}

static void old_quoting_is_what_it_was(void)
{
	struct reed_slice out;
	char p[16];

	check_int(reed_irc_ctcp_quote(REED_STR("\001\\"), p, sizeof(p), &out), REED_OK);
	check_slice(out, "\\a\\\\");
	check_int(reed_irc_ctcp_quote(REED_STR("\001\\"), p, 3, &out), REED_ETOOBIG);
	check_int(reed_irc_low_quote(REED_STR("\r\n\020"), p, sizeof(p), &out), REED_OK);
	check_slice(out, "\020r\020n\020\020");
	check_int(reed_irc_ctcp_unquote(REED_STR("\\x\\"), p, sizeof(p), &out), REED_OK);
	check_slice(out, "x");
	check_int(reed_irc_ctcp_unquote(REED_STR("abc"), p, 2, &out), REED_ETOOBIG);
}

/* "[look fg bg]text", the colours only when they are not the default. */
static void check_runs(const char *text, const char *wanted)
{
	struct reed_irc_run run = { .style = REED_IRC_PLAIN };
	struct reed_slice rest = reed_slice_of(text);
	char got[512] = "";
	size_t n = 0;

	while (reed_irc_run_next(&rest, &run)) {
		n += (size_t)snprintf(got + n, sizeof(got) - n, "[%u", run.style.look);
		if (run.style.fg >= 0 || run.style.bg >= 0)
			n += (size_t)snprintf(got + n, sizeof(got) - n, " %x %x",
			                      (unsigned)run.style.fg, (unsigned)run.style.bg);
		n += (size_t)snprintf(got + n, sizeof(got) - n, "]" REED_FMT, REED_ARG(run.text));
	}
	check_str(got, wanted);
}

static void looks_are_switched_on_and_off(void)
{
	check_runs("plain", "[0]plain");
	check_runs("a\x02"
	           "b\x02"
	           "c",
	           "[0]a[1]b[0]c");
	check_runs("\x1d"
	           "a\x1f"
	           "b\x1e"
	           "c\x11"
	           "d\x16"
	           "e",
	           "[2]a[6]b[14]c[30]d[62]e");
	check_runs("\x02\x1d"
	           "a\x0f"
	           "b",
	           "[3]a[0]b");
	check_runs("\x02\x02", "");
	check_runs("", "");
}

static void colours_have_one_or_two_digits(void)
{
	check_runs("\x03"
	           "3a",
	           "[0 3 ffffffff]a");
	check_runs("\x03"
	           "03a",
	           "[0 3 ffffffff]a");
	check_runs("\x03"
	           "123",
	           "[0 c ffffffff]3");
	check_runs("\x03"
	           "3,4a",
	           "[0 3 4]a");
	check_runs("\x03"
	           "13,089",
	           "[0 d 8]9");
	check_runs("\x03"
	           "3,4a\x03"
	           "5b",
	           "[0 3 4]a[0 5 4]b");
}

static void a_colour_without_digits_resets(void)
{
	check_runs("\x03"
	           "3,4a\x03"
	           "b",
	           "[0 3 4]a[0]b");
	check_runs("\x03"
	           "3a\x03,b",
	           "[0 3 ffffffff]a[0],b");
	check_runs("\x03"
	           "3a\x03,4b",
	           "[0 3 ffffffff]a[0],4b");
	check_runs("\x03"
	           "3,a",
	           "[0 3 ffffffff],a");
	check_runs("\x02\x03"
	           "3a\x03"
	           "b",
	           "[1 3 ffffffff]a[1]b");
	check_runs("\x03"
	           "99,99a",
	           "[0]a");
}

static void colours_may_be_of_red_green_and_blue(void)
{
	check_runs("\x04"
	           "ff0080a",
	           "[0 1ff0080 ffffffff]a");
	check_runs("\x04"
	           "FF0080,00ff00a",
	           "[0 1ff0080 100ff00]a");
	check_runs("\x04"
	           "ff008g",
	           "[0]ff008g");
	check_runs("\x04"
	           "ff0080a\x04"
	           "b",
	           "[0 1ff0080 ffffffff]a[0]b");
	check_runs("\x04"
	           "ff0080,12345g",
	           "[0 1ff0080 ffffffff],12345g");
}

/* The examples of modern.ircdocs.horse "Formatting". */
static void the_examples_look_as_they_should(void)
{
	check_runs("I love \x03"
	           "3IRC! \x03It is the \x03"
	           "7best protocol ever!",
	           "[0]I love [0 3 ffffffff]IRC! [0]It is the [0 7 ffffffff]best protocol ever!");
	check_runs("This is a \x1d\x03"
	           "13,9cool \x03message",
	           "[0]This is a [2 d 9]cool [2]message");
	check_runs("IRC \x02is \x03"
	           "4,12so \x03great\x0f!",
	           "[0]IRC [1]is [1 4 c]so [1]great[0]!");
	check_runs("5\x03"
	           "13,8,6\x03,7,8, not \x02"
	           "9\x02\x1d!",
	           "[0]5[0 d 8],6[0],7,8, not [1]9[2]!");
}

static void stripping_leaves_the_text(void)
{
	char p[128];

	check_slice(reed_irc_strip(REED_STR("\x02"
	                                    "a\x03"
	                                    "13,8,6\x03,7\x04"
	                                    "ff00ffb\x0f\x11\x16\x1d\x1e\x1f"
	                                    "c"),
	                           p),
	            "a,6,7bc");
	check_slice(reed_irc_strip(REED_STR("plain"), p), "plain");
	check_slice(reed_irc_strip(REED_STR(""), p), "");
	strcpy(p, "\x02"
	          "in\x02 \x03"
	          "4place");
	check_slice(reed_irc_strip(reed_slice_of(p), p), "in place");
}

static void check_codes(struct reed_irc_style from, struct reed_irc_style to, const char *text,
                        const char *wanted)
{
	char p[REED_IRC_CODES_MAX];

	check_slice(reed_slice(p, reed_irc_style_codes(&from, &to, reed_slice_of(text), p)),
	            wanted);
}

static void codes_go_from_one_style_to_another(void)
{
	struct reed_irc_style plain = REED_IRC_PLAIN, bold = REED_IRC_PLAIN, red = REED_IRC_PLAIN;
	struct reed_irc_style both = { 0, 4, 12 }, rgb = { 0, REED_IRC_RGB + 0xff0080, 3 };

	bold.look = REED_IRC_BOLD;
	red.fg = 4;
	check_codes(plain, plain, "x", "");
	check_codes(plain, bold, "x", "\x02");
	check_codes(bold, plain, "x", "\x0f");
	check_codes(bold, red, "x",
	            "\x02\x03"
	            "04");
	check_codes(red, bold, "x", "\x02\x03");
	check_codes(plain, both, "x",
	            "\x03"
	            "04,12");
	check_codes(red, both, "x",
	            "\x03"
	            "04,12");
	check_codes(both, red, "x",
	            "\x03\x03"
	            "04");
	check_codes(plain, rgb, "x",
	            "\x03"
	            "99,03\x04"
	            "FF0080");
}

static void text_that_could_belong_to_a_colour_is_kept_apart(void)
{
	struct reed_irc_style plain = REED_IRC_PLAIN, bold = REED_IRC_PLAIN, red = { 1, 4, -1 };
	struct reed_irc_style both = { 1, 4, 12 };

	bold.look = REED_IRC_BOLD;
	check_codes(plain, red, "5",
	            "\x02\x03"
	            "04");
	check_codes(plain, red, ",5",
	            "\x02\x03"
	            "04\x02\x02");
	check_codes(plain, both, ",5",
	            "\x02\x03"
	            "04,12");
	check_codes(red, bold, "5", "\x03\x02\x02");
	check_codes(red, bold, ",5", "\x03");
}

/* From every style to every other, and what is read is what was meant. */
static void codes_mean_what_they_should(void)
{
	static const int32_t colours[] = { -1, 0, 4, 98, REED_IRC_RGB, REED_IRC_RGB + 0x123456 };
	static const unsigned looks[] = { 0, REED_IRC_BOLD, REED_IRC_REVERSE | REED_IRC_ITALIC };
	static const char *const texts[] = { "x", "5", ",5", ",", ",123456", "123456" };
	const size_t n = REED_COUNT(looks) * REED_COUNT(colours) * REED_COUNT(colours);

	for (size_t i = 0; i < n * n * REED_COUNT(texts); i++) {
		size_t f = i % n, t = i / n % n;
		struct reed_irc_style from = { looks[f % 3], colours[f / 3 % 6], colours[f / 18] };
		struct reed_irc_style to = { looks[t % 3], colours[t / 3 % 6], colours[t / 18] };
		struct reed_slice text = reed_slice_of(texts[i / n / n]), rest;
		struct reed_irc_run run = { .style = from };
		char p[REED_IRC_CODES_MAX + 16];
		size_t length = reed_irc_style_codes(&from, &to, text, p);

		check(length <= REED_IRC_CODES_MAX);
		memcpy(p + length, text.p, text.n);
		rest = reed_slice(p, length + text.n);
		check(reed_irc_run_next(&rest, &run));
		check(reed_slice_eq(run.text, text));
		check_int(run.style.look, to.look);
		check_int(run.style.fg, to.fg);
		check_int(run.style.bg, to.bg);
	}
}

static void the_palette_has_99_colours(void)
{
	check_int(reed_irc_palette(0), 0xffffff);
	check_int(reed_irc_palette(4), 0xff0000);
	check_int(reed_irc_palette(16), 0x470000);
	check_int(reed_irc_palette(98), 0xffffff);
	check_int(reed_irc_palette(99), -1);
	check_int(reed_irc_palette(REED_IRC_DEFAULT_COLOUR), -1);
	check_int(reed_irc_palette(REED_IRC_RGB + 0x123456), 0x123456);
}

int main(void)
{
	RUN(ctcp_is_told_from_text);
	RUN(the_end_of_ctcp_may_be_missing);
	RUN(ctcp_is_written);
	RUN(ctcp_cannot_be_ended_by_what_is_in_it);
	RUN(old_quoting_goes_both_ways);
	RUN(old_quoting_is_what_it_was);
	RUN(looks_are_switched_on_and_off);
	RUN(colours_have_one_or_two_digits);
	RUN(a_colour_without_digits_resets);
	RUN(colours_may_be_of_red_green_and_blue);
	RUN(the_examples_look_as_they_should);
	RUN(stripping_leaves_the_text);
	RUN(codes_go_from_one_style_to_another);
	RUN(text_that_could_belong_to_a_colour_is_kept_apart);
	RUN(codes_mean_what_they_should);
	RUN(the_palette_has_99_colours);
	return 0;
}
