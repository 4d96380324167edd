/* What child processes are under simulation. */

#include "reed/process.h"
#include "tests/core/sim_tools.h"

static const char *const argv[] = { "shout", "!", NULL };

/* ---- a program: what comes in goes out, louder ---- */

struct shout {
	struct reed_co co;
	struct reed_sim_child *child;
	struct reed_slice line;
	bool polite; /* says goodbye */
};

static void shout_run(struct reed_co *co)
{
	struct shout *self = reed_frame(co, struct shout);

	reed_coroutine (co) {
		for (;;) {
			reed_await(co, reed_read_line(self->child->in, &self->line));
			if (co->err == REED_EEOF)
				break;
			if (co->err && self->polite)
				reed_write_str(self->child->out, "bye\n");
			if (co->err)
				reed_return(co, co->err);
			reed_printf(self->child->out, REED_FMT "%s\n", REED_ARG(self->line),
			            self->child->argv[1]);
			self->child->status++;
		}
	}
}

static const struct reed_co_kind shout_kind = {
	.name = "shout",
	.size = sizeof(struct shout),
	.run = shout_run,
};

static struct reed_future *shout(void *arg, struct reed_sim_child *child)
{
	struct shout *self = reed_co_new(child->loop, &shout_kind);

	self->child = child;
	self->polite = arg != NULL;
	return reed_start(&self->co);
}

/* ---- tests ---- */

static struct reed_process *process;
static struct reed_exit end;

static struct reed_process_options piped(void)
{
	struct reed_process_options options = REED_PROCESS_OPTIONS;

	options.argv = argv;
	options.in.is = REED_CHILD_READS;
	options.out.is = REED_CHILD_WRITES;
	return options;
}

static void a_simulation_runs_no_programs_of_the_system(void)
{
	struct reed_process_options options = piped();
	struct reed_fault *fault;
	struct world w;

	world_init(&w, NULL);
	check_int(reed_sim_run_until(w.sim, reed_spawn(w.a, &options, &process), &fault),
	          REED_ENOTSUP);
	check_str(fault->sentence,
	          "a simulation runs no programs; reed_sim_program() says what shout is there");
	reed_fault_free(fault);
	reed_sim_program(w.sim, "shout", shout, NULL);
	options.err.is = REED_CHILD_TERMINAL;
	ends_as(&w, reed_spawn(w.a, &options, &process), REED_ENOTSUP);
	reed_listener_close(w.listener);
	reed_sim_free(w.sim);
}

static void a_simulated_program_is_talked_to_and_waited_for(void)
{
	struct reed_process_options options = piped();
	struct reed_stream *s;
	struct reed_slice line;
	struct world w;

	world_init(&w, NULL);
	reed_sim_program(w.sim, "shout", shout, NULL);
	ends_as(&w, reed_spawn(w.a, &options, &process), REED_OK);
	s = reed_process_dialogue(process);
	reed_write_str(s, "hello\nthere\n");
	ends_as(&w, reed_read_line(s, &line), REED_OK);
	check_slice(line, "hello!");
	reed_shutdown(s);
	ends_as(&w, reed_process_wait(process, &end), REED_OK);
	check_int(end.status, 2);
	ends_as(&w, reed_read_line(s, &line), REED_OK);
	check_slice(line, "there!");
	ends_as(&w, reed_more(s), REED_EEOF);
	reed_close(s);
	reed_process_close(process);
	reed_listener_close(w.listener);
	reed_sim_free(w.sim);
}

static void a_run_is_the_same_under_simulation(void)
{
	struct reed_buf out = { .limit = 0 };
	struct reed_fault *fault;
	struct world w;

	world_init(&w, NULL);
	reed_sim_program(w.sim, "shout", shout, NULL);
	check_int(reed_sim_run_until(w.sim, reed_run(w.a, argv, REED_STR("a\nb\n"), &out), &fault),
	          REED_EIO);
	check_str(fault->sentence, "shout exited with status 2");
	reed_fault_free(fault);
	ends_as(&w, reed_run(w.a, argv, REED_STR(""), &out), REED_OK);
	reed_buf_finish(&out);
	reed_listener_close(w.listener);
	reed_sim_free(w.sim);
}

static void it_is_interrupted_and_killed_like_another(void)
{
	struct reed_process_options options = piped();
	struct reed_stream *s;
	struct reed_slice line;
	struct world w;

	world_init(&w, NULL);
	reed_sim_program(w.sim, "shout", shout, &w);
	ends_as(&w, reed_spawn(w.a, &options, &process), REED_OK);
	s = reed_process_dialogue(process);
	reed_sim_run_for(w.sim, REED_S(1));
	check_int(reed_process_signal(process, reed_signal_number("USR1")), REED_OK);
	ends_as(&w, reed_process_stop(process, 1000, &end), REED_OK);
	check_int(end.signo, reed_signal_number("TERM"));
	ends_as(&w, reed_read_line(s, &line), REED_OK);
	check_slice(line, "bye");
	reed_close(s);
	reed_process_close(process);

	ends_as(&w, reed_spawn(w.a, &options, &process), REED_OK);
	check_int(reed_process_signal(process, reed_signal_number("KILL")), REED_OK);
	ends_as(&w, reed_process_wait(process, &end), REED_OK);
	check_int(end.signo, reed_signal_number("KILL"));
	reed_process_close(process);
	reed_listener_close(w.listener);
	reed_sim_free(w.sim);
}

/* ---- everywhere ---- */

static struct reed_buf text;

static struct reed_future *begin(void *arg, struct reed_sim *sim)
{
	(void)arg;
	reed_buf_finish(&text);
	reed_sim_program(sim, "shout", shout, NULL);
	return reed_run(reed_sim_host(sim, "a.example"), argv, REED_STR("a\n"), &text);
}

static void nothing_comes_of_what_was_disturbed(void *arg, struct reed_sim *sim,
                                                const struct reed_sim_suspension *at)
{
	(void)arg;
	if (reed_buf_held(&text) > 0 && at->err)
		reed_sim_fail(sim, "there is output of what has failed");
	reed_buf_finish(&text);
}

static void a_run_may_be_dropped_and_interrupted_everywhere(void)
{
	struct reed_sim_suspension_options options = REED_SIM_SUSPENSION_OPTIONS;
	uint64_t points = 0;

	options.acts = REED_SIM_DROP | REED_SIM_INTERRUPT | REED_SIM_CRASH;
	options.points = &points;
	check_int(reed_sim_each_suspension(begin, nothing_comes_of_what_was_disturbed, NULL,
	                                   &options),
	          REED_OK);
	check(points > 5);
}

int main(void)
{
	RUN(a_simulation_runs_no_programs_of_the_system);
	RUN(a_simulated_program_is_talked_to_and_waited_for);
	RUN(a_run_is_the_same_under_simulation);
	RUN(it_is_interrupted_and_killed_like_another);
	RUN(a_run_may_be_dropped_and_interrupted_everywhere);
	return 0;
}
