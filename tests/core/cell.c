/* What cells and unions promise. */

#include "tests/core/tools.h"

static void two_changes_in_one_turn_are_both_seen(void)
{
	struct pair p;

	pair_init(&p);
	reed_cell_set(&p.a, 1);
	reed_cell_set(&p.b, 1);
	check_int(outcome(reed_union_wait(&p.either, -1)), REED_OK);
	check(p.on_a.changed && p.on_b.changed && !p.either.timed_out);
	reed_cell_set(&p.b, 2);
	check_int(outcome(reed_union_wait(&p.either, -1)), REED_OK);
	check(!p.on_a.changed && p.on_b.changed);
}

static void a_change_between_two_waits_is_not_lost(void)
{
	struct pair p;

	pair_init(&p);
	check_int(outcome(reed_union_wait(&p.either, 5)), REED_OK);
	check(p.either.timed_out);
	reed_cell_set(&p.a, 1);
	run();
	check_int(outcome(reed_union_wait(&p.either, -1)), REED_OK);
	check(p.on_a.changed && !p.either.timed_out);
}

static void a_change_between_settling_and_waking_is_seen_too(void)
{
	struct pair p;
	struct owner o;

	pair_init(&p);
	own(&o, reed_union_wait(&p.either, -1));
	reed_cell_set(&p.a, 1);
	reed_cell_set(&p.b, 7);
	reed_cell_set(&p.b, 8);
	run();
	check(o.told == 1 && p.on_a.changed && p.on_b.changed);
	check_int(outcome(reed_union_wait(&p.either, 5)), REED_OK);
	check(p.either.timed_out);
}

static void a_change_that_lost_a_race_is_still_a_change(void)
{
	struct pair p, q;
	struct owner o;

	pair_init(&p);
	pair_init(&q);
	own(&o, reed_any(NULL, reed_union_wait(&p.either, 5), reed_union_wait(&q.either, 5)));
	reed_cell_set(&q.a, 1);
	reed_cell_set(&p.a, 1);
	check_int(reed_wheel_deadline(&loop->wheel), REED_NEVER);
	run();
	check(o.told == 1 && q.on_a.changed && !p.on_a.changed);
	check_int(outcome(reed_union_wait(&p.either, 5)), REED_OK);
	check(p.on_a.changed && !p.either.timed_out);
}

static void the_same_value_again_is_no_change(void)
{
	struct pair p;
	struct owner o;

	pair_init(&p);
	own(&o, reed_union_wait(&p.either, 5));
	reed_cell_set(&p.a, 0);
	check(!p.either.future.settled && p.a.count == 0);
	run();
	check(o.told == 1 && p.either.timed_out && !p.on_a.changed);
}

static void a_touch_is_a_change_of_what_the_value_points_to(void)
{
	struct pair p;

	pair_init(&p);
	reed_cell_touch(&p.b);
	check_int(outcome(reed_union_wait(&p.either, -1)), REED_OK);
	check(p.on_b.changed && !p.on_a.changed && p.b.value == 0 && p.b.count == 1);
}

static void a_cell_set_before_the_first_wait_counts_as_changed(void)
{
	struct pair p;

	pair_init(&p);
	reed_cell_set(&p.a, 1);
	check_int(outcome(reed_union_wait(&p.either, 5)), REED_OK);
	check(p.on_a.changed && !p.either.timed_out);
}

static void a_dropped_wait_loses_no_change(void)
{
	struct pair p;
	struct owner o;

	pair_init(&p);
	own(&o, reed_within(9, reed_union_wait(&p.either, -1)));
	reed_cell_set(&p.a, 1);
	disown(&o);
	check(!p.on_a.changed && !p.a.watches);
	check_int(outcome(reed_union_wait(&p.either, 5)), REED_OK);
	check(p.on_a.changed && !p.on_b.changed);
}

static void an_interrupted_wait_loses_no_change(void)
{
	struct pair p;
	struct owner o;

	pair_init(&p);
	own(&o, reed_union_wait(&p.either, 50));
	reed_interrupt(o.waiter.future);
	reed_cell_set(&p.a, 1);
	run();
	check(o.told == 1 && o.err == REED_ECANCELED && !p.on_a.changed);
	check(idle() && !p.a.watches);
	check_int(outcome(reed_union_wait(&p.either, 5)), REED_OK);
	check(p.on_a.changed);
}

static void a_union_that_times_out_succeeds_and_says_so(void)
{
	struct pair p;
	int64_t start = reed_now(loop);

	pair_init(&p);
	check_int(outcome(reed_union_wait(&p.either, 25)), REED_OK);
	check_int(reed_now(loop) - start, REED_MS(25));
	check(p.either.timed_out && !p.on_a.changed && !p.on_b.changed);
	check_int(outcome(reed_union_wait(&p.either, 0)), REED_OK);
	check(p.either.timed_out);
}

static void a_union_may_wait_for_longer_than_anybody_lives(void)
{
	struct pair p;
	struct owner o;

	pair_init(&p);
	own(&o, reed_union_wait(&p.either, INT64_MAX));
	turns(2);
	check(!o.told);
	reed_cell_set(&p.a, 1);
	run();
	check(o.told == 1 && !p.either.timed_out);
}

static void many_may_watch_one_cell(void)
{
	struct reed_cell cell = { 0 };
	struct reed_watch watch[9];
	struct reed_union either[9];
	struct owner o[9];

	for (int i = 0; i < 9; i++) {
		reed_union_init(&either[i], loop);
		reed_union_add(&either[i], &watch[i], &cell);
		own(&o[i], reed_union_wait(&either[i], -1));
	}
	for (int i = 0; i < 9; i += 4)
		disown(&o[i]); /* the first, the last and one between */
	reed_cell_set(&cell, 1);
	run();
	for (int i = 0; i < 9; i++) {
		check_int(o[i].told, i % 4 != 0);
		check_int(watch[i].changed, i % 4 != 0);
	}
	check(!cell.watches);
}

static void one_cell_may_be_awaited_once(void)
{
	struct reed_cell cell = { 0 };
	struct owner o;

	check_int(outcome(reed_within(5, reed_cell_changed(loop, &cell, 0))), REED_ETIMEDOUT);
	check(!cell.watches);
	own(&o, reed_cell_changed(loop, &cell, cell.count));
	reed_cell_set(&cell, 3);
	run();
	check_int(o.told, 1);
	check_int(outcome(reed_cell_changed(loop, &cell, 0)), REED_OK);
	reed_drop(reed_cell_changed(loop, &cell, 1));
	check(!cell.watches && idle());
}

static void a_union_is_awaited_without_allocation(void)
{
	struct pair p;
	size_t total;

	pair_init(&p);
	total = memory.total;
	for (int i = 0; i < 100; i++) {
		check_int(outcome(reed_union_wait(&p.either, 5)), REED_OK);
		check_int(p.either.timed_out, i % 2 == 0);
		reed_cell_set(&p.a, i / 2 + 1);
	}
	check_int(memory.total, total);
}

int main(void)
{
	lab_open();
	RUN(two_changes_in_one_turn_are_both_seen);
	RUN(a_change_between_two_waits_is_not_lost);
	RUN(a_change_between_settling_and_waking_is_seen_too);
	RUN(a_change_that_lost_a_race_is_still_a_change);
	RUN(the_same_value_again_is_no_change);
	RUN(a_touch_is_a_change_of_what_the_value_points_to);
	RUN(a_cell_set_before_the_first_wait_counts_as_changed);
	RUN(a_dropped_wait_loses_no_change);
	RUN(an_interrupted_wait_loses_no_change);
	RUN(a_union_that_times_out_succeeds_and_says_so);
	RUN(a_union_may_wait_for_longer_than_anybody_lives);
	RUN(many_may_watch_one_cell);
	RUN(one_cell_may_be_awaited_once);
	RUN(a_union_is_awaited_without_allocation);
	lab_close();
	return 0;
}
