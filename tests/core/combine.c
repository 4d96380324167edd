/* What futures made of futures promise. */

#include "tests/core/tools.h"

/* ---- settling through ---- */

static void settling_runs_through_combinators_and_queues_the_owner_once(void)
{
	struct owner o;

	own(&o, reed_within(9, reed_all(reed_any(NULL, reed_ready(loop, REED_OK)))));
	check(step() && o.told == 1);
	check(!step());
}

static void what_combinators_hold_is_released_when_the_owner_drops(void)
{
	struct owner o;
	int slot = 0, which = -1;

	own(&o, reed_within(1000, reed_any(&which, reed_all(take(1, &slot)))));
	while (!o.waiter.future->settled)
		step();
	check(tokens == 1 && slot == 0 && which == -1);
	disown(&o);
	check(tokens == 0 && slot == 0 && which == -1);
	run();
	check(!o.told);
}

/* ---- any ---- */

static void any_takes_the_first_and_drops_the_rest(void)
{
	int which = -1;
	int64_t start = reed_now(loop);

	check_int(outcome(reed_any(&which, reed_sleep(loop, 50), reed_sleep(loop, 10),
	                           reed_sleep(loop, 90))),
	          REED_OK);
	check_int(which, 1);
	check_int(reed_now(loop) - start, REED_MS(10));
	check(idle());
}

static void a_loser_that_was_ready_too_delivers_nothing(void)
{
	int a = 0, b = 0, which = -1;
	struct reed_future *f = take(0, &a), *g = take(0, &b);

	run();
	check_int(tokens, 2);
	check_int(outcome(reed_any(&which, f, g)), REED_OK);
	check(which == 0 && a == 1 && b == 0 && tokens == 1);
	tokens = 0;
}

static void any_ends_as_the_first_that_settled_not_as_the_first_named(void)
{
	int which = -1;
	struct owner o;

	own(&o, reed_any(&which, reed_sleep(loop, 20), reed_sleep(loop, 10)));
	while (!o.waiter.future->settled)
		step();
	lab_pass(REED_MS(30)); /* now the other one settles in the turn of the wake */
	run();
	check_int(which, 1);
}

static void any_fails_with_the_first_that_fails(void)
{
	int which = -1;

	check_int(outcome(reed_any(&which, reed_sleep(loop, 5), broken("ear"))), REED_EPROTO);
	check(which == 1 && why_is("broken ear") && idle());
}

static void any_asks_every_leg_when_the_first_was_tried_in_vain(void)
{
	int a = 0, b = 0, which = -1;
	struct flaky never = { .ms = 5, .not_yet = 1000 }, soon = { .ms = 5 };

	check_int(outcome(reed_any(&which, flaky(never, &a), flaky(soon, &b))), REED_OK);
	check(which == 1 && a == 0 && b == 1 && tokens == 1 && idle());
	tokens = 0;
}

static void any_may_be_asked_in_vain_for_long(void)
{
	int a = 0, b = 0, which = -1;
	struct flaky slow = { .ms = 7, .not_yet = 3, .at_once = true };
	struct flaky slower = { .ms = 3, .not_yet = 9 };

	check_int(outcome(reed_any(&which, flaky(slow, &a), flaky(slower, &b))), REED_OK);
	check(which == 0 && a == 1 && b == 0 && tokens == 1 && idle());
	tokens = 0;
}

/* ---- all ---- */

static void all_waits_for_all_and_fails_with_the_first(void)
{
	int64_t start = reed_now(loop);

	check_int(outcome(reed_all(reed_sleep(loop, 5), reed_sleep(loop, 7))), REED_OK);
	check_int(reed_now(loop) - start, REED_MS(7));
	check_int(outcome(reed_all(reed_sleep(loop, 5), reed_ready(loop, REED_EPROTO),
	                           reed_sleep(loop, 7))),
	          REED_EPROTO);
	check_int(reed_now(loop) - start, REED_MS(7));
	check(idle());
}

static void all_delivers_all_results_or_none(void)
{
	int a = 0, b = 0;

	check_int(outcome(reed_all(take(1, &a), take(2, &b))), REED_OK);
	check(a == 1 && b == 1 && tokens == 2);
	check_int(outcome(reed_all(take(1, &a), reed_within(2, take(3, &b)))), REED_ETIMEDOUT);
	check_int(outcome(reed_within(2, reed_all(take(1, &a), take(3, &b)))), REED_ETIMEDOUT);
	check(a == 1 && b == 1 && tokens == 2);
	tokens = 0;
}

/* Each kind of leg at each time: nothing is written before the last is well. */
static void one_mixture(int form, int other, struct flaky plan)
{
	struct owner o;
	int a = 0, b = 0, c = 0;

	own(&o, reed_all(wrapped(form, flaky(plan, &a)), wrapped(other, take(4, &b)), fetch(&c)));
	while (!o.told) {
		check_int(a + b + c, 0);
		step();
	}
	check_int(o.err, plan.err);
	check_int(a + b + c, plan.err ? 0 : 3);
	check_int(tokens, a + b + c);
	check(idle());
	tokens = 0;
}

/* Chains and coroutines are owners themselves, so what they await is not held for us. */
static void all_over_a_mixture_delivers_all_or_none(void)
{
	static const int forms[] = { 0, 1, 2, 3, 4, 6, 8 };
	static const enum reed_err ends[] = { REED_OK, REED_EPROTO };

	for (size_t i = 0; i < REED_COUNT(forms); i++)
		for (size_t j = 0; j < REED_COUNT(forms); j++)
			for (int n = 0; n < 12; n++) {
				struct flaky plan = { n / 4 * 5, 2, n & 2, ends[n & 1] };

				one_mixture(forms[i], forms[j], plan);
			}
}

static void all_keeps_what_came_within_its_time(void)
{
	int a = 0, b = 0;

	check_int(outcome(reed_all(reed_within(5, take(1, &a)), take(20, &b))), REED_OK);
	check(a == 1 && b == 1);
	check_int(outcome(reed_all(reed_within(5, flaky((struct flaky){ 0 }, &a)), take(20, &b))),
	          REED_OK);
	check(a == 2 && b == 2);
	tokens = 0;
}

static void all_is_not_woken_by_each_leg(void)
{
	uint64_t wakes = loop->stats.wakes;

	check_int(outcome(reed_all(reed_sleep(loop, 1), reed_sleep(loop, 2), reed_sleep(loop, 3))),
	          REED_OK);
	check_int(loop->stats.wakes - wakes, 1);
}

/* ---- within ---- */

static void a_timeout_says_how_long(void)
{
	int64_t start = reed_now(loop);

	check_int(outcome(reed_within(30, reed_sleep(loop, 50))), REED_ETIMEDOUT);
	check(why_is("timed out after 30 ms"));
	check_int(reed_now(loop) - start, REED_MS(30));
	check(idle());
}

static void a_timeout_is_a_drop_without_a_goodbye(void)
{
	int slot = 0;

	goodbyes = 0;
	check_int(outcome(reed_within(5, fetch(&slot))), REED_ETIMEDOUT);
	check(goodbyes == 0 && slot == 0 && tokens == 0);
}

static void what_is_here_when_the_time_is_up_still_counts(void)
{
	int slot = 0;
	struct owner o;

	own(&o, reed_within(5, take(4, &slot)));
	while (!o.waiter.future->settled)
		step();
	lab_pass(REED_MS(10));
	run();
	check(o.told == 1 && !o.err && slot == 1);
	check_int(outcome(reed_within(5, take(5, &slot))), REED_OK); /* started first */
	check_int(slot, 2);
	tokens = 0;
}

static void no_time_at_all_lets_what_is_settled_pass(void)
{
	check_int(outcome(reed_within(0, reed_ready(loop, REED_OK))), REED_OK);
	check_int(outcome(reed_within(-1, reed_sleep(loop, 1))), REED_ETIMEDOUT);
	check_int(outcome(reed_within(INT64_MIN, reed_forever(loop))), REED_ETIMEDOUT);
	check_int(outcome(reed_within(INT64_MAX, reed_sleep(loop, 1))), REED_OK);
	check(idle());
}

static void a_deadline_stands_over_what_is_tried_again_and_again(void)
{
	struct flaky plan = { .ms = 2, .not_yet = 1000 };
	int64_t start = reed_now(loop);
	int slot = 0;

	check_int(outcome(reed_within(31, flaky(plan, &slot))), REED_ETIMEDOUT);
	check_int(reed_now(loop) - start, REED_MS(31));
	check(slot == 0 && idle());
}

/* ---- interrupts ---- */

static struct reed_future *meeting(int form, int *slot)
{
	struct reed_future *f = fetch(slot);

	switch (form) {
	case 1:
		return reed_within(1000, f);
	case 2:
		return reed_any(NULL, reed_sleep(loop, 500), f);
	case 3:
		return reed_all(f, reed_sleep(loop, 500), fetch(slot));
	default:
		return f;
	}
}

static void an_interrupt_passes_through_combinators(void)
{
	struct owner o;
	int slot = 0;

	for (int form = 0; form < 4; form++) {
		int legs = form == 3 ? 2 : 1;

		own(&o, meeting(form, &slot));
		goodbyes = 0;
		while (tokens < legs)
			step();
		while (!reed_list_empty(&loop->ready))
			step();
		reed_interrupt(o.waiter.future);
		run();
		check(o.told == 1 && o.err == REED_ECANCELED);
		check(goodbyes == legs && tokens == 0 && slot == 0);
	}
}

static void an_interrupted_any_ends_when_all_have_said_goodbye(void)
{
	struct owner o;
	int slot = 0, which = -1;
	int64_t start = reed_now(loop);

	goodbyes = 0;
	own(&o, reed_any(&which, fetch(&slot), fetch(&slot), reed_sleep(loop, 90)));
	while (tokens < 2)
		step();
	while (!reed_list_empty(&loop->ready))
		step();
	reed_interrupt(o.waiter.future);
	run();
	check(o.told == 1 && o.err == REED_ECANCELED && goodbyes == 2);
	check_int(reed_now(loop) - start, REED_MS(6));
	check_int(which, 2);
}

static void what_has_settled_is_not_interrupted(void)
{
	struct owner o;

	own(&o, reed_within(5, reed_ready(loop, REED_OK)));
	reed_interrupt(o.waiter.future);
	run();
	check(o.told == 1 && !o.err);
	own(&o, reed_all(reed_ready(loop, REED_OK), reed_ready(loop, REED_OK)));
	reed_interrupt(o.waiter.future);
	run();
	check(o.told == 1 && !o.err);
}

static void a_shielded_leg_goes_on_and_the_group_waits_for_it(void)
{
	struct owner o;
	int a = 0, b = 0;
	int64_t start = reed_now(loop);

	own(&o, reed_all(take(20, &a), reed_shield(take(10, &b))));
	reed_interrupt(o.waiter.future);
	run();
	check(o.told == 1 && o.err == REED_ECANCELED);
	check(a == 0 && b == 0 && tokens == 0);
	check_int(reed_now(loop) - start, REED_MS(10));
}

static void a_deadline_stands_over_an_interrupted_group(void)
{
	struct owner o;

	own(&o,
	    reed_within(30, reed_any(NULL, reed_shield(reed_forever(loop)), reed_forever(loop))));
	reed_interrupt(o.waiter.future);
	run();
	check(o.told == 1 && o.err == REED_ETIMEDOUT);
}

int main(void)
{
	lab_open();
	RUN(settling_runs_through_combinators_and_queues_the_owner_once);
	RUN(what_combinators_hold_is_released_when_the_owner_drops);

	RUN(any_takes_the_first_and_drops_the_rest);
	RUN(a_loser_that_was_ready_too_delivers_nothing);
	RUN(any_ends_as_the_first_that_settled_not_as_the_first_named);
	RUN(any_fails_with_the_first_that_fails);
	RUN(any_asks_every_leg_when_the_first_was_tried_in_vain);
	RUN(any_may_be_asked_in_vain_for_long);

	RUN(all_waits_for_all_and_fails_with_the_first);
	RUN(all_delivers_all_results_or_none);
	RUN(all_over_a_mixture_delivers_all_or_none);
	RUN(all_keeps_what_came_within_its_time);
	RUN(all_is_not_woken_by_each_leg);

	RUN(a_timeout_says_how_long);
	RUN(a_timeout_is_a_drop_without_a_goodbye);
	RUN(what_is_here_when_the_time_is_up_still_counts);
	RUN(no_time_at_all_lets_what_is_settled_pass);
	RUN(a_deadline_stands_over_what_is_tried_again_and_again);

	RUN(an_interrupt_passes_through_combinators);
	RUN(an_interrupted_any_ends_when_all_have_said_goodbye);
	RUN(what_has_settled_is_not_interrupted);
	RUN(a_shielded_leg_goes_on_and_the_group_waits_for_it);
	RUN(a_deadline_stands_over_an_interrupted_group);
	lab_close();
	return 0;
}
