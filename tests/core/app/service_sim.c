/* A service with clients, disturbed wherever it suspends. */

#include "check.h"
#include "echo.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/log.h"
#include "reed/sim.h"

static const char *const doors[] = { "tcp:7", "tcp:8" };
static const char *const wrong[] = { "tcp:7", "tcp:nowhere" };

/* ---- a client ---- */

struct client {
	struct reed_co co;
	uint16_t port;
	struct reed_stream *stream;
	struct reed_slice line;
};

static void client_run(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_coroutine (co) {
		reed_try(co, reed_sim_dial(co->loop, "server.example", self->port, &self->stream));
		reed_try(co, reed_read_line(self->stream, &self->line));
		check_slice(self->line, "welcome");
		reed_write_str(self->stream, "hello\n");
		reed_try(co, reed_read_line(self->stream, &self->line));
		check_slice(self->line, "hello");
	}
}

static void client_end(struct reed_co *co)
{
	reed_abort(reed_frame(co, struct client)->stream);
}

static const struct reed_co_kind client_kind = { .name = "client",
	                                         .size = sizeof(struct client),
	                                         .run = client_run,
	                                         .end = client_end };

static struct reed_future *client(struct reed_loop *loop, uint16_t port)
{
	struct client *self = reed_co_new(loop, &client_kind);

	self->port = port;
	return reed_start(&self->co);
}

/* ---- a program that serves two of them and stops ---- */

struct program {
	struct reed_co co;
	struct reed_scope scope;
	struct reed_service *root;
	struct echo_settings settings;
	bool served;
};

static void make_root(struct program *self, const char *const *endpoints)
{
	struct reed_service_options options = REED_SERVICE_OPTIONS;

	self->settings.listen = (struct reed_texts){ endpoints, 2 };
	self->settings.greeting = "welcome";
	options.kind = &echo_service;
	options.settings = &self->settings;
	self->root = reed_service_new(self->co.loop, &options);
	reed_scope_init(&self->scope, self->co.loop, NULL, "program");
	self->scope.policy = REED_SCOPE_IGNORE;
	reed_scope_add(&self->scope, reed_service_run(self->root));
}

static void program_run(struct reed_co *co)
{
	struct program *self = reed_frame(co, struct program);

	reed_coroutine (co) {
		reed_try(co, reed_service_wait(self->root));
		reed_try(co, reed_all(client(co->loop, 7), client(co->loop, 8)));
		self->served = true;
		reed_try(co, reed_scope_stop(&self->scope, 1000));
	}
}

static void program_end(struct reed_co *co)
{
	struct program *self = reed_frame(co, struct program);

	reed_scope_finish(&self->scope);
	reed_service_free(self->root);
}

static const struct reed_co_kind program_kind = { .name = "program",
	                                          .size = sizeof(struct program),
	                                          .run = program_run,
	                                          .end = program_end };

static struct reed_future *program(struct reed_sim *sim, const char *const *endpoints)
{
	struct reed_loop *loop = reed_sim_host(sim, "server.example");
	struct program *self = reed_co_new(loop, &program_kind);
	struct reed_log_options log = REED_LOG_OPTIONS;

	log.to = REED_LOG_TO_NOBODY;
	reed_log_open(reed_log_of(loop), &log, NULL);
	make_root(self, endpoints);
	return reed_start(&self->co);
}

static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	(void)arg;
	return program(sim, doors);
}

static void ends_well_or_canceled(void *arg, struct reed_sim *sim,
                                  const struct reed_sim_suspension *at)
{
	(void)arg;
	if (at->err && at->err != REED_ECANCELED)
		reed_sim_fail(sim, "it ended with %s", reed_err_name(at->err));
}

static void wherever_it_is_disturbed_nothing_is_left(void)
{
	struct reed_sim_suspension_options options = REED_SIM_SUSPENSION_OPTIONS;
	struct reed_sim_options sim = REED_SIM_OPTIONS;
	uint64_t points = 0;

	sim.schedule = REED_SIM_SHUFFLED;
	sim.lenient = true;
	options.sim = &sim;
	options.points = &points;
	for (sim.seed = 1; sim.seed < 6; sim.seed++)
		check_int(reed_sim_each_suspension(scenario, ends_well_or_canceled, NULL, &options),
		          REED_OK);
	check(points > 25);
}

static void a_door_that_does_not_open_fails_the_service_and_says_why(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_fault *fault = NULL;

	check_int(reed_sim_run_until(sim, program(sim, wrong), &fault), REED_ESYNTAX);
	check(strstr(fault->sentence, "\"tcp:nowhere\", column 5"));
	reed_fault_free(fault);
	reed_sim_free(sim);
}

int main(void)
{
	RUN(wherever_it_is_disturbed_nothing_is_left);
	RUN(a_door_that_does_not_open_fails_the_service_and_says_why);
	return 0;
}
