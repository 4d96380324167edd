/* One scenario, dropped, interrupted or crashed at each point where it may suspend. */

#include "sim_private.h"

#include <string.h>

#define UNDISTURBED UINT64_MAX /* steps: it comes to its end before */

/* ---- counting what is allocated ---- */

/*
 * An allocator has no argument, so this is the one place of the kernel with
 * state of the process: whoever counts passes on to what was there before.
 */
static struct reed_allocator below;
static _Atomic long live;

static void *counting_calloc(size_t count, size_t size)
{
	live++;
	return below.calloc(count, size);
}

static void *counting_malloc(size_t size)
{
	live++;
	return below.malloc(size);
}

static void *counting_realloc(void *p, size_t size)
{
	live += !p;
	return below.realloc(p, size);
}

static void counting_free(void *p)
{
	live -= p != NULL;
	below.free(p);
}

static void count_allocations(void)
{
	struct reed_allocator counting;

	reed_allocator_get(&below);
	counting = (struct reed_allocator){ counting_calloc, counting_malloc, counting_realloc,
		                            counting_free, below.last_words };
	reed_allocator_set(&counting);
}

/* ---- one run ---- */

struct owner {
	struct reed_waiter waiter;
	enum reed_err err;
	bool ended;
};

struct suspender {
	struct reed_sim_suspension_options options;
	struct reed_sim_options sim;
	reed_sim_scenario_fn *scenario;
	reed_sim_check_fn *check;
	void *arg;
	FILE *out;
};

static const char *const names[] = {
	[REED_SIM_DROP] = "dropped",
	[REED_SIM_INTERRUPT] = "interrupted",
	[REED_SIM_CRASH] = "crashed",
};

static void owner_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct owner *self = reed_container_of(w, struct owner, waiter);

	self->err = err;
	self->ended = true;
	reed_fault_free(fault);
}

static void disturb(struct owner *o, struct reed_loop *loop, enum reed_sim_act act)
{
	switch (act) {
	case REED_SIM_DROP:
		reed_unwait(loop, &o->waiter);
		o->err = REED_ECANCELED;
		break;
	case REED_SIM_INTERRUPT:
		reed_interrupt(o->waiter.future);
		break;
	case REED_SIM_CRASH:
		reed_sim_host_cut(reed_sim_host_of(loop));
		reed_unwait(loop, &o->waiter);
		reed_sim_host_crash(reed_sim_host_of(loop));
		o->err = REED_ECANCELED;
		break;
	}
}

static void let_end(struct suspender *self, struct reed_sim *sim, struct owner *o)
{
	char where[SIM_WHERE];

	sim->single = false;
	for (uint32_t i = 1; i <= sim->host_count; i++)
		if (sim->hosts[i]->loop)
			sim->hosts[i]->loop->turn_wakes = REED_TURN_WAKES;
	reed_sim_run_for(sim, self->options.within);
	if (!o->waiter.future)
		return;
	reed_sim_where(o->waiter.future, where);
	reed_sim_fail(sim, "an interrupt does not end it: it still waits%s", where);
	reed_unwait(o->waiter.future->loop, &o->waiter);
}

static void report(struct suspender *self, struct reed_sim *sim,
                   const struct reed_sim_suspension *at, const char *where)
{
	const struct reed_fault *fault = reed_sim_failure(sim);

	if (at->finished || at->step == UNDISTURBED)
		fputs("undisturbed", self->out);
	else
		fprintf(self->out, "%s after %llu steps", names[at->act],
		        (unsigned long long)at->step);
	fprintf(self->out, "%s: %s (%s:%d)\n", where, fault->sentence, fault->file, fault->line);
	reed_sim_print(sim, self->out, 60);
	fflush(self->out);
}

/* Sets at->finished when the scenario ended before that step. */
static enum reed_err run_to(struct suspender *self, struct reed_sim_suspension *at)
{
	struct reed_sim *sim = reed_sim_new(&self->sim);
	struct reed_future *f = self->scenario(self->arg, sim);
	struct owner o = { .waiter.wake = owner_wake };
	struct reed_loop *loop = f->loop;
	char where[SIM_WHERE] = "";
	enum reed_err err;
	bool more;

	sim->single = true;
	reed_wait(f, &o.waiter);
	more = reed_sim_run_turns(sim, at->step, &o.ended);
	at->finished = o.ended;
	if (!o.ended && !more)
		reed_sim_fail(sim, "nothing is left to do, and it has not ended");
	if (!o.ended) {
		reed_sim_where(o.waiter.future, where);
		disturb(&o, loop, at->act);
	}
	let_end(self, sim, &o);
	at->err = o.err;
	if (self->check)
		self->check(self->arg, sim, at);
	err = reed_sim_failure(sim) ? reed_sim_failure(sim)->err : REED_OK;
	if (err)
		report(self, sim, at, where);
	reed_sim_free(sim);
	return err;
}

static enum reed_err run_and_count(struct suspender *self, struct reed_sim_suspension *at)
{
	long before = live;
	enum reed_err err = run_to(self, at);

	if (err || live == before)
		return err;
	fprintf(self->out, "%s after %llu steps: %ld blocks of memory were not given back\n",
	        at->finished ? "undisturbed" : names[at->act], (unsigned long long)at->step,
	        live - before);
	return REED_ECORRUPT;
}

/* ---- all runs ---- */

/* The first run disturbs nothing: what is allocated once in a process is no leak. */
static enum reed_err each_step(struct suspender *self, enum reed_sim_act act, uint64_t *points)
{
	struct reed_sim_suspension at = { .size = sizeof(at), .act = act, .step = UNDISTURBED };
	enum reed_err err = run_to(self, &at);

	for (at.step = 0, at.finished = false; !err && !at.finished; at.step++) {
		err = run_and_count(self, &at);
		*points += !at.finished;
	}
	return err;
}

static void suspender_init(struct suspender *self, const struct reed_sim_suspension_options *given)
{
	struct reed_sim_suspension_options *o = &self->options;

	*o = (struct reed_sim_suspension_options)REED_SIM_SUSPENSION_OPTIONS;
	if (given)
		memcpy(o, given, given->size < sizeof(*o) ? given->size : sizeof(*o));
	o->acts = o->acts ? o->acts : REED_SIM_DROP | REED_SIM_INTERRUPT;
	o->within = o->within ? o->within : REED_S(3600);
	self->out = o->out ? o->out : stderr;
	self->sim = (struct reed_sim_options)REED_SIM_OPTIONS;
	if (o->sim)
		memcpy(&self->sim, o->sim,
		       o->sim->size < sizeof(self->sim) ? o->sim->size : sizeof(self->sim));
	self->sim.size = sizeof(self->sim);
}

enum reed_err reed_sim_each_suspension(reed_sim_scenario_fn *scenario, reed_sim_check_fn *check,
                                       void *arg, const struct reed_sim_suspension_options *given)
{
	struct suspender self = { .scenario = scenario, .check = check, .arg = arg };
	enum reed_err err = REED_OK;
	uint64_t points = 0;

	suspender_init(&self, given);
	count_allocations();
	for (unsigned act = REED_SIM_DROP; !err && act <= REED_SIM_CRASH; act <<= 1)
		if (self.options.acts & act)
			err = each_step(&self, (enum reed_sim_act)act, &points);
	reed_allocator_set(&below);
	if (self.options.points)
		*self.options.points = points;
	return err;
}
