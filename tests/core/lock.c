/* What locks and semaphores promise. */

#include "reed/lock.h"
#include "tests/core/tools.h"

static struct reed_semaphore sem;

/* ---- turns ---- */

static void a_lock_that_is_free_is_had_at_the_next_wake(void)
{
	struct reed_lock lock;
	struct reed_hold hold = { 0 };
	struct owner o;

	reed_lock_init(&lock, loop);
	own(&o, reed_lock(&lock, &hold));
	check(reed_is_locked(&lock) && !hold.of);
	run();
	check(o.told == 1 && o.err == REED_OK && hold.units == 1);
	reed_unlock(&hold);
	check(!reed_is_locked(&lock) && !hold.of);
	reed_unlock(&hold);
	check(!reed_is_locked(&lock));
}

static void who_waits_longest_is_served_first(void)
{
	struct reed_hold hold[4] = { { 0 } };
	struct owner o[4];

	reed_semaphore_init(&sem, loop, 1);
	for (int i = 0; i < 4; i++)
		own(&o[i], reed_acquire(&sem, 1, &hold[i]));
	for (int i = 0; i < 4; i++) {
		run();
		check_int(o[i].told, 1);
		check(i == 3 || !o[i + 1].told);
		reed_release(&hold[i]);
	}
	check_int(sem.free, 1);
}

static void a_large_request_is_not_overtaken(void)
{
	struct reed_hold hold[3] = { { 0 } };
	struct owner large, small;

	reed_semaphore_init(&sem, loop, 3);
	check(reed_try_acquire(&sem, 2, &hold[0]));
	own(&large, reed_acquire(&sem, 3, &hold[1]));
	own(&small, reed_acquire(&sem, 1, &hold[2]));
	run();
	check(!large.told && !small.told && sem.free == 1);
	reed_release(&hold[0]);
	run();
	check(large.told && !small.told);
	reed_release_some(&hold[1], 1);
	run();
	check(small.told && hold[1].units == 2);
	reed_release(&hold[1]);
	reed_release(&hold[2]);
	check_int(sem.free, 3);
}

static void what_does_not_suspend_does_not_overtake_either(void)
{
	struct reed_hold hold[2] = { { 0 } }, mine = { 0 };
	struct owner o;

	reed_semaphore_init(&sem, loop, 2);
	check(reed_try_acquire(&sem, 1, &hold[0]));
	own(&o, reed_acquire(&sem, 2, &hold[1]));
	check(!reed_try_acquire(&sem, 1, &mine) && !mine.of);
	disown(&o);
	check(reed_try_acquire(&sem, 1, &mine));
	check(!reed_try_acquire(&sem, 1, &hold[1]));
	reed_release(&hold[0]);
	reed_release(&mine);
}

static void more_units_than_there_are_is_an_error_at_once(void)
{
	struct reed_hold hold = { 0 };

	reed_semaphore_init(&sem, loop, 2);
	check_int(outcome(reed_acquire(&sem, 3, &hold)), REED_EINVAL);
	check(why_is("there are 2 units, and never 3") && !hold.of);
	reed_semaphore_add(&sem, 1);
	check_int(outcome(reed_acquire(&sem, 3, &hold)), REED_OK);
	reed_release(&hold);
}

static void units_added_serve_those_who_wait(void)
{
	struct reed_hold hold[2] = { { 0 } };
	struct owner o;

	reed_semaphore_init(&sem, loop, 1);
	check(reed_try_acquire(&sem, 1, &hold[0]));
	own(&o, reed_acquire(&sem, 1, &hold[1]));
	reed_semaphore_add(&sem, 1);
	run();
	check(o.told && sem.units == 2 && sem.free == 0);
	reed_release(&hold[0]);
	reed_release(&hold[1]);
}

/* ---- drops and interrupts ---- */

static void an_acquire_dropped_before_delivery_gives_back(void)
{
	struct reed_hold hold[2] = { { 0 } };
	struct owner first, second;

	reed_semaphore_init(&sem, loop, 1);
	own(&first, reed_acquire(&sem, 1, &hold[0]));
	own(&second, reed_acquire(&sem, 1, &hold[1]));
	check(first.waiter.future->settled && sem.free == 0);
	disown(&first);
	check(!hold[0].of && second.waiter.future->settled);
	run();
	check(second.told && hold[1].of == &sem);
	reed_release(&hold[1]);
	check_int(sem.free, 1);
}

static void whoever_leaves_the_front_lets_the_next_pass(void)
{
	struct reed_hold mine = { 0 }, hold[2] = { { 0 } };
	struct owner large, small;

	for (int interrupted = 0; interrupted < 2; interrupted++) {
		reed_semaphore_init(&sem, loop, 2);
		check(reed_try_acquire(&sem, 1, &mine));
		own(&large, reed_acquire(&sem, 2, &hold[0]));
		own(&small, reed_acquire(&sem, 1, &hold[1]));
		if (interrupted)
			reed_interrupt(large.waiter.future);
		else
			disown(&large);
		run();
		check_int(large.told, interrupted);
		check(small.told && !hold[0].of);
		reed_release(&mine);
		reed_release(&hold[1]);
		check_int(sem.free, 2);
	}
}

static void a_lock_that_lost_a_race_is_free(void)
{
	struct reed_semaphore other;
	struct reed_hold hold[2] = { { 0 } };
	int which = -1;

	reed_semaphore_init(&sem, loop, 1);
	reed_semaphore_init(&other, loop, 1);
	check_int(outcome(reed_any(&which, reed_acquire(&sem, 1, &hold[0]),
	                           reed_acquire(&other, 1, &hold[1]))),
	          REED_OK);
	check(which == 0 && hold[0].of == &sem && !hold[1].of);
	check(sem.free == 0 && other.free == 1);
	reed_release(&hold[0]);
}

static void all_has_all_locks_or_none(void)
{
	struct reed_semaphore other;
	struct reed_hold mine = { 0 }, hold[2] = { { 0 } };

	reed_semaphore_init(&sem, loop, 1);
	reed_semaphore_init(&other, loop, 1);
	check(reed_try_acquire(&other, 1, &mine));
	check_int(outcome(reed_within(5, reed_all(reed_acquire(&sem, 1, &hold[0]),
	                                          reed_acquire(&other, 1, &hold[1])))),
	          REED_ETIMEDOUT);
	check(!hold[0].of && !hold[1].of && sem.free == 1);
	reed_release(&mine);
	check_int(outcome(reed_all(reed_acquire(&sem, 1, &hold[0]),
	                           reed_acquire(&other, 1, &hold[1]))),
	          REED_OK);
	reed_release(&hold[0]);
	reed_release(&hold[1]);
}

/* ---- at every step ---- */

static int inside, entered;

struct worker {
	struct reed_co co;
	struct reed_lock *lock;
	struct reed_hold hold;
	int rounds;
	bool in;
};

static void worker_run(struct reed_co *co)
{
	struct worker *self = reed_frame(co, struct worker);

	reed_coroutine (co) {
		for (self->rounds = 0; self->rounds < 3; self->rounds++) {
			reed_try(co, reed_lock(self->lock, &self->hold));
			check_int(++inside, 1);
			entered++;
			self->in = true;
			reed_try(co, reed_sleep(co->loop, 3));
			inside--;
			self->in = false;
			reed_unlock(&self->hold);
		}
	}
}

static void worker_end(struct reed_co *co)
{
	struct worker *self = reed_frame(co, struct worker);

	inside -= self->in;
	reed_unlock(&self->hold);
}

static const struct reed_co_kind worker_kind = {
	.name = "worker",
	.size = sizeof(struct worker),
	.run = worker_run,
	.end = worker_end,
};

static struct reed_future *work(struct reed_lock *lock)
{
	struct worker *self = reed_co_new(loop, &worker_kind);

	self->lock = lock;
	return reed_start(&self->co);
}

/* The victim goes after so many steps, the others come to their end. */
static bool one_goes(int victim, int form, int steps, bool interrupt)
{
	struct reed_lock lock;
	struct owner o[3];
	bool more = true;

	reed_lock_init(&lock, loop);
	entered = 0;
	for (int i = 0; i < 3; i++)
		own(&o[i], i == victim ? wrapped(form, work(&lock)) : work(&lock));
	for (int i = 0; i < steps && more; i++)
		more = step();
	if (interrupt && o[victim].waiter.future)
		reed_interrupt(o[victim].waiter.future);
	else if (!interrupt)
		disown(&o[victim]);
	run();
	check(!reed_is_locked(&lock));
	check(inside == 0 && entered >= 6 && entered <= 9);
	for (int i = 0; i < 3; i++)
		check(i == victim || (o[i].told == 1 && !o[i].err));
	return more;
}

static void whoever_goes_at_whatever_step_leaves_the_lock_free(void)
{
	for (int victim = 0; victim < 3; victim++)
		for (int form = 0; form < FORMS; form++)
			for (int interrupt = 0; interrupt < 2; interrupt++)
				for (int steps = 0; one_goes(victim, form, steps, interrupt);)
					steps++;
}

int main(void)
{
	lab_open();
	RUN(a_lock_that_is_free_is_had_at_the_next_wake);
	RUN(who_waits_longest_is_served_first);
	RUN(a_large_request_is_not_overtaken);
	RUN(what_does_not_suspend_does_not_overtake_either);
	RUN(more_units_than_there_are_is_an_error_at_once);
	RUN(units_added_serve_those_who_wait);
	RUN(an_acquire_dropped_before_delivery_gives_back);
	RUN(whoever_leaves_the_front_lets_the_next_pass);
	RUN(a_lock_that_lost_a_race_is_free);
	RUN(all_has_all_locks_or_none);
	RUN(whoever_goes_at_whatever_step_leaves_the_lock_free);
	lab_close();
	return 0;
}
