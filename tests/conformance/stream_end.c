/* How streams end, over every kind. */

#include "tests/conformance/stream.h"

static void hears_no_more(struct reed_stream *s)
{
	enum reed_err err;

	while ((err = ends_as(reed_more(s))) == REED_OK)
		reed_skip(s, reed_peek(s).n);
	check(err == REED_EEOF || err == REED_ERESET);
}

/* ---- half-closing ---- */

static void each_direction_ends_by_itself(void)
{
	size_t at = 0;

	say(them, "question\n");
	reed_shutdown(them);
	hears_line(us, "question");
	hears_end(us);
	say(us, "answer\n");
	hears_line(them, "answer");
	reed_write(us, pattern(0, 5000));
	reed_shutdown(us);
	hears_pattern(them, 5000, &at);
	hears_end(them);
	shut(&us);
	shut(&them);
	until_nothing_is_left();
}

static void all_that_was_written_goes_before_the_end(void)
{
	size_t at = 0, sent = 0;

	fill_up(them, &sent);
	reed_shutdown(them);
	hears_pattern(us, sent, &at);
	hears_end(us);
}

static void a_stream_that_has_ended_can_still_be_flushed_and_read(void)
{
	say(them, "last");
	reed_shutdown(them);
	check_int(ends_as(reed_flush(them)), REED_OK);
	hears(us, "last");
	hears_end(us);
	say(us, "ok\n");
	hears_line(them, "ok");
}

/* ---- closing ---- */

static void closing_nothing_is_fine(void)
{
	reed_close(NULL);
	reed_abort(NULL);
}

static void the_last_words_arrive_and_then_the_end(void)
{
	say(them, "good");
	say(them, "bye\n");
	shut(&them);
	hears_line(us, "goodbye");
	hears_end(us);
}

static void a_slow_peer_gets_all_before_the_end(void)
{
	size_t at = 0, sent = 0;

	fill_up(them, &sent);
	for (int i = 0; i < 50; i++) {
		reed_write(them, pattern(sent, 7001));
		sent += 7001;
	}
	shut(&them);
	quiet();
	hears_pattern(us, sent, &at);
	hears_end(us);
	shut(&us);
	until_nothing_is_left();
}

/* Both say goodbye: nobody waits out the time that is given for it. */
static void when_both_close_nothing_is_left_soon(void)
{
	int64_t start = reed_now(loop);

	say(us, "bye");
	say(them, "bye");
	shut(&us);
	shut(&them);
	until(own_deadline(loop) == REED_NEVER);
	check_int(loop->watches, 0);
	check(reed_now(loop) - start < REED_S(3));
}

static void who_closes_after_the_end_is_gone_at_once(void)
{
	shut(&them);
	hears_end(us);
	say(us, "too late to matter");
	shut(&us);
	turns(3);
	until(own_deadline(loop) == REED_NEVER);
	check_int(loop->watches, 0);
}

/* The peer talks on for a while; a close that did not listen would reset its connection. */
static void a_closed_stream_hears_its_peer_out(void)
{
	size_t sent = 0;

	say(us, "bye\n");
	shut(&us);
	for (int i = 0; i < 100; i++, sent += 5000) {
		reed_write(them, pattern(sent, 5000));
		turn_loop(loop, 0);
	}
	check_int(ends_as(reed_flush(them)), REED_OK);
	hears_line(them, "bye");
	hears_end(them);
	say(them, "anything else?");
	check_int(ends_as(reed_flush(them)), REED_OK);
	check_int(them->write_err, REED_OK);
}

static void a_stream_that_is_closed_under_its_reader_hears_its_peer_out_too(void)
{
	for (int settled = 0; settled <= 1; settled++) {
		struct owner o;

		if (settled) {
			cut(&them);
			make_pair(&them, &us);
			say(them, "unread\n");
		}
		own(&o, reed_read_line(us, &got));
		if (settled)
			until_settled(&us->reading);
		say(us, "bye\n");
		shut(&us);
		until(o.told);
		check_int(o.err, REED_ECANCELED);
		say(them, "are you there?");
		hears_line(them, "bye");
		hears_end(them);
		say(them, "anything else?");
		check_int(ends_as(reed_flush(them)), REED_OK);
	}
}

static void a_peer_that_never_ends_is_left_after_the_linger_time(void)
{
	int64_t start = reed_now(loop);

	us->limits = &small_limits;
	say(us, "bye\n");
	shut(&us);
	hears_line(them, "bye");
	hears_end(them);
	check(turns_of_a_while() <= 8);
	until(own_deadline(loop) == REED_NEVER);
	check(reed_now(loop) - start >= REED_MS(200));
	check_int(loop->watches, 0);
}

static void a_peer_that_never_reads_is_left_after_the_linger_time(void)
{
	size_t sent = 0;

	fill_up(us, &sent);
	us->limits = &small_limits;
	shut(&us);
	until(own_deadline(loop) == REED_NEVER);
	check_int(loop->watches, 0);
	hears_no_more(them);
}

static void a_stream_that_broke_is_closed_at_once(void)
{
	cut(&them);
	for (int i = 0; i < 3; i++) {
		say(us, "hello?");
		quiet();
	}
	check(ends_as(reed_more(us)) != REED_OK);
	shut(&us);
	turns(2);
	check_int(own_deadline(loop), REED_NEVER);
}

static void an_abort_is_at_once_and_says_nothing_more(void)
{
	size_t sent = 0, live;

	fill_up(them, &sent);
	live = memory.live;
	cut(&them);
	check(memory.live < live);
	hears_no_more(us);
}

/* Half-way: what was said arrives or not, but nobody takes the rest for an end. */
static void an_abort_is_a_reset_and_no_end(void)
{
	for (int ended = 0; kind->resets && ended <= 1; ended++) {
		enum reed_err err;

		if (!us)
			make_pair(&them, &us);
		say(them, "half of\n");
		hears_line(us, "half of");
		if (ended) {
			reed_shutdown(us);
			hears_end(them);
		}
		say(them, "what was to b");
		cut(&them);
		while ((err = ends_as(reed_more(us))) == REED_OK)
			reed_skip(us, reed_peek(us).n);
		check_int(err, REED_ERESET);
		shut(&us);
	}
}

/* What was said before goes, and the end after it: only waiting for the peer is cut short. */
static void an_abort_after_the_end_leaves_it_an_end(void)
{
	say(them, "all there is\n");
	reed_shutdown(them);
	check_int(ends_as(reed_flush(them)), REED_OK);
	turns(3);
	cut(&them);
	hears_line(us, "all there is");
	hears_end(us);
}

/* ---- somebody waits ---- */

static void who_reads_is_told_of_a_close(void)
{
	for (int rude = 0; rude <= 1; rude++)
		for (int settled = 0; settled <= 1; settled++) {
			struct owner o;

			if (!us)
				make_pair(&them, &us);
			got = REED_STR("untouched");
			own(&o, reed_read_exactly(us, 5, &got));
			if (settled) {
				say(them, "12345");
				until_settled(&us->reading);
			}
			if (rude)
				cut(&us);
			else
				shut(&us);
			check(!o.told);
			cut(&them);
			until(o.told);
			check_int(o.err, REED_ECANCELED);
			check_slice(got, "untouched");
		}
}

/* The line lies there; its reader has not been woken yet. */
static void who_reads_what_is_here_is_told_of_a_close(void)
{
	for (int rude = 0; rude <= 1; rude++) {
		struct owner o;

		if (!us)
			make_pair(&them, &us);
		say(them, "one\ntwo\n");
		while (reed_peek(us).n < 8)
			check_int(ends_as(reed_more(us)), REED_OK);
		got = REED_STR("untouched");
		own(&o, reed_read_line(us, &got));
		if (rude)
			cut(&us);
		else
			shut(&us);
		cut(&them);
		until(o.told);
		check_int(o.err, REED_ECANCELED);
		check_slice(got, "untouched");
	}
}

/* Tried already, and held for the other leg: a slice of what is gone is no result. */
static void who_holds_what_it_read_for_another_is_told_of_a_close(void)
{
	for (int form = 0; form < FORMS; form++) {
		struct reed_slice line = REED_STR("untouched");
		struct reed_cell other = { .value = 0 };
		struct owner o;

		if (form == 5 || form == 7 || form == 9)
			continue; /* these own what they read */
		if (!us)
			make_pair(&them, &us);
		own(&o, reed_all(wrapped(form, reed_read_line(us, &line)),
		                 reed_cell_changed(loop, &other, 0)));
		say(them, "one\n");
		until(us->reading.tried);
		check(!o.told);
		shut(&us);
		cut(&them);
		reed_cell_touch(&other);
		until(o.told);
		check_int(o.err, REED_ECANCELED);
		check_slice(line, "untouched");
	}
}

static void who_drains_is_told_of_a_close(void)
{
	for (int rude = 0; rude <= 1; rude++) {
		size_t sent = 0;
		struct owner o;

		if (!them)
			make_pair(&them, &us);
		fill_up(them, &sent);
		own(&o, reed_drain(them));
		if (rude)
			cut(&them);
		else
			shut(&them);
		until(o.told);
		check_int(o.err, REED_ECANCELED);
		cut(&us);
	}
}

static void who_waited_for_a_stream_may_drop_that_after_the_close(void)
{
	for (int rude = 0; rude <= 1; rude++) {
		struct owner reader, drainer;
		size_t sent = 0;

		if (!them)
			make_pair(&them, &us);
		fill_up(them, &sent);
		own(&reader, reed_more(them));
		own(&drainer, reed_drain(them));
		if (rude)
			cut(&them);
		else
			shut(&them);
		cut(&us);
		disown(&reader);
		if (!rude)
			quiet();
		disown(&drainer);
	}
}

/* ---- the loop ---- */

static void a_loop_may_go_while_streams_linger(void)
{
	size_t sent = 0;

	fill_up(us, &sent);
	shut(&us);
	turns(2);
	say(them, "unsaid");
	shut(&them);
	free_loop();
	check_int(memory.live, 0);
	loop = lab_loop(NULL);
}

static void breaking_a_stream_tells_its_reader_why(void)
{
	struct owner o;

	own(&o, reed_more(us));
	reed_stream_break(us, reed_fault(REED_ETIMEDOUT, NULL, "no heartbeat in 30 s"));
	until(o.told);
	check_int(o.err, REED_ETIMEDOUT);
	check_str(o.why, "no heartbeat in 30 s");
	check_str(reed_stream_why(us), "no heartbeat in 30 s");
	check_int(ends_as(reed_more(us)), REED_ETIMEDOUT);
}

void stream_end(void)
{
	count_memory();
	RUN_OVER_EACH(each_direction_ends_by_itself);
	RUN_OVER_EACH(all_that_was_written_goes_before_the_end);
	RUN_OVER_EACH(a_stream_that_has_ended_can_still_be_flushed_and_read);

	RUN_OVER_EACH(closing_nothing_is_fine);
	RUN_OVER_EACH(the_last_words_arrive_and_then_the_end);
	RUN_OVER_EACH(a_slow_peer_gets_all_before_the_end);
	RUN_OVER_EACH(when_both_close_nothing_is_left_soon);
	RUN_OVER_EACH(who_closes_after_the_end_is_gone_at_once);
	RUN_OVER_EACH(a_closed_stream_hears_its_peer_out);
	RUN_OVER_EACH(a_stream_that_is_closed_under_its_reader_hears_its_peer_out_too);
	RUN_OVER_EACH(a_peer_that_never_ends_is_left_after_the_linger_time);
	RUN_OVER_EACH(a_peer_that_never_reads_is_left_after_the_linger_time);
	RUN_OVER_EACH(a_stream_that_broke_is_closed_at_once);
	RUN_OVER_EACH(an_abort_is_at_once_and_says_nothing_more);
	RUN_OVER_EACH(an_abort_is_a_reset_and_no_end);
	RUN_OVER_EACH(an_abort_after_the_end_leaves_it_an_end);

	RUN_OVER_EACH(who_reads_is_told_of_a_close);
	RUN_OVER_EACH(who_reads_what_is_here_is_told_of_a_close);
	RUN_OVER_EACH(who_holds_what_it_read_for_another_is_told_of_a_close);
	RUN_OVER_EACH(who_drains_is_told_of_a_close);
	RUN_OVER_EACH(who_waited_for_a_stream_may_drop_that_after_the_close);

	RUN_OVER_EACH(a_loop_may_go_while_streams_linger);
	RUN_OVER_EACH(breaking_a_stream_tells_its_reader_why);
}
