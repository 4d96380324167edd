/* What chains promise, and their ends in the background. */

#include "tests/core/tools.h"

static struct reed_future *recover(void *arg, enum reed_err err)
{
	check_int(err, REED_ETIMEDOUT);
	return take(1, arg);
}

static void a_chain_passes_on_or_recovers(void)
{
	int slot = 0;

	check_int(outcome(reed_then(reed_within(5, reed_sleep(loop, 50)), recover, &slot)),
	          REED_OK);
	check(slot == 1 && tokens == 1);
	tokens = 0;
}

static struct reed_future *note(void *arg, enum reed_err err)
{
	*(int *)arg = (int)err;
	return NULL;
}

static void a_chain_passes_on_the_outcome_and_its_fault(void)
{
	int seen = 1;

	check_int(outcome(reed_then(broken("link"), note, &seen)), REED_EPROTO);
	check(seen == REED_EPROTO && why_is("broken link"));
	check_int(outcome(reed_then(reed_ready(loop, REED_OK), note, &seen)), REED_OK);
	check_int(seen, REED_OK);
}

static struct reed_future *fail_again(void *arg, enum reed_err err)
{
	check(arg == NULL && err == REED_EPROTO);
	return reed_failed(loop, REED_ERESET, "a second failure");
}

static void a_chain_that_goes_on_forgets_the_first_fault(void)
{
	check_int(outcome(reed_then(broken("link"), fail_again, NULL)), REED_ERESET);
	check(why_is("a second failure"));
}

static struct reed_future *already(void *arg, enum reed_err err)
{
	check_int(err, REED_OK);
	return flaky((struct flaky){ .not_yet = 2, .at_once = true }, arg);
}

static void a_chain_may_go_on_with_what_has_settled(void)
{
	int slot = 0;

	check_int(outcome(reed_then(reed_sleep(loop, 1), already, &slot)), REED_OK);
	check(slot == 1 && tokens == 1);
	tokens = 0;
}

static void chains_of_chains_run_in_order(void)
{
	int slot = 0, seen[3] = { 1, 1, 1 };
	struct reed_future *f =
		reed_then(reed_then(reed_sleep(loop, 3), note, &seen[0]), note, &seen[1]);

	check_int(outcome(reed_then(reed_then(f, already, &slot), note, &seen[2])), REED_OK);
	check(seen[0] == 0 && seen[1] == 0 && seen[2] == 0 && slot == 1);
	tokens = 0;
}

static void what_a_chain_has_come_to_is_given_back_when_dropped(void)
{
	for (int64_t ms = 0; ms < 5; ms++) {
		struct owner o;
		int slot = 0;

		own(&o, reed_then(reed_sleep(loop, 1), already, &slot));
		lab_pass(REED_MS(ms));
		step();
		step();
		disown(&o);
		check(slot == 0 && tokens == 0 && idle());
	}
}

/* ---- dropping oneself ---- */

struct suicide {
	struct owner owner;
	struct reed_future *next;
};

static struct reed_future *drop_the_owner(void *arg, enum reed_err err)
{
	struct suicide *self = arg;

	check_int(err, REED_OK);
	disown(&self->owner);
	return self->next;
}

static void a_chain_may_drop_itself(void)
{
	int slot = 0;

	for (int form = 0; form < 4; form++) {
		struct suicide s = { .next = NULL };

		switch (form) {
		case 1:
			s.next = reed_sleep(loop, 5);
			break;
		case 2:
			s.next = reed_ready(loop, REED_OK);
			break;
		case 3:
			s.next = take(5, &slot);
			break;
		}
		own(&s.owner, reed_within(9, reed_then(reed_sleep(loop, 1), drop_the_owner, &s)));
		run();
		check(!s.owner.told && idle() && tokens == 0 && slot == 0);
	}
}

/* ---- interrupts ---- */

static struct reed_future *again(void *arg, enum reed_err err)
{
	bool *shielded = arg;
	struct reed_future *f = reed_sleep(loop, 100);

	check_int(err, REED_ECANCELED);
	return *shielded ? reed_shield(f) : f;
}

static void an_interrupt_sticks_to_a_chain(void)
{
	for (int i = 0; i <= 1; i++) {
		bool shielded = i;
		struct owner o;
		int64_t start = reed_now(loop);

		own(&o, reed_then(reed_sleep(loop, 5), again, &shielded));
		reed_interrupt(o.waiter.future);
		run();
		check(o.told == 1 && o.err == (shielded ? REED_OK : REED_ECANCELED));
		check_int(reed_now(loop) - start, shielded ? REED_MS(100) : 0);
	}
}

static struct reed_future *interrupt_the_owner(void *arg, enum reed_err err)
{
	struct owner *o = arg;

	check_int(err, REED_OK);
	reed_interrupt(o->waiter.future);
	return reed_sleep(loop, 50);
}

static void a_chain_may_interrupt_itself(void)
{
	struct owner o;
	int64_t start = reed_now(loop);

	own(&o, reed_then(reed_sleep(loop, 1), interrupt_the_owner, &o));
	run();
	check(o.told == 1 && o.err == REED_ECANCELED);
	check_int(reed_now(loop) - start, REED_MS(1));
}

/* ---- the background ---- */

struct heard {
	int count;
	enum reed_err err;
	char why[64];
};

static void hear(void *arg, enum reed_err err, const char *why)
{
	struct heard *self = arg;

	self->count++;
	self->err = err;
	snprintf(self->why, sizeof(self->why), "%s", why);
}

static void the_background_tells_how_it_ended(void)
{
	struct heard heard = { 0 };

	reed_background(broken("string"), hear, &heard);
	check_int(heard.count, 0);
	run();
	check(heard.count == 1 && heard.err == REED_EPROTO);
	check_str(heard.why, "broken string");
	reed_background(reed_sleep(loop, 1), hear, &heard);
	run();
	check(heard.count == 2 && heard.err == REED_OK);
	check_str(heard.why, "success");
}

static void a_failure_nobody_hears_is_reported(void)
{
	unheard.count = 0;
	reed_background(broken("heart"), NULL, NULL);
	run();
	check(unheard.count == 1 && unheard.err == REED_EPROTO);
	check_str(unheard.why, "broken heart");
	reed_background(reed_ready(loop, REED_ECANCELED), NULL, NULL);
	reed_background(reed_ready(loop, REED_OK), NULL, NULL);
	run();
	check_int(unheard.count, 1);
}

static void what_is_in_the_background_still_delivers(void)
{
	int slot = 0;

	reed_background(fetch(&slot), NULL, NULL);
	run();
	check(slot == 1 && tokens == 1);
	tokens = 0;
}

static void a_fault_nobody_hears_is_freed(void)
{
	size_t live = memory.live;

	reed_drop(broken("wheel"));
	check_int(outcome(reed_any(NULL, broken("ear"), broken("eye"))), REED_EPROTO);
	check(why_is("broken ear"));
	check_int(outcome(reed_all(broken("ear"), broken("eye"))), REED_EPROTO);
	reed_background(broken("heart"), NULL, NULL);
	run();
	check_int(memory.live, live);
}

int main(void)
{
	lab_open();
	RUN(a_chain_passes_on_or_recovers);
	RUN(a_chain_passes_on_the_outcome_and_its_fault);
	RUN(a_chain_that_goes_on_forgets_the_first_fault);
	RUN(a_chain_may_go_on_with_what_has_settled);
	RUN(chains_of_chains_run_in_order);
	RUN(what_a_chain_has_come_to_is_given_back_when_dropped);
	RUN(a_chain_may_drop_itself);
	RUN(an_interrupt_sticks_to_a_chain);
	RUN(a_chain_may_interrupt_itself);
	RUN(the_background_tells_how_it_ended);
	RUN(a_failure_nobody_hears_is_reported);
	RUN(what_is_in_the_background_still_delivers);
	RUN(a_fault_nobody_hears_is_freed);
	lab_close();
	return 0;
}
