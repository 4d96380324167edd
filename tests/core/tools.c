#include "tests/core/tools.h"

#include <stdlib.h>
#include <string.h>

/* ---- turns ---- */

void (*turn_loop)(struct reed_loop *loop, int64_t ns) = reed_loop_turn;
int64_t (*own_deadline)(struct reed_loop *loop) = reed_loop_deadline;

enum { PATIENCE_TURNS = 1000000, IDLE_S = 60, QUIET_TURNS = 3, UNREST_TURNS = 100000 };

static uint64_t what_happened(void)
{
	return loop->stats.events + loop->stats.wakes;
}

/* Not a limit of time: on a busy machine what takes long is on its way all the same. */
void patient_turn(int so_far, const char *file, int line)
{
	static int64_t idle_since;
	uint64_t before = what_happened();

	if (so_far == 0)
		idle_since = reed_system_now(NULL);
	turn_loop(loop, REED_MS(100));
	if (what_happened() != before)
		idle_since = reed_system_now(NULL);
	if (so_far < PATIENCE_TURNS && reed_system_now(NULL) - idle_since < REED_S(IDLE_S))
		return;
	fprintf(stderr, "%s:%d: waits for what does not come\n", file, line);
	abort();
}

void until_settled(const struct reed_future *f)
{
	loop->turn_wakes = 0;
	until(f->settled);
	loop->turn_wakes = REED_TURN_WAKES;
}

/* A stream that is throttled goes on at its timer. */
void quiet(void)
{
	int all = 0;

	for (int quiet_turns = 0; quiet_turns < QUIET_TURNS; quiet_turns++) {
		uint64_t before = what_happened() + loop->stats.timers_fired;

		check(all++ < UNREST_TURNS);
		turn_loop(loop, REED_MS(1));
		if (what_happened() + loop->stats.timers_fired != before)
			quiet_turns = 0;
	}
}

/* Nobody waits out the time that is given for a goodbye. */
void until_nothing_is_left(void)
{
	static const struct reed_stream_limits limits = REED_STREAM_LIMITS;
	int64_t began = reed_system_now(NULL);

	until(loop->watches == 0 && own_deadline(loop) == REED_NEVER);
	check(reed_system_now(NULL) - began < REED_MS((int64_t)limits.linger_ms));
}

uint64_t turns_so_far(void)
{
	struct reed_loop_stats stats = { .size = sizeof(stats) };

	reed_loop_stats(loop, &stats);
	return stats.turns;
}

uint64_t turns_of_a_while(void)
{
	uint64_t before = turns_so_far();
	struct owner o;

	own(&o, reed_sleep(loop, 200));
	until(o.told);
	return turns_so_far() - before;
}

/* ---- what this system may not have ---- */

void uring_or_skip(struct reed_loop *first)
{
	static bool had;

	if (strcmp(reed_loop_driver(first), "uring") == 0) {
		had = true;
		return;
	}
	check(!had);
	reed_loop_free(first);
	printf("SKIPPED: this system refuses io_uring, or the build has none\n");
	exit(SKIPPED);
}

/* ---- an owner ---- */

static void owner_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct owner *self = reed_container_of(w, struct owner, waiter);

	self->told++;
	self->err = err;
	snprintf(self->why, sizeof(self->why), "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
}

void own(struct owner *self, struct reed_future *f)
{
	*self = (struct owner){ .waiter.wake = owner_wake };
	reed_wait(f, &self->waiter);
}

void disown(struct owner *self)
{
	reed_unwait(loop, &self->waiter);
}

static struct owner last;

enum reed_err outcome(struct reed_future *f)
{
	own(&last, f);
	while (!last.told)
		turn_loop(loop, REED_NEVER);
	check_int(last.told, 1);
	return last.err;
}

bool why_is(const char *sentence)
{
	if (strcmp(last.why, sentence) == 0)
		return true;
	fprintf(stderr, "the reason is \"%s\"\n", last.why);
	return false;
}

/* ---- a token, given back unless it was handed over ---- */

int tokens;

struct take {
	struct reed_future future;
	struct reed_timer timer;
	int *slot, held;
};

static struct take *take_of(struct reed_future *f)
{
	return reed_container_of(f, struct take, future);
}

static void take_fire(struct reed_timer *t)
{
	struct take *self = reed_container_of(t, struct take, timer);

	tokens++;
	self->held = 1;
	reed_settle(&self->future, REED_OK);
}

static void take_cancel(struct reed_future *f)
{
	reed_timer_stop(&take_of(f)->timer);
}

static void take_deliver(struct reed_future *f)
{
	struct take *self = take_of(f);

	check(f->err || self->held == 1);
	*self->slot += self->held;
	self->held = 0;
}

static void take_free(struct reed_future *f)
{
	tokens -= take_of(f)->held;
	reed_free(take_of(f));
}

static const struct reed_future_kind take_kind = {
	.name = "take",
	.cancel = take_cancel,
	.deliver = take_deliver,
	.free = take_free,
};

struct reed_future *take(int64_t ms, int *slot)
{
	struct take *self = reed_alloc(sizeof(*self));

	reed_future_init(&self->future, loop, &take_kind);
	self->slot = slot;
	self->timer.fire = take_fire;
	reed_timer_start(loop, &self->timer, REED_MS(ms));
	return &self->future;
}

/* ---- the same, but what is settled is only worth a try ---- */

int tries;

struct trier {
	struct reed_future future;
	struct reed_timer timer;
	struct flaky plan;
	int *slot, held;
};

static struct trier *trier_of(struct reed_future *f)
{
	return reed_container_of(f, struct trier, future);
}

static void trier_fire(struct reed_timer *t)
{
	reed_settle(&reed_container_of(t, struct trier, timer)->future, REED_OK);
}

static enum reed_err trier_attempt(struct reed_future *f)
{
	struct trier *self = trier_of(f);

	tries++;
	if (self->plan.not_yet-- > 0) {
		if (self->plan.at_once)
			reed_settle(f, REED_OK);
		else
			reed_timer_start(loop, &self->timer, REED_MS(self->plan.ms));
		return REED_EAGAIN;
	}
	if (self->plan.err) {
		f->fault = reed_fault(self->plan.err, NULL, "tried in vain");
		return self->plan.err;
	}
	tokens++;
	self->held = 1;
	return REED_OK;
}

static void trier_cancel(struct reed_future *f)
{
	reed_timer_stop(&trier_of(f)->timer);
}

static void trier_deliver(struct reed_future *f)
{
	struct trier *self = trier_of(f);

	check(!!f->err == !self->held);
	*self->slot += self->held;
	self->held = 0;
}

static void trier_free(struct reed_future *f)
{
	check(!reed_timer_running(&trier_of(f)->timer));
	tokens -= trier_of(f)->held;
	reed_free(trier_of(f));
}

static const struct reed_future_kind trier_kind = {
	.name = "flaky",
	.cancel = trier_cancel,
	.attempt = trier_attempt,
	.deliver = trier_deliver,
	.free = trier_free,
};

struct reed_future *flaky(struct flaky plan, int *slot)
{
	struct trier *self = reed_alloc(sizeof(*self));

	reed_future_init(&self->future, loop, &trier_kind);
	self->plan = plan;
	self->slot = slot;
	self->timer.fire = trier_fire;
	if (plan.ms > 0)
		reed_timer_start(loop, &self->timer, REED_MS(plan.ms));
	else
		reed_settle(&self->future, REED_OK);
	return &self->future;
}

struct reed_future *broken(const char *what)
{
	return reed_failed(loop, REED_EPROTO, "broken %s", what);
}

/* ---- two tokens, one handed on ---- */

int goodbyes;

struct fetch {
	struct reed_co co;
	int mine, spare, *out;
};

static void fetch_run(struct reed_co *co)
{
	struct fetch *self = reed_frame(co, struct fetch);

	reed_coroutine (co) {
		reed_try(co, take(1, &self->spare));
		reed_await(co, reed_within(100, take(10, &self->mine)));
		if (co->err) {
			reed_await(co, reed_shield(reed_sleep(co->loop, 5)));
			check(!co->err);
			goodbyes++;
			reed_return(co, REED_ECANCELED);
		}
	}
}

static void fetch_deliver(struct reed_co *co)
{
	struct fetch *self = reed_frame(co, struct fetch);

	*self->out += self->mine;
	self->mine = 0;
}

static void fetch_end(struct reed_co *co)
{
	struct fetch *self = reed_frame(co, struct fetch);

	tokens -= self->mine + self->spare;
}

static const struct reed_co_kind fetch_kind = {
	.name = "fetch",
	.size = sizeof(struct fetch),
	.run = fetch_run,
	.deliver = fetch_deliver,
	.end = fetch_end,
};

struct reed_future *fetch(int *out)
{
	struct fetch *self = reed_co_new(loop, &fetch_kind);

	self->out = out;
	return reed_start(&self->co);
}

/* ---- a tower of coroutines with a fault at its foot ---- */

struct layer {
	struct reed_co co;
	int depth;
	bool adds;
};

static void layer_run(struct reed_co *co)
{
	struct layer *self = reed_frame(co, struct layer);

	reed_coroutine (co) {
		if (!self->depth)
			reed_try(co, broken("pipe"));
		reed_await(co, reed_within(50, layer(self->depth - 1, self->adds)));
		if (co->err && self->adds)
			reed_return(co, reed_because(co, REED_ERESET, "layer %d", self->depth));
		reed_return(co, co->err);
	}
}

static void layer_deliver(struct reed_co *co)
{
	(void)co;
	check(!"delivered, though it failed");
}

static const struct reed_co_kind layer_kind = {
	.name = "layer",
	.size = sizeof(struct layer),
	.run = layer_run,
	.deliver = layer_deliver,
};

struct reed_future *layer(int depth, bool adds)
{
	struct layer *self = reed_co_new(loop, &layer_kind);

	self->depth = depth;
	self->adds = adds;
	return reed_start(&self->co);
}

/* ---- forms ---- */

struct await {
	struct reed_co co;
	struct reed_future *f;
};

static void await_run(struct reed_co *co)
{
	struct await *self = reed_frame(co, struct await);
	struct reed_future *f;

	reed_coroutine (co) {
		f = self->f;
		self->f = NULL;
		reed_await(co, f);
		reed_return(co, co->err);
	}
}

static void await_end(struct reed_co *co)
{
	reed_drop(reed_frame(co, struct await)->f);
}

static const struct reed_co_kind await_kind = {
	.name = "await",
	.size = sizeof(struct await),
	.run = await_run,
	.end = await_end,
};

struct reed_future *await(struct reed_future *f)
{
	struct await *self = reed_co_new(f->loop, &await_kind);

	self->f = f;
	return reed_start(&self->co);
}

static struct reed_future *pass_on(void *arg, enum reed_err err)
{
	(void)arg;
	(void)err;
	return NULL;
}

static struct reed_future *next(void *arg, enum reed_err err)
{
	check_int(err, REED_OK);
	return arg;
}

/* Past the first wake, so that the chain owns f already. */
static struct reed_future *chained_to(struct reed_future *f)
{
	struct reed_future *chain = reed_then(reed_ready(loop, REED_OK), next, f);

	turns(1);
	return chain;
}

struct reed_future *wrapped(int form, struct reed_future *f)
{
	switch (form) {
	case 0:
		return f;
	case 1:
		return reed_within(1000, f);
	case 2:
		return reed_any(NULL, f, reed_forever(loop));
	case 3:
		return reed_any(NULL, reed_forever(loop), f);
	case 4:
		return reed_all(f, reed_ready(loop, REED_OK));
	case 5:
		return reed_then(f, pass_on, NULL);
	case 6:
		return chained_to(f);
	case 7:
		return await(f);
	case 8:
		return reed_within(1000, reed_any(NULL, reed_all(reed_within(2000, f))));
	default:
		return reed_all(reed_any(NULL, reed_then(await(f), pass_on, NULL)));
	}
}

/* ---- two cells and a union of them ---- */

void pair_init(struct pair *p)
{
	*p = (struct pair){ .a.value = 0 };
	reed_union_init(&p->either, loop);
	reed_union_add(&p->either, &p->on_a, &p->a);
	reed_union_add(&p->either, &p->on_b, &p->b);
}
