/* What scopes in scopes promise, and their budgets. */

#include "reed/scope.h"
#include "tests/core/tools.h"

static struct reed_scope outer, inner;

static void open_scopes(void)
{
	reed_scope_init(&outer, loop, NULL, "outer");
	reed_scope_init(&inner, loop, &outer, "inner");
}

static void close_scopes(void)
{
	reed_scope_finish(&inner);
	reed_scope_finish(&outer);
	check(idle());
}

static void what_interrupts_the_outer_scope_interrupts_the_inner_one(void)
{
	open_scopes();
	reed_scope_add(&inner, reed_sleep(loop, 50));
	reed_scope_interrupt(&outer);
	check(inner.interrupted);
	check_int(outcome(reed_scope_wait(&inner)), REED_OK);
	check(inner.count == 0 && idle());
	close_scopes();
}

static void what_drops_the_outer_scope_finishes_the_inner_one(void)
{
	int slot = 0;

	open_scopes();
	reed_scope_add(&outer, take(5, &slot));
	reed_scope_add(&inner, take(5, &slot));
	reed_scope_drop(&outer);
	check(inner.count == 0 && outer.count == 0 && !inner.outer && idle());
	close_scopes();
}

static void an_inner_scope_may_end_before_the_outer_one(void)
{
	int slot = 0;

	open_scopes();
	reed_scope_add(&outer, take(5, &slot));
	reed_scope_add(&inner, take(50, &slot));
	reed_scope_interrupt(&inner);
	check(!outer.interrupted);
	check_int(outcome(reed_scope_wait(&inner)), REED_OK);
	reed_scope_finish(&inner);
	check_int(outcome(reed_scope_wait(&outer)), REED_OK);
	check_int(slot, 1);
	tokens = 0;
	close_scopes();
}

/* An inner scope stands for what may still be started in it. */
static void an_outer_wait_ends_when_the_inner_scopes_are_finished(void)
{
	struct owner o;

	open_scopes();
	reed_scope_add(&outer, reed_sleep(loop, 1));
	reed_scope_add(&inner, reed_sleep(loop, 9));
	own(&o, reed_scope_wait(&outer));
	run();
	check(!o.told && outer.count == 0 && inner.count == 0);
	reed_scope_finish(&inner);
	run();
	check(o.told == 1 && !o.err);
	close_scopes();
}

static void an_inner_scope_made_in_an_interrupted_one_is_interrupted(void)
{
	struct reed_scope late;

	open_scopes();
	reed_scope_interrupt(&outer);
	reed_scope_init(&late, loop, &outer, "late");
	reed_scope_add(&late, reed_forever(loop));
	check_int(outcome(reed_scope_wait(&late)), REED_OK);
	reed_scope_finish(&late);
	close_scopes();
}

static void a_deadline_reaches_the_inner_scopes(void)
{
	int64_t start = reed_now(loop);

	open_scopes();
	reed_scope_add(&inner, reed_forever(loop));
	reed_scope_deadline(&outer, REED_MS(7));
	check_int(outcome(reed_scope_wait(&inner)), REED_OK);
	check_int(reed_now(loop) - start, REED_MS(7));
	close_scopes();
}

/* The frame of a child of the outer scope holds the inner one, as a server does. */
struct server {
	struct reed_co co;
	struct reed_scope sessions;
	int *slot;
};

static void server_run(struct reed_co *co)
{
	struct server *self = reed_frame(co, struct server);

	reed_coroutine (co) {
		reed_scope_add(&self->sessions, fetch(self->slot));
		reed_scope_add(&self->sessions, reed_forever(co->loop));
		reed_await(co, reed_forever(co->loop));
		reed_scope_interrupt(&self->sessions);
		reed_await(co, reed_shield(reed_scope_wait(&self->sessions)));
	}
}

static void server_end(struct reed_co *co)
{
	reed_scope_finish(&reed_frame(co, struct server)->sessions);
}

static const struct reed_co_kind server_kind = {
	.name = "server",
	.size = sizeof(struct server),
	.run = server_run,
	.end = server_end,
};

static struct reed_future *server(int *slot)
{
	struct server *self = reed_co_new(loop, &server_kind);

	reed_scope_init(&self->sessions, loop, &outer, "sessions");
	self->slot = slot;
	return reed_start(&self->co);
}

static void a_server_in_a_scope_ends_with_it_either_way(void)
{
	for (int drop = 0; drop <= 1; drop++)
		for (int steps = 0; steps < 12; steps++) {
			int slot = 0;

			open_scopes();
			reed_scope_finish(&inner);
			reed_scope_add(&outer, server(&slot));
			for (int i = 0; i < steps; i++)
				step();
			if (drop)
				reed_scope_drop(&outer);
			else
				check_int(outcome(reed_scope_stop(&outer, 100)), REED_OK);
			check(reed_list_empty(&loop->tasks) && idle());
			check_int(tokens, slot);
			tokens = 0;
			close_scopes();
		}
}

/* ---- the budget ---- */

static void what_is_charged_to_the_inner_scope_is_charged_to_the_outer_one(void)
{
	open_scopes();
	outer.budget = 100;
	inner.budget = 60;
	check_int(reed_scope_charge(&inner, 50), REED_OK);
	check(inner.bytes == 50 && outer.bytes == 50);
	check_int(reed_scope_charge(&outer, 50), REED_OK);
	check(inner.bytes == 50 && outer.bytes == 100);
	reed_scope_refund(&inner, 50);
	reed_scope_refund(&outer, 50);
	check(inner.bytes == 0 && outer.bytes == 0);
	close_scopes();
}

static void a_charge_over_any_budget_is_charged_to_none(void)
{
	open_scopes();
	outer.budget = 100;
	inner.budget = 60;
	check_int(reed_scope_charge(&inner, 61), REED_ETOOBIG);
	check_int(reed_scope_charge(&outer, 60), REED_OK);
	check_int(reed_scope_charge(&inner, 41), REED_ETOOBIG);
	check(inner.bytes == 0 && outer.bytes == 60);
	check_int(reed_scope_charge(&inner, 40), REED_OK);
	check_int(reed_scope_charge(&inner, SIZE_MAX), REED_ETOOBIG);
	outer.budget = 10; /* lowered by a reload: nothing more, and no wrap */
	check_int(reed_scope_charge(&inner, 1), REED_ETOOBIG);
	check_int(reed_scope_charge(&inner, SIZE_MAX - 50), REED_ETOOBIG);
	reed_scope_refund(&inner, 40);
	reed_scope_refund(&outer, 60);
	close_scopes();
}

static void a_scope_without_a_budget_counts_only(void)
{
	open_scopes();
	check_int(reed_scope_charge(&inner, 1 << 30), REED_OK);
	check_int(outer.bytes, 1 << 30);
	reed_scope_refund(&inner, 1 << 30);
	close_scopes();
}

int main(void)
{
	lab_open();
	RUN(what_interrupts_the_outer_scope_interrupts_the_inner_one);
	RUN(what_drops_the_outer_scope_finishes_the_inner_one);
	RUN(an_inner_scope_may_end_before_the_outer_one);
	RUN(an_outer_wait_ends_when_the_inner_scopes_are_finished);
	RUN(an_inner_scope_made_in_an_interrupted_one_is_interrupted);
	RUN(a_deadline_reaches_the_inner_scopes);
	RUN(a_server_in_a_scope_ends_with_it_either_way);

	RUN(what_is_charged_to_the_inner_scope_is_charged_to_the_outer_one);
	RUN(a_charge_over_any_budget_is_charged_to_none);
	RUN(a_scope_without_a_budget_counts_only);
	lab_close();
	return 0;
}
