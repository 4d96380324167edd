/* Services: lives, children, restarts, stops; in simulated time. */

#include "reed/service.h"

#include "check.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/log.h"
#include "reed/sim.h"

static struct reed_sim *sim;
static struct reed_loop *loop;
static char told[4096]; /* what happened, in order */

static void tell(const char *what, const char *name)
{
	size_t n = strlen(told);

	snprintf(told + n, sizeof(told) - n, "%s%s %s", n ? ", " : "", name, what);
}

static void begin(void)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct reed_log_options log = REED_LOG_OPTIONS;

	options.lenient = true;
	sim = reed_sim_new(&options);
	loop = reed_sim_host(sim, "a.example");
	log.to = REED_LOG_TO_NOBODY;
	reed_log_open(reed_log_of(loop), &log, NULL);
	told[0] = '\0';
}

static void end(void)
{
	reed_sim_free(sim);
}

static void pass(int64_t ms)
{
	reed_sim_run_for(sim, REED_MS(ms));
}

/* ---- a service that does what its plan says ---- */

struct plan {
	int64_t ready_ms; /* negative: never */
	int64_t ends_ms;  /* after it was ready, or would be; negative: never */
	enum reed_err ends_as;
	int64_t goodbye_ms; /* how long it takes when interrupted */
	int64_t task_ms;    /* of a task in its scope, when interrupted; 0: no task */
	const struct plan *children[4];
	bool child_is_optional;
	int lives; /* counted */
};

struct main {
	struct reed_co co;
	struct reed_service *service;
	struct plan *plan;
};

struct task {
	struct reed_co co;
	struct reed_service *service;
	int64_t ms;
};

static void task_run(struct reed_co *co)
{
	struct task *self = reed_frame(co, struct task);

	reed_coroutine (co) {
		reed_await(co, reed_forever(co->loop));
		tell("task interrupted", self->service->name);
		reed_try(co, reed_shield(reed_sleep(co->loop, self->ms)));
		tell("task done", self->service->name);
	}
}

static void task_end(struct reed_co *co)
{
	tell("task gone", reed_frame(co, struct task)->service->name);
}

static const struct reed_co_kind task_kind = { .name = "task",
	                                       .size = sizeof(struct task),
	                                       .run = task_run,
	                                       .end = task_end };

static void start_task(struct main *self)
{
	struct task *t = reed_co_new(loop, &task_kind);

	t->service = self->service;
	t->ms = self->plan->task_ms;
	reed_scope_add(&self->service->scope, reed_start(&t->co));
}

static const struct reed_service_kind kind;

static void add_children(struct main *self)
{
	static const char *const names[] = { "b", "c", "d", "e" };
	struct reed_service_options options = REED_SERVICE_OPTIONS;

	options.kind = &kind;
	options.restart = REED_RESTART_ON_FAILURE;
	options.optional = self->plan->child_is_optional;
	for (int i = 0; i < 4 && self->plan->children[i]; i++) {
		options.name = names[i];
		options.settings = self->plan->children[i];
		reed_service_add(self->service, &options);
	}
}

static struct reed_future *pause_of(int64_t ms)
{
	return ms < 0 ? reed_forever(loop) : reed_sleep(loop, ms);
}

static void main_run(struct reed_co *co)
{
	struct main *self = reed_frame(co, struct main);

	reed_coroutine (co) {
		tell("starts", self->service->name);
		self->plan->lives++;
		if (self->plan->task_ms)
			start_task(self);
		add_children(self);
		if (self->plan->ready_ms >= 0) {
			if (self->plan->ready_ms > 0)
				reed_try(co, pause_of(self->plan->ready_ms));
			reed_service_ready(self->service);
		}
		reed_await(co, pause_of(self->plan->ends_ms));
		if (co->err) {
			tell("interrupted", self->service->name);
			reed_try(co, reed_shield(reed_sleep(co->loop, self->plan->goodbye_ms)));
		} else if (self->plan->ends_as) {
			reed_return(co, reed_because(co, self->plan->ends_as, "%s has had enough",
			                             self->service->name));
		}
		tell("ends", self->service->name);
	}
}

static const struct reed_co_kind main_kind = { .name = "main",
	                                       .size = sizeof(struct main),
	                                       .run = main_run };

static struct reed_future *start(struct reed_service *service)
{
	struct main *self = reed_co_new(service->loop, &main_kind);

	self->service = service;
	self->plan = (struct plan *)(uintptr_t)service->settings;
	service->own = reed_strdup("own");
	return reed_start(&self->co);
}

static void end_service(struct reed_service *service)
{
	tell("over", service->name);
	reed_free(service->own);
	service->own = NULL;
}

static const struct reed_service_kind kind =
	REED_SERVICE_KIND(.name = "a", .summary = "A service.", .start = start, .end = end_service);

static struct reed_service *service_new(const struct plan *plan)
{
	struct reed_service_options options = REED_SERVICE_OPTIONS;

	options.kind = &kind;
	options.settings = plan;
	return reed_service_new(loop, &options);
}

/* ---- whoever runs a root ---- */

struct owner {
	struct reed_waiter waiter;
	bool over;
	enum reed_err err;
	char why[128];
};

static void over(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct owner *self = reed_container_of(w, struct owner, waiter);

	self->over = true;
	self->err = err;
	snprintf(self->why, sizeof(self->why), "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
}

static void own(struct owner *self, struct reed_future *f)
{
	*self = (struct owner){ .waiter.wake = over };
	reed_wait(f, &self->waiter);
}

static enum reed_service_state state_of(const struct reed_service *s)
{
	return (enum reed_service_state)s->condition.value;
}

/* ---- ready ---- */

static void a_service_is_ready_when_it_says_so(void)
{
	struct plan plan = { .ready_ms = 20, .ends_ms = -1 };
	struct reed_service *s;
	struct owner run, ready;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	own(&ready, reed_service_wait(s));
	pass(19);
	check_int(state_of(s), REED_SERVICE_STARTING);
	check(!reed_service_is_ready(s) && !ready.over);
	pass(1);
	check_int(state_of(s), REED_SERVICE_READY);
	check(reed_service_is_ready(s) && ready.over && !ready.err);
	reed_unwait(loop, &run.waiter);
	reed_service_free(s);
	end();
}

static void a_parent_is_ready_when_its_children_are(void)
{
	struct plan b = { .ready_ms = 10, .ends_ms = -1 }, c = { .ready_ms = 30, .ends_ms = -1 };
	struct plan plan = { .ready_ms = 0, .ends_ms = -1, .children = { &b, &c } };
	struct reed_service *s;
	struct owner run, ready;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	own(&ready, reed_service_wait(s));
	pass(29);
	check(reed_service_is_ready(reed_service_child(s, 0)));
	check(!reed_service_is_ready(s) && !ready.over);
	pass(1);
	check(reed_service_is_ready(s) && ready.over);
	check(reed_service_child(s, 1) && !reed_service_child(s, 2));
	reed_unwait(loop, &run.waiter);
	reed_service_free(s);
	end();
}

static void a_child_that_has_done_its_work_is_not_waited_for(void)
{
	struct plan b = { .ready_ms = -1, .ends_ms = 10 };
	struct plan plan = { .ready_ms = 0, .ends_ms = -1, .children = { &b } };
	struct reed_service *s;
	struct owner run, ready;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	own(&ready, reed_service_wait(s));
	pass(9);
	check(!ready.over);
	pass(2);
	check(ready.over && !ready.err && reed_service_is_ready(s));
	check_int(state_of(reed_service_child(s, 0)), REED_SERVICE_ENDED);
	reed_unwait(loop, &run.waiter);
	reed_service_free(s);
	end();
}

static void a_parent_that_is_dropped_does_not_become_ready(void)
{
	struct plan b = { .ready_ms = -1, .ends_ms = -1 };
	struct plan plan = { .ready_ms = 0, .ends_ms = -1, .children = { &b } };
	struct reed_service *s;
	struct owner run, ready;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	own(&ready, reed_service_wait(s));
	pass(10);
	reed_unwait(loop, &run.waiter);
	pass(0);
	check(ready.over && ready.err == REED_ECANCELED);
	check_int(state_of(s), REED_SERVICE_ENDED);
	reed_service_free(s);
	end();
}

static void who_waits_for_one_that_fails_hears_why(void)
{
	struct plan plan = { .ready_ms = -1, .ends_ms = 10, .ends_as = REED_EIO };
	struct reed_service *s;
	struct owner run, ready;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	own(&ready, reed_service_wait(s));
	pass(10);
	check_int(ready.err, REED_EIO);
	check_str(ready.why, "a has had enough");
	check_int(run.err, REED_EIO);
	check_str(run.why, "a has had enough");
	check_int(state_of(s), REED_SERVICE_FAILED);
	reed_service_free(s);
	end();
}

static void who_waits_for_one_that_ends_or_goes_is_told(void)
{
	struct plan plan = { .ready_ms = -1, .ends_ms = 10 };
	struct reed_service *s;
	struct owner run, ready, ended, late;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	own(&ready, reed_service_wait(s));
	own(&ended, reed_service_ended(s));
	pass(10);
	check_int(ready.err, REED_ECANCELED);
	check(ended.over && !ended.err && run.over && !run.err);
	reed_service_free(s);
	s = service_new(&plan);
	own(&late, reed_service_wait(s));
	reed_service_free(s);
	pass(0);
	check(late.over && late.err == REED_ECANCELED);
	end();
}

/* ---- again ---- */

static void one_that_was_never_ready_is_not_started_again(void)
{
	struct plan b = { .ready_ms = -1, .ends_ms = 10, .ends_as = REED_EIO };
	struct plan plan = { .ready_ms = 0, .ends_ms = -1, .children = { &b } };
	struct reed_service *s;
	struct owner run;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	pass(100000);
	check_int(b.lives, 1);
	check(run.over);
	check_str(run.why, "b: b has had enough");
	reed_service_free(s);
	end();
}

static void one_that_was_is_after_pauses_that_grow_until_it_is_enough(void)
{
	struct plan b = { .ready_ms = 0, .ends_ms = 10, .ends_as = REED_EIO };
	struct plan plan = { .ready_ms = 0, .ends_ms = -1, .children = { &b } };
	struct reed_service *s, *child;
	struct owner run;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	pass(10);
	child = reed_service_child(s, 0);
	check_int(state_of(child), REED_SERVICE_RESTARTING);
	check(!reed_service_is_ready(s) && state_of(s) == REED_SERVICE_READY);
	pass(999);
	check_int(b.lives, 1);
	pass(1);
	check_int(b.lives, 2);
	check(reed_service_is_ready(s));
	pass(10 + 1999);
	check_int(b.lives, 2);
	pass(1);
	check_int(b.lives, 3);
	pass(10 + 4000 + 10 + 8000 + 10 + 16000);
	check_int(b.lives, 6);
	check(!run.over);
	pass(11);
	check(run.over);
	check_str(run.why, "b: b has had enough");
	check_int(b.lives, 6);
	reed_service_free(s);
	end();
}

static void after_a_good_while_its_failures_are_forgotten(void)
{
	struct plan b = { .ready_ms = 0, .ends_ms = 60000, .ends_as = REED_EIO };
	struct plan plan = { .ready_ms = 0, .ends_ms = -1, .children = { &b } };
	struct reed_service *s;
	struct owner run;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	pass(20 * 61000);
	check_int(b.lives, 21);
	check(!run.over);
	reed_unwait(loop, &run.waiter);
	reed_service_free(s);
	end();
}

static void one_that_is_stopped_in_its_pause_has_ended_well(void)
{
	struct plan b = { .ready_ms = 0, .ends_ms = 10, .ends_as = REED_EIO };
	struct plan plan = { .ready_ms = 0, .ends_ms = -1, .children = { &b } };
	struct reed_service *s;
	struct owner run, stop;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	pass(500);
	own(&stop, reed_service_stop(reed_service_child(s, 0), 1000));
	pass(0);
	check(stop.over && !stop.err);
	check_int(state_of(reed_service_child(s, 0)), REED_SERVICE_ENDED);
	pass(5000);
	check_int(b.lives, 1);
	check(!run.over);
	reed_unwait(loop, &run.waiter);
	reed_service_free(s);
	end();
}

/* ---- families ---- */

static void an_optional_child_may_fail_alone(void)
{
	struct plan b = { .ready_ms = -1, .ends_ms = 10, .ends_as = REED_EIO };
	struct plan plan = { .ready_ms = 0,
		             .ends_ms = -1,
		             .children = { &b },
		             .child_is_optional = true };
	struct reed_service *s;
	struct owner run;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	pass(0);
	check(reed_service_is_ready(s));
	pass(10);
	check_int(state_of(reed_service_child(s, 0)), REED_SERVICE_FAILED);
	check(reed_service_is_ready(s) && !run.over);
	reed_unwait(loop, &run.waiter);
	reed_service_free(s);
	end();
}

static void what_is_stopped_says_goodbye_before_its_scope_is_asked_to(void)
{
	struct plan b = { .ready_ms = 0, .ends_ms = -1, .goodbye_ms = 5, .task_ms = 7 };
	struct plan plan = { .ready_ms = 0,
		             .ends_ms = -1,
		             .goodbye_ms = 3,
		             .task_ms = 1,
		             .children = { &b } };
	struct reed_service *s;
	struct owner run;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	pass(10);
	reed_interrupt(run.waiter.future);
	pass(100);
	check(run.over && !run.err);
	check_str(told, "a starts, b starts, a interrupted, a ends, b interrupted, "
	                "a task interrupted, a task done, a task gone, b ends, "
	                "b task interrupted, b task done, b task gone, b over, a over");
	reed_service_free(s);
	end();
}

static void what_does_not_stop_in_time_is_dropped(void)
{
	struct plan b = { .ready_ms = 0, .ends_ms = -1, .goodbye_ms = 100000, .task_ms = 7 };
	struct plan plan = { .ready_ms = 0, .ends_ms = -1, .children = { &b } };
	struct reed_service *s;
	struct owner run, stop;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	pass(10);
	own(&stop, reed_service_stop(reed_service_child(s, 0), 50));
	pass(49);
	check(!stop.over);
	pass(1);
	check(stop.over && !stop.err && !run.over);
	check_str(told, "a starts, b starts, b interrupted, b task gone, b over");
	check_int(state_of(reed_service_child(s, 0)), REED_SERVICE_ENDED);
	reed_unwait(loop, &run.waiter);
	reed_service_free(s);
	end();
}

static void what_is_in_the_scope_has_the_grace_time(void)
{
	struct plan plan = { .ready_ms = 0, .ends_ms = -1, .task_ms = 60000 };
	struct reed_service *s;
	struct owner run;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	pass(10);
	reed_interrupt(run.waiter.future);
	pass(9999);
	check(!run.over);
	pass(2);
	check(run.over && !run.err);
	check_str(told, "a starts, a interrupted, a ends, a task interrupted, a task gone, a over");
	reed_service_free(s);
	end();
}

static void children_go_with_the_life_of_their_parent(void)
{
	struct plan c = { .ready_ms = 0, .ends_ms = -1 };
	struct plan b = { .ready_ms = 0, .ends_ms = 10, .ends_as = REED_EIO, .children = { &c } };
	struct plan plan = { .ready_ms = 0, .ends_ms = -1, .children = { &b } };
	struct reed_service *s, *child;
	struct owner run;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	pass(500);
	child = reed_service_child(s, 0);
	check(!reed_service_child(child, 0));
	pass(520);
	check_int(c.lives, 2);
	check(reed_service_child(child, 0) && !reed_service_child(child, 1));
	reed_unwait(loop, &run.waiter);
	reed_service_free(s);
	end();
}

static void a_root_that_is_dropped_takes_all_along(void)
{
	struct plan c = { .ready_ms = 0, .ends_ms = -1, .task_ms = 1 };
	struct plan b = { .ready_ms = 0, .ends_ms = -1, .task_ms = 1, .children = { &c } };
	struct plan plan = { .ready_ms = 0, .ends_ms = -1, .task_ms = 1, .children = { &b } };
	struct reed_service *s;
	struct owner run;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	pass(10);
	told[0] = '\0';
	reed_unwait(loop, &run.waiter);
	check_str(told, "a task gone, b task gone, b task gone, b over, b over, a over");
	check(!reed_service_child(s, 0));
	reed_service_free(s);
	end();
}

/* ---- for people ---- */

struct ear {
	struct reed_log_tap tap;
	char service[32];
};

static void hear(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	struct ear *self = reed_container_of(tap, struct ear, tap);

	reed_slice_copy(self->service, sizeof(self->service), reed_log_value(event, "service"));
}

static void what_a_service_logs_has_its_name(void)
{
	struct plan b = { .ready_ms = 0, .ends_ms = 10, .ends_as = REED_EIO };
	struct plan plan = { .ready_ms = 0, .ends_ms = -1, .children = { &b } };
	struct ear ear = { .tap.hear = hear };
	struct reed_service *s;
	struct owner run;

	begin();
	reed_log_tap(reed_log_of(loop), &ear.tap);
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	pass(10);
	check_str(ear.service, "b");
	reed_unwait(loop, &run.waiter);
	reed_service_free(s);
	reed_log_untap(reed_log_of(loop), &ear.tap);
	end();
}

static void the_tree_can_be_shown(void)
{
	struct plan b = { .ready_ms = -1, .ends_ms = 2000, .ends_as = REED_EIO };
	struct plan plan = { .ready_ms = 0,
		             .ends_ms = -1,
		             .children = { &b },
		             .child_is_optional = true };
	struct reed_service *s;
	struct owner run;
	char *text;
	size_t n;
	FILE *out;

	begin();
	s = service_new(&plan);
	own(&run, reed_service_run(s));
	pass(3000);
	reed_service_status(s, "%d rooms", 4);
	out = open_memstream(&text, &n);
	reed_service_print(out, s);
	fclose(out);
	check_str(text, "a ready, 3.0 s: 4 rooms\n  b failed, 1.0 s: b has had enough\n");
	free(text);
	reed_unwait(loop, &run.waiter);
	reed_service_free(s);
	end();
}

int main(void)
{
	RUN(a_service_is_ready_when_it_says_so);
	RUN(a_parent_is_ready_when_its_children_are);
	RUN(a_child_that_has_done_its_work_is_not_waited_for);
	RUN(a_parent_that_is_dropped_does_not_become_ready);
	RUN(who_waits_for_one_that_fails_hears_why);
	RUN(who_waits_for_one_that_ends_or_goes_is_told);
	RUN(one_that_was_never_ready_is_not_started_again);
	RUN(one_that_was_is_after_pauses_that_grow_until_it_is_enough);
	RUN(after_a_good_while_its_failures_are_forgotten);
	RUN(one_that_is_stopped_in_its_pause_has_ended_well);
	RUN(an_optional_child_may_fail_alone);
	RUN(what_is_stopped_says_goodbye_before_its_scope_is_asked_to);
	RUN(what_does_not_stop_in_time_is_dropped);
	RUN(what_is_in_the_scope_has_the_grace_time);
	RUN(children_go_with_the_life_of_their_parent);
	RUN(a_root_that_is_dropped_takes_all_along);
	RUN(what_a_service_logs_has_its_name);
	RUN(the_tree_can_be_shown);
	return 0;
}
