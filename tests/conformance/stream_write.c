/* Writing, over every kind of stream. */

#include "tests/conformance/stream.h"

/* ---- when and how it leaves ---- */

static void writes_of_a_turn_leave_together_and_in_order(void)
{
	struct reed_blob *blob = reed_blob_new(REED_STR("blob "));

	count_writes(them);
	say(them, "one ");
	reed_write_blob(them, blob);
	reed_blob_release(blob);
	reed_printf(them, "%s %d\n", "printed", 5);
	reed_write(them, REED_STR(""));
	reed_printf(them, "%s", "");
	check(writes_counted() == 0 && reed_queued(them) > 0);
	turn_loop(loop, 0);
	check_int(writes_counted(), 1);
	check_int(reed_queued(them), 0);
	hears_line(us, "one blob printed 5");
	turn_loop(loop, 0);
	check_int(writes_counted(), 0);
}

static void what_was_said_leaves_when_its_stream_waits_for_an_answer(void)
{
	struct owner o;

	count_writes(them);
	say(them, "question\n");
	own(&o, reed_read_line(them, &got));
	check_int(writes_counted(), 1);
	hears_line(us, "question");
	say(us, "answer\n");
	until(o.told);
	check_slice(got, "answer");
	check_int(writes_counted(), 0);
}

static void a_large_write_leaves_at_once_and_takes_along_what_waits(void)
{
	size_t at = 0;

	count_writes(them);
	reed_write(them, pattern(0, 10));
	reed_write(them, pattern(10, REED_WRITE_DIRECT));
	check_int(writes_counted(), 1);
	reed_write(them, pattern(10 + REED_WRITE_DIRECT, 7));
	hears_pattern(us, 17 + REED_WRITE_DIRECT, &at);
	check_int(reed_queued(them), 0);
	check_int(them->bytes_out, 17 + REED_WRITE_DIRECT);
}

static void a_long_text_is_printed_whole(void)
{
	char text[3001];

	memset(text, 't', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t n = 1020; n < 1030; n++)
		reed_printf(them, "%.*s|\n", (int)n, text);
	reed_printf(them, "%s\n", text);
	for (size_t n = 1020; n < 1030; n++) {
		check_int(ends_as(reed_read_line(us, &got)), REED_OK);
		check_int(got.n, n + 1);
	}
	hears_line(us, text);
}

static void small_writes_share_their_memory(void)
{
	size_t live = memory.live, at = 0;

	ration = 0;
	for (size_t i = 0; i < 1000; i++)
		reed_write(them, pattern(i * 9, 9));
	check_int(reed_queued(them), 9000);
	check(memory.live - live <= 6 + for_watches(1));
	hears_pattern(us, 9000, &at);
}

/* ---- blobs ---- */

static struct reed_blob *blob_of(size_t at, size_t n)
{
	return reed_blob_new(pattern(at, n));
}

static void a_blob_is_shared_until_it_is_written(void)
{
	struct reed_blob *blob = blob_of(0, 3000);
	size_t at = 0;

	count_writes(them);
	ration = 0;
	reed_write_blob(them, blob);
	reed_write_blob(us, blob);
	check_int(blob->holders, 3);
	turn_loop(loop, 0);
	ration = 1000;
	turns(5);
	check(blob->holders >= 2);
	ration = SIZE_MAX;
	hears_pattern(us, 3000, &at);
	at = 0;
	hears_pattern(them, 3000, &at);
	check_int(blob->holders, 1);
	reed_blob_release(blob);
}

static void a_blob_is_let_go_with_a_stream_that_did_not_write_it(void)
{
	struct reed_blob *blob = blob_of(0, 3000);

	count_writes(them);
	ration = 100;
	for (int i = 0; i < 3; i++)
		reed_write_blob(them, blob);
	turn_loop(loop, 0);
	check_int(blob->holders, 4);
	cut(&them);
	check_int(blob->holders, 1);
	reed_blob_release(blob);
}

static void many_blobs_leave_in_order(void)
{
	size_t at = 0;

	count_writes(them);
	for (size_t i = 0; i < 150; i++) {
		struct reed_blob *blob = blob_of(i * 300, 300);

		reed_write_blob(them, blob);
		reed_blob_release(blob);
	}
	hears_pattern(us, 150 * 300, &at);
}

static void parts_of_a_blob_are_shared_too(void)
{
	struct reed_blob *blob = blob_of(0, 3000);
	size_t at = 0;

	count_writes(them);
	ration = 0;
	reed_write_blob_part(them, blob, 0, 1000);
	reed_write_blob_part(them, blob, 1000, 100);
	reed_write_blob_part(them, blob, 1100, 0);
	reed_write_blob_part(them, blob, 1100, 1900);
	check_int(blob->holders, 3); /* a hundred bytes are copied */
	check_int(reed_queued(them), 3000);
	ration = SIZE_MAX;
	hears_pattern(us, 3000, &at);
	check_int(blob->holders, 1);
	reed_blob_release(blob);
}

static void who_hastens_need_not_wait_for_the_end_of_the_turn(void)
{
	struct reed_blob *blob = blob_of(0, 300);
	size_t at = 0;

	count_writes(them);
	them->limits = &small_limits;
	reed_write_blob(them, blob);
	check(reed_must_drain(them) && blob->holders == 2);
	reed_hasten(them);
	check_int(writes_counted(), 1); /* how much of it went is the other side's affair */
	ration = 0;
	reed_write(them, pattern(300, 100));
	reed_hasten(them);
	reed_hasten(them);
	check(reed_queued(them) >= 100);
	ration = SIZE_MAX;
	hears_pattern(us, 400, &at);
	check_int(blob->holders, 1);
	reed_blob_release(blob);
}

/* ---- back-pressure ---- */

static void more_than_high_is_too_much(void)
{
	count_writes(them);
	ration = 0;
	them->limits = &small_limits;
	reed_write(them, pattern(0, 200));
	check(!reed_must_drain(them));
	reed_write(them, pattern(200, 1));
	check(reed_must_drain(them));
	check_int(reed_queued(them), 201);
}

static void a_drain_ends_at_once_when_not_too_much_is_queued(void)
{
	struct owner o;

	check_int(ends_as(reed_drain(them)), REED_OK);
	check_int(ends_as(reed_flush(them)), REED_OK);
	count_writes(them);
	ration = 0;
	them->limits = &small_limits;
	reed_write(them, pattern(0, 200));
	own(&o, reed_drain(them));
	turns(5);
	check(o.told == 1 && !o.err);
	check_int(reed_queued(them), 200);
}

static void a_drain_waits_until_little_is_queued(void)
{
	struct owner o, reader;

	own(&reader, reed_read_exactly(us, 300, &got));
	count_writes(them);
	ration = 0;
	them->limits = &small_limits;
	reed_write(them, pattern(0, 300));
	own(&o, reed_drain(them));
	ration = 249;
	until(reed_queued(them) == 51);
	turns(5);
	check(!o.told);
	ration = 1;
	until(o.told);
	check(!o.err && reed_queued(them) == 50);
	disown(&reader);
}

static void a_flush_waits_until_nothing_is_queued(void)
{
	struct owner o, reader;

	own(&reader, reed_read_exactly(us, 300, &got));
	count_writes(them);
	ration = 0;
	reed_write(them, pattern(0, 300));
	own(&o, reed_flush(them));
	ration = 299;
	until(reed_queued(them) == 1);
	turns(5);
	check(!o.told);
	ration = 1;
	until(o.told);
	check(!o.err && reed_queued(them) == 0);
	until(reader.told);
}

static void a_drain_that_is_dropped_or_interrupted_changes_nothing(void)
{
	struct owner o, reader;

	own(&reader, reed_read_exactly(us, 300, &got));
	count_writes(them);
	ration = 0;
	reed_write(them, pattern(0, 300));
	check_int(ends_as(reed_within(20, reed_flush(them))), REED_ETIMEDOUT);
	own(&o, reed_flush(them));
	reed_interrupt(o.waiter.future);
	until(o.told);
	check_int(o.err, REED_ECANCELED);
	own(&o, reed_flush(them));
	ration = SIZE_MAX;
	until(o.told);
	check_int(o.err, REED_OK);
	until(reader.told);
	check(reed_slice_eq(got, pattern(0, 300)));
}

static uint64_t bytes_so_far(void)
{
	struct reed_loop_stats stats = { .size = sizeof(stats) };

	reed_loop_stats(loop, &stats);
	return stats.bytes_out;
}

/* TCP may find some more room after a while, for all of it or for a little; that is worth turns. */
static void a_peer_that_does_not_read_costs_no_turns(void)
{
	size_t sent = 0, at = 0;
	uint64_t cost, before;
	struct owner o = { .told = true };

	do {
		if (o.told) {
			fill_up(them, &sent);
			own(&o, reed_drain(them));
		}
		before = bytes_so_far();
		cost = turns_of_a_while();
	} while (o.told || bytes_so_far() != before);
	check(cost <= 6);
	hears_pattern(us, sent, &at);
	until(o.told);
	check_int(o.err, REED_OK);
}

static uint64_t seed;

static size_t random_below(size_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(seed >> 33) % n;
}

static void write_something(size_t *written)
{
	size_t n = 1 + random_below((size_t)1 << random_below(14));
	struct reed_blob *blob;

	if (random_below(3) == 0) {
		blob = blob_of(*written, n);
		reed_write_blob(them, blob);
		reed_blob_release(blob);
	} else {
		reed_write(them, pattern(*written, n));
	}
	*written += n;
}

/* A writer that drains when it should, a reader that is slow now and then. */
static void what_a_slow_peer_is_sent_arrives_whole(void)
{
	size_t written = 0, read = 0;
	struct owner draining = { .told = 1 };

	seed = 5;
	while (written < 600000) {
		if (draining.told && reed_must_drain(them))
			own(&draining, reed_drain(them));
		if (draining.told)
			write_something(&written);
		else if (random_below(4))
			hears_pattern(us, 1 + random_below(20000) % (written - read), &read);
		if (random_below(2))
			turn_loop(loop, 0);
	}
	hears_pattern(us, written - read, &read);
	until(draining.told);
	check(read == written && them->bytes_out == written && us->bytes_in == written);
}

static void the_peak_of_a_draining_writer_is_bounded(void)
{
	size_t written = 0, read = 0, peak = 0;

	while (written < 500000) {
		while (!reed_must_drain(them)) {
			reed_write(them, pattern(written, 5000));
			written += 5000;
		}
		peak = reed_queued(them) > peak ? reed_queued(them) : peak;
		while (reed_must_drain(them))
			hears_pattern(us, 4096, &read);
	}
	hears_pattern(us, written - read, &read);
	check(peak <= them->limits->high + 5000);
}

/* ---- failures ---- */

static void check_gone(enum reed_err err)
{
	check(err == REED_EPIPE || err == REED_ERESET);
}

static void a_write_to_the_dead_is_told_at_the_next_read_or_drain(void)
{
	cut(&us);
	for (int i = 0; i < 3; i++) {
		say(them, "hello?");
		quiet();
	}
	check_gone(ends_as(reed_more(them)));
	check_gone(ends_as(reed_drain(them)));
	check_gone(ends_as(reed_flush(them)));
	check_int(reed_queued(them), 0);
	check_gone(ends_as(reed_read_line(them, &got)));
	say(them, "this is not told of");
	check_int(reed_queued(them), 0);
}

static void somebody_who_drains_hears_that_the_peer_died(void)
{
	struct owner o;
	size_t sent = 0;

	fill_up(them, &sent);
	own(&o, reed_drain(them));
	cut(&us);
	until(o.told);
	check_gone(o.err);
}

static void output_over_its_limit_breaks_the_stream(void)
{
	struct owner o;
	size_t live;

	count_writes(them);
	ration = 0;
	them->limits = &small_limits;
	live = memory.live;
	reed_write(them, pattern(0, 390));
	own(&o, reed_flush(them));
	reed_write(them, pattern(390, 10));
	turns(5);
	check(!o.told && reed_queued(them) == 400);
	reed_write(them, pattern(400, 1));
	until(o.told);
	check_int(o.err, REED_ETOOBIG);
	check_str(o.why, "the peer did not take 400 bytes in time");
	check_str(reed_stream_why(them), "the peer did not take 400 bytes in time");
	check_int(reed_queued(them), 0);
	check(memory.live - live <= 2 + for_watches(2)); /* the fault; a chunk of the loop's */
	check_int(ends_as(reed_more(them)), REED_ETOOBIG);
}

static void a_blob_over_the_output_limit_is_not_taken(void)
{
	struct reed_blob *blob = blob_of(0, 401);

	them->limits = &small_limits;
	reed_write_blob(them, blob);
	check_int(blob->holders, 1);
	check_int(ends_as(reed_drain(them)), REED_ETOOBIG);
	reed_blob_release(blob);
}

/* ---- many ---- */

static void a_broadcast_encodes_once(void)
{
	enum { PAIRS = 20 };
	struct reed_stream *from[PAIRS], *to[PAIRS];
	struct reed_blob *blob = blob_of(7, 2000);

	for (int i = 0; i < PAIRS; i++)
		make_pair(&from[i], &to[i]);
	for (int i = 0; i < PAIRS; i++)
		reed_write_blob(from[i], blob);
	check_int(blob->holders, PAIRS + 1);
	for (int i = 0; i < PAIRS; i++) {
		size_t at = 7;

		hears_pattern(to[i], 2000, &at);
	}
	check_int(blob->holders, 1);
	reed_blob_release(blob);
	for (int i = 0; i < PAIRS; i++) {
		cut(&from[i]);
		cut(&to[i]);
	}
}

void stream_write(void)
{
	count_memory();
	RUN_OVER_EACH(writes_of_a_turn_leave_together_and_in_order);
	RUN_OVER_EACH(what_was_said_leaves_when_its_stream_waits_for_an_answer);
	RUN_OVER_EACH(a_large_write_leaves_at_once_and_takes_along_what_waits);
	RUN_OVER_EACH(a_long_text_is_printed_whole);
	RUN_OVER_EACH(small_writes_share_their_memory);

	RUN_OVER_EACH(a_blob_is_shared_until_it_is_written);
	RUN_OVER_EACH(a_blob_is_let_go_with_a_stream_that_did_not_write_it);
	RUN_OVER_EACH(many_blobs_leave_in_order);
	RUN_OVER_EACH(parts_of_a_blob_are_shared_too);
	RUN_OVER_EACH(who_hastens_need_not_wait_for_the_end_of_the_turn);

	RUN_OVER_EACH(more_than_high_is_too_much);
	RUN_OVER_EACH(a_drain_ends_at_once_when_not_too_much_is_queued);
	RUN_OVER_EACH(a_drain_waits_until_little_is_queued);
	RUN_OVER_EACH(a_flush_waits_until_nothing_is_queued);
	RUN_OVER_EACH(a_drain_that_is_dropped_or_interrupted_changes_nothing);
	RUN_OVER_EACH(a_peer_that_does_not_read_costs_no_turns);
	RUN_OVER_EACH(what_a_slow_peer_is_sent_arrives_whole);
	RUN_OVER_EACH(the_peak_of_a_draining_writer_is_bounded);

	RUN_OVER_EACH(a_write_to_the_dead_is_told_at_the_next_read_or_drain);
	RUN_OVER_EACH(somebody_who_drains_hears_that_the_peer_died);
	RUN_OVER_EACH(output_over_its_limit_breaks_the_stream);
	RUN_OVER_EACH(a_blob_over_the_output_limit_is_not_taken);
	RUN_OVER_EACH(a_broadcast_encodes_once);
}
