/* Reading, over every kind of stream. */

#include "tests/conformance/stream.h"

/* ---- lines and blocks ---- */

static void a_line_comes_whole_however_it_was_cut(void)
{
	static const char text[] = "one\r\ntw";
	struct owner o;

	own(&o, reed_read_line(us, &got));
	for (const char *p = text; *p; p++) {
		reed_write(them, reed_slice(p, 1));
		quiet();
	}
	until(o.told);
	check(o.told == 1 && !o.err);
	check_slice(got, "one");
	check(!reed_take_line(us, &got));
	say(them, "o\n");
	hears_line(us, "two");
}

static void lines_end_in_lf_or_cr_lf(void)
{
	say(them, "\n\r\na\rb\n\r\r\nlast\r");
	hears_line(us, "");
	hears_line(us, "");
	hears_line(us, "a\rb");
	hears_line(us, "\r");
	shut(&them);
	check_int(ends_as(reed_read_line(us, &got)), REED_EEOF);
	hears(us, "last\r");
}

/* A CR at the end of one read and its LF at the start of the next. */
static void a_line_end_may_be_cut_in_two(void)
{
	struct owner o;

	own(&o, reed_read_line(us, &got));
	say(them, "abc\r");
	quiet();
	check(!o.told);
	say(them, "\ndef\n");
	until(o.told);
	check_slice(got, "abc");
	hears_line(us, "def");
}

static void what_is_here_is_taken_without_waiting(void)
{
	check(!reed_take(us, 1, &got) && !reed_take_line(us, &got));
	check_int(reed_peek(us).n, 0);
	check(reed_take(us, 0, &got) && got.n == 0);
	say(them, "one\ntwo\n12345rest");
	while (reed_peek(us).n < 17)
		check_int(ends_as(reed_more(us)), REED_OK);
	check(reed_take_line(us, &got));
	check_slice(got, "one");
	check(reed_take_line(us, &got));
	check_slice(got, "two");
	check(!reed_take_line(us, &got));
	check(!reed_take(us, 10, &got));
	check(reed_take(us, 5, &got));
	check_slice(got, "12345");
	check_slice(reed_peek(us), "rest");
	reed_skip(us, 2);
	check_slice(reed_peek(us), "st");
}

static void exactly_so_many_bytes_are_read(void)
{
	struct owner o;

	check_int(ends_as(reed_read_exactly(us, 0, &got)), REED_OK);
	check_int(got.n, 0);
	own(&o, reed_read_exactly(us, 6, &got));
	say(them, "ab");
	quiet();
	say(them, "cde");
	quiet();
	check(!o.told);
	say(them, "fgh");
	until(o.told);
	check_slice(got, "abcdef");
	hears(us, "gh");
}

static void a_large_block_is_read_in_one_piece(void)
{
	enum { LARGE = 300000 };
	struct owner o;

	reed_write(them, pattern(0, LARGE));
	own(&o, reed_read_exactly(us, LARGE, &got));
	until(o.told);
	check(!o.err && reed_slice_eq(got, pattern(0, LARGE)));
	say(them, "x\n");
	hears_line(us, "x");
	check(us->size <= 65536); /* the large buffer went with what was in it */
}

/* ---- what any, all and within make of it ---- */

static void a_dropped_read_has_read_nothing(void)
{
	struct owner o;

	got.n = 0;
	own(&o, reed_within(1000, reed_read_exactly(us, 3, &got)));
	disown(&o);
	own(&o, reed_read_line(us, &got));
	say(them, "abcd\nrest");
	until_settled(&us->reading);
	disown(&o);
	check_int(got.n, 0);
	hears(us, "abcd");
	hears(us, "\nre");
	reed_drop(reed_more(us));
	hears(us, "st");
}

static void an_interrupted_read_has_read_nothing(void)
{
	struct owner o;

	own(&o, reed_read_exactly(us, 4, &got));
	say(them, "ab");
	quiet();
	reed_interrupt(o.waiter.future);
	until(o.told);
	check_int(o.err, REED_ECANCELED);
	own(&o, reed_read_exactly(us, 4, &got));
	say(them, "cd");
	until_settled(&us->reading);
	reed_interrupt(o.waiter.future);
	until(o.told);
	check(o.err == REED_OK || o.err == REED_ECANCELED);
	if (o.err)
		hears(us, "abcd");
	else
		check_slice(got, "abcd");
}

static void what_any_loses_has_read_nothing(void)
{
	struct reed_stream *c, *d;
	struct reed_slice one = { 0 }, other = { 0 };
	int which = -1;

	make_pair(&c, &d);
	say(them, "first!");
	say(c, "second");
	quiet();
	check_int(ends_as(reed_any(&which, reed_read_exactly(d, 3, &other),
	                           reed_read_exactly(us, 3, &one))),
	          REED_OK);
	check(which == 0 ? one.n == 0 && other.n == 3 : one.n == 3 && other.n == 0);
	if (which == 0)
		hears(d, "ond");
	hears(us, which == 0 ? "first!" : "st!");
	shut(&c);
	shut(&d);
}

static void all_over_reads_delivers_both_and_both_slices_are_good(void)
{
	struct reed_stream *c, *d;
	struct reed_slice one = { 0 }, other = { 0 };
	struct owner o;

	make_pair(&c, &d);
	own(&o, reed_all(reed_read_line(d, &other), reed_read_exactly(us, 6, &one)));
	say(them, "first!");
	quiet();
	check(!o.told && one.n == 0);
	say(c, "second\n");
	until(o.told);
	check_slice(one, "first!");
	check_slice(other, "second");
	shut(&c);
	shut(&d);
}

/* The first read is over and held; what more comes to it is nobody's wish yet. */
static void all_over_reads_does_not_spin_while_one_is_late(void)
{
	struct reed_stream *c, *d;
	struct reed_slice one = { 0 }, other = { 0 };
	struct owner o;

	make_pair(&c, &d);
	own(&o, reed_all(reed_read_line(d, &other), reed_read_exactly(us, 3, &one)));
	say(them, "abcdef");
	quiet();
	say(them, "more that nobody waits for");
	quiet();
	check(turns_of_a_while() <= 10);
	say(c, "x\n");
	until(o.told);
	check_slice(one, "abc");
	hears(us, "defmore that");
	shut(&c);
	shut(&d);
}

/* Whether both parts came in time. */
static bool times_out_between_parts(int64_t ms)
{
	bool in_time;
	struct owner o;

	own(&o, reed_within(ms, reed_read_exactly(us, 4, &got)));
	say(them, "ab");
	quiet();
	say(them, "c");
	until(o.told);
	check_int(o.err, REED_ETIMEDOUT);
	in_time = reed_peek(us).n == 3;
	if (in_time)
		check_slice(reed_peek(us), "abc");
	say(them, "d");
	hears(us, "abcd");
	return in_time;
}

/* On a busy machine the parts may be slower than the deadline: then with a longer one. */
static void a_deadline_stands_over_a_message_that_comes_in_parts(void)
{
	int64_t ms = 60;

	while (!times_out_between_parts(ms)) {
		ms *= 2;
		check(ms < 60000);
	}
}

static struct reed_slice letters(size_t n)
{
	static char bytes[1000];

	check(n <= sizeof(bytes));
	memset(bytes, 'x', n);
	return reed_slice(bytes, n);
}

static void a_read_that_found_too_little_is_told_of_the_rest(void)
{
	for (int i = 0; i < 5; i++) {
		struct owner o;

		say(them, "0123456789");
		check_int(ends_as(reed_more(us)), REED_OK);
		quiet(); /* nobody reads: the wish to read may lapse */
		own(&o, reed_read_line(us, &got));
		reed_write(them, letters(777));
		quiet();
		check(!o.told);
		say(them, "\n");
		until(o.told);
		check_int(got.n, 787);
	}
}

/* The kind holds more already, but not enough; and nobody has listened in between. */
static void a_read_of_what_is_held_waits_for_the_rest_too(void)
{
	for (size_t held = 1; held < 900; held += 97) {
		struct owner o;
		size_t n;

		reed_write(them, letters(held));
		check_int(ends_as(reed_more(us)), REED_OK);
		n = reed_peek(us).n;
		reed_skip(us, n);
		say(them, "x");
		quiet();
		own(&o, reed_read_line(us, &got));
		until(reed_peek(us).n == held + 1 - n);
		check(!o.told);
		say(them, "\n");
		until(o.told);
		check_int(got.n, held + 1 - n);
	}
}

/* ---- the end ---- */

static void the_end_comes_after_the_last_bytes(void)
{
	say(them, "xy");
	shut(&them);
	hears(us, "x");
	hears(us, "y");
	hears_end(us);
	hears_end(us);
	check_int(ends_as(reed_read_exactly(us, 1, &got)), REED_EEOF);
	check_int(ends_as(reed_read_line(us, &got)), REED_EEOF);
	check_int(ends_as(reed_read_exactly(us, 0, &got)), REED_OK);
}

static void too_little_before_the_end_stays_to_be_seen(void)
{
	say(them, "no line end");
	shut(&them);
	check_int(ends_as(reed_read_line(us, &got)), REED_EEOF);
	check_int(ends_as(reed_read_exactly(us, 12, &got)), REED_EEOF);
	check_slice(reed_peek(us), "no line end");
	hears(us, "no line end");
}

static void waiting_for_the_end_takes_no_turns(void)
{
	struct owner o;

	own(&o, reed_more(us));
	check(turns_of_a_while() <= 6);
	check(!o.told);
	shut(&them);
	until(o.told);
	check_int(o.err, REED_EEOF);
}

/* ---- limits ---- */

static void a_line_over_the_limit_is_an_error_and_the_stream_is_well(void)
{
	us->limits = &small_limits;
	reed_write(them, letters(64));
	check_int(ends_as(reed_within(50, reed_read_line(us, &got))), REED_ETIMEDOUT);
	check_int(reed_peek(us).n, 64);
	say(them, "end\n");
	check_int(ends_as(reed_read_line(us, &got)), REED_ETOOBIG);
	check_int(ends_as(reed_more(us)), REED_ETOOBIG);
	check_int(reed_peek(us).n, 64);
	reed_skip(us, 60);
	hears(us, "");
	check_int(ends_as(reed_read_line(us, &got)), REED_OK);
	check_int(got.n, 7);
}

static void a_message_of_the_limit_fits(void)
{
	us->limits = &small_limits;
	reed_write(them, pattern(0, 64));
	check_int(ends_as(reed_read_exactly(us, 64, &got)), REED_OK);
	check(reed_slice_eq(got, pattern(0, 64)));
	check_int(ends_as(reed_read_exactly(us, 65, &got)), REED_ETOOBIG);
	check_int(ends_as(reed_read_exactly(us, SIZE_MAX, &got)), REED_ETOOBIG);
	say(them, "well\n");
	hears_line(us, "well");
}

/* ---- buffers ---- */

static void an_idle_stream_has_no_buffer_and_a_half_line_one_of_its_size(void)
{
	struct owner o;

	check(!us->buf && us->size == 0);
	own(&o, reed_read_line(us, &got));
	say(them, "ab");
	until(reed_peek(us).n == 2);
	check(!o.told);
	say(them, "c\r\nd");
	until(o.told);
	check_slice(got, "abc");
	if (reed_peek(us).n == 0)
		check_int(ends_as(reed_more(us)), REED_OK);
	reed_drop(reed_more(us));
	check_int(us->size, 1);
	reed_skip(us, 1);
	reed_drop(reed_more(us));
	check(!us->buf && us->size == 0);
	say(them, "x");
	hears(us, "x");
	own(&o, reed_more(us));
	check(!us->buf && us->size == 0);
	disown(&o);
}

static void many_idle_streams_hold_no_memory(void)
{
	struct reed_stream *more[20][2];
	size_t live;

	say(them, "x");
	hears(us, "x");
	reed_drop(reed_more(us));
	for (int i = 0; i < 20; i++)
		make_pair(&more[i][0], &more[i][1]);
	live = memory.live;
	for (int i = 0; i < 20; i++) {
		say(more[i][0], "0123456789");
		hears(more[i][1], "0123456789");
		reed_drop(reed_more(more[i][1]));
	}
	/* what a kind itself may keep; buffers of the loop */
	check(memory.live <= live + 20 + 4 + for_watches(20));
	for (int i = 0; i < 20; i++) {
		cut(&more[i][0]);
		cut(&more[i][1]);
	}
}

/* 1: somebody who looks there now hears of it. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define is_poisoned(p) __asan_address_is_poisoned(p)
#else
#define is_poisoned(p) ((void)(p), 1)
#endif

static void a_slice_stays_until_the_next_wait(void)
{
	struct reed_slice one = { 0 }, two = { 0 }, three = { 0 };
	struct reed_stream *c, *d;

	make_pair(&c, &d);
	say(them, "one\ntwo\nthree\n");
	while (reed_peek(us).n < 14)
		check_int(ends_as(reed_more(us)), REED_OK);
	check(reed_take_line(us, &one) && reed_take_line(us, &two) && reed_take_line(us, &three));
	for (int i = 0; i < 3; i++) {
		say(c, "something else\n");
		hears_line(d, "something else");
		say(us, "and that\n");
		quiet();
		check_slice(one, "one");
		check_slice(two, "two");
		check_slice(three, "three");
	}
	reed_drop(reed_more(us));
	check(is_poisoned(one.p) && is_poisoned(three.p));
	cut(&c);
	cut(&d);
}

/* ---- many ---- */

static void one_that_floods_does_not_starve_another(void)
{
	struct reed_stream *c, *d;
	struct owner flooded, other;

	make_pair(&c, &d);
	reed_write(them, pattern(0, 1 << 20));
	quiet();
	own(&flooded, reed_read_exactly(us, 1 << 20, &got));
	own(&other, reed_more(d));
	say(c, "x");
	until(other.told);
	check(!flooded.told && reed_peek(us).n <= 1 << 18);
	until(flooded.told);
	check(reed_slice_eq(got, pattern(0, 1 << 20)));
	cut(&c);
	cut(&d);
}

static uint64_t seed;

static size_t random_below(size_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(seed >> 33) % n;
}

/* Random pieces in, random reads out, and turns between them when it pleases. */
static void what_is_written_is_read_whatever_the_cuts(void)
{
	size_t written = 0, read = 0;

	for (seed = 1; written < 200000;) {
		size_t n = 1 + random_below((size_t)1 << random_below(13));

		reed_write(them, pattern(written, n));
		written += n;
		if (random_below(3) == 0)
			turn_loop(loop, 0);
		while (written - read > 20000 || (random_below(2) && read < written)) {
			n = 1 + random_below(written - read);
			check_int(ends_as(reed_read_exactly(us, n, &got)), REED_OK);
			check(reed_slice_eq(got, pattern(read, n)));
			read += n;
		}
	}
	shut(&them);
	hears_pattern(us, written - read, &read);
	hears_end(us);
	check_int(us->bytes_in, written);
}

void stream_pull(void)
{
	count_memory();
	RUN_OVER_EACH(a_line_comes_whole_however_it_was_cut);
	RUN_OVER_EACH(lines_end_in_lf_or_cr_lf);
	RUN_OVER_EACH(a_line_end_may_be_cut_in_two);
	RUN_OVER_EACH(what_is_here_is_taken_without_waiting);
	RUN_OVER_EACH(exactly_so_many_bytes_are_read);
	RUN_OVER_EACH(a_large_block_is_read_in_one_piece);

	RUN_OVER_EACH(a_dropped_read_has_read_nothing);
	RUN_OVER_EACH(an_interrupted_read_has_read_nothing);
	RUN_OVER_EACH(what_any_loses_has_read_nothing);
	RUN_OVER_EACH(all_over_reads_delivers_both_and_both_slices_are_good);
	RUN_OVER_EACH(all_over_reads_does_not_spin_while_one_is_late);
	RUN_OVER_EACH(a_deadline_stands_over_a_message_that_comes_in_parts);
	RUN_OVER_EACH(a_read_that_found_too_little_is_told_of_the_rest);
	RUN_OVER_EACH(a_read_of_what_is_held_waits_for_the_rest_too);

	RUN_OVER_EACH(the_end_comes_after_the_last_bytes);
	RUN_OVER_EACH(too_little_before_the_end_stays_to_be_seen);
	RUN_OVER_EACH(waiting_for_the_end_takes_no_turns);

	RUN_OVER_EACH(a_line_over_the_limit_is_an_error_and_the_stream_is_well);
	RUN_OVER_EACH(a_message_of_the_limit_fits);

	RUN_OVER_EACH(an_idle_stream_has_no_buffer_and_a_half_line_one_of_its_size);
	RUN_OVER_EACH(many_idle_streams_hold_no_memory);
	RUN_OVER_EACH(a_slice_stays_until_the_next_wait);

	RUN_OVER_EACH(one_that_floods_does_not_starve_another);
	RUN_OVER_EACH(what_is_written_is_read_whatever_the_cuts);
}
