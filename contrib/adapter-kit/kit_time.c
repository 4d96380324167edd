/* Timers, idleness, fairness. */

#include <fcntl.h>
#include <pthread.h>
#include <reed/co.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "kit.h"

static uint64_t turns(void)
{
	struct reed_loop_stats stats = { .size = sizeof(stats) };

	reed_loop_stats(kit_loop, &stats);
	return stats.turns;
}

/* How often the thread has gone to sleep: this counts whoever wakes it. */
static long sleeps(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw;
}

/* ---- timers of both ---- */

enum { TIMERS = 7, LATE_MS = 500 };

static const int lengths[TIMERS] = { 1, 2, 5, 10, 20, 50, 100 };

struct measured {
	struct kit_alarm alarm;
	int64_t started, took;
};

static void measure(void *arg)
{
	struct measured *self = arg;

	self->took = kit_now() - self->started;
}

static void timers_of_both_fire_in_their_time(void)
{
	struct measured own[TIMERS];
	int foreign = 0;
	void *timer = kit->timer_new(kit_foreign, 7, kit_count, &foreign);

	for (int i = 0; i < TIMERS; i++) {
		own[i] = (struct measured){ .started = kit_now() };
		kit_alarm(&own[i].alarm, lengths[i], measure, &own[i]);
	}
	kit_until(own[TIMERS - 1].took && foreign >= 10);
	kit->timer_free(timer);
	for (int i = 0; i < TIMERS; i++) {
		require(own[i].took >= REED_MS(lengths[i]));
		require(own[i].took < REED_MS(lengths[i] + LATE_MS));
	}
}

static void a_timer_started_from_the_foreign_side_fires(void)
{
	struct kit_alarm alarm;
	int foreign = 0, fired = 0;
	void *timer = kit->timer_new(kit_foreign, 30, kit_count, &foreign);
	int64_t started;

	kit_until(foreign > 0); /* some time after Reed's last turn */
	started = kit_now();
	kit_alarm(&alarm, 20, kit_count, &fired);
	kit_until(fired);
	require(kit_now() - started >= REED_MS(20));
	kit->timer_free(timer);
}

struct starter {
	struct kit_alarm alarm;
	int64_t started, took;
	void *timer;
};

static void starter_fired(void *arg)
{
	struct starter *self = arg;

	self->took = kit_now() - self->started;
}

static void work_for(int ms)
{
	int64_t began = kit_now();

	while (kit_now() - began < REED_MS(ms))
		continue;
}

/* As a library of the foreign loop's calls Reed, after work of its own. */
static void start_in_callback(void *arg)
{
	struct starter *self = arg;

	kit->timer_free(self->timer);
	self->timer = NULL;
	work_for(5);
	self->started = kit_now();
	kit_alarm(&self->alarm, 20, starter_fired, self);
}

static void a_timer_started_in_a_foreign_callback_is_not_too_short(void)
{
	struct starter self = { .took = 0 };

	self.timer = kit->timer_new(kit_foreign, 60, start_in_callback, &self);
	kit_until(self.took);
	require(self.took >= REED_MS(20));
}

static void a_foreign_timer_started_by_reed_fires(void)
{
	struct kit_alarm alarm;
	int fired = 0, foreign = 0;
	void *timer;

	kit_alarm(&alarm, 5, kit_count, &fired);
	kit_until(fired);
	timer = kit->timer_new(kit_foreign, 5, kit_count, &foreign);
	kit_until(foreign > 2);
	kit->timer_free(timer);
}

/* ---- nothing to do ---- */

enum { IDLE_MS = 2000, FEW = 6 };

static void two_idle_seconds_wake_nobody(void)
{
	struct kit_alarm far;
	int never = 0, over = 0, settled = 0, fds[2];
	void *timer, *watch;
	uint64_t turns_before;
	long sleeps_before;

	require(pipe(fds) == 0);
	watch = kit->watch_new(kit_foreign, fds[0], kit_count, &never);
	timer = kit->timer_new(kit_foreign, 20, kit_count, &settled);
	kit_until(settled > 0);
	kit->timer_free(timer);
	kit_alarm(&far, 3600000, kit_count, &never);
	timer = kit->timer_new(kit_foreign, IDLE_MS, kit_count, &over);
	turns_before = turns();
	sleeps_before = sleeps();
	kit_until(over);
	printf("idle for %d ms: %llu turns, %ld sleeps\n", IDLE_MS,
	       (unsigned long long)(turns() - turns_before), sleeps() - sleeps_before);
	require(turns() - turns_before <= FEW);
	require(sleeps() - sleeps_before <= FEW);
	require(!never);
	kit->timer_free(timer);
	kit->watch_free(watch);
	reed_timer_stop(&far.timer);
	close(fds[0]);
	close(fds[1]);
}

/* ---- fairness ---- */

/*
 * It is about what the thread gets of the processor: how much that is, is not up
 * to the loops.  A machine with other work makes more ticks due, not fewer.
 */
static int64_t busy_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

enum { FAIR_MS = 500, TICK_MS = 5, FAIR_PART = 4, WORKERS = 200 };

static const struct reed_co_kind worker_kind;

/* Always has something to do, as a server under load. */
static void worker_run(struct reed_co *co)
{
	reed_coroutine (co) {
		for (;;)
			reed_try(co, reed_yield(co->loop));
	}
}

static const struct reed_co_kind worker_kind = {
	.name = "worker",
	.size = sizeof(struct reed_co),
	.run = worker_run,
};

static void a_busy_reed_lets_the_foreign_loop_tick(void)
{
	struct reed_future *workers[WORKERS];
	int64_t until = busy_ns() + REED_MS(FAIR_MS);
	int ticks = 0;
	void *timer = kit->timer_new(kit_foreign, TICK_MS, kit_count, &ticks);

	for (int i = 0; i < WORKERS; i++)
		workers[i] = reed_start(reed_co_new(kit_loop, &worker_kind));
	kit_until(busy_ns() > until);
	printf("Reed busy: %d of %d foreign ticks\n", ticks, FAIR_MS / TICK_MS);
	require(ticks >= FAIR_MS / TICK_MS / FAIR_PART);
	for (int i = 0; i < WORKERS; i++)
		reed_drop(workers[i]);
	kit->timer_free(timer);
}

struct ticker {
	struct reed_timer timer;
	int ticks;
};

static void tick(struct reed_timer *timer)
{
	reed_container_of(timer, struct ticker, timer)->ticks++;
	reed_timer_start(kit_loop, timer, REED_MS(TICK_MS));
}

static void a_busy_foreign_loop_lets_reed_tick(void)
{
	struct ticker ticker = { .timer.fire = tick };
	int64_t until = busy_ns() + REED_MS(FAIR_MS);
	int calls = 0, fds[2];
	void *watch;

	require(pipe(fds) == 0);
	require(write(fds[1], "x", 1) == 1);
	watch = kit->watch_new(kit_foreign, fds[0], kit_count, &calls);
	reed_timer_start(kit_loop, &ticker.timer, REED_MS(TICK_MS));
	kit_until(busy_ns() > until);
	printf("foreign loop busy, %d calls: %d of %d ticks of Reed\n", calls, ticker.ticks,
	       FAIR_MS / TICK_MS);
	require(ticker.ticks >= FAIR_MS / TICK_MS / FAIR_PART && calls > FAIR_MS / TICK_MS);
	kit->watch_free(watch);
	reed_timer_stop(&ticker.timer);
	close(fds[0]);
	close(fds[1]);
}

/* ---- posts ---- */

enum { THREADS = 3, POSTS = 2000 };

struct numbered {
	struct reed_post post;
	int thread, number;
};

static struct numbered posts[THREADS][POSTS];
static int next_of[THREADS], arrived;

static void arrive(struct reed_post *post)
{
	struct numbered *self = reed_container_of(post, struct numbered, post);

	require(self->number == next_of[self->thread]++);
	arrived++;
}

static void *post_all(void *arg)
{
	struct numbered *own = arg;

	for (int i = 0; i < POSTS; i++) {
		reed_post(kit_loop, &own[i].post);
		if (i % 500 == 0)
			usleep(2000); /* the loops go to sleep meanwhile */
	}
	return NULL;
}

static void posts_of_threads_arrive_all_and_in_order(void)
{
	pthread_t threads[THREADS];
	struct kit_alarm far;
	int never = 0;

	arrived = 0;
	kit_alarm(&far, 3600000, kit_count, &never);
	for (int i = 0; i < THREADS; i++) {
		next_of[i] = 0;
		for (int j = 0; j < POSTS; j++)
			posts[i][j] = (struct numbered){ { NULL, arrive }, i, j };
		require(pthread_create(&threads[i], NULL, post_all, posts[i]) == 0);
	}
	kit_until(arrived == THREADS * POSTS);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	reed_timer_stop(&far.timer);
}

#define TEST(test)                         \
	{                                  \
		.name = #test, .run = test \
	}

const struct kit_test kit_time_tests[] = {
	TEST(timers_of_both_fire_in_their_time),
	TEST(a_timer_started_from_the_foreign_side_fires),
	TEST(a_timer_started_in_a_foreign_callback_is_not_too_short),
	TEST(a_foreign_timer_started_by_reed_fires),
	TEST(two_idle_seconds_wake_nobody),
	TEST(a_busy_reed_lets_the_foreign_loop_tick),
	TEST(a_busy_foreign_loop_lets_reed_tick),
	TEST(posts_of_threads_arrive_all_and_in_order),
	{ .name = NULL },
};
