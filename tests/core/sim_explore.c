/* Many runs of one test: over seeds, over schedules, over points of suspension. */

#include "sim_tools.h"

#include "reed/cell.h"
#include "reed/scope.h"

/* ---- schedules ---- */

struct step {
	struct reed_co co;
	char name, *log;
	int i, times;
};

static void step_run(struct reed_co *co)
{
	struct step *self = reed_frame(co, struct step);

	reed_coroutine (co) {
		for (self->i = 0; self->i < self->times; self->i++) {
			reed_try(co, reed_yield(co->loop));
			self->log[strlen(self->log)] = self->name;
		}
	}
}

static const struct reed_co_kind step_kind = {
	.name = "step",
	.size = sizeof(struct step),
	.run = step_run,
};

static struct reed_future *step(struct reed_loop *loop, char name, char *log, int times)
{
	struct step *self = reed_co_new(loop, &step_kind);

	self->name = name;
	self->log = log;
	self->times = times;
	return reed_start(&self->co);
}

struct seen {
	char logs[1000][20];
	int count, runs;
	const char *bad; /* fails on this one; may be NULL */
};

static void see(struct seen *seen, const char *log)
{
	seen->runs++;
	for (int i = 0; i < seen->count; i++)
		if (strcmp(seen->logs[i], log) == 0)
			return;
	strcpy(seen->logs[seen->count++], log);
}

static enum reed_err three_steps(void *arg, struct reed_sim *sim)
{
	struct reed_loop *loop = reed_sim_host(sim, "h");
	struct seen *seen = arg;
	char log[20] = "";

	for (char name = 'a'; name <= 'c'; name++)
		reed_sim_add(sim, step(loop, name, log, 1));
	check_int(reed_sim_run(sim), REED_OK);
	see(seen, log);
	if (seen->bad && strcmp(seen->bad, log) == 0)
		reed_sim_fail(sim, "it was %s", log);
	return REED_OK;
}

static void a_hundred_seeds_find_every_order_of_three(void)
{
	struct reed_sim_explore_options options = REED_SIM_EXPLORE_OPTIONS;
	struct seen seen = { .bad = NULL };
	uint64_t done, failed = 7;

	options.done = &done;
	options.failed = &failed;
	check_int(reed_sim_explore(three_steps, &seen, &options), REED_OK);
	check_int(done, 100);
	check_int(failed, 0);
	check_int(seen.count, 6);
}

/* 3! orders to begin; 6! / 2^3 for three that go on and then end */
static void every_schedule_is_tried_once(void)
{
	struct reed_sim_explore_options options = REED_SIM_EXPLORE_OPTIONS;
	struct seen seen = { .bad = NULL };
	uint64_t done;

	options.exhaustive = true;
	options.runs = 10000;
	options.done = &done;
	check_int(reed_sim_explore(three_steps, &seen, &options), REED_OK);
	check_int(done, 6 * 90);
	check_int(seen.count, 6);
}

static char *text_of(FILE *out)
{
	size_t n = (size_t)ftell(out);
	char *text = reed_alloc(n + 1);

	rewind(out);
	check_int(fread(text, 1, n, out), n);
	fclose(out);
	return text;
}

static void a_schedule_that_fails_is_told(void)
{
	struct reed_sim_explore_options options = REED_SIM_EXPLORE_OPTIONS;
	struct seen seen = { .bad = "cab" };
	uint64_t done, failed;
	char *text;

	options.out = tmpfile();
	options.done = &done;
	options.failed = &failed;
	check_int(reed_sim_explore(three_steps, &seen, &options), REED_ECORRUPT);
	check(failed > 0 && failed == done && failed < 50);
	check_str(seen.logs[seen.count - 1], "cab");
	text = text_of(options.out);
	check(strstr(text, "fails: it was cab (tests/core/sim_explore.c:"));
	check(strstr(text, "step #1 begins\n"));
	check(strstr(text, "step #3 tests/core/sim_explore.c:"));
	check(strstr(text, "step #2 ends\n"));
	check(strstr(text, "once more, in full: REED_SIM_SEED="));
	reed_free(text);
}

static void an_exhaustive_search_finds_the_one_that_fails(void)
{
	struct reed_sim_explore_options options = REED_SIM_EXPLORE_OPTIONS;
	struct seen seen = { .bad = "cba" };
	uint64_t failed;

	options.exhaustive = true;
	options.runs = 10000;
	options.out = tmpfile();
	options.failed = &failed;
	check_int(reed_sim_explore(three_steps, &seen, &options), REED_ECORRUPT);
	check(failed > 1 && failed < 540);
	fclose(options.out);
}

static void a_seed_in_the_environment_is_the_only_one(void)
{
	struct reed_sim_explore_options options = REED_SIM_EXPLORE_OPTIONS;
	struct seen seen = { .bad = NULL };
	uint64_t done;
	char *text;

	options.done = &done;
	options.out = tmpfile();
	setenv("REED_SIM_SEED", "17", 1);
	check_int(reed_sim_explore(three_steps, &seen, &options), REED_OK);
	unsetenv("REED_SIM_SEED");
	check_int(done, 1);
	text = text_of(options.out);
	check(strstr(text, "step #1 begins\n"));
	reed_free(text);
}

static enum reed_err moody(void *arg, struct reed_sim *sim)
{
	int *runs = arg;

	++*runs;
	check_int(reed_sim_run_until(sim, reed_sleep(reed_sim_host(sim, "h"), *runs), NULL),
	          REED_OK);
	return REED_OK;
}

static void a_test_that_is_not_of_the_seed_is_caught(void)
{
	struct reed_sim_explore_options options = REED_SIM_EXPLORE_OPTIONS;
	int runs = 0;
	char *text;

	options.twice = true;
	options.out = tmpfile();
	check_int(reed_sim_explore(moody, &runs, &options), REED_ECORRUPT);
	check_int(runs, 2);
	text = text_of(options.out);
	check(strstr(text, "two runs differ"));
	reed_free(text);
}

/* ---- suspensions ---- */

struct errand {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice line;
	struct reed_scope scope;
	struct reed_cell cell;
	struct reed_watch watch;
	struct reed_union either;
	char *token;
	struct trial *trial;
};

struct trial {
	bool leaks, deaf, early;
	int out;
	void *leaked[100];
	int leak_count;
};

static struct reed_future *one_more(void *arg, enum reed_err err)
{
	return err ? NULL : reed_sleep(((struct errand *)arg)->co.loop, 1);
}

struct setter {
	struct reed_co co;
	struct reed_cell *cell;
};

static void setter_run(struct reed_co *co)
{
	reed_coroutine (co) {
		reed_try(co, reed_yield(co->loop));
		reed_cell_set(reed_frame(co, struct setter)->cell, 1);
	}
}

static const struct reed_co_kind setter_kind = {
	.name = "setter",
	.size = sizeof(struct setter),
	.run = setter_run,
};

static struct reed_future *set_soon(struct errand *self)
{
	struct setter *setter = reed_co_new(self->co.loop, &setter_kind);

	setter->cell = &self->cell;
	return reed_start(&setter->co);
}

/* It meets them all: a chain, a scope, a cell, combinators, a connection, a fault. */
static void errand_run(struct reed_co *co)
{
	struct errand *self = reed_frame(co, struct errand);

	reed_coroutine (co) {
		reed_try(co, reed_within(1000, reed_sleep(co->loop, 1)));
		self->token = reed_alloc(100);
		if (self->trial->early)
			self->trial->out = 1;
		reed_try(co, reed_all(reed_sleep(co->loop, 1), reed_yield(co->loop)));
		reed_try(co, reed_then(reed_yield(co->loop), one_more, self));
		reed_scope_add(&self->scope, reed_sleep(co->loop, 2));
		reed_scope_add(&self->scope, set_soon(self));
		reed_try(co, reed_union_wait(&self->either, -1));
		reed_try(co, reed_scope_wait(&self->scope));
		reed_await(co, reed_failed(co->loop, REED_EPROTO, "as expected"));
		if (co->err == REED_ECANCELED)
			reed_return(co, co->err);
		reed_try(co, reed_sim_dial(co->loop, "server", PORT, &self->stream));
		reed_write_str(self->stream, "a line\n");
		reed_await(co, reed_read_line(self->stream, &self->line));
		if (co->err && self->trial->deaf)
			reed_await(co, reed_shield(reed_forever(co->loop)));
		if (co->err)
			reed_return(co, co->err);
		reed_try(co, reed_any(NULL, reed_yield(co->loop), reed_forever(co->loop)));
		reed_try(co, reed_drain(self->stream));
	}
}

static void errand_deliver(struct reed_co *co)
{
	reed_frame(co, struct errand)->trial->out = 1;
}

static void errand_end(struct reed_co *co)
{
	struct errand *self = reed_frame(co, struct errand);

	reed_scope_finish(&self->scope);
	if (self->trial->leaks && self->token)
		self->trial->leaked[self->trial->leak_count++] = self->token;
	else
		reed_free(self->token);
	reed_close(self->stream);
}

static const struct reed_co_kind errand_kind = {
	.name = "errand",
	.size = sizeof(struct errand),
	.run = errand_run,
	.deliver = errand_deliver,
	.end = errand_end,
};

static size_t echo_data(struct reed_protocol *self, struct reed_slice in)
{
	reed_write(self->stream, in);
	return in.n;
}

static void echo_free(struct reed_protocol *self)
{
	reed_free(self);
}

static const struct reed_protocol_ops echo_ops = { .data = echo_data, .free = echo_free };

static struct reed_future *echo(void *arg, struct reed_stream *stream)
{
	struct reed_protocol *self = reed_alloc(sizeof(*self));

	(void)arg;
	self->ops = &echo_ops;
	return reed_stream_attach(stream, self);
}

static struct reed_future *boot_echo(void *arg, struct reed_loop *loop)
{
	struct reed_listener *listener;

	check_int(reed_sim_listen(loop, PORT, &listener), REED_OK);
	return reed_serve(listener, echo, arg, NULL);
}

static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	struct reed_loop *loop = reed_sim_host(sim, "client");
	struct errand *self = reed_co_new(loop, &errand_kind);
	struct trial *trial = arg;

	reed_sim_boot(sim, "server", boot_echo, NULL);
	trial->out = 0;
	self->trial = trial;
	reed_scope_init(&self->scope, loop, NULL, "errand");
	reed_union_init(&self->either, loop);
	reed_union_add(&self->either, &self->watch, &self->cell);
	return reed_start(&self->co);
}

static void nothing_before_delivery(void *arg, struct reed_sim *sim,
                                    const struct reed_sim_suspension *at)
{
	struct trial *trial = arg;

	if (trial->out != (at->err == REED_OK))
		reed_sim_fail(sim, "it ended with %s, and %d was handed over",
		              reed_err_name(at->err), trial->out);
	if (at->err && at->err != REED_ECANCELED)
		reed_sim_fail(sim, "it ended with %s", reed_err_name(at->err));
}

/* Over a few seeds, each with a schedule of its own. */
static enum reed_err suspend(struct trial *trial, unsigned acts, uint64_t *points, char **text)
{
	struct reed_sim_suspension_options options = REED_SIM_SUSPENSION_OPTIONS;
	struct reed_sim_options sim = REED_SIM_OPTIONS;
	enum reed_err err;

	sim.partial_reads = sim.partial_writes = 0.3;
	sim.schedule = REED_SIM_SHUFFLED;
	options.sim = &sim;
	options.acts = acts;
	options.points = points;
	options.out = text ? tmpfile() : NULL;
	for (err = REED_OK; sim.seed < 10 && !err; sim.seed++)
		err = reed_sim_each_suspension(scenario, nothing_before_delivery, trial, &options);
	if (text)
		*text = text_of(options.out);
	return err;
}

static void at_each_suspension_a_drop_leaves_nothing(void)
{
	struct trial trial = { .out = 0 };
	uint64_t points = 0;

	check_int(suspend(&trial, REED_SIM_DROP, &points, NULL), REED_OK);
	check(points > 25);
}

static void at_each_suspension_an_interrupt_ends_it(void)
{
	struct trial trial = { .out = 0 };
	uint64_t points = 0;

	check_int(suspend(&trial, REED_SIM_INTERRUPT, &points, NULL), REED_OK);
	check(points > 25);
}

static void at_each_suspension_a_crash_frees_the_host(void)
{
	struct trial trial = { .out = 0 };
	uint64_t points = 0;

	check_int(suspend(&trial, REED_SIM_CRASH, &points, NULL), REED_OK);
	check(points > 25);
}

/* It only leaks when it is dropped late: the point is told. */
static void what_leaks_at_one_point_is_found(void)
{
	struct trial trial = { .leaks = true };
	char *text;

	check_int(suspend(&trial, REED_SIM_DROP, NULL, &text), REED_ECORRUPT);
	check(strstr(text, "dropped after "));
	check(strstr(text, "1 blocks of memory were not given back"));
	while (trial.leak_count > 0)
		reed_free(trial.leaked[--trial.leak_count]);
	reed_free(text);
}

static void what_does_not_hear_an_interrupt_is_found(void)
{
	struct trial trial = { .deaf = true };
	char *text;

	check_int(suspend(&trial, 0, NULL, &text), REED_ECORRUPT);
	check(strstr(text, "interrupted after "));
	check(strstr(text, "an interrupt does not end it: it still waits, at "
	                   "tests/core/sim_explore.c:"));
	reed_free(text);
}

static void what_is_handed_over_too_early_is_found(void)
{
	struct trial trial = { .early = true };
	char *text;

	check_int(suspend(&trial, 0, NULL, &text), REED_ECORRUPT);
	check(strstr(text, "it ended with REED_ECANCELED, and 1 was handed over"));
	check(strstr(text, "steps, at tests/core/sim_explore.c:"));
	reed_free(text);
}

int main(void)
{
	RUN(a_hundred_seeds_find_every_order_of_three);
	RUN(every_schedule_is_tried_once);
	RUN(a_schedule_that_fails_is_told);
	RUN(an_exhaustive_search_finds_the_one_that_fails);
	RUN(a_seed_in_the_environment_is_the_only_one);
	RUN(a_test_that_is_not_of_the_seed_is_caught);
	RUN(at_each_suspension_a_drop_leaves_nothing);
	RUN(at_each_suspension_an_interrupt_ends_it);
	RUN(at_each_suspension_a_crash_frees_the_host);
	RUN(what_leaks_at_one_point_is_found);
	RUN(what_does_not_hear_an_interrupt_is_found);
	RUN(what_is_handed_over_too_early_is_found);
	return 0;
}
