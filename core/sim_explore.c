/* Many runs of one test: over seeds, or over every schedule there is. */

#include "sim_private.h"

#include <stdlib.h>
#include <string.h>

enum { RUNS = 100, STEPS_SHOWN = 60 };

/* ---- every schedule, depth first ---- */

/* The choices of a run: the next one repeats them up to the last that has another side. */
struct path {
	uint32_t *chosen, *of;
	size_t length, room, depth;
};

static void path_push(struct path *path, size_t of)
{
	if (path->length == path->room) {
		path->room = path->room ? path->room * 2 : 256;
		path->chosen = reed_realloc(path->chosen, path->room * sizeof(*path->chosen));
		path->of = reed_realloc(path->of, path->room * sizeof(*path->of));
	}
	path->chosen[path->length] = 0;
	path->of[path->length++] = (uint32_t)of;
}

static size_t path_choose(void *arg, size_t n)
{
	struct path *path = arg;

	if (path->depth == path->length)
		path_push(path, n);
	return path->chosen[path->depth++];
}

/* False: they have all been taken. */
static bool path_next(struct path *path)
{
	path->depth = 0;
	while (path->length > 0) {
		size_t last = path->length - 1;

		if (++path->chosen[last] < path->of[last])
			return true;
		path->length--;
	}
	return false;
}

static void path_finish(struct path *path)
{
	reed_free(path->chosen);
	reed_free(path->of);
}

/* ---- runs ---- */

struct explorer {
	struct reed_sim_explore_options options;
	struct reed_sim_options sim;
	reed_sim_test_fn *test;
	void *arg;
	struct path path;
	FILE *out;
};

static void report(struct explorer *self, struct reed_sim *sim, enum reed_err err, uint64_t run)
{
	const struct reed_fault *fault = reed_sim_failure(sim);

	fprintf(self->out, "%s %llu fails: %s", self->options.exhaustive ? "schedule" : "seed",
	        (unsigned long long)run, reed_fault_why(fault, err));
	if (fault)
		fprintf(self->out, " (%s:%d)", fault->file, fault->line);
	fputs("\n", self->out);
	reed_sim_print(sim, self->out, self->options.steps_shown);
	if (!self->options.exhaustive)
		fprintf(self->out, "once more, in full: REED_SIM_SEED=%llu\n",
		        (unsigned long long)run);
	fflush(self->out);
}

static enum reed_err run_once(struct explorer *self, uint64_t run, uint64_t *hash)
{
	struct reed_sim *sim = reed_sim_new(&self->sim);
	enum reed_err err = self->test(self->arg, sim);

	if (!err && reed_sim_failure(sim))
		err = reed_sim_failure(sim)->err;
	if (err)
		report(self, sim, err, run);
	*hash = reed_sim_hash(sim);
	reed_sim_free(sim);
	return err;
}

static enum reed_err run_twice(struct explorer *self, uint64_t run)
{
	uint64_t once, again;
	enum reed_err err = run_once(self, run, &once);

	if (err || !self->options.twice)
		return err;
	self->path.depth = 0;
	err = run_once(self, run, &again);
	if (err || once == again)
		return err;
	fprintf(self->out,
	        "seed %llu: two runs differ: something decides that is not of the "
	        "simulation\n",
	        (unsigned long long)run);
	return REED_ECORRUPT;
}

static struct reed_sim_explore_options options_of(const struct reed_sim_explore_options *given)
{
	struct reed_sim_explore_options o = REED_SIM_EXPLORE_OPTIONS;
	const char *only = getenv("REED_SIM_SEED");

	if (given)
		memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	o.first = o.first ? o.first : 1;
	o.runs = o.runs ? o.runs : RUNS;
	o.steps_shown = o.steps_shown ? o.steps_shown : STEPS_SHOWN;
	o.out = o.out ? o.out : stderr;
	if (only && *only && !o.exhaustive) {
		o.first = strtoull(only, NULL, 0);
		o.runs = 1;
		o.steps_shown = SIZE_MAX;
	}
	return o;
}

static void explorer_init(struct explorer *self, const struct reed_sim_explore_options *given)
{
	const struct reed_sim_options *sim;

	self->options = options_of(given);
	self->out = self->options.out;
	self->sim = (struct reed_sim_options)REED_SIM_OPTIONS;
	self->sim.schedule = REED_SIM_SHUFFLED;
	sim = self->options.sim;
	if (sim)
		memcpy(&self->sim, sim, sim->size < sizeof(*sim) ? sim->size : sizeof(*sim));
	self->sim.size = sizeof(self->sim);
	if (self->options.exhaustive) {
		self->sim.schedule = REED_SIM_CHOSEN;
		self->sim.choose = path_choose;
		self->sim.arg = &self->path;
	}
	if (self->options.steps_shown == SIZE_MAX && self->options.runs == 1)
		self->sim.live = self->out;
}

enum reed_err reed_sim_explore(reed_sim_test_fn *test, void *arg,
                               const struct reed_sim_explore_options *given)
{
	struct explorer self = { .test = test, .arg = arg };
	enum reed_err err = REED_OK;
	uint64_t done = 0, run = 0;
	bool more = true;

	explorer_init(&self, given);
	while (!err && more && done < self.options.runs) {
		run = self.options.first + done++;
		if (!self.options.exhaustive)
			self.sim.seed = run;
		err = run_twice(&self, run);
		more = !self.options.exhaustive || path_next(&self.path);
	}
	path_finish(&self.path);
	if (self.options.failed)
		*self.options.failed = err ? run : 0;
	if (self.options.done)
		*self.options.done = done;
	return err;
}
