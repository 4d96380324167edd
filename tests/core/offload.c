#include "reed/offload.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>

#include "check.h"
#include "core/private.h"
#include "reed/co.h"
#include "reed/sim.h"

/* ---- a gate that a job waits at, so that a test knows what it is doing ---- */

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t change;
	int inside; /* jobs that have come to it */
	bool open;
};

#define GATE                                                                  \
	{                                                                     \
		PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false \
	}

static void gate_pass(struct gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->inside++;
	pthread_cond_broadcast(&gate->change);
	while (!gate->open)
		pthread_cond_wait(&gate->change, &gate->lock);
	pthread_mutex_unlock(&gate->lock);
}

static void gate_await(struct gate *gate, int inside)
{
	pthread_mutex_lock(&gate->lock);
	while (gate->inside < inside)
		pthread_cond_wait(&gate->change, &gate->lock);
	pthread_mutex_unlock(&gate->lock);
}

static void gate_open(struct gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->open = true;
	pthread_cond_broadcast(&gate->change);
	pthread_mutex_unlock(&gate->lock);
}

/* ---- a job that notes what happens to it ---- */

struct note {
	int runs, deliveries, ends;
	bool elsewhere; /* ran in another thread than the loop's */
	bool signals_blocked;
	int order; /* the how-manieth to run of those that share a counter */
};

struct work {
	struct reed_job job;
	struct note *note;
	struct gate *gate; /* NULL: does not wait */
	int *counter;
	pthread_t home;
	enum reed_err err;
	int in, out, *result;
};

static enum reed_err work_run(struct reed_job *job)
{
	struct work *self = reed_job_frame(job, struct work);
	sigset_t mask;

	if (self->gate)
		gate_pass(self->gate);
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	self->note->runs++;
	self->note->elsewhere = !pthread_equal(pthread_self(), self->home);
	self->note->signals_blocked = sigismember(&mask, SIGTERM) && sigismember(&mask, SIGCHLD);
	if (self->counter)
		self->note->order = ++*self->counter;
	self->out = self->in * 2;
	if (self->err)
		return reed_job_fail(job, self->err, "job %d fails", self->in);
	return REED_OK;
}

static void work_deliver(struct reed_job *job)
{
	struct work *self = reed_job_frame(job, struct work);

	self->note->deliveries++;
	if (self->result)
		*self->result = self->out;
}

static void work_end(struct reed_job *job)
{
	struct work *self = reed_job_frame(job, struct work);

	check(pthread_equal(pthread_self(), self->home));
	self->note->ends++;
}

static const struct reed_job_kind work_kind = {
	.name = "work",
	.size = sizeof(struct work),
	.run = work_run,
	.deliver = work_deliver,
	.end = work_end,
};

static const struct reed_job_kind last_kind = {
	.name = "last work",
	.size = sizeof(struct work),
	.run = work_run,
	.deliver = work_deliver,
	.end = work_end,
	.always = true,
};

static struct work *work_new(struct reed_loop *loop, struct note *note, struct gate *gate)
{
	struct work *self = reed_job_new(loop, &work_kind);

	self->note = note;
	self->gate = gate;
	self->home = pthread_self();
	return self;
}

static struct reed_loop *loop_new(bool simulated)
{
	struct reed_loop *loop;

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	loop->simulated = simulated;
	return loop;
}

/* ---- sentences ---- */

static void result_comes_home(bool simulated)
{
	struct reed_loop *loop = loop_new(simulated);
	struct note note = { 0 };
	struct work *work = work_new(loop, &note, NULL);
	int result = 0;

	work->in = 21;
	work->result = &result;
	check_int(reed_loop_run_until(loop, reed_offload(&work->job), NULL), REED_OK);
	check_int(result, 42);
	check_int(note.elsewhere, !simulated);
	check_int(note.runs, 1);
	check_int(note.deliveries, 1);
	check_int(note.ends, 1);
	reed_loop_free(loop);
}

static void a_result_comes_home_from_another_thread(void)
{
	result_comes_home(false);
}

static void under_simulation_it_comes_from_the_same_thread(void)
{
	result_comes_home(true);
	struct reed_loop *loop = loop_new(true);

	check(reed_loop_simulated(loop));
	reed_loop_free(loop);
}

static void a_failure_comes_home_with_its_sentence(void)
{
	struct reed_loop *loop = loop_new(false);
	struct note note = { 0 };
	struct work *work = work_new(loop, &note, NULL);
	struct reed_fault *fault;

	work->in = 7;
	work->err = REED_EROFS;
	check_int(reed_loop_run_until(loop, reed_offload(&work->job), &fault), REED_EROFS);
	check_str(reed_fault_why(fault, REED_EROFS), "job 7 fails");
	check_int(note.deliveries, 0);
	check_int(note.ends, 1);
	reed_fault_free(fault);
	reed_loop_free(loop);
}

static void signals_are_blocked_in_the_threads(void)
{
	struct reed_loop *loop = loop_new(false);
	struct note note = { 0 };
	sigset_t mask;

	check_int(reed_loop_run_until(loop, reed_offload(&work_new(loop, &note, NULL)->job), NULL),
	          REED_OK);
	check(note.signals_blocked);
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	check(!sigismember(&mask, SIGTERM));
	reed_loop_free(loop);
}

static void a_queued_job_that_is_dropped_never_runs(void)
{
	struct reed_loop *loop = loop_new(false);
	struct gate gate = GATE;
	struct note first = { 0 }, second = { 0 };
	struct reed_lane *lane = reed_lane_new(loop, "test", 0);
	struct reed_future *running, *queued;

	running = reed_lane_run(lane, &work_new(loop, &first, &gate)->job);
	queued = reed_lane_run(lane, &work_new(loop, &second, NULL)->job);
	gate_await(&gate, 1);
	reed_drop(queued);
	check_int(second.ends, 1);
	gate_open(&gate);
	check_int(reed_loop_run_until(loop, running, NULL), REED_OK);
	reed_lane_close(lane);
	reed_loop_run(loop);
	check_int(second.runs, 0);
	reed_loop_free(loop);
}

static void a_running_job_that_is_dropped_is_released_when_it_comes_home(void)
{
	struct reed_loop *loop = loop_new(false);
	struct gate gate = GATE;
	struct note note = { 0 };
	struct reed_future *f = reed_offload(&work_new(loop, &note, &gate)->job);

	gate_await(&gate, 1);
	reed_drop(f);
	check_int(note.ends, 0);
	gate_open(&gate);
	reed_loop_run(loop);
	check_int(note.runs, 1);
	check_int(note.deliveries, 0);
	check_int(note.ends, 1);
	reed_loop_free(loop);
}

static void an_interrupted_job_fails_at_once(void)
{
	struct reed_loop *loop = loop_new(false);
	struct gate gate = GATE;
	struct note first = { 0 }, second = { 0 };
	struct reed_lane *lane = reed_lane_new(loop, "test", 0);
	struct reed_future *running, *queued;

	running = reed_lane_run(lane, &work_new(loop, &first, &gate)->job);
	queued = reed_lane_run(lane, &work_new(loop, &second, NULL)->job);
	gate_await(&gate, 1);
	reed_interrupt(queued);
	reed_interrupt(running);
	check_int(reed_loop_run_until(loop, running, NULL), REED_ECANCELED);
	check_int(reed_loop_run_until(loop, queued, NULL), REED_ECANCELED);
	check_int(second.ends, 1);
	check_int(first.ends, 0);
	gate_open(&gate);
	reed_lane_close(lane);
	reed_loop_run(loop);
	check_int(first.ends, 1);
	check_int(first.deliveries + second.deliveries, 0);
	check_int(second.runs, 0);
	reed_loop_free(loop);
}

static void a_loop_runs_until_its_jobs_are_home(void)
{
	struct reed_loop *loop = loop_new(false);
	struct note note = { 0 };

	reed_background(reed_offload(&work_new(loop, &note, NULL)->job), NULL, NULL);
	reed_loop_run(loop);
	check_int(note.deliveries, 1);
	reed_loop_free(loop);
}

static void a_loop_that_is_freed_waits_for_abandoned_jobs(void)
{
	struct reed_loop *loop = loop_new(false);
	struct gate gate = GATE;
	struct note note = { 0 };
	struct reed_future *f = reed_offload(&work_new(loop, &note, &gate)->job);

	gate_await(&gate, 1);
	reed_drop(f);
	gate_open(&gate);
	reed_loop_free(loop);
	check_int(note.runs, 1);
	check_int(note.ends, 1);
}

static void lane_keeps_order(bool simulated)
{
	enum { JOBS = 200 };
	struct reed_loop *loop = loop_new(simulated);
	struct reed_lane *lane = reed_lane_new(loop, "test", 0);
	struct reed_future *fs[JOBS + 1] = { NULL };
	static struct note notes[JOBS];
	int counter = 0;

	memset(notes, 0, sizeof(notes));
	for (int i = 0; i < JOBS; i++) {
		struct work *work = work_new(loop, &notes[i], NULL);

		work->counter = &counter; /* unguarded: one thread, or a data race */
		fs[i] = reed_lane_run(lane, &work->job);
	}
	check_int(reed_loop_run_until(loop, reed_all_of(fs), NULL), REED_OK);
	for (int i = 0; i < JOBS; i++)
		check_int(notes[i].order, i + 1);
	reed_lane_close(lane);
	reed_loop_run(loop);
	reed_loop_free(loop);
}

static void a_lane_runs_its_jobs_one_by_one_in_order(void)
{
	lane_keeps_order(false);
}

static void a_lane_keeps_its_order_under_simulation_and_a_shuffled_queue(void)
{
	struct reed_loop_options options = REED_LOOP_OPTIONS;
	struct reed_loop *loop;
	struct note first = { 0 }, second = { 0 };
	struct reed_lane *lane;
	struct work *a, *b;
	int counter;

	lane_keeps_order(true);
	for (uint64_t seed = 1; seed <= 20; seed++) {
		options.shuffle = seed;
		check_int(reed_loop_new(&options, &loop), REED_OK);
		loop->simulated = true;
		lane = reed_lane_new(loop, "test", 0);
		counter = 0;
		a = work_new(loop, &first, NULL);
		b = work_new(loop, &second, NULL);
		a->counter = b->counter = &counter;
		check_int(reed_loop_run_until(loop,
		                              reed_all(reed_lane_run(lane, &a->job),
		                                       reed_lane_run(lane, &b->job)),
		                              NULL),
		          REED_OK);
		check_int(first.order, 1);
		check_int(second.order, 2);
		reed_lane_close(lane);
		reed_loop_run(loop);
		reed_loop_free(loop);
	}
}

static void what_a_closed_lane_was_given_still_runs(bool simulated)
{
	struct reed_loop *loop = loop_new(simulated);
	struct reed_lane *lane = reed_lane_new(loop, "test", 0);
	struct note notes[3] = { { 0 } };

	for (int i = 0; i < 3; i++)
		reed_background(reed_lane_run(lane, &work_new(loop, &notes[i], NULL)->job), NULL,
		                NULL);
	reed_lane_close(lane);
	reed_loop_run(loop);
	for (int i = 0; i < 3; i++)
		check_int(notes[i].deliveries, 1);
	reed_loop_free(loop);
}

static void a_lane_may_be_closed_at_any_time(void)
{
	struct reed_loop *loop = loop_new(false);

	what_a_closed_lane_was_given_still_runs(false);
	what_a_closed_lane_was_given_still_runs(true);
	reed_lane_close(reed_lane_new(loop, "never used", 0));
	reed_lane_close(NULL);
	reed_lane_new(loop, "left to the loop", 0);
	reed_loop_free(loop);
}

static void the_queue_is_bounded_but_for_the_last_job(void)
{
	struct reed_loop *loop = loop_new(false);
	struct gate gate = GATE;
	struct note notes[4] = { { 0 } };
	struct reed_lane *lane = reed_lane_new(loop, "small", 3);
	struct reed_future *fs[5] = { NULL };
	struct reed_fault *fault;

	for (int i = 0; i < 3; i++)
		fs[i] = reed_lane_run(lane, &work_new(loop, &notes[i], &gate)->job);
	check_int(reed_loop_run_until(loop,
	                              reed_lane_run(lane, &work_new(loop, &notes[3], NULL)->job),
	                              &fault),
	          REED_ETOOBIG);
	check_str(reed_fault_why(fault, REED_ETOOBIG), "small: 3 jobs are waiting already");
	reed_fault_free(fault);
	check_int(notes[3].runs, 0);
	check_int(notes[3].ends, 1);
	fs[3] = reed_lane_close_with(lane, &work_new(loop, &notes[3], NULL)->job);
	gate_open(&gate);
	check_int(reed_loop_run_until(loop, reed_all_of(fs), NULL), REED_OK);
	check_int(notes[3].runs, 1);
	reed_loop_run(loop);
	reed_loop_free(loop);
}

static void the_pool_runs_as_many_at_once_as_it_may(void)
{
	struct reed_offload_stats stats = { .size = sizeof(stats) };
	struct reed_loop *loop = loop_new(false);
	struct gate gate = GATE;
	struct note notes[9] = { { 0 } };
	struct reed_future *fs[10] = { NULL };

	reed_offload_limits(loop, 3, 0);
	for (int i = 0; i < 9; i++)
		fs[i] = reed_offload(&work_new(loop, &notes[i], &gate)->job);
	gate_await(&gate, 3);
	reed_offload_stats(loop, &stats);
	check_int(stats.threads, 3);
	check_int(stats.under_way, 9);
	check_int(stats.jobs, 9);
	gate_open(&gate);
	check_int(reed_loop_run_until(loop, reed_all_of(fs), NULL), REED_OK);
	reed_offload_stats(loop, &stats);
	check_int(stats.under_way, 0);
	reed_loop_free(loop);
}

static void a_timeout_leaves_the_job_to_finish_alone(void)
{
	struct reed_loop *loop = loop_new(false);
	struct gate gate = GATE;
	struct note note = { 0 };
	struct reed_future *f = reed_offload(&work_new(loop, &note, &gate)->job);

	gate_await(&gate, 1);
	check_int(reed_loop_run_until(loop, reed_within(1, f), NULL), REED_ETIMEDOUT);
	check_int(note.ends, 0);
	gate_open(&gate);
	reed_loop_run(loop);
	check_int(note.ends, 1);
	check_int(note.deliveries, 0);
	reed_loop_free(loop);
}

static void a_crash_runs_nothing_that_was_queued_but_what_always_runs(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_loop *loop = reed_sim_host(sim, "a");
	struct reed_lane *lane = reed_lane_new(loop, "test", 0);
	struct note notes[3] = { { 0 } };

	for (int i = 0; i < 3; i++) {
		struct work *work = work_new(loop, &notes[i], NULL);

		if (i == 2)
			work->job.kind = &last_kind;
		reed_background(i < 2 ? reed_lane_run(lane, &work->job)
		                      : reed_lane_close_with(lane, &work->job),
		                NULL, NULL);
	}
	reed_sim_crash(sim, "a");
	for (int i = 0; i < 3; i++) {
		check_int(notes[i].runs, i == 2);
		check_int(notes[i].deliveries, 0);
		check_int(notes[i].ends, 1);
	}
	reed_sim_free(sim);
}

/* Between the two something else may happen: here a timeout, there a crash. */
static void where_jobs_take_time_one_runs_halfway(void)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;
	unsigned before = 0, halfway = 0, after = 0;

	options.job_mean = REED_MS(10);
	for (options.seed = 1; options.seed <= 100; options.seed++) {
		struct reed_sim *sim = reed_sim_new(&options);
		struct reed_loop *loop = reed_sim_host(sim, "a");
		struct note notes[2] = { { 0 } };

		for (int i = 0; i < 2; i++)
			reed_background(reed_offload(&work_new(loop, &notes[i], NULL)->job), NULL,
			                NULL);
		check_int(reed_sim_run_for(sim, REED_MS(10)), REED_OK);
		before += notes[0].runs == 0;
		halfway += notes[0].runs && !notes[0].ends;
		after += notes[0].ends;
		check(notes[1].runs <= notes[0].ends);
		if (options.seed % 2)
			check_int(reed_sim_run(sim), REED_OK);
		reed_sim_free(sim);
		check(notes[0].ends == 1 && notes[1].ends == 1);
		check(options.seed % 2 == 0 || notes[1].deliveries == 1);
	}
	check(before > 10 && halfway > 10 && after > 10);
}

static void a_lane_that_is_closed_halfway_ends_when_its_jobs_have(void)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct reed_sim *sim;
	struct reed_lane *lane;
	struct note notes[2] = { { 0 } };

	options.job_mean = REED_MS(10);
	sim = reed_sim_new(&options);
	lane = reed_lane_new(reed_sim_host(sim, "a"), "test", 0);
	reed_background(reed_lane_run(lane,
	                              &work_new(reed_sim_host(sim, "a"), &notes[0], NULL)->job),
	                NULL, NULL);
	while (!notes[0].runs)
		reed_sim_run_for(sim, REED_US(100));
	reed_background(reed_lane_close_with(
				lane, &work_new(reed_sim_host(sim, "a"), &notes[1], NULL)->job),
	                NULL, NULL);
	check(!notes[0].ends);
	check_int(reed_sim_run(sim), REED_OK);
	check(notes[0].deliveries == 1 && notes[1].deliveries == 1);
	reed_sim_free(sim);
}

/* ---- a system without threads ---- */

typedef int create_fn(pthread_t *thread, const pthread_attr_t *attr, void *(*body)(void *),
                      void *arg);

static bool refused;

/* Stands in front of the system's. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*body)(void *), void *arg)
{
	union {
		void *found;
		create_fn *call;
	} real = { dlsym(RTLD_NEXT, "pthread_create") };

	return refused ? EAGAIN : real.call(thread, attr, body, arg);
}

static void a_job_fails_where_no_thread_can_be_had(void)
{
	struct reed_loop *loop = loop_new(false);
	struct note note = { 0 };
	struct reed_fault *fault;

	refused = true;
	check_int(reed_loop_run_until(loop, reed_offload(&work_new(loop, &note, NULL)->job),
	                              &fault),
	          REED_ENOMEM);
	check(strstr(reed_fault_why(fault, REED_ENOMEM), "no thread can be started"));
	reed_fault_free(fault);
	check_int(note.ends, 1);
	refused = false;
	check_int(reed_loop_run_until(loop, reed_offload(&work_new(loop, &note, NULL)->job), NULL),
	          REED_OK);
	reed_loop_free(loop);
}

int main(void)
{
	RUN(a_result_comes_home_from_another_thread);
	RUN(under_simulation_it_comes_from_the_same_thread);
	RUN(a_failure_comes_home_with_its_sentence);
	RUN(signals_are_blocked_in_the_threads);
	RUN(a_queued_job_that_is_dropped_never_runs);
	RUN(a_running_job_that_is_dropped_is_released_when_it_comes_home);
	RUN(an_interrupted_job_fails_at_once);
	RUN(a_loop_runs_until_its_jobs_are_home);
	RUN(a_loop_that_is_freed_waits_for_abandoned_jobs);
	RUN(a_lane_runs_its_jobs_one_by_one_in_order);
	RUN(a_lane_keeps_its_order_under_simulation_and_a_shuffled_queue);
	RUN(a_lane_may_be_closed_at_any_time);
	RUN(the_queue_is_bounded_but_for_the_last_job);
	RUN(the_pool_runs_as_many_at_once_as_it_may);
	RUN(a_job_fails_where_no_thread_can_be_had);
	RUN(a_timeout_leaves_the_job_to_finish_alone);
	RUN(a_crash_runs_nothing_that_was_queued_but_what_always_runs);
	RUN(where_jobs_take_time_one_runs_halfway);
	RUN(a_lane_that_is_closed_halfway_ends_when_its_jobs_have);
	return 0;
}
