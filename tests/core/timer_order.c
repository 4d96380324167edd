/*
 * The timer wheel against a model of it: a heap sorted by deadline, then by
 * start.  A million random operations, from fixed seeds: near and far
 * deadlines, equal ones, restarts, stops, and all of these inside fire(),
 * under a clock that creeps, jumps, and is far in the future.
 */

#include "tests/core/tools.h"

enum { TIMERS = 512, HEAP = 1 << 17 };

struct tested {
	struct reed_timer timer;
	uint64_t start; /* the how many-th of all; 0: stopped */
};

/* An entry whose start is no longer that of its timer is of the past. */
struct entry {
	int64_t at;
	uint64_t start;
	int index;
};

static struct tested timers[TIMERS];
static struct entry heap[HEAP];
static size_t heap_count;
static uint64_t starts, fired, seed;
static int running;

static uint64_t random_below(uint64_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (seed >> 33) % n;
}

/* ---- the model ---- */

static bool before(const struct entry *a, const struct entry *b)
{
	return a->at != b->at ? a->at < b->at : a->start < b->start;
}

static void swap(struct entry *a, struct entry *b)
{
	struct entry c = *a;

	*a = *b;
	*b = c;
}

static void push(struct entry e)
{
	size_t i = heap_count++;

	check(heap_count < HEAP);
	heap[i] = e;
	for (; i > 0 && before(&heap[i], &heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&heap[i], &heap[(i - 1) / 2]);
}

static void pop(void)
{
	size_t i = 0, child;

	heap[0] = heap[--heap_count];
	while ((child = 2 * i + 1) < heap_count) {
		if (child + 1 < heap_count && before(&heap[child + 1], &heap[child]))
			child++;
		if (!before(&heap[child], &heap[i]))
			break;
		swap(&heap[child], &heap[i]);
		i = child;
	}
}

/* The next that is due; NULL when nothing runs. */
static struct entry *top(void)
{
	while (heap_count > 0 && timers[heap[0].index].start != heap[0].start)
		pop();
	return heap_count > 0 ? &heap[0] : NULL;
}

/* ---- operations on both ---- */

static void start(int i, int64_t ns)
{
	struct tested *t = &timers[i];
	int64_t at = ns < REED_NEVER - loop->now ? loop->now + ns : REED_NEVER - 1;

	running += !t->start;
	reed_timer_start(loop, &t->timer, ns);
	check_int(t->timer.at, at);
	t->start = ++starts;
	push((struct entry){ at, t->start, i });
}

static void stop(int i)
{
	struct tested *t = &timers[i];

	check_int(reed_timer_running(&t->timer), t->start != 0);
	running -= t->start != 0;
	reed_timer_stop(&t->timer);
	check(!reed_timer_running(&t->timer));
	t->start = 0;
}

static int64_t some_time(void)
{
	int64_t ns = 1 + (int64_t)random_below(1ull << random_below(31));
	const struct tested *other = &timers[random_below(TIMERS)];

	if (other->start && other->timer.at > loop->now && random_below(4) == 0)
		return other->timer.at - loop->now;
	return random_below(8) ? ns : ns << random_below(28);
}

static void operate(void)
{
	int i = (int)random_below(TIMERS);

	if (random_below(3))
		start(i, some_time());
	else
		stop(i);
}

static void fire(struct reed_timer *timer)
{
	struct tested *t = reed_container_of(timer, struct tested, timer);
	const struct entry *due = top();

	check(due && &timers[due->index] == t);
	check(due->at == timer->at && due->at <= loop->now);
	check(!reed_timer_running(timer));
	t->start = 0;
	running--;
	fired++;
	for (uint64_t n = random_below(4); n > 1; n--)
		operate();
	if (random_below(4) == 0)
		start((int)(t - timers), some_time());
}

/* ---- time ---- */

static void check_deadline(void)
{
	const struct entry *next = top();
	int64_t deadline = reed_wheel_deadline(&loop->wheel);

	if (!next) {
		check_int(deadline, REED_NEVER);
		return;
	}
	check(deadline <= next->at);
	if (running <= 32)
		check_int(deadline, next->at);
}

static void pass(void)
{
	const struct entry *next = top();
	int64_t now = loop->now, room = REED_NEVER - 2 - now;
	int64_t step = (int64_t)random_below(1ull << random_below(31));

	if (next && random_below(4))
		now = next->at;
	else
		now += step < room ? step : room;
	if (random_below(1000) == 0 && room > 1ll << 50)
		now += (int64_t)random_below(1u << 30) << 20;
	loop->now = now;
	reed_wheel_fire(loop);
	next = top();
	check(!next || next->at > loop->now);
	check_deadline();
}

static void begin(uint64_t with, int64_t now)
{
	memset(timers, 0, sizeof(timers));
	for (int i = 0; i < TIMERS; i++)
		timers[i].timer.fire = fire;
	heap_count = 0;
	running = 0;
	fired = 0;
	seed = with;
	loop->in_turn = true; /* the clock is ours */
	loop->now = now;
	reed_wheel_init(&loop->wheel, now);
}

static void end(void)
{
	for (int i = 0; i < TIMERS; i++)
		stop(i);
	check_int(running, 0);
	check_int(reed_wheel_deadline(&loop->wheel), REED_NEVER);
	loop->in_turn = false;
}

/* Few or many at a time: the more operations between two turns, the more. */
static void compare(uint64_t with, int64_t now, uint64_t operations, int a_turn)
{
	begin(with, now);
	for (uint64_t end_at = starts + operations; starts < end_at;) {
		for (int i = 0; i < a_turn; i++)
			operate();
		pass();
	}
	check(fired > operations / 20);
	end();
}

static void a_wheel_is_a_sorted_list(void)
{
	for (uint64_t i = 1; i <= 10; i++)
		compare(i, REED_S(1000) * (int64_t)i, 50000, i % 2 ? 1 : 20);
}

static void a_wheel_is_a_sorted_list_around_its_borders(void)
{
	for (int level = 0; level < 7; level++)
		for (int below = 0; below <= 2; below++)
			compare(100u + (unsigned)level, (1ll << (20 + 6 * level)) * 3 - below,
			        15000, 3);
}

static void a_wheel_is_a_sorted_list_far_in_the_future(void)
{
	compare(1000, INT64_MAX / 2 - REED_S(3), 100000, 4);
	compare(1001, INT64_MAX - REED_S(86400), 100000, 4);
	compare(1002, 0, 20000, 4);
}

int main(void)
{
	lab_open();
	RUN(a_wheel_is_a_sorted_list);
	RUN(a_wheel_is_a_sorted_list_around_its_borders);
	RUN(a_wheel_is_a_sorted_list_far_in_the_future);
	reed_wheel_init(&loop->wheel, loop->now);
	lab_close();
	return 0;
}
