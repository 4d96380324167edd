/* What queues promise. */

#include "reed/queue.h"
#include "tests/core/tools.h"

/* Items are numbers; each is a token until somebody has it. */
static int released;

static void item_release(void *item)
{
	released++;
	tokens -= *(int *)item > 0;
}

static const struct reed_item_kind numbers = { .size = sizeof(int), .release = item_release };
static struct reed_queue q;

static void put(int number)
{
	check_int(reed_queue_try_put(&q, &number), REED_OK);
}

static int get(void)
{
	int number = -1;

	check_int(reed_queue_try_get(&q, &number), REED_OK);
	return number;
}

/* ---- room and items ---- */

static void items_come_out_in_the_order_they_went_in(void)
{
	int number;

	reed_queue_init(&q, loop, &numbers, 100);
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 20; i++)
			put(-i);
		for (int i = 0; i < 13; i++)
			check_int(get(), -((round * 13 + i) % 20));
	}
	check_int(reed_queue_count(&q), 35);
	for (int i = 0; i < 65; i++)
		put(0);
	number = 1;
	check_int(reed_queue_try_put(&q, &number), REED_EAGAIN);
	released = 0;
	reed_queue_finish(&q);
	check_int(released, 100);
}

static void a_put_waits_for_room_and_a_get_for_an_item(void)
{
	struct owner putter, getter;
	int in = 7, out = -1;

	reed_queue_init(&q, loop, &numbers, 1);
	put(-1);
	own(&putter, reed_queue_put(&q, &in));
	run();
	check(!putter.told);
	check_int(get(), -1);
	run();
	check(putter.told == 1 && putter.err == REED_OK && reed_queue_count(&q) == 1);
	own(&getter, reed_queue_get(&q, &out));
	check_int(out, -1);
	run();
	check(getter.told == 1 && out == 7);
	own(&getter, reed_queue_get(&q, &out));
	run();
	check(!getter.told && idle());
	put(-8);
	run();
	check(getter.told == 1 && out == -8);
	reed_queue_finish(&q);
}

static void who_waits_longest_is_served_first(void)
{
	struct owner o[4];
	int in[4] = { 1, 2, 3, 4 }, out[4] = { 0 };

	reed_queue_init(&q, loop, &numbers, 1);
	for (int i = 0; i < 4; i++)
		own(&o[i], reed_queue_put(&q, &in[i]));
	run();
	for (int i = 0; i < 4; i++) {
		check(o[i].told && (i == 3 || !o[i + 1].told));
		check_int(get(), i + 1);
		run();
	}
	for (int i = 0; i < 4; i++)
		own(&o[i], reed_queue_get(&q, &out[i]));
	for (int i = 0; i < 4; i++) {
		put(10 + i);
		run();
		check_int(out[i], 10 + i);
	}
	reed_queue_finish(&q);
}

static void what_does_not_suspend_does_not_overtake(void)
{
	struct owner o;
	int in = 2, out = 0, number = 3;

	reed_queue_init(&q, loop, &numbers, 2);
	put(-1);
	own(&o, reed_queue_get(&q, &out));
	check_int(reed_queue_try_get(&q, &number), REED_EAGAIN);
	run();
	check_int(out, -1);
	put(-1);
	own(&o, reed_queue_put(&q, &in)); /* promised the second place, not in it yet */
	check_int(reed_queue_try_put(&q, &number), REED_EAGAIN);
	run();
	check_int(reed_queue_count(&q), 2);
	check_int(get(), -1);
	check_int(get(), 2);
	reed_queue_finish(&q);
}

static void an_item_is_taken_at_delivery(void)
{
	struct owner o;
	int in = 1;

	reed_queue_init(&q, loop, &numbers, 1);
	own(&o, reed_queue_put(&q, &in));
	check_int(reed_queue_count(&q), 0);
	in = 5;
	run();
	check_int(get(), 5);
	reed_queue_finish(&q);
}

/* ---- drops ---- */

static void a_put_dropped_before_delivery_has_put_nothing(void)
{
	struct owner first, second;
	int in[2] = { 1, 2 };

	reed_queue_init(&q, loop, &numbers, 1);
	own(&first, reed_queue_put(&q, &in[0]));
	own(&second, reed_queue_put(&q, &in[1]));
	check(first.waiter.future->settled && !second.waiter.future->settled);
	disown(&first);
	check(second.waiter.future->settled);
	run();
	check_int(get(), 2);
	check_int(reed_queue_count(&q), 0);
	reed_queue_finish(&q);
}

static void a_get_dropped_before_delivery_leaves_the_item_at_its_place(void)
{
	struct owner first, second;
	int out[2] = { 0 };

	reed_queue_init(&q, loop, &numbers, 4);
	own(&first, reed_queue_get(&q, &out[0]));
	own(&second, reed_queue_get(&q, &out[1]));
	put(-1);
	check(first.waiter.future->settled && !second.waiter.future->settled);
	put(-2);
	disown(&first);
	run();
	check(out[0] == 0 && out[1] == -1);
	check_int(get(), -2);
	reed_queue_finish(&q);
}

static void a_get_that_lost_a_race_has_got_nothing(void)
{
	struct reed_queue other;
	int out[2] = { 0 }, which = -1, in = -9;

	reed_queue_init(&q, loop, &numbers, 4);
	reed_queue_init(&other, loop, &numbers, 4);
	put(-1);
	check_int(reed_queue_try_put(&other, &in), REED_OK);
	check_int(outcome(reed_any(&which, reed_queue_get(&q, &out[0]),
	                           reed_queue_get(&other, &out[1]))),
	          REED_OK);
	check(which == 0 && out[0] == -1 && out[1] == 0);
	check_int(reed_queue_count(&other), 1);
	check_int(outcome(reed_within(5, reed_all(reed_queue_get(&q, &out[0]),
	                                          reed_queue_get(&other, &out[1])))),
	          REED_ETIMEDOUT);
	check_int(reed_queue_count(&other), 1);
	check_int(out[1], 0);
	reed_queue_finish(&q);
	reed_queue_finish(&other);
}

/* ---- closing ---- */

static void a_closed_queue_gives_what_it_has_and_then_its_end(void)
{
	struct owner putter;
	int in = 3, out = 0;

	reed_queue_init(&q, loop, &numbers, 2);
	put(-1);
	put(-2);
	own(&putter, reed_queue_put(&q, &in));
	reed_queue_close(&q);
	reed_queue_close(&q);
	run();
	check_int(putter.err, REED_ECLOSED);
	check_int(outcome(reed_queue_put(&q, &in)), REED_ECLOSED);
	check_int(reed_queue_try_put(&q, &in), REED_ECLOSED);
	check_int(outcome(reed_queue_get(&q, &out)), REED_OK);
	check_int(out, -1);
	check_int(get(), -2);
	check_int(outcome(reed_queue_get(&q, &out)), REED_EEOF);
	check_int(reed_queue_try_get(&q, &out), REED_EEOF);
	check_int(out, -1);
	reed_queue_finish(&q);
}

static void closing_ends_those_who_wait_for_an_item(void)
{
	struct owner o[2];
	int out[2] = { 0 };

	reed_queue_init(&q, loop, &numbers, 2);
	own(&o[0], reed_queue_get(&q, &out[0]));
	own(&o[1], reed_queue_get(&q, &out[1]));
	reed_queue_close(&q);
	run();
	check(o[0].err == REED_EEOF && o[1].err == REED_EEOF);
	reed_queue_finish(&q);
}

static void the_end_waits_for_what_is_promised(void)
{
	struct owner putter, first, second;
	int in = 1, out[2] = { 0 };

	reed_queue_init(&q, loop, &numbers, 1);
	own(&putter, reed_queue_put(&q, &in));
	own(&first, reed_queue_get(&q, &out[0]));
	reed_queue_close(&q); /* the put had its place before */
	check(!first.waiter.future->settled);
	check_int(reed_queue_try_get(&q, &out[1]), REED_EAGAIN);
	step();
	own(&second, reed_queue_get(&q, &out[1]));
	check(putter.told && first.waiter.future->settled && !second.waiter.future->settled);
	disown(&first);
	run();
	check(out[0] == 0 && out[1] == 1);
	check_int(outcome(reed_queue_get(&q, &out[0])), REED_EEOF);
	reed_queue_finish(&q);

	reed_queue_init(&q, loop, &numbers, 1);
	own(&putter, reed_queue_put(&q, &in));
	own(&first, reed_queue_get(&q, &out[0]));
	reed_queue_close(&q);
	disown(&putter);
	run();
	check_int(first.err, REED_EEOF);
	reed_queue_finish(&q);
}

/* ---- at every step ---- */

enum { ITEMS = 5 };

struct end {
	struct reed_co co;
	int i, item, done;
	int *seen; /* of a consumer: items by number */
};

static void produce_run(struct reed_co *co)
{
	struct end *self = reed_frame(co, struct end);

	reed_coroutine (co) {
		for (self->i = 0; self->i < ITEMS; self->i++) {
			self->item = 1 + self->i;
			tokens++;
			reed_try(co, reed_queue_put(&q, &self->item));
			self->item = 0;
		}
	}
}

static void consume_run(struct reed_co *co)
{
	struct end *self = reed_frame(co, struct end);

	reed_coroutine (co) {
		while (self->done < ITEMS) {
			reed_try(co, reed_queue_get(&q, &self->item));
			self->seen[self->item - 1]++;
			self->done++;
			tokens--;
			self->item = 0;
			reed_try(co, reed_sleep(co->loop, 1));
		}
	}
}

/* An item that was put or got is not here any more. */
static void either_end(struct reed_co *co)
{
	tokens -= reed_frame(co, struct end)->item > 0;
}

static const struct reed_co_kind produce_kind = {
	.name = "produce",
	.size = sizeof(struct end),
	.run = produce_run,
	.end = either_end,
};
static const struct reed_co_kind consume_kind = {
	.name = "consume",
	.size = sizeof(struct end),
	.run = consume_run,
	.end = either_end,
};

static struct reed_future *start(const struct reed_co_kind *kind, int *seen)
{
	struct end *self = reed_co_new(loop, kind);

	self->seen = seen;
	return reed_start(&self->co);
}

static void stop(struct owner *o, bool interrupt)
{
	if (!interrupt)
		disown(o);
	else if (o->waiter.future)
		reed_interrupt(o->waiter.future);
	run();
	disown(o);
}

/* Items are seen, are in the queue or are released: none is lost, none doubled. */
static bool one_goes(int victim, int form, int steps, bool interrupt)
{
	struct owner o[4];
	int seen[ITEMS] = { 0 }, total = 0;
	bool more = true;

	reed_queue_init(&q, loop, &numbers, 2);
	for (int i = 0; i < 4; i++) {
		struct reed_future *f = start(i < 2 ? &produce_kind : &consume_kind, seen);

		own(&o[i], i == victim ? wrapped(form, f) : f);
	}
	for (int i = 0; i < steps && more; i++)
		more = step();
	stop(&o[victim], interrupt);
	for (int i = 0; i < 4; i++)
		stop(&o[i], false);
	for (int i = 0; i < ITEMS; i++)
		total += seen[i];
	check_int(tokens, reed_queue_count(&q));
	if (victim >= 2)
		check(total >= ITEMS && (!more || total + (int)reed_queue_count(&q) <= 2 * ITEMS));
	reed_queue_finish(&q);
	check_int(tokens, 0);
	return more;
}

static void whoever_goes_at_whatever_step_loses_and_doubles_no_item(void)
{
	for (int victim = 0; victim < 4; victim++)
		for (int form = 0; form < FORMS; form++)
			for (int interrupt = 0; interrupt < 2; interrupt++)
				for (int steps = 0; one_goes(victim, form, steps, interrupt);)
					steps++;
}

int main(void)
{
	lab_open();
	RUN(items_come_out_in_the_order_they_went_in);
	RUN(a_put_waits_for_room_and_a_get_for_an_item);
	RUN(who_waits_longest_is_served_first);
	RUN(what_does_not_suspend_does_not_overtake);
	RUN(an_item_is_taken_at_delivery);
	RUN(a_put_dropped_before_delivery_has_put_nothing);
	RUN(a_get_dropped_before_delivery_leaves_the_item_at_its_place);
	RUN(a_get_that_lost_a_race_has_got_nothing);
	RUN(a_closed_queue_gives_what_it_has_and_then_its_end);
	RUN(closing_ends_those_who_wait_for_an_item);
	RUN(the_end_waits_for_what_is_promised);
	RUN(whoever_goes_at_whatever_step_loses_and_doubles_no_item);
	lab_close();
	return 0;
}
