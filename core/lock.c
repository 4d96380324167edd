/*
 * A wait is served when it settles: the units are its own from then on, so that
 * nobody can come in between, and they go back if it is never delivered.
 */

#include "reed/lock.h"

#include "private.h"

struct wait {
	struct reed_future future;
	struct reed_list link; /* among the waits of the semaphore */
	struct reed_semaphore *of;
	struct reed_hold *hold;
	size_t units;
	bool served; /* and not handed over */
};

static struct wait *wait_of(struct reed_future *f)
{
	return reed_container_of(f, struct wait, future);
}

static struct wait *first_wait(const struct reed_semaphore *s)
{
	return reed_container_of(s->waits.next, struct wait, link);
}

static void serve(struct reed_semaphore *s, struct wait *wait)
{
	s->free -= wait->units;
	wait->served = true;
	reed_settle(&wait->future, REED_OK);
}

static void serve_all(struct reed_semaphore *s)
{
	while (!reed_list_empty(&s->waits) && first_wait(s)->units <= s->free) {
		struct wait *wait = first_wait(s);

		reed_list_remove(&wait->link);
		serve(s, wait);
	}
}

static void give_back(struct reed_semaphore *s, size_t units)
{
	s->free += units;
	serve_all(s);
}

/* Those behind it may have waited for nothing else. */
static void wait_cancel(struct reed_future *f)
{
	reed_list_remove(&wait_of(f)->link);
	serve_all(wait_of(f)->of);
}

static void wait_deliver(struct reed_future *f)
{
	struct wait *wait = wait_of(f);

	if (!wait->served)
		return;
	*wait->hold = (struct reed_hold){ wait->of, wait->units };
	wait->served = false;
}

static void wait_free(struct reed_future *f)
{
	struct wait *wait = wait_of(f);

	if (wait->served)
		give_back(wait->of, wait->units);
	reed_free(wait);
}

static const struct reed_future_kind wait_kind = {
	.name = "acquire",
	.cancel = wait_cancel,
	.deliver = wait_deliver,
	.free = wait_free,
};

void reed_semaphore_init(struct reed_semaphore *s, struct reed_loop *loop, size_t units)
{
	*s = (struct reed_semaphore){ .loop = loop, .units = units, .free = units };
	reed_list_init(&s->waits);
}

void reed_semaphore_add(struct reed_semaphore *s, size_t units)
{
	s->units += units;
	give_back(s, units);
}

static bool is_free(const struct reed_semaphore *s, size_t units)
{
	return reed_list_empty(&s->waits) && units <= s->free;
}

struct reed_future *reed_acquire(struct reed_semaphore *s, size_t units, struct reed_hold *hold)
{
	struct wait *wait;

	assert(!hold->of);
	if (units > s->units)
		return reed_failed(s->loop, REED_EINVAL, "there are %zu units, and never %zu",
		                   s->units, units);
	wait = reed_alloc(sizeof(*wait));
	reed_future_init(&wait->future, s->loop, &wait_kind);
	wait->of = s;
	wait->units = units;
	wait->hold = hold;
	if (is_free(s, units))
		serve(s, wait);
	else
		reed_list_append(&s->waits, &wait->link);
	return &wait->future;
}

bool reed_try_acquire(struct reed_semaphore *s, size_t units, struct reed_hold *hold)
{
	assert(!hold->of);
	if (!is_free(s, units))
		return false;
	s->free -= units;
	*hold = (struct reed_hold){ s, units };
	return true;
}

void reed_release_some(struct reed_hold *hold, size_t units)
{
	struct reed_semaphore *s = hold->of;

	assert(units <= hold->units);
	hold->units -= units;
	if (hold->units == 0)
		hold->of = NULL;
	if (s)
		give_back(s, units);
}

void reed_release(struct reed_hold *hold)
{
	reed_release_some(hold, hold->units);
}

void reed_lock_init(struct reed_lock *lock, struct reed_loop *loop)
{
	reed_semaphore_init(&lock->one, loop, 1);
}
