/* Time, other threads, hosts and the loop itself, under any driver. */

#include "tests/conformance/driver.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* ---- time ---- */

static void a_sleep_is_never_too_short(void)
{
	static const int64_t ns[] = { 1, 1000, 300000, 1000000, 2500000, 20000000 };

	for (size_t i = 0; i < REED_COUNT(ns); i++) {
		int64_t start = reed_system_now(NULL), took;

		check_int(outcome(reed_sleep_ns(loop, ns[i])), REED_OK);
		took = reed_system_now(NULL) - start;
		check(took >= ns[i]);
	}
}

static void waiting_for_a_timer_takes_few_turns(void)
{
	uint64_t before = turns_so_far();

	for (int i = 0; i < 10; i++)
		check_int(outcome(reed_sleep_ns(loop, 2300000)), REED_OK);
	check(turns_so_far() - before <= 40);
}

static void an_idle_loop_does_not_wake(void)
{
	struct tap t = { .told = 0 };

	tap_reader(&t);
	check(turns_of_a_while() <= 3);
	tap_close(&t);
}

static void a_turn_lasts_no_longer_than_it_may(void)
{
	struct reed_future *f = reed_forever(loop);
	int64_t start = reed_system_now(NULL);

	turn_loop(loop, REED_MS(30));
	check(reed_system_now(NULL) - start >= REED_MS(29));
	turn_loop(loop, 0);
	check(reed_system_now(NULL) - start < REED_S(5));
	reed_drop(f);
}

/* ---- posts ---- */

enum { THREADS = 3, POSTS = 2000 };

struct numbered {
	struct reed_post post;
	int thread, number;
};

static struct numbered posts[THREADS][POSTS];
static int last_of[THREADS], arrived;

static void arrive(struct reed_post *post)
{
	struct numbered *self = reed_container_of(post, struct numbered, post);

	check_int(self->number, last_of[self->thread] + 1);
	last_of[self->thread]++;
	arrived++;
}

static void *post_all(void *arg)
{
	struct numbered *own = arg;

	for (int i = 0; i < POSTS; i++) {
		reed_post(loop, &own[i].post);
		if (i % 100 == 0)
			sched_yield();
	}
	return NULL;
}

static void posts_of_a_thread_arrive_all_and_in_order(void)
{
	pthread_t threads[THREADS];

	arrived = 0;
	for (int i = 0; i < THREADS; i++) {
		last_of[i] = -1;
		for (int j = 0; j < POSTS; j++)
			posts[i][j] = (struct numbered){ { NULL, arrive }, i, j };
		check(pthread_create(&threads[i], NULL, post_all, posts[i]) == 0);
	}
	until(arrived == THREADS * POSTS);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void post_again(struct reed_post *post)
{
	if (++arrived < 5)
		reed_post(loop, post);
}

static void a_post_may_post_again(void)
{
	struct reed_post post = { .run = post_again };

	arrived = 0;
	reed_post(loop, &post);
	for (int i = 1; i <= 5; i++) {
		turn_loop(loop, REED_S(1));
		check_int(arrived, i);
	}
}

static struct reed_post from_handler = { .run = post_again };

static void post_from_handler(int signo)
{
	(void)signo;
	reed_post(loop, &from_handler);
}

/* It comes while the loop waits in the system. */
static void a_signal_handler_may_post(void)
{
	struct sigaction action = { .sa_handler = post_from_handler }, before;
	struct itimerspec soon = { .it_value.tv_nsec = 20000000 };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	timer_t timer;

	arrived = 4;
	check(sigaction(SIGUSR1, &action, &before) == 0);
	check(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	check(timer_settime(timer, 0, &soon, NULL) == 0);
	until(arrived == 5);
	timer_delete(timer);
	sigaction(SIGUSR1, &before, NULL);
}

/* ---- loops in threads ---- */

struct player {
	struct reed_loop *loop;
	struct reed_post ball;
	struct player *partner;
	int hits;
};

enum { RALLY = 1000 };

static void hit(struct reed_post *post)
{
	struct player *self = reed_container_of(post, struct player, ball);
	struct player *partner = self->partner;

	self->hits++;
	if (partner->hits < RALLY)
		reed_post(partner->loop, &partner->ball);
	if (self->hits == RALLY)
		reed_loop_stop(self->loop);
}

static void *play(void *arg)
{
	struct player *self = arg;
	struct reed_timer late = { .fire = NULL }; /* keeps it running */

	reed_timer_start(self->loop, &late, REED_S(60));
	reed_loop_run(self->loop);
	reed_timer_stop(&late);
	return NULL;
}

static void loops_in_threads_talk_by_posts(void)
{
	struct player players[2] = { { .ball.run = hit }, { .ball.run = hit } };
	pthread_t thread[2];

	for (int i = 0; i < 2; i++) {
		players[i].loop = open_loop();
		leave_alone(players[i].loop);
		players[i].partner = &players[!i];
	}
	reed_post(players[0].loop, &players[0].ball);
	for (int i = 0; i < 2; i++)
		check(pthread_create(&thread[i], NULL, play, &players[i]) == 0);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	check(players[0].hits == RALLY && players[1].hits == RALLY);
	close_loop(players[0].loop);
	close_loop(players[1].loop);
}

/* ---- a host ---- */

static struct pollfd host;

static bool hosted(void)
{
	host.events = POLLIN;
	check_int(reed_loop_attach(loop, NULL, &host.fd), hosting());
	return hosting() == REED_OK;
}

/* As a host does it: waits, at most ms, and gives the loop a turn when it has to. */
static bool host_turn(int ms)
{
	if (poll(&host, 1, ms) <= 0)
		return false;
	turn_loop(loop, 0);
	return true;
}

static void settle_down(void)
{
	for (int i = 0; host_turn(0); i++)
		check(i < 5);
}

static void a_host_sees_timers_through_the_descriptor(void)
{
	int64_t start = reed_system_now(NULL);
	struct reed_timer far = { .fire = NULL };

	if (!hosted())
		return;
	settle_down();
	reed_timer_start(loop, &far, REED_S(1000));
	settle_down();
	reed_background(reed_sleep(loop, 20), NULL, NULL);
	for (int i = 0; reed_loop_deadline(loop) < far.at; i++) {
		check(i < 6);
		check(host_turn(5000));
	}
	check(reed_system_now(NULL) - start >= REED_MS(20));
	settle_down();
	reed_timer_stop(&far);
	settle_down();
}

static void note(void *arg, enum reed_err err, const char *why)
{
	(void)why;
	*(int *)arg += 1 + (int)err;
}

static void a_host_sees_what_is_ready_through_the_descriptor(void)
{
	struct tap t = { .told = 0 };
	int ended = 0;

	if (!hosted())
		return;
	settle_down();
	reed_background(reed_ready(loop, REED_OK), note, &ended);
	check(host_turn(1000));
	check_int(ended, 1);
	settle_down();
	reed_background(reed_yield(loop), note, &ended);
	while (ended < 2)
		check(host_turn(1000));
	settle_down();
	t.then = tap_hear;
	tap_reader(&t);
	tap_say(&t);
	while (!t.told)
		check(host_turn(1000));
	settle_down();
	tap_close(&t);
}

static void a_host_sees_posts_through_the_descriptor(void)
{
	struct reed_post post = { .run = post_again };

	if (!hosted())
		return;
	settle_down();
	arrived = 0;
	reed_post(loop, &post);
	while (arrived < 5)
		check(host_turn(1000));
	settle_down();
}

/* The host was busy; when it comes back everything is late, and must not be told twice. */
static void a_host_that_comes_late_finds_all_that_is_due(void)
{
	int ended = 0;

	if (!hosted())
		return;
	for (int i = 1; i <= 3; i++)
		reed_background(reed_sleep(loop, i), note, &ended);
	turn_loop(loop, 0);
	check(poll(NULL, 0, 30) == 0);
	check(host_turn(1000));
	check_int(ended, 3);
	settle_down();
}

/* ---- the loop ---- */

static void stop_it(void *arg, enum reed_err err, const char *why)
{
	(void)arg;
	(void)err;
	(void)why;
	reed_loop_stop(loop);
}

static void a_loop_that_was_stopped_can_run_again(void)
{
	int ended = 0;

	leave_alone(loop);
	reed_background(reed_sleep(loop, 5), note, &ended);
	reed_background(reed_ready(loop, REED_OK), stop_it, NULL);
	reed_loop_run(loop);
	check_int(ended, 0);
	reed_loop_run(loop);
	check_int(ended, 1);
	reed_loop_run(loop);
}

static void the_environment_may_name_the_driver(void)
{
	struct reed_loop_options options = REED_LOOP_OPTIONS;
	struct reed_loop *other = NULL;

	if (!is_driver()) {
		printf("%s is not in libreed, so nobody can name it\n", loops_of);
		return;
	}
	setenv("REED_DRIVER", loops_of, 1);
	check_int(reed_loop_new(NULL, &other), REED_OK);
	check_str(reed_loop_driver(other), loops_of);
	reed_loop_free(other);
	setenv("REED_DRIVER", "kqueue-of-old", 1);
	check_int(reed_loop_new(NULL, &other), REED_ENOTSUP);
	options.driver = loops_of; /* what the program says goes first */
	check_int(reed_loop_new(&options, &other), REED_OK);
	reed_loop_free(other);
	unsetenv("REED_DRIVER");
	options.driver = "auto";
	check_int(reed_loop_new(&options, &other), REED_OK);
	reed_loop_free(other);
}

/* One too few: what was opened already is closed again. */
static void without_descriptors_there_is_no_loop(void)
{
	struct reed_loop *other;
	struct rlimit was, few;
	int fd = dup(0);
	enum reed_err err = REED_EMFILE;

	close(fd);
	if (!survives_without_descriptors()) {
		printf("not tried: without descriptors %s leaks or ends the program itself\n",
		       loops_of);
		return;
	}
	getrlimit(RLIMIT_NOFILE, &was);
	few = was;
	for (int left = 0; err; left++) {
		check(left < 5);
		few.rlim_cur = (rlim_t)(fd + left);
		setrlimit(RLIMIT_NOFILE, &few);
		err = try_open_loop(&other);
		setrlimit(RLIMIT_NOFILE, &was);
		check(err == REED_EMFILE || left > 0);
		check(err == REED_EMFILE || !err);
		if (!err)
			close_loop(other);
		check_int(dup(0), fd);
		close(fd);
	}
}

void driver_host(void)
{
	RUN_WITH_DRIVER(a_sleep_is_never_too_short);
	RUN_WITH_DRIVER(waiting_for_a_timer_takes_few_turns);
	RUN_WITH_DRIVER(an_idle_loop_does_not_wake);
	RUN_WITH_DRIVER(a_turn_lasts_no_longer_than_it_may);

	RUN_WITH_DRIVER(posts_of_a_thread_arrive_all_and_in_order);
	RUN_WITH_DRIVER(a_post_may_post_again);
	RUN_WITH_DRIVER(a_signal_handler_may_post);
	RUN_WITH_DRIVER(loops_in_threads_talk_by_posts);

	RUN_WITH_DRIVER(a_host_sees_timers_through_the_descriptor);
	RUN_WITH_DRIVER(a_host_sees_what_is_ready_through_the_descriptor);
	RUN_WITH_DRIVER(a_host_sees_posts_through_the_descriptor);
	RUN_WITH_DRIVER(a_host_that_comes_late_finds_all_that_is_due);

	RUN_WITH_DRIVER(a_loop_that_was_stopped_can_run_again);
	RUN_WITH_DRIVER(the_environment_may_name_the_driver);
	RUN_WITH_DRIVER(without_descriptors_there_is_no_loop);
}
