/* Sessions that are interrupted, or go on over another stream; over every kind. */

#include "tests/conformance/talker.h"

#include "reed/co.h"

/* ---- interrupts ---- */

static void say_goodbye_and_finish(struct talker *self)
{
	say(self->protocol.stream, "goodbye\n");
	reed_finish(&self->protocol, REED_ECANCELED);
}

static void leave(struct talker *self)
{
	(void)self;
}

static void an_interrupt_is_heard_from_the_queue(void)
{
	attach(&polite_ops, take_all);
	t.on_interrupt = say_goodbye_and_finish;
	quiet();
	reed_interrupt(session.waiter.future);
	check(t.interrupted == 0 && !session.told && t.freed == 0);
	hears_line(them, "goodbye");
	hears_end(them);
	ends(REED_ECANCELED);
	check(t.interrupted == 1 && t.ended == 0);
}

static void who_has_no_goodbye_ends_at_once(void)
{
	attach(&plain_ops, take_all);
	quiet();
	reed_interrupt(session.waiter.future);
	check_int(t.freed, 0);
	ends(REED_ECANCELED);
	hears_end(them);
}

static void two_interrupts_are_one(void)
{
	attach(&polite_ops, take_all);
	t.on_interrupt = leave;
	reed_interrupt(session.waiter.future);
	reed_interrupt(session.waiter.future);
	quiet();
	reed_interrupt(session.waiter.future);
	quiet();
	check_int(t.interrupted, 1);
	check(!session.told);
}

static void what_comes_after_an_interrupt_is_still_shown(void)
{
	attach(&polite_ops, echo_lines);
	t.on_interrupt = leave;
	reed_interrupt(session.waiter.future);
	say(them, "but wait\n");
	hears_line(them, "but wait");
	check_int(t.interrupted, 1);
	reed_finish(&t.protocol, REED_OK);
	ends(REED_OK);
}

static void what_was_here_already_is_shown_after_the_interrupt(void)
{
	say(them, "one\n");
	while (reed_peek(us).n < 4)
		check_int(ends_as(reed_more(us)), REED_OK);
	attach(&polite_ops, echo_lines);
	t.on_interrupt = leave;
	reed_interrupt(session.waiter.future);
	hears_line(them, "one");
	check_int(t.interrupted, 1);
}

static void a_settled_read_does_not_hide_an_interrupt(void)
{
	attach(&polite_ops, echo_lines);
	t.on_interrupt = leave;
	quiet();
	say(them, "one\n");
	until_settled(&t.protocol.stream->reading);
	reed_interrupt(session.waiter.future);
	hears_line(them, "one");
	check_int(t.interrupted, 1);
}

static size_t answer(struct talker *self, struct reed_slice in)
{
	reed_write(self->protocol.stream, pattern(0, 70000));
	return in.n;
}

static void who_is_not_shown_anything_hears_of_an_interrupt(void)
{
	for (int held = 0; held <= 1; held++) {
		if (!us)
			make_pair(&them, &us);
		count_writes(us);
		ration = 0;
		attach(&polite_ops, held ? take_all : answer);
		t.on_interrupt = leave;
		say(them, "x");
		until(t.shown);
		if (held)
			reed_hold_back(&t.protocol);
		else
			check(t.protocol.stream->paused);
		reed_interrupt(session.waiter.future);
		turns(5);
		check_int(t.interrupted, 1);
		ration = SIZE_MAX;
		cut(&them);
		disown(&session);
	}
}

static void holding_back_does_not_lose_an_interrupt(void)
{
	attach(&polite_ops, take_all);
	t.on_interrupt = leave;
	quiet();
	reed_interrupt(session.waiter.future);
	reed_hold_back(&t.protocol);
	say(them, "x");
	quiet();
	check(t.interrupted == 1 && t.shown == 0);
	reed_go_on(&t.protocol);
	until(t.at == 1);
}

static size_t interrupt_self(struct talker *self, struct reed_slice in)
{
	struct reed_slice before = in;

	reed_interrupt(self->owner->waiter.future);
	check(self->interrupted == 0);
	check(reed_slice_eq(in, before) && in.p[0] == 's');
	return in.n - 2;
}

/* "Everybody shall stop", says a client, and what it said is still being looked at. */
static void a_protocol_may_be_interrupted_inside_data(void)
{
	attach(&polite_ops, interrupt_self);
	t.on_interrupt = say_goodbye_and_finish;
	say(them, "stop");
	hears_line(them, "goodbye");
	ends(REED_ECANCELED);
	check(t.shown == 1 && t.interrupted == 1);
}

static void a_scope_of_sessions_stops_with_a_goodbye_each(void)
{
	struct reed_scope scope;

	reed_scope_init(&scope, loop, NULL, "sessions");
	reed_scope_add(&scope, begin(&polite_ops, take_all));
	t.on_interrupt = say_goodbye_and_finish;
	quiet();
	check_int(ends_as(reed_scope_stop(&scope, 5000)), REED_OK);
	check(t.freed == 1 && t.interrupted == 1);
	hears_line(them, "goodbye");
	reed_scope_finish(&scope);
}

static void a_session_that_does_not_leave_is_dropped(void)
{
	struct reed_scope scope;

	reed_scope_init(&scope, loop, NULL, "sessions");
	reed_scope_add(&scope, begin(&polite_ops, take_all));
	t.on_interrupt = leave;
	quiet();
	check_int(ends_as(reed_scope_stop(&scope, 20)), REED_OK);
	check(t.freed == 1 && t.interrupted == 1);
	hears_end(them);
	reed_scope_finish(&scope);
}

static void a_deadline_may_stand_over_a_session(void)
{
	check_int(ends_as(reed_within(20, begin(&polite_ops, take_all))), REED_ETIMEDOUT);
	check(t.freed == 1 && t.interrupted == 0);
	hears_end(them);
}

/* ---- going on over another stream ---- */

static size_t restack_at_once(struct talker *self, struct reed_slice in)
{
	struct reed_stream *below = self->protocol.stream;

	if (below == self->fresh)
		return echo_lines(self, in);
	check_slice(in, "secret\n");
	say(below, "go\n");
	self->fresh = scramble(below);
	reed_restack(&self->protocol, self->fresh);
	return in.n;
}

static void a_session_may_go_on_over_another_stream_inside_data(void)
{
	attach(&plain_ops, restack_at_once);
	say(them, "secret\n");
	hears_line(them, "go");
	them = scramble(them);
	say(them, "hello\n");
	hears_line(them, "hello");
	shut(&them);
	ends(REED_OK);
}

static size_t hold_at_secret(struct talker *self, struct reed_slice in)
{
	if (self->fresh)
		return echo_lines(self, in);
	reed_hold_back(&self->protocol);
	say(self->protocol.stream, "go\n");
	return in.n;
}

/* As STARTTLS does: the protocol is held back while hands are shaken. */
static void a_session_may_go_on_over_another_stream_later(void)
{
	attach(&plain_ops, hold_at_secret);
	say(them, "secret\n");
	hears_line(them, "go");
	them = scramble(them);
	say(them, "hello\n");
	t.fresh = scramble(t.protocol.stream);
	reed_restack(&t.protocol, t.fresh);
	quiet();
	check_int(t.shown, 1); /* it is still held back */
	reed_go_on(&t.protocol);
	hears_line(them, "hello");
	disown(&session);
	check_int(t.freed, 1);
	hears_end(them);
}

static void an_interrupt_on_its_way_reaches_who_goes_on_over_another_stream(void)
{
	attach(&polite_ops, hold_at_secret);
	t.on_interrupt = say_goodbye_and_finish;
	say(them, "secret\n");
	hears_line(them, "go");
	them = scramble(them);
	reed_interrupt(session.waiter.future);
	t.fresh = scramble(t.protocol.stream);
	reed_restack(&t.protocol, t.fresh);
	hears_line(them, "goodbye");
	ends(REED_ECANCELED);
	check_int(t.interrupted, 1);
}

/* ---- task-local values ---- */

static const struct reed_local name = { "name" };

static size_t name_yourself(struct talker *self, struct reed_slice in)
{
	const char *known = reed_local_get(loop, &name);

	check_str(known, self->shown == 1 ? "listener" : "session");
	reed_local_set(loop, &name, (void *)(uintptr_t) "session");
	reed_write(self->protocol.stream, in);
	return in.n;
}

static void a_session_has_values_of_its_own(void)
{
	reed_local_set(loop, &name, (void *)(uintptr_t) "listener");
	attach(&plain_ops, name_yourself);
	reed_local_set(loop, &name, (void *)(uintptr_t) "loop");
	for (int i = 0; i < 3; i++) {
		say(them, "x\n");
		hears_line(them, "x");
		check_str(reed_local_get(loop, &name), "loop");
	}
	shut(&them);
	ends(REED_OK);
}

void stream_session(void)
{
	count_memory();
	RUN_OVER_EACH(an_interrupt_is_heard_from_the_queue);
	RUN_OVER_EACH(who_has_no_goodbye_ends_at_once);
	RUN_OVER_EACH(two_interrupts_are_one);
	RUN_OVER_EACH(what_comes_after_an_interrupt_is_still_shown);
	RUN_OVER_EACH(what_was_here_already_is_shown_after_the_interrupt);
	RUN_OVER_EACH(a_settled_read_does_not_hide_an_interrupt);
	RUN_OVER_EACH(who_is_not_shown_anything_hears_of_an_interrupt);
	RUN_OVER_EACH(holding_back_does_not_lose_an_interrupt);
	RUN_OVER_EACH(a_protocol_may_be_interrupted_inside_data);
	RUN_OVER_EACH(a_scope_of_sessions_stops_with_a_goodbye_each);
	RUN_OVER_EACH(a_session_that_does_not_leave_is_dropped);
	RUN_OVER_EACH(a_deadline_may_stand_over_a_session);

	RUN_OVER_EACH(a_session_may_go_on_over_another_stream_inside_data);
	RUN_OVER_EACH(a_session_may_go_on_over_another_stream_later);
	RUN_OVER_EACH(an_interrupt_on_its_way_reaches_who_goes_on_over_another_stream);

	RUN_OVER_EACH(a_session_has_values_of_its_own);
}
