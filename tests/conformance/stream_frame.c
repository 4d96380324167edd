/* Frames, over every kind of stream. */

#include "reed/frame.h"

#include "tests/conformance/stream.h"

enum { MOST = 999 };

static enum reed_err next(enum reed_frame each)
{
	return ends_as(reed_read_frame(us, each, MOST, &got));
}

static void a_frame_comes_whole_however_it_was_cut(void)
{
	static const char text[] = "3:one,3:";
	struct owner o;

	own(&o, reed_read_frame(us, REED_FRAME_NETSTRING, MOST, &got));
	for (const char *p = text; *p; p++) {
		reed_write(them, reed_slice(p, 1));
		quiet();
	}
	until(o.told);
	check(o.told == 1 && !o.err);
	check_slice(got, "one");
	check(!reed_take_frame(us, REED_FRAME_NETSTRING, MOST, &got));
	say(them, "abc,1:x,");
	check_int(next(REED_FRAME_NETSTRING), REED_OK);
	check_slice(got, "abc");
	check_int(next(REED_FRAME_NETSTRING), REED_OK);
	check_slice(got, "x");
}

static void what_one_writes_the_other_reads(void)
{
	for (int each = REED_FRAME_NETSTRING; each <= REED_FRAME_32; each++) {
		check_int(reed_write_frame(them, (enum reed_frame)each, REED_STR("one")), REED_OK);
		check_int(reed_write_frame(them, (enum reed_frame)each, REED_STR("")), REED_OK);
		check_int(reed_write_frame(them, (enum reed_frame)each, pattern(0, 200)), REED_OK);
		check_int(next((enum reed_frame)each), REED_OK);
		check_slice(got, "one");
		check_int(next((enum reed_frame)each), REED_OK);
		check_slice(got, "");
		check_int(next((enum reed_frame)each), REED_OK);
		check(reed_slice_eq(got, pattern(0, 200)));
	}
	check_int(reed_write_frame(them, REED_FRAME_8, pattern(0, 256)), REED_ETOOBIG);
	say(them, "x\n");
	hears_line(us, "x");
}

static void a_dropped_read_has_taken_no_frame(void)
{
	struct owner o;

	got.n = 0;
	own(&o, reed_read_frame(us, REED_FRAME_NETSTRING, MOST, &got));
	say(them, "3:abc,");
	until_settled(&us->reading);
	disown(&o);
	check_int(got.n, 0);
	check_int(next(REED_FRAME_NETSTRING), REED_OK);
	check_slice(got, "abc");
}

static void a_bad_frame_is_refused_in_words_again_and_again(void)
{
	say(them, "1:a,03:abc,");
	check_int(next(REED_FRAME_NETSTRING), REED_OK);
	for (int i = 0; i < 2; i++) {
		check_int(outcome(reed_read_frame(us, REED_FRAME_NETSTRING, MOST, &got)),
		          REED_EPROTO);
		check(why_is("a netstring's length begins with 0"));
	}
	check(!reed_take_frame(us, REED_FRAME_NETSTRING, MOST, &got));
	hears(us, "03:abc,");
}

static void a_frame_over_the_limit_is_refused_before_it_is_here(void)
{
	say(them, "1000:");
	check_int(next(REED_FRAME_NETSTRING), REED_ETOOBIG);
	hears(us, "1000:");
	us->limits = &small_limits;
	say(them, "61:");
	check_int(outcome(reed_read_frame(us, REED_FRAME_NETSTRING, MOST, &got)), REED_ETOOBIG);
	check(why_is("a frame is longer than its stream may hold"));
	hears(us, "61:");
	check_int(reed_write_frame(them, REED_FRAME_NETSTRING, pattern(0, 60)), REED_OK);
	check_int(next(REED_FRAME_NETSTRING), REED_OK);
}

static void an_end_in_the_middle_of_a_frame_is_told_as_such(void)
{
	say(them, "1:a,3:ab");
	shut(&them);
	check_int(next(REED_FRAME_NETSTRING), REED_OK);
	check_int(outcome(reed_read_frame(us, REED_FRAME_NETSTRING, MOST, &got)), REED_EEOF);
	check(why_is("the peer has ended in the middle of a frame"));
	hears(us, "3:ab");
	check_int(next(REED_FRAME_NETSTRING), REED_EEOF);
}

void stream_frame(void)
{
	RUN_OVER_EACH(a_frame_comes_whole_however_it_was_cut);
	RUN_OVER_EACH(what_one_writes_the_other_reads);
	RUN_OVER_EACH(a_dropped_read_has_taken_no_frame);
	RUN_OVER_EACH(a_bad_frame_is_refused_in_words_again_and_again);
	RUN_OVER_EACH(a_frame_over_the_limit_is_refused_before_it_is_here);
	RUN_OVER_EACH(an_end_in_the_middle_of_a_frame_is_told_as_such);
}
