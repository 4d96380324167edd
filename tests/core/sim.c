/* The simulation: time, chance, hosts, who has a turn. */

#include "sim_tools.h"

/* ---- time ---- */

struct sleeper {
	struct reed_co co;
	int i, times;
	int64_t ns;
	char name, *log; /* may be NULL */
};

static void sleeper_run(struct reed_co *co)
{
	struct sleeper *self = reed_frame(co, struct sleeper);

	reed_coroutine (co) {
		for (self->i = 0; self->i < self->times; self->i++) {
			reed_try(co, reed_sleep_ns(co->loop, self->ns));
			if (self->log)
				self->log[strlen(self->log)] = self->name;
		}
	}
}

static const struct reed_co_kind sleeper_kind = {
	.name = "sleeper",
	.size = sizeof(struct sleeper),
	.run = sleeper_run,
};

static struct reed_future *sleeper(struct reed_loop *loop, int times, int64_t ns, char name,
                                   char *log)
{
	struct sleeper *self = reed_co_new(loop, &sleeper_kind);

	self->times = times;
	self->ns = ns;
	self->name = name;
	self->log = log;
	return reed_start(&self->co);
}

static void a_year_passes_at_once(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_loop *loop = reed_sim_host(sim, "a");
	int64_t begin = reed_now(loop), wall = reed_wall(loop);

	reed_sim_add(sim, sleeper(loop, 365 * 24, REED_S(3600), 0, NULL));
	check_int(reed_sim_run(sim), REED_OK);
	check_int(reed_sim_now(sim), REED_S(365 * 24 * 3600));
	check_int(reed_now(loop) - begin, REED_S(365 * 24 * 3600));
	check_int(reed_wall(loop) - wall, REED_S(365 * 24 * 3600));
	reed_sim_free(sim);
}

static void all_hosts_live_in_one_time(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	char log[20] = "";

	reed_sim_add(sim, sleeper(reed_sim_host(sim, "a"), 6, 200, 'a', log));
	reed_sim_add(sim, sleeper(reed_sim_host(sim, "b"), 4, 301, 'b', log));
	check_int(reed_sim_run(sim), REED_OK);
	check_str(log, "abaababaab");
	check_int(reed_sim_now(sim), 1204);
	reed_sim_free(sim);
}

static void many_timers_fire_to_the_nanosecond(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_loop *loop = reed_sim_host(sim, "a");
	char log[101] = "";

	for (int i = 99; i >= 0; i--)
		reed_sim_add(sim, sleeper(loop, 1, REED_S(1000) + i, (char)('0' + i / 10), log));
	check_int(reed_sim_run(sim), REED_OK);
	for (int i = 0; i < 100; i++)
		check_int(log[i], '0' + i / 10);
	check_int(reed_sim_now(sim), REED_S(1000) + 99);
	reed_sim_free(sim);
}

static void the_wall_clock_begins_where_it_is_told_and_jumps_for_one_host(void)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct reed_sim *sim;
	struct reed_loop *a, *b;

	options.start = REED_S(86400);
	sim = reed_sim_new(&options);
	a = reed_sim_host(sim, "a");
	b = reed_sim_host(sim, "b");
	reed_sim_run_for(sim, REED_S(1));
	check_int(reed_wall(a), REED_S(86401));
	reed_sim_step_wall(sim, "a", -REED_S(60));
	check_int(reed_wall(a), REED_S(86341));
	check_int(reed_wall(b), REED_S(86401));
	check_int(reed_now(a), reed_now(b));
	reed_sim_free(sim);
}

static void what_is_given_ends_when_it_is_told(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_loop *loop = reed_sim_host(sim, "a");
	char log[20] = "";

	reed_sim_add(sim, sleeper(loop, 10, REED_S(1), 'x', log));
	check_int(reed_sim_run_for(sim, REED_S(3) - 1), REED_OK);
	check_str(log, "xx");
	check_int(reed_sim_run_for(sim, 1), REED_OK);
	check_str(log, "xxx");
	check_int(reed_sim_now(sim), REED_S(3));
	check_int(reed_sim_run_until(sim, reed_sleep(loop, 1500), NULL), REED_OK);
	check_int(reed_sim_now(sim), REED_MS(4500));
	reed_sim_free(sim);
}

/* ---- chance ---- */

static uint64_t entropy_of_b(uint64_t seed, bool a_draws_too)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct reed_sim *sim;
	uint64_t got;

	options.seed = seed;
	sim = reed_sim_new(&options);
	if (a_draws_too)
		reed_random(reed_sim_host(sim, "a"));
	got = reed_random(reed_sim_host(sim, "b"));
	reed_sim_free(sim);
	return got;
}

static void entropy_is_of_the_seed_and_the_host(void)
{
	check(entropy_of_b(1, false) == entropy_of_b(1, true));
	check(entropy_of_b(1, false) != entropy_of_b(2, false));
}

static void a_host_that_comes_up_again_has_new_entropy(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	uint64_t before = reed_random(reed_sim_host(sim, "a"));

	check(reed_random(reed_sim_restart(sim, "a")) != before);
	reed_sim_free(sim);
}

static size_t choose_last(void *arg, size_t n)
{
	++*(int *)arg;
	return n - 1;
}

static void the_schedule_may_be_chosen(void)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct reed_sim *sim;
	char log[20] = "";
	int asked = 0;

	options.schedule = REED_SIM_CHOSEN;
	options.choose = choose_last;
	options.arg = &asked;
	sim = reed_sim_new(&options);
	for (char name = 'a'; name <= 'd'; name++)
		reed_sim_add(sim, sleeper(reed_sim_host(sim, "h"), 1, 100, name, log));
	check_int(reed_sim_run(sim), REED_OK);
	/* they were started in reverse, fired in that order, and were woken in reverse again */
	check_str(log, "abcd");
	check_int(asked, 3 + 3 + 3);
	reed_sim_free(sim);
}

static void log_of_seed(uint64_t seed, enum reed_sim_schedule schedule, char log[20])
{
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct reed_sim *sim;

	options.seed = seed;
	options.schedule = schedule;
	sim = reed_sim_new(&options);
	memset(log, 0, 20);
	for (char name = 'a'; name <= 'h'; name++)
		reed_sim_add(sim, sleeper(reed_sim_host(sim, "h"), 1, 100, name, log));
	check_int(reed_sim_run(sim), REED_OK);
	reed_sim_free(sim);
}

static void the_seed_shuffles_who_is_woken(void)
{
	char one[20], same[20], other[20];

	log_of_seed(1, REED_SIM_SHUFFLED, one);
	log_of_seed(1, REED_SIM_SHUFFLED, same);
	log_of_seed(2, REED_SIM_SHUFFLED, other);
	check_str(one, same);
	check(strcmp(one, other) != 0);
	check_int(strlen(one), 8);
	log_of_seed(2, REED_SIM_IN_ORDER, other);
	check_str(other, "abcdefgh");
}

/* ---- hosts ---- */

static void a_host_has_one_loop_and_a_name_in_any_case(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_loop *loop = reed_sim_host(sim, "Server.Example");

	check(loop == reed_sim_host(sim, "server.example"));
	check_str(reed_sim_host_name(loop), "Server.Example");
	check_str(reed_loop_driver(loop), "sim");
	check(reed_loop_simulated(loop));
	check(reed_sim_of(loop) == sim);
	check(reed_sim_is_up(sim, "server.example"));
	check(!reed_sim_is_up(sim, "client.example"));
	reed_sim_free(sim);
}

static void a_loop_of_the_system_is_not_simulated(void)
{
	struct reed_loop *loop;

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	check(!reed_loop_simulated(loop));
	check(!reed_sim_of(loop));
	check(!reed_sim_host_name(loop));
	reed_loop_free(loop);
}

static void a_task_that_fails_fails_the_simulation(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_loop *loop = reed_sim_host(sim, "a");

	reed_sim_add(sim, sleeper(loop, 1000, REED_S(1), 0, NULL));
	reed_sim_add(sim, reed_failed(loop, REED_EPROTO, "the peer sang"));
	check_int(reed_sim_run(sim), REED_EPROTO);
	check_str(reed_sim_failure(sim)->sentence, "a: a: the peer sang");
	check_int(reed_sim_now(sim), 0);
	reed_sim_free(sim);
}

static void a_failure_nobody_hears_fails_the_simulation_or_not(void)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct reed_sim *sim;
	struct reed_loop *loop;

	for (int lenient = 0; lenient < 2; lenient++) {
		options.lenient = lenient;
		sim = reed_sim_new(&options);
		loop = reed_sim_host(sim, "a");
		reed_background(reed_failed(loop, REED_EIO, "no luck"), NULL, NULL);
		check_int(reed_sim_run(sim), lenient ? REED_OK : REED_EIO);
		reed_sim_free(sim);
	}
}

static void a_check_that_fails_says_where(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);

	reed_sim_fail(sim, "%d is not %d", 1, 2);
	reed_sim_fail(sim, "something else");
	check_int(reed_sim_run(sim), REED_ECORRUPT);
	check_str(reed_sim_failure(sim)->sentence, "1 is not 2");
	check(strstr(reed_sim_failure(sim)->file, "sim.c"));
	reed_sim_free(sim);
}

/* ---- ends ---- */

struct stuck {
	struct reed_co co;
};

static void stuck_run(struct reed_co *co)
{
	reed_coroutine (co) {
		reed_try(co, reed_sleep(co->loop, 1000));
		reed_try(co, reed_forever(co->loop));
	}
}

static const struct reed_co_kind stuck_kind = {
	.name = "stuck",
	.size = sizeof(struct stuck),
	.run = stuck_run,
};

static void who_waits_for_ever_is_told_where(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_loop *loop = reed_sim_host(sim, "a");
	struct stuck *self = reed_co_new(loop, &stuck_kind);
	struct reed_future *quick = sleeper(loop, 1, 1, 0, NULL);
	struct reed_fault *fault;
	check_int(reed_sim_run_until(sim, reed_all(quick, reed_start(&self->co)), &fault),
	          REED_ETIMEDOUT);
	check(strstr(fault->sentence, "waits for ever, at tests/core/sim.c:"));
	check(strstr(fault->sentence, " (stuck)"));
	check_int(reed_sim_now(sim), REED_S(1));
	reed_fault_free(fault);
	reed_sim_free(sim);
}

struct spinner {
	struct reed_co co;
};

static void spinner_run(struct reed_co *co)
{
	reed_coroutine (co) {
		for (;;)
			reed_await(co, reed_yield(co->loop));
	}
}

static const struct reed_co_kind spinner_kind = {
	.name = "spinner",
	.size = sizeof(struct spinner),
	.run = spinner_run,
};

static void what_does_not_end_fails(void)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct reed_sim *sim;
	struct spinner *self;

	options.most_turns = 1000;
	sim = reed_sim_new(&options);
	self = reed_co_new(reed_sim_host(sim, "a"), &spinner_kind);
	reed_sim_add(sim, reed_start(&self->co));
	check_int(reed_sim_run(sim), REED_ECORRUPT);
	check(strstr(reed_sim_failure(sim)->sentence, "does not end: 1000 turns"));
	check_int(stats_of(sim).turns, 1000);
	reed_sim_free(sim);
}

static void a_loop_can_be_run_by_itself_and_the_world_goes_on(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_loop *a = reed_sim_host(sim, "a"), *b = reed_sim_host(sim, "b");
	char log[20] = "";

	reed_sim_add(sim, sleeper(b, 10, REED_MS(100), 'b', log));
	check_int(reed_loop_run_until(a, sleeper(a, 1, REED_MS(450), 'a', log), NULL), REED_OK);
	check_str(log, "bbbba");
	check_int(reed_now(a) - reed_now(b), REED_MS(50));
	reed_loop_run(a); /* has nothing to wait for */
	check_str(log, "bbbba");
	reed_loop_run(b);
	check_str(log, "bbbbabbbbbb");
	reed_sim_free(sim);
}

static void a_loop_that_listens_runs_until_nobody_can_come(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_loop *a = reed_sim_host(sim, "a"), *b = reed_sim_host(sim, "b");
	struct reed_stream *at_a = NULL, *at_b = NULL;
	struct reed_listener *listener;
	struct reed_future *accept;

	check_int(reed_sim_listen(b, PORT, &listener), REED_OK);
	accept = reed_accept(listener, &at_b);
	reed_background(reed_sim_dial(a, "b", PORT, &at_a), NULL, NULL);
	reed_loop_run(b);
	check(at_a && !at_b && accept->settled);
	check_int(reed_loop_run_until(b, accept, NULL), REED_OK);
	check(at_b);
	reed_close(at_a);
	reed_close(at_b);
	reed_listener_close(listener);
	check_int(reed_sim_run(sim), REED_OK);
	reed_sim_free(sim);
}

struct post {
	struct reed_post post;
	bool ran;
};

static void post_run(struct reed_post *post)
{
	reed_container_of(post, struct post, post)->ran = true;
}

static void a_post_is_work(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct post post = { .post.run = post_run };

	reed_post(reed_sim_host(sim, "a"), &post.post);
	check_int(reed_sim_run(sim), REED_OK);
	check(post.ran);
	reed_sim_free(sim);
}

/* What waits in the background ends with its loop. */
static void what_is_in_the_background_is_freed_with_its_host(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);

	reed_background(sleeper(reed_sim_host(sim, "a"), 1, REED_S(1), 0, NULL), NULL, NULL);
	reed_sim_run_for(sim, 1);
	reed_sim_crash(sim, "a");
	reed_background(sleeper(reed_sim_host(sim, "b"), 1, REED_S(1), 0, NULL), NULL, NULL);
	check_int(reed_sim_run_for(sim, REED_MS(1)), REED_OK);
	reed_sim_free(sim);
}

int main(void)
{
	RUN(a_year_passes_at_once);
	RUN(all_hosts_live_in_one_time);
	RUN(many_timers_fire_to_the_nanosecond);
	RUN(the_wall_clock_begins_where_it_is_told_and_jumps_for_one_host);
	RUN(what_is_given_ends_when_it_is_told);
	RUN(entropy_is_of_the_seed_and_the_host);
	RUN(a_host_that_comes_up_again_has_new_entropy);
	RUN(the_schedule_may_be_chosen);
	RUN(the_seed_shuffles_who_is_woken);
	RUN(a_host_has_one_loop_and_a_name_in_any_case);
	RUN(a_loop_of_the_system_is_not_simulated);
	RUN(a_task_that_fails_fails_the_simulation);
	RUN(a_failure_nobody_hears_fails_the_simulation_or_not);
	RUN(a_check_that_fails_says_where);
	RUN(who_waits_for_ever_is_told_where);
	RUN(what_does_not_end_fails);
	RUN(a_loop_can_be_run_by_itself_and_the_world_goes_on);
	RUN(a_loop_that_listens_runs_until_nobody_can_come);
	RUN(a_post_is_work);
	RUN(what_is_in_the_background_is_freed_with_its_host);
	return 0;
}
