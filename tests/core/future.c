/* What futures promise by themselves. */

#include "tests/core/tools.h"

/* ---- settling and waking ---- */

static void settling_wakes_nobody_at_once(void)
{
	struct owner o;

	own(&o, reed_ready(loop, REED_OK));
	check(!o.told);
	run();
	check_int(o.told, 1);
	check(!o.waiter.future);
}

static void owners_wake_in_the_order_in_which_their_futures_settled(void)
{
	struct owner first, second, third;

	own(&first, reed_sleep(loop, 2));
	own(&second, reed_sleep(loop, 1));
	own(&third, reed_ready(loop, REED_OK));
	check(step() && third.told && !second.told && !first.told);
	run();
	check(second.told && first.told);

	own(&first, reed_ready(loop, REED_OK));
	own(&second, reed_ready(loop, REED_OK));
	check(step() && first.told && !second.told);
	check(step() && second.told);
}

static void a_future_that_settles_without_an_owner_waits_for_one(void)
{
	struct reed_future *f = reed_sleep(loop, 5);
	struct owner o;

	run();
	check(f->settled);
	own(&o, f);
	check(!o.told);
	check(step() && o.told == 1 && !o.err);
}

static void the_fault_belongs_to_whoever_was_woken(void)
{
	struct owner o;

	own(&o, reed_failed(loop, REED_EINVAL, "no port in %s", "tcp:"));
	run();
	check_int(o.err, REED_EINVAL);
	check_str(o.why, "no port in tcp:");
}

/* ---- leaves ---- */

static void a_sleep_lasts_as_long_as_it_should(void)
{
	static const int64_t ms[] = { 1, 7, 1000, 86400000 };
	int64_t start;

	for (size_t i = 0; i < REED_COUNT(ms); i++) {
		start = reed_now(loop);
		check_int(outcome(reed_sleep(loop, ms[i])), REED_OK);
		check_int(reed_now(loop) - start, REED_MS(ms[i]));
		start = reed_now(loop);
		check_int(outcome(reed_sleep_ns(loop, ms[i])), REED_OK);
		check_int(reed_now(loop) - start, ms[i]);
	}
}

static void a_sleep_of_no_time_ends_in_the_next_turn(void)
{
	struct owner o[3];

	own(&o[0], reed_sleep(loop, 0));
	own(&o[1], reed_sleep(loop, -5));
	own(&o[2], reed_sleep(loop, INT64_MIN));
	reed_loop_turn(loop, REED_NEVER);
	for (int i = 0; i < 3; i++)
		check_int(o[i].told, 1);
}

static void a_sleep_may_last_forever(void)
{
	struct owner o;

	own(&o, reed_sleep(loop, INT64_MAX));
	turns(3);
	check(!o.told);
	disown(&o);
	check(idle());
}

static void a_yield_lets_all_others_run_first(void)
{
	struct owner yielded, other;
	uint64_t turn = loop->stats.turns;

	own(&yielded, reed_yield(loop));
	own(&other, wrapped(7, wrapped(7, reed_ready(loop, REED_OK))));
	while (!yielded.told) {
		check(other.told || !yielded.waiter.future->settled);
		reed_loop_turn(loop, REED_NEVER);
	}
	check_int(other.told, 1);
	check_int(loop->stats.turns - turn, 2);
}

static void what_lasts_forever_can_be_dropped_or_interrupted(void)
{
	struct owner o;

	reed_drop(reed_forever(loop));
	own(&o, reed_forever(loop));
	turns(3);
	check(!o.told);
	reed_interrupt(o.waiter.future);
	run();
	check_int(o.told, 1);
	check_int(o.err, REED_ECANCELED);
}

/* ---- dropping ---- */

static void a_drop_cancels_at_once(void)
{
	int slot = 0;

	reed_drop(take(5, &slot));
	check(idle());
	reed_drop(reed_yield(loop));
	check(idle());
	reed_drop(reed_sleep(loop, 5));
	check(idle());
	reed_drop(NULL);
	check_int(slot, 0);
}

static void an_owner_that_drops_is_not_woken_any_more(void)
{
	int slot = 0;

	for (int form = 0; form < FORMS; form++) {
		struct owner o;

		own(&o, wrapped(form, take(1, &slot)));
		while (tokens == 0)
			step();
		disown(&o);
		check_int(tokens, 0);
		disown(&o); /* nothing is held any more */
		run();
		check(!o.told && slot == 0);
	}
}

/* ---- attempts ---- */

static void nothing_is_tried_before_the_owner_wakes(void)
{
	for (int form = 0; form < FORMS; form++) {
		struct owner o;
		int slot = 0;

		tries = 0;
		own(&o, wrapped(form, flaky((struct flaky){ .ms = 0 }, &slot)));
		check(tries == 0 && tokens == 0);
		run();
		check(tries == 1 && tokens == 1 && slot == 1 && o.told == 1 && !o.err);
		tokens = 0;
	}
}

/* Whether it settles anew inside the attempt or by a timer, it is tried until it works. */
static void a_try_in_vain_is_followed_by_another(void)
{
	for (int form = 0; form < FORMS; form++)
		for (int not_yet = 0; not_yet < 4; not_yet++)
			for (int at_once = 0; at_once <= 1; at_once++) {
				struct flaky plan = { 3, not_yet, at_once, REED_OK };
				int64_t start = reed_now(loop);
				int slot = 0;

				tries = 0;
				check_int(outcome(wrapped(form, flaky(plan, &slot))), REED_OK);
				check_int(tries, not_yet + 1);
				check_int(reed_now(loop) - start,
				          REED_MS(at_once ? 3 : 3 * (not_yet + 1)));
				check(slot == 1 && tokens == 1 && idle());
				tokens = 0;
			}
}

static void a_try_may_fail_and_say_why(void)
{
	for (int form = 0; form < FORMS; form++)
		for (int not_yet = 0; not_yet < 2; not_yet++) {
			struct flaky plan = { 2, not_yet, false, REED_EPROTO };
			int slot = 0;

			check_int(outcome(wrapped(form, flaky(plan, &slot))), REED_EPROTO);
			check(why_is("tried in vain"));
			check(slot == 0 && tokens == 0 && idle());
		}
}

static void what_was_settled_and_not_tried_can_be_dropped(void)
{
	for (int form = 0; form < FORMS; form++) {
		struct owner o;
		int slot = 0;

		tries = 0;
		own(&o, wrapped(form, flaky((struct flaky){ .ms = 0 }, &slot)));
		disown(&o);
		check(tries == 0 && slot == 0 && idle());
	}
}

/* ---- interrupting ---- */

/* The owner of what has settled and was interrupted then. */
static enum reed_err interrupted(int form, struct flaky plan, int *slot)
{
	struct owner o;

	tries = 0;
	own(&o, wrapped(form, flaky(plan, slot)));
	reed_interrupt(o.waiter.future);
	run();
	check_int(o.told, 1);
	return o.err;
}

static bool starts_late(int form)
{
	return form == 7 || form == 9;
}

static void an_interrupt_leaves_what_can_succeed_already(void)
{
	for (int form = 0; form < FORMS; form++) {
		int slot = 0;

		if (starts_late(form))
			continue;
		check_int(interrupted(form, (struct flaky){ .ms = 0 }, &slot), REED_OK);
		check(slot == 1 && tokens == 1 && tries == 1);
		tokens = 0;
	}
}

static void an_interrupt_cancels_what_was_tried_in_vain(void)
{
	for (int form = 0; form < FORMS; form++)
		for (int at_once = 0; at_once <= 1; at_once++) {
			struct flaky plan = { .ms = 0, .not_yet = 1, .at_once = at_once };
			int slot = 0;

			if (starts_late(form))
				continue;
			check_int(interrupted(form, plan, &slot), REED_ECANCELED);
			check(slot == 0 && tries == 1 && idle());
		}
}

static void an_interrupt_does_not_hide_a_failure(void)
{
	struct flaky plan = { .err = REED_EPROTO };
	int slot = 0;

	for (int form = 0; form < FORMS; form++)
		if (!starts_late(form))
			check_int(interrupted(form, plan, &slot), REED_EPROTO);
}

/* A coroutine starts in a turn of its own; then it stands at what is settled. */
static void an_interrupt_at_a_settled_await_leaves_it_too(void)
{
	for (int form = 7; form <= 9; form += 2)
		for (int not_yet = 0; not_yet <= 1; not_yet++) {
			struct flaky plan = { .not_yet = not_yet };
			struct owner o;
			int slot = 0;

			own(&o, wrapped(form, flaky(plan, &slot)));
			check(step() && !o.told);
			reed_interrupt(o.waiter.future);
			run();
			check_int(o.err, not_yet ? REED_ECANCELED : REED_OK);
			check_int(slot, !not_yet);
			tokens = 0;
		}
}

static void what_is_shielded_is_dropped_but_not_interrupted(void)
{
	struct owner o;

	own(&o, reed_shield(reed_sleep(loop, 5)));
	reed_interrupt(o.waiter.future);
	run();
	check(o.told == 1 && !o.err);
	own(&o, reed_shield(reed_forever(loop)));
	disown(&o);
	check(idle());
}

static void two_interrupts_are_one(void)
{
	for (int form = 0; form < FORMS; form++) {
		struct owner o;

		own(&o, wrapped(form, reed_sleep(loop, 5)));
		reed_interrupt(o.waiter.future);
		reed_interrupt(o.waiter.future);
		run();
		check(o.told == 1 && o.err == REED_ECANCELED);
	}
}

int main(void)
{
	lab_open();
	RUN(settling_wakes_nobody_at_once);
	RUN(owners_wake_in_the_order_in_which_their_futures_settled);
	RUN(a_future_that_settles_without_an_owner_waits_for_one);
	RUN(the_fault_belongs_to_whoever_was_woken);

	RUN(a_sleep_lasts_as_long_as_it_should);
	RUN(a_sleep_of_no_time_ends_in_the_next_turn);
	RUN(a_sleep_may_last_forever);
	RUN(a_yield_lets_all_others_run_first);
	RUN(what_lasts_forever_can_be_dropped_or_interrupted);

	RUN(a_drop_cancels_at_once);
	RUN(an_owner_that_drops_is_not_woken_any_more);

	RUN(nothing_is_tried_before_the_owner_wakes);
	RUN(a_try_in_vain_is_followed_by_another);
	RUN(a_try_may_fail_and_say_why);
	RUN(what_was_settled_and_not_tried_can_be_dropped);

	RUN(an_interrupt_leaves_what_can_succeed_already);
	RUN(an_interrupt_cancels_what_was_tried_in_vain);
	RUN(an_interrupt_does_not_hide_a_failure);
	RUN(an_interrupt_at_a_settled_await_leaves_it_too);
	RUN(what_is_shielded_is_dropped_but_not_interrupted);
	RUN(two_interrupts_are_one);
	lab_close();
	return 0;
}
