/*
 * timers [COUNT] - what a loop's timer queue costs: COUNT (default 1000000)
 * timers of 60..120 s are added, restarted and cancelled in random order, then
 * COUNT timers of 1..1000 ms are added and all expire.
 *
 * Built once per library with -DUSE_REED, -DUSE_LIBUV, -DUSE_LIBEVENT or -DUSE_LIBEV.
 * To measure another loop, add a block of the functions below.
 * Prints CPU nanoseconds per timer and operation.
 *
 * Timers are added as programs add them, inside a turn: there every one of these loops goes by
 * the clock it read last. (Between turns Reed reads it anew, the others do not.)
 */
#include "../load/bench.h"

static uint64_t fired;

#if defined USE_REED
#include <reed/loop.h>
typedef struct reed_timer timer_slot;
static struct reed_loop *loop;
static void on_timer(struct reed_timer *t)
{
	(void)t;
	fired++;
}
static void loop_new(void)
{
	reed_loop_new(NULL, &loop);
}
static void loop_run(void)
{
	reed_loop_run(loop);
}
static void loop_tick(void)
{
	reed_loop_turn(loop, 0);
}
static void (*called)(void);
static void on_call(struct reed_timer *t)
{
	(void)t;
	called();
	called = NULL;
}
static void loop_call(void (*fn)(void))
{
	static struct reed_timer soon = { .fire = on_call };

	called = fn;
	reed_timer_start(loop, &soon, 0);
	while (called)
		reed_loop_turn(loop, REED_MS(1000));
}
static void timer_init(timer_slot *t)
{
	t->fire = on_timer;
}
static void timer_add(timer_slot *t, unsigned ms)
{
	reed_timer_start(loop, t, REED_MS(ms));
}
static void timer_restart(timer_slot *t, unsigned ms)
{
	timer_add(t, ms);
}
static void timer_cancel(timer_slot *t)
{
	reed_timer_stop(t);
}
#elif defined USE_LIBUV
#include <uv.h>
typedef uv_timer_t timer_slot;
static uv_loop_t *loop;
static void on_timer(uv_timer_t *t)
{
	(void)t;
	fired++;
}
static void loop_new(void)
{
	loop = uv_default_loop();
}
static void loop_run(void)
{
	uv_run(loop, UV_RUN_DEFAULT);
}
static void loop_tick(void)
{
	uv_update_time(loop);
}
static void timer_init(timer_slot *t)
{
	uv_timer_init(loop, t);
}
static void timer_add(timer_slot *t, unsigned ms)
{
	uv_timer_start(t, on_timer, ms, 0);
}
static void timer_restart(timer_slot *t, unsigned ms)
{
	uv_timer_start(t, on_timer, ms, 0);
}
static void timer_cancel(timer_slot *t)
{
	uv_timer_stop(t);
}
#elif defined USE_LIBEVENT
#include <event2/event.h>
#include <event2/event_struct.h>
typedef struct event timer_slot;
static struct event_base *loop;
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	fired++;
}
static void loop_new(void)
{
	loop = event_base_new();
}
static void loop_run(void)
{
	event_base_dispatch(loop);
}
static void loop_tick(void)
{
	event_base_update_cache_time(loop);
}
static void timer_init(timer_slot *t)
{
	event_assign(t, loop, -1, 0, on_timer, NULL);
}
static void timer_add(timer_slot *t, unsigned ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };
	event_add(t, &tv);
}
static void timer_restart(timer_slot *t, unsigned ms)
{
	timer_add(t, ms);
}
static void timer_cancel(timer_slot *t)
{
	event_del(t);
}
#elif defined USE_LIBEV
#include <ev.h>
typedef ev_timer timer_slot;
static struct ev_loop *loop;
static void on_timer(struct ev_loop *l, ev_timer *t, int events)
{
	(void)l;
	(void)t;
	(void)events;
	fired++;
}
static void loop_new(void)
{
	loop = ev_default_loop(0);
}
static void loop_run(void)
{
	ev_run(loop, 0);
}
static void loop_tick(void)
{
	ev_now_update(loop);
}
static void timer_init(timer_slot *t)
{
	ev_timer_init(t, on_timer, 0, 0);
}
static void timer_add(timer_slot *t, unsigned ms)
{
	ev_timer_set(t, ms / 1e3, 0);
	ev_timer_start(loop, t);
}
static void timer_restart(timer_slot *t, unsigned ms)
{
	t->repeat = ms / 1e3;
	ev_timer_again(loop, t);
}
static void timer_cancel(timer_slot *t)
{
	ev_timer_stop(loop, t);
}
#else
#error "name a library: -DUSE_REED, -DUSE_LIBUV, -DUSE_LIBEVENT or -DUSE_LIBEV"
#endif

#ifndef USE_REED
static void loop_call(void (*fn)(void))
{
	fn();
}
#endif

static uint32_t next_random(void)
{
	static uint64_t x = 88172645463325252u;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 32);
}

static double cpu_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint32_t n;
static timer_slot *timers;
static uint32_t *order, *delay;
static double add, restart, cancel, add_short;

static void long_ones(void)
{
	double t0 = cpu_s();
	for (uint32_t i = 0; i < n; i++)
		timer_add(&timers[i], 60000 + delay[i] % 60000);
	double t1 = cpu_s();
	for (uint32_t i = 0; i < n; i++)
		timer_restart(&timers[order[i]], 60000 + delay[n - 1 - i] % 60000);
	double t2 = cpu_s();
	for (uint32_t i = n; i-- > 0;)
		timer_cancel(&timers[order[i]]);
	add = t1 - t0;
	restart = t2 - t1;
	cancel = cpu_s() - t2;
}

static void short_ones(void)
{
	double t = cpu_s();
	for (uint32_t i = 0; i < n; i++)
		timer_add(&timers[i], 1 + delay[i] % 1000);
	add_short = cpu_s() - t;
}

int main(int argc, char **argv)
{
	n = argc > 1 ? (uint32_t)atoi(argv[1]) : 1000000;
	timers = xcalloc(n, sizeof *timers);
	order = xcalloc(n, sizeof *order);
	delay = xcalloc(n, sizeof *delay);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t j = next_random() % (i + 1);
		order[i] = order[j];
		order[j] = i;
		delay[i] = next_random();
	}
	loop_new();
	for (uint32_t i = 0; i < n; i++)
		timer_init(&timers[i]);

	loop_call(long_ones);
	loop_tick();
	loop_call(short_ones);
	double t = cpu_s();
	loop_run();
	t = cpu_s() - t;
	if (fired != n)
		die("%llu of %u timers fired", (unsigned long long)fired, n);
	double scale = 1e9 / n;
	printf("add_ns=%.0f restart_ns=%.0f cancel_ns=%.0f add_short_ns=%.0f expire_ns=%.0f bytes=%zu\n",
	       add * scale, restart * scale, cancel * scale, add_short * scale, t * scale,
	       sizeof *timers);
	return 0;
}
