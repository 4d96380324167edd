/* What scopes promise. */

#include "reed/scope.h"
#include "tests/core/tools.h"

static struct reed_scope scope;

static void open_scope(void)
{
	reed_scope_init(&scope, loop, NULL, "test");
}

/* ---- children ---- */

static void a_child_delivers_when_it_ends(void)
{
	int slot = 0;

	open_scope();
	reed_scope_add(&scope, take(5, &slot));
	reed_scope_add(&scope, fetch(&slot));
	check_int(scope.count, 2);
	check_int(outcome(reed_scope_wait(&scope)), REED_OK);
	check(slot == 2 && tokens == 2 && scope.count == 0);
	tokens = 0;
	reed_scope_finish(&scope);
}

static void waiting_for_nobody_ends_at_once(void)
{
	open_scope();
	check_int(outcome(reed_scope_wait(&scope)), REED_OK);
	check_int(outcome(reed_scope_below(&scope, 1)), REED_OK);
	reed_scope_finish(&scope);
}

static void waiting_for_fewer_ends_when_there_are(void)
{
	int64_t start = reed_now(loop);

	open_scope();
	for (int ms = 1; ms <= 5; ms++)
		reed_scope_add(&scope, reed_sleep(loop, ms));
	check_int(outcome(reed_scope_below(&scope, 6)), REED_OK);
	check_int(reed_now(loop) - start, 0);
	check_int(outcome(reed_scope_below(&scope, 3)), REED_OK);
	check_int(reed_now(loop) - start, REED_MS(3));
	check_int(scope.count, 2);
	check_int(outcome(reed_scope_wait(&scope)), REED_OK);
	check_int(reed_now(loop) - start, REED_MS(5));
	reed_scope_finish(&scope);
}

/* Between settling and waking one more may have come. */
static void a_wait_looks_again_when_it_wakes(void)
{
	struct owner o;

	open_scope();
	reed_scope_add(&scope, reed_sleep(loop, 1));
	own(&o, reed_scope_wait(&scope));
	while (!scope.fewer.settled)
		step();
	reed_scope_add(&scope, reed_sleep(loop, 9));
	check(step() && !o.told);
	run();
	check(o.told == 1 && !o.err);
	reed_scope_finish(&scope);
}

static void a_dropped_wait_may_be_followed_by_another(void)
{
	open_scope();
	reed_scope_add(&scope, reed_sleep(loop, 9));
	check_int(outcome(reed_within(2, reed_scope_wait(&scope))), REED_ETIMEDOUT);
	reed_drop(reed_scope_below(&scope, 1));
	check_int(outcome(reed_scope_wait(&scope)), REED_OK);
	reed_scope_finish(&scope);
}

/* ---- failures ---- */

static void a_failed_child_is_reported_and_the_others_go_on(void)
{
	int slot = 0;

	open_scope();
	unheard.count = 0;
	reed_scope_add(&scope, broken("leg"));
	reed_scope_add(&scope, take(5, &slot));
	check_int(outcome(reed_scope_wait(&scope)), REED_OK);
	check(slot == 1 && unheard.count == 1 && unheard.err == REED_EPROTO);
	check_str(unheard.what, "test");
	check_str(unheard.why, "broken leg");
	tokens = 0;
	reed_scope_finish(&scope);
}

static struct reed_future *break_leg(void *arg, enum reed_err err)
{
	check(!arg && !err);
	return broken("leg");
}

static void a_failed_child_may_fail_them_all(void)
{
	int slot = 0;

	open_scope();
	scope.policy = REED_SCOPE_FAIL;
	unheard.count = goodbyes = 0;
	reed_scope_add(&scope, fetch(&slot));
	reed_scope_add(&scope, reed_then(reed_sleep(loop, 5), break_leg, NULL));
	check_int(outcome(reed_scope_wait(&scope)), REED_EPROTO);
	check(why_is("broken leg"));
	check(goodbyes == 1 && unheard.count == 0 && slot == 0 && tokens == 0);
	reed_scope_finish(&scope);
}

static void a_failure_may_be_ignored(void)
{
	open_scope();
	scope.policy = REED_SCOPE_IGNORE;
	unheard.count = 0;
	reed_scope_add(&scope, broken("leg"));
	check_int(outcome(reed_scope_wait(&scope)), REED_OK);
	check_int(unheard.count, 0);
	reed_scope_finish(&scope);
}

static void the_first_failure_is_the_one_that_is_told(void)
{
	open_scope();
	scope.policy = REED_SCOPE_FAIL;
	reed_scope_add(&scope, broken("arm"));
	reed_scope_add(&scope, broken("leg"));
	check_int(outcome(reed_scope_wait(&scope)), REED_EPROTO);
	check(why_is("broken arm"));
	reed_scope_finish(&scope);
}

static void a_canceled_child_of_an_interrupted_scope_is_no_failure(void)
{
	open_scope();
	unheard.count = 0;
	reed_scope_add(&scope, reed_sleep(loop, 9));
	reed_scope_interrupt(&scope);
	check_int(outcome(reed_scope_wait(&scope)), REED_OK);
	check_int(unheard.count, 0);
	reed_scope_finish(&scope);
}

/* ---- interrupts, drops and deadlines ---- */

static void an_interrupted_scope_waits_for_each_goodbye(void)
{
	int slot = 0;

	open_scope();
	goodbyes = 0;
	for (int i = 0; i < 3; i++)
		reed_scope_add(&scope, fetch(&slot));
	while (tokens < 3)
		step();
	while (!reed_list_empty(&loop->ready))
		step();
	reed_scope_interrupt(&scope);
	check_int(outcome(reed_scope_wait(&scope)), REED_OK);
	check(goodbyes == 3 && tokens == 0 && slot == 0);
	reed_scope_finish(&scope);
}

static void a_child_that_comes_late_is_interrupted_too(void)
{
	int64_t start = reed_now(loop);

	open_scope();
	reed_scope_interrupt(&scope);
	reed_scope_add(&scope, reed_sleep(loop, 50));
	reed_scope_add(&scope, reed_shield(reed_sleep(loop, 20)));
	check_int(outcome(reed_scope_wait(&scope)), REED_OK);
	check_int(reed_now(loop) - start, REED_MS(20));
	reed_scope_finish(&scope);
}

struct mark {
	struct reed_co co;
	char name, *order;
};

static void mark_run(struct reed_co *co)
{
	reed_coroutine (co) {
		reed_try(co, reed_forever(co->loop));
	}
}

static void mark_end(struct reed_co *co)
{
	struct mark *self = reed_frame(co, struct mark);

	self->order[strlen(self->order)] = self->name;
}

static const struct reed_co_kind mark_kind = {
	.name = "mark",
	.size = sizeof(struct mark),
	.run = mark_run,
	.end = mark_end,
};

static struct reed_future *mark(char name, char *order)
{
	struct mark *self = reed_co_new(loop, &mark_kind);

	self->name = name;
	self->order = order;
	return reed_start(&self->co);
}

static void children_are_dropped_the_youngest_first(void)
{
	char order[4] = "";

	open_scope();
	for (char c = 'a'; c < 'd'; c++)
		reed_scope_add(&scope, mark(c, order));
	reed_scope_drop(&scope);
	check_str(order, "cba");
	check(scope.count == 0 && idle());
	reed_scope_finish(&scope);
}

static void children_are_interrupted_the_youngest_first(void)
{
	char order[4] = "";

	open_scope();
	for (char c = 'a'; c < 'd'; c++)
		reed_scope_add(&scope, mark(c, order));
	run();
	reed_scope_interrupt(&scope);
	check_int(outcome(reed_scope_wait(&scope)), REED_OK);
	check_str(order, "cba");
	reed_scope_finish(&scope);
}

static void a_dropped_scope_may_be_used_again(void)
{
	int slot = 0;

	open_scope();
	scope.policy = REED_SCOPE_FAIL;
	reed_scope_add(&scope, broken("leg"));
	run();
	check(scope.interrupted && scope.err == REED_EPROTO);
	reed_scope_drop(&scope);
	reed_scope_add(&scope, take(1, &slot));
	check_int(outcome(reed_scope_wait(&scope)), REED_OK);
	check(slot == 1 && tokens == 1);
	tokens = 0;
	reed_scope_add(&scope, broken("arm"));
	check_int(outcome(reed_scope_wait(&scope)), REED_EPROTO);
	check(why_is("broken arm"));
	reed_scope_finish(&scope);
}

static void somebody_who_waits_hears_of_a_drop(void)
{
	struct owner o;

	open_scope();
	reed_scope_add(&scope, reed_forever(loop));
	own(&o, reed_scope_wait(&scope));
	reed_scope_drop(&scope);
	run();
	check(o.told == 1 && !o.err);
	reed_scope_finish(&scope);
}

static void a_deadline_interrupts_all_children(void)
{
	int slot = 0;
	int64_t start = reed_now(loop);

	open_scope();
	goodbyes = 0;
	reed_scope_add(&scope, fetch(&slot));
	reed_scope_deadline(&scope, REED_MS(4));
	check_int(outcome(reed_scope_wait(&scope)), REED_OK);
	check(goodbyes == 1 && slot == 0 && tokens == 0);
	check_int(reed_now(loop) - start, REED_MS(9));
	reed_scope_finish(&scope);
}

static void a_deadline_can_be_taken_back(void)
{
	open_scope();
	reed_scope_add(&scope, reed_sleep(loop, 9));
	reed_scope_deadline(&scope, REED_MS(4));
	reed_scope_deadline(&scope, REED_NEVER);
	check_int(outcome(reed_scope_wait(&scope)), REED_OK);
	check(!scope.interrupted && idle());
	reed_scope_finish(&scope);
}

static void stopping_gives_children_time_for_a_goodbye(void)
{
	int slot = 0;
	int64_t start = reed_now(loop);

	open_scope();
	goodbyes = 0;
	reed_scope_add(&scope, fetch(&slot));
	check_int(outcome(reed_within(3, reed_forever(loop))), REED_ETIMEDOUT);
	check_int(outcome(reed_scope_stop(&scope, 100)), REED_OK);
	check(goodbyes == 1 && tokens == 0 && scope.count == 0);
	check_int(reed_now(loop) - start, REED_MS(8));
	reed_scope_finish(&scope);
}

static void stopping_drops_whoever_takes_too_long(void)
{
	int64_t start = reed_now(loop);

	open_scope();
	reed_scope_add(&scope, reed_shield(reed_forever(loop)));
	check_int(outcome(reed_scope_stop(&scope, 30)), REED_OK);
	check_int(reed_now(loop) - start, REED_MS(30));
	check(scope.count == 0 && idle());
	reed_scope_finish(&scope);
}

struct quitter {
	struct reed_co co;
	struct reed_scope *scope;
	bool finishes;
};

static void quitter_run(struct reed_co *co)
{
	struct quitter *self = reed_frame(co, struct quitter);

	reed_coroutine (co) {
		reed_try(co, reed_sleep(co->loop, 1));
		if (self->finishes)
			reed_scope_finish(self->scope);
		else
			reed_scope_drop(self->scope);
		reed_try(co, reed_forever(co->loop));
	}
}

static const struct reed_co_kind quitter_kind = {
	.name = "quitter",
	.size = sizeof(struct quitter),
	.run = quitter_run,
};

static void a_child_may_drop_its_own_scope(void)
{
	for (int finishes = 0; finishes <= 1; finishes++) {
		struct quitter *q;

		open_scope();
		reed_scope_add(&scope, reed_forever(loop));
		q = reed_co_new(loop, &quitter_kind);
		q->scope = &scope;
		q->finishes = finishes;
		reed_scope_add(&scope, reed_start(&q->co));
		reed_scope_add(&scope, reed_forever(loop));
		run();
		check(scope.count == 0 && idle() && reed_list_empty(&loop->tasks));
		reed_scope_finish(&scope);
	}
}

int main(void)
{
	lab_open();
	RUN(a_child_delivers_when_it_ends);
	RUN(waiting_for_nobody_ends_at_once);
	RUN(waiting_for_fewer_ends_when_there_are);
	RUN(a_wait_looks_again_when_it_wakes);
	RUN(a_dropped_wait_may_be_followed_by_another);

	RUN(a_failed_child_is_reported_and_the_others_go_on);
	RUN(a_failed_child_may_fail_them_all);
	RUN(a_failure_may_be_ignored);
	RUN(the_first_failure_is_the_one_that_is_told);
	RUN(a_canceled_child_of_an_interrupted_scope_is_no_failure);

	RUN(an_interrupted_scope_waits_for_each_goodbye);
	RUN(a_child_that_comes_late_is_interrupted_too);
	RUN(children_are_dropped_the_youngest_first);
	RUN(children_are_interrupted_the_youngest_first);
	RUN(a_dropped_scope_may_be_used_again);
	RUN(somebody_who_waits_hears_of_a_drop);
	RUN(a_deadline_interrupts_all_children);
	RUN(a_deadline_can_be_taken_back);
	RUN(stopping_gives_children_time_for_a_goodbye);
	RUN(stopping_drops_whoever_takes_too_long);
	RUN(a_child_may_drop_its_own_scope);
	lab_close();
	return 0;
}
