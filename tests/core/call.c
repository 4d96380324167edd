/* What other threads may ask of a loop, and wait for. */

#include <pthread.h>

#include "check.h"
#include "reed/co.h"

enum { CALLERS = 8, CALLS = 100 };

struct caller {
	pthread_t thread;
	struct reed_loop *loop;
	reed_call_fn *fn;
	void *arg;
	unsigned calls;
	enum reed_err err; /* of the last */
	struct reed_fault *fault;
};

static void *call(void *arg)
{
	struct caller *self = arg;

	for (unsigned i = 0; i < self->calls; i++) {
		reed_fault_free(self->fault);
		self->fault = NULL;
		self->err = reed_loop_call(self->loop, self->fn, self->arg, &self->fault);
	}
	return NULL;
}

static void begin(struct caller *self, struct reed_loop *loop, unsigned calls, reed_call_fn *fn,
                  void *arg)
{
	*self = (struct caller){ .loop = loop, .fn = fn, .arg = arg, .calls = calls };
	check_int(pthread_create(&self->thread, NULL, call, self), 0);
}

static void end(struct caller *self)
{
	check_int(pthread_join(self->thread, NULL), 0);
}

static struct reed_loop *loop_new(void)
{
	struct reed_loop *loop;

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	return loop;
}

/* ---- what is called ---- */

struct counter {
	pthread_t home;
	unsigned calls, most;
	bool elsewhere;
};

static struct reed_future *count(void *arg, struct reed_loop *loop)
{
	struct counter *counter = arg;

	counter->elsewhere |= !pthread_equal(counter->home, pthread_self());
	counter->calls++;
	return reed_sleep_ns(loop, 1000);
}

static struct reed_future *fail(void *arg, struct reed_loop *loop)
{
	*(bool *)arg = true;
	return reed_failed(loop, REED_ENOENT, "there is no such thing");
}

static struct reed_future *hang(void *arg, struct reed_loop *loop)
{
	*(bool *)arg = true;
	return reed_forever(loop);
}

/* ---- promises ---- */

static void a_call_runs_where_the_loop_does_and_is_waited_for(void)
{
	struct reed_loop *loop = loop_new();
	struct counter counter = { .home = pthread_self() };
	struct caller callers[CALLERS];

	for (int i = 0; i < CALLERS; i++)
		begin(&callers[i], loop, CALLS, count, &counter);
	while (counter.calls < CALLERS * CALLS)
		reed_loop_turn(loop, REED_NEVER);
	reed_loop_run(loop); /* the last sleep */
	for (int i = 0; i < CALLERS; i++) {
		end(&callers[i]);
		check_int(callers[i].err, REED_OK);
	}
	check_int(counter.calls, CALLERS * CALLS);
	check(!counter.elsewhere);
	reed_loop_free(loop);
}

static void a_failure_comes_with_its_sentence_and_is_heard(void)
{
	struct reed_loop *loop = loop_new();
	struct caller caller;
	bool called = false;

	begin(&caller, loop, 1, fail, &called);
	while (!called)
		reed_loop_turn(loop, REED_NEVER);
	reed_loop_run(loop);
	end(&caller);
	check_int(caller.err, REED_ENOENT);
	check_str(caller.fault->sentence, "there is no such thing");
	reed_fault_free(caller.fault);
	reed_loop_free(loop);
}

static void who_waits_is_told_when_the_loop_goes(void)
{
	struct reed_loop *loop = loop_new();
	struct caller caller;
	bool called = false;

	begin(&caller, loop, 1, hang, &called);
	while (!called)
		reed_loop_turn(loop, REED_NEVER);
	reed_loop_free(loop);
	end(&caller);
	check_int(caller.err, REED_ECANCELED);
	check(!caller.fault);
}

/* It is there by the deadline of the loop, which is now when there is something to do. */
static void so_is_who_came_too_late_to_be_called(void)
{
	struct reed_loop *loop = loop_new();
	struct caller caller;
	bool called = false;

	begin(&caller, loop, 1, hang, &called);
	while (reed_loop_deadline(loop) == REED_NEVER)
		continue;
	reed_loop_free(loop);
	end(&caller);
	check_int(caller.err, REED_ECANCELED);
	check(!called);
}

int main(void)
{
	RUN(a_call_runs_where_the_loop_does_and_is_waited_for);
	RUN(a_failure_comes_with_its_sentence_and_is_heard);
	RUN(who_waits_is_told_when_the_loop_goes);
	RUN(so_is_who_came_too_late_to_be_called);
	return 0;
}
