/* What coroutines promise. */

#include "tests/core/tools.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- running ---- */

struct steps {
	struct reed_co co;
	int *count;
};

static void steps_run(struct reed_co *co)
{
	struct steps *self = reed_frame(co, struct steps);

	reed_coroutine (co) {
		++*self->count;
		reed_await(co, reed_ready(co->loop, REED_OK));
		++*self->count;
		reed_await(co, reed_ready(co->loop, REED_EIO));
		check_int(co->err, REED_EIO);
		++*self->count;
		if (*self->count == 3)
			break; /* leaves the block, as success */
		check(!"reached");
	}
}

static const struct reed_co_kind steps_kind = {
	.name = "steps",
	.size = sizeof(struct steps),
	.run = steps_run,
};

static struct reed_future *steps(int *count)
{
	struct steps *self = reed_co_new(loop, &steps_kind);

	*count = 0;
	self->count = count;
	return reed_start(&self->co);
}

static void an_await_always_suspends(void)
{
	struct owner o;
	int count;

	own(&o, steps(&count));
	check_int(count, 0);
	for (int i = 1; i <= 3; i++) {
		check(step());
		check_int(count, i);
	}
	check(!o.told && step());
	check(o.told == 1 && !o.err);
}

static void a_coroutine_that_is_never_started_can_be_dropped(void)
{
	struct steps *s = reed_co_new(loop, &steps_kind);

	reed_drop(&s->co.future);
	check(idle() && reed_list_empty(&loop->tasks));
}

static void a_coroutine_that_was_not_entered_can_be_dropped(void)
{
	int count;

	reed_drop(steps(&count));
	check(!step() && count == 0);
}

static void end_with_eio(struct reed_co *co)
{
	reed_coroutine (co) {
		reed_return(co, REED_EIO);
	}
}

static void a_coroutine_may_end_without_an_await(void)
{
	static const struct reed_co_kind kind = {
		.name = "short",
		.size = sizeof(struct reed_co),
		.run = end_with_eio,
	};

	check_int(outcome(reed_start(reed_co_new(loop, &kind))), REED_EIO);
	check(why_is(reed_strerror(REED_EIO)));
}

static void what_a_coroutine_yields_is_released_when_the_owner_drops(void)
{
	struct owner o;
	int slot = 0;

	own(&o, fetch(&slot));
	while (!o.waiter.future->settled)
		step();
	check(tokens == 2 && slot == 0);
	disown(&o);
	check(tokens == 0 && slot == 0);

	check_int(outcome(fetch(&slot)), REED_OK);
	check(tokens == 1 && slot == 1);
	tokens = 0;
}

/* ---- dropping ---- */

struct stopper {
	struct reed_co co;
	struct reed_future **myself;
	struct owner *owner;
	int *ends;
	bool again, in_deliver;
};

static void stopper_run(struct reed_co *co)
{
	struct stopper *self = reed_frame(co, struct stopper);

	reed_coroutine (co) {
		reed_try(co, reed_sleep(co->loop, 5));
		if (self->myself)
			reed_drop(*self->myself); /* out of its own server's list */
		if (self->owner)
			reed_return(co, REED_OK);
		reed_try(co, reed_sleep(co->loop, 5));
		check(!"reached");
	}
}

static void stopper_deliver(struct reed_co *co)
{
	struct stopper *self = reed_frame(co, struct stopper);

	if (self->owner && self->in_deliver)
		disown(self->owner);
}

static void stopper_end(struct reed_co *co)
{
	struct stopper *self = reed_frame(co, struct stopper);

	++*self->ends;
	if (self->owner && !self->in_deliver)
		disown(self->owner);
	if (self->again)
		reed_drop(&co->future);
}

static const struct reed_co_kind stopper_kind = {
	.name = "stopper",
	.size = sizeof(struct stopper),
	.run = stopper_run,
	.deliver = stopper_deliver,
	.end = stopper_end,
};

static struct stopper *stopper(int *ends)
{
	struct stopper *self = reed_co_new(loop, &stopper_kind);

	*ends = 0;
	self->ends = ends;
	return self;
}

static void a_dropped_coroutine_ends_at_once_and_once(void)
{
	int ends;
	struct stopper *s = stopper(&ends);

	s->again = true;
	reed_drop(reed_start(&s->co));
	check_int(ends, 1);
	run();
	check_int(ends, 1);
}

static void a_coroutine_may_drop_itself(void)
{
	struct reed_future *f;
	struct stopper *s;
	int ends;

	for (int inside = 0; inside <= 3; inside++) {
		s = stopper(&ends);
		s->myself = &f;
		f = reed_start(&s->co);
		switch (inside) {
		case 1:
			f = reed_within(100, reed_all(f));
			break;
		case 2:
			f = await(f);
			break;
		case 3:
			f = reed_any(NULL, reed_forever(loop), f);
			break;
		}
		run();
		check(ends == 1 && idle());
	}
}

static void an_end_function_may_drop_whoever_was_waiting(void)
{
	for (int in_deliver = 0; in_deliver <= 1; in_deliver++) {
		struct owner o;
		struct stopper *s;
		int ends;

		s = stopper(&ends);
		s->owner = &o;
		s->again = true;
		s->in_deliver = in_deliver;
		own(&o, reed_within(100, reed_start(&s->co)));
		run();
		check(ends == 1 && !o.told && idle());
	}
}

/* ---- interrupting ---- */

struct stubborn {
	struct reed_co co;
	int tries;
	int *heard;
};

static void stubborn_run(struct reed_co *co)
{
	struct stubborn *self = reed_frame(co, struct stubborn);

	reed_coroutine (co) {
		for (self->tries = 0; self->tries < 3; self->tries++) {
			reed_await(co, reed_ready(co->loop, REED_OK));
			*self->heard += co->err == REED_ECANCELED;
			reed_await(co, reed_shield(reed_sleep(co->loop, 10)));
			check(!co->err);
		}
	}
}

static const struct reed_co_kind stubborn_kind = {
	.name = "stubborn",
	.size = sizeof(struct stubborn),
	.run = stubborn_run,
};

static void an_interrupt_sticks_but_for_what_is_shielded(void)
{
	struct stubborn *s = reed_co_new(loop, &stubborn_kind);
	struct owner o;
	int heard = 0;

	s->heard = &heard;
	own(&o, reed_start(&s->co));
	step(); /* at the first await, settled already */
	reed_interrupt(o.waiter.future);
	while (!heard)
		step();
	reed_interrupt(o.waiter.future); /* in the shield */
	run();
	check(o.told == 1 && !o.err);
	check_int(heard, 2);
}

static void an_interrupt_before_the_start_meets_the_first_await(void)
{
	struct owner o;
	int count;

	own(&o, steps(&count));
	reed_interrupt(o.waiter.future);
	step();
	check_int(count, 1);
	disown(&o);
}

/* What cannot be waited for any more is dropped, not leaked. */
static void an_await_after_an_interrupt_drops_its_future_at_once(void)
{
	struct owner o;
	int slot = 0;

	own(&o, await(take(5, &slot)));
	reed_interrupt(o.waiter.future);
	check(step() && reed_wheel_deadline(&loop->wheel) == REED_NEVER);
	run();
	check(o.err == REED_ECANCELED && slot == 0 && tokens == 0);
}

/* ---- faults ---- */

static void a_fault_travels_up_through_try_and_combinators(void)
{
	check_int(outcome(layer(3, false)), REED_EPROTO);
	check(why_is("broken pipe"));
}

static void a_new_fault_keeps_its_cause(void)
{
	check_int(outcome(layer(2, true)), REED_ERESET);
	check(why_is("layer 2: layer 1: broken pipe"));
}

static void forgetful_run(struct reed_co *co)
{
	struct reed_fault *fault;

	reed_coroutine (co) {
		reed_await(co, broken("promise"));
		check_str(reed_co_why(co), "broken promise");
		reed_await(co, broken("vow"));
		check_str(reed_co_why(co), "broken vow");
		fault = reed_co_take_fault(co);
		check_str(fault->sentence, "broken vow");
		reed_fault_free(fault);
		check_str(reed_co_why(co), reed_strerror(REED_EPROTO));
		reed_await(co, broken("oath"));
		reed_return(co, REED_ERESET);
	}
}

static void a_fault_goes_with_its_own_error_only(void)
{
	static const struct reed_co_kind kind = {
		.name = "forgetful",
		.size = sizeof(struct reed_co),
		.run = forgetful_run,
	};

	check_int(outcome(reed_start(reed_co_new(loop, &kind))), REED_ERESET);
	check(why_is(reed_strerror(REED_ERESET)));
}

static void because_run(struct reed_co *co)
{
	reed_coroutine (co) {
		reed_await(co, reed_ready(co->loop, REED_ENOENT));
		reed_return(co, reed_because(co, REED_EIO, "cannot read %s", "a.conf"));
	}
}

static void a_bare_number_becomes_a_cause_too(void)
{
	static const struct reed_co_kind kind = {
		.name = "because",
		.size = sizeof(struct reed_co),
		.run = because_run,
	};

	check_int(outcome(reed_start(reed_co_new(loop, &kind))), REED_EIO);
	check(why_is("cannot read a.conf: no such file, name or object"));
}

/* ---- what is found at run time ---- */

static void lost_run(struct reed_co *co)
{
	reed_coroutine (co) {
		switch (1) {
		case 1:
			reed_try(co, reed_ready(co->loop, REED_OK));
			break;
		}
	}
}

static const struct reed_co_kind lost_kind = {
	.name = "lost",
	.size = sizeof(struct reed_co),
	.run = lost_run,
};

/* The last words of a child that runs test() and aborts. */
static void last_words(void (*test)(void), char *into, size_t room)
{
	int fds[2], status;
	ssize_t n = 1;
	size_t got = 0;
	pid_t pid;

	check(pipe(fds) == 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		test();
		_exit(0);
	}
	close(fds[1]);
	while (n > 0 && got < room - 1) {
		n = read(fds[0], into + got, room - 1 - got);
		got += n > 0 ? (size_t)n : 0;
	}
	into[got] = '\0';
	close(fds[0]);
	check(waitpid(pid, &status, 0) == pid);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void get_lost(void)
{
	outcome(reed_start(reed_co_new(loop, &lost_kind)));
}

static void an_await_inside_a_switch_is_found_at_the_resume(void)
{
	char said[4096];

	last_words(get_lost, said, sizeof(said));
	check(strstr(said, "lost: await at ") && strstr(said, "is inside a switch"));
}

int main(void)
{
	lab_open();
	RUN(an_await_always_suspends);
	RUN(a_coroutine_that_is_never_started_can_be_dropped);
	RUN(a_coroutine_that_was_not_entered_can_be_dropped);
	RUN(a_coroutine_may_end_without_an_await);
	RUN(what_a_coroutine_yields_is_released_when_the_owner_drops);

	RUN(a_dropped_coroutine_ends_at_once_and_once);
	RUN(a_coroutine_may_drop_itself);
	RUN(an_end_function_may_drop_whoever_was_waiting);

	RUN(an_interrupt_sticks_but_for_what_is_shielded);
	RUN(an_interrupt_before_the_start_meets_the_first_await);
	RUN(an_await_after_an_interrupt_drops_its_future_at_once);

	RUN(a_fault_travels_up_through_try_and_combinators);
	RUN(a_new_fault_keeps_its_cause);
	RUN(a_fault_goes_with_its_own_error_only);
	RUN(a_bare_number_becomes_a_cause_too);

	RUN(an_await_inside_a_switch_is_found_at_the_resume);
	lab_close();
	return 0;
}
