/* What timers promise. */

#include "tests/core/tools.h"

struct note {
	struct reed_timer timer;
	char name;
	struct note *starts, *stops;
	int64_t ns;
};

static char order[64];
static int64_t times[64];

static void note_fire(struct reed_timer *t)
{
	struct note *self = reed_container_of(t, struct note, timer);
	size_t n = strlen(order);

	check(!reed_timer_running(t));
	times[n] = reed_now(loop);
	order[n] = self->name;
	if (self->stops)
		reed_timer_stop(&self->stops->timer);
	if (self->starts)
		reed_timer_start(loop, &self->starts->timer, self->ns);
}

static struct note note(char name)
{
	return (struct note){ .timer.fire = note_fire, .name = name };
}

static void forget(void)
{
	memset(order, 0, sizeof(order));
}

static void timers_fire_by_deadline_then_start(void)
{
	struct note a = note('a'), b = note('b'), c = note('c'), d = note('d'), e = note('e');

	forget();
	reed_timer_start(loop, &a.timer, REED_MS(90));
	reed_timer_start(loop, &b.timer, REED_MS(90) - 1);
	reed_timer_start(loop, &c.timer, 2000);
	reed_timer_start(loop, &d.timer, REED_MS(9));
	reed_timer_start(loop, &e.timer, REED_MS(90));
	reed_timer_stop(&d.timer);
	run();
	check_str(order, "cbae");
}

static void a_timer_fires_to_the_nanosecond(void)
{
	struct note n[6];
	int64_t start = reed_now(loop), ns = 1;

	forget();
	for (int i = 0; i < 6; i++, ns *= 977) {
		n[i] = note((char)('a' + i));
		reed_timer_start(loop, &n[i].timer, ns);
	}
	run();
	check_str(order, "abcdef");
	ns = 1;
	for (int i = 0; i < 6; i++, ns *= 977)
		check_int(times[i] - start, ns);
}

/* To be told too early is a turn for nothing; a timer of a year may cost a few. */
static void waiting_for_a_far_timer_takes_few_turns(void)
{
	struct note year = note('y');
	uint64_t turns_before = loop->stats.turns;

	forget();
	reed_timer_start(loop, &year.timer, REED_S(86400) * 365);
	run();
	check_str(order, "y");
	check(loop->stats.turns - turns_before <= 2);
}

static void many_timers_of_one_moment_take_few_turns(void)
{
	static struct note many[100];
	uint64_t turns_before = loop->stats.turns;

	forget();
	for (int i = 0; i < 100; i++) {
		many[i] = note(i < 60 ? 'x' : '\0');
		reed_timer_start(loop, &many[i].timer, REED_S(3600) + i);
	}
	run();
	check_int(strlen(order), 60);
	check(loop->stats.turns - turns_before <= 110);
}

static void a_timer_started_again_fires_once_and_later(void)
{
	struct note a = note('a'), b = note('b');
	int64_t start = reed_now(loop);

	forget();
	reed_timer_start(loop, &a.timer, REED_MS(5));
	reed_timer_start(loop, &b.timer, REED_MS(20));
	reed_timer_start(loop, &a.timer, REED_MS(20));
	check(reed_timer_running(&a.timer));
	run();
	check_str(order, "ba");
	check_int(times[1] - start, REED_MS(20));
}

static void a_timer_may_stop_one_that_is_due_too(void)
{
	struct note a = note('a'), b = note('b'), c = note('c');

	forget();
	a.stops = &b;
	reed_timer_start(loop, &a.timer, REED_MS(5));
	reed_timer_start(loop, &b.timer, REED_MS(5));
	reed_timer_start(loop, &c.timer, REED_MS(5));
	run();
	check_str(order, "ac");
}

static void a_timer_may_stop_itself(void)
{
	struct note a = note('a');

	forget();
	a.stops = &a;
	reed_timer_start(loop, &a.timer, 1);
	run();
	check_str(order, "a");
}

static void a_timer_started_by_a_timer_does_not_fire_in_the_same_turn(void)
{
	static const int64_t soon[] = { -1, 0, 1, 100 };

	for (size_t i = 0; i < REED_COUNT(soon); i++) {
		struct note a = note('a'), b = note('b');

		forget();
		a.starts = &b;
		a.ns = soon[i];
		reed_timer_start(loop, &a.timer, REED_MS(5));
		while (!order[0])
			reed_loop_turn(loop, REED_NEVER);
		check_str(order, "a");
		reed_loop_turn(loop, REED_NEVER);
		check_str(order, "ab");
	}
}

static void a_timer_that_starts_itself_lets_others_fire(void)
{
	struct note a = note('a'), b = note('b');

	forget();
	a.starts = &a;
	reed_timer_start(loop, &a.timer, 0);
	reed_timer_start(loop, &b.timer, 3);
	while (!strchr(order, 'b'))
		reed_loop_turn(loop, REED_NEVER);
	reed_timer_stop(&a.timer);
	check(strlen(order) <= 5);
	check(idle());
}

static void a_timer_of_never_waits_and_can_be_stopped(void)
{
	struct note a = note('a');

	reed_timer_start(loop, &a.timer, REED_NEVER);
	check(reed_timer_running(&a.timer) && a.timer.at == REED_NEVER - 1);
	turns(3);
	reed_timer_stop(&a.timer);
	reed_timer_stop(&a.timer);
	check(idle());
}

static void a_zeroed_timer_is_a_stopped_one(void)
{
	struct reed_timer t = { .fire = note_fire };

	check(!reed_timer_running(&t));
	reed_timer_stop(&t);
}

/* The clock of the last turn may be old: a host slept, or a program was busy. */
static void a_timer_started_between_turns_counts_from_then(void)
{
	struct note a = note('a');
	int64_t then;

	forget();
	turns(1);
	lab_pass(REED_S(10));
	then = loop->driver->ops->now(loop->driver);
	reed_timer_start(loop, &a.timer, REED_S(5));
	run();
	check_int(times[0] - then, REED_S(5));
}

static void timers_that_are_late_fire_in_order_of_their_deadlines(void)
{
	struct note a = note('a'), b = note('b'), c = note('c');

	forget();
	reed_timer_start(loop, &c.timer, REED_S(70));
	reed_timer_start(loop, &a.timer, REED_MS(1));
	reed_timer_start(loop, &b.timer, REED_S(2));
	lab_pass(REED_S(1000));
	turns(1);
	check_str(order, "abc");
	check(times[0] == times[2]);
}

static void a_timer_works_on_a_machine_that_has_been_up_for_months(void)
{
	for (int month = 0; month < 4; month++) {
		struct note a = note('a'), b = note('b');
		int64_t then;

		lab_pass(REED_S(86400) * 30);
		turns(1);
		then = reed_now(loop);
		forget();
		reed_timer_start(loop, &b.timer, REED_MS(30));
		reed_timer_start(loop, &a.timer, REED_MS(20));
		run();
		check_str(order, "ab");
		check_int(times[0] - then, REED_MS(20));
		check_int(times[1] - then, REED_MS(30));
	}
}

static void beat_at(struct reed_beat *beat, int64_t at, uint64_t skipped)
{
	check_int(reed_loop_run_until(loop, reed_beat(loop, beat), NULL), REED_OK);
	check_int(reed_now(loop), at);
	check_int(beat->skipped, skipped);
}

static void beats_do_not_drift_and_those_that_are_missed_are_counted(void)
{
	struct reed_beat beat = { .every = REED_MS(10) };
	int64_t start = reed_now(loop);

	beat_at(&beat, start + REED_MS(10), 0);
	lab_pass(REED_MS(7)); /* the task takes so long */
	beat_at(&beat, start + REED_MS(20), 0);
	lab_pass(REED_MS(10)); /* until the moment of the next one, which is too late for it */
	beat_at(&beat, start + REED_MS(40), 1);
	lab_pass(REED_MS(34));
	beat_at(&beat, start + REED_MS(80), 3);
	beat_at(&beat, start + REED_MS(90), 0);
}

int main(void)
{
	lab_open();
	RUN(timers_fire_by_deadline_then_start);
	RUN(a_timer_fires_to_the_nanosecond);
	RUN(waiting_for_a_far_timer_takes_few_turns);
	RUN(many_timers_of_one_moment_take_few_turns);
	RUN(a_timer_started_again_fires_once_and_later);
	RUN(a_timer_may_stop_one_that_is_due_too);
	RUN(a_timer_may_stop_itself);
	RUN(a_timer_started_by_a_timer_does_not_fire_in_the_same_turn);
	RUN(a_timer_that_starts_itself_lets_others_fire);
	RUN(a_timer_of_never_waits_and_can_be_stopped);
	RUN(a_zeroed_timer_is_a_stopped_one);
	RUN(a_timer_started_between_turns_counts_from_then);
	RUN(timers_that_are_late_fire_in_order_of_their_deadlines);
	RUN(beats_do_not_drift_and_those_that_are_missed_are_counted);
	RUN(a_timer_works_on_a_machine_that_has_been_up_for_months);
	lab_close();
	return 0;
}
