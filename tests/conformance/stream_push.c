/* Being pushed to, over every kind of stream. */

#include "tests/conformance/talker.h"

/* ---- what data() may do ---- */

static size_t take_pattern(struct talker *self, struct reed_slice in)
{
	size_t n = in.n < 10 ? in.n : in.n - in.n / 3;

	check(reed_slice_eq(in, pattern(self->at, in.n)));
	self->at += n;
	return n;
}

static size_t take_nothing(struct talker *self, struct reed_slice in)
{
	(void)self;
	(void)in;
	return 0;
}

/* ---- being shown ---- */

static void what_comes_is_shown(void)
{
	attach(&plain_ops, echo_lines);
	say(them, "hello\n");
	hears_line(them, "hello");
	say(them, "again\n");
	hears_line(them, "again");
	shut(&them);
	ends(REED_OK);
	check_str(session.why, "success");
}

static void what_was_here_before_is_shown_too(void)
{
	say(them, "one\ntwo\nthree\n");
	hears_line(us, "one");
	while (reed_peek(us).n < 10)
		check_int(ends_as(reed_more(us)), REED_OK);
	attach(&plain_ops, echo_lines);
	check_int(t.shown, 0);
	hears_line(them, "two");
	say(them, "four\n");
	hears_line(them, "three");
	hears_line(them, "four");
}

static void what_was_not_taken_is_shown_again_in_front_of_the_rest(void)
{
	attach(&plain_ops, echo_lines);
	say(them, "hel");
	until(t.shown == 1);
	say(them, "lo\n");
	hears_line(them, "hello");
	check_int(t.shown, 2);
}

static void count_the_rest(struct talker *self)
{
	self->at += reed_peek(self->protocol.stream).n;
}

static void much_is_shown_whole_and_in_order(void)
{
	attach(&polite_ops, take_pattern);
	t.on_end = count_the_rest;
	reed_write(them, pattern(0, 300000));
	shut(&them);
	ends(REED_OK);
	check_int(t.at, 300000);
}

static void a_protocol_that_takes_nothing_is_ended_at_the_limit(void)
{
	us->limits = &small_limits;
	attach(&polite_ops, take_nothing);
	reed_write(them, pattern(0, 63));
	quiet();
	check(!session.told);
	say(them, "xy");
	ends(REED_ETOOBIG);
	check(t.ended == 1 && t.end == REED_ETOOBIG);
}

static void nothing_is_shown_inside_attach(void)
{
	say(them, "x");
	while (reed_peek(us).n < 1)
		check_int(ends_as(reed_more(us)), REED_OK);
	attach(&plain_ops, take_all);
	check_int(t.shown, 0);
	until(t.shown);
	check_int(t.at, 1);
}

/* ---- back-pressure ---- */

/* A thousand bytes for each one, while somebody takes them. */
static size_t answer_much(struct talker *self, struct reed_slice in)
{
	size_t n;

	check(!reed_must_drain(self->protocol.stream));
	for (n = 0; n < in.n && !reed_must_drain(self->protocol.stream); n++, self->at += 1000)
		reed_write(self->protocol.stream, pattern(self->at, 1000));
	return n;
}

static void a_protocol_that_answers_too_much_is_not_shown_more(void)
{
	size_t at = 0;
	int shown;

	count_writes(us);
	ration = 100;
	attach(&plain_ops, answer_much);
	for (int i = 0; i < 50; i++)
		say(them, "0123456789");
	until(t.protocol.stream->paused);
	shown = t.shown;
	turns(20);
	check_int(t.shown, shown);
	ration = SIZE_MAX;
	hears_pattern(them, 500 * 1000, &at);
	check_int(t.at, 500 * 1000);
}

/* ---- waiting for something else ---- */

static size_t take_line_and_hold(struct talker *self, struct reed_slice in)
{
	size_t n = echo_line(self, in);

	if (n)
		reed_hold_back(&self->protocol);
	return n;
}

static void between_hold_back_and_go_on_nothing_is_shown(void)
{
	static const char *const lines[] = { "one", "two", "three", "four" };

	attach(&plain_ops, take_line_and_hold);
	say(them, "one\ntwo\nthr");
	for (int i = 0; i < 4; i++) {
		int shown;

		hears_line(them, lines[i]);
		shown = t.shown;
		if (i == 1)
			say(them, "ee\nfour\n");
		quiet();
		check_int(t.shown, shown);
		reed_go_on(&t.protocol);
		reed_go_on(&t.protocol);
		check_int(t.shown, shown);
	}
}

static void a_protocol_may_be_held_back_from_outside(void)
{
	attach(&plain_ops, take_all);
	quiet();
	reed_hold_back(&t.protocol);
	say(them, "abc");
	quiet();
	check_int(t.shown, 0);
	check(turns_of_a_while() <= 6);
	reed_go_on(&t.protocol);
	until(t.at == 3);
}

static size_t hold_and_go_on(struct talker *self, struct reed_slice in)
{
	reed_hold_back(&self->protocol);
	reed_go_on(&self->protocol);
	return in.n;
}

static void holding_back_and_going_on_at_once_changes_nothing(void)
{
	attach(&plain_ops, hold_and_go_on);
	say(them, "abc");
	until(t.shown);
	quiet();
	say(them, "def");
	until(t.shown == 2);
	quiet();
	check_int(t.shown, 2);
}

/* ---- the end ---- */

static void say_goodbye(struct talker *self)
{
	say(self->protocol.stream, "goodbye\n");
}

static void after_the_end_there_may_be_an_answer(void)
{
	attach(&polite_ops, take_all);
	t.on_end = say_goodbye;
	say(them, "hi");
	reed_shutdown(them);
	hears_line(them, "goodbye");
	hears_end(them);
	ends(REED_OK);
	check(t.ended == 1 && t.end == REED_EEOF && t.at == 2);
}

static void a_break_ends_the_session_with_its_reason(void)
{
	attach(&polite_ops, take_all);
	quiet();
	reed_stream_break(t.protocol.stream, reed_fault(REED_ERESET, NULL, "the cable was cut"));
	check_int(t.ended, 0);
	ends(REED_ERESET);
	check(t.ended == 1 && t.end == REED_ERESET);
	check_str(session.why, "the cable was cut");
}

static size_t quit(struct talker *self, struct reed_slice in)
{
	struct reed_protocol *p = &self->protocol;

	say(p->stream, "last words\n");
	reed_finish(p, REED_OK);
	reed_finish(p, REED_EIO); /* it has ended already */
	check(!self->freed && in.p[0] == 'x');
	return in.n;
}

static void a_protocol_may_finish_inside_data(void)
{
	attach(&plain_ops, quit);
	say(them, "x");
	hears_line(them, "last words");
	hears_end(them);
	ends(REED_OK);
	check_int(t.shown, 1);
}

static size_t quit_because(struct talker *self, struct reed_slice in)
{
	reed_finish_because(&self->protocol, REED_EPROTO, "no %s here", "such thing");
	reed_finish_because(&self->protocol, REED_EIO, "a second reason");
	return in.n;
}

static void a_protocol_may_finish_and_say_why(void)
{
	attach(&plain_ops, quit_because);
	say(them, "x");
	ends(REED_EPROTO);
	check_str(session.why, "no such thing here");
}

static void finish_inside(struct talker *self)
{
	reed_finish(&self->protocol, REED_EAUTH);
}

static void a_protocol_may_finish_inside_ended(void)
{
	attach(&polite_ops, take_all);
	t.on_end = finish_inside;
	shut(&them);
	ends(REED_EAUTH);
}

static size_t drop_own(struct talker *self, struct reed_slice in)
{
	say(self->protocol.stream, "last words\n");
	disown(self->owner);
	check(!self->freed && in.p[0] == 'x');
	return in.n;
}

static void a_protocol_may_be_dropped_inside_data(void)
{
	for (int inside = 0; inside <= 1; inside++) {
		struct reed_future *f;

		if (!us)
			make_pair(&them, &us);
		f = begin(&plain_ops, drop_own);
		own(&session, inside ? reed_within(100000, reed_all(f)) : f);
		say(them, "x");
		hears_line(them, "last words");
		hears_end(them);
		check(t.freed == 1 && !session.told && t.shown == 1);
		cut(&them);
	}
}

static void drop_inside(struct talker *self)
{
	say(self->protocol.stream, "bye\n");
	disown(self->owner);
}

static void a_protocol_may_be_dropped_inside_ended_or_interrupted(void)
{
	for (int i = 0; i <= 1; i++) {
		if (!us)
			make_pair(&them, &us);
		attach(&polite_ops, take_all);
		t.on_end = t.on_interrupt = drop_inside;
		if (i)
			reed_interrupt(session.waiter.future);
		else
			reed_shutdown(them);
		hears_line(them, "bye");
		check(t.freed == 1 && !session.told);
		cut(&them);
	}
}

/* However far it is: shown or not, paused or not. */
static void a_session_may_be_dropped_at_any_time(void)
{
	for (int i = 0; i < 12; i++) {
		if (!us)
			make_pair(&them, &us);
		attach(i % 2 ? &polite_ops : &plain_ops, i % 3 ? echo_lines : take_all);
		say(them, "one\ntwo\nthree");
		for (int j = 0; j < i / 2; j++)
			turn_loop(loop, 0);
		if (i == 11) {
			quiet();
			say(them, "four");
			until_settled(&t.protocol.stream->reading);
		}
		disown(&session);
		check(t.freed == 1 && t.ended == 0);
		while (ends_as(reed_more(them)) == REED_OK)
			reed_skip(them, reed_peek(them).n);
		cut(&them);
	}
}

void stream_push(void)
{
	count_memory();
	RUN_OVER_EACH(what_comes_is_shown);
	RUN_OVER_EACH(what_was_here_before_is_shown_too);
	RUN_OVER_EACH(what_was_not_taken_is_shown_again_in_front_of_the_rest);
	RUN_OVER_EACH(much_is_shown_whole_and_in_order);
	RUN_OVER_EACH(a_protocol_that_takes_nothing_is_ended_at_the_limit);
	RUN_OVER_EACH(nothing_is_shown_inside_attach);

	RUN_OVER_EACH(a_protocol_that_answers_too_much_is_not_shown_more);

	RUN_OVER_EACH(between_hold_back_and_go_on_nothing_is_shown);
	RUN_OVER_EACH(a_protocol_may_be_held_back_from_outside);
	RUN_OVER_EACH(holding_back_and_going_on_at_once_changes_nothing);

	RUN_OVER_EACH(after_the_end_there_may_be_an_answer);
	RUN_OVER_EACH(a_break_ends_the_session_with_its_reason);
	RUN_OVER_EACH(a_protocol_may_finish_inside_data);
	RUN_OVER_EACH(a_protocol_may_finish_and_say_why);
	RUN_OVER_EACH(a_protocol_may_finish_inside_ended);
	RUN_OVER_EACH(a_protocol_may_be_dropped_inside_data);
	RUN_OVER_EACH(a_protocol_may_be_dropped_inside_ended_or_interrupted);
	RUN_OVER_EACH(a_session_may_be_dropped_at_any_time);
}
